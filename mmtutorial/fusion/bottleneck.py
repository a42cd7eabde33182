"""Attention bottlenecks: modalities exchange information through a few shared tokens only."""

from collections.abc import Mapping
from math import prod
from typing import Any

import keras
from keras import ops

from mmtutorial._checks import check_whole
from mmtutorial.encoders._masks import masked_mean
from mmtutorial.encoders.transformer import TransformerBlock
from mmtutorial.fusion._attention import TokenFusion


@keras.saving.register_keras_serializable(package="mmtutorial")
class BottleneckFusion(TokenFusion):
    """Let modalities exchange information through a few shared tokens only.

    In each layer every modality's tokens and the shared tokens, the bottleneck, pass a transformer
    block of that modality. The shared tokens, which each modality updates in its own way, are then
    averaged. So in a second layer each modality attends to a few tokens that sum up the others.

    Parameters
    ----------
    units : numbers for each token, and so the size of the result
    bottlenecks : number of shared tokens, learnt
    num_layers : at least 2: what is written in one can be read in the next
    heads : attention heads; they share ``units`` evenly
    hidden : size of the dense layer in each block; ``4 * units`` unless told otherwise
    dropout : share of what each half of a block adds set to 0 while training

    ``{modality: (batch, time, dim) or (batch, dim)}`` -> ``(batch, units)``: the tokens' average
    of each modality, averaged over those present. What is absent or padded is not attended to.
    It has ``(bottlenecks + 2) * units`` weights, ``(dim + 1) * units`` for each modality, and ``4
    units^2 + 2 units * hidden + 5 units + hidden`` for each modality in each layer.
    Raises ``ValueError`` for fewer than two layers, or heads that cannot share ``units``.
    Paper: Nagrani et al. 2021, Attention Bottlenecks for Multimodal Fusion (there
    tokens are shared from a middle layer on, and the logits of CLS tokens averaged; here they are
    shared from the first layer on, and the mean tokens averaged).

    >>> inputs = {"image": ops.ones((2, 9, 3)), "text": ops.ones((2, 5, 8))}
    >>> BottleneckFusion(16, bottlenecks=2)(inputs).shape
    TensorShape([2, 16])
    """

    def __init__(self, units: int = 64, *, bottlenecks: int = 4, num_layers: int = 2, **kwargs):
        super().__init__(units, **kwargs)
        self.bottlenecks = check_whole("bottlenecks", bottlenecks, least=1)
        self.num_layers = check_whole("num_layers", num_layers, least=2)

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make the shared tokens, a projection per modality, and its block for each layer."""
        super().build_weights(shapes)
        self.shared = self.add_weight(
            shape=(self.bottlenecks, self.units),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="shared",
        )
        for number in range(self.num_layers):
            for name in self.modalities:
                self.blocks[f"{name}_{number}"] = self.make_block(TransformerBlock)

    def fuse(self, tokens: list, masks: list) -> Any:
        """Exchange information in each layer; average the tokens that come out."""
        tokens = self.project(tokens)
        batch = ops.shape(tokens[0])[0]
        shared = ops.broadcast_to(self.shared, (batch, self.bottlenecks, self.units))
        shared_mask = ops.ones_like(shared[..., 0], dtype="bool")
        present = ops.stack([ops.any(mask, axis=1) for mask in masks], axis=1)
        for number in range(self.num_layers):
            updated = []
            for i, name in enumerate(self.modalities):
                joint = ops.concatenate([shared, tokens[i]], axis=1)
                joint_mask = ops.concatenate([shared_mask, masks[i]], axis=1)
                joint = self.blocks[f"{name}_{number}"](joint, joint_mask)
                updated.append(joint[:, : self.bottlenecks])
                tokens[i] = joint[:, self.bottlenecks :]
            shared = _mean_present(updated, present)
        return _mean_present(self.mean_tokens(tokens, masks), present)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``."""
        return (next(iter(input_shape.values()))[0], self.units)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        names = ("bottlenecks", "num_layers")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _mean_present(arrays, present):
    """Average over the modalities that are present, ``(batch, modalities)``; zeros if none is."""
    flat = [ops.reshape(array, (-1, prod(array.shape[1:]))) for array in arrays]
    mean = masked_mean(ops.stack(flat, axis=1), present)
    return ops.reshape(mean, (-1, *arrays[0].shape[1:]))
