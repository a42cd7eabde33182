"""Refuse a loader's option that does not exist, and say which do."""

from collections.abc import Hashable

import numpy as np


def check_choice(name, given, valid):
    """Raise ``ValueError``, which lists the valid ones, unless ``given`` is among them."""
    flag = isinstance(given, bool) and bool not in map(type, valid)  # True equals 1, False 0
    if flag or not isinstance(given, Hashable) or given not in valid:
        raise ValueError(f"{name}={given!r} is unknown; choose from {', '.join(map(repr, valid))}")


def check_names(name, given, valid, *, refused=None):
    """Return the given names in the order of ``valid``; ``refused`` maps a name to its reason."""
    if isinstance(given, str):
        raise TypeError(f"{name} must be a sequence of names such as ({given!r},), got a string")
    if not np.iterable(given):
        raise TypeError(f"{name} must be a sequence of names, got {given!r}")
    given = tuple(given)
    if not given or len(set(given)) < len(given):
        raise ValueError(f"{name} needs at least one name and none twice, got {given!r}")
    for item in given:
        if item in (refused or {}):
            raise ValueError(f"{name}: {item!r} is held back, because {refused[item]}")
        check_choice(name, item, valid)
    return tuple(item for item in valid if item in given)
