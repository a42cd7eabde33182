"""Figures show what they were given, and refuse what does not fit."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from mmtutorial import plots
from mmtutorial.evaluation import Interval


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_image_grid_shows_every_image_under_its_title():
    images = np.random.default_rng(0).random((5, 8, 8, 3))
    figure = plots.image_grid(images, list("abcde"), columns=3)
    shown = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in shown] == list("abcde")
    for axis, image in zip(shown, images, strict=True):
        np.testing.assert_array_equal(axis.images[0].get_array(), image)


def test_image_grid_wants_a_title_for_each():
    with pytest.raises(ValueError, match="titles must be one for each of 2 images, got 1"):
        plots.image_grid(np.zeros((2, 4, 4, 3)), ["one"])


def test_image_grid_wants_an_image():
    with pytest.raises(ValueError, match="images must hold at least one image"):
        plots.image_grid([])


def test_learning_curve_tells_four_curves_apart_and_refuses_a_fifth():
    curves = {name: [0.1, 0.2] for name in "abcd"}
    (axis,) = plots.learning_curve(curves, title="t", ylabel="y").axes
    looks = {(line.get_color(), line.get_linestyle()) for line in axis.get_lines()}
    assert {colour for colour, _ in looks} == {
        plots.COLOURS[name] for name in ("image", "text", "joint", "accent")
    }
    assert len({line for _, line in looks}) == 4
    with pytest.raises(ValueError, match="curves must be at most 4, got 5"):
        plots.learning_curve({**curves, "e": [0.3]}, title="t", ylabel="y")


def test_learning_curve_counts_epochs_from_one_and_names_every_curve():
    figure = plots.learning_curve(
        {"a": [0.1, 0.4], "b": [0.2, 0.3]}, title="t", ylabel="accuracy", chance=0.5, limits=(0, 1)
    )
    (axis,) = figure.axes
    first, second, chance = axis.get_lines()
    assert list(first.get_xdata()) == [1, 2]
    assert list(second.get_ydata()) == [0.2, 0.3]
    assert set(chance.get_ydata()) == {0.5}
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b", "chance"]
    assert axis.get_ylim() == (0, 1)


def test_interval_dots_draw_each_interval_in_reading_order():
    results = {"image": Interval(0.5, 0.4, 0.6), "sum": Interval(0.7, 0.6, 0.8)}
    figure = plots.interval_dots({"one": results, "two": results}, title="t", xlabel="accuracy")
    for axis in figure.axes:
        bars = [line for line in axis.get_lines() if len(set(line.get_xdata())) == 2]
        assert [list(bar.get_xdata()) for bar in bars] == [[0.4, 0.6], [0.6, 0.8]]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["image", "sum"]
    low, high = figure.axes[0].get_ylim()
    assert low > high  # the first method stands on top


@pytest.mark.parametrize("names", [("sum", "image"), ("image",), ("image", "late")])
def test_interval_dots_refuse_panels_that_do_not_line_up(names):
    results = dict.fromkeys(("image", "sum"), Interval(0.5, 0.4, 0.6))
    other = dict.fromkeys(names, Interval(0.5, 0.4, 0.6))
    with pytest.raises(ValueError, match=r"same methods in the same order, got \[.* in 'two'"):
        plots.interval_dots({"one": results, "two": other}, title="t", xlabel="accuracy")
    with pytest.raises(ValueError, match="panels must hold at least one panel"):
        plots.interval_dots({}, title="t", xlabel="accuracy")


def test_vote_panel_marks_the_chosen_weight():
    weights, curve = np.linspace(0, 1, 3), [0.2, 0.6, 0.4]
    labels = [(str(i), "word") for i in range(6)]
    figure = plots.vote_panel(weights, curve, 1, np.zeros((6, 4, 4, 3)), labels)
    marker = figure.axes[0].get_lines()[1]
    assert (marker.get_xdata(), marker.get_ydata()) == ([0.5], [0.6])
    assert "0.600" in figure.axes[0].get_title()


def test_interval_steps_draw_every_method_from_step_to_step():
    steps = {
        "one": {"image": Interval(0.5, 0.4, 0.6), "concat": Interval(0.3, 0.2, 0.4)},
        "two": {"image": Interval(0.5, 0.4, 0.6), "concat": Interval(0.7, 0.6, 0.8)},
    }
    figure = plots.interval_steps(steps, title="t", xlabel="accuracy")
    (axis,) = figure.axes
    drawn = {line.get_label(): list(line.get_xdata()) for line in axis.get_lines()}
    assert drawn == {"image": [0.5, 0.5], "concat": [0.3, 0.7]}
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["one", "two"]
    low, high = axis.get_ylim()
    assert low > high


def test_interval_steps_refuse_other_methods_and_too_many():
    one = Interval(0.5, 0.4, 0.6)
    with pytest.raises(ValueError, match="steps must all have the same methods"):
        plots.interval_steps({"a": {"x": one}, "b": {"y": one}}, title="t", xlabel="x")
    with pytest.raises(ValueError, match="steps must hold at most 4 methods"):
        plots.interval_steps({"a": dict.fromkeys("vwxyz", one)}, title="t", xlabel="x")


def test_reliability_diagram_puts_a_dot_where_the_bin_is_and_leaves_empty_bins_out():
    from mmtutorial.evaluation import reliability

    rows = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4]])
    bins = reliability([0, 1, 0], rows, bins=5)
    figure = plots.reliability_diagram({"one": bins, "two": bins}, title="Sure?")
    assert [axis.get_title() for axis in figure.axes] == ["one", "two"]
    dots = figure.axes[0].collections[1]
    drawn = dots.get_offsets()
    drawn = drawn[~np.ma.getmaskarray(drawn).any(axis=1)]
    np.testing.assert_allclose(np.asarray(drawn), [[0.6, 1.0], [0.9, 0.5]])
    assert figure.axes[0].get_xlabel() == "confidence"
    with pytest.raises(ValueError, match="panels must hold at least one panel, got none"):
        plots.reliability_diagram({}, title="Sure?")


def test_shapley_bars_stand_under_their_item():
    shares = {"image": np.array([0.2, -0.1]), "text": np.array([0.3, 0.4])}
    pictures = np.zeros((2, 4, 4, 3))
    figure = plots.shapley_bars(pictures, ["a", "b"], shares, title="Who?", ylabel="share")
    assert [axis.get_title() for axis in figure.axes[:2]] == ["a", "b"]
    heights = [[bar.get_height() for bar in axis.patches] for axis in figure.axes[2:]]
    np.testing.assert_allclose(heights, [[0.2, 0.3], [-0.1, 0.4]])
    assert figure.axes[2].get_ylabel() == "share"
    with pytest.raises(ValueError, match="must hold one an item, got"):
        plots.shapley_bars(pictures, ["a"], shares, title="Who?", ylabel="share")


def test_lucky_draws_hatch_what_is_not_above_zero():
    figure = plots.lucky_draws(
        [-0.015, 0.0, 0.005, 0.025], title="S", xlabel="d", limits=(-0.02, 0.03), step=0.01
    )
    bars = figure.axes[0].patches
    hatched = sum(bar.get_height() for bar in bars if bar.get_hatch())
    assert hatched == pytest.approx(50)
    assert sum(bar.get_height() for bar in bars) == pytest.approx(100)
    assert all(bar.get_x() < -1e-12 for bar in bars if bar.get_hatch() and bar.get_height())
    with pytest.raises(ValueError, match=r"limits must hold all differences, -0\.1 to 0\.2"):
        plots.lucky_draws([-0.1, 0.2], title="S", xlabel="d", limits=(-0.1, 0.1), step=0.01)
