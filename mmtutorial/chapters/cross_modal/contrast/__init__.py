"""The chapter "Contrast"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["encoders", "experiment", "figures", "live", "pairs", "tables"],
)
