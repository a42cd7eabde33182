"""Refuse what would draw a figure that misleads, or none."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmtutorial._checks import check_array, check_dict, check_list, check_number


def check_interval(name: str, given: Any) -> Sequence[float]:
    """Return ``(mean, low, high)``, finite numbers, the mean between the others."""
    mean, low, high = check_list(name, given, "numbers, (mean, low, high)", count=3)
    for part, number in (("mean", mean), ("low", low), ("high", high)):
        check_number(f"{name}: {part}", number)
    if low > high:
        raise ValueError(f"{name} must have low below high, got {low} and {high}")
    if not low - 1e-6 <= mean <= high + 1e-6:  # rounding
        raise ValueError(f"{name} must have its mean from {low} to {high}, got {mean}")
    return given


def check_named(name: str, given: Any, example: str) -> dict:
    """Return a dict of at least one entry, whose names are texts that are not empty."""
    check_dict(name, given, example)
    if not given:
        raise ValueError(f"{name} must hold at least one entry, such as {example}, got none")
    for key in given:
        if not isinstance(key, str) or not key.strip():
            raise ValueError(f"{name} must be named by texts that are not empty, got {key!r}")
    return given


def check_limits(name: str, given: Any) -> tuple[float, float]:
    """Return the two ends of an axis, the lower first."""
    low, high = check_list(name, given, "two numbers (low, high)", count=2)
    check_number(f"{name}[0]", low)
    check_number(f"{name}[1]", high, above=low)
    return low, high


def check_shares(name: str, given: Any) -> np.ndarray:
    """Return probabilities, or other numbers from 0 to 1, as an array."""
    shares = check_array(name, given)
    if shares.size and not -1e-6 <= shares.min() <= shares.max() <= 1 + 1e-6:  # rounding
        raise ValueError(
            f"{name} must hold numbers from 0 to 1, got {shares.min()} to {shares.max()}"
        )
    return shares


def check_chance(given: Any) -> None:
    """Refuse a line of chance that cannot be drawn; None draws none."""
    if given is not None:
        check_number("chance", given)


def check_row(
    name: str, given: Any, *, count: int | None = None, finite: bool = True
) -> np.ndarray:
    """Return numbers ``(count,)`` as an array, at least one."""
    row = check_array(name, given, finite=finite)
    if row.ndim != 1 or not len(row) or (count is not None and len(row) != count):
        wanted = "at least one number, (count,)" if count is None else f"{count} numbers"
        raise ValueError(f"{name} must hold {wanted}, got shape {np.shape(row)}")
    return row
