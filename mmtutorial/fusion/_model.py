"""What a model of several modalities checks at its doors: training, prediction, export."""

from typing import Any

import keras
import numpy as np
from keras import layers

from mmtutorial._doors import ExportDoors
from mmtutorial._logits import check_classes, check_logits
from mmtutorial.encoders._base import check_layer
from mmtutorial.fusion._inputs import (
    check_modalities,
    check_rows,
    fill_left_out,
    split_presence,
    stack_presence,
    take_presence,
    to_arrays,
)

RESERVED = ("fused", "presence")  # names of inputs and heads that are no modality


def check_encoders(encoders: Any) -> dict[str, layers.Layer]:
    """Return the encoders by name; refuse what is no layer, and names that mean something else."""
    modalities = check_modalities(encoders, name="encoders", of="layers")
    if set(RESERVED) & set(modalities):
        raise ValueError(f"a modality cannot be called {' or '.join(map(repr, RESERVED))}")
    return {name: check_layer(f"encoders[{name!r}]", encoders[name]) for name in modalities}


class MultimodalModel(ExportDoors, keras.Model):
    """Base of models that take ``{modality: array}``, and ``presence`` among them or beside.

    NumPy arrays are looked at on their way into a compiled graph (`Doors`): each encoder may have
    a method ``check_values``, as ours do.
    """

    def __call__(self, inputs, *args, **kwargs):
        """Turn lists into arrays, and presence into one, before Keras sees them."""
        among_inputs = isinstance(inputs, dict) and "presence" in inputs
        inputs, presence = self._to_arrays(inputs, kwargs.pop("presence", None))
        if among_inputs and presence is not None:
            inputs["presence"] = presence
        elif presence is not None:
            kwargs["presence"] = presence
        self._remember(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def _to_arrays(self, inputs, presence=None):
        """Return ``{modality: array}`` and the presence, ``(batch, modalities)`` or None."""
        inputs, presence = take_presence(inputs, presence)
        inputs, presence = fill_left_out(inputs, presence, self.modalities, self._seen)
        return to_arrays(inputs, self.modalities), stack_presence(presence, self.modalities)

    def _look_at(self, inputs):
        """Return inputs for a compiled graph, after a look at those that are NumPy arrays."""
        if not isinstance(inputs, dict):
            return inputs
        arrays, presence = self._to_arrays(inputs)
        batch = arrays if presence is None else {**arrays, "presence": presence}
        present = {} if presence is None else split_presence(presence, self.modalities)
        check_rows(batch)
        for name, encoder in self.encoders.items():
            if isinstance(arrays[name], np.ndarray) and hasattr(encoder, "check_values"):
                rows = np.asarray(present[name])[:, 0] if present else slice(None)
                encoder.check_values(arrays[name][rows])
        return batch

    def _look_at_targets(self, y):
        """Return targets, after a look whether all are classes of this model."""
        check_classes("y", y, getattr(self, "loss", None), getattr(self, "classes", None))
        return y

    def compile(
        self,
        optimizer="rmsprop",
        loss=None,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        *args,
        **kwargs,
    ):
        """Compile as Keras does; refuse a loss or a metric that takes logits for probabilities."""
        check_logits("loss", loss)
        check_logits("metrics", metrics)
        check_logits("weighted_metrics", weighted_metrics)
        super().compile(optimizer, loss, loss_weights, metrics, weighted_metrics, *args, **kwargs)
