"""The chapter "Balancing losses"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__, submodules=["experiment", "figures", "live", "stamps", "comparison"]
)
