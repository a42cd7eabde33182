"""Load matplotlib when the first figure is drawn, and say which extra brings it."""

from typing import Any


class _Pyplot:
    """Stand for `matplotlib.pyplot`: what is asked of it loads the module."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what looks into modules, such as doctest, asks for these
            raise AttributeError(name)
        try:
            import matplotlib.pyplot
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "mmtutorial.plots needs matplotlib: pip install 'mmtutorial[run]'", name=error.name
            ) from error
        return getattr(matplotlib.pyplot, name)


plt = _Pyplot()
