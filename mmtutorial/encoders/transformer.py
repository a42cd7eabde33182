"""A row of token ids -> one vector, or one vector per token: self-attention between all tokens."""

from typing import Any

import keras
import numpy as np
from keras import ops

from mmtutorial._checks import check_choice, check_flag, check_whole
from mmtutorial.encoders._masks import apply_mask, masked_mean
from mmtutorial.encoders.attention import MultiHeadAttention
from mmtutorial.encoders.text import TextEncoder

POSITIONS = ("sinusoidal", "learnt")


def sinusoidal_positions(length: int, units: int) -> np.ndarray:
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
    """A pre-norm transformer block: self-attention, then a feed-forward network (``ffn``).

    Each half is a residual branch with layer normalisation in front, which trains without a
    warm-up. ``tokens`` is ``(batch, time, units)``, ``mask`` boolean ``(batch, time)``, True where
    a token is real: padding is not attended to. Paper: Xiong et al. 2020, On Layer Normalization
    in the Transformer Architecture.
    """

    def __init__(self, units: int, heads: int, hidden: int, dropout: float, **kwargs):
        super().__init__(**kwargs)
        policy = {"dtype": self.dtype_policy}
        self.attention_norm = keras.layers.LayerNormalization(**policy)
        self.attention = MultiHeadAttention(heads, units // heads, **policy)
        self.ffn_norm = keras.layers.LayerNormalization(**policy)
        self.ffn_in = keras.layers.Dense(hidden, activation="relu", **policy)
        self.ffn_out = keras.layers.Dense(units, **policy)
        self.drop = keras.layers.Dropout(dropout, **policy)

    def build(self, input_shape):
        """Make the weights for tokens of this size."""
        self.attention_norm.build(input_shape)
        self.attention.build(input_shape)
        self.ffn_norm.build(input_shape)
        self.ffn_in.build(input_shape)
        self.ffn_out.build((*input_shape[:-1], self.ffn_in.units))
        self.drop.build(input_shape)

    def call(self, tokens, mask, training=None):
        """Return the tokens, ``(batch, time, units)``, after self-attention and dense layers."""
        normalized = self.attention_norm(tokens)
        attended = self.attention(normalized, normalized, mask)
        tokens = tokens + self.drop(attended, training=training)
        return tokens + self.drop(self.feed_forward(tokens), training=training)

    def feed_forward(self, tokens: Any) -> Any:
        """Return what the dense layers add to each token, ``(batch, time, units)``."""
        return self.ffn_out(self.ffn_in(self.ffn_norm(tokens)))


@keras.saving.register_keras_serializable(package="mmtutorial")
class TextTransformer(TextEncoder):
    """Self-attention among all words of a text, by transformer blocks; then their average.

    A `TextRNN` hands what it has read from word to word; here any word reaches any other in one
    step. Attention does not see the order, so each token also carries its position. Positions
    count real tokens only: padding in front or in between changes nothing either.

    Parameters
    ----------
    vocabulary_size : rows of the embedding table, ``len(vocabulary)``
    units : numbers for each token, and so the size of the vector that comes out
    num_layers : transformer blocks, one after the other
    heads : attention heads; they share ``units`` evenly
    hidden : size of the dense layer inside each block; ``4 * units`` unless told otherwise
    positions : ``"sinusoidal"`` (fixed waves) or ``"learnt"`` (a table that trains)
    max_length : longest row of ids it takes, padding included
    dropout : share of the embeddings, and of what each half of a block adds, set to 0 in training
    sequence : return every token instead of their average

    ``(batch, time)`` of ids, 0 is padding -> ``(batch, units)``, or with ``sequence``
    ``(batch, time, units)`` and a Keras mask. A text of padding alone gives zeros. Raises
    ``ValueError`` if the heads cannot share ``units``, a text is too long, or ids are no whole
    numbers or not in the table (inside a compiled graph, where no value can be seen, such an id
    counts as 1, "never seen").
    Papers: Vaswani et al. 2017, Attention Is All You Need; Xiong et al. 2020 (pre-norm).

    >>> TextTransformer(100, 16)(ops.ones((2, 5), "int32")).shape
    TensorShape([2, 16])
    """

    def __init__(
        self,
        vocabulary_size: int,
        units: int = 64,
        *,
        num_layers: int = 2,
        heads: int = 4,
        hidden: int | None = None,
        positions: str = "sinusoidal",
        max_length: int = 256,
        dropout: float = 0.0,
        sequence: bool = False,
        **kwargs,
    ):
        # times the square root of units, in call, this gives each number of a token variance 1
        table = keras.initializers.RandomNormal(stddev=check_whole("units", units, least=1) ** -0.5)
        super().__init__(vocabulary_size, units, units, dropout, table, **kwargs)
        hidden = 4 * units if hidden is None else hidden
        self.num_layers = check_whole("num_layers", num_layers, least=1)
        self.heads = check_whole("heads", heads, least=1)
        self.hidden = check_whole("hidden", hidden, least=1)
        self.positions = check_choice("positions", positions, POSITIONS)
        self.max_length = check_whole("max_length", max_length, least=1)
        self.sequence = check_flag("sequence", sequence)
        if units % heads:
            raise ValueError(f"units must be a multiple of heads = {heads}, got {units}")
        policy = {"dtype": self.dtype_policy}
        if positions == "learnt":
            self.position_embedding = keras.layers.Embedding(
                max_length, units, keras.initializers.RandomNormal(stddev=1.0), **policy
            )
        else:
            self.position_table = sinusoidal_positions(max_length, units)
        self.blocks = [TransformerBlock(units, heads, hidden, dropout, **policy)
                       for _ in range(num_layers)]  # fmt: skip
        self.norm = keras.layers.LayerNormalization(**policy)

    def build(self, input_shape):
        """Make the embedding table, the positions and the blocks."""
        super().build(input_shape)
        tokens = (*input_shape, self.units)
        if self.positions == "learnt":
            self.position_embedding.build(input_shape)
        for block in self.blocks:
            block.build(tokens)
        self.norm.build(tokens)

    def call(self, ids, training=None):
        """Encode ``(batch, time)`` as ``(batch, units)`` or ``(batch, time, units)``."""
        if ids.shape[1] is not None and ids.shape[1] > self.max_length:
            raise ValueError(
                f"texts must be at most max_length = {self.max_length} ids long, got {ids.shape[1]}"
            )
        tokens, mask = self.embed(ids)
        tokens = tokens * self.units**0.5 + self._positions(mask)
        tokens = apply_mask(self.drop(tokens, training=training), mask)
        for block in self.blocks:
            tokens = block(tokens, mask, training=training)
        tokens = self.norm(tokens)
        return apply_mask(tokens, mask) if self.sequence else masked_mean(tokens, mask)

    def _positions(self, mask):
        """Return the position vector of each token, counting the real ones: 0, 1, 2, ..."""
        number = ops.maximum(ops.cumsum(ops.cast(mask, "int32"), axis=1) - 1, 0)
        if self.positions == "learnt":
            return self.position_embedding(number)
        return ops.take(
            ops.convert_to_tensor(self.position_table, self.compute_dtype), number, axis=0
        )

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
        return {
            **config,
            "num_layers": self.num_layers,
            **{name: getattr(self, name) for name in names},
        }
