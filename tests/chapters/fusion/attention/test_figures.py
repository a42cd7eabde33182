"""The drawings of attention: who asks, who answers, and where two modalities meet."""

import numpy as np
import pytest
from drawing_checks import check_drawing, words_of
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, Rectangle

from mmtutorial.chapters.fusion.attention import figures
from mmtutorial.plots import COLOURS


def colour_of(axis, word):
    """Return the kind of the box in which a word stands."""
    (text,) = (text for text in axis.texts if text.get_text() == word)
    (box,) = (patch for patch in axis.patches if type(patch) is Rectangle
              and np.allclose(text.xy, patch.get_center()))  # fmt: skip
    return next(kind for kind, code in COLOURS.items() if to_rgb(code) == box.get_edgecolor()[:3])


def test_words_ask_in_both_and_only_in_cross_attention_the_image_answers():
    figure = figures.self_and_cross_attention()
    found = [[colour_of(axis, word) for word in ("queries", "keys", "values")]
             for axis in figure.axes]  # fmt: skip
    assert found == [["text"] * 3, ["text", "image", "image"]]
    check_drawing(figure)


@pytest.mark.parametrize("shares", [figures.AMONG_WORDS, figures.TO_PLACES])
def test_each_row_of_the_attention_that_is_drawn_sums_to_one(shares):
    np.testing.assert_allclose(np.sum(shares, axis=1), 1)


def test_the_area_of_a_dot_is_its_share():
    axis = figures.self_and_cross_attention().axes[1]
    dots = [patch for patch in axis.patches if isinstance(patch, Circle)]
    areas = np.array([dot.radius**2 for dot in dots if dot.get_facecolor()[3] == 1])
    np.testing.assert_allclose(areas / areas[0], np.ravel(figures.TO_PLACES) / 0.1)


def test_only_the_shared_tokens_go_to_both_blocks():
    figure = figures.bottleneck()
    said = words_of(figure)
    assert [said.count(word) for word in ("$T_m$", "$Z_m$", "$Z′$", "mean")] == [2, 2, 1, 1]
    assert {"block of the image", "block of the text"} <= set(said)
    check_drawing(figure)
