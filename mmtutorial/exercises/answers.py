"""Run an answer, and say what came back: its kind and shape, whether it is equal, its name."""

import reprlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

TOLERANCE = {"atol": 1e-6, "equal_nan": True}
Answer = Callable[..., object]


@dataclass(frozen=True)
class Outcome:
    """What a function made of one case: a result or an error, and whether it changed its input."""

    result: object = None
    error: BaseException | None = None
    changed: bool = False


def run(function: Answer, case: tuple) -> Outcome:
    """Run a function on a copy of a case; whatever it raises is part of the outcome."""
    given = deepcopy(case)
    try:
        result = function(*given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a learner's function may raise, SystemExit too
        return Outcome(error=error)
    try:
        return Outcome(result, changed=not is_unchanged(given, case))
    except Exception:  # something of another kind stands in it now
        return Outcome(result, changed=True)


def name_error(error: BaseException | None) -> str:
    """Name an error and what it says."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # an error that cannot even be printed
        return type(error).__name__


def is_unchanged(given: object, kept: object) -> bool:
    """Whether an argument, arrays inside lists, tuples and dicts included, is what it was."""
    if isinstance(kept, Mapping):
        return given.keys() == kept.keys() and all(is_unchanged(given[k], kept[k]) for k in kept)
    if isinstance(kept, tuple | list):
        return len(given) == len(kept) and all(map(is_unchanged, given, kept))
    if isinstance(kept, np.ndarray):
        return given.dtype == kept.dtype and _is_equal_array(given, kept)
    return given == kept


def _is_equal_array(given: np.ndarray, kept: np.ndarray) -> bool:
    return np.array_equal(given, kept, equal_nan=kept.dtype.kind == "f")


def kind_of(value: object) -> str:
    """Return "number", "truth" (True and False) or "" for a value, or an array-like of them."""
    try:
        kind = np.asarray(value).dtype.kind
    except Exception:  # a ragged list, or an object that refuses
        return ""
    return {"i": "number", "u": "number", "f": "number", "b": "truth"}.get(kind, "")


def has_kind_of(got: object, right: object) -> bool:
    """Whether a result has the kind and the shape of the right one."""
    if isinstance(right, Mapping):
        same_keys = isinstance(got, Mapping) and got.keys() == right.keys()
        return same_keys and all(has_kind_of(got[key], right[key]) for key in right)
    if isinstance(right, str):
        return isinstance(got, str)
    if isinstance(right, tuple | list):
        listed = isinstance(got, tuple | list) or (isinstance(got, np.ndarray) and got.ndim > 0)
        return listed and len(got) == len(right) and all(map(has_kind_of, got, right))
    return kind_of(got) == kind_of(right) != "" and np.shape(got) == np.shape(right)


def is_equal(got: object, right: object) -> bool:
    """Whether a result of the right kind is equal, within rounding; whole numbers exactly."""
    if isinstance(right, Mapping):
        return all(is_equal(got[key], right[key]) for key in right)
    if isinstance(right, str):
        return got == right
    if isinstance(right, tuple | list):
        return all(map(is_equal, got, right))
    whole = np.asarray(right).dtype.kind != "f"
    return np.allclose(got, right, rtol=1e-9 if whole else 1e-5, **TOLERANCE)


def is_finite(got: object) -> bool:
    """Whether no number in a result is NaN or infinite."""
    if isinstance(got, Mapping):
        got = list(got.values())
    if isinstance(got, tuple | list):
        return all(map(is_finite, got))
    return kind_of(got) != "number" or bool(np.isfinite(got).all())


def describe(value: object) -> str:
    """Name a value in a few words: an array by its shape, a number by its digits."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, np.generic | np.ndarray):
        value = value.item()
    if value is None:
        return "nothing (None)"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple | list) and _holds_arrays(value):
        parts = [describe(part) for part in value[:4]] + ["..."] * (len(value) > 4)
        return f"a {type(value).__name__} of {len(value)} ({'; '.join(parts)})"
    if isinstance(value, str | int | complex | tuple | list | Mapping | set):
        return reprlib.repr(value)
    return "a function" if callable(value) else f"an object of type {type(value).__name__}"


def describe_kind(right: object) -> str:
    """Name the kind and shape of what is expected, and not its numbers."""
    if isinstance(right, np.ndarray):
        truth = " of True and False" if kind_of(right) == "truth" else ""
        return f"an array{truth} of shape {right.shape}"
    if isinstance(right, Mapping):
        return f"a dict with the keys {', '.join(map(repr, right))}"
    if isinstance(right, tuple | list):
        parts = "; ".join(map(describe_kind, right))
        return f"a {type(right).__name__} of {len(right)} ({parts})"
    if isinstance(right, str):
        return "a text"
    return "True or False" if kind_of(right) == "truth" else "one number"


def _holds_arrays(value: tuple | list) -> bool:
    """Whether arrays stand in a list, or in a list inside it."""
    inner = [part for each in value if isinstance(each, tuple | list) for part in each]
    return any(isinstance(part, np.ndarray) and part.ndim for part in (*value, *inner))


def show(value: object) -> str:
    """Show the numbers of a small array, and describe all else."""
    if kind_of(value) and np.ndim(value) >= 1 and np.size(value) <= 8:
        return str(np.round(value, 4).tolist())
    return describe(value)
