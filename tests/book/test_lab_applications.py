"""The live figures of the part on applications in a real JupyterLab."""

import io
import re

import numpy as np
import pytest
from PIL import Image

import mmtutorial as mm

from .lab import answered, choose, fill, move, refused, shown

pytestmark = pytest.mark.browser


def draw_squares():
    """Return a PNG with a blue square at the upper left, and a red one at the lower right."""
    picture = np.full((100, 160, 3), 255, np.uint8)
    picture[10:40, 10:50], picture[60:90, 110:150] = (40, 80, 220), (220, 30, 30)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return {"name": "squares.png", "mimeType": "image/png", "buffer": file.getvalue()}


def test_the_reader_points_by_words_in_scenes_and_in_a_picture_of_their_own(browser, lab):
    cells = ["grounding-02", "grounding-04", "grounding-08", "grounding-13", "grounding-42",
             "grounding-46", "grounding-48"]  # fmt: skip
    tab, figure = lab.run(browser, "applications/1_grounding", cells)

    def point():
        """Row and column at which it points."""
        said = figure.get_by_text("points to").inner_text()
        return tuple(map(int, re.findall(r"(?:row|column) (\d+)", said)))

    shown(figure, "read: yellow, face; map of all words")
    face = point()
    with answered(figure):
        figure.get_by_label("Map of the word", exact=True).select_option("face")
    shown(figure, "map of face")
    assert point() == face  # it is the description that points
    choose(figure, "Words that fit at", "place 8 down, 1 across")
    shown(figure, "fit best at place 8 down, 1 across: ")
    assert point() == face
    fill(figure, "Description", "the grey zebroid person")
    shown(figure, "read: grey, person; map of all words")
    shown(figure, "not known: zebroid")
    person = point()
    assert person != face
    choose(figure, "Picture", "scene 2")
    assert point() != person

    figure.get_by_label("Description", exact=True).fill("@@@")
    refused(figure, "there is no word in it")
    fill(figure, "Description", "red square")
    figure.get_by_label("Picture", exact=True).select_option(label="my own picture")
    refused(figure, "Choose a file first")
    with answered(figure):
        with tab.expect_file_chooser() as chooser:
            figure.get_by_role("button", name="My own picture").click()
        chooser.value.set_files(draw_squares())
    row, column = point()
    assert 60 <= row < 90
    assert 110 <= column < 150
    fill(figure, "Description", "blue square")
    row, column = point()
    assert 10 <= row < 40
    assert 10 <= column < 50
    assert figure.get_by_role("alert").count() == 0
    tab.close()


def test_the_reader_weighs_the_language_model(browser, lab):
    cells = ["speech-02", "speech-04", "speech-09", "speech-30", "speech-58", "speech-59",
             "speech-63"]  # fmt: skip
    tab, figure = lab.run(browser, "applications/2_speech", cells)

    def told():
        """The table by the names of its rows; what it says of errors is right."""
        rows = {
            row.locator("th").inner_text(): row.locator("td").inner_text()
            for row in figure.locator("tbody tr").all()
        }
        assert rows["letters wrong"] == f"{mm.evaluation.cer([rows['heard']], [rows['said']]):.2f}"
        assert re.sub(r"[\[\]-]", "", rows["wrong in brackets"]) == rows["heard"]
        return rows

    first = told()
    move(figure, "Width of the beam", "Home")
    narrow = told()
    assert narrow["heard"] != first["heard"]
    move(figure, "Weight of the language model", "Home")
    by_sound = told()
    assert by_sound["heard"] != narrow["heard"]
    move(figure, "Weight of the language model", "End")
    # Each letter is paid for, the more the heavier the language model is.
    assert len(told()["heard"]) < min(len(by_sound["heard"]), len(narrow["heard"]))
    choose(figure, "Line", "line 3")
    assert told()["said"] != first["said"] == narrow["said"]
    tab.close()


def test_the_reader_asks_a_clip_for_a_thing(browser, lab):
    cells = ["video-02", "video-04", "video-09", "video-59"]
    tab, figure = lab.run(browser, "applications/3_video", cells)

    def answer():
        """What the model says without the words that it was asked for."""
        said = figure.get_by_role("img").get_attribute("aria-label")
        assert f"'{figure.get_by_label('Find', exact=True).input_value()}'" in said
        return re.sub("'.*'", "", said)

    sun = answer()
    assert "sees" in sun
    fill(figure, "Find", "unicorn")
    unicorn = answer()
    assert "sees" in unicorn
    assert unicorn != sun
    fill(figure, "Find", "sun zebroid")
    shown(figure, "It does not know: zebroid.")
    assert answer() == sun
    figure.get_by_label("Find", exact=True).fill("zebroid")
    refused(figure, "text must hold a word that the model knows")
    fill(figure, "Find", "ghost")
    elsewhere = answer()
    move(figure, "Clip", "Home")  # where one is
    ghost = answer()
    assert "sees" in ghost
    assert ghost != elsewhere
    move(figure, "Frame", "End")
    shown(figure, "frame 16 of 16")
    tab.close()
