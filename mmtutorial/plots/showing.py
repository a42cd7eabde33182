"""Show a figure with the words that belong to it, wherever the notebook is opened."""

import io
import re
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from mmtutorial._checks import check_text
from mmtutorial._credits import credit_html
from mmtutorial._html import HtmlBlock, data_url, webp_url
from mmtutorial.plots._captions import find_caption
from mmtutorial.plots._labels import spread_labels, write_powers
from mmtutorial.plots._narrow import PHONE, least_width, make_narrow
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import PIXELS, style
from mmtutorial.plots._svg import draw_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHARPNESS = 2  # pixels for each CSS pixel
MOST_CHANGE = 1  # of 255 levels, on average over a picture: what a palette may cost


class ShownFigure(HtmlBlock):
    """A figure with its caption and its alternative text, as one block of HTML."""


def show(
    figure: "Figure", name: str | None = None, *, caption: str | None = None, alt: str | None = None
) -> ShownFigure:
    """Show a figure with a caption, and with words for readers who cannot see it.

    A chart becomes an SVG, with text that one can search; what holds pictures becomes a WebP, two
    pixels for each CSS pixel. Where letters would be too small on a phone, a second, narrow layout
    comes along, which the book's pages use. Below the caption stands who made the pictures in it,
    of those that a loader of `mmtutorial.data` gave and that are shown whole. The figure is closed.

    Parameters
    ----------
    figure : a Matplotlib figure
    name : of one of the book's figures, in the ``captions.json`` of its chapter's room
    caption : for a figure of your own: what it shows; ``*word*`` is emphasised
    alt : for a figure of your own: what a reader who cannot see it must know

    Raises ``ValueError`` for an unknown name and for an empty text, ``TypeError`` for what is no
    figure, and unless either a name or both texts are given.

    >>> import matplotlib.pyplot as plt
    >>> show(plt.figure(), caption="Nothing.", alt="An empty figure.")
    figure: Nothing.
    """
    if not hasattr(figure, "savefig") or not hasattr(figure, "axes"):
        raise TypeError(f"figure must be a Matplotlib figure, got {type(figure).__name__}")
    if (name is None) == (caption is None and alt is None):
        raise TypeError("give either the name of one of the book's figures, or caption and alt")
    sources = []
    if name is not None:
        words = find_caption(name)
        caption, alt, sources = words["caption"], words["alt"], words.get("sources", [])
    for argument, text in (("caption", caption), ("alt", alt)):
        if not check_text(argument, text).strip():
            raise ValueError(f"{argument} must say what the figure shows, got {text!r}")
    pictures = (image.get_array() for axis in figure.axes for image in axis.images)
    credit = credit_html(pictures, sources)
    with style():
        shown = _draw(figure)
    plt.close(figure)  # or the notebook would show it a second time
    label = "" if name is None else f' id="{name}"'
    html = (
        f'<figure class="mm-figure"{label}{shown["data"]} style="margin:0 0 1em">'
        f'<img src="{shown["wide"]}" alt="{escape(alt)}" width="{shown["width"]}" '
        'style="max-width:100%;height:auto;background:#fff;border-radius:4px"/>'
        f"<figcaption>{_emphasise(caption)}{credit}</figcaption></figure>"
    )
    return ShownFigure(html, f"{name or 'figure'}: {caption}")


def _draw(figure) -> dict[str, Any]:
    """Draw a figure, and its narrow layout if it needs one: their addresses, and the width."""
    pictures = any(axis.images for axis in figure.axes)
    draw = _webp if pictures else _svg
    write_powers(figure)
    spread_labels(figure)
    wide, width, data = draw(figure), round(figure.get_figwidth() * PIXELS), ""
    least = least_width(figure, drawn=True)
    if least > PHONE:
        data = f' data-least="{least}"'  # narrower, and letters could not be read
        if make_narrow(figure):
            spread_labels(figure)
            data = f' data-narrow="{draw(figure)}"'
    return {"wide": wide, "width": width, "data": data}


def _svg(figure) -> str:
    return data_url("image/svg+xml", draw_svg(figure).encode())


def _webp(figure) -> str:
    """Return a figure as the address of a WebP: in 256 colours where nobody sees it, if smaller."""
    from PIL import Image

    drawn = io.BytesIO()
    quick = {"compress_level": 1}
    figure.savefig(drawn, format="png", dpi=PIXELS * SHARPNESS, facecolor="white", pil_kwargs=quick)
    image = Image.open(drawn).convert("RGB")
    few = image.quantize(256, dither=Image.Dither.NONE)
    change = np.abs(np.asarray(few.convert("RGB"), dtype=float) - np.asarray(image)).mean()
    address = webp_url(image, quality=88, method=4)
    if change >= MOST_CHANGE:
        return address
    return min(address, webp_url(few, lossless=True, quality=80, method=2), key=len)


def _emphasise(caption: str) -> str:
    """Return a caption as HTML."""
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", escape(caption))
