"""The chapter "A vision-language model in miniature"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "asking", "bench", "experiment", "figures", "live", "probes", "scoring", "size", "study",
        "tables", "training", "weights",
    ],
)  # fmt: skip
