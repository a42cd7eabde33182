"""Image tokens, then words: a small transformer that tells which word comes next."""

from typing import Any, NamedTuple

import keras
from keras import ops

from mmtutorial._checks import check_share, check_whole
from mmtutorial.encoders._base import check_ids, replace_unknown_ids
from mmtutorial.encoders.transformer import TransformerBlock


class Cache(NamedTuple):
    """What a decoder keeps of the tokens that it has read, so that it reads each only once."""

    layers: tuple  # for each block, keys and values, each (batch, heads, steps, size)
    real: Any  # boolean (batch, steps): False where a token is padding


class Decoded(NamedTuple):
    """What a decoder returns of some tokens, and what it needs to go on."""

    logits: Any  # float32 (batch, time, vocabulary_size): of the token after each
    cache: Cache
    weights: list[Any]  # attention of each block, (batch, heads, time, steps)


class DecoderBlock(TransformerBlock):
    """A transformer block whose tokens look only where ``mask`` lets them: back.

    ``mask`` is boolean ``(batch, time, steps)``. The steps are those in the cache, and then the
    tokens themselves. Returns the tokens, their keys and values with the cached ones in front, and
    the attention weights.
    """

    def call(self, tokens, mask, cache=None, training=None):
        """Return ``(tokens, (keys, values), weights)``."""
        normalized = self.attention_norm(tokens)
        steps = self.attention.project(normalized)
        if cache is not None:
            steps = tuple(ops.concatenate(pair, axis=2) for pair in zip(cache, steps, strict=True))
        attended, weights = self.attention.weigh(normalized, *steps, mask)
        tokens = tokens + self.drop(attended, training=training)
        return tokens + self.drop(self.feed_forward(tokens), training=training), steps, weights


