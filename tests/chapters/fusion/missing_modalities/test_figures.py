"""The figures of "Missing modalities" show who has what, and refuse what does not fit."""

import numpy as np
import pytest
from drawing_checks import check_drawing

from mmtutorial.chapters.fusion.missing_modalities import figures

SHARES = [0, 0.5, 1]
CURVES = {"concat": (SHARES, [0.7, 0.5, 0.3]), "text": (SHARES, [0.5] * 3, [0.4] * 3, [0.6] * 3)}


def test_a_picture_of_presence_sorts_the_items_by_class():
    presence = {"image": np.array([True, True, True]), "sound": np.array([True, False, False])}
    figure = figures.presence_map(presence, np.array([1, 0, 1]), ["a", "b"], title="t")
    (axis,) = figure.axes
    shown = axis.images[0].get_array()
    assert (shown[0] == shown[0, 0]).all()
    np.testing.assert_array_equal(shown[1] == shown[0], [False, True, False])
    assert [label.get_text() for label in axis.get_xticklabels()] == ["a", "b"]


def test_presence_of_other_items_is_refused():
    with pytest.raises(ValueError, match="one per item"):
        figures.presence_map({"image": np.ones(2, bool)}, np.zeros(3, int), ["a"], title="t")


def test_curves_are_told_apart_without_colour_and_a_band_is_drawn():
    figure = figures.robustness_curves({"photograph": CURVES}, title="t", xlabel="x", chance=0.2)
    (axis,) = figure.axes
    looks = {(line.get_linestyle(), line.get_marker()) for line in axis.lines[:2]}
    assert len(looks) == 2
    assert len(axis.collections) == 1
    assert axis.lines[2].get_ydata()[0] == 0.2


def test_no_panel_or_too_many_fusions_are_refused():
    with pytest.raises(ValueError, match="panels must hold at least one entry"):
        figures.robustness_curves({}, title="t", xlabel="x")
    many = {"a": {str(i): (SHARES, SHARES) for i in range(6)}}
    with pytest.raises(ValueError, match="at most 5 fusions"):
        figures.robustness_curves(many, title="t", xlabel="x")


def test_masked_pictures_are_not_drawn():
    images = np.zeros((6, 8, 8, 3), np.uint8)
    masked = [True] + [False] * 5
    answers = {"with": ["food ✓"] * 6}
    figure = figures.missing_photos_panel(CURVES, 0.25, images, masked, ["a b " * 9] * 6, answers)
    shown = [axis for axis in figure.axes if axis.images]
    assert {axis.get_xlabel() for axis in shown} == {"with: food ✓"}
    assert {axis.get_title(loc="left") for axis in shown} == {"a b a b a b a b a b a …"}
    pictures = [axis.images[0].get_array() for axis in figure.axes if axis.images]
    assert sorted(int(picture.max()) for picture in pictures) == [0] * 5 + [225]


@pytest.mark.parametrize("wrong", [np.inf, [0.2], "0.2", True])
def test_chance_is_a_number(wrong):
    with pytest.raises((ValueError, TypeError), match="chance must be"):
        figures.robustness_curves({"a": CURVES}, title="t", xlabel="x", chance=wrong)


@pytest.mark.parametrize("targets", [["cat", "dog"], [0, 2], [-1, 0]])
def test_items_belong_to_a_class_that_exists(targets):
    with pytest.raises(ValueError, match="targets must hold whole numbers from 0 to 1"):
        figures.presence_map({"image": np.ones(2, bool)}, targets, ["cat", "dog"], title="t")


def test_presence_is_boolean():
    with pytest.raises(TypeError, match=r"presence\['image'\] must hold"):
        figures.presence_map({"image": [0.5, np.nan]}, [0, 0], ["a"], title="t")


@pytest.mark.parametrize(
    "curve", [([0, 1], [1]), ([0, 1], [1, np.nan]), ([0, 1], [1, 1], [0, 0]), 3]
)
def test_a_curve_has_a_number_for_each_share(curve):
    with pytest.raises((ValueError, TypeError), match=r"panels\['p'\]\['a'\].* must"):
        figures.robustness_curves({"p": {"a": curve}}, title="t", xlabel="x")


def test_a_panel_shows_six_of_each():
    curves = {"a": ([0, 1], [1, 0.5])}
    six = {"images": [np.zeros((2, 2, 3))] * 5, "masked": [True] * 6, "captions": ["c"] * 6}
    with pytest.raises(ValueError, match=r"must hold 6 each, got {'images': 5"):
        figures.missing_photos_panel(curves, 0.5, **six, answers={"a": ["yes"] * 6})


def test_what_is_not_there_is_dashed_and_leads_nowhere():
    figure = figures.ways_around_a_gap()
    said = [[text.get_text() for text in axis.texts if text.get_text()] for axis in figure.axes]
    dashed = [sum(box.get_linestyle() != "solid" for box in axis.patches) for axis in figure.axes]
    assert [words.count("no photograph") for words in said] == [1, 0, 1]
    assert [words.count("hidden") for words in said] == [0, 2, 0]
    assert dashed == [1, 2, 2]
    arrows = [sum(not text.get_text() for text in axis.texts) for axis in figure.axes]
    assert arrows == [4, 2, 3]
    check_drawing(figure)
