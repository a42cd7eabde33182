"""The chapter "Gates and tensors"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["corruption", "figures", "live", "tables"],
    submod_attrs={"figures": ["gate_panels"], "matching": ["MatchingTask", "make_pairs"]},
)
