"""Drawings are measured in inches, and their panels move on a phone without a change in size."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from drawing_checks import check_drawing
from matplotlib import pyplot as plt

from mmtutorial import plots
from mmtutorial.plots._boxes import (
    CELL,
    draw_arrow,
    draw_box,
    draw_cells,
    draw_panels,
    draw_rows,
    draw_sign,
    draw_stack,
    rows_height,
)
from mmtutorial.plots._narrow import PHONE, least_width, make_narrow


@pytest.fixture(autouse=True)
def in_our_style():
    with plots.style():
        yield
    plt.close("all")


def inch(axis):
    """Return how many inches a unit of an axis is, across and down."""
    axis.figure.draw_without_rendering()
    origin, one = axis.transData.transform([(0, 0), (1, 1)])
    return (one - origin) / axis.figure.dpi


@pytest.mark.parametrize(("count", "width", "title"), [(1, 3.4, ""), (2, 3.4, "t"), (3, 2.5, "")])
def test_a_unit_is_an_inch(count, width, title):
    _, axes = draw_panels(width, 2, ["a panel"] * count, title=title)
    for axis in axes:
        np.testing.assert_allclose(inch(axis), 1, rtol=0.06)


def test_panels_come_one_below_the_other_and_keep_their_size():
    figure, axes = draw_panels(2.5, 2, ["one", "two", "three"])
    for axis in axes:
        draw_box(axis, 0.1, 0.1, 2, 0.4, "words", "image")
    before = inch(axes[0])
    assert least_width(figure) > PHONE
    assert make_narrow(figure)
    assert least_width(figure) <= PHONE
    for axis in axes:
        np.testing.assert_allclose(inch(axis), before, rtol=0.06)
    tops = [axis.get_position().y1 for axis in axes]
    assert tops == sorted(tops, reverse=True)


def test_what_is_too_wide_for_a_phone_or_has_one_panel_is_left_alone():
    for width, titles in ((3.8, ["one", "two"]), (6, ["one"]), (3.4, ["one"])):
        figure, (axis, *_) = draw_panels(width, 2, titles)
        axis.text(0.5, 0.5, "here")
        assert not make_narrow(figure)


def test_a_chart_with_words_placed_by_hand_is_no_drawing():
    figure, axes = plt.subplots(1, 2, figsize=(7, 2))
    axes[0].axis("off")
    axes[1].text(0.5, 0.5, "here")
    assert not make_narrow(figure)


def test_what_is_absent_is_dashed_and_empty():
    _, (axis,) = draw_panels(2, 1, ["a"])
    draw_box(axis, 0, 0, 1, 0.4, "there", "image")
    draw_box(axis, 0, 0.5, 1, 0.4, "gone", "image", absent=True)
    there, gone = axis.patches
    assert there.get_linestyle() == "solid" != gone.get_linestyle()
    assert there.get_facecolor()[3] > 0 == gone.get_facecolor()[3]


@pytest.mark.parametrize(("down", "expected"), [(False, (2, 0)), (True, (0, -2))])
def test_cells_lie_in_a_row_or_in_a_column(down, expected):
    _, (axis,) = draw_panels(2, 2, ["a"])
    draw_cells(axis, 1, 1, ["a", "b", "c"], "text", down=down)
    first, _, last = (np.array(cell.get_xy()) for cell in axis.patches)
    np.testing.assert_allclose((last - first) / CELL, expected, atol=1e-9)
    check_drawing(axis.figure)


def test_signs_are_told_apart_by_what_is_in_the_circle():
    _, (axis,) = draw_panels(2, 1, ["a"])
    draw_sign(axis, 0.5, 0.5, "+")
    assert (len(axis.patches), len(axis.lines)) == (1, 2)
    draw_sign(axis, 1.5, 0.5, ".")
    assert (len(axis.patches), len(axis.lines)) == (3, 2)


def test_an_arrow_goes_round_corners_and_says_what_flows_there():
    _, (axis,) = draw_panels(2, 2, ["a"])
    draw_arrow(axis, (0, 0), (1, 1), "$z$", corners=[(1, 0)])
    np.testing.assert_allclose(axis.lines[0].get_xydata(), [(0, 0), (1, 0)])
    arrow, text = axis.texts
    assert arrow.xy == (1, 1)
    assert text.get_text() == "$z$"
    assert text.get_position()[0] > 1
    draw_arrow(axis, (1, 0), (1, 1), "$h$", left=True)
    assert axis.texts[-1].get_position()[0] < 1


def test_a_stack_shows_the_edges_of_two_more_behind_it():
    _, (axis,) = draw_panels(2, 1, ["a"])
    draw_stack(axis, 0.2, 0.2, 1, 0.4, "several", "image")
    (box,) = axis.patches
    for line in axis.lines:
        x, y = line.get_xydata().T
        assert max(x) > box.get_x() + box.get_width()
        assert max(y) > box.get_y() + box.get_height()
        assert not any((x < 1.2 - 1e-9) & (y < 0.6 - 1e-9))  # none runs through the box
    assert len(axis.lines) == 2


def test_lines_of_a_text_are_each_in_the_middle_of_the_box():
    _, (axis,) = draw_panels(2, 1, ["a"])
    draw_box(axis, 0.2, 0.2, 1, 0.5, "a long line\nshort", "image")
    assert [text.get_text() for text in axis.texts] == ["a long line", "short"]
    axis.figure.draw_without_rendering()
    extents = [text.get_window_extent() for text in axis.texts]
    middles = [(extent.x0 + extent.x1) / 2 for extent in extents]
    assert middles[0] == pytest.approx(middles[1], abs=0.5)
    assert extents[0].y0 > extents[1].y1 - 1
    check_drawing(axis.figure)


def test_rows_lead_from_two_sides_to_what_sees_both():
    figure, (axis,) = draw_panels(3.4, rows_height(4), ["a"])
    sides = {"image": [("a", "$x$"), ("b", "$h$")], "text": [("c", "$y$"), ("d", "$k$")]}
    draw_rows(axis, sides, [("both", "$z$"), ("end", "unsaid")], wide=1.5)
    said = [text.get_text() for text in axis.texts if text.get_text()]
    assert said == ["a", "$x$", "b", "$h$", "c", "$y$", "d", "$k$", "both", "$z$", "end"]
    tops = [box.get_y() for box in axis.patches]
    assert tops[:2] == tops[2:4] == sorted(tops[:2], reverse=True)
    assert min(tops[:4]) > tops[4] > tops[5] > 0
    assert [box.get_width() for box in axis.patches][:5:4] == pytest.approx([1.5, 3.36])
    check_drawing(figure)
