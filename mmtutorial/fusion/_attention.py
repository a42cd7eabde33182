"""What the fusions of tokens share: their options, and projections to one size."""

from collections.abc import Mapping
from typing import Any

from keras import layers

from mmtutorial._checks import check_share, check_whole
from mmtutorial.encoders._masks import masked_mean
from mmtutorial.fusion._base import Fusion


class TokenFusion(Fusion):
    """Base of the fusions in which tokens attend to tokens, by transformer blocks."""

    input_kind = "tokens"

    def __init__(
        self,
        units: int = 64,
        *,
        heads: int = 4,
        hidden: int | None = None,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units = check_whole("units", units, least=1)
        self.heads = check_whole("heads", heads, least=1)
        if units % heads:
            raise ValueError(f"units must be a multiple of heads, got {units} and {heads}")
        self.hidden = check_whole("hidden", 4 * units if hidden is None else hidden, least=1)
        self.dropout = check_share("dropout", dropout)
        self.norm = layers.LayerNormalization(dtype=self.dtype_policy)
        self.projections, self.blocks = {}, {}

    def build_weights(self, shapes: Mapping[str, tuple]) -> None:
        """Make a projection for each modality, and the norm of what comes out."""
        self.norm.build((None, None, self.units))
        for name, shape in shapes.items():
            self.projections[name] = layers.Dense(
                self.units, name=self.layer_names[name], dtype=self.dtype_policy
            )
            self.projections[name].build((None, *shape))

    def make_block(self, kind: type[layers.Layer]) -> layers.Layer:
        """Make a transformer block for tokens of this layer's size."""
        block = kind(self.units, self.heads, self.hidden, self.dropout, dtype=self.dtype_policy)
        block.build((None, None, self.units))
        return block

    def project(self, tokens: list) -> list:
        """Project the tokens of all modalities to one size, ``(batch, time, units)`` each."""
        names = zip(self.modalities, tokens, strict=True)
        return [self.projections[name](sequence) for name, sequence in names]

    def mean_tokens(self, tokens: list, masks: list) -> list:
        """Normalise the tokens and average those of each modality, ``(batch, units)``."""
        return [
            masked_mean(self.norm(sequence), mask)
            for sequence, mask in zip(tokens, masks, strict=True)
        ]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        names = ("units", "heads", "hidden", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
