"""What all widgets share: a picture with its words, and the checks of their arguments."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np

from mmtutorial._checks import check_choice, check_text, check_texts, check_whole
from mmtutorial._credits import SOURCES, credit_html
from mmtutorial._html import HtmlBlock, webp_url


def beside_picture(
    picture: np.ndarray, caption: str, content: str, sources: Iterable[str | None] = ()
) -> HtmlBlock:
    """Put a picture ``(height, width, 3)`` uint8 with its caption beside HTML, or above it.

    ``sources`` says of what it was made, if it was changed or composed.
    """
    from PIL import Image

    address = webp_url(Image.fromarray(picture), quality=85, method=4)
    said = escape(caption)
    return HtmlBlock(
        '<div style="display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center">'
        f'<figure style="margin:0;width:8rem"><img src="{address}" '
        f'alt="{said}" width="96"><figcaption style="font-size:.85rem">{said}'
        f"{credit_html([picture], sources)}</figcaption></figure>"
        f"<div>{content}</div></div>",
        caption,
    )


def check_filled_text(argument: str, text: str, meaning: str) -> str:
    """Return a text; refuse one that is empty: what has no name cannot be heard."""
    if not check_text(argument, text).strip():
        raise ValueError(f"{argument} must say {meaning}; given {text!r}")
    return str(text)


def check_filled_texts(
    argument: str, texts: Sequence[str], meaning: str, count: int | None = None
) -> list:
    """Return texts as a list; refuse one that is empty."""
    texts = check_texts(argument, texts, count=count)
    return [check_filled_text(f"{argument}[{i}]", text, meaning) for i, text in enumerate(texts)]


def check_sources(sources: Sequence[str] | None) -> list[str]:
    """Return the keys of `SOURCES` that are given; none for None."""
    texts = [] if sources is None else check_texts("sources", sources)
    return [check_choice(f"sources[{i}]", text, tuple(SOURCES)) for i, text in enumerate(texts)]


def check_start(start: Any, count: int) -> int:
    """Return `start` as a plain integer, if it is the number of one of `count` things."""
    number = check_whole("start", start)
    if not 0 <= number < count:
        raise ValueError(f"start must be between 0 and {count - 1}; given {start!r}")
    return number
