"""The figures of "Translation": the model, where it looks, and what BLEU says of right words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_texts
from mmtutorial.plots._boxes import SYMBOL, draw_arrow, draw_box, draw_panels
from mmtutorial.plots._pictures import check_pictures, show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@style()
def captioner() -> "Figure":
    """Draw the captioner: an image as prefix tokens, the words behind it, and what is said next."""
    figure, (axis,) = draw_panels(3.4, 3.45, ["A captioner: the image in front, then the words"])
    before = (("image", ""), ("frozen network", "256"), ("projector", ""))
    for row, (text, flow) in enumerate(before):
        bottom = 3.13 - 0.59 * row
        draw_box(axis, 0.02, bottom, 1.28, 0.3, text, "image", size=9)
        draw_arrow(axis, (0.66, bottom), (0.66, bottom - 0.29), flow)
    for x in (0.21, 0.51, 0.81, 1.11):
        draw_box(axis, x - 0.15, 1.36, 0.3, 0.3, "", "image")
        draw_arrow(axis, (x, 1.36), (x, 1.12))
    words = (("<begin>", "$w_1$"), ("$w_1$", "$w_2$"), ("$w_2$", "<end>"))
    for x, (read, said) in zip((1.66, 2.36, 3.06), words, strict=True):
        _draw_token(axis, x, 1.36, read, "text")
        draw_arrow(axis, (x, 1.36), (x, 1.12))
        draw_arrow(axis, (x, 0.62), (x, 0.33))
        _draw_token(axis, x, 0.03, said, "joint")
    sees = "decoder: each token attends to itself\nand to those on its left"
    draw_box(axis, 0.02, 0.62, 3.36, 0.5, sees, "joint")
    axis.text(0.76, 1.81, "prefix tokens", va="center")
    axis.text(2.36, 1.81, "words so far", ha="center", va="center")
    axis.text(0.02, 0.18, "what comes next?", va="center")
    return figure


def _draw_token(axis, x, bottom, text, kind):
    """Draw a token around a place; a symbol is as large as those of arrows."""
    size = SYMBOL if text.startswith("$") else 8.5
    draw_box(axis, x - 0.29, bottom, 0.58, 0.3, text, kind, size=size)


@style()
def attention_steps(
    pictures: ArrayLike, words: Sequence[Sequence[str]], weights: Sequence[ArrayLike], *, title: str
) -> "Figure":
    """Show where a captioner looks while it writes each word: a row for each picture.

    ``words`` are those written of each picture, ``weights`` the attention ``(words, places)`` to
    the places of a square grid. The picture is dimmed where the weight is small beside the largest
    of that word. Raises ``ValueError`` for other shapes.
    """
    pictures = check_pictures("pictures", pictures)
    columns = 1 + max(map(len, words))
    figure, axes = plt.subplots(
        len(pictures), columns, figsize=(1.15 * columns, 1.35 * len(pictures) + 0.3), squeeze=False
    )
    for axis in axes.flat:
        axis.set_axis_off()
    for row, (picture, written, table) in enumerate(zip(pictures, words, weights, strict=True)):
        written = check_texts(f"words[{row}]", written)
        table = check_array(f"weights[{row}]", table)
        side = round(table.shape[-1] ** 0.5)
        if table.shape != (len(written), side * side):
            raise ValueError(
                f"weights[{row}] must be ({len(written)}, places of a square), got {table.shape}"
            )
        show_picture(axes[row, 0], picture)
        for axis, word, places in zip(axes[row, 1:], written, table, strict=False):
            show_picture(axis, _dim(picture, places.reshape(side, side)))
            axis.set_title(word, fontsize=8.5)
    headline(figure, title)
    return figure


def _dim(picture, places):
    """Return the picture, darker where a place weighs little."""
    times = picture.shape[0] // len(places)
    shade = np.kron(places / places.max(), np.ones((times, times)))[..., None]
    return (picture * (0.2 + 0.8 * shade)).astype(np.uint8)


@style()
def score_scatter(bleu: ArrayLike, f1: ArrayLike, marked: Sequence[int], *, title: str) -> "Figure":
    """Show BLEU and keyword F1 of each caption; those in ``marked`` are named A, B, ..."""
    bleu, f1 = check_array("bleu", bleu), check_array("f1", f1)
    if bleu.ndim != 1 or bleu.shape != f1.shape:
        raise ValueError(f"bleu and f1 must be (captions,), got {bleu.shape} and {f1.shape}")
    figure, axis = plt.subplots(figsize=(5.2, 3.4))
    jitter = np.random.default_rng(0).normal(scale=0.006, size=(2, len(f1)))
    axis.plot(f1 + jitter[0], bleu + 100 * jitter[1], "o", color=COLOURS["text"], markersize=3,
              alpha=0.4)  # fmt: skip
    for letter, row in zip("ABCDEF", marked, strict=False):
        axis.plot(f1[row], bleu[row], "s", color=COLOURS["joint"], markersize=7)
        axis.annotate(letter, (f1[row], bleu[row]), (6, 5), textcoords="offset points")
    axis.set(xlabel="keyword F1", ylabel="BLEU", xlim=(-0.05, 1.05), ylim=(-5, 105))
    headline(figure, title)
    return figure
