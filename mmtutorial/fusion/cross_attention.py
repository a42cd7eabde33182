"""Cross-attention: the tokens of each modality attend to those of all others (co-attention)."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from mmtutorial.encoders.transformer import TransformerBlock
from mmtutorial.fusion._attention import TokenFusion


class CrossAttentionBlock(TransformerBlock):
    """A transformer block in which tokens attend to a context instead of to each other.

    ``tokens`` is ``(batch, time, units)``, ``context`` ``(batch, steps, units)``, ``context_mask``
    boolean ``(batch, steps)``, True where a step is real.
    """

    def call(self, tokens, context, context_mask):
        """Return the tokens, ``(batch, time, units)``, after cross-attention and dense layers."""
        tokens = tokens + self.drop(self.cross_attend(tokens, context, context_mask)[0])
        return tokens + self.drop(self.feed_forward(tokens))

    def cross_attend(self, tokens: Any, context: Any, context_mask: Any) -> tuple[Any, Any]:
        """Return what is attended to, and each head's weights ``(batch, heads, time, steps)``."""
        tokens, context = self.attention_norm(tokens), self.attention_norm(context)
        attended, weights = self.attention.attend(tokens, context, context_mask)
        # Attention over nothing but padding would be an even average of it.
        any_real = ops.any(context_mask, axis=1)[:, None, None]
        attended = ops.where(any_real, attended, ops.zeros_like(attended))
        return attended, ops.where(any_real[..., None], weights, ops.zeros_like(weights))


@keras.saving.register_keras_serializable(package="mmtutorial")
class CrossAttentionFusion(TokenFusion):
    """Let the tokens of each modality attend to those of all others.

    Each modality has a transformer block, whose queries are its own tokens, and whose keys and
    values are the tokens of all others. The tokens that come out are averaged, one vector for each
    modality, and concatenated. With two modalities this is co-attention: words attend to image
    patches, patches to words. A vector is one token, and with one token to attend to there is
    nothing to choose.

    Parameters
    ----------
    units : numbers for each token, and so for each modality in the result
    heads : attention heads; they share ``units`` evenly
    hidden : size of the dense layer; ``4 * units`` unless told otherwise
    dropout : share of what each half of a block adds set to 0 while training

    ``{modality: (batch, time, dim) or (batch, dim)}``, at least two -> ``(batch, modalities *
    units)``. What is absent or padded is not attended to; an absent modality leaves zeros. Each
    modality has ``(dim + 1) * units`` weights to project and ``4 units^2 + 2 units * hidden + 5
    units + hidden`` in its block; the last norm, which all share, has ``2 units``. Raises
    ``ValueError`` for a single modality, or heads that cannot share ``units``.
    Papers: Lu et al. 2019, ViLBERT (co-attention); Tsai et al. 2019, Multimodal Transformer for
    Unaligned Multimodal Language Sequences (which has a block for each pair).

    >>> inputs = {"image": ops.ones((2, 9, 3)), "text": ops.ones((2, 5, 8))}
    >>> CrossAttentionFusion(16)(inputs).shape
    TensorShape([2, 32])
    """

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make a projection and a block for each modality."""
        if len(shapes) < 2:
            raise ValueError(f"inputs must hold at least two modalities, got {self.modalities}")
        super().build_weights(shapes)
        for name in self.modalities:
            self.blocks[name] = self.make_block(CrossAttentionBlock)

    def attention(
        self, inputs: Mapping[str, Any], presence: Any = None, mask: Any = None
    ) -> dict[str, Any]:
        """Return the attention weights, a dict of ``(batch, time, time of the others)``.

        Each row sums to 1; heads are averaged; the others' tokens stand one modality after the
        other, in the order of the sorted names.
        """
        tokens, masks = self.prepare(inputs, presence, mask)
        tokens, result = self.project(tokens), {}
        for i, name in enumerate(self.modalities):
            context, context_mask = _all_but(tokens, i), _all_but(masks, i)
            _, weights = self.blocks[name].cross_attend(tokens[i], context, context_mask)
            result[name] = ops.mean(weights, 1)
        return result

    def fuse(self, tokens: list, masks: list) -> Any:
        """Let each modality attend to the others once; average and concatenate."""
        tokens = self.project(tokens)
        updated = [
            self.blocks[name](tokens[i], _all_but(tokens, i), _all_but(masks, i))
            for i, name in enumerate(self.modalities)
        ]
        return ops.concatenate(self.mean_tokens(updated, masks), axis=-1)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, modalities * units)``."""
        return (next(iter(input_shape.values()))[0], len(input_shape) * self.units)


def _all_but(arrays, i):
    """Concatenate the tokens, or masks, of all modalities but one, along time."""
    return ops.concatenate([*arrays[:i], *arrays[i + 1 :]], axis=1)
