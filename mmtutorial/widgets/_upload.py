"""A file that the reader brings, or one of the examples beside it: both by one control each."""

import html
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from mmtutorial._credits import credit_html
from mmtutorial._html import HtmlBlock, webp_url
from mmtutorial._optional import load_optional
from mmtutorial.preprocessing import read_image

OWN = "my own file"
PAGE = 128  # pixels of the square on which a picture lies
MOST_MEGABYTES = 8  # what Jupyter carries in one message, and what is read in a second


def upload_controls(examples: Sequence[str], *, accept: str, kind: str) -> dict[str, Any]:
    """Return controls, ``"example"`` and ``"upload"``: a menu of examples, and a file instead.

    ``accept`` says which files a browser offers, such as ``"image/*"``; ``kind`` names them in the
    button. A file that is brought shows at once: the menu then says `OWN`.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    menu = ipywidgets.Dropdown(options=[*examples, OWN], description="Example")
    button = ipywidgets.FileUpload(accept=accept, description=f"Bring {kind}")

    def show_own(change):
        menu.value = OWN

    button.observe(show_own, "value")
    return {"example": menu, "upload": button}


def read_chosen(
    read: Callable[[bytes], Any], examples: Mapping[str, bytes], example: str, upload: Any
) -> Any:
    """Read the example, or what was brought; return what `read` makes of the file's bytes.

    ``upload`` is the value of a ``FileUpload``, of ipywidgets 7 (a dict) or 8 (a tuple). Raises
    ``ValueError``, a sentence for the reader that names the file, where nothing was brought yet,
    where the file is empty or has more than `MOST_MEGABYTES`, and for what `read` refuses.
    """
    if example != OWN:
        return read(examples[example])
    files = list(upload.values() if isinstance(upload, Mapping) else upload)
    if not files:
        raise ValueError("There is no file of your own yet: bring one by the button.")
    content = bytes(files[-1]["content"])
    name = files[-1].get("name") or files[-1].get("metadata", {}).get("name", "your file")
    if not content:
        raise ValueError(f"{name} is empty: bring another file.")
    if len(content) > MOST_MEGABYTES * 10**6:
        size = len(content) / 10**6
        raise ValueError(
            f"{name} has {size:.1f} MB, and {MOST_MEGABYTES} MB are the most: bring a smaller one."
        )
    try:
        return read(content)
    except ValueError as error:
        raise ValueError(str(error).replace("the bytes", name, 1)) from error


@lru_cache(maxsize=4)
def open_picture(content: bytes, side: int = PAGE) -> tuple[tuple[int, int, int], np.ndarray]:
    """Read a picture file: its own shape, and ``(side, side, 3)`` uint8, fitted in on white.

    Kept for the next move of a control. Raises ``ValueError`` for what is no picture.
    """
    return read_image(content).shape, read_image(content, size=side)


def to_png(picture: np.ndarray) -> bytes:
    """Return a picture ``(height, width, 3)`` uint8 as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def captioned(
    picture: np.ndarray, caption: str, width: int, sources: Iterable[str | None] = ()
) -> str:
    """Return a picture, ``width`` CSS pixels wide with sharp edges, and its words, as HTML.

    ``sources`` says of what it was made, if it was changed.
    """
    from PIL import Image

    address, said = webp_url(Image.fromarray(picture), quality=80, method=4), html.escape(caption)
    return (
        f'<figure style="margin:0;max-width:{width}px"><img src="{address}" alt="{said}" '
        f'width="{width}" style="max-width:100%;height:auto;image-rendering:pixelated">'
        f'<figcaption style="font-size:.85rem">{said}{credit_html([picture], sources)}'
        "</figcaption></figure>"
    )


def side_by_side(*parts: str, summary: str) -> HtmlBlock:
    """Put parts of HTML beside each other, or below each other on a narrow screen."""
    return HtmlBlock(
        '<div style="display:flex;flex-wrap:wrap;gap:8px 20px;align-items:center">'
        + "".join(f"<div>{part}</div>" for part in parts)
        + "</div>",
        summary,
    )
