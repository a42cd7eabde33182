"""A room for each chapter of the book: what belongs to it alone.

A room holds what a chapter trains and draws, its study and the results of that, its exercises and
its quiz. No room imports another, and nothing outside imports a room but notebooks and tests: what
a second chapter needs moves to where both may import it from.
"""

import lazy_loader as _lazy

from mmtutorial._packages import find_packages as _find_packages

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=_find_packages(__path__))
