"""The chapter "Translation"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "analysis",
        "baselines",
        "experiment",
        "figures",
        "live",
        "tables",
        "weights",
        "words",
    ],
)
