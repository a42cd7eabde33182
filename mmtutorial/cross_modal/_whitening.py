"""The linear algebra of canonical correlation analysis: QR of each view, and one SVD."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import qr, solve_triangular, svd

EPS = np.finfo(np.float64).eps


class Whitened(NamedTuple):
    """A centred view as ``basis @ factor``: the columns of ``basis`` are its whitened numbers.

    ``basis`` is ``(items, rank)``, ``triangle`` ``(rank, rank)``; ``kept`` are the columns of the
    view that the rank needs, ``scale`` their lengths.
    """

    basis: np.ndarray
    triangle: np.ndarray
    kept: np.ndarray
    scale: np.ndarray
    dim: int

    def directions(self, rotation: np.ndarray) -> np.ndarray:
        """Return ``(dim, components)`` by which the view gives ``basis @ rotation``."""
        found = np.zeros((self.dim, rotation.shape[1]))
        found[self.kept] = solve_triangular(self.triangle, rotation) / self.scale[:, None]
        return found


def whiten(view: np.ndarray, regularization: float) -> Whitened:
    """Return a view ``(items, dim)``, centred, as an orthonormal basis and what makes it.

    Rows ``sqrt(regularization * (items - 1)) I`` below the view add ``regularization`` to each
    variance, without the covariance being formed, whose error is the square. Columns that others
    explain get no weight.
    """
    items, dim = view.shape
    centred = view - view.mean(axis=0)
    rounding = items * EPS * np.abs(view).max(axis=0)
    centred[:, np.linalg.norm(centred, axis=0) <= rounding * np.sqrt(items)] = 0  # constants
    stacked = centred
    if regularization:
        stacked = np.vstack([centred, np.sqrt(regularization * (items - 1)) * np.eye(dim)])
    length = np.linalg.norm(stacked, axis=0)
    length[length == 0] = 1
    basis, triangle, order = qr(stacked / length, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    rank = int(np.sum(size > max(stacked.shape) * EPS * max(size[0], EPS)))
    kept = order[:rank]
    return Whitened(basis[:items, :rank], triangle[:rank, :rank], kept, length[kept], dim)


def solve(
    a: np.ndarray, b: np.ndarray, regularization: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return canonical correlations ``(k,)``, largest first, and directions ``(dim, k)`` of both.

    ``k`` is the smaller rank of the two views ``(items, dim)``; it may be 0.
    """
    whitened = [whiten(view, each) for view, each in zip((a, b), regularization, strict=True)]
    first, second = (each.basis for each in whitened)
    if not first.shape[1] or not second.shape[1]:
        return np.zeros(0), np.zeros((a.shape[1], 0)), np.zeros((b.shape[1], 0))
    left, correlations, right = svd(first.T @ second, full_matrices=False)
    spread = np.sqrt(len(a) - 1)  # so that each canonical variate has variance 1
    directions = [
        spread * each.directions(rotation)
        for each, rotation in zip(whitened, (left, right.T), strict=True)
    ]
    return np.clip(correlations, 0, 1), *_turn(*directions)


def _turn(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn each pair of directions so that the largest weight of the first one is positive."""
    largest = np.take_along_axis(first, np.abs(first).argmax(axis=0)[None], axis=0)
    sign = np.where(largest < 0, -1.0, 1.0)
    return first * sign, second * sign


def correlate_columns(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the correlation of each column of ``a`` with that of ``b``; of a constant one, 0."""
    a, b = (view - view.mean(axis=0) for view in (a, b))
    lengths = np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0)
    return np.sum(a * b, axis=0) / np.where(lengths > 0, lengths, 1)
