"""Scores of a search: at which rank does each query find what it looks for?

All of them take ``similarity``, ``(queries, candidates)``, higher is nearer, and ``matches``,
boolean of the same shape: which candidates a query looks for. Without ``matches``, query ``i``
looks for candidate ``i``. Equal scores count against the model: a match ranks behind all other
candidates of its score, so that a model which finds everything equally near scores nothing.

Of many queries and candidates neither table fits into memory. Both arguments may therefore be
anything with a ``shape`` whose rows are read by ``[start:stop]``: a memory-mapped array, or
`CosineSimilarity` and `SameLabels`, which compute the rows when they are read.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_whole
from mmtutorial.evaluation._tables import CosineSimilarity, SameLabels, open_tables, read_blocks

__all__ = [
    "CosineSimilarity",
    "SameLabels",
    "chance_recall_at_k",
    "hits_at_k",
    "match_ranks",
    "mean_average_precision",
    "median_rank",
    "recall_at_k",
]


def match_ranks(similarity: Any, *, matches: Any = None) -> np.ndarray:
    """Rank of the first match of each query, 1 for the nearest candidate: ``(queries,)``.

    ``similarity`` and ``matches`` are those of this module. Raises ``ValueError`` for a query that
    matches nothing, for NaN, and if the shapes differ; minus infinity stands for a candidate that
    is left out, and ranks last.

    >>> match_ranks([[0.9, 0.1, 0.3], [0.8, 0.2, 0.4], [0.5, 0.5, 0.5]])
    array([1, 3, 3])
    """
    found = []
    for scores, right in read_blocks(*open_tables(similarity, matches)):
        best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
        found.append(1 + np.sum(~right & (scores >= best), axis=1))
    return np.concatenate(found)


def hits_at_k(similarity: Any, k: int, *, matches: Any = None) -> np.ndarray:
    """Which queries have a match among their first ``k`` candidates? Boolean ``(queries,)``.

    The scores of each query, for `paired_bootstrap`. Arguments and errors are those of
    `recall_at_k`.

    >>> from mmtutorial.evaluation import paired_bootstrap
    >>> rng = np.random.default_rng(0)
    >>> noise = rng.normal(size=(200, 200))
    >>> old, new = hits_at_k(noise + np.eye(200), 10), hits_at_k(noise + 2 * np.eye(200), 10)
    >>> found = paired_bootstrap(new, old)
    >>> round(found.difference, 3), found.low > 0
    (0.365, True)
    """
    similarity, matches = open_tables(similarity, matches)
    k = check_whole("k", k, least=1, most=similarity.shape[1])
    return match_ranks(similarity, matches=matches) <= k


def recall_at_k(similarity: Any, k: int, *, matches: Any = None) -> float:
    """R@k: the share of queries with a match among their first ``k`` candidates, in 0..1.

    ``similarity`` and ``matches`` are those of this module; ``k`` is at most the number of
    candidates. Of several matches one is enough, as in all papers on image and text; elsewhere
    this is the success rate or hit rate, and recall the share of matches that were found. By
    chance it is `chance_recall_at_k`. For its interval over seeds, pass one value per seed to
    `interval`; to compare two models on the same queries, pass `hits_at_k` of both to
    `paired_bootstrap`. Raises ``ValueError`` as `match_ranks` does. Paper: Hodosh et al. 2013,
    Framing Image Description as a Ranking Task.

    >>> similarity = [[0.9, 0.1, 0.3], [0.8, 0.2, 0.4], [0.5, 0.5, 0.5]]
    >>> round(recall_at_k(similarity, 1), 2), round(recall_at_k(similarity, 3), 2)
    (0.33, 1.0)
    """
    return float(np.mean(hits_at_k(similarity, k, matches=matches)))


def median_rank(similarity: Any, *, matches: Any = None) -> float:
    """Median over the queries of the rank of the first match; 1 is the best.

    Arguments and errors are those of `match_ranks`. With one match among ``n`` candidates it is by
    chance about ``(n + 1) / 2``.

    >>> median_rank([[0.9, 0.1, 0.3], [0.8, 0.2, 0.4], [0.5, 0.5, 0.5]])
    3.0
    """
    return float(np.median(match_ranks(similarity, matches=matches)))


def mean_average_precision(similarity: Any, *, matches: Any = None) -> float:
    """How early do all matches of a query come, not its first one alone? mAP, in 0..1.

    At the rank of each match one looks at the precision, the share of matches up to there, and
    takes the mean, over the matches of a query and then over queries. Arguments and errors are
    those of `match_ranks`. With one match per query it is the mean of 1 / rank. Paper: Manning et
    al. 2008, Introduction to Information Retrieval, section 8.4.

    >>> matches = np.array([[True, False, True]])
    >>> round(mean_average_precision([[0.9, 0.5, 0.1]], matches=matches), 3)  # (1/1 + 2/3) / 2
    0.833
    """
    found = []
    for scores, right in read_blocks(*open_tables(similarity, matches)):
        order = np.lexsort((right, -scores))  # by score; of equal ones, matches last
        right = np.take_along_axis(right, order, axis=1)
        precision = np.cumsum(right, axis=1) / np.arange(1, right.shape[1] + 1)
        found.append(np.sum(precision * right, axis=1) / np.sum(right, axis=1))
    return float(np.mean(np.concatenate(found)))


def chance_recall_at_k(k: int, candidates: int, *, matches: ArrayLike = 1) -> float:
    """What is R@k for a model that has learnt nothing, and orders the candidates at random?

    ``matches`` says how many of the ``candidates`` each query looks for: a whole number, or
    ``(queries,)``. With one it is ``k / candidates``; with ``m``, one less the probability that
    ``k`` draws without replacement miss all of them. Raises ``ValueError`` for a number that is
    below 1 or above ``candidates``.

    >>> round(chance_recall_at_k(10, 382), 3), round(chance_recall_at_k(10, 382, matches=6), 3)
    (0.026, 0.148)
    """
    candidates = check_whole("candidates", candidates, least=1)
    k = check_whole("k", k, least=1, most=candidates)
    matches = check_array("matches", matches, kinds="iu")
    if matches.ndim > 1 or not matches.size:
        raise ValueError(f"matches must be a number, or (queries,), got shape {matches.shape}")
    if not 1 <= matches.min() <= matches.max() <= candidates:
        wrong = f"{matches.min()} to {matches.max()}"
        raise ValueError(f"matches must lie in 1..candidates = {candidates}, got {wrong}")
    drawn = np.arange(k)
    left = (
        candidates - np.atleast_1d(matches)[:, None] - drawn
    )  # wrong ones before each draw, 0 at last
    return float(np.mean(1 - np.prod(left / (candidates - drawn), axis=1)))
