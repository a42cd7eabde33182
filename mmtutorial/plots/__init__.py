"""The figures that several chapters draw; each function returns a matplotlib figure.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; no figure says
anything by colour alone.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "colours": ["COLOURS", "MARKERS"],
        "features": ["reading", "response"],
        "gates": ["gate_panels"],
        "history": ["HISTORY"],
        "methods": ["accuracy_against_cost", "frontier", "method_dots", "rank_dots"],
        "missing": ["presence_picture", "robustness_curves", "vanishing_panel"],
        "modalities": ["belief_panel", "raw_views", "timeline"],
        "samples": ["image_grid", "shapley_bars", "vote_panel"],
        "scores": [
            "interval_dots",
            "interval_steps",
            "learning_curve",
            "lucky_draws",
            "reliability_diagram",
        ],
        "signals": ["sampled_tone", "spectrograms"],
    },
)
