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


HELD = np.array([[[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]])


def draw(**changes):
    given = {"gates": [0.3, 1.0], "own_gates": [0.5, 0.6], "classes": CLASSES, "truth": [0, 1]}
    return plots.gate_panels(SAMPLES, HELD, HELD[0][::-1], **given | changes)


def test_bars_are_the_held_beliefs_and_dots_the_models_own():
    line, _, first, _, second = draw()[0][0].axes
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


def test_each_place_has_a_figure_of_one_size_and_says_what_it_shows():
    figures, sentences = draw()
    assert len({tuple(figure.get_size_inches()) for figure in figures}) == 1
    assert sentences == [
        "Gate held at 0.3: the right groups get 0.70, 0.30.",
        "Gate held at 1.0: the right groups get 0.00, 1.00.",
    ]


@pytest.mark.parametrize("changes", [{"own_gates": [0.5]}, {"gates": [0.3]}, {"truth": [0, 1, 2]}])
def test_counts_must_agree(changes):
    with pytest.raises(ValueError, match="held must have shape"):
        draw(**changes)
