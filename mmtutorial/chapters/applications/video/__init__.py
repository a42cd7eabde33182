"""The chapter "Video and text"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "bench", "cost", "experiment", "figures", "live", "probes", "retrieval", "scoring", "study",
        "study_retrieval", "tables",
    ],
)  # fmt: skip
