"""The results files of the chapters' rooms: name them, load one, save one."""

import re

from mmtutorial import _packages
from mmtutorial._checks import check_dict
from mmtutorial._files import read_json, write_json
from mmtutorial.results._format import flatten, to_text


def path_of(name):
    """Return the file of a result: that of a chapter, or of one of its several studies.

    Raises ``ValueError`` for what is no ``part/chapter``, or ``part/chapter/study``, of a chapter
    that exists.

    >>> path_of("fusion/joining").name
    'results.json'
    """
    form = isinstance(name, str) and re.fullmatch(r"(\w+/\w+)(/\w+)?", name, re.ASCII)
    if not form or not (_packages.CHAPTERS / form[1]).is_dir():
        rooms = _packages.find_rooms()
        raise ValueError(
            f"name must be a chapter, one of {rooms}, or 'part/chapter/study', got {name!r}"
        )
    file = f"results{(form[2] or '').replace('/', '_')}.json"
    return _packages.CHAPTERS / form[1] / file


def _known():
    """Return ``{name: file}`` of the stored results of all rooms."""
    found = {}
    for path in _packages.find_files("results*.json"):
        study = path.stem.removeprefix("results").lstrip("_")
        found["/".join([*path.parts[-3:-1], *filter(None, [study])])] = path
    return found


def available():
    """Return the names of the stored results, a chapter's or that of one of its studies.

    >>> "fusion/joining" in available()
    True
    """
    return sorted(_known())


def read(name):
    """Return the stored result of a study as it stands in its file.

    Raises ``ValueError`` for an unknown name, and ``DataError`` for a file that is missing, damaged
    or other than its checksum says.

    >>> read("fusion/joining")["format"]
    1
    """
    known = _known()
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"name must be one of {sorted(known)}, got {name!r}")
    return read_json(known[name])


def load(name):
    """Return the stored result of a study: ``rows``, ``choices``, ``comparisons``, ``items``.

    Each is a list of flat dicts; ``made`` says how and when. Raises ``ValueError`` for an unknown
    name, and ``DataError`` as `read` does.

    >>> sorted(load("fusion/joining")["rows"][0])[:3]
    ['accuracy', 'image', 'keywords']
    """
    return flatten(read(name))


def save(name, result):
    """Store a result with its checksum, both or neither. For studies, in a checkout of the book.

    Raises ``ValueError`` for a name that is no ``part/chapter`` or ``part/chapter/study`` of a
    chapter that exists, and for NaN or infinity, which JSON does not know; ``TypeError`` for what
    else it does not; ``DataError`` where the room's list of checksums is damaged.
    """
    path = path_of(name)
    keys = check_dict("result", result, '{"runs": []}').keys()
    if not all(isinstance(key, str) for key in keys):
        raise TypeError(f"result must have texts as keys, got {list(keys)}")
    try:
        text = to_text(result)
    except (ValueError, TypeError) as error:
        expected = "result must hold finite numbers only, texts, lists and dicts"
        raise type(error)(f"{expected}: {error}") from error
    write_json(path, text)
