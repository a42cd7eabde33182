"""A slower, better look at the first few candidates of a search: re-ranking."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_callable, check_number, check_seed, check_whole
from mmtutorial.evaluation._tables import open_tables, read_blocks


def rerank(
    similarity: ArrayLike, score_pairs: Callable[[np.ndarray, np.ndarray], ArrayLike], *, k: int
) -> np.ndarray:
    """Put the first ``k`` candidates of each query into the order of better scores.

    Parameters
    ----------
    similarity : of a first, quick stage, ``(queries, candidates)``, higher is nearer; minus
        infinity leaves a candidate out
    score_pairs : is given rows of queries and rows of candidates, ``(pairs,)`` each, and returns
        the score of each pair, ``(pairs,)``, higher is better
    k : how many candidates of each query are scored again

    Returns the new similarity, ``(queries, candidates)``, float64: the first ``k`` of each query
    lie above all others, by as much as their scores differ; the others stay as they were. What the
    first stage did not find, no second one can. Of equal similarities, those that stand first are
    scored. Raises ``ValueError`` for NaN, for ``k`` beyond the number of candidates, and for scores
    that are not finite or not one per pair. Paper: Nogueira and Cho 2019, Passage Re-ranking with
    BERT.

    >>> similarity = [[0.9, 0.8, 0.1]]
    >>> rerank(similarity, lambda queries, candidates: candidates, k=2).round(1)
    array([[1.9, 2.9, 0.1]])
    """
    check_callable("score_pairs", score_pairs)
    similarity = check_similarity(similarity)
    queries, candidates = similarity.shape
    k = check_whole("k", k, least=1, most=candidates)
    first = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    rows = np.repeat(np.arange(queries), k)
    scores = check_array("what score_pairs returns", score_pairs(rows, first.ravel()))
    if scores.shape != rows.shape:
        raise ValueError(
            f"score_pairs must return a score for each of the {len(rows)} pairs, (pairs,), "
            f"got shape {scores.shape}"
        )
    scores = scores.astype(float).reshape(first.shape)
    taken = np.take_along_axis(similarity, first, axis=1)
    best = np.maximum(taken[:, :1], -1e6)  # of a query for which all are left out, it is -inf
    lifted = best + 1 + scores - scores.min(axis=1, keepdims=True)
    result = similarity.copy()
    np.put_along_axis(result, first, np.where(np.isneginf(taken), taken, lifted), axis=1)
    return result


def hard_negatives(
    similarity: Any,
    *,
    count: int = 1,
    logit_scale: float = 20.0,
    matches: Any = None,
    seed: int = 0,
) -> np.ndarray:
    """Which wrong candidates are worth learning from? Those that a first stage nearly chose.

    Draws candidates that do not match, each with a probability in proportion to
    ``exp(logit_scale * similarity)``, without replacement.

    Parameters
    ----------
    similarity : of the first stage, ``(queries, candidates)``, or a table such as
        `CosineSimilarity`
    count : how many to draw for each query
    logit_scale : 0 draws evenly; the larger, the more often the nearest ones
    matches : boolean, of the same shape, or `SameLabels`: what is right, and never drawn; by
        default query ``i`` looks for candidate ``i``
    seed : of the draw

    Returns rows of candidates, ``(queries, count)``. Raises ``ValueError`` if a query has fewer
    wrong candidates than that, and as `match_ranks` does. Paper: Li et al. 2021, Align before Fuse
    (ALBEF), section 3.2.

    >>> hard_negatives([[0.9, 0.8, 0.0], [0.2, 0.7, 0.6], [0.1, 0.1, 0.8]], logit_scale=100)[:2]
    array([[1],
           [2]])
    """
    count = check_whole("count", count, least=1)
    scale = check_number("logit_scale", logit_scale, least=0, most=1e6)
    rng, found = check_seed("seed", seed), []
    for scores, right in read_blocks(*open_tables(similarity, matches)):
        left = np.sum(~right & ~np.isneginf(scores), axis=1)
        if left.min() < count:
            raise ValueError(
                f"count must be at most {left.min()}, the fewest wrong candidates that a query "
                f"has, got {count}"
            )
        # The largest of noisy logits are a draw from their softmax: the Gumbel trick.
        keys = scale * np.where(right | np.isneginf(scores), 0.0, scores).astype(float)
        keys += rng.gumbel(size=scores.shape)
        keys[right | np.isneginf(scores)] = -np.inf
        found.append(np.argsort(-keys, axis=1)[:, :count])
    return np.concatenate(found)


def check_similarity(similarity: ArrayLike) -> np.ndarray:
    """Return a similarity as float64; refuse NaN and infinity, but not minus infinity."""
    similarity = check_array("similarity", similarity, finite=False)
    if similarity.ndim != 2 or not similarity.size:
        raise ValueError(
            "similarity must be of shape (queries, candidates), at least one of each, "
            f"got shape {similarity.shape}"
        )
    left = np.where(np.isneginf(similarity), 0, similarity)
    check_array("similarity", left, most=1e6)
    return similarity.astype(float)
