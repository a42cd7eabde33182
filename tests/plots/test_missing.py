"""The figures of "Missing modalities" show who has what, and refuse what does not fit."""

import numpy as np
import pytest

from mmtutorial import plots

SHARES = [0, 0.5, 1]
CURVES = {"concat": (SHARES, [0.7, 0.5, 0.3]), "text": (SHARES, [0.5] * 3, [0.4] * 3, [0.6] * 3)}


def test_a_picture_of_presence_sorts_the_items_by_class():
    presence = {"image": np.array([True, True, True]), "sound": np.array([True, False, False])}
    figure = plots.presence_picture(presence, np.array([1, 0, 1]), ["a", "b"], title="t")
    (axis,) = figure.axes
    shown = axis.images[0].get_array()
    assert (shown[0] == shown[0, 0]).all()
    np.testing.assert_array_equal(shown[1] == shown[0], [False, True, False])
    assert [label.get_text() for label in axis.get_xticklabels()] == ["a", "b"]


def test_presence_of_other_items_is_refused():
    with pytest.raises(ValueError, match="one an item"):
        plots.presence_picture({"image": np.ones(2, bool)}, np.zeros(3, int), ["a"], title="t")


def test_curves_are_told_apart_without_colour_and_a_band_is_drawn():
    figure = plots.robustness_curves({"photograph": CURVES}, title="t", xlabel="x", chance=0.2)
    (axis,) = figure.axes
    looks = {(line.get_linestyle(), line.get_marker()) for line in axis.lines[:2]}
    assert len(looks) == 2
    assert len(axis.collections) == 1
    assert axis.lines[2].get_ydata()[0] == 0.2


@pytest.mark.parametrize("panels", [{}, {"a": {str(i): (SHARES, SHARES) for i in range(6)}}])
def test_no_panel_or_too_many_fusions_are_refused(panels):
    with pytest.raises(ValueError, match="at most 5 fusions"):
        plots.robustness_curves(panels, title="t", xlabel="x")


def test_what_is_hidden_is_not_drawn():
    images = np.zeros((6, 8, 8, 3), np.uint8)
    hidden = [True] + [False] * 5
    answers = {"with": ["food ✓"] * 6}
    figure = plots.vanishing_panel(CURVES, 0.25, images, hidden, ["a b " * 9] * 6, answers)
    shown = [axis for axis in figure.axes if axis.images]
    assert {axis.get_xlabel() for axis in shown} == {"with: food ✓"}
    assert {axis.get_title() for axis in shown} == {"a b a b a b a b a b a …"}
    pictures = [axis.images[0].get_array() for axis in figure.axes if axis.images]
    assert sorted(int(picture.max()) for picture in pictures) == [0] * 5 + [225]
