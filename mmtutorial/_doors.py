"""The doors of a model, through which arrays go into a compiled graph."""

from typing import Any


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
