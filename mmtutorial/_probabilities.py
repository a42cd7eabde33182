"""Logarithms of probabilities: what they may be, and rows that sum to 1."""

import numpy as np

from mmtutorial._checks import check_array


def check_log_probabilities(name, given):
    """Return natural logarithms of probabilities; -inf is that of 0, above 0 is none."""
    log_p = check_array(name, given, finite=False)
    wrong = log_p[~(log_p <= 1e-3)]  # NaN, too; rounding may leave a little more than 0
    if wrong.size:
        raise ValueError(
            f"{name} must hold logarithms of probabilities, at most 0, got {wrong[0]:.3g}"
        )
    return log_p


def check_frequencies(name, given):
    """Return logarithms of the frequencies of the classes, none of them that of 0."""
    log_p = check_log_probabilities(name, given)
    if np.isneginf(log_p).any():
        raise ValueError(
            f"{name} must know every class, but {int(np.isneginf(log_p).argmax())} never occurred: "
            "count each class once more than it occurs, as log_frequencies does"
        )
    return log_p


def normalise(log_p):
    """Make the probabilities of each row sum to 1; refuse a row in which every class is ruled out.

    >>> np.exp(normalise(np.log([[0.1, 0.3]])))
    array([[0.25, 0.75]])
    """
    from scipy.special import log_softmax  # here, so that importing the package stays quick

    impossible = np.isneginf(log_p).all(axis=-1)
    if impossible.any():
        raise ValueError(
            f"the modalities rule out every class in row {int(impossible.argmax())}: where one "
            "says 0, another must not say 0 to all the rest"
        )
    return log_softmax(log_p, axis=-1)
