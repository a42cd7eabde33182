"""The plainest classifier, what it believes, and how beliefs are joined and measured."""

from typing import NamedTuple

import numpy as np

LIMITS = {"maxiter": 500, "ftol": 1e-7}


class Linear(NamedTuple):
    """What was learnt: ``weights`` is (features, classes), ``bias`` is (classes,)."""

    weights: np.ndarray
    bias: np.ndarray

    def log_probabilities(self, features):
        """Return the natural logarithm of each class's probability, (rows, classes)."""
        return _log_softmax(features @ self.weights + self.bias)


def fit_linear(features, target, *, classes, penalty=1.0):
    """Which class do these numbers point to? One weight for each number and class, and a bias.

    The loss is cross-entropy summed over the rows, plus ``penalty / 2`` times the sum of the
    squared weights. It has one lowest point, which L-BFGS finds: no seed matters.

    Parameters
    ----------
    features : (rows, features) of float
    target : (rows,) of int, below ``classes``
    classes : how many classes there are
    penalty : how dear large weights are; the more, the more cautious the classifier

    Raises ``ValueError`` if the shapes do not fit, for a class that does not exist, and if the
    penalty is not above 0. Paper: Cox 1958, The Regression Analysis of Binary Sequences.

    >>> model = fit_linear(np.array([[-1.0], [1.0]]), np.array([0, 1]), classes=2)
    >>> int(model.log_probabilities(np.array([[2.0]])).argmax())
    1
    """
    from scipy.optimize import minimize  # here, so that importing the package stays quick

    features, target = np.asarray(features, dtype=float), np.asarray(target)
    if features.ndim != 2 or target.shape != features.shape[:1]:
        raise ValueError(
            "features must be (rows, features) and target (rows,), "
            f"got {features.shape} and {target.shape}"
        )
    if len(target) and not 0 <= target.min() <= target.max() < classes:
        raise ValueError(f"target must lie in 0..{classes - 1}, got {target.min()}..{target.max()}")
    if not penalty > 0:
        raise ValueError(f"penalty must be above 0, got {penalty}")
    width, truth = features.shape[1], np.eye(classes)[target]

    def loss_and_gradient(flat):
        weights, bias = flat[:-classes].reshape(width, classes), flat[-classes:]
        log_p = _log_softmax(features @ weights + bias)
        error = np.exp(log_p) - truth
        loss = penalty / 2 * np.sum(weights**2) - np.sum(log_p * truth)
        gradient = features.T @ error + penalty * weights
        return loss, np.concatenate([gradient.ravel(), error.sum(axis=0)])

    frequent = np.log((truth.sum(axis=0) + 1) / (len(truth) + classes))  # a good first guess
    start = np.concatenate([np.zeros(width * classes), frequent])
    found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options=LIMITS).x
    return Linear(found[:-classes].reshape(width, classes), found[-classes:])


def product_rule(log_beliefs, log_prior):
    """Join what several modalities believe, as if they erred independently.

    Beliefs multiply; each contains the classes' frequencies, so all but one of these are divided
    out: ``p(y) * prod_m p(y | x_m) / p(y)``, made to sum to 1.

    Parameters
    ----------
    log_beliefs : sequence of (rows, classes), natural logarithms of probabilities
    log_prior : (classes,), the logarithm of each class's frequency in training

    Returns (rows, classes), logarithms again. Raises ``ValueError`` without beliefs and if their
    shapes differ. Paper: Kittler, Hatef, Duin and Matas 1998.

    >>> fair = np.log([0.5, 0.5])
    >>> np.exp(product_rule([np.log([[0.8, 0.2]]), np.log([[0.8, 0.2]])], fair)).round(2)
    array([[0.94, 0.06]])
    """
    shapes = {np.shape(log_p) for log_p in log_beliefs}
    if len(shapes) != 1 or next(iter(shapes))[-1:] != np.shape(log_prior):
        raise ValueError(
            "log_beliefs must be at least one, all (rows, classes), and log_prior (classes,), "
            f"got {sorted(shapes)} and {np.shape(log_prior)}"
        )
    return _log_softmax(sum(log_p - log_prior for log_p in log_beliefs) + log_prior)


def surprise(log_p, target):
    """How surprised is a model by the truth? ``-log2 p(truth)`` of each row, in bits.

    ``log_p`` is (rows, classes), natural logarithms; ``target`` (rows,) of int. 0 bits: it was
    sure and right; 1 bit: it gave the truth one half. The mean is the cross-entropy in bits.

    >>> surprise(np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 0]))
    array([1., 2.])
    """
    log_p, target = np.asarray(log_p), np.asarray(target)
    if log_p.ndim != 2 or target.shape != log_p.shape[:1]:
        raise ValueError(
            "log_p must be (rows, classes) and target (rows,), "
            f"got {log_p.shape} and {target.shape}"
        )
    return -log_p[np.arange(len(target)), target] / np.log(2)


def _log_softmax(scores):
    scores = scores - scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
