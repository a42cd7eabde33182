"""The linear classifier finds the one lowest point; beliefs are joined and measured by the book."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.linear_model import LogisticRegression

from mmtutorial.experiments import fit_linear, product_rule, surprise

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
    np.testing.assert_allclose(ours.log_probabilities(features), expected, atol=2e-3)


def test_with_a_high_penalty_it_believes_the_frequencies():
    features, target = blobs()
    target[:30] = 0
    model = fit_linear(features, target, classes=3, penalty=1e9)
    shares = np.bincount(target) / len(target)
    np.testing.assert_allclose(np.exp(model.log_probabilities(features))[0], shares, atol=0.01)


def test_a_class_without_rows_is_unlikely_but_no_error():
    features, target = blobs()
    model = fit_linear(features, target, classes=4)
    assert np.exp(model.log_probabilities(features))[:, 3].max() < 0.05


@pytest.mark.parametrize(
    ("features", "target", "options", "message"),
    [
        (np.zeros(3), np.zeros(3, int), {}, r"features must be \(rows, features\)"),
        (np.zeros((3, 1)), np.zeros(2, int), {}, r"got \(3, 1\) and \(2,\)"),
        (np.zeros((2, 1)), np.array([0, 2]), {}, r"target must lie in 0\.\.1, got 0\.\.2"),
        (np.zeros((2, 1)), np.array([0, -1]), {}, "target must lie"),
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
    with pytest.raises(ValueError, match="log_beliefs must be at least one"):
        product_rule(given_beliefs, PRIOR)


def test_surprise_counts_yes_or_no_questions():
    log_p = np.log([[0.5, 0.25, 0.25], [1 / 8, 3 / 8, 1 / 2], [1.0, 1e-300, 1e-300]])
    np.testing.assert_allclose(surprise(log_p, np.array([0, 0, 0])), [1, 3, 0])


def test_surprise_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"got \(2, 3\) and \(3,\)"):
        surprise(np.zeros((2, 3)), np.zeros(3, int))
