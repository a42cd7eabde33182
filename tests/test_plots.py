"""Figures show what they were given, and refuse what does not fit."""

from itertools import pairwise

import matplotlib
import numpy as np
import pytest
from drawing_checks import check_titles

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.text import Text

from mmtutorial import plots
from mmtutorial.evaluation import Interval, Reliability
from mmtutorial.plots._labels import spread_labels


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(("lines", "columns"), [(1, 3), (7, 3), (3, 2)])
def test_no_line_of_a_title_of_an_image_grid_is_cut(lines, columns):
    titles = ["\n".join(["Abc"] * lines)] * 3
    check_titles(plots.image_grid(np.zeros((3, 8, 8, 3)), titles, columns=columns, size=1.9))


def test_image_grid_shows_every_image_under_its_title():
    images = np.random.default_rng(0).random((5, 8, 8, 3))
    figure = plots.image_grid(images, list("abcde"), columns=3)
    shown = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title(loc="left") for axis in shown] == list("abcde")
    for axis, image in zip(shown, images, strict=True):
        np.testing.assert_array_equal(axis.images[0].get_array(), image)


def test_image_grid_wants_a_title_for_each():
    with pytest.raises(ValueError, match=r"images, titles must hold one per item.*'titles': 1"):
        plots.image_grid(np.zeros((2, 4, 4, 3)), ["one"])


def test_image_grid_wants_an_image():
    with pytest.raises(ValueError, match="images must be a list of images, at least one, got 0"):
        plots.image_grid([])


def test_image_grid_shows_gray_in_gray():
    """By itself, matplotlib draws one channel in blue to yellow, and stretches it."""
    gray = np.array([[0.2, 0.4], [0.6, 0.6]])
    bytes_ = np.array([[51, 102], [153, 153]], np.uint8)
    images = [gray, gray[..., None], bytes_, bytes_[..., None], gray[..., None].repeat(3, axis=2)]
    axes = plots.image_grid(images).axes
    expected = (np.array([[51, 102], [153, 153]])[..., None] + np.zeros(3)) / 255
    for axis in axes[:5]:
        (shown,) = axis.images
        drawn = shown.to_rgba(shown.get_array())[..., :3]
        np.testing.assert_allclose(drawn, expected, atol=1 / 255)
    assert len(plots.image_grid(np.zeros((4, 8, 9))).axes[0].images) == 1


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((8, 8, 3)), r"images must hold several images, got one of .*images\[None\]"),
        (np.zeros((8, 9)), r"images must hold several images, got one of .*images\[None\]"),
        (np.zeros((2, 3, 8, 9)), r"images\[0\] must have shape .*1 or 3 channels"),
        (np.zeros((2, 8, 9, 4)), r"images\[0\] must .*image.convert\('RGB'\)"),
        (np.zeros((2, 0, 9, 3)), r"images\[0\] must .*sides of at least 1"),
        (np.full((2, 8, 9, 3), 255.0), r"images\[0\] must .*got up to 255: divide by 255"),
        ([np.zeros((8, 9, 3)), np.full((8, 9), np.nan)], r"images\[1\] must hold finite numbers"),
    ],
)
def test_image_grid_refuses_what_are_no_images(images, message):
    with pytest.raises(ValueError, match=message):
        plots.image_grid(images)
    with pytest.raises(ValueError, match=message):
        plots.shapley_bars(images, list("ab"), {"image": [0, 0]}, title="t", ylabel="y")


def test_image_grid_refuses_one_text_for_its_titles_and_no_size():
    images = np.zeros((3, 4, 4, 3))
    with pytest.raises(TypeError, match=r"titles must be a list of texts, got 'abc'"):
        plots.image_grid(images, "abc")
    for wrong, error in ((0, ValueError), ("2", TypeError), (None, TypeError)):
        with pytest.raises(error, match=f"size must be .*, got {wrong!r}"):
            plots.image_grid(images, size=wrong)
    with pytest.raises(TypeError, match=r"images\[0\] must be uint8 or floating point, got int64"):
        plots.image_grid(images.astype(np.int64))


def test_late_fusion_panel_wants_six():
    with pytest.raises(ValueError, match=r"images, labels must hold 6 each, got {'images': 5"):
        plots.late_fusion_panel([0, 1], [0, 1], 0, np.zeros((5, 4, 4, 3)), [("a", "b")] * 6)


