"""Tables of queries and candidates, too large for the memory: only some rows exist at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_labels
from mmtutorial._vectors import check_vectors, normalize

BLOCK = 2**23  # numbers of a table that exist together: 32 MB of float32


class CosineSimilarity:
    """The table of all cosines between queries and candidates, of which only some rows exist.

    ``queries`` is ``(queries, dim)``, ``candidates`` ``(candidates, dim)``; ``[start:stop]`` are
    these rows, ``(rows, candidates)``. Products are added up in float64 and rounded to float32, so
    that equal candidates have equal scores, in whatever order a processor adds. Raises
    ``ValueError`` for a vector of zeros, which has no direction, for NaN, and for other sizes.

    >>> from mmtutorial.evaluation import recall_at_k
    >>> similarity = CosineSimilarity([[2, 0], [0, 3]], [[1, 0], [1, 1]])
    >>> similarity[0:1].round(2)
    array([[1.  , 0.71]], dtype=float32)
    >>> recall_at_k(similarity, 1)
    1.0
    """

    def __init__(self, queries: ArrayLike, candidates: ArrayLike):
        self._queries = normalize(check_vectors("queries", queries))
        dim = self._queries.shape[1]
        self._candidates = normalize(check_vectors("candidates", candidates, dim=dim))

    @property
    def shape(self) -> tuple[int, int]:
        """Return ``(queries, candidates)``."""
        return len(self._queries), len(self._candidates)

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return some rows of the table, ``(rows, candidates)``."""
        return (self._queries[rows] @ self._candidates.T).astype("float32")


class SameLabels:
    """Which candidates have the label of a query? A table, of which only some rows exist.

    ``queries`` is ``(queries,)``, ``candidates`` ``(candidates,)``: class labels, whole numbers or
    texts. ``[start:stop]`` are these rows, boolean ``(rows, candidates)``: ``matches`` for a search
    in which several candidates are right, such as all drawings of one concept.

    >>> SameLabels(["cat", "dog"], ["dog", "cat", "cat"])[0:2]
    array([[False,  True,  True],
           [ True, False, False]])
    """

    def __init__(self, queries: ArrayLike, candidates: ArrayLike):
        self._queries = _check_row_labels("queries", queries)
        self._candidates = _check_row_labels("candidates", candidates)
        if (self._queries.dtype.kind == "U") != (self._candidates.dtype.kind == "U"):
            raise ValueError(
                "queries and candidates must both be whole numbers, or both texts, got "
                f"{self._queries[0].item()!r} and {self._candidates[0].item()!r}"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Return ``(queries, candidates)``."""
        return len(self._queries), len(self._candidates)

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return some rows of the table, boolean ``(rows, candidates)``."""
        return self._queries[rows, None] == self._candidates


class Diagonal:
    """Query ``i`` looks for candidate ``i``: a table, of which only some rows exist."""

    def __init__(self, count: int):
        self.shape = count, count

    def __getitem__(self, rows: slice) -> np.ndarray:
        """Return some rows of the table, boolean ``(rows, candidates)``."""
        numbers = np.arange(self.shape[0])
        return numbers[rows, None] == numbers


def _check_row_labels(name, given):
    labels = check_labels(name, given)
    if labels.ndim != 1 or not labels.size:
        raise ValueError(f"{name} must hold at least one label, (items,), got {labels.shape}")
    return labels


def open_tables(similarity: Any, matches: Any) -> tuple[Any, Any]:
    """Return both as tables whose rows can be read: arrays, or what computes them."""
    similarity = _open_table("similarity", similarity)
    queries, candidates = similarity.shape
    if matches is None:
        if queries != candidates:
            raise ValueError(
                "without matches, similarity must hold as many candidates as queries, "
                f"got shape {(queries, candidates)}"
            )
        return similarity, Diagonal(queries)
    matches = _open_table("matches", matches)
    if tuple(matches.shape) != (queries, candidates):
        wanted = (queries, candidates)
        raise ValueError(
            f"matches must have the shape of similarity, {wanted}, got {tuple(matches.shape)}"
        )
    return similarity, matches


def _open_table(name, given):
    readable = hasattr(given, "shape") and hasattr(given, "__getitem__")
    table = given if readable else check_array(name, given, finite=False)
    if len(table.shape) != 2 or 0 in table.shape:
        raise ValueError(
            f"{name} must be of shape (queries, candidates), at least one of each, "
            f"got {tuple(table.shape)}"
        )
    return table


def read_blocks(similarity: Any, matches: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield some rows of both tables at a time, scores and booleans; refuse what cannot be."""
    rows = max(1, BLOCK // similarity.shape[1])
    for start in range(0, similarity.shape[0], rows):
        block = slice(start, start + rows)
        scores = check_array("similarity", similarity[block], finite=False)
        scores = scores if scores.dtype.kind == "f" else scores.astype(float)
        right = np.asarray(matches[block])
        if right.dtype != bool:
            raise TypeError(f"matches must hold True and False, got {right.dtype}")
        if np.isnan(scores).any() or np.isposinf(scores).any():
            raise ValueError("similarity must hold numbers, or -inf for what is left out; got "
                             f"{scores[np.isnan(scores) | np.isposinf(scores)][0]}")  # fmt: skip
        if not right.any(axis=1).all():
            row = start + int(np.argmin(right.any(axis=1)))
            raise ValueError(
                f"matches must hold at least one match per query, query {row} has none"
            )
        yield scores, right
