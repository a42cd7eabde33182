"""Each drawing shows what it was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from mmtutorial.chapters.multi_task.sharing import figures
from mmtutorial.evaluation import interval
from mmtutorial.plots.colours import COLOURS


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts_of(figure):
    return [text.get_text() for axis in figure.axes for text in axis.texts]


def test_a_gain_map_writes_each_gain_and_its_star():
    gains = np.array([[np.nan, 0.1], [-0.2, np.nan]])
    figure = figures.gain_map(["a", "b"], ["a", "b"], gains, gains > 0, title="Gains")
    assert texts_of(figure) == ["+10*", "\N{MINUS SIGN}20"]


def test_a_gate_map_has_a_panel_for_each_run():
    shares = {f"seed {k}": np.full((2, 4), 0.25) for k in range(3)}
    figure = figures.gate_map(["a", "b"], shares, title="Gates")
    assert texts_of(figure) == [".25"] * 24


def test_gain_lines_name_each_curve_at_its_end():
    points = {10: interval([0.1, 0.2]), 100: interval([0.0, 0.1])}
    options = {"title": "Gain", "xlabel": "labels", "ylabel": "gain"}
    figure = figures.gain_lines({"one": points, "two": points}, **options)
    assert texts_of(figure) == ["one", "two"]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["10", "100"]


def test_affinity_dots_name_some_pairs():
    affinity, gains = np.array([0.01, 0.02]), np.array([0.1, -0.1])
    figure = figures.affinity_dots(affinity, gains, {1: "a to b"}, title="Predicted?")
    assert texts_of(figure) == ["a to b"]
    (dots,) = (line for line in figure.axes[0].get_lines() if line.get_marker() == "o")
    assert dots.get_alpha() is None, "they are to be seen by night, too"
    assert dots.get_color() == COLOURS["joint"], "a pair of tasks is no modality"


def test_the_drawing_has_a_panel_for_each_architecture():
    figure = figures.sharing_drawing(title="Shared")
    assert [axis.get_title(loc="left") for axis in figure.axes] == [
        "hard sharing", "cross-stitch", "MMoE", "PLE"]  # fmt: skip


def test_what_is_shared_and_what_is_owned_have_no_colour_of_a_modality():
    kinds = {kind for kind, colour in COLOURS.items() if colour in figures.EDGES.values()}
    assert kinds == {"accent", "chance", "joint"}
    assert len(set(figures.EDGES.values())) == 3
    figure = figures.sharing_drawing(title="Shared")
    drawn = {to_hex(box.get_edgecolor()) for axis in figure.axes for box in axis.patches}
    assert drawn == {colour.lower() for colour in figures.EDGES.values()}
