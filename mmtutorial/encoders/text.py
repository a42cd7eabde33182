"""A row of token ids -> one vector. Id 0 is padding and never changes the result."""

import keras
from keras import layers, ops

from mmtutorial.encoders._masks import average

CELLS = {"lstm": layers.LSTM, "gru": layers.GRU}


class TextEncoder(layers.Layer):
    """What all text encoders share: an embedding table, and rows of ids to check."""

    def __init__(self, vocabulary_size, units, embedding, dropout, table="uniform", **kwargs):
        super().__init__(**kwargs)
        if vocabulary_size < 2 or units < 1 or embedding < 1:
            raise ValueError(
                "vocabulary_size must be at least 2, units and embedding at least 1, "
                f"got {vocabulary_size}, {units} and {embedding}"
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout must lie in 0..1 (1 excluded), got {dropout}")
        self.vocabulary_size, self.units = vocabulary_size, units
        self.embedding, self.dropout = embedding, dropout
        self.table = layers.Embedding(vocabulary_size, embedding, table, dtype=self.dtype_policy)
        self.drop = layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the embedding table."""
        if len(input_shape) != 2:
            raise ValueError(f"token ids must have shape (batch, time), got {input_shape}")
        self.table.build(input_shape)

    def look_up(self, ids):
        """Return the tokens' embeddings ``(batch, time, embedding)``, and which are real."""
        try:
            least, most = int(ops.min(ids, initial=0)), int(ops.max(ids, initial=0))
        except (TypeError, RuntimeError):  # inside a compiled graph there are no values to see
            pass
        else:
            if least < 0 or most >= self.vocabulary_size:
                raise ValueError(
                    f"token ids must lie in 0..{self.vocabulary_size - 1}, the rows of the "
                    f"embedding table; got {least}..{most}"
                )
        return self.table(ids), ops.not_equal(ids, 0)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``."""
        return (input_shape[0], self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        names = ("vocabulary_size", "units", "embedding", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="mmtutorial")
class TextRNN(TextEncoder):
    """Read the words one after the other and remember: the last state stands for the text.

    Parameters
    ----------
    vocabulary_size : rows of the embedding table, ``len(vocabulary)``
    units : size of the state and of the vector that comes out
    embedding : numbers for each token
    cell : ``"lstm"`` or ``"gru"``
    dropout : share of the state set to 0 while training

    ``(batch, time)`` of ids -> ``(batch, units)``; a text of padding alone gives zeros.
    Papers: Hochreiter and Schmidhuber 1997 (LSTM); Cho et al. 2014 (GRU).

    >>> TextRNN(100, 16)(keras.ops.ones((2, 5), "int32")).shape
    TensorShape([2, 16])
    """

    def __init__(
        self, vocabulary_size, units=64, *, embedding=64, cell="lstm", dropout=0.0, **kwargs
    ):
        super().__init__(vocabulary_size, units, embedding, dropout, **kwargs)
        if cell not in CELLS:
            raise ValueError(f"cell must be one of {tuple(CELLS)}, got {cell!r}")
        self.cell = cell
        self.rnn = CELLS[cell](units, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the embedding table and the recurrent weights."""
        super().build(input_shape)
        self.rnn.build((*input_shape, self.embedding))

    def call(self, ids, training=None):
        """Encode ``(batch, time)`` as ``(batch, units)``."""
        tokens, real = self.look_up(ids)
        state = self.rnn(tokens, mask=real)
        return self.drop(state, training=training)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "cell": self.cell}


@keras.saving.register_keras_serializable(package="mmtutorial")
class TextBag(TextEncoder):
    """Forget the order: the average of the embeddings of all tokens stands for the text.

    With subword tokens and a linear head this is fastText: quick, and hard to beat on keywords.

    Parameters
    ----------
    vocabulary_size : rows of the embedding table, ``len(vocabulary)``
    units : numbers for each token, and so the size of the vector that comes out
    dropout : share of the average set to 0 while training

    ``(batch, time)`` of ids -> ``(batch, units)``; a text of padding alone gives zeros.
    Paper: Joulin et al. 2017, Bag of Tricks for Efficient Text Classification.

    >>> TextBag(100, 16)(keras.ops.ones((2, 5), "int32")).shape
    TensorShape([2, 16])
    """

    def __init__(self, vocabulary_size, units=64, *, dropout=0.0, **kwargs):
        super().__init__(vocabulary_size, units, units, dropout, **kwargs)

    def call(self, ids, training=None):
        """Encode ``(batch, time)`` as ``(batch, units)``."""
        return self.drop(average(*self.look_up(ids)), training=training)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        config = super().get_config()
        del config["embedding"]
        return config
