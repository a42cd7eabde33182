"""A held gate stands where it is held, and each bar belongs to its class."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from mmtutorial import plots

CLASSES = ["cat", "dog", "fox"]
SAMPLES = [(np.zeros((4, 4, 3)), "meow"), (np.ones((4, 4, 3)), "woof, bark")]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def draw(**changes):
    beliefs = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    given = {"gate": 0.3, "own_gates": [0.5, 0.6], "classes": CLASSES, "truth": [0, 1]} | changes
    return plots.gate_panel(SAMPLES, beliefs, beliefs[::-1], **given)


def test_bars_are_the_held_beliefs_and_dots_the_models_own():
    line, _, first, _, second = draw().axes
    for axis, held, own, right in (
        (first, [0.7, 0.2, 0.1], [0.1, 0.3, 0.6], 0),
        (second, [0.1, 0.3, 0.6], [0.7, 0.2, 0.1], 1),
    ):
        assert [bar.get_width() for bar in axis.patches] == held
        assert list(axis.get_lines()[0].get_xdata()) == own
        names = [text.get_text() for text in axis.get_yticklabels()]
        assert names == [f"{name} ✓" if i == right else name for i, name in enumerate(CLASSES)]
        colours = {i: bar.get_facecolor() for i, bar in enumerate(axis.patches)}
        assert [i for i in colours if colours[i] != colours[2]] == [right]
    _, diamond, ticks = line.get_lines()
    assert list(diamond.get_xdata()) == [0.3]
    assert list(ticks.get_xdata()) == [0.5, 0.6]
    assert "0.3" in line.get_title()


def test_all_figures_of_a_slider_have_one_size():
    sizes = {tuple(draw(gate=step).get_size_inches()) for step in (0.0, 0.5, 1.0)}
    assert len(sizes) == 1


def test_each_item_needs_its_own_gate():
    with pytest.raises(ValueError, match="must hold one an item, got 2, 2, 2, 1 and 2"):
        draw(own_gates=[0.5])
