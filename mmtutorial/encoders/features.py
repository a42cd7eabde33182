"""Ready-made features (of a frozen network, say) -> a vector of the size we want."""

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="mmtutorial")
class DenseEncoder(layers.Layer):
    """One dense layer over features that somebody else computed, with dropout before and after.

    Parameters
    ----------
    units : size of the vector that comes out
    dropout : share of the numbers set to 0 while training, in 0..1

    ``(batch, dim)`` of floats -> ``(batch, units)``; a sequence ``(batch, time, dim)`` becomes
    ``(batch, time, units)``. Paper: Srivastava et al. 2014, Dropout.

    >>> DenseEncoder(8)(keras.ops.ones((2, 256))).shape
    TensorShape([2, 8])
    """

    def __init__(self, units=128, *, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be at least 1, got {units}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must lie in 0..1 (1 excluded), got {dropout}")
        self.units, self.dropout = units, dropout
        self.before = layers.Dropout(dropout, dtype=self.dtype_policy)
        self.dense = layers.Dense(units, activation="relu", dtype=self.dtype_policy)
        self.after = layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the weights for features of this size."""
        self.dense.build(input_shape)

    def call(self, features, training=None):
        """Encode ``(batch, dim)`` as ``(batch, units)``."""
        hidden = self.dense(self.before(features, training=training))
        return self.after(hidden, training=training)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``, or ``(batch, time, units)``."""
        return (*input_shape[:-1], self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "units": self.units, "dropout": self.dropout}
