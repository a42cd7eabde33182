"""The figures that compare many methods show each where it belongs, and cover no name."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.text import Text

from mmtutorial.chapters.fusion.which_fusion import figures
from mmtutorial.evaluation import Interval

METHODS = {
    "image": (Interval(0.6, 0.55, 0.65), None),
    "concat": (Interval(0.7, 0.68, 0.72), 0),
    "late": (Interval(0.8, 0.78, 0.82), 1),
    "low_rank": (Interval(0.65, 0.6, 0.7), -1),
}


def test_method_dots_mark_what_a_comparison_says_and_shade_the_reference():
    figure = figures.method_dots(
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
        ({"limits": (0.5, 0.81)}, "limits must hold every interval, 0.550 to 0.820"),
    ],
)
def test_method_dots_refuse_what_would_mislead(change, message):
    options = {"reference": "concat", "title": "t", "xlabel": "x", "limits": (0, 1), **change}
    with pytest.raises(ValueError, match=message):
        figures.method_dots(METHODS, **options)


def test_rank_dots_show_each_part_and_the_average():
    figure = figures.rank_dots({"a": np.array([1, 2, 3]), "b": np.array([2, 1, 1])}, title="t")
    (axis,) = figure.axes
    shown = {marker: [line.get_xdata() for line in axis.lines if line.get_marker() == marker]
             for marker in "oD"}  # fmt: skip
    np.testing.assert_array_equal(shown["o"][0], [1, 2, 3])
    np.testing.assert_allclose(np.concatenate(shown["D"][:2]), [2, 4 / 3])
    with pytest.raises(ValueError, match=r"as many parts for each method, got \[1, 2\]"):
        figures.rank_dots({"a": [1], "b": [1, 2]}, title="t")


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
    assert figures.pareto_front(methods) == expected


def test_names_near_a_crowd_of_dots_cover_neither_dots_nor_names():
    rng = np.random.default_rng(0)
    methods = {
        f"method_{i}": (Interval(x, x - 0.01, x + 0.01), cost)
        for i, (x, cost) in enumerate(rng.normal((0.8, 5), (0.02, 1), (15, 2)))
    }
    figure = figures.accuracy_against_cost(methods, title="t", xlabel="seconds", ylabel="accuracy")
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
    with pytest.raises(ValueError, match="the cost of 'a' must be above 0"):
        figures.accuracy_against_cost({"a": (Interval(1, 1, 1), 0)}, title="", xlabel="", ylabel="")


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_frontier_is_made_of_numbers(wrong):
    with pytest.raises(ValueError, match="the accuracy of 'b' must be finite"):
        figures.pareto_front({"a": (0.5, 1), "b": (wrong, 2)})
    with pytest.raises(ValueError, match="the cost of 'b' must be finite"):
        figures.pareto_front({"a": (0.5, 1), "b": (0.6, wrong)})


def test_what_a_sign_or_a_rank_cannot_be():
    options = {"reference": "a", "title": "t", "xlabel": "x", "limits": (0, 1)}
    with pytest.raises(ValueError, match=r"the sign of 'a' must be one of \(1, 0, -1, None\)"):
        figures.method_dots({"a": (Interval(0.5, 0.4, 0.6), 2)}, **options)
    with pytest.raises(ValueError, match=r"ranks\['a'\] must hold at least one number"):
        figures.rank_dots({"a": []}, title="t")
    with pytest.raises(TypeError, match=r"limits must be a list of two numbers"):
        figures.method_dots({"a": (Interval(0.5, 0.4, 0.6), 1)}, **{**options, "limits": 1})


WITHOUT = """
import sys
sys.modules["matplotlib"] = None  # as if it were not installed
import mmtutorial as mm
print(mm.chapters.fusion.which_fusion.pareto_front({"slow": (0.8, 9), "quick": (0.7, 1)}))
for name in dir(mm.plots):
    getattr(mm.plots, name)
try:
    mm.plots.image_grid([[[[0.0] * 3]]])
except ModuleNotFoundError as error:
    print(error)
"""


def test_without_matplotlib_only_drawing_fails_and_names_the_extra():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, last = done.stdout.splitlines()
    assert first == "['quick', 'slow']"
    how = "in a clone of the book, run `pip install '.[run]'`"
    assert last == f"mmtutorial.plots needs matplotlib: {how}"
