"""The figures on what a network has learnt show the numbers they are given."""

import numpy as np
import pytest

from mmtutorial import plots


def test_reading_writes_the_belief_of_the_class_in_front():
    probabilities = np.array([[0.6, 0.4], [0.1, 0.9], [0.3, 0.7]])
    axis = plots.token_heatmap(["a", "b", "c"], probabilities, ["x", "y"], title="t").axes[0]
    numbers = {t.get_position(): t.get_text() for t in axis.texts}
    assert numbers == {(0, 0): ".60", (1, 1): ".90", (2, 1): ".70"}
    assert [t.get_text() for t in axis.get_xticklabels()] == ["a", "b", "c"]
    assert [t.get_text() for t in axis.get_yticklabels()] == ["x", "y"]
    assert np.array_equal(axis.images[0].get_array(), probabilities.T)


def test_reading_refuses_beliefs_of_another_shape():
    with pytest.raises(ValueError, match=r"probabilities must be of shape \(3, 2\).* got \(2, 2\)"):
        plots.token_heatmap(["a", "b", "c"], np.ones((2, 2)), ["x", "y"], title="t")


def test_response_draws_every_curve_and_the_level_of_chance():
    curves = {"one": [1, 2, 3], "two": [3, 2, 1]}
    axis = plots.line_plot([0, 1, 2], curves, title="t", xlabel="x", ylabel="y", chance=0.5).axes[0]
    one, two, level = axis.lines
    assert list(one.get_ydata()) == [1, 2, 3]
    assert list(two.get_ydata()) == [3, 2, 1]
    assert set(level.get_ydata()) == {0.5}
    assert one.get_marker() != two.get_marker()
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("x", "y")


@pytest.mark.parametrize(
    ("curves", "message"),
    [
        ({}, "curves must hold at least one entry"),
        ({name: [1, 2] for name in "abcde"}, "curves must be 1 to 4, got 5"),
        ({"a": [1, 2, 3]}, r"must hold one per item.* got {\"curves\['a'\]\": 3, 'x': 2}"),
    ],
)
def test_response_refuses_what_it_cannot_draw(curves, message):
    with pytest.raises(ValueError, match=message):
        plots.line_plot([0, 1], curves, title="t", xlabel="x", ylabel="y")
