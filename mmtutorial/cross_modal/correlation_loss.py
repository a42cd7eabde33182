"""Are two batches of vectors correlated? A loss that says so, for networks to learn from."""

from typing import Any

import keras
import numpy as np
from keras import ops

from mmtutorial._checks import check_number
from mmtutorial.encoders._base import to_array, value_range

LARGEST_RIDGE = 1e30  # so that what it is divided by and multiplied with fits into float32
ROUNDING = 10.0  # of a covariance, in eps of the sum of its variances


def dcca_loss(a: Any, b: Any, *, regularization: float = 1e-3) -> Any:
    """How correlated are two batches of vectors, over all their axes together, as a loss?

    ``a`` is ``(batch, dim_a)`` and ``b`` ``(batch, dim_b)``, rows of the same items. Returns minus
    the sum of their canonical correlations, a scalar between ``-min(dim_a, dim_b)`` and 0: the
    trace norm of ``T = C_aa^(-1/2) C_ab C_bb^(-1/2)``, with ``regularization`` added to each
    variance of ``C_aa`` and ``C_bb``. It is computed in float32 or better, and value and gradient
    are finite for a batch of any size from two on. But only large batches say something: at
    ``batch <= dim`` any two batches are as correlated as can be, see `chance_correlation`.

    Raises ``ValueError`` for what are no two batches of as many vectors, and, outside compiled
    graphs, for numbers that are not finite. Paper: Andrew et al. 2013, Deep Canonical Correlation
    Analysis.

    >>> a = keras.random.normal((500, 3), seed=0)
    >>> round(float(dcca_loss(a, 2.0 * a[:, ::-1] + 1.0)), 1)
    -3.0
    """
    ridge = check_number("regularization", regularization, above=0, most=LARGEST_RIDGE)
    a, b = _to_batches(a, b)
    (a, factor_a), (b, factor_b) = (_centre_and_factor(batch, ridge) for batch in (a, b))
    cross = ops.matmul(ops.transpose(a), b) / _freedom(a)
    half = ops.solve_triangular(factor_a, cross, lower=True)
    whitened = ops.solve_triangular(factor_b, ops.transpose(half), lower=True)
    return -ops.sum(ops.svd(whitened, compute_uv=False))


def _to_batches(a, b):
    """Return both as tensors of float32 or better; refuse what are no batches of as many rows."""
    found = []
    for name, given in (("a", a), ("b", b)):
        batch = to_array(name, given)
        if len(batch.shape) != 2 or batch.shape[0] in (0, 1) or not batch.shape[1]:
            raise ValueError(
                f"{name} must have shape (batch, dim), at least two rows, got {tuple(batch.shape)}"
            )
        seen = value_range(batch)
        if seen is not None and not np.isfinite(seen).all():
            raise ValueError(f"{name} must hold finite numbers, got {seen[0]:g} to {seen[1]:g}")
        dtype = keras.backend.result_type(batch.dtype, "float32")
        found.append(ops.cast(batch, dtype))
    rows = [batch.shape[0] for batch in found]
    if None not in rows and rows[0] != rows[1]:
        raise ValueError(f"a and b must hold as many rows, got {rows[0]} and {rows[1]}")
    dtype = keras.backend.result_type(*(batch.dtype for batch in found))
    return [ops.cast(batch, dtype) for batch in found]


def _freedom(batch):
    return ops.cast(ops.shape(batch)[0] - 1, batch.dtype)


def _centre_and_factor(batch, ridge):
    """Return a batch, centred and scaled, and the Cholesky factor of its covariance.

    The scale changes nothing, for batch and regularization are divided by it alike; it keeps the
    squares of large numbers finite. Where rounding is larger than the regularization, as it is for
    large numbers in few directions, rounding's size stands in for it: a factor must exist.
    """
    spread = ops.stop_gradient(ops.maximum(ops.max(ops.abs(batch)), ridge**0.5))
    centred = batch / spread
    centred = centred - ops.mean(centred, axis=0, keepdims=True)
    covariance = ops.matmul(ops.transpose(centred), centred) / _freedom(batch)
    eps = ROUNDING * float(np.finfo(keras.backend.standardize_dtype(batch.dtype)).eps)
    diagonal = ops.maximum((ridge**0.5 / spread) ** 2, eps * ops.trace(covariance))
    size = covariance.shape[0]
    return centred, ops.cholesky(covariance + diagonal * ops.eye(size, dtype=covariance.dtype))
