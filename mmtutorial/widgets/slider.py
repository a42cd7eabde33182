"""One of several figures, chosen by a slider: all of them are drawn beforehand."""

import html
import io
from collections.abc import Sequence

from mmtutorial._checks import check_counts, check_list
from mmtutorial._credits import credit_html
from mmtutorial.plots._labels import spread_labels
from mmtutorial.plots._narrow import least_width
from mmtutorial.plots._style import PIXELS, style
from mmtutorial.widgets._html import (
    HtmlBlock,
    check_filled_text,
    check_filled_texts,
    check_sources,
    check_start,
    webp_url,
)

_SCALE = 1.5  # pixels drawn for each CSS pixel, so that lines stay sharp on most screens

# The browser's own slider is used: it answers to keys, touch and screen readers by itself.
_MOVE = (
    "const box=this.closest('.mm-slider'),all=[...box.querySelectorAll('img')],"
    "label=all[this.value].dataset.label;"
    "all.forEach((image,i)=>{image.style.display=i==this.value?'':'none'});"
    "this.setAttribute('aria-valuetext',label);"
    "box.querySelector('.mm-slider-value').textContent=label"
)


class FigureSlider(HtmlBlock):
    """The slider and its figures, as one block of HTML."""


def figure_slider(
    figures: Sequence,
    labels: Sequence[str],
    *,
    description: str,
    alt: Sequence[str],
    start: int = 0,
    sources: Sequence[str] | None = None,
) -> FigureSlider:
    """Show one of several figures at a time, chosen by a slider; it needs no kernel.

    Parameters
    ----------
    figures
        Matplotlib figures of one size, or PNG files as `bytes`. Matplotlib figures are closed.
    labels
        What the slider says at each figure, such as "weight 0.5".
    description
        What the slider changes: its visible name, which screen readers say.
    alt
        One sentence for each figure: what a reader who cannot see it must know.
    start
        Which figure shows first, in print, and where scripts are off.
    sources
        Of what the figures are made, where that was changed after it was loaded, or where they are
        files: "noto", say. Pictures that a loader of `mmtutorial.data` gave are known without.

    Raises
    ------
    ValueError
        If there are fewer than two figures, not one label and one `alt` for each, if `start` is
        not the number of one, or if a source is unknown.
    TypeError
        If what should be a list or a text is none.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure_slider([Figure(), Figure()], ["0", "1"], description="Weight", alt=["a", "b"])
    FigureSlider 'Weight': 2 figures from '0' to '1'
    """
    figures = _check_figures(figures)
    labels = check_filled_texts("labels", labels, "what its figure shows")
    alt = check_filled_texts("alt", alt, "what is to be seen in its figure")
    check_counts({"figures": figures, "labels": labels, "alt": alt})
    check_filled_text("description", description, "what the slider changes")
    start = check_start(start, len(figures))
    esc = html.escape
    least = 0 if isinstance(figures[0], bytes) else least_width(figures[0])  # all are of one size
    pictures = (picture for figure in figures for picture in _pictures(figure))
    credit = credit_html(pictures, check_sources(sources))
    images = "".join(
        f'<img src="{address}" alt="{esc(text)}" '
        f'data-label="{esc(label)}" width="{width}" style="max-width:100%;--least:{least}px;'
        f'height:auto{"" if i == start else ";display:none"}">'
        for i, ((address, width), label, text) in enumerate(
            zip(map(_webp, figures), labels, alt, strict=True)
        )
    )
    control = (
        f'<input type="range" min="0" max="{len(figures) - 1}" value="{start}" autocomplete="off" '
        f'aria-valuetext="{esc(labels[start])}" oninput="{esc(_MOVE)}" style="width:16em">'
    )
    block = (
        '<div class="mm-slider" style="background:#fff;color:#1a1a1a;padding:12px;'
        'border-radius:8px;max-width:max-content">'
        '<label style="display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center">'
        f"<span>{esc(description)}</span>{control}"
        '<strong class="mm-slider-value" aria-hidden="true" style="font-variant-numeric:'
        f'tabular-nums">{esc(labels[start])}</strong></label>'
        f'<div style="overflow-x:auto">{images}</div>{credit}</div>'
    )
    span = f"{len(figures)} figures from {labels[0]!r} to {labels[-1]!r}"
    return FigureSlider(block, f"FigureSlider {description!r}: {span}")


def _pictures(figure):
    """Return the pictures in a figure of Matplotlib; of a file, nothing is known."""
    axes = () if isinstance(figure, bytes) else figure.axes
    return [image.get_array() for axis in axes for image in axis.images]


def _webp(figure) -> tuple[str, int]:
    """Return a figure as the address of a WebP, and the width in CSS pixels at which to show it.

    A figure is drawn in 256 colours; WebP then keeps each pixel in a quarter less than PNG.
    """
    from PIL import Image

    if isinstance(figure, bytes):
        try:
            image = Image.open(io.BytesIO(figure))
            image.load()  # all of it, or a cut file would only fail below
        except (OSError, SyntaxError) as error:
            raise ValueError(
                f"figures must hold whole PNG files, got a damaged one: {error}"
            ) from error
        width = image.width
    else:
        from matplotlib import pyplot as plt

        drawn = io.BytesIO()
        with style():
            spread_labels(figure)
            quick = {"compress_level": 1}  # it is packed once more below
            figure.savefig(
                drawn, format="png", dpi=PIXELS * _SCALE, facecolor="white", pil_kwargs=quick
            )
        plt.close(figure)  # or the notebook would show it a second time
        image = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        width = round(image.width / _SCALE)
    # Method is effort, not loss; from 5 on it takes eight times as long for a quarter less.
    return webp_url(image, lossless=True, quality=90, method=3), width


def _check_figures(figures) -> list:
    """Return two figures or more; refuse what cannot be drawn."""
    figures = check_list("figures", figures, "figures")
    if len(figures) < 2:
        raise ValueError(f"figures must hold at least two figures, not {len(figures)}")
    for i, figure in enumerate(figures):
        png = isinstance(figure, bytes) and figure.startswith(b"\x89PNG")
        if not png and not hasattr(figure, "savefig"):
            kind = type(figure).__name__
            raise ValueError(f"figures[{i}] must be a Matplotlib figure or PNG bytes, not {kind}")
    return figures
