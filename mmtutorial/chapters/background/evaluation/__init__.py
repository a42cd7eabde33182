"""The chapter "Honest evaluation"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "experiment": ["ProductFusion", "build_product"],
        "leaky_splits": ["concept_leak_splits", "designer_leak_splits"],
    },
)
