"""The doors of a model, through which arrays go into a compiled graph."""

from collections.abc import Mapping
from typing import Any

import keras


class Doors:
    """Looks at inputs and targets in ``fit``, ``evaluate``, ``predict`` and ``_on_batch`` forms.

    Inside a compiled graph no layer can look at values. What comes as a ``tf.data.Dataset`` or
    from a generator is not looked at.
    """

    def _look_at(self, inputs: Any) -> Any:
        """Return inputs for a compiled graph, after a look at those that are NumPy arrays."""
        raise NotImplementedError

    def _look_at_targets(self, y: Any) -> Any:
        """Return targets, after a look at them."""
        raise NotImplementedError

    def fit(self, x=None, y=None, *args, **kwargs):
        """Train as Keras does, after a look at inputs and targets."""
        validation = kwargs.get("validation_data")
        if isinstance(validation, (tuple, list)):
            new, truth, *weights = *validation, *[None] * (2 - len(validation))
            new, truth = self._look_at(new), self._look_at_targets(truth)
            kwargs["validation_data"] = (new, truth, *weights)
        return super().fit(self._look_at(x), self._look_at_targets(y), *args, **kwargs)

    def evaluate(self, x=None, y=None, *args, **kwargs):
        """Evaluate as Keras does, after a look at inputs and targets."""
        return super().evaluate(self._look_at(x), self._look_at_targets(y), *args, **kwargs)

    def predict(self, x, *args, **kwargs):
        """Predict as Keras does, after a look at the inputs."""
        return super().predict(self._look_at(x), *args, **kwargs)

    def train_on_batch(self, x, y=None, *args, **kwargs):
        """Take a step of training as Keras does, after a look at inputs and targets."""
        return super().train_on_batch(self._look_at(x), self._look_at_targets(y), *args, **kwargs)

    def test_on_batch(self, x, y=None, *args, **kwargs):
        """Evaluate a batch as Keras does, after a look at inputs and targets."""
        return super().test_on_batch(self._look_at(x), self._look_at_targets(y), *args, **kwargs)

    def predict_on_batch(self, x):
        """Predict a batch as Keras does, after a look at the inputs."""
        return super().predict_on_batch(self._look_at(x))

    def compile_from_config(self, config):
        """Compile again as the model was; Keras leaves that to classes with a ``compile``."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)


class ExportDoors(Doors):
    """Doors that remember shape and type of each input of the first call, for ``export``."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._seen = {}

    def _remember(self, inputs: Mapping[str, Any]) -> None:
        """Note shapes without the batch, and types: floats as the weights', others as they are."""
        for name, array in inputs.items():
            dtype = keras.backend.standardize_dtype(array.dtype)
            dtype = self.variable_dtype if keras.backend.is_float_dtype(dtype) else dtype
            self._seen.setdefault(name, [[None, *array.shape[1:]], dtype])

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
