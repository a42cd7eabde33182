"""A fixed gate stands where it is fixed, and each bar belongs to its class."""

import matplotlib
import numpy as np
import pytest
from drawing_checks import check_drawing, words_of

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from mmtutorial.chapters.fusion.gates_and_tensors import figures

CLASSES = ["cat", "dog", "fox"]
SAMPLES = [(np.zeros((4, 4, 3)), "meow"), (np.ones((4, 4, 3)), "woof, bark")]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


FIXED = np.array([[[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]])


def draw(**changes):
    given = {"gates": [0.3, 1.0], "learned_gates": [0.5, 0.6], "classes": CLASSES, "truth": [0, 1]}
    return figures.gate_panels(SAMPLES, FIXED, FIXED[0][::-1], **given | changes)


def test_bars_are_of_the_fixed_gate_and_dots_of_the_learned_one():
    line, _, first, _, second = draw()[0][0].axes
    for axis, fixed, learned, right in (
        (first, [0.7, 0.2, 0.1], [0.1, 0.3, 0.6], 0),
        (second, [0.1, 0.3, 0.6], [0.7, 0.2, 0.1], 1),
    ):
        assert [bar.get_width() for bar in axis.patches] == fixed
        assert list(axis.get_lines()[0].get_xdata()) == learned
        names = [text.get_text() for text in axis.get_yticklabels()]
        assert names == [f"{name} ✓" if i == right else name for i, name in enumerate(CLASSES)]
        colours = {i: bar.get_facecolor() for i, bar in enumerate(axis.patches)}
        assert [i for i in colours if colours[i] != colours[2]] == [right]
    _, diamond, ticks = line.get_lines()
    assert list(diamond.get_xdata()) == [0.3]
    assert list(ticks.get_xdata()) == [0.5, 0.6]
    assert "0.3" in line.get_title(loc="left")


def test_each_place_has_a_figure_of_one_size_and_says_what_it_shows():
    figures, sentences = draw()
    assert len({tuple(figure.get_size_inches()) for figure in figures}) == 1
    assert sentences == [
        "Gate fixed at 0.3: the right groups get 0.70, 0.30.",
        "Gate fixed at 1.0: the right groups get 0.00, 1.00.",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learned_gates": [0.5]}, "samples, learned_gates, truth must hold one per item.*: 1"),
        ({"gates": [0.3]}, r"fixed must have shape \(1, 2, 3\).* got \(2, 2, 3\)"),
        ({"truth": [0, 1, 1]}, "must hold one per item, .* 'truth': 3"),
    ],
)
def test_counts_must_agree(changes, message):
    with pytest.raises(ValueError, match=message):
        draw(**changes)


def test_the_gated_unit_has_one_gate_for_two_proposals():
    figure = figures.gated_unit()
    said = words_of(figure)
    assert [said.count(word) for word in ("proposal:", "gate:", "$\\gamma$")] == [2, 1, 1]
    assert "$1 - \\gamma$" in said
    check_drawing(figure)


def test_the_table_holds_a_one_each_vector_and_all_products():
    figure = figures.products()
    said = [text.get_text() for text in figure.axes[0].texts]
    of_both = [word for word in said if "·" in word]
    assert of_both == ["a · p", "a · q", "b · p", "b · q", "c · p", "c · q"]
    assert [said.count(number) for number in "abcpq"] == [2] * 5  # in its vector, and in the table
    assert said.count("1") == 3
    assert words_of(figure).count("R factors") == 2
    check_drawing(figure)
