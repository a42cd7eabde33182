"""What stands behind each encoder of a dual encoder."""

from typing import Any

import keras
from keras import layers, ops

from mmtutorial.cross_modal._pairs import unit_length


@keras.saving.register_keras_serializable(package="mmtutorial")
class UnitProjection(layers.Layer):
    """Map vectors linearly to ``units`` numbers, and bring them to length 1.

    ``(batch, dim)`` -> ``(batch, units)``, in float32 under mixed precision, too: a dot product of
    two such vectors is a cosine. ``dropout`` is the share of the vectors set to 0 while training.
    """

    def __init__(self, units: int, *, dropout: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.dropout = units, dropout
        self.drop = layers.Dropout(dropout, dtype=self.dtype_policy)
        self.project = layers.Dense(units, use_bias=False, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the matrix."""
        self.project.build(input_shape)

    def call(self, vectors, training=None):
        """Project and normalise."""
        projected = self.project(self.drop(vectors, training=training))
        double = self.compute_dtype == "float64"
        return unit_length(ops.cast(projected, "float64" if double else "float32"))

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``."""
        return (input_shape[0], self.units)

    def compute_output_spec(self, vectors, training=None):
        """Return shape and type of what comes out."""
        shape = self.compute_output_shape(vectors.shape)
        double = self.compute_dtype == "float64"
        return keras.KerasTensor(shape, dtype="float64" if double else "float32")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "units": self.units, "dropout": self.dropout}
