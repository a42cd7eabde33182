"""How good, how sure, and which modality did the work."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "attribution": [
            "emap",
            "modality_shapley",
            "shapley_values",
            "shuffled_drop",
            "shuffled_modality",
        ],
        "calibration": [
            "Reliability",
            "expected_calibration_error",
            "fit_temperature",
            "reliability",
        ],
        "metrics": ["accuracy", "macro_f1"],
        "uncertainty": ["Comparison", "Interval", "interval", "paired_bootstrap", "run_seeds"],
    },
)
