"""The live figures of the part on fusion in a real JupyterLab."""

import pytest

from .lab import answers, move, shown

pytestmark = pytest.mark.browser


def test_the_reader_types_words_to_any_emoji(browser, lab):
    cells = [
        "joining-02",
        "joining-04",
        "joining-19",
        "joining-21-a",
        "joining-21",
        "joining-own-words",
    ]
    tab, figure = lab.run(browser, "fusion/1_joining", cells)
    shown(figure, "rocket, with the words: space")
    with_space = answers(figure)
    words = figure.get_by_label("Words", exact=True)
    words.fill("animal")
    shown(figure, "rocket, with the words: animal")
    with_animal = answers(figure)
    assert with_animal["picture"] == with_space["picture"]
    assert with_animal["words"] < 0.5 < with_space["words"]
    assert with_animal["late fusion"] < 0.5 < with_space["late fusion"]

    move(figure, "Weight of the picture", "End")
    assert answers(figure)["late fusion"] == pytest.approx(with_space["picture"], abs=0.011)

    words.fill("@@@")
    figure.get_by_role("alert").wait_for()
    shown(figure, "try another word")
    words.fill("tiger, big")
    figure.get_by_label("Emoji", exact=True).select_option(label="tiger face")
    shown(figure, "tiger face, with the words: tiger, big")
    assert figure.get_by_role("alert").count() == 0
    tab.close()


def test_the_reader_drags_the_gate_and_spoils_the_picture(browser, lab):
    cells = ["gates-02", "gates-04", "gates-20-a", "gates-20", "gates-33"]
    tab, figure = lab.run(browser, "fusion/2_gates_and_tensors", cells)
    figure.get_by_label("Emoji", exact=True).select_option(label="dumpling (114)")
    shown(figure, "dumpling, picture as it is")
    ends = {}
    for key, place in {"Home": "0.00", "End": "1.00"}.items():
        move(figure, "Gate", key)
        shown(figure, f"held at {place}")
        ends[place] = answers(figure)[f"held at {place}"]
    assert max(ends.values()) < 0.5

    whole = answers(figure)
    figure.get_by_label("Picture", exact=True).select_option(label="static")
    shown(figure, "dumpling, picture static")
    assert answers(figure).keys() != whole.keys()  # its own gates have moved
    figure.get_by_label("Words", exact=True).select_option(label="another emoji's")
    shown(figure, "words another emoji's")
    tab.close()
