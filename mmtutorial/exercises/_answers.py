"""What the checks share: is it a number, is it unchanged, and how to name what came back."""

import reprlib

import numpy as np

CHANGED = (
    "Your function changed the arrays that it was given, and the next cell would compute with "
    "the changed ones. Make a new array instead."
)


def same(given, kept):
    """Whether arrays, and dicts of them, are still what they were."""
    if isinstance(kept, dict):
        return given.keys() == kept.keys() and all(same(given[k], kept[k]) for k in kept)
    if isinstance(kept, tuple):
        return all(map(same, given, kept))
    return np.array_equal(given, kept)


def is_numbers(got):
    """Whether it is a number or an array of them; a ragged list, a text or None is not."""
    try:
        return np.asarray(got).dtype.kind in "iuf"
    except ValueError:
        return False


def is_number(got):
    """Whether it is one number."""
    return is_numbers(got) and np.ndim(got) == 0


def say(got):
    """Name what came back, in a few words."""
    if isinstance(got, np.ndarray) and got.ndim:
        return f"an array of shape {got.shape}"
    if isinstance(got, np.generic):
        got = got.item()
    return "nothing (None)" if got is None else reprlib.repr(got)
