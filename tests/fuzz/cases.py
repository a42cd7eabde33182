"""Wrong values, made from a good one: of another kind, shape, range or name.

A `Case` is strict if there is no way to take its value, so that it must be refused. The others may
also be taken, if the result is sound: 0 is no width, but a fine seed.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

HUGE = 2**70  # no array has as many entries, and no integer of NumPy holds it


class Case(NamedTuple):
    """One wrong value: what it is called, how it is made, and whether it must be refused."""

    label: str
    make: Callable[[], Any]
    strict: bool = True
    names: tuple[str, ...] = ()  # what an error may name instead of the argument


def case(label, value, strict=True, names=()):
    """Return a case of a value that a call cannot change or use up."""
    return Case(label, lambda: value, strict, names)


def cases(good, partners=()):
    """Return the wrong values in the place of a good one.

    ``partners`` are the other arguments of the call: where one has as many rows or the same keys,
    a change of either must be refused.
    """
    if callable(good):
        return [c for c in KINDS if c.label != "class"]
    if isinstance(good, (bool, np.bool_)):
        return [c for c in KINDS if c.label != "True"] + [case("1.0", 1.0)]
    if isinstance(good, (int, float, np.number)):
        return [c for c in KINDS if c.label != "1"] + numbers(good)
    if isinstance(good, str):
        return [c for c in KINDS if c.label != "word"] + texts(good)
    if isinstance(good, bytes):
        return [c for c in KINDS if c.label not in ("word", "bytes")] + files(good)
    if isinstance(good, np.ndarray):
        return KINDS + arrays(good, has_partner(len(good), partners) if good.ndim else False)
    if isinstance(good, Mapping):
        return [c for c in KINDS if c.label != "dict"] + mappings(good, partners)
    if isinstance(good, (list, tuple)):
        return KINDS + sequences(good, has_partner(len(good), partners))
    return KINDS


def rows_of(value):
    """Return the numbers of rows that an argument has: of itself, or of what a dict holds."""
    if isinstance(value, Mapping):
        return {n for each in value.values() for n in rows_of(each)}
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        return {len(value)}
    return set()


def has_partner(rows, partners):
    """Say whether another argument has as many rows."""
    return any(rows in rows_of(each) for each in partners)


# Values that are of another kind than nearly every argument.
KINDS = [
    case("None", None),
    case("True", True),
    case("1", 1),
    case("word", "mispelt"),
    case("bytes", b"\x00\x01"),
    case("object", object()),
    case("class", int),
    Case("generator", lambda: (each for each in (1, 2))),
    Case("set", lambda: {1, 2}),
    Case("dict", lambda: {"no such key": 1}),
    Case("ragged", lambda: [[1.0], [1.0, 2.0]]),
    Case("texts", lambda: ["no", "numbers"]),
    Case("empty list", list),
    case("nan", float("nan")),
]


def numbers(good):
    """Return numbers that are out of range, or not whole."""
    found = [
        case("inf", float("inf")),
        case("-inf", float("-inf")),
        case("negative", -good - 1),
        case("zero", good * 0, strict=False),
        case("text of it", str(good)),
        case("list of it", [good]),
        case("complex", complex(good, 1)),
        case("huge", HUGE if isinstance(good, int) else 1e300, strict=False),
    ]
    if isinstance(good, (int, np.integer)):
        found.append(case("fraction", good + 0.5))
    return found


def texts(good):
    """Return texts that are no choice of the list."""
    return [
        case("misspelt", good[::-1] + "_"),
        case("empty text", ""),
        case("unicode", "图像 ñ\u200d🙂"),
        case("bytes of it", good.encode()),
    ]


def files(good):
    """Return the bytes of a file that is damaged."""
    return [
        case("empty file", b""),
        case("half a file", good[: len(good) // 2]),
        case("junk", bytes(range(256))),
    ]


def arrays(good, partner):
    """Return arrays of another shape or type, or with a number that cannot be."""
    kind, found = good.dtype.kind, []
    if good.ndim:
        found += [
            case("rank+1", good[None]),
            case("rank-1", good[0]),
            case("row more", np.concatenate([good, good[:1]]), partner),
            case("row less", good[:-1], partner),
        ]
    for axis in range(good.ndim):
        nothing = np.take(good, [], axis=axis)
        found.append(case(f"empty axis {axis}", nothing))
        if axis:
            wide = np.concatenate([good, np.take(good, [0], axis=axis)], axis=axis)
            found.append(case(f"wider axis {axis}", wide, strict=False))
    inside = {"complex": good.astype("c16") if kind in "biuf" else None, "as objects": None}
    if kind == "f":
        inside |= {"nan inside": np.nan, "inf inside": np.inf, "-inf inside": -np.inf}
        inside |= {"huge inside": 1e38}
    elif kind in "iu":
        inside |= {"fraction inside": 0.5, "nan inside": np.nan, "far inside": 10**6}
        inside |= {"negative inside": -1}
    elif kind == "b":
        inside |= {"fraction inside": 0.3, "nan inside": np.nan, "two inside": 2}
    for label, value in inside.items():
        if label == "complex":
            if value is not None:
                found.append(case(label, value + 1j))
        elif label == "as objects":
            found.append(case(label, np.full(good.shape, None)))
        else:
            whole = isinstance(value, int) and kind in "iu"
            changed = good.astype(np.int64 if whole else good.dtype if kind == "f" else float)
            changed.flat[: 1 if good.size else 0] = value
            found.append(case(label, changed, strict="huge" not in label))
    if kind in "biuf":
        found.append(case("as texts", good.astype(str)))
    return found


def sequences(good, partner):
    """Return sequences with an entry too many or too few, or with one that is wrong."""
    make = list if isinstance(good, list) else tuple  # a named tuple has no room for one more
    if not good:
        return []
    found = [
        case("empty", make()),
        case("one more", make([*good, good[0]]), partner),
        case("one less", make(good[:-1]), partner or len(good) == 1),
        case("None inside", make([None, *good[1:]])),
        case("object inside", make([object(), *good[1:]])),
    ]
    if all(isinstance(each, str) for each in good):
        found.append(case("plain text", "".join(good)[: len(good)]))
    inner = [c for c in cases(good[0]) if c.label not in ("None", "object")]
    return found + [
        Case(f"first: {c.label}", lambda c=c: make([c.make(), *good[1:]]), c.strict, c.names)
        for c in inner
    ]


def mappings(good, partners):
    """Return dicts with a key too many, too few or misspelt, or with a value that is wrong."""
    if not good:
        return []
    first, value = next(iter(good.items()))
    rest = {key: each for key, each in good.items() if key != first}
    keyed = any(isinstance(each, Mapping) and each.keys() == good.keys() for each in partners)
    name = (str(first),)
    found = [
        case("empty", {}),
        case("key missing", rest, keyed or not rest, name),
        case("key more", {**good, "surplus": value}, keyed, ("surplus",)),
        case("key misspelt", {"mispelt": value, **rest}, keyed, (*name, "mispelt")),
        case("key in unicode", {"图像 ñ": value, **rest}, keyed, (*name, "图像")),
        case("key a number", {1: value, **rest}, True, name),
        case("list of items", list(good.items())),
    ]
    inner = cases(value, [*rest.values(), *partners])
    return found + [
        Case(f"value: {c.label}", lambda c=c: {first: c.make(), **rest}, c.strict, name + c.names)
        for c in inner
    ]
