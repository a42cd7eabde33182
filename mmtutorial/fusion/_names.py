"""Every fusion by its name, for `FusionClassifier(fusion="...")`."""

from typing import Any

from mmtutorial.fusion._base import Fusion
from mmtutorial.fusion.bottleneck import BottleneckFusion
from mmtutorial.fusion.cross_attention import CrossAttentionFusion
from mmtutorial.fusion.experts import MixtureOfExperts, ProductOfExperts
from mmtutorial.fusion.gates import AttentionFusion, GatedFusion
from mmtutorial.fusion.layers import ConcatFusion, LateFusion, SumFusion
from mmtutorial.fusion.tensors import LowRankTensorFusion, MultiplicativeFusion, TensorFusion

BY_NAME = {
    "attention": AttentionFusion,
    "bottleneck": BottleneckFusion,
    "concat": ConcatFusion,
    "cross_attention": CrossAttentionFusion,
    "gated": GatedFusion,
    "late": LateFusion,
    "low_rank": LowRankTensorFusion,
    "mixture": MixtureOfExperts,
    "multiplicative": MultiplicativeFusion,
    "product": ProductOfExperts,
    "sum": SumFusion,
    "tensor": TensorFusion,
}


def fusion_by_name(name: str, **options) -> Fusion:
    """Make the fusion of this name; say which there are if there is none."""
    if not isinstance(name, str) or name not in BY_NAME:
        raise ValueError(f"fusion must be one of {sorted(BY_NAME)}, got {name!r}")
    return BY_NAME[name](**options)


def to_fusion(given: Any, **options) -> Fusion:
    """Return a fusion layer, made by its name where it is named."""
    if isinstance(given, str):
        return fusion_by_name(given, **options)
    if isinstance(given, type) and issubclass(given, Fusion):
        raise TypeError(
            f"fusion must be a fusion layer, got the class: write {given.__name__}(...)"
        )
    if not isinstance(given, Fusion):
        raise TypeError(f"fusion must be a fusion layer or one of {sorted(BY_NAME)}, got {given!r}")
    return given


def fuses_decisions(given: Any) -> bool:
    """Say whether a fusion, or the one of this name, fuses decisions; what is none does not."""
    named = BY_NAME.get(given) if isinstance(given, str) else given
    return getattr(named, "level", None) == "decision"
