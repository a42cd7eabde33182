"""A row of token ids -> one vector. Id 0 is padding and never changes the result."""

from typing import Any

import keras
from keras import layers, ops

from mmtutorial._checks import check_choice, check_share, check_whole
from mmtutorial.encoders._base import Encoder, check_ids, check_ids_type, replace_unknown_ids
from mmtutorial.encoders._masks import masked_mean

CELLS = {"lstm": layers.LSTM, "gru": layers.GRU}


class TextEncoder(Encoder):
    """What all text encoders share: an embedding table, and rows of ids to check.

    What is no id of the table is refused where values can be seen. Inside a compiled graph they
    cannot; there it becomes 1, "never seen", on every backend.
    """

    def __init__(
        self,
        vocabulary_size: int,
        units: int,
        embedding: int,
        dropout: float,
        table: Any = "uniform",
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)  # ids in float16 would be other ids
        self.vocabulary_size = check_whole("vocabulary_size", vocabulary_size, least=2)
        self.units = check_whole("units", units, least=1)
        self.embedding = check_whole("embedding", embedding, least=1)
        self.dropout = check_share("dropout", dropout)
        self.table = layers.Embedding(vocabulary_size, embedding, table, dtype=self.dtype_policy)
        self.drop = layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the embedding table."""
        self.check_shape(tuple(input_shape))
        self.table.build(input_shape)
        self.drop.build((input_shape[0], self.units))

    def check_type(self, ids):
        """Refuse what is no whole number."""
        check_ids_type("token ids", ids, self.vocabulary_size)

    def check_shape(self, shape):
        """Refuse what is no row of ids."""
        if len(shape) != 2:
            raise ValueError(f"token ids must have shape (batch, time), got {shape}")

    def check_values(self, ids):
        """Refuse ids that are not in the table."""
        check_ids("token ids", ids, self.vocabulary_size)

    def embed(self, ids: Any) -> tuple[Any, Any]:
        """Return the tokens' embeddings ``(batch, time, embedding)``, and their mask."""
        self.check_values(ids)
        ids = replace_unknown_ids(ids, self.vocabulary_size)
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

    ``(batch, time)`` of ids -> ``(batch, units)``; a text of padding alone gives zeros. Raises
    ``ValueError`` for ids that are no whole numbers, or not in the table (inside a compiled graph,
    where no value can be seen, such an id counts as 1, "never seen").
    Papers: Hochreiter and Schmidhuber 1997 (LSTM); Cho et al. 2014 (GRU).

    >>> TextRNN(100, 16)(keras.ops.ones((2, 5), "int32")).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        vocabulary_size: int,
        units: int = 64,
        *,
        embedding: int = 64,
        cell: str = "lstm",
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(vocabulary_size, units, embedding, dropout, **kwargs)
        self.cell = check_choice("cell", cell, tuple(CELLS))
        self.rnn = CELLS[cell](units, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the embedding table and the recurrent weights."""
        super().build(input_shape)
        self.rnn.build((*input_shape, self.embedding))

    def call(self, ids, training=None):
        """Encode ``(batch, time)`` as ``(batch, units)``."""
        if ids.shape[1] == 0:  # no step to take: a padded one changes nothing
            ids = ops.pad(ids, ((0, 0), (0, 1)))
        tokens, mask = self.embed(ids)
        state = self.rnn(tokens, mask=mask)
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

    ``(batch, time)`` of ids -> ``(batch, units)``; a text of padding alone gives zeros. Raises
    ``ValueError`` for ids that are no whole numbers, or not in the table (inside a compiled graph,
    where no value can be seen, such an id counts as 1, "never seen").
    Paper: Joulin et al. 2017, Bag of Tricks for Efficient Text Classification.

    >>> TextBag(100, 16)(keras.ops.ones((2, 5), "int32")).shape
    TensorShape([2, 16])
    """

    def __init__(self, vocabulary_size: int, units: int = 64, *, dropout: float = 0.0, **kwargs):
        super().__init__(vocabulary_size, units, units, dropout, **kwargs)

    def call(self, ids, training=None):
        """Encode ``(batch, time)`` as ``(batch, units)``."""
        return self.drop(masked_mean(*self.embed(ids)), training=training)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        config = super().get_config()
        del config["embedding"]
        return config
