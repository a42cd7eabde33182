"""The live figure of the chapter on missing modalities in a real JupyterLab."""

import pytest

from .lab import answers, shown

pytestmark = pytest.mark.browser
CELLS = [
    "missing-02", "missing-04", "missing-07", "missing-09-a", "missing-09", "missing-09-c",
    "missing-19", "missing-take-away",
]  # fmt: skip


def test_the_reader_takes_modalities_away(browser, lab):
    tab, figure = lab.run(browser, "fusion/4_missing_modalities", CELLS)
    shown(figure, "photograph, caption “Big fireworks.”, voice, sound")
    assert figure.locator("audio").count() == 2
    assert figure.locator("tbody tr", has_text="answer").get_by_text("✗ wrong").count() == 2

    figure.get_by_role("checkbox", name="Caption").uncheck()
    shown(figure, "photograph, no caption, voice, sound")
    found = answers(figure)
    assert found["what is left"] > 0.5 > found["all there"]

    for name in ("Photograph", "Voice", "Sound"):
        figure.get_by_role("checkbox", name=name).uncheck()
    shown(figure, "no photograph, no caption, no voice, no sound")
    shown(figure, "this is the prior")
    assert figure.locator("audio").count() == 0
    prior = answers(figure)["what is left"]

    figure.get_by_label("In the gap", exact=True).select_option(label="zeros")
    shown(figure, "this is what its biases say")
    assert answers(figure)["what is left"] != prior
    figure.get_by_label("Stamp", exact=True).select_option(label="A huge dump truck. (122)")
    figure.get_by_role("checkbox", name="Caption").check()
    shown(figure, "caption “A huge dump truck.”")
    by_zeros = answers(figure)
    before = figure.locator("table").inner_html()
    figure.get_by_label("In the gap", exact=True).select_option(label="product of experts")
    tab.wait_for_function(
        "([figure, before]) => figure.querySelector('table').innerHTML !== before",
        arg=[figure.element_handle(), before],
    )
    assert by_zeros["what is left"] < 0.2 < 0.5 < answers(figure)["what is left"]
    assert figure.get_by_role("alert").count() == 0
    tab.close()
