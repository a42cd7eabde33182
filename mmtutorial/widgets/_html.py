"""What all widgets share: a block of HTML that shows itself, and the check of its words."""


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
