"""What a model of several modalities checks at its doors: training, prediction, export."""

from typing import Any

import keras
import numpy as np
from keras import layers

from mmtutorial._doors import Doors
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


class MultimodalModel(Doors, keras.Model):
    """Base of models that take ``{modality: array}``, and ``presence`` among them or beside.

    NumPy arrays are looked at on their way into a compiled graph (`Doors`): each encoder may have
    a method ``check_values``, as ours do.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._seen = {}  # shape and type of each input, from the first call on, for `export`

    def __call__(self, inputs, *args, **kwargs):
        """Turn lists into arrays, and presence into one, before Keras sees them."""
        among_inputs = isinstance(inputs, dict) and "presence" in inputs
        inputs, presence = self._to_arrays(inputs, kwargs.pop("presence", None))
        if among_inputs and presence is not None:
            inputs["presence"] = presence
        elif presence is not None:
            kwargs["presence"] = presence
        for name, array in inputs.items():
            dtype = keras.backend.standardize_dtype(array.dtype)
            dtype = self.variable_dtype if keras.backend.is_float_dtype(dtype) else dtype
            dtype = "bool" if name == "presence" else dtype
            self._seen.setdefault(name, [[None, *array.shape[1:]], dtype])
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

    def compile_from_config(self, config):
        """Compile again as the model was; Keras leaves that to classes with a ``compile``."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)

    def export(
        self, filepath, format="tf_saved_model", verbose=None, input_signature=None, **kwargs
    ):
        """Export as Keras does, for inputs of the shapes and types that the model has seen.

        Keras alone would ask for floats, where a text comes as whole numbers.
        """
        if input_signature is None and self._seen:
            specs = {
                name: keras.InputSpec(dtype=dtype, shape=tuple(shape))
                for name, (shape, dtype) in self._seen.items()
            }
            input_signature = [specs]
        super().export(filepath, format, verbose=verbose, input_signature=input_signature, **kwargs)

    def get_build_config(self):
        """Return what `build_from_config` needs: shapes, and the types for `export`."""
        return {**(super().get_build_config() or {}), "seen": dict(self._seen)}

    def build_from_config(self, config):
        """Make the weights again."""
        self._seen = dict(config.get("seen", {}))
        super().build_from_config({key: value for key, value in config.items() if key != "seen"})
