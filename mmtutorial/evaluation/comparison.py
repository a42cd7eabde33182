"""Several methods compared at once: adjusted p-values and average ranks."""

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array


def holm(p_values: ArrayLike) -> np.ndarray:
    """Adjust p-values for how many comparisons were made: Holm's step-down procedure.

    Of twenty methods that are all equally good, one has ``p < 0.05`` by luck alone. With adjusted
    p-values the family-wise error rate (the probability of even one such false alarm) stays below
    the level at which they are read, whatever the comparisons have to do with each other.

    ``p_values`` is ``(comparisons,)``, each in 0..1. Returns ``(comparisons,)`` in the same order,
    in 0..1: the smallest is multiplied by the number of comparisons, the next one by one less, and
    so on, but none falls below a smaller one before it. Raises ``ValueError`` for another shape and
    for what is outside 0..1, ``TypeError`` for what are no numbers. Paper: Holm 1979, A Simple
    Sequentially Rejective Multiple Test Procedure.

    >>> holm([0.01, 0.5, 0.03]).round(2)
    array([0.03, 0.5 , 0.06])
    """
    p_values = check_array("p_values", p_values, kinds="iuf")
    if p_values.ndim != 1:
        raise ValueError(f"p_values must be of shape (comparisons,), got shape {p_values.shape}")
    p_values = p_values.astype(float)
    if p_values.size and not 0 <= p_values.min() <= p_values.max() <= 1:
        raise ValueError(f"p_values must lie in 0..1, got {p_values.min()} to {p_values.max()}")
    order, count = np.argsort(p_values), len(p_values)
    adjusted = np.empty(count)
    scaled = (count - np.arange(count)) * p_values[order]
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return adjusted


def average_ranks(scores: ArrayLike) -> np.ndarray:
    """Average ranks: which method is the best over several data sets? 1 is the best.

    Scores of different data sets have different ranges, ranks have one: each method is ranked
    within each data set (each column), those that tie share the mean of their ranks, and ranks are
    averaged over the data sets.

    ``scores`` is ``(methods, data sets)``, higher is better; columns may also be seeds or folds.
    Returns ``(methods,)``, between 1 and the number of methods, and on average half a rank more
    than half that number. Raises ``ValueError`` for another shape, without a method or a data set,
    and for a score that is not finite; ``TypeError`` for what are no numbers. Paper: Demšar 2006,
    Statistical Comparisons of Classifiers over Multiple Data Sets.

    >>> average_ranks([[0.9, 0.8], [0.7, 0.8], [0.6, 0.1]])
    array([1.25, 1.75, 3.  ])
    """
    scores = check_array("scores", scores)
    if scores.ndim != 2 or not scores.size:
        raise ValueError(
            "scores must be of shape (methods, data sets), at least one of each, "
            f"got shape {scores.shape}"
        )
    higher = np.sum(scores > scores[:, None], axis=1)
    equal = np.sum(scores == scores[:, None], axis=1)  # a method ties with itself
    return np.mean(higher + (equal + 1) / 2, axis=1)
