"""Refuse an argument that cannot be meant: name it, what was given and what is expected.

What is of the wrong kind is a ``TypeError``, what is out of range a ``ValueError``. Every check
returns the argument, so that it can stand where the argument is stored.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np


def check_whole(name: str, given: Any, *, least: int | None = None, most: int | None = None) -> int:
    """Return ``given`` as int; refuse what is no whole number, or is out of range."""
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, Integral):
        raise TypeError(f"{name} must be a whole number, got {given!r}")
    if least is not None and given < least:
        raise ValueError(f"{name} must be at least {least}, got {given}")
    if most is not None and given > most:
        raise ValueError(f"{name} must be at most {most}, got {given}")
    return int(given)


def check_number(
    name: str,
    given: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """Return ``given`` as float; refuse what is no finite number, or is out of range.

    ``least`` and ``most`` belong to the range, ``above`` and ``below`` do not.
    """
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, Real):
        raise TypeError(f"{name} must be a number, got {given!r}")
    bounds = [
        ("at least", least, lambda x, bound: x >= bound),
        ("above", above, lambda x, bound: x > bound),
        ("at most", most, lambda x, bound: x <= bound),
        ("below", below, lambda x, bound: x < bound),
    ]
    bounds = [bound for bound in bounds if bound[1] is not None]
    fits = all(fit(given, edge) for _, edge, fit in bounds)
    if not math.isfinite(given) or not fits:
        expected = [f"{word} {edge:g}" for word, edge, _ in bounds] + ["finite"] * fits
        raise ValueError(f"{name} must be {' and '.join(expected)}, got {given}")
    return float(given)


def check_share(name: str, given: Any) -> float:
    """Return ``given`` as float, if it lies in 0..1 and is not 1: a dropout rate, say."""
    return check_number(name, given, least=0, below=1)


def check_flag(name: str, given: Any) -> bool:
    """Return ``given`` as bool; refuse what is neither True nor False."""
    if not isinstance(given, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {given!r}")
    return bool(given)


def check_choice(name: str, given: Any, choices: Sequence) -> Any:
    """Return ``given``, if it is one of ``choices``."""
    if not isinstance(given, (str, Integral, type(None))):
        raise TypeError(f"{name} must be one of {tuple(choices)}, got {given!r}")
    flag = isinstance(given, bool) and bool not in map(type, choices)  # True equals 1, False 0
    if flag or given not in choices:
        raise ValueError(f"{name} must be one of {tuple(choices)}, got {given!r}")
    return given


def check_sizes(name: str, given: Any, *, least_count: int = 0) -> tuple[int, ...]:
    """Return ``given`` as a tuple of whole numbers of at least 1; one number is no tuple."""
    given = given.tolist() if isinstance(given, np.ndarray) else given
    if isinstance(given, (str, bytes)) or not isinstance(given, Sequence):  # a set has no order
        raise TypeError(f"{name} must be a tuple of whole numbers, got {given!r}")
    sizes = tuple(check_whole(f"{name}[{i}]", size, least=1) for i, size in enumerate(given))
    if len(sizes) < least_count:
        raise ValueError(f"{name} must hold at least {least_count} numbers, got {given!r}")
    return sizes


def check_array(
    name: str, given: Any, *, kinds: str = "biuf", finite: bool = True, most: float | None = None
) -> np.ndarray:
    """Return ``given`` as an array; refuse rows of several lengths, and what holds no numbers.

    ``kinds`` are the kinds of NumPy's types that may be; ``finite`` refuses NaN and infinity,
    ``most`` numbers so far from 0 that the arithmetic behind it cannot hold them.
    """
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:
        advice = "its rows differ in shape; resize pictures, or pad sequences, to one first"
        raise ValueError(f"{name} must be one array: {advice}") from error
    if array.dtype.kind not in kinds and array.size:
        expected = "numbers" if "f" in kinds else "whole numbers"
        raise TypeError(f"{name} must hold {expected}, got {array.dtype}")
    if finite:
        check_finite(name, array)
    if most is not None and array.size and (peak := np.abs(array).max()) > most:
        raise ValueError(f"{name} must lie within {most:g} of 0, got up to {peak:g}")
    return array


def check_finite(name: str, array: np.ndarray) -> np.ndarray:
    """Return an array of numbers, if none of them is NaN or infinite."""
    if array.dtype.kind in "fc" and not np.isfinite(array).all():
        wrong = array[~np.isfinite(array)]
        raise ValueError(
            f"{name} must hold finite numbers, got {wrong.flat[0]} ({wrong.size} in all)"
        )
    return array


def check_dict(name: str, given: Any, example: str) -> dict:
    """Return ``given``, if it is a dict; ``example`` shows one."""
    if not isinstance(given, dict):
        raise TypeError(f"{name} must be a dict such as {example}, got {type(given).__name__}")
    return given


def check_list(name: str, given: Any, what: str, *, count: int | None = None) -> list:
    """Return any sequence as a list, of ``count`` or of at least one; a plain text is none.

    ``what`` says what it holds, for the error.
    """
    one = isinstance(given, (str, bytes, dict, set, frozenset))
    if one or getattr(given, "ndim", 1) == 0 or not isinstance(given, Iterable):
        raise TypeError(f"{name} must be a list of {what}, got {given!r}")
    entries = list(given)
    if not entries or (count is not None and len(entries) != count):
        wanted = "at least one" if count is None else f"{count} entries"
        raise ValueError(f"{name} must be a list of {what}, {wanted}, got {len(entries)}")
    return entries


def check_text(name: str, given: Any) -> str:
    """Return a text; refuse what is none, such as None or bytes."""
    if not isinstance(given, str):
        raise TypeError(f"{name} must be a text, got {given!r}")
    return str(given)


def check_texts(name: str, given: Any, *, count: int | None = None) -> list[str]:
    """Return ``count`` texts, or at least one, as a list."""
    texts = check_list(name, given, "texts", count=count)
    return [check_text(f"{name}[{i}]", text) for i, text in enumerate(texts)]


def check_counts(parts: dict[str, Sequence], *, count: int | None = None) -> int:
    """Return how many items the arguments hold, ``count`` or else at least one; all as many."""
    counts = {name: len(part) for name, part in parts.items()}
    given = set(counts.values())
    if given == {0} or given != {next(iter(given)) if count is None else count}:
        wanted = "one per item, and at least one" if count is None else f"{count} each"
        raise ValueError(f"{', '.join(counts)} must hold {wanted}, got {counts}")
    return given.pop()


def check_labels(name: str, given: Any, *, classes: int | None = None) -> np.ndarray:
    """Return class labels as an array: whole numbers (or booleans, 0 and 1), or else texts.

    With ``classes`` they must be class indices ``(items,)``, whole numbers below ``classes``.
    """
    labels = check_array(name, given, kinds="biufOUS", finite=False)
    if labels.dtype.kind in "OUS":  # in a list, NumPy turns NaN beside a text into the text "nan"
        each = np.asarray(given, dtype=object).ravel().tolist()
        labels = np.asarray(each).reshape(labels.shape)
        kinds = (str, Integral, np.bool_)
        wrong = [item for item in each if not isinstance(item, kinds)]  # None, before numbers
        wrong = wrong or [item for item in each if not isinstance(item, str)]
        if wrong and labels.dtype.kind not in "biuf":
            raise ValueError(f"{name} must hold class labels of one kind, got {wrong[0]!r}")
    if classes is not None:
        if labels.ndim != 1:
            raise ValueError(f"{name} must be class indices, (items,), got shape {labels.shape}")
        allowed = f"{name} must hold whole numbers from 0 to {classes - 1}, one of the classes"
        if labels.size and labels.dtype.kind not in "biu":
            raise ValueError(f"{allowed}, got {labels.dtype}, such as {labels[0]}")
        if labels.size and not 0 <= labels.min() <= labels.max() < classes:
            raise ValueError(f"{allowed}, got {labels.min()} to {labels.max()}")
        return labels.astype(np.intp)
    if labels.dtype.kind == "f":
        wrong = labels[~np.isfinite(labels) | (labels != np.rint(labels))]
        if wrong.size:
            what = "class labels, whole numbers or texts"
            raise ValueError(f"{name} must hold {what}, got {wrong.flat[0]}")
    return labels


def check_seed(name: str, given: Any) -> np.random.Generator:
    """Return NumPy's random numbers from a seed; refuse what is none, None and bools among them."""
    expected = f"{name} must be a whole number of at least 0, got {given!r}"
    if isinstance(given, (bool, np.bool_, type(None))):
        raise TypeError(expected)
    try:
        return np.random.default_rng(given)
    except (TypeError, ValueError) as error:
        raise type(error)(expected) from error


def check_callable(name: str, given: Any) -> Callable:
    """Return ``given``, if it can be called."""
    if not callable(given):
        raise TypeError(f"{name} must be a function, got {given!r}")
    return given


def check_like(name: str, given: Any, like: str, *parts: str) -> Any:
    """Return ``given``, if it has the parts that are used of it: any task will do that has them."""
    if isinstance(given, type) or not all(hasattr(given, part) for part in parts):
        what = given.__name__ if isinstance(given, type) else type(given).__name__
        kind = "the class " if isinstance(given, type) else ""
        raise TypeError(f"{name} must be {like}, with {', '.join(parts)}; got {kind}{what}")
    return given
