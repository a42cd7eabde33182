"""The bound of rounding: what it lets pass, what it stops, and that layers are held to it."""

import re
from pathlib import Path

import check_numerics
import numpy as np
import pytest
import tolerance
from tolerance import assert_close, assert_differ, count_steps, make_rng, rounding_bound

TESTS = Path(__file__).parent
EPS = np.finfo("float32").eps


def test_the_bound_is_eight_roots_of_the_steps_times_the_largest_number():
    expected = np.array([-8.0, 2.0], "float32")
    assert rounding_bound(expected, expected, steps=9) == 8 * 3 * EPS * 8
    assert rounding_bound(expected, expected, steps=9, scale=1.0) == 24 * EPS
    exact = expected.astype(float)  # the coarser type counts
    assert rounding_bound(expected, exact, steps=9) == 24 * EPS * 8
    assert rounding_bound(exact, exact, steps=9) == 24 * np.finfo("float64").eps * 8


@pytest.mark.parametrize("terms", [10, 1000, 100_000])
def test_sums_in_any_order_keep_the_bound_and_use_a_part_of_it(terms, rng):
    numbers = rng.normal(size=(50, terms)).astype("float32")
    exact = numbers.astype(float).sum(axis=1)
    for order in (numbers, numbers[:, ::-1], np.sort(numbers), rng.permuted(numbers, axis=1)):
        one_by_one = np.add.accumulate(order, axis=1)
        partial = np.abs(one_by_one).max()  # the largest number on the way
        assert_close(one_by_one[:, -1], exact, steps=terms, scale=partial)


def test_a_leak_breaks_the_bound():
    values = make_rng(1).normal(size=(4, 8)).astype("float32")
    leaked = values + np.float32(1e-4) * values[::-1]
    assert_close(values * np.float32(1 + EPS), values, steps=400)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_close(leaked, values, steps=400)
    assert_differ(leaked, values, steps=400)
    with pytest.raises(AssertionError, match="which rounding alone may do"):
        assert_differ(values * np.float32(1 + EPS), values, steps=400)


def test_zeros_must_be_zeros_and_nothing_is_near_to_nan():
    zeros = np.zeros(3, "float32")
    assert_close(zeros, zeros, steps=100)
    with pytest.raises(AssertionError):
        assert_close(zeros + np.float32(1e-30), zeros, steps=100)
    with pytest.raises(AssertionError, match="not finite"):
        assert_close(zeros, zeros * np.nan, steps=100)
    with pytest.raises(AssertionError):
        assert_close(zeros * np.nan, zeros + 1, steps=100)
    with pytest.raises(AssertionError, match="would let anything pass"):
        rounding_bound(zeros, zeros, steps=10**12)


def test_steps_are_the_rows_of_the_kernels_and_the_places_summed():
    class Weight:
        def __init__(self, path, shape):
            self.path, self.shape = path, shape

    class Layer:
        weights = (Weight("a/kernel", (5, 7)), Weight("a/bias", (7,)), Weight("embeddings", (9, 5)))

    assert count_steps(Layer, np.zeros((2, 6, 5))) == 16 + (8 + 5) + (8 + 1) + 6
    assert count_steps(Layer, {"a": np.zeros((2, 3)), "b": np.zeros((2, 3))}) == 16 + 13 + 9 + 2


def test_another_seed_means_other_numbers(monkeypatch):
    first = make_rng(1).random()
    assert make_rng(1).random() == first != make_rng(2).random()
    monkeypatch.setattr(tolerance, "SEED", tolerance.SEED + 1)
    assert make_rng(1).random() != first


def test_no_tolerance_of_a_layer_is_found_by_trying():
    files = [TESTS / "layer_checks.py", TESTS / "fusion_checks.py"]
    files += [*(TESTS / "encoders").glob("*.py"), *(TESTS / "fusion").glob("*.py")]
    assert len(files) > 10
    for file in files:
        lines = file.read_text("utf-8").splitlines()
        tried = [line for line in lines if re.search(r"assert_allclose|\b[ar]tol=|rel=|abs=", line)]
        assert not tried, f"{file.name}: tests/tolerance.py derives a tolerance instead of {tried}"


def test_the_whole_run_has_twenty_seeds_and_the_quick_one_two_environments():
    whole, quick = check_numerics.plan(False), check_numerics.plan(True)
    halves = [seeds for name, (_, seeds) in whole.items() if name.startswith("seeds")]
    assert [seed for half in halves for seed in half] == [*range(1, 21)]
    assert sum(len(seeds) for _, seeds in quick.values()) == len(quick) == 2
    for name, variables in check_numerics.ENVIRONMENTS.items():
        assert whole[name][0] == variables
    for name, (variables, _) in quick.items():
        assert check_numerics.ENVIRONMENTS[name] == variables
