"""Panels hold the weights that they were given, and curves end where the weighting leans."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from mmtutorial.chapters.multi_task.balancing import figures, live


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_panel_holds_the_weights_of_its_method():
    weights = {"a": np.array([1.0, 2.0]), "b": np.array([1.0, 0.5])}
    panels = dict.fromkeys(("equal", "random", "uncertainty", "GradNorm"), weights)
    figure = figures.weight_panels(panels, title="Weights")
    shown = [axis for axis in figure.axes if axis.get_visible()]
    titles = [axis.get_title(loc="left") for axis in shown]
    assert titles == ["equal", "random", "uncertainty", "GradNorm"]
    _, first, second = shown[0].get_lines()
    np.testing.assert_allclose(first.get_ydata(), [1, 2])
    np.testing.assert_allclose(second.get_ydata(), [1, 0.5])
    assert shown[0].get_yscale() == "log"


def test_a_curve_is_a_running_mean():
    values = np.linspace(0, 1, 200)
    figure = live.leaning_lines({"equal": values, "gradnorm": values}, title="Leaning")
    line = figure.axes[0].get_lines()[0]
    assert line.get_xdata()[0] == live.RUNNING
    np.testing.assert_allclose(line.get_ydata()[0], values[: live.RUNNING].mean())
    assert [text.get_text() for text in figure.axes[0].texts] == ["equal", "GradNorm"]


def test_the_drawing_names_each_loss_and_each_weight():
    figure = figures.weighted_sum(["artist", "group"], title="Sum")
    said = [text.get_text() for text in figure.axes[0].texts]
    assert {"artist", "group", "loss $L_1$", "loss $L_2$", "$w_1$", "$w_2$", "sum"} <= set(said)
