"""Many encoded modalities -> one representation, or one decision."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_base": ["Fusion"],
        "attention": ["BottleneckFusion", "CrossAttentionFusion"],
        "balance": ["gradient_blend"],
        "classifier": ["FusionClassifier"],
        "experts": ["MixtureFusion"],
        "gates": ["AttentionFusion", "GatedFusion"],
        "layers": ["ConcatFusion", "LateFusion", "SumFusion"],
        "missing": ["MissingTokens", "ModalityDropout"],
        "reference": ["reference_model"],
        "tensors": ["LowRankTensorFusion", "MultiplicativeFusion", "TensorFusion"],
    },
)
