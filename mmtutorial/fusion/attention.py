"""Tokens of one modality look at those of another: all of them, or through a narrow gap."""

from math import prod

import keras
from keras import layers, ops

from mmtutorial.encoders._masks import average
from mmtutorial.encoders.transformer import TransformerBlock
from mmtutorial.fusion._base import Fusion, check_share


class CrossBlock(TransformerBlock):
    """A transformer's block in which tokens gather from others instead of from each other."""

    def look(self, tokens, others, real):
        """Return what is gathered, and each head's weights ``(batch, heads, time, others)``."""
        gathered, weights = self.attention(
            self.before_attention(tokens),
            self.before_attention(others),
            attention_mask=real[:, None, :],
            return_attention_scores=True,
        )
        # Attention over nothing but padding would be an even average of it.
        anyone = ops.any(real, axis=1)[:, None, None]
        gathered = ops.where(anyone, gathered, ops.zeros_like(gathered))
        return gathered, ops.where(anyone[..., None], weights, ops.zeros_like(weights))

    def call(self, tokens, others, real):
        """Return the tokens, ``(batch, time, units)``, after one look at the others."""
        tokens = tokens + self.drop(self.look(tokens, others, real)[0])
        return tokens + self.drop(self.narrow(self.wide(self.before_dense(tokens))))


