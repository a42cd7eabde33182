"""The figures that several chapters draw; each function returns one, `show` adds its words.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; no figure says
anything by colour alone.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "colours": ["COLOURS", "MARKERS"],
        "features": ["line_plot", "token_heatmap"],
        "_style": ["style"],
        "showing": ["show"],
        "samples": ["image_grid", "shapley_bars", "late_fusion_panel"],
        "scores": [
            "interval_dots",
            "interval_steps",
            "learning_curve",
            "bootstrap_histogram",
            "reliability_diagram",
        ],
    },
)
