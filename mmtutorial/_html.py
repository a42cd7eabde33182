"""A block of HTML that shows itself, and a picture as an address."""

import base64
import io
from typing import Any


class HtmlBlock:
    """A block of HTML that notebooks and built pages display."""

    def __init__(self, html_text: str, summary: str):
        self._html, self._summary = html_text, summary

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._summary


def webp_url(image: Any, **options: Any) -> str:
    """Return a picture of Pillow as an address that holds it; options go to Pillow's `save`."""
    packed = io.BytesIO()
    image.save(packed, "WEBP", **options)
    return data_url("image/webp", packed.getvalue())


def data_url(kind: str, content: bytes) -> str:
    """Return a file of a kind, such as ``image/webp``, as an address that holds it.

    >>> data_url("text/plain", b"a")
    'data:text/plain;base64,YQ=='
    """
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