class AttentiveFusion(Fusion):
    """What both fusions of tokens share: their options, and projections to one size."""

    takes = "tokens"

    def __init__(self, units=64, *, heads=4, hidden=None, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        if units < 1 or heads < 1 or units % heads:
            raise ValueError(f"units must be a multiple of heads, got {units} and {heads}")
        hidden = 4 * units if hidden is None else hidden
        if hidden < 1:
            raise ValueError(f"hidden must be at least 1, got {hidden}")
        self.units, self.heads, self.hidden = units, heads, hidden
        self.dropout = check_share("dropout", dropout)
        self.norm = layers.LayerNormalization(dtype=self.dtype_policy)
        self.projections, self.blocks = {}, {}

    def make(self, shapes):
        """Make a projection for each modality, and the norm of what comes out."""
        self.norm.build((None, None, self.units))
        for name, shape in shapes.items():
            self.projections[name] = layers.Dense(self.units, name=name, dtype=self.dtype_policy)
            self.projections[name].build((None, *shape))

    def make_block(self, kind):
        """Make a block for tokens of this layer's size."""
        block = kind(self.units, self.heads, self.hidden, self.dropout, dtype=self.dtype_policy)
        block.build((None, None, self.units))
        return block

    def project(self, tokens):
        """Bring all tokens to one size."""
        return [
            self.projections[name](each) for name, each in zip(self.modalities, tokens, strict=True)
        ]

    def finish(self, tokens, real):
        """Normalise the tokens and average those of each modality, ``(batch, units)``."""
        return [average(self.norm(each), here) for each, here in zip(tokens, real, strict=True)]

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        names = ("units", "heads", "hidden", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable(package="mmtutorial")
class CrossAttentionFusion(AttentiveFusion):
    """Let the tokens of each modality attend to those of all others.

    Every token asks the tokens of the other modalities, adds what it gathers, and passes a small
    dense network, as in a transformer. The average of each modality's tokens comes out; the
    averages stand side by side. With two modalities this is co-attention: words look at image
    patches, patches at words. A vector is one token, and with one token to look at there is
    nothing to choose.

    Parameters
    ----------
    units : numbers for each token, and so for each modality in the result
    heads : how many things each token looks for at once; they share ``units`` evenly
    hidden : size of the dense layer; ``4 * units`` unless told otherwise
    dropout : share of what each half of a block adds set to 0 while training

    ``{modality: (batch, time, dim) or (batch, dim)}``, at least two -> ``(batch, modalities *
    units)``. What is absent or padded is never looked at; an absent modality leaves zeros. Each
    modality has ``(dim + 1) * units`` weights to project and ``4 units^2 + 2 units * hidden + 5
    units + hidden`` in its block; the last norm, which all share, has ``2 units``. Raises
    ``ValueError`` for a single modality, or heads that cannot share ``units``.
    Papers: Lu et al. 2019, ViLBERT (co-attention); Tsai et al. 2019, Multimodal Transformer for
    Unaligned Multimodal Language Sequences (which has a block for each pair).

    >>> inputs = {"image": ops.ones((2, 9, 3)), "text": ops.ones((2, 5, 8))}
    >>> CrossAttentionFusion(16)(inputs).shape
    TensorShape([2, 32])
    """

    def make(self, shapes):
        """Make a projection and a block for each modality."""
        if len(shapes) < 2:
            raise ValueError(f"inputs must hold at least two modalities, got {self.modalities}")
        super().make(shapes)
        for name in self.modalities:
            self.blocks[name] = self.make_block(CrossBlock)

    def attention(self, inputs, presence=None, mask=None):
        """Return who looks where: a dict of ``(batch, time, time of the others)``.

        Each row sums to 1; heads are averaged; the others' tokens stand one modality after the
        other, by name.
        """
        tokens, real = self.prepare(inputs, presence, mask)
        tokens, weights = self.project(tokens), {}
        for i, name in enumerate(self.modalities):
            others, others_real = _all_but(tokens, i), _all_but(real, i)
            weights[name] = ops.mean(self.blocks[name].look(tokens[i], others, others_real)[1], 1)
        return weights

    def fuse(self, tokens, real):
        """Let each modality look at the others once; average and join."""
        tokens = self.project(tokens)
        changed = [
            self.blocks[name](tokens[i], _all_but(tokens, i), _all_but(real, i))
            for i, name in enumerate(self.modalities)
        ]
        return ops.concatenate(self.finish(changed, real), axis=-1)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, modalities * units)``."""
        return (next(iter(input_shape.values()))[0], len(input_shape) * self.units)


def _all_but(arrays, i):
    """Put the tokens, or masks, of all modalities but one behind each other."""
    return ops.concatenate([*arrays[:i], *arrays[i + 1 :]], axis=1)


@keras.saving.register_keras_serializable(package="mmtutorial")
class BottleneckFusion(AttentiveFusion):
    """Let modalities exchange information through a few shared tokens only.

    In each round every modality's tokens and the shared tokens pass a transformer's block of that
    modality. The shared tokens, which each modality changes in its own way, are then averaged. So
    in a second round each modality reads what the others wrote, squeezed into a few tokens.

    Parameters
    ----------
    units : numbers for each token, and so the size of the result
    bottlenecks : number of shared tokens, learnt
    layers : rounds, at least 2: what is written in one can be read in the next
    heads : how many things each token looks for at once; they share ``units`` evenly
    hidden : size of the dense layer in each block; ``4 * units`` unless told otherwise
    dropout : share of what each half of a block adds set to 0 while training

    ``{modality: (batch, time, dim) or (batch, dim)}`` -> ``(batch, units)``: the tokens' average
    of each modality, averaged over those present. What is absent or padded is never looked at.
    It has ``(bottlenecks + 2) * units`` weights, ``(dim + 1) * units`` for each modality, and ``4
    units^2 + 2 units * hidden + 5 units + hidden`` for each modality in each round.
    Raises ``ValueError`` for fewer than two rounds, or heads that cannot share ``units``.
    Paper: Nagrani et al. 2021, Attention Bottlenecks for Multimodal Fusion.

    >>> inputs = {"image": ops.ones((2, 9, 3)), "text": ops.ones((2, 5, 8))}
    >>> BottleneckFusion(16, bottlenecks=2)(inputs).shape
    TensorShape([2, 16])
    """

    def __init__(self, units=64, *, bottlenecks=4, layers=2, **kwargs):
        super().__init__(units, **kwargs)
        if bottlenecks < 1 or layers < 2:
            raise ValueError(
                f"bottlenecks must be at least 1 and layers 2, got {bottlenecks} and {layers}"
            )
        self.bottlenecks, self.layers = bottlenecks, layers

    def make(self, shapes):
        """Make the shared tokens, a projection a modality, and its block for each round."""
        super().make(shapes)
        self.shared = self.add_weight(
            shape=(self.bottlenecks, self.units),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="shared",
        )
        for number in range(self.layers):
            for name in self.modalities:
                self.blocks[f"{name}_{number}"] = self.make_block(TransformerBlock)

    def fuse(self, tokens, real):
        """Exchange information for some rounds; average the tokens that come out."""
        tokens = self.project(tokens)
        batch = ops.shape(tokens[0])[0]
        shared = ops.broadcast_to(self.shared, (batch, self.bottlenecks, self.units))
        always = ops.ones_like(shared[..., 0], dtype="bool")
        present = ops.stack([ops.any(each, axis=1) for each in real], axis=1)
        for number in range(self.layers):
            heard = []
            for i, name in enumerate(self.modalities):
                both = ops.concatenate([tokens[i], shared], axis=1)
                both_real = ops.concatenate([real[i], always], axis=1)
                both = self.blocks[f"{name}_{number}"](both, both_real)
                tokens[i] = both[:, : -self.bottlenecks]
                heard.append(both[:, -self.bottlenecks :])
            shared = _average_present(heard, present)
        return _average_present(self.finish(tokens, real), present)

    def compute_output_shape(self, input_shape):
        """Return ``(batch, units)``."""
        return (next(iter(input_shape.values()))[0], self.units)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "bottlenecks": self.bottlenecks, "layers": self.layers}


def _average_present(arrays, present):
    """Average over the modalities that are present, ``(batch, modalities)``; zeros if none is."""
    flat = [ops.reshape(array, (-1, prod(array.shape[1:]))) for array in arrays]
    mean = average(ops.stack(flat, axis=1), present)
    return ops.reshape(mean, (-1, *arrays[0].shape[1:]))
