"""Multinomial logistic regression, the product rule, and surprisal."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax

from mmtutorial._checks import check_array, check_labels, check_number, check_whole
from mmtutorial._probabilities import check_frequencies, check_log_probabilities, normalise

MAX_CLASSES = 10**6
MOST = 1e12  # of a feature; of larger ones, L-BFGS finds no weights
LIMITS = {"maxiter": 500, "ftol": 1e-7}


class Linear(NamedTuple):
    """What was learnt: ``weights`` is (features, classes), ``bias`` is (classes,)."""

    weights: np.ndarray
    bias: np.ndarray

    def predict_log_proba(self, features: ArrayLike) -> np.ndarray:
        """Return the natural logarithm of each class's probability, (rows, classes)."""
        features = check_array("features", features)
        if features.ndim != 2 or features.shape[1] != len(self.weights):
            raise ValueError(
                f"features must be (rows, {len(self.weights)}), got shape {features.shape}"
            )
        return log_softmax(features @ self.weights + self.bias, axis=1)


def fit_linear(
    features: ArrayLike, target: ArrayLike, *, classes: int, penalty: float = 1.0
) -> Linear:
    """Fit multinomial logistic regression: one weight for each number and class, and a bias.

    The loss is cross-entropy summed over the rows, plus ``penalty / 2`` times the sum of the
    squared weights. It has one lowest point, which L-BFGS finds: no seed matters.

    Parameters
    ----------
    features : (rows, features) of float
    target : (rows,) of int, below ``classes``; booleans are the classes 0 and 1
    classes : how many classes there are
    penalty : strength of the L2 penalty on the weights, the inverse of scikit-learn's ``C``

    Raises ``ValueError`` without rows or if the shapes do not fit, for features that are not
    finite or beyond 1e12, for a class that does not exist, and if the penalty is not above 0.
    Paper: Cox 1958, The Regression Analysis of Binary Sequences.

    >>> model = fit_linear(np.array([[-1.0], [1.0]]), np.array([0, 1]), classes=2)
    >>> int(model.predict_log_proba(np.array([[2.0]])).argmax())
    1
    """
    from scipy.optimize import minimize  # here, so that importing the package stays quick

    check_whole("classes", classes, least=1)
    check_number("penalty", penalty, above=0)
    features = check_array("features", features, most=MOST).astype(float)
    target = check_array("target", target, kinds="biufOUS", finite=False)
    if features.ndim != 2 or not features.size or target.shape != features.shape[:1]:
        raise ValueError(
            "features must be (rows, features), with at least one row and one feature, and target "
            f"(rows,), got {features.shape} and {target.shape}"
        )
    target = check_labels("target", target, classes=classes)
    width, truth = features.shape[1], np.eye(classes)[target]

    def loss_and_gradient(flat):
        weights, bias = flat[:-classes].reshape(width, classes), flat[-classes:]
        log_p = log_softmax(features @ weights + bias, axis=1)
        error = np.exp(log_p) - truth
        loss = penalty / 2 * np.sum(weights**2) - np.sum(log_p * truth)
        gradient = features.T @ error + penalty * weights
        return loss, np.concatenate([gradient.ravel(), error.sum(axis=0)])

    frequent = np.log((truth.sum(axis=0) + 1) / (len(truth) + classes))  # a good first guess
    start = np.concatenate([np.zeros(width * classes), frequent])
    found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options=LIMITS).x
    return Linear(found[:-classes].reshape(width, classes), found[-classes:])


def product_rule(log_probabilities: Iterable[ArrayLike], log_prior: ArrayLike) -> np.ndarray:
    """Product rule: multiply the probabilities of several modalities, as if they were independent.

    Each contains the classes' frequencies, so all but one of these are divided
    out: ``p(y) * prod_m p(y | x_m) / p(y)``, made to sum to 1.

    Parameters
    ----------
    log_probabilities : sequence of (rows, classes), natural logarithms of probabilities
    log_prior : (classes,), the logarithm of each class's frequency in training

    Returns (rows, classes), logarithms again. Raises ``ValueError`` without probabilities, if their
    shapes differ, for what is no logarithm of a probability, for a class without a frequency, and
    where the modalities rule out every class. Paper: Kittler, Hatef, Duin and Matas 1998.

    >>> fair = np.log([0.5, 0.5])
    >>> np.exp(product_rule([np.log([[0.8, 0.2]]), np.log([[0.8, 0.2]])], fair)).round(2)
    array([[0.94, 0.06]])
    """
    if not isinstance(log_probabilities, Iterable):
        raise TypeError(
            f"log_probabilities must be a sequence of arrays, got {log_probabilities!r}"
        )
    log_probabilities = [
        check_log_probabilities(f"log_probabilities[{place}]", log_p)
        for place, log_p in enumerate(log_probabilities)
    ]
    log_prior = check_frequencies("log_prior", log_prior)
    shapes = {log_p.shape for log_p in log_probabilities}
    if len(shapes) != 1 or next(iter(shapes))[-1:] != log_prior.shape:
        raise ValueError(
            "log_probabilities must be at least one, all (rows, classes), and log_prior "
            f"(classes,), got {sorted(shapes)} and {log_prior.shape}"
        )
    joined = log_prior
    for log_p in log_probabilities:
        joined = joined + (log_p - log_prior)
    return normalise(joined)


def surprisal_bits(log_p: ArrayLike, target: ArrayLike) -> np.ndarray:
    """Surprisal of the true class: ``-log2 p(truth)`` of each row, in bits.

    ``log_p`` is (rows, classes), natural logarithms; ``target`` (rows,) of int. 0 bits: it was
    sure and right; 1 bit: it gave the truth one half. The mean is the cross-entropy in bits. Raises
    ``ValueError`` if the shapes do not fit, for a class that does not exist, and for what is no
    logarithm of a probability.

    >>> surprisal_bits(np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 0]))
    array([1., 2.])
    """
    log_p = check_log_probabilities("log_p", log_p)
    target = check_array("target", target, kinds="biufOUS", finite=False)
    if log_p.ndim != 2 or not log_p.shape[1] or target.shape != log_p.shape[:1]:
        raise ValueError(
            "log_p must be (rows, classes) and target (rows,), "
            f"got {log_p.shape} and {target.shape}"
        )
    target = check_labels("target", target, classes=log_p.shape[1])
    return -log_p[np.arange(len(target)), target] / np.log(2)


def log_frequencies(targets: ArrayLike, classes: int) -> np.ndarray:
    """Return the logarithm of how frequent each class is; each counts once more than it occurs.

    >>> np.exp(log_frequencies([0, 0], 2))
    array([0.75, 0.25])
    """
    if check_whole("classes", classes, least=1) > MAX_CLASSES:
        raise ValueError(f"classes must be at most {MAX_CLASSES}, got {classes}")
    counts = np.bincount(check_labels("targets", targets, classes=classes), minlength=classes) + 1
    return np.log(counts / counts.sum())
