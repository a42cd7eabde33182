"""The live figures of the part on cross-modal learning in a real JupyterLab."""

import pytest

from .lab import shown

pytestmark = pytest.mark.browser


def test_the_reader_searches_by_words_of_their_own(browser, lab):
    tab, figure = lab.run(browser, "cross_modal/3_retrieval", ["retrieval-02", "retrieval-43"])
    shown(figure, "Read as: hot, drink.")
    words = figure.get_by_label("Your words", exact=True)
    words.fill("a red heart")
    shown(figure, "Read as: red heart.")
    words.fill("火箭")
    shown(figure, "Read as: 火箭.")
    words.fill("rocketship")
    shown(figure, "Not known: “rocketship”, taken for “rockets”.")
    assert figure.get_by_role("listitem").count() == 10
    tab.close()


def test_the_reader_composes_a_scene_and_asks_about_it(browser, lab):
    cells = ["vision-language-02", "vision-language-04", "vision-language-13", "vision-language-55"]
    tab, figure = lab.run(browser, "cross_modal/5_vision_language", cells)
    shown(figure, "It answers: red")
    question = figure.get_by_label("Question", exact=True)
    for number, name in (("two", None), ("three", "Top right")):
        if name:
            figure.get_by_label(name, exact=True).select_option(label="speedboat")
        question.fill("how many are there?")
        shown(figure, f"It answers: {number}")
    question.fill("how many zebras?")
    shown(figure, "It has never read: zebras.")
    question.fill(" ")
    figure.get_by_role("alert").wait_for()
    tab.close()
