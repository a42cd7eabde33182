"""Ready-made features (of a frozen network, say) -> a vector of the size we want."""

import keras
from keras import layers

from mmtutorial._checks import check_share, check_whole
from mmtutorial.encoders._base import Encoder, check_fit


@keras.saving.register_keras_serializable(package="mmtutorial")
class DenseEncoder(Encoder):
    """One dense layer over features that somebody else computed, with dropout before and after.

    Parameters
    ----------
    units : size of the vector that comes out
    dropout : share of the numbers set to 0 while training, in 0..1

    ``(batch, dim)`` of floats -> ``(batch, units)``; a sequence ``(batch, time, dim)`` becomes
    ``(batch, time, units)``. Raises ``ValueError`` for features of another size than the first.
    Paper: Srivastava et al. 2014, Dropout.

    >>> DenseEncoder(8)(keras.ops.ones((2, 256))).shape
    TensorShape([2, 8])
    """

    def __init__(self, units: int = 128, *, dropout: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=1)
        self.dropout = check_share("dropout", dropout)
        self.input_dropout = layers.Dropout(dropout, dtype=self.dtype_policy)
        self.dense = layers.Dense(units, activation="relu", dtype=self.dtype_policy)
        self.output_dropout = layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the weights for features of this size."""
        self.check_shape(tuple(input_shape))
        self.first_shape = tuple(input_shape)
        self.input_dropout.build(input_shape)
        self.dense.build(input_shape)
        self.output_dropout.build(self.compute_output_shape(input_shape))

    def check_shape(self, shape):
        """Refuse what is no batch of vectors, or of another size than the first."""
        if len(shape) < 2 or shape[-1] is None:
            raise ValueError(f"features must have shape (batch, dim), got {shape}")
        if self.built:
            size = self.first_shape[-1]
            check_fit("features", (None, shape[-1]), (None, size), axes=(1,))

    def call(self, features, training=None):
        """Encode ``(batch, dim)`` as ``(batch, units)``."""
        hidden = self.dense(self.input_dropout(features, training=training))
        return self.output_dropout(hidden, training=training)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``, or ``(batch, time, units)``."""
        return (*input_shape[:-1], self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "units": self.units, "dropout": self.dropout}
