"""The chapters of the part "Applications"."""

import lazy_loader as _lazy

from mmtutorial._packages import find_packages as _find_packages

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=_find_packages(__path__))
