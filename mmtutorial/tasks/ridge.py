"""Ridge regression from one modality to another: a search that needs no contrast."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_number

MOST = 1e6  # of an input or target


class RidgeMap(NamedTuple):
    """What was learnt: ``weights`` is (inputs, targets), ``bias`` is (targets,)."""

    weights: np.ndarray
    bias: np.ndarray

    def predict(self, inputs: ArrayLike) -> np.ndarray:
        """Return the targets of each row, ``(rows, targets)``, float64."""
        inputs = check_array("inputs", inputs, most=MOST)
        if inputs.ndim != 2 or inputs.shape[1] != len(self.weights):
            raise ValueError(f"inputs must be (rows, {len(self.weights)}), got {inputs.shape}")
        return inputs @ self.weights + self.bias


def fit_ridge_map(inputs: ArrayLike, targets: ArrayLike, *, penalty: float = 1.0) -> RidgeMap:
    """Find the linear map with the least squared error from some vectors to others.

    Minimises the squared error summed over the rows, plus ``penalty`` times the sum of the squared
    weights; the bias is free. Predict texts from images, and search for what is nearest to the
    prediction.

    Parameters
    ----------
    inputs, targets : ``(rows, dim)`` each, of as many rows
    penalty : strength of the L2 penalty, above 0

    Raises ``ValueError`` if the shapes do not fit, for NaN, for numbers beyond a million and for a
    penalty that is not above 0. Paper: Hoerl and Kennard 1970, Ridge Regression.

    >>> line = fit_ridge_map([[0.0], [1.0], [2.0]], [[1.0], [3.0], [5.0]], penalty=1e-6)
    >>> line.predict([[3.0]]).round(3)
    array([[7.]])
    """
    x = check_array("inputs", inputs, most=MOST).astype(np.float64)
    y = check_array("targets", targets, most=MOST).astype(np.float64)
    check_number("penalty", penalty, above=0)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or not x.size or not y.size:
        raise ValueError(
            "inputs and targets must be (rows, dim), at least one row and as many in both, "
            f"got {x.shape} and {y.shape}"
        )
    means = x.mean(axis=0), y.mean(axis=0)
    x, y = x - means[0], y - means[1]
    weights = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)
    return RidgeMap(weights, means[1] - means[0] @ weights)
