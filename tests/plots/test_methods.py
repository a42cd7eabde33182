"""The figures that compare many methods show each where it belongs, and cover no name."""

import numpy as np
import pytest
from matplotlib.text import Text

from mmtutorial import plots
from mmtutorial.evaluation import Interval

METHODS = {
    "image": (Interval(0.6, 0.55, 0.65), None),
    "concat": (Interval(0.7, 0.68, 0.72), 0),
    "late": (Interval(0.8, 0.78, 0.82), 1),
    "low_rank": (Interval(0.65, 0.6, 0.7), -1),
}


def test_method_dots_mark_what_a_comparison_says_and_shade_the_reference():
    figure = plots.method_dots(
        METHODS, reference="concat", title="t", xlabel="accuracy", limits=(0.5, 0.9)
    )
    (axis,) = figure.axes
    dots = [line for line in axis.lines if line.get_marker() != "None" and len(line.get_xdata())]
    assert [line.get_marker() for line in dots] == ["s", "o", "^", "v"]
    assert [line.get_xdata()[0] for line in dots] == [0.6, 0.7, 0.8, 0.65]
    assert len({line.get_color() for line in dots}) == 4
    assert axis.patches[0].get_x() == pytest.approx(0.68)
    assert axis.patches[0].get_width() == pytest.approx(0.04)
    assert [label.get_text() for label in axis.get_yticklabels()][-1] == "low-rank"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reference": "sum"}, "reference must be one of"),
        ({"limits": (0.5, 0.75)}, "limits must hold all means, 0.600 to 0.800"),
    ],
)
def test_method_dots_refuse_what_would_mislead(change, message):
    options = {"reference": "concat", "title": "t", "xlabel": "x", "limits": (0, 1), **change}
    with pytest.raises(ValueError, match=message):
        plots.method_dots(METHODS, **options)


def test_rank_dots_show_each_part_and_the_average():
    figure = plots.rank_dots({"a": np.array([1, 2, 3]), "b": np.array([2, 1, 1])}, title="t")
    (axis,) = figure.axes
    shown = {marker: [line.get_xdata() for line in axis.lines if line.get_marker() == marker]
             for marker in "oD"}  # fmt: skip
    np.testing.assert_array_equal(shown["o"][0], [1, 2, 3])
    np.testing.assert_allclose(np.concatenate(shown["D"][:2]), [2, 4 / 3])
    with pytest.raises(ValueError, match=r"as many parts for each method, got \[1, 2\]"):
        plots.rank_dots({"a": [1], "b": [1, 2]}, title="t")


@pytest.mark.parametrize(
    ("methods", "expected"),
    [
        ({"a": (0.5, 1)}, ["a"]),
        ({"a": (0.5, 1), "b": (0.5, 2)}, ["a"]),
        ({"b": (0.6, 1), "a": (0.5, 1)}, ["b"]),
        ({"a": (0.5, 3), "b": (0.9, 2), "c": (0.4, 1)}, ["c", "b"]),
    ],
)
def test_the_frontier_by_hand(methods, expected):
    assert plots.frontier(methods) == expected


def test_names_near_a_crowd_of_dots_cover_neither_dots_nor_names():
    rng = np.random.default_rng(0)
    methods = {
        f"method_{i}": (Interval(x, x - 0.01, x + 0.01), cost)
        for i, (x, cost) in enumerate(rng.normal((0.8, 5), (0.02, 1), (15, 2)))
    }
    figure = plots.accuracy_against_cost(methods, title="t", xlabel="seconds", ylabel="accuracy")
    (axis,) = figure.axes
    figure.canvas.draw()
    extent = Text.get_window_extent  # of the words, without the line that leads to them
    boxes = {text.get_text(): extent(text).shrunk(0.9, 0.9) for text in axis.texts}
    assert set(boxes) == {name.replace("_", "-") for name in methods}
    frame = axis.get_window_extent()
    for name, box in boxes.items():
        assert not any(box.overlaps(other) for key, other in boxes.items() if key != name)
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1


def test_what_costs_nothing_cannot_stand_on_a_log_scale():
    with pytest.raises(ValueError, match="costs must be above 0"):
        plots.accuracy_against_cost({"a": (Interval(1, 1, 1), 0)}, title="", xlabel="", ylabel="")
