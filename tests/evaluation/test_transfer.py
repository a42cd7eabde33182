"""Gains of learning together: by hand, signs, scale, and what is refused."""

import numpy as np
import pytest

from mmtutorial.evaluation import interval, relative_gain, transfer_matrix

JOINT = {"group": [0.9, 0.8, 0.85], "error": [0.2, 0.1, 0.3]}
SINGLE = {"group": [0.8, 0.8, 0.8], "error": [0.2, 0.3, 0.1]}
PAIRS = {
    ("group", "hue"): {"group": 0.9, "hue": 0.4},
    ("hue", "error"): {"hue": 0.6, "error": 0.1},
    ("error", "group"): {"error": 0.4, "group": 0.4},
}
ALONE = {"group": 0.8, "hue": 0.5, "error": 0.2}


def test_it_is_the_mean_over_tasks_and_its_interval_over_seeds():
    gains = np.array([[0.1, 0.0, 0.05], [0.0, -0.2, 0.2]]) / [[0.8], [-0.2]]
    expected = interval(gains.mean(axis=0), confidence=0.9)
    found = relative_gain(JOINT, SINGLE, lower_is_better=("error",), confidence=0.9)
    np.testing.assert_allclose(found, expected)


def test_units_of_the_scores_do_not_matter():
    times = {"group": 100, "error": 0.01}
    joint, single = (
        {task: np.multiply(scores, times[task]) for task, scores in each.items()}
        for each in (JOINT, SINGLE)
    )
    np.testing.assert_allclose(relative_gain(joint, single), relative_gain(JOINT, SINGLE))
    same = relative_gain(SINGLE, SINGLE)
    assert same.mean == same.low == same.high == 0


def test_the_matrix_says_who_helps_whom():
    found = transfer_matrix(PAIRS, ALONE, lower_is_better=["error"])
    expected = [[0, -0.5, 0.2], [-1.0, 0, -0.2], [0.5, 0.125, 0]]  # error, group, hue
    np.testing.assert_allclose(found, expected, atol=1e-12)
    by_seed = {pair: {t: [s, s] for t, s in scores.items()} for pair, scores in PAIRS.items()}
    np.testing.assert_allclose(
        transfer_matrix(by_seed, ALONE, lower_is_better=["error"]), expected, atol=1e-12
    )


@pytest.mark.parametrize(
    ("joint", "single", "options", "message"),
    [
        ({"group": [1, 2]}, SINGLE, {}, "joint and single must be of the same tasks"),
        (JOINT, {**SINGLE, "error": [0.1, 0.2]}, {}, "must hold the scores of as many seeds"),
        ({"a": [1.0]}, {"a": [1.0]}, {}, "as many seeds, at least two"),
        (JOINT, {**SINGLE, "error": [0, 0, 0]}, {}, "single must hold a score above 0 for 'error'"),
        (JOINT, {**SINGLE, "error": [0, np.nan, 0]}, {}, r"single\['error'\] must hold finite"),
        (JOINT, SINGLE, {"lower_is_better": ["hue"]}, "lower_is_better must name some of"),
        (JOINT, SINGLE, {"lower_is_better": "error"}, "lower_is_better must be a list"),
        ([0.5], SINGLE, {}, "joint must be a dict"),
        ({}, {}, {}, "joint must be keyed by the names of tasks"),
    ],
)
def test_scores_that_cannot_be_compared_are_refused(joint, single, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        relative_gain(joint, single, **options)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({("group", "hue"): {"group": 0.9, "hue": 0.4}}, r"pairs must hold \('error', 'group'\)"),
        ({**PAIRS, ("group", "sound"): {}}, "pairs must be of two of the tasks"),
        ({**PAIRS, ("group", "group"): {}}, "pairs must be of two of the tasks"),
        ({**PAIRS, "group": {}}, "pairs must be of two of the tasks"),
        ({**PAIRS, ("group", "hue"): {"group": 0.9}}, "must hold a score of each"),
        ({**PAIRS, ("group", "hue"): {"group": 0.9, "hue": np.inf}}, "must hold finite numbers"),
        (None, "pairs must be a dict"),
    ],
)
def test_pairs_that_cannot_be_compared_are_refused(pairs, message):
    with pytest.raises((ValueError, TypeError), match=message):
        transfer_matrix(pairs, ALONE)
