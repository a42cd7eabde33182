"""Does this query fit this candidate? A small transformer that reads both, token by token."""

from typing import Any

import keras
import numpy as np
from keras import ops

from mmtutorial._checks import check_array, check_dict, check_finite, check_share, check_whole
from mmtutorial._doors import Doors
from mmtutorial.cross_modal._matching import EXAMPLE, SIDES, check_sides, take_pairs, to_numpy
from mmtutorial.cross_modal.rerank import check_similarity, rerank
from mmtutorial.encoders._masks import masked_mean
from mmtutorial.encoders.attention import MultiHeadAttention
from mmtutorial.encoders.transformer import TransformerBlock


class MatchingBlock(TransformerBlock):
    """A transformer block whose tokens attend to each other, and then to a context.

    ``tokens`` is ``(batch, time, units)``, ``context`` ``(batch, steps, units)``, normalised; the
    masks are boolean, ``(batch, time)`` and ``(batch, steps)``, True where a token is real.
    """

    def __init__(self, units: int, heads: int, hidden: int, dropout: float, **kwargs):
        super().__init__(units, heads, hidden, dropout, **kwargs)
        self.cross_norm = keras.layers.LayerNormalization(dtype=self.dtype_policy)
        self.cross_attention = MultiHeadAttention(heads, units // heads, dtype=self.dtype_policy)

    def build(self, input_shape):
        """Make the weights for tokens of this size."""
        super().build(input_shape)
        self.cross_norm.build(input_shape)
        self.cross_attention.build(input_shape)

    def call(self, tokens, mask, context, context_mask, training=None):
        """Return the tokens, ``(batch, time, units)``, after both attentions and dense layers."""
        normalized = self.attention_norm(tokens)
        attended = self.attention(normalized, normalized, mask)
        tokens = tokens + self.drop(attended, training=training)
        attended = self.cross_attention(self.cross_norm(tokens), context, context_mask)
        any_real = ops.any(context_mask, axis=1)[:, None, None]  # padding alone says nothing
        attended = ops.where(any_real, attended, ops.zeros_like(attended))
        tokens = tokens + self.drop(attended, training=training)
        return tokens + self.drop(self.feed_forward(tokens), training=training)


@keras.saving.register_keras_serializable(package="mmtutorial")
class CrossAttentionReranker(Doors, keras.Model):
    """Does this query fit this candidate? Score a pair by reading both, token by token.

    Embeddings of a `DualEncoder` meet in one number, their cosine: quick, for those of the
    candidates are computed once, but which word goes with which part of a picture is lost. Here the
    tokens of the query attend to each other and to those of the candidate, in every block, so each
    pair must be read anew: too slow for a search, but not for its first ``k`` candidates.

    Parameters
    ----------
    units : numbers for each token, on both sides
    num_layers : blocks of self-attention, cross-attention and dense layers
    heads : attention heads; they share ``units`` evenly
    hidden : size of the dense layer in each block; ``4 * units`` unless told otherwise
    dropout : share of what each part of a block adds set to 0 while training

    Its inputs are ``{"query": (batch, time, dim), "candidate": (batch, steps, dim)}``, of any two
    sizes; a vector ``(batch, dim)`` is one token. ``"query_mask"`` and ``"candidate_mask"`` may
    stand beside them, boolean, ``(batch, time)`` and ``(batch, steps)``, True where a token is
    real. Returns logits, float32 ``(batch, 1)``: above 0 if the pair is more likely to match than
    not. Tokens carry their own positions, if order matters.

    ``fit`` takes such pairs, and 1 or 0 for each: `matching_pairs` makes them, of matches and of
    `hard_negatives`, for pairs that are told apart at a glance teach nothing. The loss is the
    binary cross-entropy. Raises ``ValueError`` if the heads cannot share ``units``, and for rows or
    shapes that do not fit. Paper: Li et al. 2021, Align before Fuse: Vision and Language
    Representation Learning with Momentum Distillation (ALBEF), whose matching head this is, over
    the mean token instead of a first one.

    >>> model = CrossAttentionReranker(16, num_layers=1)
    >>> model({"query": ops.ones((2, 5, 8)), "candidate": ops.ones((2, 9, 3))}).shape
    TensorShape([2, 1])
    """

    def __init__(
        self,
        units: int = 64,
        *,
        num_layers: int = 2,
        heads: int = 4,
        hidden: int | None = None,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=1)
        self.num_layers = check_whole("num_layers", num_layers, least=1)
        self.heads = check_whole("heads", heads, least=1)
        self.hidden = check_whole("hidden", 4 * units if hidden is None else hidden, least=1)
        self.dropout = check_share("dropout", dropout)
        if units % heads:
            raise ValueError(f"units must be a multiple of heads = {heads}, got {units}")
        policy = {"dtype": self.dtype_policy}
        self.projections = {
            side: keras.layers.Dense(units, name=f"project_{side}", **policy) for side in SIDES
        }
        self.blocks = [
            MatchingBlock(units, heads, self.hidden, dropout, **policy) for _ in range(num_layers)
        ]
        self.context_norm = keras.layers.LayerNormalization(**policy)
        self.norm = keras.layers.LayerNormalization(**policy)
        self.head = keras.layers.Dense(1, dtype="float32")

    def __call__(self, inputs, *args, **kwargs):
        """Look at what comes in before Keras does."""
        inputs = self._look_at(check_dict("inputs", inputs, EXAMPLE))
        return super().__call__(inputs, *args, **kwargs)

    def build(self, input_shape):
        """Make the weights for tokens of these sizes."""
        self.sizes = {side: input_shape[side][-1] for side in SIDES}
        tokens = (None, None, self.units)
        for side in SIDES:
            self.projections[side].build((None, None, self.sizes[side]))
        for layer in (*self.blocks, self.context_norm, self.norm):
            layer.build(tokens)
        self.head.build((None, self.units))
        self.built = True

    def call(self, inputs, training=None):
        """Return the logit of each pair, float32 ``(batch, 1)``."""
        (tokens, mask), (context, context_mask) = (self._read(side, inputs) for side in SIDES)
        context = self.context_norm(context)
        for block in self.blocks:
            tokens = block(tokens, mask, context, context_mask, training=training)
        return self.head(masked_mean(self.norm(tokens), mask))

    def _read(self, side, inputs):
        """Return the tokens of one side, ``(batch, time, units)``, and which are real."""
        tokens = inputs[side]
        tokens = tokens[:, None, :] if len(tokens.shape) == 2 else tokens
        mask = inputs.get(f"{side}_mask")
        if mask is None:
            mask = ops.ones_like(tokens[..., 0], dtype="bool")
        return self.projections[side](tokens), ops.cast(mask, "bool")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the binary cross-entropy: is this pair one that matches?"""
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        return loss(ops.reshape(y, (-1, 1)), y_pred, sample_weight)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, 1)``."""
        return (input_shape["query"][0], 1)

    def rerank(
        self, similarity: Any, inputs: dict[str, Any], *, k: int = 10, batch_size: int = 256
    ) -> np.ndarray:
        """Read the first ``k`` candidates of each query again, and put them in a better order.

        ``similarity`` ``(queries, candidates)`` is that of the first stage, ``inputs`` are the
        model's, with a row for each query on one side, and for each candidate on the other.
        ``batch_size`` pairs are read at once. Returns the new similarity; see `rerank`, the
        function.
        """
        inputs, similarity = to_numpy(check_sides(inputs)), check_similarity(similarity)
        check_whole("batch_size", batch_size, least=1)
        counts = tuple(len(check_finite(side, inputs[side])) for side in SIDES)
        if similarity.shape != counts:
            raise ValueError(
                "similarity must have a row for each query and a column for each candidate of "
                f"inputs, {counts}, got shape {similarity.shape}"
            )

        def score_pairs(queries, candidates):
            scores = []
            for start in range(0, len(queries), batch_size):
                rows = slice(start, start + batch_size)
                pairs = take_pairs(inputs, queries[rows], candidates[rows])
                scores.append(ops.convert_to_numpy(self(pairs, training=False))[:, 0])
            return np.concatenate(scores)

        return rerank(similarity, score_pairs, k=k)

    def _look_at(self, inputs):
        """Return inputs as arrays, after a look at their names, shapes and rows."""
        if not isinstance(inputs, dict):
            return inputs  # a data set, which `fit` takes, too
        inputs = check_sides(inputs)
        rows = {name: array.shape[0] for name, array in inputs.items()}
        if len(set(rows.values()) - {None}) > 1:
            raise ValueError(f"query and candidate must hold one row per pair, got rows {rows}")
        for side in SIDES if self.built else ():
            if inputs[side].shape[-1] != self.sizes[side]:
                raise ValueError(
                    f"{side} must have {self.sizes[side]} numbers per token, as when the model was "
                    f"built, got {inputs[side].shape[-1]}"
                )
        return inputs

    def _look_at_targets(self, y):
        """Return targets, after a look whether each is 0 or 1."""
        if isinstance(y, (np.ndarray, list, tuple)):
            y = check_array("y", y)
            if not np.isin(y, (0, 1)).all():
                raise ValueError("y must be 1 for pairs that match, and 0 for others")
            y = y.astype("float32")
        return y

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the model survives save and reload."""
        names = ("units", "num_layers", "heads", "hidden", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
