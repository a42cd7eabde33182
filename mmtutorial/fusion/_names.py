"""Every fusion by its name, for `FusionClassifier(fusion="...")`."""

from functools import partial

from mmtutorial.fusion.attention import BottleneckFusion, CrossAttentionFusion
from mmtutorial.fusion.experts import MixtureFusion
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
    "mixture": MixtureFusion,
    "multiplicative": MultiplicativeFusion,
    "product": partial(MixtureFusion, pool="product"),
    "sum": SumFusion,
    "tensor": TensorFusion,
}


def fusion_by_name(name, **options):
    """Make the fusion of this name; say which there are if there is none."""
    if name not in BY_NAME:
        raise ValueError(f"fusion must be one of {sorted(BY_NAME)}, got {name!r}")
    return BY_NAME[name](**options)
