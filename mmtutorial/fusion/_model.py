"""What a model of several modalities checks at its doors: training, prediction, export."""

import inspect
from typing import Any

import keras
import numpy as np
from keras import layers

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

OF_PROBABILITIES = {"kl_divergence", "KLDivergence"}
RESERVED = ("fused", "presence")  # names of inputs and heads that are no modality
SHORT = {"crossentropy", "ce"}  # as a metric, Keras finds out which, and takes probabilities


def check_logits(name: str, given: Any) -> None:
    """Refuse a loss or metric, or several, that takes the logits of a model for probabilities."""
    find = keras.losses.get if name == "loss" else keras.metrics.get
    for each in keras.tree.flatten(given):
        try:
            found = find(each)
        except (ValueError, TypeError):
            found = each  # a short name; or a wrong one, which Keras refuses
        function = getattr(found, "fn", getattr(found, "_fn", found))
        of_logits = getattr(found, "from_logits", None)
        if of_logits is None and inspect.isfunction(function):
            option = inspect.signature(function).parameters.get("from_logits")
            of_logits = None if option is None else option.default
        names = {getattr(function, "__name__", ""), type(found).__name__}
        short = isinstance(found, str) and found in SHORT
        if of_logits is False or short or names & OF_PROBABILITIES:
            raise ValueError(
                f"{name} must take logits, which this model returns; {each!r} takes probabilities: "
                "write keras.losses.SparseCategoricalCrossentropy(from_logits=True), or its like"
            )


def check_encoders(encoders: Any) -> dict[str, layers.Layer]:
    """Return the encoders by name; refuse what is no layer, and names that mean something else."""
    modalities = check_modalities(encoders, name="encoders", of="layers")
    if set(RESERVED) & set(modalities):
        raise ValueError(f"a modality cannot be called {' or '.join(map(repr, RESERVED))}")
    return {name: check_layer(f"encoders[{name!r}]", encoders[name]) for name in modalities}


class MultimodalModel(keras.Model):
    """Base of models that take ``{modality: array}``, and ``presence`` among them or beside.

    In ``fit``, ``evaluate``, ``predict`` and their ``_on_batch`` forms values reach the layers
    inside a compiled graph, where no layer can look at them. So NumPy arrays are looked at on
    their way in: each encoder may have a method ``check_values``, as ours do. What comes as a
    ``tf.data.Dataset`` or from a generator is not looked at.
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

    def compile(self, optimizer="rmsprop", loss=None, *args, **kwargs):
        """Compile as Keras does; refuse a loss or a metric that takes logits for probabilities."""
        check_logits("loss", loss)
        for name in ("metrics", "weighted_metrics"):
            check_logits(name, kwargs.get(name))
        super().compile(optimizer, loss, *args, **kwargs)

    def compile_from_config(self, config):
        """Compile again as the model was; Keras leaves that to classes with a ``compile``."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)

    def fit(self, x=None, *args, **kwargs):
        """Train as Keras does, after a look at the inputs."""
        validation = kwargs.get("validation_data")
        if isinstance(validation, (tuple, list)):
            kwargs["validation_data"] = (self._look_at(validation[0]), *validation[1:])
        return super().fit(self._look_at(x), *args, **kwargs)

    def evaluate(self, x=None, *args, **kwargs):
        """Evaluate as Keras does, after a look at the inputs."""
        return super().evaluate(self._look_at(x), *args, **kwargs)

    def predict(self, x, *args, **kwargs):
        """Predict as Keras does, after a look at the inputs."""
        return super().predict(self._look_at(x), *args, **kwargs)

    def train_on_batch(self, x, *args, **kwargs):
        """Take a step of training as Keras does, after a look at the inputs."""
        return super().train_on_batch(self._look_at(x), *args, **kwargs)

    def test_on_batch(self, x, *args, **kwargs):
        """Evaluate a batch as Keras does, after a look at the inputs."""
        return super().test_on_batch(self._look_at(x), *args, **kwargs)

    def predict_on_batch(self, x):
        """Predict a batch as Keras does, after a look at the inputs."""
        return super().predict_on_batch(self._look_at(x))

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
