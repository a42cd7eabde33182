"""The complete systems from the command line, on one's own files: ``python -m mmtutorial``."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submod_attrs={"line": ["main"]})
