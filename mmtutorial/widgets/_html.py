"""What all widgets share: a block of HTML that shows itself, and the checks of its arguments."""

import operator


class HtmlBlock:
    """A block of HTML that notebooks and built pages display."""

    def __init__(self, html_text: str, summary: str):
        self._html, self._summary = html_text, summary

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._summary


def need_text(argument: str, text: str, meaning: str) -> None:
    """Refuse a text that is empty: what has no name cannot be heard."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{argument} must say {meaning}; given {text!r}")


def need_start(start, count: int) -> int:
    """Return `start` as a plain integer, if it is the number of one of `count` things."""
    try:
        number = operator.index(start)  # NumPy's integers, too
    except TypeError:
        number = -1
    if not 0 <= number < count:
        raise ValueError(f"start must be between 0 and {count - 1}; given {start!r}")
    return number
