"""Ridge regression agrees with scikit-learn, and with its closed form at the ends."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from mmtutorial.tasks.ridge import fit_ridge_map

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(40, 6)) + 2, RNG.normal(size=(40, 3)) - 1


@pytest.mark.parametrize("penalty", [0.01, 1.0, 100.0])
def test_it_agrees_with_scikit_learn(penalty):
    found, other = fit_ridge_map(X, Y, penalty=penalty), Ridge(alpha=penalty).fit(X, Y)
    np.testing.assert_allclose(found.predict(X), other.predict(X), atol=1e-9)


def test_a_huge_penalty_leaves_the_mean_and_a_small_one_what_is_exact():
    mean = fit_ridge_map(X, Y, penalty=1e12).predict(X[:2])
    np.testing.assert_allclose(mean, np.tile(Y.mean(axis=0), (2, 1)), atol=1e-8)
    exact = X @ RNG.normal(size=(6, 2)) + 3
    np.testing.assert_allclose(fit_ridge_map(X, exact, penalty=1e-9).predict(X), exact, atol=1e-6)


def test_other_shapes_are_named():
    with pytest.raises(ValueError, match=r"as many in both, got \(3, 2\) and \(2, 2\)"):
        fit_ridge_map(np.ones((3, 2)), np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"inputs must be \(rows, 6\), got \(2, 5\)"):
        fit_ridge_map(X, Y).predict(np.ones((2, 5)))
