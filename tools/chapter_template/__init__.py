"""The chapter "The title"."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={"experiment": ["METHODS", "load_inputs", "predict", "train_linear"]},
)
