"""What a page gets: words and places as bytes that point where the model does."""

import base64
import io
import json
import re
from html import unescape

import numpy as np
import pytest
from PIL import Image

from mmtutorial.applications.grounding import load_finder
from mmtutorial.chapters.applications.grounding import experiment, live, page


@pytest.fixture(scope="module")
def described():
    return experiment.load_task().draw("test", 6, seed=5, ways=("colour",))


@pytest.fixture(scope="module")
def block(described):
    return page.page_pointer(load_finder(), described.scenes.pictures[:2], described.texts[:2])


def numbers(text, units):
    return np.frombuffer(base64.b64decode(text), np.int8).astype(float).reshape(-1, units)


def unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def test_bytes_point_where_the_model_points(block, described):
    html, finder = block._repr_html_(), load_finder()
    read = {
        name: unescape(re.search(f'data-{name}="([^"]*)"', html)[1])
        for name in ("words", "vectors", "places")
    }
    words, table = json.loads(read["words"]), numbers(read["vectors"], 64)
    assert len(words) == len(table) == len(set(words))
    assert set(page.OTHER_COLOURS) <= set(words)
    for scene, places in enumerate(json.loads(read["places"])):
        text = described.texts[scene].removeprefix("the ")
        phrase = table[[words.index(word) for word in text.split()]].sum(axis=0)
        cosines = unit(numbers(places, 64)) @ unit(phrase)
        found = finder.find(described.scenes.pictures[scene], text)
        assert cosines.max() == pytest.approx(found.score, abs=0.02)
        row, column = divmod(int(cosines.argmax()), 8)
        assert abs(found.point[0] - 16 * row - 7.5) <= 8
        assert abs(found.point[1] - 16 * column - 7.5) <= 8


def test_stored_answers_stand_there_until_a_script_hides_them(block, described):
    stored = re.search('<div class="mm-point-stored">(.*?)</div>', block._repr_html_())[1]
    assert stored.count("<li>") == 2
    assert described.texts[1] in stored


def test_scripts_hold_numbers_where_python_has_names(block):
    run, click = re.findall(r'on(?:input|click)="([^"]*)"', block._repr_html_())
    assert set(re.findall(r"\b[A-Z]{3,}\b", run + click)) == {"JSON"}
    assert "clearRect(0,0,128,128)" in run
    assert "y=(best>>3)*16+8" in unescape(run)
    assert "1+8*cell" in click


def test_a_page_stays_small(block):
    assert len(block._repr_html_()) < 200_000


def test_a_frame_shows_a_word_and_names_what_it_does_not_know(described):
    pointer = live.Pointer(load_finder(), described.scenes.pictures)
    html = str(pointer.frame("scene 1", "the red qxqx fruit", "fruit")._repr_html_())
    assert "map of <b>fruit</b>" in html
    assert "not known: qxqx" in html
    assert "map of <b>all words</b>" in str(pointer.frame("scene 1", "red", "cat")._repr_html_())
    assert pointer.words("the red qxqx red fruit") == [live.WHOLE, "red", "fruit"]
    with pytest.raises(ValueError, match="file first"):
        pointer.frame(live.OWN, "red")


def test_a_file_of_ones_own_is_read(described):
    pointer, file = live.Pointer(load_finder(), described.scenes.pictures), io.BytesIO()
    Image.new("RGB", (1200, 300), "red").save(file, "PNG")
    pointer.frame(live.OWN, "red", own=({"content": memoryview(file.getvalue())},))
    assert pointer.own.shape == (100, 400, 3)
    with pytest.raises(ValueError, match="must be a picture"):
        pointer.frame(live.OWN, "red", own=({"content": b"no picture"},))


def test_a_frame_names_what_is_at_a_place(described):
    pointer = live.Pointer(load_finder(), described.scenes.pictures)
    image, at = pointer.picture("scene 1"), live.PLACES[2 * live.SIDE + 5]
    assert at == "place 3 down, 6 across"
    best = list(pointer.finder.recognize(image, pointer.names, at=(40, 88)))[: live.BEST]
    html = str(pointer.frame("scene 1", "red", at=at)._repr_html_())
    assert f"fit best at {at}: {', '.join(best)}<" in html
    found = pointer.finder.find(image, "red")
    best = list(pointer.finder.recognize(image, pointer.names, at=found.point))[: live.BEST]
    assert f"fit best at the cross: {', '.join(best)}<" in str(
        pointer.frame("scene 1", "red")._repr_html_()
    )


def test_a_place_lies_in_a_picture_that_is_no_square():
    for shape in ((40, 200), (200, 40), (3, 3)):
        points = [live._point_of(at, None, shape) for at in live.PLACES]
        assert np.all((np.array(points) >= 0) & (np.array(points) < shape))
    assert live._point_of(live.PLACES[0], None, (40, 200)) == (0, 12)


def test_the_words_to_choose_from_are_those_of_the_description(described, block):
    pointer = live.Pointer(load_finder(), described.scenes.pictures)
    controls = live.point_view(pointer, block, "the red fruit")._controls
    assert controls["word"].options == (live.WHOLE, "red", "fruit")
    controls["word"].value = "fruit"
    controls["text"].value = "the blue fruit"
    assert controls["word"].options == (live.WHOLE, "blue", "fruit")
    assert controls["word"].value == "fruit"
    controls["text"].value = "blue"
    assert controls["word"].value == live.WHOLE
    controls["text"].value = "@@@"
    assert controls["word"].options == (live.WHOLE,)


def test_the_figure_is_live_and_has_a_twin(described, block):
    pointer = live.Pointer(load_finder(), described.scenes.pictures)
    view = live.point_view(pointer, block, "red")
    assert "mm-point" in view._repr_mimebundle_()["text/html"]
    view._controls["text"].value = "blue"
    assert "<b>blue</b>" in view._figure.value
