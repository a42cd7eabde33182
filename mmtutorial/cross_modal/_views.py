"""Two views of the same items: ``{modality: array}``, checked by name, shape and number of rows."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from mmtutorial._checks import check_array, check_counts, check_dict

EXAMPLE = '{"image": images, "text": texts}'
LARGEST = 1e100  # of a number, so that the sum of its squares can be held


def check_names(name: str, given: Any, expected: Iterable[str] = (), *, part: bool = False) -> list:
    """Return the two names of a dict in sorted order; refuse others than were ``expected``.

    With ``part``, one of the two expected names alone will do.
    """
    check_dict(name, given, EXAMPLE)
    if not all(isinstance(modality, str) and modality for modality in given):
        raise TypeError(f"{name} must be named by texts, got {list(given)}")
    names, expected = sorted(given), sorted(expected)
    takes = " and ".join(map(repr, expected)) or "two modalities"
    for modality in names if expected else ():
        if modality not in expected:
            raise ValueError(f"unexpected modality {modality!r} in {name}, which takes {takes}")
    if len(names) == 2 or (part and len(names) == 1):
        return names
    raise ValueError(f"{name} must hold {takes}{' or one of them' * part}, got {names}")


def check_view(name: str, given: Any, *, width: int | None = None) -> np.ndarray:
    """Return a view as an array of float64, ``(items, dim)``; with ``width``, of that ``dim``."""
    view = check_array(name, check_array(name, given).astype(np.float64), most=LARGEST)
    if view.ndim != 2 or not view.size or width not in (None, view.shape[1]):
        dim = "dim" if width is None else width
        raise ValueError(f"{name} must have shape (items, {dim}), got {view.shape}")
    return view


def check_pair(views: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return two views by name as float64, of equally many items, at least two."""
    checked = {name: check_view(name, view) for name, view in views.items()}
    if check_counts(checked) < 2:
        raise ValueError(f"{' and '.join(checked)} must hold at least two items, got one")
    return checked
