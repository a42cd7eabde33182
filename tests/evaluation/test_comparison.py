"""Adjusted p-values and average ranks, against closed forms and other ways to compute them."""

import itertools

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mmtutorial.evaluation import average_ranks, holm

p_values = st.lists(st.floats(0, 1), max_size=12)
# Few different numbers, so that many are equal.
tables = arrays(int, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.integers(0, 4))

# --- Holm


def closed_testing(given):
    """Holm as a closed test: the largest Bonferroni p-value of the sets that hold a comparison."""
    numbers, adjusted = range(len(given)), np.zeros(len(given))
    for size in range(1, len(given) + 1):
        for some in itertools.combinations(numbers, size):
            bonferroni = min(1.0, size * min(given[i] for i in some))
            adjusted[list(some)] = np.maximum(adjusted[list(some)], bonferroni)
    return adjusted


@given(st.lists(st.floats(0, 1), max_size=7))
def test_holm_is_the_closed_test_with_bonferroni(given):
    np.testing.assert_allclose(holm(given), closed_testing(given), rtol=1e-12)


def test_holm_by_hand():
    # 4 * 0.005; 3 * 0.01; 2 * 0.03; 1 * 0.04 is less than 2 * 0.03, so that stays
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


@given(p_values)
def test_holm_lies_between_the_raw_p_value_and_bonferroni(given):
    adjusted, raw = holm(given), np.array(given)
    assert adjusted.shape == raw.shape
    assert np.all(adjusted >= raw)
    assert np.all(adjusted <= np.minimum(1, len(given) * raw))


@given(p_values)
def test_holm_keeps_the_order_and_ties(given):
    adjusted = holm(given)[np.argsort(given, kind="stable")]
    assert np.all(np.diff(adjusted) >= 0)
    for value in set(given):
        assert len(set(holm(given)[np.array(given) == value])) == 1


@given(p_values.flatmap(lambda given: st.tuples(st.just(given), st.permutations(given))))
def test_holm_does_not_depend_on_the_order_of_comparisons(pair):
    given, shuffled = map(np.array, pair)
    np.testing.assert_array_equal(np.sort(holm(given)), np.sort(holm(shuffled)))
    order = np.argsort(shuffled, kind="stable")
    np.testing.assert_array_equal(holm(shuffled)[order], holm(shuffled[order]))


@given(p_values, st.floats(0, 1))
def test_another_comparison_makes_no_p_value_smaller(given, added):
    assert np.all(holm([*given, added])[:-1] >= holm(given))


def test_one_comparison_needs_no_adjustment_and_none_gives_none():
    assert holm([0.04]) == [0.04]
    assert holm([]).shape == (0,)
    np.testing.assert_array_equal(holm([0, 1]), [0, 1])


def test_holm_keeps_the_family_wise_error_rate():
    """Ten true null hypotheses: a false alarm in at most 5 % of all families, not in 40 %."""
    families = np.random.default_rng(0).random((2000, 10))
    assert np.mean(families.min(axis=1) < 0.05) > 0.35
    alarms = np.mean([holm(family).min() < 0.05 for family in families])
    assert 0.03 < alarms < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_holm_leaves_its_argument():
    given = np.array([0.5, 0.01])
    holm(given)
    np.testing.assert_array_equal(given, [0.5, 0.01])


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([0.5, 1.1], ValueError, r"p_values must lie in 0\.\.1, got 0.5 to 1.1"),
        ([-0.1], ValueError, r"p_values must lie in 0\.\.1"),
        ([np.nan, 0.1], ValueError, "p_values must hold finite numbers"),
        (0.5, ValueError, r"p_values must be of shape \(comparisons,\), got shape \(\)"),
        ([[0.5]], ValueError, r"p_values must be of shape .* got shape \(1, 1\)"),
        (["0.5"], TypeError, "p_values must hold numbers"),
        ([True], TypeError, "p_values must hold .*numbers, got bool"),
    ],
)
def test_holm_says_what_is_wrong(wrong, error, message):
    with pytest.raises(error, match=message):
        holm(wrong)


# --- average ranks


@given(tables)
def test_average_ranks_agree_with_scipy(scores):
    expected = scipy.stats.rankdata(-scores, axis=0).mean(axis=1)
    np.testing.assert_allclose(average_ranks(scores), expected)


@given(tables)
def test_average_ranks_sum_to_what_ranks_sum_to(scores):
    count = len(scores)
    ranks = average_ranks(scores)
    assert ranks.sum() == pytest.approx(count * (count + 1) / 2)
    assert 1 <= ranks.min() <= ranks.max() <= count


@given(tables)
def test_average_ranks_ask_only_for_the_order_within_a_data_set(scores):
    scale = np.arange(1, scores.shape[1] + 1)
    np.testing.assert_allclose(average_ranks(np.exp(scores * scale) - scale), average_ranks(scores))


@given(tables)
def test_the_other_way_round_ranks_are_mirrored(scores):
    np.testing.assert_allclose(average_ranks(-scores), len(scores) + 1 - average_ranks(scores))


@given(tables, st.randoms(use_true_random=False))
def test_average_ranks_go_with_their_methods(scores, random):
    rows, columns = (random.sample(range(size), size) for size in scores.shape)
    moved = average_ranks(scores[rows][:, columns])
    np.testing.assert_allclose(moved, average_ranks(scores)[rows])


def test_average_ranks_of_equal_methods_are_all_in_the_middle():
    np.testing.assert_array_equal(average_ranks(np.ones((4, 3))), [2.5] * 4)
    np.testing.assert_array_equal(average_ranks([[7]]), [1])


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([0.5, 0.6], ValueError, r"scores must be of shape \(methods, data sets\).*got shape \(2,"),
        (np.ones((0, 2)), ValueError, r"at least one of each, got shape \(0, 2\)"),
        ([[0.5], [np.inf]], ValueError, "scores must hold finite numbers"),
        ([[0.5], [0.5, 0.6]], ValueError, "scores must be one array"),
        ([["good"]], TypeError, "scores must hold numbers"),
    ],
)
def test_average_ranks_say_what_is_wrong(wrong, error, message):
    with pytest.raises(error, match=message):
        average_ranks(wrong)
