"""Multi-head attention: every token takes a weighted average of what other tokens offer."""

from typing import Any

import keras
from keras import ops

from mmtutorial._checks import check_whole


class MultiHeadAttention(keras.layers.Layer):
    """Scaled dot-product attention of tokens to a context, in several heads.

    Each head compares the query of one token with the keys of the others, ``softmax(Q K^T /
    sqrt(size))``, and averages their values by these weights; the heads' averages are mixed by a
    last matrix. It has ``4 * units * heads * size`` weights and no biases, as in the paper. One on
    the keys would never train: it adds the same to all scores of a token, and the softmax takes
    that out again.

    Keras has a layer of this name. Its projections are einsums, which TensorFlow runs as batched
    products with more copies; these are plain matrix products, and quicker to train on a CPU
    (``benchmarks/fusion_steps.py``).

    Parameters
    ----------
    heads : how many comparisons stand side by side
    size : numbers of a query, a key and a value

    ``tokens`` ``(batch, time, units)`` and ``context`` ``(batch, steps, units)`` -> ``(batch, time,
    units)``. ``mask`` is boolean ``(batch, steps)``, True where a step of the context is real;
    where none is, the result is an average of padding: hide it.
    Paper: Vaswani et al. 2017, Attention Is All You Need, section 3.2.

    >>> MultiHeadAttention(2, 4)(ops.ones((1, 3, 8)), ops.ones((1, 5, 8))).shape
    TensorShape([1, 3, 8])
    """

    def __init__(self, heads: int, size: int, **kwargs):
        super().__init__(**kwargs)
        self.heads = check_whole("heads", heads, least=1)
        self.size = check_whole("size", size, least=1)

    def build(self, tokens_shape, context_shape=None):
        """Make the matrices for tokens of this size."""
        units, joint = tokens_shape[-1], self.heads * self.size
        self.query, self.key, self.value = (
            self.add_weight(shape=(units, joint), name=name) for name in ("query", "key", "value")
        )
        self.out = self.add_weight(shape=(joint, units), name="out")

    def call(self, tokens, context, mask=None):
        """Return what each token attends to in the context, ``(batch, time, units)``."""
        return self.attend(tokens, context, mask)[0]

    def attend(self, tokens: Any, context: Any, mask: Any = None) -> tuple[Any, Any]:
        """Return what `call` does, and the weights, ``(batch, heads, time, steps)``."""
        return self.weigh(tokens, *self.project(context), mask)

    def project(self, context: Any) -> tuple[Any, Any]:
        """Return the keys and the values of a context, each ``(batch, heads, steps, size)``."""
        return self._split(context, self.key), self._split(context, self.value)

    def weigh(self, tokens: Any, keys: Any, values: Any, mask: Any = None) -> tuple[Any, Any]:
        """Return what `attend` does, for keys and values that are there already.

        ``mask`` may differ from token to token, too: ``(batch, time, steps)``.
        """
        queries = self._split(tokens, self.query) * self.size**-0.5
        scores = ops.matmul(queries, ops.transpose(keys, (0, 1, 3, 2)))
        if mask is not None:  # a softmax gives 1e4 less than the rest exactly 0, in float16 too
            mask = mask[:, None, None, :] if len(mask.shape) == 2 else mask[:, None]
            scores += ops.cast(ops.where(mask, 0.0, -1e4), scores.dtype)
        weights = ops.softmax(scores)
        attended = ops.transpose(ops.matmul(weights, values), (0, 2, 1, 3))
        batch, time = ops.shape(tokens)[:2]
        attended = ops.reshape(attended, (batch, time, self.heads * self.size))
        return ops.matmul(attended, self.out), weights

    def _split(self, tokens, kernel):
        """Project tokens and give each head its part, ``(batch, heads, time, size)``."""
        parts = (*ops.shape(tokens)[:2], self.heads, self.size)
        return ops.transpose(ops.reshape(ops.matmul(tokens, kernel), parts), (0, 2, 1, 3))

    def compute_output_shape(self, tokens_shape, context_shape=None):
        """Return the shape of the tokens."""
        return tokens_shape

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "heads": self.heads, "size": self.size}