def test_late_fusion_panel_takes_labels_that_are_zipped():
    labels = zip("abcdef", "uvwxyz", strict=True)
    figure = plots.late_fusion_panel([0, 1], [0, 1], 1, np.zeros((6, 4, 4, 3)), labels)
    assert [axis.get_title(loc="left") for axis in figure.axes[1:]] == list("abcdef")
    assert [axis.get_xlabel() for axis in figure.axes[1:]] == list("uvwxyz")
    with pytest.raises(ValueError, match="chosen must be one of"):
        plots.late_fusion_panel([0, 1], [0, 1], 2, np.zeros((6, 4, 4, 3)), [("a", "b")] * 6)
    with pytest.raises(TypeError, match=r"labels\[0\] must be a list of texts, got 'ab'"):
        plots.late_fusion_panel([0, 1], [0, 1], 0, np.zeros((6, 4, 4, 3)), ["ab"] * 6)


@pytest.mark.parametrize("wrong", [np.inf, [0.2], "0.2", True])
def test_chance_is_a_number(wrong):
    labels, curve = {"title": "t", "xlabel": "x"}, {"image": [0.1, 0.2]}
    panels = {"a": {"m": Interval(0.5, 0.4, 0.6)}}
    with pytest.raises((ValueError, TypeError), match="chance must be"):
        plots.interval_dots(panels, chance=wrong, **labels)
    with pytest.raises((ValueError, TypeError), match="chance must be"):
        plots.learning_curve(curve, chance=wrong, title="t", ylabel="y")


def test_a_text_is_no_list_of_classes():
    probabilities = np.full((2, 3), 1 / 3)
    with pytest.raises(TypeError, match="classes must be a list of texts, got 'xyz'"):
        plots.token_heatmap(["a", "b"], probabilities, "xyz", title="t")


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
    assert not figure.legends
    names = {text.get_text(): text.xy for text in axis.texts}
    assert names["a"] == (2, 0.4)
    assert names["b"] == (2, 0.3)
    assert names["chance"][1] == 0.5
    spread_labels(figure)
    figure.canvas.draw()
    boxes = sorted((Text.get_window_extent(text) for text in axis.texts), key=lambda box: box.y0)
    right = axis.get_window_extent().x1
    assert all(Text.get_window_extent(text).x0 > right for text in axis.texts), "it covers a curve"
    assert all(below.y1 <= above.y0 for below, above in pairwise(boxes))
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
    with pytest.raises(ValueError, match="panels must hold at least one entry"):
        plots.interval_dots({}, title="t", xlabel="accuracy")


def test_late_fusion_panel_marks_the_chosen_weight():
    weights, curve = np.linspace(0, 1, 3), [0.2, 0.6, 0.4]
    labels = [(str(i), "word") for i in range(6)]
    figure = plots.late_fusion_panel(weights, curve, 1, np.zeros((6, 4, 4, 3)), labels)
    marker = figure.axes[0].get_lines()[1]
    assert (marker.get_xdata(), marker.get_ydata()) == ([0.5], [0.6])
    assert "0.600" in figure.axes[0].get_title(loc="left")


def test_interval_steps_draw_every_method_in_every_step_and_join_none():
    steps = {
        "one": {"image": Interval(0.5, 0.4, 0.6), "concat": Interval(0.3, 0.2, 0.4)},
        "two": {"image": Interval(0.5, 0.4, 0.6), "concat": Interval(0.7, 0.6, 0.8)},
    }
    figure = plots.interval_steps(steps, title="t", xlabel="accuracy")
    (axis,) = figure.axes
    drawn = {line.get_label(): list(line.get_xdata()) for line in axis.get_lines()}
    assert drawn == {"image": [0.5, 0.5], "concat": [0.3, 0.7]}
    assert {line.get_linestyle() for line in axis.get_lines()} == {"None"}
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
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["one", "two"]
    dots = figure.axes[0].collections[1]
    drawn = dots.get_offsets()
    drawn = drawn[~np.ma.getmaskarray(drawn).any(axis=1)]
    np.testing.assert_allclose(np.asarray(drawn), [[0.6, 1.0], [0.9, 0.5]])
    assert not dots.get_clip_on(), "a large dot at the frame is cut"
    assert figure.axes[0].get_xlabel() == "confidence"
    with pytest.raises(ValueError, match=r"panels must hold at least one entry, .* got none"):
        plots.reliability_diagram({}, title="Sure?")


