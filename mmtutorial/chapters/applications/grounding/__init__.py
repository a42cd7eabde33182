"""The chapter "Find what a description names"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "encoder", "experiment", "figures", "live",
        "page", "scoring", "study", "tables", "probes", "training",
    ],
)  # fmt: skip
