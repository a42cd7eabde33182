"""The figures show what they are given, and refuse what does not fit."""

import numpy as np
import pytest
from drawing_checks import check_drawing

from mmtutorial.chapters.cross_modal.translation import figures

PICTURES = np.full((2, 8, 8, 3), 200, np.uint8)


def test_the_drawing_shifts_what_is_said_by_one():
    figure = figures.captioner()
    rows = {}
    for text in figure.axes[0].texts:
        if text.get_text() in ("<begin>", "$w_1$", "$w_2$", "<end>"):
            x, y = text.xy
            rows.setdefault(round(y, 2), []).append((x, text.get_text()))
    read, said = (sorted(row) for _, row in sorted(rows.items(), reverse=True))
    assert [text for _, text in read] == ["<begin>", "$w_1$", "$w_2$"]
    assert [text for _, text in said] == ["$w_1$", "$w_2$", "<end>"]
    assert [x for x, _ in read] == [x for x, _ in said]
    check_drawing(figure)


def test_each_word_has_a_panel_that_is_bright_where_it_looks():
    weights = [np.eye(4)[:2], np.eye(4)[3:]]
    figure = figures.attention_steps(PICTURES, [["face", "cat"], ["dog"]], weights, title="Look")
    assert [axis.get_title(loc="left") for axis in figure.axes] == [
        "",
        "face",
        "cat",
        "",
        "dog",
        "",
    ]
    shown = figure.axes[1].images[0].get_array()
    assert shown[0, 0, 0] == 200
    assert shown[7, 7, 0] == 40
    with pytest.raises(ValueError, match=r"weights\[0\] must be \(2, places of a square\)"):
        figures.attention_steps(PICTURES[:1], [["a", "b"]], [np.ones((2, 5))], title="Look")


def test_marked_captions_are_named_where_they_lie():
    figure = figures.score_scatter([0, 80.0, 20], [0.5, 0.1, 0.2], [1, 0], title="Two scores")
    assert [text.get_text() for text in figure.axes[0].texts] == ["A", "B"]
    assert figure.axes[0].texts[0].xy == (0.1, 80)
    with pytest.raises(ValueError, match=r"bleu and f1 must be \(captions,\)"):
        figures.score_scatter([0.0], [0.1, 0.2], [], title="Two scores")