def test_shapley_bars_stand_under_their_item():
    shares = {"image": np.array([0.2, -0.1]), "text": np.array([0.3, 0.4])}
    pictures = np.zeros((2, 4, 4, 3))
    figure = plots.shapley_bars(pictures, ["a", "b"], shares, title="Who?", ylabel="share")
    assert [axis.get_title(loc="left") for axis in figure.axes[:2]] == ["a", "b"]
    heights = [[bar.get_height() for bar in axis.patches] for axis in figure.axes[2:]]
    np.testing.assert_allclose(heights, [[0.2, 0.3], [-0.1, 0.4]])
    assert figure.axes[2].get_ylabel() == "share"
    with pytest.raises(ValueError, match=r"must hold one per item, .*'labels': 1"):
        plots.shapley_bars(pictures, ["a"], shares, title="Who?", ylabel="share")


def test_bootstrap_histogram_hatches_what_is_not_above_zero():
    figure = plots.bootstrap_histogram(
        [-0.015, 0.0, 0.005, 0.025], title="S", xlabel="d", limits=(-0.02, 0.03), step=0.01
    )
    bars = figure.axes[0].patches
    hatched = sum(bar.get_height() for bar in bars if bar.get_hatch())
    assert hatched == pytest.approx(50)
    assert sum(bar.get_height() for bar in bars) == pytest.approx(100)
    assert all(bar.get_x() < -1e-12 for bar in bars if bar.get_hatch() and bar.get_height())
    with pytest.raises(ValueError, match=r"limits must hold all differences, -0\.1 to 0\.2"):
        plots.bootstrap_histogram([-0.1, 0.2], title="S", xlabel="d", limits=(-0.1, 0.1), step=0.01)


def test_an_interval_is_three_numbers_of_a_named_method():
    labels = {"title": "t", "xlabel": "x"}
    wrong_mean = (0.3, 0.4, 0.6)
    for wrong in (0.5, (0.5, 0.4), None, (0.5, 0.6, 0.4), (np.nan, 0.4, 0.6), wrong_mean):
        with pytest.raises((ValueError, TypeError), match=r"panels\['a'\]\['m'\]"):
            plots.interval_dots({"a": {"m": wrong}}, **labels)
    for method in ("", " ", 3):
        with pytest.raises(ValueError, match=r"panels\['a'\] must be named by texts"):
            plots.interval_dots({"a": {method: Interval(0.5, 0.4, 0.6)}}, **labels)


@pytest.mark.parametrize(
    "change", [{"step": 0}, {"step": -0.1}, {"step": np.nan}, {"limits": (1, 0)}]
)
def test_a_histogram_shows_all_that_it_is_given(change):
    options = {"title": "S", "xlabel": "d", "limits": (-1, 1), "step": 0.1}
    with pytest.raises(ValueError, match=next(iter(change))):
        plots.bootstrap_histogram([0.1, -0.1], **{**options, **change})
    for wrong in ([0.1, np.nan], []):
        with pytest.raises(ValueError, match="differences must hold"):
            plots.bootstrap_histogram(wrong, **options)


@pytest.mark.parametrize(
    ("differences", "limits", "step"),
    [
        ([0.97, 0.2, -0.97, 0], (-1, 1), 0.3),  # the step does not divide the limits
        ([0.5, 0.02], (-1, 1), 3.0),  # it is wider than they are
        ([0.0, 0.0], (0, 1), 0.1),  # no bar below 0 lies within them
        ([-0.05, 0.09, 0.0, 0.3 - 0.21], (-0.05, 0.09), 0.01),  # limits that no float holds
        ([-0.2, -0.1], (-0.2, 0), 0.07),
        ([1e-8], (0, 1e-8), 0.1),
    ],
)
def test_bars_of_a_histogram_hold_every_difference(differences, limits, step):
    options = {"title": "S", "xlabel": "d", "limits": limits, "step": step}
    bars = plots.bootstrap_histogram(differences, **options).axes[0].patches
    assert sum(bar.get_height() for bar in bars) == pytest.approx(100)
    hatched = sum(bar.get_height() for bar in bars if bar.get_hatch())
    assert hatched == pytest.approx(100 * np.mean(np.array(differences) <= 0))
    assert all(bar.get_x() < -step / 2 for bar in bars if bar.get_hatch() and bar.get_height())


def test_a_reliability_diagram_has_items():
    empty = Reliability(np.full(2, np.nan), np.full(2, np.nan), np.zeros(2, int))
    with pytest.raises(ValueError, match="must count at least one item"):
        plots.reliability_diagram({"a": empty}, title="t")
    with pytest.raises(ValueError, match="must be a Reliability, got float"):
        plots.reliability_diagram({"a": 0.5}, title="t")
