import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.evaluation import expected_calibration_error, fit_temperature, reliability


def draw(rng, items=60, classes=4):
    return rng.integers(classes, size=items), rng.dirichlet(np.full(classes, 0.5), items)


def by_loop(y_true, probabilities, bins):
    """Follow the definition of Guo et al., equations 2 and 3, item by item."""
    error = 0.0
    for m in range(bins):
        members = [
            (row.max(), row.argmax() == truth)
            for truth, row in zip(y_true, probabilities, strict=True)
            if m / bins < row.max() <= (m + 1) / bins
        ]
        if members:
            sure, right = np.array(members, dtype=float).T
            error += len(members) / len(y_true) * abs(right.mean() - sure.mean())
    return error


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_it_equals_the_definition_read_item_by_item(bins, seed):
    y_true, probabilities = draw(np.random.default_rng(seed))
    ours = expected_calibration_error(y_true, probabilities, bins=bins)
    assert ours == pytest.approx(by_loop(y_true, probabilities, bins))
    assert 0 <= ours <= 1


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_the_diagram_accounts_for_every_item(bins, seed):
    y_true, probabilities = draw(np.random.default_rng(seed))
    confidence, accuracy, count = reliability(y_true, probabilities, bins=bins)
    assert count.sum() == len(y_true)
    np.testing.assert_array_equal(np.isnan(accuracy), count == 0)
    right = np.mean(probabilities.argmax(axis=1) == y_true)
    assert np.nansum(accuracy * count) / count.sum() == pytest.approx(right)
    full = count > 0
    edges = np.linspace(0, 1, bins + 1)
    assert (confidence[full] > edges[:-1][full] - 1e-12).all()
    assert (confidence[full] <= edges[1:][full] + 1e-12).all()


def test_sure_and_right_is_perfect_and_sure_and_wrong_is_the_worst():
    certain = np.eye(3)[[0, 1, 2]]
    assert expected_calibration_error([0, 1, 2], certain) == 0
    assert expected_calibration_error([1, 2, 0], certain) == 1


def test_one_bin_compares_the_two_means():
    y_true, probabilities = draw(np.random.default_rng(3))
    gap = probabilities.max(axis=1).mean() - np.mean(probabilities.argmax(axis=1) == y_true)
    error = expected_calibration_error(y_true, probabilities, bins=1)
    assert error == pytest.approx(abs(gap))


def test_a_model_that_draws_its_answers_from_its_own_beliefs_is_calibrated():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet([1, 1, 1], 40_000)
    y_true = (probabilities.cumsum(axis=1) > rng.random((40_000, 1))).argmax(axis=1)
    assert expected_calibration_error(y_true, probabilities) < 0.01
    shifted = (y_true + 1) % 3
    assert expected_calibration_error(shifted, probabilities) > 0.2


