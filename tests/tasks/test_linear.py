"""The linear classifier finds the one lowest point; beliefs are joined and measured by the book."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.linear_model import LogisticRegression

from mmtutorial.tasks.linear import fit_linear, product_rule, surprisal_bits

RNG = np.random.default_rng(0)


def blobs(rows=120, classes=3):
    target = np.arange(rows) % classes
    return RNG.normal(size=(rows, 5)) + 1.5 * np.eye(classes, 5)[target], target


@pytest.mark.parametrize("penalty", [0.1, 1.0, 10.0])
def test_it_believes_what_scikit_learn_believes(penalty):
    features, target = blobs()
    ours = fit_linear(features, target, classes=3, penalty=penalty)
    theirs = LogisticRegression(C=1 / penalty, tol=1e-8, max_iter=2000).fit(features, target)
    expected = theirs.predict_log_proba(features)
    np.testing.assert_allclose(ours.predict_log_proba(features), expected, atol=2e-3)


def test_with_a_high_penalty_it_believes_the_frequencies():
    features, target = blobs()
    target[:30] = 0
    model = fit_linear(features, target, classes=3, penalty=1e9)
    shares = np.bincount(target) / len(target)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(features))[0], shares, atol=0.01)


def test_a_class_without_rows_is_unlikely_but_no_error():
    features, target = blobs()
    model = fit_linear(features, target, classes=4)
    assert np.exp(model.predict_log_proba(features))[:, 3].max() < 0.05


@pytest.mark.parametrize(
    ("features", "target", "options", "message"),
    [
        (np.zeros(3), np.zeros(3, int), {}, r"features must be \(rows, features\)"),
        (np.zeros((3, 1)), np.zeros(2, int), {}, r"got \(3, 1\) and \(2,\)"),
        (
            np.zeros((2, 1)),
            np.array([0, 2]),
            {},
            "target must hold whole numbers .* got 0 to 2",
        ),
        (np.zeros((2, 1)), np.array([0, -1]), {}, "target must hold"),
        (np.zeros((2, 1)), np.zeros(2, int), {"penalty": 0}, "penalty must be above 0"),
        (np.zeros((2, 1)), np.zeros(2, int), {"penalty": np.nan}, "penalty must be above 0"),
    ],
)
def test_what_does_not_fit_is_refused(features, target, options, message):
    with pytest.raises(ValueError, match=message):
        fit_linear(features, target, classes=2, **options)


def beliefs(rows=20, classes=4, seed=0):
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(classes), rows))


PRIOR = np.log([0.1, 0.2, 0.3, 0.4])


def test_a_modality_that_only_knows_the_frequencies_changes_nothing():
    knows = beliefs()
    nothing = np.broadcast_to(PRIOR, knows.shape)
    np.testing.assert_allclose(product_rule([knows, nothing, nothing], PRIOR), knows)


def test_the_product_rule_is_bayes_rule_where_modalities_err_independently():
    prior = np.exp(PRIOR)
    rng = np.random.default_rng(1)
    seen, heard = rng.dirichlet(np.ones(5), 4), rng.dirichlet(np.ones(6), 4)  # p(x | y)
    joint = prior[:, None, None] * seen[:, :, None] * heard[:, None, :]
    given = [np.log(prior[:, None] * one / (prior @ one)).T for one in (seen, heard)]
    for i in range(5):
        for j in range(6):
            joined = product_rule([given[0][[i]], given[1][[j]]], PRIOR)
            expected = joint[:, i, j] / joint[:, i, j].sum()
            np.testing.assert_allclose(np.exp(joined)[0], expected)


@given(
    hnp.arrays(float, (3, 2, 4), elements=st.floats(-30, 0)),
    st.permutations(range(3)),
)
@settings(max_examples=40)
def test_the_order_does_not_matter_and_the_result_sums_to_one(raw, order):
    joined = product_rule(list(raw), PRIOR)
    np.testing.assert_allclose(np.exp(joined).sum(axis=1), 1)
    np.testing.assert_allclose(product_rule([raw[i] for i in order], PRIOR), joined, atol=1e-9)


@pytest.mark.parametrize("given_beliefs", [[], [beliefs(), beliefs(rows=3)], [beliefs(classes=3)]])
def test_beliefs_that_do_not_fit_are_refused(given_beliefs):
    with pytest.raises(ValueError, match="log_probabilities must be at least one"):
        product_rule(given_beliefs, PRIOR)


def test_surprise_counts_yes_or_no_questions():
    log_p = np.log([[0.5, 0.25, 0.25], [1 / 8, 3 / 8, 1 / 2], [1.0, 1e-300, 1e-300]])
    np.testing.assert_allclose(surprisal_bits(log_p, np.array([0, 0, 0])), [1, 3, 0])


def test_surprise_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"got \(2, 3\) and \(3,\)"):
        surprisal_bits(np.zeros((2, 3)), np.zeros(3, int))


def test_booleans_are_two_classes_and_never_choose_rows():
    features = [[-1.0], [1.0]]
    weights, bias = fit_linear(features, np.array([False, True]), classes=2)
    np.testing.assert_allclose(weights, [[-0.52, 0.52]], atol=0.01)
    assert bias[0] == pytest.approx(bias[1], abs=1e-4)
    many = fit_linear(features * 6, np.array([False, True] * 6), classes=2)
    assert many.weights[0, 1] > weights[0, 1]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_features_that_are_no_numbers_are_refused(wrong):
    with pytest.raises(ValueError, match="features must hold finite numbers"):
        fit_linear([[wrong], [1.0]], [0, 1], classes=2)
    model = fit_linear([[-1.0], [1.0]], [0, 1], classes=2)
    with pytest.raises(ValueError, match="features must hold finite numbers"):
        model.predict_log_proba([[wrong]])
    with pytest.raises(ValueError, match=r"features must be \(rows, 1\), got shape \(1, 2\)"):
        model.predict_log_proba([[1.0, 2.0]])
    with pytest.raises(ValueError, match="with at least one row"):
        fit_linear(np.zeros((0, 1)), [], classes=2)


@pytest.mark.parametrize("target", [[-1, 0], [0, 3], [0.0, 1.0], ["a", "b"]])
def test_surprise_refuses_a_class_that_does_not_exist(target):
    with pytest.raises(ValueError, match="target must hold whole numbers from 0 to 2"):
        surprisal_bits(np.log(np.full((2, 3), 1 / 3)), target)
    with pytest.raises(ValueError, match=r"at most 0, got 0\.5"):
        surprisal_bits([[0.5, 0.5]], [0])  # probabilities, not their logarithms
    assert surprisal_bits([[0.0, -np.inf]], [1]).tolist() == [np.inf]  # it was sure, and wrong


def test_a_class_without_a_frequency_has_no_product():
    with np.errstate(divide="ignore"):
        sure, other = np.log([[1.0, 0.0]]), np.log([[0.0, 1.0]])
    fair = np.log([0.5, 0.5])
    with pytest.raises(ValueError, match="log_prior must know every class, but 1 never occurred"):
        product_rule([np.log([[0.5, 0.5]])], sure[0])
    with pytest.raises(ValueError, match="rule out every class in row 0"):
        product_rule([sure, other], fair)
    np.testing.assert_array_equal(np.exp(product_rule([sure, sure], fair)), [[1, 0]])
    given = [np.log([[0.8, 0.2]])] * 2
    joined = product_rule((belief for belief in given), fair)  # a generator is asked once only
    np.testing.assert_array_equal(joined, product_rule(given, fair))
    with pytest.raises(ValueError, match=r"log_probabilities\[0\] must hold logarithms .* got nan"):
        product_rule([[[np.nan, -1.0]]], fair)


def test_features_too_large_to_fit_are_refused():
    with pytest.raises(ValueError, match=r"features must lie within 1e\+12 of 0, got up to 1e\+20"):
        fit_linear([[-1e20], [1e20]], [0, 1], classes=2)
    model = fit_linear([[-1e12], [1e12]], [0, 1], classes=2)
    assert model.predict_log_proba([[1e12]]).argmax() == 1
