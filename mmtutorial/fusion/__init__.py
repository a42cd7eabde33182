"""Many encoded modalities -> one representation, or one decision."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "classifier": ["FusionClassifier"],
        "layers": ["ConcatFusion", "LateFusion", "ModalityDropout", "SumFusion"],
        "reference": ["reference_model"],
    },
)
