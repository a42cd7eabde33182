"""Calibration: is a model that says "80 % sure" right in 80 % of such cases?"""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_finite, check_labels, check_whole

LIMIT = np.log(100)  # of the log temperature: it is sought from 1/100 to 100


class Reliability(NamedTuple):
    """What a reliability diagram shows, one number per bin; NaN where a bin is empty."""

    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def reliability(y_true: ArrayLike, probabilities: ArrayLike, *, bins: int = 15) -> Reliability:
    """Sort items into bins by their confidence, and compare it with the accuracy in each bin.

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
    confidence = np.minimum(
        probabilities.max(axis=1), 1.0
    )  # rounding may leave a little more than 1
    correct = probabilities.argmax(axis=1) == y_true
    # What differs from an edge by rounding alone lies on it: 23 / 30 is more than linspace's.
    bin_index = np.searchsorted(np.linspace(0, 1, bins + 1), confidence - 1e-12, side="left") - 1
    count = np.bincount(bin_index, minlength=bins)
    share = np.where(count, 1 / np.maximum(count, 1), np.nan)
    return Reliability(
        np.bincount(bin_index, weights=confidence, minlength=bins) * share,
        np.bincount(bin_index, weights=correct, minlength=bins) * share,
        count,
    )


def expected_calibration_error(
    y_true: ArrayLike, probabilities: ArrayLike, *, bins: int = 15
) -> float:
    """Return the expected calibration error: how far confidence is from accuracy, on average, 0..1.

    Arguments and errors are those of `reliability`. Few items or many bins make it too large:
    compare it on the same items only. Papers: Naeini et al. 2015, Obtaining Well Calibrated
    Probabilities Using Bayesian Binning; Guo et al. 2017.

    >>> round(expected_calibration_error([0, 1], [[0.9, 0.1], [0.7, 0.3]]), 2)
    0.4
    """
    confidence, accuracy, count = reliability(y_true, probabilities, bins=bins)
    return float(np.nansum(np.abs(accuracy - confidence) * count) / count.sum())


def fit_temperature(logits: ArrayLike, y_true: ArrayLike) -> float:
    """Temperature scaling: one number that corrects over-confidence, a divisor of the logits.

    ``logits`` is ``(items, classes)``, log-probabilities included; ``y_true`` is ``(items,)`` of
    int. Both are from the validation split. Returns the temperature, between 0.01 and 100, with
    the lowest cross-entropy; above 1 the model was over-confident. It moves no decision, only the
    confidence. Where every temperature is as good (all logits equal, or one class) it is 1; at one
    of its two bounds, which a warning names, it says less about confidence than about decisions:
    all are right, or no more are than luck would get. Raises ``ValueError`` for classes out of
    range or logits that are not finite. Paper: Guo et al. 2017.

    >>> over_confident = np.log([[0.9, 0.1]] * 4)
    >>> round(fit_temperature(over_confident, [0, 0, 0, 1]), 2)  # three in four are right
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

    found = minimize_scalar(cross_entropy, bounds=(-LIMIT, LIMIT), method="bounded").x
    best = min((0.0, found, -LIMIT, LIMIT), key=cross_entropy)  # the first where several are
    if abs(best) == LIMIT:
        advice = "sharper still: all decisions are right" if best > 0 else "flatter still"
        warnings.warn(
            f"temperature {np.exp(-best):g} is a bound of the search, the best would be {advice}",
            stacklevel=2,
        )
    return float(np.clip(np.exp(-best), 0.01, 100))


def _check_rows(name, y_true, rows):
    rows = check_array(name, rows, finite=False).astype(float)
    y_true = check_array("y_true", y_true, kinds="biufOUS", finite=False)
    if rows.ndim != 2 or not rows.size or y_true.shape != rows.shape[:1]:
        raise ValueError(
            f"{name} must be (items, classes) with one y_true per item, "
            f"got shapes {rows.shape} and {y_true.shape}"
        )
    if y_true.dtype == bool:
        raise ValueError(
            f"y_true must hold whole numbers from 0 to {rows.shape[1] - 1}, one of the classes, "
            "not whether the model was right: got booleans"
        )
    return check_labels("y_true", y_true, classes=rows.shape[1]), check_finite(name, rows)


def _check(y_true, probabilities):
    y_true, rows = _check_rows("probabilities", y_true, probabilities)
    if rows.min() < 0 or np.abs(rows.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError(
            "probabilities must be at least 0 and sum to 1 in every row, got a least of "
            f"{rows.min():.3g} and a first sum of {rows[0].sum():.3g}: did you forget the softmax?"
        )
    return y_true, rows
