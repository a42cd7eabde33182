"""Packages of the extra ``run``, which the library loads where it needs them."""

from importlib import import_module
from types import ModuleType


def load_optional(module: str, user: str) -> ModuleType:
    """Return a module of the extra ``run``; without it, say what ``user`` needs, and how to get it.

    >>> load_optional("no_such_package", "glue")
    Traceback (most recent call last):
    ModuleNotFoundError: glue needs no_such_package: pip install 'mmtutorial[run]'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.split(".")[0]
        raise ModuleNotFoundError(
            f"{user} needs {package}: pip install 'mmtutorial[run]'", name=error.name
        ) from error
