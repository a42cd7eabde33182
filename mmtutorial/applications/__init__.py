"""Complete small systems: speech to text, with what each of them needs."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=["speech"])
