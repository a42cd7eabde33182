"""The chapter "Speech and text"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "errors", "experiment", "figures", "first_try", "live", "retrieval", "study", "tables",
    ],
)  # fmt: skip
