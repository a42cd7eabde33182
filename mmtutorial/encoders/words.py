"""Words as tokens, each with its pieces, for the fusions in which tokens attend to tokens."""

import keras
from keras import ops

from mmtutorial.encoders import TextBag
from mmtutorial.encoders._base import Encoder


@keras.saving.register_keras_serializable(package="mmtutorial")
class WordBags(Encoder):
    """Let the average of the embeddings of its pieces stand for each word of a text.

    Parameters
    ----------
    vocabulary_size : rows of the embedding table, ``len(vocabulary)``
    units : numbers for each word
    dropout : share of each word's numbers set to 0 while training

    ``(batch, words, pieces)`` of ids, 0 where there is none -> ``(batch, words, units)``, and a
    mask that tells which words there are.

    >>> WordBags(100, 16)(ops.ones((2, 5, 3), "int32")).shape
    TensorShape([2, 5, 16])
    """

    def __init__(self, vocabulary_size: int, units: int = 64, *, dropout: float = 0.0, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.bag = TextBag(vocabulary_size, units, dropout=dropout, dtype=self.dtype_policy)

    def check_type(self, ids):
        """Refuse what are no whole numbers."""
        self.bag.check_type(ids)

    def check_shape(self, shape):
        """Refuse what are no words of pieces."""
        if len(shape) != 3:
            raise ValueError(f"token ids must have shape (batch, words, pieces), got {shape}")

    def check_values(self, ids):
        """Refuse ids that the table does not hold, where values can be seen."""
        self.bag.check_values(ids)

    def build(self, input_shape):
        """Make the embedding table."""
        self.check_shape(tuple(input_shape))
        self.bag.build((None, input_shape[-1]))

    def call(self, ids, training=None):
        """Encode ``(batch, words, pieces)`` as ``(batch, words, units)``."""
        vectors = self.bag(ops.reshape(ids, (-1, ids.shape[-1])), training=training)
        return ops.reshape(vectors, (ops.shape(ids)[0], ids.shape[1], self.bag.units))

    def compute_mask(self, ids, previous_mask=None):
        """Say which words have a piece, ``(batch, words)``."""
        return ops.any(ops.not_equal(ids, 0), axis=-1)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, words, units)``."""
        return (*input_shape[:2], self.bag.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        names = ("vocabulary_size", "units", "dropout")
        return {**super().get_config(), **{name: getattr(self.bag, name) for name in names}}
