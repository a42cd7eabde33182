"""Is a model that says "80 % sure" right in 80 % of such cases?"""

from typing import NamedTuple

import numpy as np

from mmtutorial._checks import check_whole


class Reliability(NamedTuple):
    """What a reliability diagram shows, one number a bin; NaN where a bin is empty."""

    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def reliability(y_true, probabilities, *, bins=15):
    """Sort items by how sure the model is, and ask in each bin how often it is right.

    Parameters
    ----------
    y_true : true classes, ``(items,)`` of int
    probabilities : ``(items, classes)``; each row sums to 1. The largest is the confidence
    bins : how many bins of equal width share 0..1; a confidence on an edge falls into the lower

    Returns a `Reliability` of three arrays ``(bins,)``: mean confidence, accuracy and the number
    of items. Raises ``ValueError`` for classes out of range and for rows that are no
    probabilities, such as logits, and ``TypeError`` for a number of bins that is not whole. Paper:
    Guo et al. 2017, On Calibration of Modern Neural Networks.

    >>> reliability([0, 1], [[0.9, 0.1], [0.7, 0.3]], bins=2).count
    array([0, 2])
    """
    y_true, probabilities = _check(y_true, probabilities)
    check_whole("bins", bins, least=1)
    sure = np.minimum(probabilities.max(axis=1), 1.0)  # rounding may leave a little more than 1
    right = probabilities.argmax(axis=1) == y_true
    place = np.searchsorted(np.linspace(0, 1, bins + 1), sure, side="left") - 1
    count = np.bincount(place, minlength=bins)
    share = np.where(count, 1 / np.maximum(count, 1), np.nan)
    return Reliability(
        np.bincount(place, weights=sure, minlength=bins) * share,
        np.bincount(place, weights=right, minlength=bins) * share,
        count,
    )


def expected_calibration_error(y_true, probabilities, *, bins=15):
    """How far is the stated confidence from the accuracy, on average over the items? In 0..1.

    Arguments and errors are those of `reliability`. Few items or many bins make it too large:
    compare it on the same items only. Papers: Naeini et al. 2015, Obtaining Well Calibrated
    Probabilities Using Bayesian Binning; Guo et al. 2017.

    >>> round(expected_calibration_error([0, 1], [[0.9, 0.1], [0.7, 0.3]]), 2)
    0.4
    """
    confidence, accuracy, count = reliability(y_true, probabilities, bins=bins)
    return float(np.nansum(np.abs(accuracy - confidence) * count) / count.sum())


def fit_temperature(logits, y_true):
    """One number that cures over-confidence: divide the logits by it before the softmax.

    ``logits`` is ``(items, classes)``, log-probabilities included; ``y_true`` is ``(items,)`` of
    int. Both are from the validation split. Returns the temperature, between 0.01 and 100, with
    the lowest cross-entropy; above 1 the model was too sure. It moves no decision, only the
    confidence. Raises ``ValueError`` for classes out of range or logits that are not finite.
    Paper: Guo et al. 2017.

    >>> says_nine_in_ten = np.log([[0.9, 0.1]] * 4)
    >>> round(fit_temperature(says_nine_in_ten, [0, 0, 0, 1]), 2)  # three in four are right
    2.0
    """
    from scipy.optimize import minimize_scalar  # here, so that importing the package stays quick
    from scipy.special import logsumexp

    y_true, logits = _check_rows("logits", y_true, logits)
    logits = logits - logits.max(axis=1, keepdims=True)
    of_truth = logits[np.arange(len(y_true)), y_true]

    def cross_entropy(log_sharpness):
        sharpness = np.exp(log_sharpness)
        return np.mean(logsumexp(sharpness * logits, axis=1) - sharpness * of_truth)

    edge = np.log(100)
    found = minimize_scalar(cross_entropy, bounds=(-edge, edge), method="bounded")
    return float(np.exp(-found.x))


def _check_rows(name, y_true, rows):
    y_true, rows = np.asarray(y_true), np.asarray(rows, dtype=float)
    if rows.ndim != 2 or not rows.size or y_true.shape != rows.shape[:1]:
        raise ValueError(
            f"{name} must be (items, classes) with one y_true an item, "
            f"got shapes {rows.shape} and {y_true.shape}"
        )
    expected = f"y_true must hold whole numbers from 0 to {rows.shape[1] - 1}, one of the classes"
    if y_true.dtype.kind not in "iu":
        raise ValueError(f"{expected}, got {y_true.dtype}, such as {y_true[0]}")
    if y_true.min() < 0 or y_true.max() >= rows.shape[1]:
        raise ValueError(f"{expected}, got {y_true.dtype} from {y_true.min()} to {y_true.max()}")
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} must hold finite numbers, got {rows[~np.isfinite(rows)][0]}")
    return y_true, rows


def _check(y_true, probabilities):
    y_true, rows = _check_rows("probabilities", y_true, probabilities)
    if rows.min() < 0 or np.abs(rows.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError(
            "probabilities must be at least 0 and sum to 1 in every row, got a least of "
            f"{rows.min():.3g} and a first sum of {rows[0].sum():.3g}: did you forget the softmax?"
        )
    return y_true, rows
