"""A row of token ids -> one vector, or one vector a token: every token looks at every other."""

import keras
import numpy as np
from keras import ops

from mmtutorial.encoders._masks import average, hide_padding
from mmtutorial.encoders.text import TextEncoder

POSITIONS = ("sinusoidal", "learnt")


def sinusoidal_positions(length, units):
    """Write each position as waves, from quick to slow: ``(length, units)``.

    Column 2i is ``sin(position / 10000 ** (2i / units))``, column 2i + 1 its cosine, so that
    positions close to each other have similar rows.
    Paper: Vaswani et al. 2017, Attention Is All You Need, section 3.5.

    >>> sinusoidal_positions(2, 2).round(2)
    array([[0.  , 1.  ],
           [0.84, 0.54]], dtype=float32)
    """
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, units, 2) / units)
    waves = np.empty((length, units), "float32")
    waves[:, 0::2] = np.sin(angles)
    waves[:, 1::2] = np.cos(angles[:, : units // 2])
    return waves


class TransformerBlock(keras.layers.Layer):
    """Each token gathers from the others, then thinks by itself; both add to what it was.

    Normalisation stands before each half ("pre-norm"), which trains without a warm-up.
    ``tokens`` is ``(batch, time, units)``, ``real`` ``(batch, time)``: nobody looks at padding.
    """

    def __init__(self, units, heads, hidden, dropout, **kwargs):
        super().__init__(**kwargs)
        policy = {"dtype": self.dtype_policy}
        self.before_attention = keras.layers.LayerNormalization(**policy)
        # Without biases, as in the paper. One on the keys would never train: it adds the same
        # to all scores of a token, and the softmax takes that out again.
        self.attention = keras.layers.MultiHeadAttention(
            heads, units // heads, use_bias=False, **policy
        )
        self.before_dense = keras.layers.LayerNormalization(**policy)
        self.wide = keras.layers.Dense(hidden, activation="relu", **policy)
        self.narrow = keras.layers.Dense(units, **policy)
        self.drop = keras.layers.Dropout(dropout, **policy)

    def build(self, input_shape):
        """Make the weights for tokens of this size."""
        self.before_attention.build(input_shape)
        self.attention.build(input_shape, input_shape)
        self.before_dense.build(input_shape)
        self.wide.build(input_shape)
        self.narrow.build((*input_shape[:-1], self.wide.units))

    def call(self, tokens, real, training=None):
        """Return the tokens, ``(batch, time, units)``, after one round."""
        calm = self.before_attention(tokens)
        gathered = self.attention(calm, calm, attention_mask=real[:, None, :])
        tokens = tokens + self.drop(gathered, training=training)
        thought = self.narrow(self.wide(self.before_dense(tokens)))
        return tokens + self.drop(thought, training=training)


@keras.saving.register_keras_serializable(package="mmtutorial")
class TextTransformer(TextEncoder):
    """Let all words look at each other at once; the average of what they learn is the text.

    A `TextRNN` hands what it has read from word to word; here any word reaches any other in one
    step. Attention does not see the order, so each token also carries its position. Positions
    count real tokens only: padding in front or in between changes nothing either.

    Parameters
    ----------
    vocabulary_size : rows of the embedding table, ``len(vocabulary)``
    units : numbers for each token, and so the size of the vector that comes out
    layers : rounds of looking and thinking
    heads : how many things each token looks for at once; they share ``units`` evenly
    hidden : size of the dense layer inside each round; ``4 * units`` unless told otherwise
    positions : ``"sinusoidal"`` (fixed waves) or ``"learnt"`` (a table that trains)
    max_length : longest row of ids it takes, padding included
    dropout : share of the embeddings, and of what each half of a round adds, set to 0 in training
    sequence : return every token instead of their average

    ``(batch, time)`` of ids, 0 is padding -> ``(batch, units)``, or with ``sequence``
    ``(batch, time, units)`` and a Keras mask. A text of padding alone gives zeros. Raises
    ``ValueError`` if the heads cannot share ``units``, a text is too long, or an id is not in the
    table (where values can be seen: not inside a compiled graph).
    Papers: Vaswani et al. 2017, Attention Is All You Need; Xiong et al. 2020 (pre-norm).

    >>> TextTransformer(100, 16)(ops.ones((2, 5), "int32")).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        vocabulary_size,
        units=64,
        *,
        layers=2,
        heads=4,
        hidden=None,
        positions="sinusoidal",
        max_length=256,
        dropout=0.0,
        sequence=False,
        **kwargs,
    ):
        # times the square root of units, in call, this gives each number of a token variance 1
        table = keras.initializers.RandomNormal(stddev=units**-0.5 if units > 0 else 1)
        super().__init__(vocabulary_size, units, units, dropout, table, **kwargs)
        hidden = 4 * units if hidden is None else hidden
        if min(layers, heads, hidden, max_length) < 1:
            raise ValueError(
                "layers, heads, hidden and max_length must be at least 1, "
                f"got {layers}, {heads}, {hidden} and {max_length}"
            )
        if units % heads:
            raise ValueError(f"units must be a multiple of heads = {heads}, got {units}")
        if positions not in POSITIONS:
            raise ValueError(f"positions must be one of {POSITIONS}, got {positions!r}")
        self.depth, self.heads, self.hidden = layers, heads, hidden
        self.positions, self.max_length, self.sequence = positions, max_length, sequence
        policy = {"dtype": self.dtype_policy}
        if positions == "learnt":
            self.places = keras.layers.Embedding(
                max_length, units, keras.initializers.RandomNormal(stddev=1.0), **policy
            )
        else:
            self.waves = sinusoidal_positions(max_length, units)
        self.blocks = [TransformerBlock(units, heads, hidden, dropout, **policy)
                       for _ in range(layers)]  # fmt: skip
        self.norm = keras.layers.LayerNormalization(**policy)

    def build(self, input_shape):
        """Make the embedding table, the positions and the blocks."""
        super().build(input_shape)
        tokens = (*input_shape, self.units)
        if self.positions == "learnt":
            self.places.build(input_shape)
        for block in self.blocks:
            block.build(tokens)
        self.norm.build(tokens)

    def call(self, ids, training=None):
        """Encode ``(batch, time)`` as ``(batch, units)`` or ``(batch, time, units)``."""
        if ids.shape[1] is not None and ids.shape[1] > self.max_length:
            raise ValueError(
                f"texts must be at most max_length = {self.max_length} ids long, got {ids.shape[1]}"
            )
        tokens, real = self.look_up(ids)
        tokens = tokens * self.units**0.5 + self._place(real)
        tokens = hide_padding(self.drop(tokens, training=training), real)
        for block in self.blocks:
            tokens = block(tokens, real, training=training)
        tokens = self.norm(tokens)
        return hide_padding(tokens, real) if self.sequence else average(tokens, real)

    def _place(self, real):
        """Return the position vector of each token, counting the real ones: 0, 1, 2, ..."""
        number = ops.maximum(ops.cumsum(ops.cast(real, "int32"), axis=1) - 1, 0)
        if self.positions == "learnt":
            return self.places(number)
        return ops.take(ops.convert_to_tensor(self.waves, self.compute_dtype), number, axis=0)

    def compute_mask(self, ids, mask=None):
        """Tell the layers behind which tokens are real, if there are tokens."""
        return ops.not_equal(ids, 0) if self.sequence else None

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``, or ``(batch, time, units)`` of a sequence."""
        return (*input_shape, self.units) if self.sequence else (input_shape[0], self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        config = super().get_config()
        del config["embedding"]
        names = ("heads", "hidden", "positions", "max_length", "sequence")
        return {**config, "layers": self.depth, **{name: getattr(self, name) for name in names}}
