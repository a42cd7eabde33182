"""Gradients of several tasks, one row each: what all methods on them begin and end with."""

from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from mmtutorial.encoders._base import to_array

LARGEST = 1e30  # of a number in a gradient; what is larger is no gradient any more
EXACT = "float64"  # for tables of tasks by tasks, which are small
TINY = 1e-200  # stands in for 0 where something is divided by it


def at_least(low: float, numbers: Any) -> Any:
    """Return numbers, and ``low`` for those below, float64; PyTorch would make 1e-200 a 0."""
    return ops.clip(numbers, np.array(low, EXACT), np.inf)


def product(table: Any, other: Any) -> Any:
    """Multiply a small table by a vector or a table, in float64, on PyTorch too."""
    if len(other.shape) == 1:
        return ops.sum(table * other, axis=1)
    return ops.sum(table[:, :, None] * other, axis=1)


class Rows(NamedTuple):
    """Gradients ``(tasks, params)``, the cosines between them and their relative lengths.

    ``cosines`` is ``(tasks, tasks)``, with 0 for a gradient of zeros, ``lengths`` ``(tasks,)`` in
    units of the longest one; both are of float64, since they are small.
    """

    grads: Any
    cosines: Any
    lengths: Any

    @property
    def gram(self) -> Any:
        """The inner products ``(tasks, tasks)``, in units of the longest gradient's square."""
        return self.cosines * self.lengths * self.lengths[:, None]

    @property
    def rounding(self) -> float:
        """The relative error of an inner product, nearly."""
        return 16 * float(np.finfo(keras.backend.standardize_dtype(self.grads.dtype)).eps)

    def combine(self, weights: Any) -> Any:
        """Return the weighted sum of the gradients, ``(params,)``."""
        weights = ops.cast(weights, self.grads.dtype)
        return ops.matmul(weights[None], self.grads)[0]


def to_rows(grads: Any) -> Rows:
    """Return gradients as `Rows`; refuse what is no table of finite numbers.

    Where a square might overflow or vanish, each row is divided by its largest number first.
    """
    grads = _check_gradients(grads)
    products = _inner_products(grads)
    squares = ops.diagonal(products)
    ordinary = ops.all(ops.logical_and(squares > 1e-20, squares < 1e30))
    units, products = ops.cond(
        ordinary, lambda: (ops.ones_like(squares), products), lambda: _scaled_products(grads)
    )
    lengths = ops.sqrt(ops.diagonal(products))
    ones = ops.where(lengths > 0, lengths, ops.ones_like(lengths))
    cosines = ops.clip(products / (ones * ones[:, None]), -1.0, 1.0)
    lengths = lengths * units
    longest = ops.max(lengths)
    return Rows(grads, cosines, lengths / ops.where(longest > 0, longest, ops.ones_like(longest)))


def _inner_products(rows):
    """Return the inner products of all rows, ``(tasks, tasks)``."""
    return ops.cast(ops.matmul(rows, ops.transpose(rows)), EXACT)


def _scaled_products(grads):
    """Return the largest number of each row, 1 for zeros, and the inner products in these units."""
    peaks = ops.max(ops.abs(grads), axis=1)
    peaks = ops.where(peaks > 0, peaks, ops.ones_like(peaks))
    return ops.cast(peaks, EXACT), _inner_products(grads / peaks[:, None])


def _check_gradients(given):
    """Return gradients as a tensor ``(tasks, params)`` of float32 or better."""
    array = to_array("grads", given)
    if len(array.shape) != 2 or 0 in tuple(array.shape):
        raise ValueError(
            "grads must have shape (tasks, params), one gradient per row, at least one of each; "
            f"got {tuple(array.shape)}"
        )
    double = keras.backend.standardize_dtype(array.dtype) == "float64"
    tensor = ops.cast(ops.convert_to_tensor(array), "float64" if double else "float32")
    try:
        peak = float(ops.max(ops.abs(tensor)))
    except (TypeError, RuntimeError):  # inside a compiled graph there are no values to see
        return tensor
    if not peak <= LARGEST:
        wrong = ops.convert_to_numpy(ops.max(ops.abs(tensor), axis=1))
        row = int(np.argmax(np.where(np.isfinite(wrong), wrong, np.inf)))
        raise ValueError(
            f"grads must hold finite numbers within {LARGEST:g} of 0, but task {row} has "
            f"{wrong[row]:g}"
        )
    return tensor
