"""The chapter "What is multimodal?"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["figures", "history"],
    submod_attrs={
        "experiment": ["LinearStampTask", "co_learning", "hue_index"],
        "figures": ["probability_panel", "raw_views", "timeline"],
        "history": ["HISTORY"],
        "sizes": ["sample_sizes"],
    },
)
