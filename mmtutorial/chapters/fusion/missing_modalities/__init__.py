"""The chapter "Missing modalities"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["experiment", "figures", "live"],
    submod_attrs={
        "expected": ["expected_correct", "presence_patterns"],
        "experiment": ["predict_by_pattern", "robustness_curve", "train_method"],
        "figures": ["missing_photos_panel", "presence_map", "robustness_curves"],
    },
)
