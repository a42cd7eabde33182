"""Batches of one size, in another order each epoch: what a loss over whole batches needs."""

from collections.abc import Mapping

import keras
import numpy as np


class FullBatches(keras.utils.PyDataset):
    """Draw batches of ``batch_size`` rows; what is left over waits for another epoch's order.

    ``inputs`` is ``{modality: array}``. A smaller last batch would have another loss: correlations
    are higher in fewer items, and contrast has fewer negatives.
    """

    def __init__(self, inputs: Mapping[str, np.ndarray], batch_size: int, rng: np.random.Generator):
        super().__init__()
        self.inputs, self.batch_size = inputs, batch_size
        self.rng = rng
        self.rows = len(next(iter(inputs.values())))
        self.on_epoch_end()

    def __len__(self) -> int:
        return self.rows // self.batch_size

    def __getitem__(self, index: int) -> tuple[dict[str, np.ndarray]]:
        """Return ``({modality: (batch_size, ...)},)``."""
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return ({name: array[chosen] for name, array in self.inputs.items()},)

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        self.order = self.rng.permutation(self.rows)
