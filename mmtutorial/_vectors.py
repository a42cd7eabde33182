"""Vectors that are compared by their directions alone."""

from typing import Any

import numpy as np

from mmtutorial._checks import check_array


def check_vectors(name: str, given: Any, *, dim: int | None = None) -> np.ndarray:
    """Return vectors ``(items, dim)``; refuse what has no direction.

    Raises ``ValueError`` for another shape or size, for NaN and for a vector of zeros.
    """
    vectors = check_array(name, given)
    wanted = "(items, dim)" if dim is None else f"(items, dim = {dim})"
    if vectors.ndim != 2 or not vectors.size or dim not in (None, vectors.shape[1]):
        raise ValueError(f"{name} must be vectors, {wanted}, got shape {vectors.shape}")
    if not vectors.any(axis=1).all():
        row = int(np.argmin(vectors.any(axis=1)))
        raise ValueError(f"{name} must have a direction, but row {row} holds nothing but zeros")
    return vectors


def to_unit(rows: np.ndarray) -> np.ndarray:
    """Return vectors ``(rows, dim)`` of length 1; those of zeros stay as they are.

    >>> to_unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def normalize(vectors: np.ndarray) -> np.ndarray:
    """Return checked vectors at length 1, in float64."""
    vectors = vectors.astype("float64")
    vectors /= np.abs(vectors).max(axis=-1, keepdims=True)  # no square is too large or too small
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
