"""Refuse names of a loader's option that do not exist, and say which do."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from mmtutorial._checks import check_choice


def check_names(
    name: str, given: Any, valid: Sequence[str], *, refused: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return the given names in the order of ``valid``; ``refused`` maps a name to its reason."""
    if isinstance(given, str):
        raise TypeError(f"{name} must be a sequence of names such as ({given!r},), got a string")
    if not np.iterable(given):
        raise TypeError(f"{name} must be a sequence of names, got {given!r}")
    given = tuple(given)
    if wrong := [item for item in given if not isinstance(item, Hashable)]:
        raise TypeError(f"{name} must be a flat sequence of names, got {wrong[0]!r} in it")
    if not given or len(set(given)) < len(given):
        raise ValueError(f"{name} needs at least one name and none twice, got {given!r}")
    for place, item in enumerate(given):
        if item in (refused or {}):
            raise ValueError(f"{name}: {item!r} is held back, because {refused[item]}")
        check_choice(f"{name}[{place}]", item, valid)
    return tuple(item for item in valid if item in given)
