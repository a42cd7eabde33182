"""Auxiliary losses: in training, each modality has a head and a loss of its own."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from mmtutorial._checks import check_number
from mmtutorial.fusion._inputs import split_presence, take_presence
from mmtutorial.fusion._model import MultimodalModel


class TrainingLogits(NamedTuple):
    """What a classifier with auxiliary losses returns while it trains.

    ``compute_loss`` gets it as ``y_pred``, so that no tensor has to be kept in the model from one
    method to the other. (GoogLeNet in torchvision does the same.) The fused logits stand first: a
    model around this one takes them, and leaves the others.
    """

    fused: Any  # (batch, classes)
    auxiliary: dict[str, Any]  # by modality, (batch, classes)


def check_auxiliary(auxiliary: Any, modalities: Sequence[str]) -> dict[str, float]:
    """Return a weight for each modality that gets a loss of its own."""
    weights = auxiliary if isinstance(auxiliary, dict) else dict.fromkeys(modalities, auxiliary)
    if not set(weights) <= set(modalities):
        raise ValueError(f"auxiliary must be of {modalities}, got {sorted(weights)}")
    for name, weight in weights.items():
        label = f"auxiliary[{name!r}]" if isinstance(auxiliary, dict) else "auxiliary"
        check_number(label, weight, least=0)
    return {name: float(weights[name]) for name in modalities if weights.get(name)}


def auxiliary_loss(loss: Any, y: Any, logits: Any, present: Any, sample_weight: Any) -> Any:
    """Return the loss of one modality's logits, over the rows in which it is present.

    ``present`` is boolean ``(batch, 1)``, or None: in all rows.
    """
    if not isinstance(loss, keras.losses.Loss):
        raise ValueError(
            "auxiliary needs a keras.losses.Loss in compile, such as "
            f"SparseCategoricalCrossentropy(from_logits=True), got {loss!r}"
        )
    rows = sample_weight
    if present is not None:
        rows = ops.cast(present[:, 0], "float32")
        rows = rows if sample_weight is None else rows * ops.reshape(sample_weight, (-1,))
    return loss(y, logits, sample_weight=rows)


class AuxiliaryLossModel(MultimodalModel):
    """A model that adds ``auxiliary``, a dict of weights, times the losses of single modalities.

    Its ``call`` returns `TrainingLogits` where there is such a loss, in training alone.
    """

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the loss; in training with those of the single modalities, where present."""
        if not isinstance(y_pred, TrainingLogits):
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        total = super().compute_loss(x, y, y_pred.fused, sample_weight, training)
        present = {}
        if (presence := take_presence(x)[1]) is not None:
            present = split_presence(presence, self.modalities)
        for name, weight in self.auxiliary.items():
            logits, rows = y_pred.auxiliary[name], present.get(name)
            total = total + weight * auxiliary_loss(self.loss, y, logits, rows, sample_weight)
        return total

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Update the metrics, which are of the fused logits alone."""
        y_pred = y_pred.fused if isinstance(y_pred, TrainingLogits) else y_pred
        return super().compute_metrics(x, y, y_pred, sample_weight=sample_weight)
