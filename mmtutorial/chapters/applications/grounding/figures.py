"""The figures of "Find what a description names": scenes with what was found, and the model."""

from typing import TYPE_CHECKING

import numpy as np

from mmtutorial.plots._boxes import draw_arrow, draw_box
from mmtutorial.plots._pictures import check_picture, show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 4


def _frame(axis, box, colour, linestyle):
    top, left, bottom, right = (float(side) for side in box)
    for line, width in (("white", 3.4), (colour, 1.8)):
        axis.add_patch(
            plt.Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, fill=False,
                          edgecolor=line, linewidth=width, linestyle=linestyle)
        )  # fmt: skip


def _mark(axis, point):
    row, column = point
    axis.plot(column, row, "x", color="white", markersize=11, markeredgewidth=4)
    axis.plot(column, row, "x", color="black", markersize=10, markeredgewidth=1.8)


@style()
def scenes(pictures, texts, *, points=None, boxes=None, truths=None) -> "Figure":
    """Show scenes under what describes them: a cross where it points, dashed the box it found.

    ``truths`` are boxes of what is meant, drawn in full; each argument has one for each picture.
    """
    count, rows = len(pictures), -(-len(pictures) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(8.4, 2.4 * rows), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for place, axis in zip(range(count), axes.flat, strict=False):
        show_picture(axis, check_picture("picture", pictures[place]))
        axis.set_title(texts[place], fontsize=9)
        if truths is not None:
            _frame(axis, truths[place], COLOURS["accent"], "-")
        if boxes is not None:
            _frame(axis, boxes[place], COLOURS["joint"], "--")
        if points is not None:
            _mark(axis, points[place])
    figure.tight_layout()
    return figure


@style()
def maps(picture, named: dict[str, np.ndarray], *, point=None) -> "Figure":
    """Show a picture, and beside it the map of a phrase and of its words, over the picture.

    ``named`` maps each text to ``(height, width)`` of cosines; all share one scale of colour.
    """
    picture = check_picture("picture", picture)
    figure, axes = plt.subplots(1, len(named) + 1, figsize=(2.3 * (len(named) + 1), 2.6))
    show_picture(axes[0], picture)
    axes[0].set_title("picture", fontsize=9)
    if point is not None:
        _mark(axes[0], point)
    low = min(float(each.min()) for each in named.values())
    high = max(float(each.max()) for each in named.values())
    for axis, (text, each) in zip(axes[1:], named.items(), strict=True):
        show_picture(axis, (0.35 * picture + 0.65 * 255).astype(np.uint8))
        shown = axis.imshow(each, cmap="viridis", alpha=0.75, vmin=low, vmax=high)
        axis.set_title(text, fontsize=9)
    for axis in axes:
        axis.set(xticks=[], yticks=[])
    figure.colorbar(shown, ax=list(axes), label="cosine", shrink=0.8)
    return figure


@style()
def architecture(picture, words: list[str], cosines: np.ndarray) -> "Figure":
    """Draw the model: places and words become vectors of one space, and their cosines a map."""
    figure, axis = plt.subplots(figsize=(8.4, 3.1))
    axis.set(xlim=(0, 14.6), ylim=(0, 5.4))
    axis.axis("off")
    inset = axis.inset_axes([0.0, 0.55, 0.15, 0.42])
    show_picture(inset, check_picture("picture", picture))
    inset.set(xticks=[], yticks=[])
    draw_box(axis, 2.9, 3.6, 2.4, 1.0, "encoder\n(frozen)", "image")
    draw_box(axis, 6.0, 3.6, 2.6, 1.0, "matrix, and\nneighbours", "image")
    for start, end in (((2.3, 4.1), (2.85, 4.1)), ((5.35, 4.1), (5.95, 4.1))):
        draw_arrow(axis, start, end)
    for place, word in enumerate(words):
        draw_box(axis, 1.5 * place, 0.5, 1.4, 1.0, word, "text")
    first = 1.5 * len(words) + 0.5
    draw_arrow(axis, (first - 0.5, 1.0), (2.85 + 0.5, 1.0) if first < 3.4 else (first, 1.0))
    left = max(first, 3.4)
    draw_box(axis, left, 0.5, 1.9, 1.0, "matrix", "text")
    draw_arrow(axis, (left + 1.95, 1.0), (left + 2.6, 1.0))
    draw_box(axis, left + 2.65, 0.5, 1.3, 1.0, "sum", "text")
    draw_box(axis, 9.6, 2.0, 1.9, 1.0, "cosines", "joint")
    draw_arrow(axis, (8.65, 4.1), (9.9, 3.05))
    draw_arrow(axis, (left + 4.0, 1.0), (9.9, 1.95))
    draw_arrow(axis, (11.55, 2.5), (12.1, 2.5))
    shown = axis.inset_axes([0.84, 0.28, 0.15, 0.42])
    shown.imshow(cosines, cmap="viridis")
    shown.set(xticks=[], yticks=[])
    axis.text(13.5, 4.0, "map", ha="center", fontsize=9)
    axis.text(7.3, 4.75, "$v_1 \\dots v_{64}$", ha="center", fontsize=9)
    axis.text(left + 3.3, 1.65, "$t$", ha="center", fontsize=9)
    axis.set_title("Places and words in one space", loc="left")
    return figure
