import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.data import load_emoji, load_stamps
from mmtutorial.evaluation import Interval, interval, paired_bootstrap, run_seeds
from mmtutorial.evaluation.uncertainty import FALSE_POSITIVE_RATE

scores = st.lists(st.floats(0, 1), min_size=2, max_size=12)

# --- interval


@given(scores, st.floats(0.05, 0.999))
def test_interval_agrees_with_scipy(values, confidence):
    result = interval(values, confidence=confidence)
    error = scipy.stats.sem(values)
    if error == 0:
        expected = (np.mean(values), np.mean(values))
    else:
        expected = scipy.stats.t.interval(
            confidence, len(values) - 1, loc=np.mean(values), scale=error
        )
    np.testing.assert_allclose(result, (np.mean(values), *expected), rtol=1e-9, atol=1e-12)


def test_interval_by_hand():
    """Two runs, 0 and 1: one degree of freedom, where Student's quantile is a tangent."""
    mean, low, high = interval([0, 1])
    half = np.tan(np.pi * 0.475) * 0.5
    np.testing.assert_allclose([mean, low, high], [0.5, 0.5 - half, 0.5 + half])


@pytest.mark.parametrize("confidence", [0.5, 0.95])
@pytest.mark.parametrize("runs", [3, 5])
def test_interval_covers_the_truth_as_often_as_it_says(confidence, runs):
    """A normal quantile in its place would cover 0.88 instead of 0.95 of five-run means."""
    rng = np.random.default_rng(0)
    trials = 4000
    draws = rng.normal(0.8, 0.02, size=(trials, runs))
    hits = 0
    for values in draws:
        _, low, high = interval(values, confidence=confidence)
        hits += low <= 0.8 <= high
    error = np.sqrt(confidence * (1 - confidence) / trials)
    assert abs(hits / trials - confidence) < 3 * error


@given(scores, st.floats(0.1, 10), st.floats(-5, 5))
def test_interval_moves_and_stretches_with_its_unit(values, scale, shift):
    moved = interval(np.array(values) * scale + shift)
    expected = np.array(interval(values)) * scale + shift
    np.testing.assert_allclose(moved, expected, atol=1e-9)


def test_interval_is_readable():
    result = interval([0.80, 0.82, 0.81, 0.83, 0.79])
    assert isinstance(result, Interval)
    assert str(result) == "0.810 ± 0.020"
    assert result.low < result.mean < result.high


def test_interval_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"values must be at least two runs.*got shape \(1,\)"):
        interval([0.8])
    with pytest.raises(ValueError, match=r"values must be .*got shape \(2, 2\)"):
        interval([[0.8, 0.9], [0.7, 0.8]])
    for confidence in (0, 1, 95):
        with pytest.raises(ValueError, match=f"confidence must be above 0 .*got {confidence}"):
            interval([0.8, 0.9], confidence=confidence)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=rf"^values must hold finite numbers, got {wrong} \(1 in"):
        interval([0.8, wrong, 0.9])
    with pytest.raises(ValueError, match=rf"^a must hold finite numbers, got {wrong}"):
        paired_bootstrap([1, wrong], [0, 1])
    with pytest.raises(ValueError, match=rf"^b must hold finite numbers, got {wrong} \(2 in all"):
        paired_bootstrap([1, 0], [wrong, wrong])


# --- run_seeds


def test_run_seeds_collects_by_name_in_the_order_of_the_seeds():
    called = []

    def experiment(seed):
        called.append(seed)
        return {"score": seed / 10, "loss": -seed}

    result = run_seeds(experiment, (seed for seed in [3, 1, 2]), progress=False)
    assert called == [3, 1, 2]
    assert list(result) == ["score", "loss"]
    np.testing.assert_allclose(result["score"], [0.3, 0.1, 0.2])
    np.testing.assert_array_equal(result["loss"], [-3, -1, -2])


