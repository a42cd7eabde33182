"""Scores of a classifier."""

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_labels


def _check_pair(y_true, y_pred):
    y_true, y_pred = check_labels("y_true", y_true), check_labels("y_pred", y_pred)
    if y_true.ndim != 1 or y_true.shape != y_pred.shape:
        raise ValueError(
            "y_true and y_pred must be of one shape (items,), "
            f"got {y_true.shape} and {y_pred.shape}"
        )
    if not len(y_true):
        raise ValueError("y_true is empty: the score of no items is undefined")
    texts = [labels.dtype.kind == "U" for labels in (y_true, y_pred)]
    if texts[0] != texts[1]:
        raise ValueError(
            "y_true and y_pred must both be whole numbers, or both texts, "
            f"got {y_true[0]!r} and {y_pred[0]!r}"
        )
    return y_true, y_pred


def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Share of items whose predicted class is the true one, in 0..1.

    Both arguments are class labels, ``(items,)``, whole numbers or texts. Raises ``ValueError`` if
    they differ in shape or kind, and for what is no label: probabilities, NaN, None.

    >>> accuracy([0, 1, 1, 2], [0, 1, 2, 2])
    0.75
    """
    y_true, y_pred = _check_pair(y_true, y_pred)
    return float(np.mean(y_true == y_pred))


def macro_f1(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """F1 of every class, averaged, so that a rare class counts as much as a frequent one.

    Classes are those that occur in either argument, both ``(items,)``; a class that is never
    found scores 0. Raises ``ValueError`` as `accuracy` does.

    >>> round(macro_f1([0, 0, 0, 1], [0, 0, 0, 0]), 3)
    0.429
    """
    y_true, y_pred = _check_pair(y_true, y_pred)
    scores = []
    for label in np.union1d(y_true, y_pred):
        hits = np.sum((y_true == label) & (y_pred == label))
        scores.append(2 * hits / (np.sum(y_true == label) + np.sum(y_pred == label)))
    return float(np.mean(scores))
