"""Guided attention: one modality gives the queries, another the keys and values."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers, ops

from mmtutorial._checks import check_text, check_whole
from mmtutorial.fusion._base import Fusion


@keras.saving.register_keras_serializable(package="mmtutorial")
class GuidedAttention(Fusion):
    """Let one modality choose where to attend in another, and pass nothing on itself.

    Every token of ``query_modality`` attends to the tokens of the other modality by scaled dot
    products. What is attended to, averaged over the query's tokens, is all that comes out: the
    query modality has no other way to the result.

    Parameters
    ----------
    units : size of queries, keys and values, and so of the result
    query_modality : the modality that gives the queries; there must be one other

    ``{modality: (batch, time, dim) or (batch, dim)}`` of two -> ``(batch, units)``. What is absent
    or padded is not attended to; if either modality is absent, zeros come out. It has ``units * dim
    of the query + units * (2 dim + 1)`` weights, and ``2 dim`` in the norm of each modality. Raises
    ``ValueError`` for another number of modalities, or without the one of the queries.
    Paper: Yang et al. 2016, Stacked Attention Networks for Image Question Answering (where the
    question is added to the result).

    >>> tokens = {"image": ops.ones((2, 4, 3)), "text": ops.ones((2, 5, 8))}
    >>> GuidedAttention(16)(tokens).shape
    TensorShape([2, 16])
    """

    input_kind = "tokens"

    def __init__(self, units: int = 64, *, query_modality: str = "text", **kwargs):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=1)
        self.query_modality = check_text("query_modality", query_modality)
        policy = {"dtype": self.dtype_policy}
        self.query = layers.Dense(units, use_bias=False, name="query", **policy)
        self.key = layers.Dense(units, use_bias=False, name="key", **policy)
        self.value = layers.Dense(units, activation="relu", name="value", **policy)
        self.norms = {}

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make the norms, and the maps to queries, keys and values."""
        if len(shapes) != 2 or self.query_modality not in shapes:
            raise ValueError(
                f"inputs must hold {self.query_modality!r} and one more, got {list(shapes)}"
            )
        self.query_index = self.modalities.index(self.query_modality)
        for name, shape in shapes.items():
            label = f"{self.layer_names[name]}_norm"
            self.norms[name] = layers.LayerNormalization(name=label, dtype=self.dtype_policy)
            self.norms[name].build((None, *shape))
            is_query = name == self.query_modality
            for layer in (self.query,) if is_query else (self.key, self.value):
                layer.build((None, *shape))

    def attention(self, inputs: Mapping[str, Any], presence: Any = None, mask: Any = None) -> Any:
        """Return the attention weights of each query, ``(batch, time, time of the other)``.

        Each row sums to 1, or is 0 where nothing of the other modality is present.
        """
        tokens, masks = self.prepare(inputs, presence, mask)
        return self._attention(self._normalize(tokens), masks)

    def _normalize(self, tokens):
        names = zip(self.modalities, tokens, strict=True)
        return [self.norms[name](sequence) for name, sequence in names]

    def _attention(self, normalized, masks):
        queries = self.query(normalized[self.query_index])
        keys, key_mask = self.key(normalized[1 - self.query_index]), masks[1 - self.query_index]
        scores = ops.matmul(queries, ops.swapaxes(keys, 1, 2)) / self.units**0.5
        weights = ops.softmax(ops.where(key_mask[:, None, :], scores, -1e4))
        # Attention over nothing but padding would be an even average of it.
        any_real = ops.any(key_mask, axis=1)[:, None, None]
        return ops.where(any_real, weights, ops.zeros_like(weights))

    def fuse(self, tokens: list, masks: list) -> Any:
        """Average what the real tokens of the query modality attend to."""
        weights = self._attention(self._normalize(tokens), masks)
        query_mask = ops.cast(masks[self.query_index], self.compute_dtype)
        count = ops.maximum(ops.sum(query_mask, axis=1, keepdims=True), 1)
        weights = ops.sum(weights * (query_mask / count)[..., None], axis=1)
        other = 1 - self.query_index
        values = self.value(self.norms[self.modalities[other]](tokens[other]))
        return ops.sum(weights[..., None] * values, axis=1)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``."""
        return (next(iter(input_shape.values()))[0], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        config = {"units": self.units, "query_modality": self.query_modality}
        return {**super().get_config(), **config}
