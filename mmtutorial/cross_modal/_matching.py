"""Pairs of a query and a candidate, token by token: what a re-ranker reads and learns from."""

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_dict
from mmtutorial.encoders._base import to_array, to_booleans

SIDES = ("query", "candidate")
MASKS = tuple(f"{side}_mask" for side in SIDES)
EXAMPLE = '{"query": tokens, "candidate": tokens}'


def check_sides(inputs: Any) -> dict[str, Any]:
    """Return the tokens of both sides, and masks if there are, as arrays; refuse what is none."""
    inputs = check_dict("inputs", inputs, EXAMPLE)
    if not set(SIDES) <= set(inputs) <= {*SIDES, *MASKS}:
        raise ValueError(
            f"inputs must hold query and candidate, and perhaps {MASKS[0]} and {MASKS[1]}, "
            f"got {sorted(map(str, inputs))}"
        )
    found = {}
    for side, mask in zip(SIDES, MASKS, strict=True):
        found[side] = to_array(side, inputs[side])
        shape = tuple(found[side].shape)
        if len(shape) not in (2, 3) or 0 in shape[1:]:
            raise ValueError(
                f"{side} must be tokens, (batch, time, dim), or vectors, (batch, dim), got {shape}"
            )
        if inputs.get(mask) is not None:
            found[mask] = to_booleans(mask, inputs[mask])
            if len(shape) != 3 or _differ(tuple(found[mask].shape), shape[:2]):
                raise ValueError(
                    f"{mask} must say of each token of {side} whether it is real, {shape[:2]}, "
                    f"got {tuple(found[mask].shape)}"
                )
    return found


def _differ(shape, wanted):
    """Whether two shapes differ; None is a size that is not known yet."""
    pairs = zip(shape, wanted, strict=False)
    return len(shape) != len(wanted) or any(a != b for a, b in pairs if None not in (a, b))


def take_pairs(inputs: dict[str, Any], queries: np.ndarray, candidates: np.ndarray) -> dict:
    """Return the tokens and masks of pairs, given by rows of queries and of candidates."""
    rows = {"query": queries, "query_mask": queries}
    return {name: array[rows.get(name, candidates)] for name, array in inputs.items()}


def to_numpy(inputs: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return all arrays as those of NumPy, which give any rows at once."""
    return {
        name: array if isinstance(array, np.ndarray) else ops.convert_to_numpy(array)
        for name, array in inputs.items()
    }


def matching_pairs(
    inputs: dict[str, Any], negatives: ArrayLike, *, positives: ArrayLike | None = None
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Which pairs does a `CrossAttentionReranker` learn from? Right ones, and wrong ones.

    Parameters
    ----------
    inputs : those of the model, with a row for each query, and for each candidate
    negatives : rows of candidates that do not match, ``(queries, count)``, by `hard_negatives`
    positives : rows of candidates that match, ``(queries,)`` or ``(queries, count)``; by default
        query ``i`` looks for candidate ``i``

    Returns the inputs of all pairs, and 1 or 0 for each, float32 ``(pairs, 1)``: what ``fit``
    takes. All pairs of one query stand together. Raises ``ValueError`` for rows that are none.

    >>> tokens = {"query": np.ones((3, 5, 8)), "candidate": np.ones((3, 9, 2))}
    >>> pairs, labels = matching_pairs(tokens, [[1], [2], [0]])
    >>> pairs["candidate"].shape, labels[:, 0].tolist()
    ((6, 9, 2), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    """
    inputs = to_numpy(check_sides(inputs))
    queries, count = len(inputs["query"]), len(inputs["candidate"])
    if positives is None and queries > count:
        raise ValueError(f"positives must be given where {queries} queries have {count} candidates")
    positives = np.arange(queries) if positives is None else positives
    right = _check_rows("positives", positives, queries, count)
    wrong = _check_rows("negatives", negatives, queries, count)
    candidates = np.concatenate([right, wrong], axis=1)
    labels = np.zeros(candidates.shape, "float32")
    labels[:, : right.shape[1]] = 1
    rows = np.repeat(np.arange(queries), candidates.shape[1])
    return take_pairs(inputs, rows, candidates.ravel()), labels.reshape(-1, 1)


def _check_rows(name, given, queries, candidates):
    """Return rows of candidates, ``(queries, count)``."""
    rows = check_array(name, given, kinds="iu")
    rows = rows[:, None] if rows.ndim == 1 else rows
    if rows.ndim != 2 or len(rows) != queries or not rows.size:
        raise ValueError(
            f"{name} must be rows of candidates, ({queries}, count), got shape {np.shape(given)}"
        )
    if not 0 <= rows.min() <= rows.max() < candidates:
        raise ValueError(
            f"{name} must lie in 0..{candidates - 1}, the rows of candidates, "
            f"got {rows.min()} to {rows.max()}"
        )
    return rows
