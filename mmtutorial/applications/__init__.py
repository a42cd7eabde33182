"""Complete small systems: find what a text describes, in pictures and clips; recognise speech."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=["grounding", "speech", "video"])
