"""Batches of pairs, all of one size, for a loss that compares each pair with its batch."""

from collections.abc import Mapping

import numpy as np

from mmtutorial.cross_modal._batches import FullBatches


class PairBatches(FullBatches):
    """Inputs, and which item each pair is of, if ``ids`` says so, in batches of one size.

    With ``fixed`` the rows stand in the same random order in each epoch: for validation.
    """

    def __init__(
        self,
        inputs: Mapping[str, np.ndarray],
        ids: np.ndarray | None,
        batch_size: int,
        rng: np.random.Generator,
        *,
        fixed: bool = False,
    ):
        self.ids, self.fixed, self.order = ids, fixed, None
        super().__init__(inputs, batch_size, rng)

    def __getitem__(self, index: int) -> tuple:
        """Return ``({modality: (batch_size, ...)}, ids)``, or the inputs alone, as a tuple."""
        (inputs,) = super().__getitem__(index)
        if self.ids is None:
            return (inputs,)
        return inputs, self.ids[self.order[index * self.batch_size :][: self.batch_size]]

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        if self.order is None or not self.fixed:
            super().on_epoch_end()