@keras.saving.register_keras_serializable(package="mmtutorial")
class TransformerDecoder(keras.layers.Layer):
    """Read tokens from left to right, and tell after each which may come next.

    Every token attends to itself and to what stands before it. Nothing comes from what stands
    behind, so one pass trains all places at once, and keys and values can be kept while writing.
    The first tokens may be a ``prefix`` of vectors, such as a projected image. The table that turns
    ids into vectors also scores the next token (tied embeddings). Learnt positions count real
    tokens only, so padding changes nothing, wherever it stands.

    Parameters
    ----------
    vocabulary_size : rows of the embedding table
    units : numbers for each token
    num_layers : transformer blocks, one after the other
    heads : attention heads; they share ``units`` evenly
    hidden : size of the dense layer inside each block; ``4 * units`` unless told otherwise
    max_length : most tokens that it can read, the prefix included
    dropout : share of the embeddings, and of what each half of a block adds, set to 0 in training

    ``(batch, time)`` of ids, 0 is padding -> logits, float32 ``(batch, time, vocabulary_size)``.
    Raises ``ValueError`` if the heads cannot share ``units``, for ids that are not in the table,
    and for too many tokens. Papers: Vaswani et al. 2017, Attention Is All You Need; Radford et al.
    2019, Language Models are Unsupervised Multitask Learners (pre-norm, decoder only); Press and
    Wolf 2017, Using the Output Embedding to Improve Language Models.

    >>> decoder = TransformerDecoder(100, 16)
    >>> decoder(ops.ones((2, 5), "int32"), prefix=ops.ones((2, 3, 16))).shape
    TensorShape([2, 5, 100])
    """

    def __init__(
        self,
        vocabulary_size: int,
        units: int = 128,
        *,
        num_layers: int = 2,
        heads: int = 4,
        hidden: int | None = None,
        max_length: int = 64,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)  # ids in float16 would be other ids
        self.vocabulary_size = check_whole("vocabulary_size", vocabulary_size, least=2)
        self.units = check_whole("units", units, least=1)
        self.num_layers = check_whole("num_layers", num_layers, least=1)
        self.heads = check_whole("heads", heads, least=1)
        self.hidden = check_whole("hidden", 4 * units if hidden is None else hidden, least=1)
        self.max_length = check_whole("max_length", max_length, least=1)
        self.dropout = check_share("dropout", dropout)
        if units % heads:
            raise ValueError(f"units must be a multiple of heads = {heads}, got {units}")
        policy = {"dtype": self.dtype_policy}
        # times the square root of units, in `decode`, this gives each number of a token variance 1
        normal = keras.initializers.RandomNormal
        self.table = keras.layers.Embedding(
            vocabulary_size, units, normal(stddev=units**-0.5), **policy
        )
        self.positions = keras.layers.Embedding(max_length, units, normal(stddev=0.1), **policy)
        self.blocks = [
            DecoderBlock(units, heads, self.hidden, dropout, **policy) for _ in range(num_layers)
        ]
        self.norm = keras.layers.LayerNormalization(**policy)
        self.drop = keras.layers.Dropout(dropout, **policy)

    def build(self, ids_shape, prefix_shape=None):
        """Make the tables and the blocks."""
        self.table.build(ids_shape)
        self.positions.build(ids_shape)
        for layer in (*self.blocks, self.norm, self.drop):
            layer.build((*ids_shape, self.units))

    def call(self, ids, prefix=None, training=None):
        """Return the logits of the token after each, ``(batch, time, vocabulary_size)``."""
        return self.decode(ids, prefix, training=training).logits

    def decode(
        self, ids: Any, prefix: Any = None, *, prefix_mask: Any = None, cache: Cache | None = None,
        training: bool | None = None,
    ) -> Decoded:  # fmt: skip
        """Return logits, cache and attention weights for ids that follow a prefix or a cache.

        ``prefix`` is ``(batch, length, units)``, ``prefix_mask`` boolean ``(batch, length)``. With
        the ``cache`` of an earlier call, ``ids`` are read as what follows it.
        """
        check_ids("ids", ids, self.vocabulary_size)
        ids = replace_unknown_ids(ids, self.vocabulary_size)
        tokens, real = self.table(ids) * self.units**0.5, ops.not_equal(ids, 0)
        if prefix is not None:
            tokens = ops.concatenate([ops.cast(prefix, tokens.dtype), tokens], axis=1)
            if prefix_mask is None:
                prefix_mask = ops.ones(ops.shape(prefix)[:2], "bool")
            real = ops.concatenate([prefix_mask, real], axis=1)
        steps = real if cache is None else ops.concatenate([cache.real, real], axis=1)
        tokens = self.drop(tokens + self._positions(steps, real), training=training)
        mask = look_back(steps, real)
        kept, weights = [], []
        for i, block in enumerate(self.blocks):
            past = None if cache is None else cache.layers[i]
            tokens, keys_values, weight = block(tokens, mask, past, training=training)
            kept.append(keys_values)
            weights.append(weight)
        tokens = self.norm(tokens[:, ops.shape(real)[1] - ops.shape(ids)[1] :])
        return Decoded(self._score(tokens), Cache(tuple(kept), steps), weights)

    def _positions(self, steps, real):
        """Return the position vector of each new token, counting the real ones: 0, 1, 2, ..."""
        if steps.shape[1] is not None and steps.shape[1] > self.max_length:
            raise ValueError(
                f"ids and prefix must be at most max_length = {self.max_length} tokens together, "
                f"got {steps.shape[1]}"
            )
        number = ops.maximum(ops.cumsum(ops.cast(steps, "int32"), axis=1) - 1, 0)
        return self.positions(number[:, -ops.shape(real)[1] :])

    def _score(self, tokens):
        """Compare each token with the whole table."""
        table = ops.cast(self.table.embeddings, tokens.dtype)
        return ops.cast(ops.matmul(tokens, ops.transpose(table)), "float32")

    def compute_output_shape(self, ids_shape, prefix_shape=None):
        """Return ``(batch, time, vocabulary_size)``."""
        return (*ids_shape, self.vocabulary_size)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        names = ("vocabulary_size", "units", "num_layers", "heads", "hidden", "max_length")
        config = {name: getattr(self, name) for name in (*names, "dropout")}
        return {**super().get_config(), **config}


def look_back(steps: Any, real: Any) -> Any:
    """Return what may attend to what, boolean ``(batch, time, steps)``: real steps, none later.

    ``steps`` ``(batch, steps)`` says of all tokens, and ``real`` of the last of them, which ones
    are no padding.

    >>> look_back(ops.array([[True, True, False, True]]), ops.array([[False, True]]))[0].numpy()
    array([[ True,  True, False, False],
           [ True,  True, False,  True]])
    """
    place = ops.arange(ops.shape(steps)[1])
    causal = place[None, :] <= place[-ops.shape(real)[1] :, None]
    return ops.logical_and(causal[None], steps[:, None, :])
