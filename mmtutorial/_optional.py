"""Packages of the extras, which the library loads where it needs them."""

from importlib import import_module
from types import ModuleType

HOW = "in a clone of the book, run `pip install '.[{}]'`"  # no package index has the package


def load_optional(module: str, user: str) -> ModuleType:
    """Return a module of the extra ``run``; without it, say what ``user`` needs, and how to get it.

    >>> load_optional("no_such", "glue")
    Traceback (most recent call last):
    ModuleNotFoundError: glue needs no_such: in a clone of the book, run `pip install '.[run]'`
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.split(".")[0]
        raise ModuleNotFoundError(
            f"{user} needs {package}: {HOW.format('run')}", name=error.name
        ) from error
