"""The chapter "Retrieval and zero-shot"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["asked", "box", "errors", "experiment", "figures", "live", "query", "tables"],
)
