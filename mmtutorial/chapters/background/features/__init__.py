"""The chapter "Features", of what encoders learn."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["live"],
    submod_attrs={"experiment": ["nearest_neighbours", "token_effects", "top_activating_patches"]},
)
