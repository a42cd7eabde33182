"""What a command came to: what is printed, and whether anything was found."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Lines for people, what ``--json`` prints instead, and whether anything was found."""

    lines: list[str]
    data: Any
    found: bool


def clock(seconds: float) -> str:
    """Return a time of a recording: minutes, seconds and tenths.

    >>> clock(75.04), clock(3599.96)
    ('1:15.0', '60:00.0')
    """
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"
