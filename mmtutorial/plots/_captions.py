"""The words of the figures, caption and alternative text: in the captions.json of each room."""

import json
from typing import Any

from mmtutorial import _packages


def read_captions() -> dict[str, dict[str, Any]]:
    """Return ``{name: {"caption": ..., "alt": ...}}`` of the figures of all chapters.

    Some also have ``"sources"``, keys of `mmtutorial._credits.SOURCES`: whose pictures they hold
    that were composed or changed before they were shown; an empty list for those of nobody.
    A name is that of a label in the book, by which a sentence refers to the figure; so no two
    figures have the same.

    >>> sorted(read_captions()["joining-look"])
    ['alt', 'caption']
    """
    found = {}
    for path in _packages.find_files("captions.json"):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def find_caption(name: Any) -> dict[str, Any]:
    """Return the caption and the alternative text of a figure; refuse an unknown name."""
    known = read_captions()
    if not isinstance(name, str):
        raise TypeError(f"name must be a text, the figure's in captions.json, got {name!r}")
    if name not in known:
        raise ValueError(f"name must be one of {sorted(known)}, got {name!r}")
    return known[name]