def test_run_seeds_shows_progress_unless_told_not_to(capsys):
    run_seeds(lambda seed: {"a": seed}, [1, 2])
    assert "seeds" in capsys.readouterr().err
    run_seeds(lambda seed: {"a": seed}, [1, 2], progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("seeds", [[], [1, 1], [0, 1, 0]])
def test_run_seeds_refuses_no_seeds_and_repeated_ones(seeds):
    with pytest.raises(ValueError, match=r"seeds must (be all different|hold at least one)"):
        run_seeds(lambda seed: {"a": 1}, seeds, progress=False)


def test_run_seeds_refuses_results_that_do_not_match():
    with pytest.raises(ValueError, match=r"function must return the same keys .*'a', 'b'.*'a'"):
        run_seeds(lambda s: {"a": 1} if s < 2 else {"a": 1, "b": 2}, [1, 2], progress=False)
    with pytest.raises(TypeError, match="function returns must be a dict such as"):
        run_seeds(lambda seed: 0.5, [1, 2], progress=False)


# --- paired bootstrap


def outcomes(items=200, seed=0, better=0.1):
    """Right and wrong answers of two methods that agree on most items."""
    rng = np.random.default_rng(seed)
    b = (rng.random(items) < 0.7).astype(float)
    a = np.where(rng.random(items) < better, 1.0, b)
    return a, np.where(rng.random(items) < 0.03, 1 - b, b)


def bootstrap_by_loop(a, b, groups, samples, seed):
    """The same question, one test set at a time."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    differences = []
    for _ in range(samples):
        drawn = rng.integers(0, len(members), len(members))
        rows = np.concatenate([members[group] for group in drawn])
        differences.append(a[rows].mean() - b[rows].mean())
    return np.array(differences)


@pytest.mark.parametrize("grouped", [False, True])
def test_bootstrap_agrees_with_a_plain_loop(grouped):
    a, b = outcomes(better=0.05)
    groups = np.arange(200)
    if grouped:  # of unequal sizes, in no order
        groups = np.random.default_rng(1).integers(0, 40, 200) ** 2
    result = paired_bootstrap(a, b, groups=groups if grouped else None, samples=20_000)
    loop = bootstrap_by_loop(a, b, groups, samples=6000, seed=5)
    assert result.difference == pytest.approx(np.mean(a - b))
    spread = loop.std()
    low, high = np.quantile(loop, [0.025, 0.975])
    assert result.low == pytest.approx(low, abs=0.12 * spread)
    assert result.high == pytest.approx(high, abs=0.12 * spread)
    two_sided = 2 * min(np.mean(loop <= 0), np.mean(loop >= 0))
    assert result.p_value == pytest.approx(two_sided, abs=0.02)
    assert result.p_value > 0.001  # or nothing was compared


def test_bootstrap_of_many_items_has_the_width_of_the_normal_formula():
    a, b = outcomes(items=1500)
    result = paired_bootstrap(a, b, samples=4000, confidence=0.9)
    half = scipy.stats.norm.ppf(0.95) * np.std(a - b) / np.sqrt(1500)
    assert (result.high - result.low) / 2 == pytest.approx(half, rel=0.06)


def test_bootstrap_is_paired():
    """Both methods fail on the same items: what they share does not widen the interval."""
    a, b = outcomes()
    noise = np.random.default_rng(1).normal(0, 10, 200)
    plain, shared = paired_bootstrap(a, b), paired_bootstrap(a + noise, b + noise)
    np.testing.assert_allclose(shared, plain, atol=1e-9)


def test_copies_in_a_group_teach_nothing_new():
    """Each item four times: alone the interval halves, as groups it stays what it was."""
    a, b = outcomes()
    once = paired_bootstrap(a, b)
    groups = np.repeat(np.arange(200), 4)
    copies = [np.repeat(scores, 4) for scores in (a, b)]
    grouped = paired_bootstrap(*copies, groups=groups)
    np.testing.assert_allclose(grouped, once, atol=1e-9)
    fooled = paired_bootstrap(*copies)
    assert fooled.high - fooled.low == pytest.approx((once.high - once.low) / 2, rel=0.1)


def test_labels_of_groups_may_be_words():
    a, b = outcomes(items=60)
    numbers = np.arange(60) // 3
    words = np.array([f"concept {number:02}" for number in numbers])
    assert paired_bootstrap(a, b, groups=words) == paired_bootstrap(a, b, groups=numbers)


def test_p_value_at_its_extremes():
    ones, zeros = np.ones(20), np.zeros(20)
    assert paired_bootstrap(ones, zeros).p_value < 0.001
    assert paired_bootstrap(zeros, ones).p_value < 0.001
    assert paired_bootstrap(ones, ones)[:] == (0.0, 0.0, 0.0, 1.0)
    balanced = paired_bootstrap([1, 0] * 50, [0, 1] * 50)
    assert balanced.difference == 0
    assert balanced.p_value > 0.9
    assert balanced.low == pytest.approx(-balanced.high, abs=0.03)


def test_p_value_of_a_true_tie_is_evenly_spread():
    """Methods of the same quality are called different in about one test set of twenty."""
    rng = np.random.default_rng(0)
    found = [
        paired_bootstrap(rng.normal(size=60), rng.normal(size=60), samples=400, seed=trial).p_value
        for trial in range(400)
    ]
    assert 0.02 < np.mean(np.array(found) < 0.05) < 0.1
    assert 0.4 < np.mean(np.array(found) < 0.5) < 0.6


def test_bootstrap_is_antisymmetric_and_reproducible():
    a, b = outcomes()
    forth, back = paired_bootstrap(a, b, seed=3), paired_bootstrap(b, a, seed=3)
    np.testing.assert_allclose(
        [-back.difference, -back.high, -back.low, back.p_value], forth, atol=1e-9
    )
    assert paired_bootstrap(a, b, seed=3) == forth
    assert paired_bootstrap(a, b, seed=4, samples=100) != paired_bootstrap(
        a, b, seed=3, samples=100
    )


def test_bootstrap_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"a and b must be of one shape .*\(2,\) and \(3,\)"):
        paired_bootstrap([1, 0], [1, 0, 1])
    with pytest.raises(ValueError, match="a and b must be of one shape"):
        paired_bootstrap([], [])
    with pytest.raises(ValueError, match=r"groups must have the shape of a, \(2,\), got \(3,\)"):
        paired_bootstrap([1, 0], [0, 1], groups=[1, 2, 3])
    with pytest.raises(ValueError, match="samples must be at least 1, got 0"):
        paired_bootstrap([1] * 10, [0] * 10, samples=0)
    with pytest.raises(ValueError, match="confidence must be above 0 and below 1, got 95"):
        paired_bootstrap([1, 0], [0, 1], confidence=95)


def test_a_bootstrap_never_claims_certainty():
    # With n draws, the smallest p-value that can be told apart from 0 is 2 / (n + 1).
    assert paired_bootstrap([1] * 12, [0] * 12, samples=999).p_value == pytest.approx(2 / 1000)


@pytest.mark.parametrize("groups", [None, [7]])
def test_one_item_or_group_has_no_spread(groups):
    count = 1 if groups is None else 4
    with pytest.raises(ValueError, match=r"at least two groups .* got 1"):
        paired_bootstrap([1] * count, [0] * count, groups=groups and groups * count)


@pytest.mark.parametrize("count", [2, 5, 9])
def test_few_groups_are_as_unsure_as_the_warning_says(count):
    """Two methods of one quality, 400 times: how often does luck look like a difference?"""
    rng, hits = np.random.default_rng(count), 0
    for trial in range(400):
        pair = rng.normal(size=(2, count))
        with pytest.warns(
            UserWarning, match=f"{count} groups are few.*{FALSE_POSITIVE_RATE[count]:.0%}"
        ):
            hits += paired_bootstrap(*pair, samples=500, seed=trial).p_value < 0.05
    error = np.sqrt(FALSE_POSITIVE_RATE[count] * (1 - FALSE_POSITIVE_RATE[count]) / 400)
    assert abs(hits / 400 - FALSE_POSITIVE_RATE[count]) < 3 * error + 0.01


def test_ten_groups_give_no_warning(recwarn):
    paired_bootstrap([1] * 10, [0] * 10, samples=10)
    assert not recwarn.list


def test_no_stored_comparison_has_few_groups():
    test = load_emoji(image="features").test.targets["concept"]
    clusters = load_stamps(image="features").test.info["cluster"]
    assert 1000 > len(np.unique(test)) > 100
    assert 1000 > len(np.unique(clusters)) > 100  # and never so many that draws come in parts


def test_many_groups_are_drawn_in_parts(monkeypatch):
    a, b = outcomes(items=150)
    whole = paired_bootstrap(a, b, samples=1000)
    monkeypatch.setattr("mmtutorial.evaluation.uncertainty.MAX_COUNTS", 150 * 64)
    np.testing.assert_allclose(paired_bootstrap(a, b, samples=1000), whole, atol=1e-12)


def test_a_group_that_nobody_knows_is_none():
    for groups in ([0, 1, np.nan], ["a", None, "b"], ["a", np.nan, "b"]):
        with pytest.raises(ValueError, match="groups must hold class labels"):
            paired_bootstrap([1, 0, 1], [0, 1, 1], groups=groups)


@pytest.mark.parametrize("wrong", ["0.95", None, True])
def test_confidence_is_a_number(wrong):
    with pytest.raises(TypeError, match="confidence must be a number"):
        interval([1, 2], confidence=wrong)
    with pytest.raises(TypeError, match="samples must be a whole number"):
        paired_bootstrap([1] * 10, [0] * 10, samples=2.5)
    with pytest.raises(TypeError, match="values must hold numbers"):
        interval(["0.8", "0.9"])
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0, got -1"):
        paired_bootstrap([1] * 10, [0] * 10, seed=-1)
    with pytest.raises(TypeError, match="seeds must be several"):
        run_seeds(lambda seed: {"a": 1}, 5)
    with pytest.raises(TypeError, match="progress must be True or False, got 'no'"):
        run_seeds(lambda seed: {"a": 1}, [1], progress="no")
    with pytest.raises(TypeError, match="function returns as 'a' must hold numbers"):
        run_seeds(lambda seed: {"a": "good"}, [1], progress=False)
    with pytest.raises(ValueError, match=r"function must return numbers, got .* as 'a'"):
        run_seeds(lambda seed: {"a": [0.5, 0.5]}, [1], progress=False)


def test_scores_too_large_for_the_arithmetic_are_refused():
    with pytest.raises(ValueError, match=r"values must lie within 1e\+150 of 0, got up to 1e\+308"):
        interval([1e308, -1e308, 1e308])
    with pytest.raises(ValueError, match=r"b must lie within 1e\+150 of 0"):
        paired_bootstrap([0] * 12, [-1e308] * 12)
    assert np.isfinite(interval([1e150, -1e150, 1e150])).all()
    assert np.isfinite(paired_bootstrap([1e150] * 12, [-1e150] * 12)).all()