@pytest.mark.parametrize("bins", [5, 10, 15, 30, 33, 50])
def test_an_edge_belongs_to_the_lower_bin(bins):
    for every in (np.linspace(0, 1, bins + 1), np.arange(bins + 1) / bins):  # they round otherwise
        edges = every[bins // 2 + 1 :]
        rows = np.stack([edges, 1 - edges], axis=1)
        count = reliability(np.zeros(len(rows), int), rows, bins=bins).count
        np.testing.assert_array_equal(count[-len(edges) :], 1)


def test_a_little_more_than_one_is_rounding():
    assert reliability([0], [[1 + 1e-7, 0.0]]).count[-1] == 1


def test_calibration_says_what_is_wrong():
    good = np.full((2, 2), 0.5)
    with pytest.raises(ValueError, match="did you forget the softmax"):
        expected_calibration_error([0, 1], np.array([[2.0, -1.0], [0.0, 1.0]]))
    with pytest.raises(ValueError, match="sum to 1"):
        reliability([0, 1], good * 1.1)
    with pytest.raises(ValueError, match="whole numbers from 0 to 1"):
        reliability([0, 2], good)
    with pytest.raises(ValueError, match="whole numbers from 0 to 1"):
        reliability([0.0, 1.0], good)
    with pytest.raises(ValueError, match=r"one y_true per item, got shapes \(2, 2\) and \(3,\)"):
        reliability([0, 1, 1], good)
    with pytest.raises(ValueError, match=r"\(items, classes\)"):
        reliability([], np.empty((0, 2)))
    with pytest.raises(ValueError, match="bins must be at least 1, got 0"):
        reliability([0, 1], good, bins=0)
    with pytest.raises(ValueError, match="probabilities must hold finite numbers, got nan"):
        reliability([0, 1], good * np.nan)


# Temperature


def cross_entropy(logits, y_true, temperature):
    scaled = logits / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    logs = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    return -logs[np.arange(len(y_true)), y_true].mean()


@pytest.mark.filterwarnings("ignore:temperature")
@given(st.floats(1.1, 30), st.integers(1, 9))
def test_two_classes_have_a_closed_form(margin, right):
    y_true = np.array([0] * right + [1] * (10 - right))
    logits = np.tile([margin, 0.0], (10, 1))
    odds = right / (10 - right)
    found = fit_temperature(logits, y_true)
    if odds > 1 and 0.01 < margin / np.log(odds) < 100:
        assert found == pytest.approx(margin / np.log(odds), rel=1e-2)
    elif odds <= 1:
        assert found > 90  # no finite temperature undoes a model that is wrong more than right


def test_no_temperature_of_a_fine_grid_is_better():
    rng = np.random.default_rng(1)
    logits, y_true = rng.normal(size=(200, 5)) * 3, rng.integers(5, size=200)
    logits[np.arange(200), y_true] += 4
    found = cross_entropy(logits, y_true, fit_temperature(logits, y_true))
    grid = [cross_entropy(logits, y_true, t) for t in np.geomspace(0.01, 100, 2000)]
    assert found <= min(grid) + 1e-6


def test_it_undoes_a_known_temperature_and_a_shift_changes_nothing():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20_000, 4)) * 2
    truth = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y_true = (truth.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    assert fit_temperature(3 * logits, y_true) == pytest.approx(3, rel=0.03)
    shifted = 3 * logits + rng.normal(size=(20_000, 1)) * 50
    assert fit_temperature(shifted, y_true) == pytest.approx(fit_temperature(3 * logits, y_true))


@pytest.mark.filterwarnings("ignore:temperature")
def test_huge_logits_stay_finite():
    logits = np.array([[1e4, 0.0], [1e4, 0.0], [0.0, 1e4]])
    assert 0.01 <= fit_temperature(logits, [0, 0, 0]) <= 100


def test_temperature_says_what_is_wrong():
    with pytest.raises(ValueError, match="logits must hold finite numbers, got -inf"):
        fit_temperature(np.array([[0.0, -np.inf]]), [0])
    with pytest.raises(ValueError, match="whole numbers from 0 to 1"):
        fit_temperature(np.zeros((1, 2)), [-1])


@pytest.mark.parametrize("labels", [["cat", "dog"], [0.0, 1.0], [True, False]])
def test_labels_that_are_no_codes_are_refused(labels):
    with pytest.raises(ValueError, match="y_true must hold whole numbers from 0 to 1, one of"):
        reliability(labels, [[0.9, 0.1], [0.3, 0.7]])
    with pytest.raises(ValueError, match="y_true must hold whole numbers from 0 to 1, one of"):
        fit_temperature([[1.0, 2.0], [0.0, 1.0]], labels)


@pytest.mark.parametrize("wrong", [15.0, True, "15"])
def test_bins_are_counted_in_whole_numbers(wrong):
    with pytest.raises(TypeError, match=f"bins must be a whole number, got {wrong!r}"):
        expected_calibration_error([0, 1], [[0.9, 0.1], [0.3, 0.7]], bins=wrong)


@pytest.mark.parametrize("logits", [np.zeros((4, 3)), np.full((4, 3), 7.5), np.zeros((4, 1))])
def test_where_every_temperature_is_as_good_it_is_one(logits, recwarn):
    assert fit_temperature(logits, np.arange(4) % logits.shape[1]) == 1.0
    assert not recwarn.list


def test_a_bound_is_returned_as_it_is_and_named():
    sure = np.array([[3.0, 0.0], [0.0, 2.0]])
    with pytest.warns(UserWarning, match=r"0\.01 is a bound .* sharper still"):
        assert fit_temperature(sure, [0, 1]) == pytest.approx(0.01)
    with pytest.warns(UserWarning, match=r"100 is a bound .* flatter still"):
        assert fit_temperature(sure, [1, 0]) == pytest.approx(100)


def test_texts_are_no_logits():
    with pytest.raises(TypeError, match="logits must hold numbers, got <U1"):
        fit_temperature([["1", "2"]], [0])
