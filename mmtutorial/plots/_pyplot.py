"""Load matplotlib when the first figure is drawn, and say which extra brings it."""

from typing import Any

from mmtutorial._optional import load_optional


class _Pyplot:
    """Stand for `matplotlib.pyplot`: what is asked of it loads the module."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what looks into modules, such as doctest, asks for these
            raise AttributeError(name)
        return getattr(load_optional("matplotlib.pyplot", "mmtutorial.plots"), name)


plt = _Pyplot()
