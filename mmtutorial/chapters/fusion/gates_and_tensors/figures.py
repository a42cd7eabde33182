"""Drawings of a gated unit and of products, and what a model predicts with its gate fixed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import (
    check_counts,
    check_labels,
    check_list,
    check_text,
    check_texts,
)
from mmtutorial._images import check_image
from mmtutorial.plots._boxes import (
    CELL,
    RADIUS,
    draw_arrow,
    draw_box,
    draw_cells,
    draw_panels,
    draw_sign,
    draw_stack,
)
from mmtutorial.plots._inputs import check_row, check_shares
from mmtutorial.plots._pictures import show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


GREY = "#9a9a9a"


@style()
def gate_panels(
    samples: Sequence[tuple[ArrayLike, str]],
    fixed: ArrayLike,
    learned: ArrayLike,
    *,
    gates: ArrayLike,
    learned_gates: ArrayLike,
    classes: Sequence[str],
    truth: ArrayLike,
) -> tuple[list["Figure"], list[str]]:
    """Show what a model predicts while its gate is fixed at one value after the other.

    Parameters
    ----------
    samples : pairs (picture, words), one per item
    fixed : probabilities with the gate fixed at each value, ``(gates, items, classes)``
    learned : probabilities with the gates that the model itself computes, ``(items, classes)``
    gates : the fixed values, from 0 (words) to 1 (picture), ``(gates,)``
    learned_gates : the gate that the model computes, averaged over its units, ``(items,)``
    classes : names of the classes
    truth : the right class of each item, ``(items,)`` of int

    Returns one figure per value, for `mm.widgets.figure_slider`, and for each a sentence that says
    what it shows. Raises ``ValueError`` if the counts differ or a true class does not exist.
    """
    samples = check_list("samples", samples, "pairs")
    samples = [_check_sample(f"samples[{i}]", pair) for i, pair in enumerate(samples)]
    fixed, learned = check_shares("fixed", fixed), check_shares("learned", learned)
    gates = check_shares("gates", check_row("gates", gates))
    learned_gates = check_shares("learned_gates", check_row("learned_gates", learned_gates))
    classes = check_texts("classes", classes)
    truth = check_labels("truth", truth, classes=len(classes))
    parts = {"samples": samples, "learned_gates": learned_gates, "truth": truth}
    wanted = (check_counts(parts), len(classes))
    if learned.shape != wanted or fixed.shape != (len(gates), *wanted):
        raise ValueError(
            f"fixed must have shape {(len(gates), *wanted)}, one for each of the gates, samples "
            f"and classes, and learned {wanted}, got {fixed.shape} and {learned.shape}"
        )
    figures, sentences = [], []
    for gate, probabilities in zip(gates, fixed, strict=True):
        figures.append(_panel(samples, probabilities, learned, gate, learned_gates, classes, truth))
        shares = ", ".join(f"{row[i]:.2f}" for row, i in zip(probabilities, truth, strict=True))
        sentences.append(f"Gate fixed at {gate:.1f}: the right groups get {shares}.")
    return figures, sentences


def _check_sample(name, pair):
    """Return a picture and its words."""
    picture, words = check_list(name, pair, "a picture and its words", count=2)
    return check_image(f"{name}[0]", picture), check_text(f"{name}[1]", words)


def _panel(samples, probabilities, learned, gate, learned_gates, classes, truth):
    figure = plt.figure(figsize=(4.8, 0.9 + 1.9 * len(samples)))
    grid = figure.add_gridspec(
        len(samples) + 1, 2, width_ratios=(1, 1.4), height_ratios=(0.3, *[2] * len(samples))
    )
    _gate_line(figure.add_subplot(grid[0, :]), gate, learned_gates)
    for row, (picture, words) in enumerate(samples):
        shown, bars = (figure.add_subplot(grid[row + 1, column]) for column in (0, 1))
        show_picture(shown, picture)
        shown.set(xticks=[], yticks=[])
        shown.set_title(f"{words}\n(learned gates: {learned_gates[row]:.2f})", fontsize=9)
        shown.spines[:].set_visible(False)
        _probability_bars(bars, probabilities[row], learned[row], classes, truth[row])
    bars.set_xlabel("probability (dot: learned gates)")
    return figure


def _gate_line(axis, gate, learned_gates):
    axis.axhline(0, color=GREY, linewidth=2)
    axis.plot(gate, 0, "D", color=COLOURS["joint"], markersize=12)
    axis.plot(learned_gates, np.zeros(len(learned_gates)), "|", color="black", markersize=16)
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.5, 0.5), yticks=[])
    axis.set_xticks([0, 0.5, 1], ["words", "half of each", "picture"])
    axis.set_title(f"gate fixed at {gate:.1f} (black: learned)", fontsize=10)
    axis.spines[:].set_visible(False)


def _probability_bars(axis, fixed, learned, classes, truth):
    rows = np.arange(len(classes))
    colours = [COLOURS["joint"] if row == truth else GREY for row in rows]
    axis.barh(rows, fixed, color=colours)
    axis.plot(learned, rows, "o", color="black", markersize=4)
    labels = [f"{name} ✓" if row == truth else name for row, name in enumerate(classes)]
    axis.set_yticks(rows, labels, fontsize=9)
    axis.set(xlim=(0, 1.02), ylim=(len(classes) - 0.4, -0.6))
    axis.grid(axis="x")


@style()
def gated_unit() -> "Figure":
    """Draw the gated multimodal unit: two proposals, and one gate that has seen both vectors."""
    figure, (axis,) = draw_panels(3.4, 2.9, ["One gate for two proposals"])
    left, middle, right = 0.5, 1.7, 2.9
    for kind, x, inner in (("image", left, middle - 0.2), ("text", right, middle + 0.2)):
        draw_box(axis, x - 0.48, 2.58, 0.96, 0.3, kind, kind, size=9)
        draw_arrow(axis, (x, 2.58), (x, 2.06), "$h_m$", left=kind == "image")
        draw_arrow(axis, (x, 2.32), (inner, 2.06), corners=[(inner, 2.32)])
        draw_box(axis, x - 0.48, 1.64, 0.96, 0.42, "proposal:\ntanh", kind, size=9)
        draw_arrow(axis, (x, 1.64), (x, 1.22 + RADIUS), "$a_m$", left=kind == "image")
        draw_sign(axis, x, 1.22, ".", kind=kind)
        edge = middle + (RADIUS if x > middle else -RADIUS)
        draw_arrow(axis, (x, 1.22 - RADIUS), (edge, 0.74), corners=[(x, 0.74)])
    draw_box(axis, middle - 0.48, 1.64, 0.96, 0.42, "gate:\nsigmoid", "joint", size=9)
    for end, share in ((left + RADIUS, "$\\gamma$"), (right - RADIUS, "$1 - \\gamma$")):
        draw_arrow(axis, (middle, 1.64), (end, 1.22), share, corners=[(middle, 1.22)])
    draw_sign(axis, middle, 0.74, "+")
    draw_arrow(axis, (middle, 0.74 - RADIUS), (middle, 0.32), "$z$")
    draw_box(axis, middle - 0.48, 0.02, 0.96, 0.3, "joint vector", "joint", size=9)
    return figure


@style()
def products() -> "Figure":
    """Draw tensor fusion as a table of products, and beside it the low-rank form without one."""
    titles = ["tensor fusion: each number times each", "low-rank fusion: no table is made"]
    figure, (table, short) = draw_panels(3.4, 3, titles)
    _draw_table(table, ["a", "b", "c"], ["p", "q"])
    _draw_low_rank(short, ["a", "b", "c"], ["p", "q"])
    for axis, x in ((table, 1.74), (short, 1.7)):
        draw_box(axis, x - 0.48, 0.02, 0.96, 0.3, "joint vector", "joint", size=9)
    return figure


def _draw_table(axis, image, text):
    """Draw two vectors, each with a 1 in front, and the table of their products."""
    wide, left, top = 0.46, 0.82, 2.05
    axis.text(left + 1.5 * wide, 2.9, "text", ha="center", va="center")
    draw_cells(axis, left, 2.55, ["1", *text], "text", width=wide)
    axis.text(0.02 + wide / 2, top + 0.35, "image", ha="center", va="center")
    draw_cells(axis, 0.02, top, ["1", *image], "image", down=True, width=wide)
    draw_cells(axis, left, top, ["1"], "chance", width=wide)
    draw_cells(axis, left + wide, top, text, "text", width=wide)
    draw_cells(axis, left, top - CELL, image, "image", down=True, width=wide)
    for row, one in enumerate(image, start=1):
        of_both = [f"{one} · {other}" for other in text]
        draw_cells(axis, left + wide, top - row * CELL, of_both, "joint", width=wide)
    right, low = left + 3 * wide + 0.08, top - len(image) * CELL
    axis.text(right, top + CELL / 2, "the text alone", va="center")
    axis.text(right, (low + top) / 2, "the products", va="center")
    axis.text(left + wide / 2, low - 0.15, "the image alone", ha="center", va="center")
    draw_arrow(axis, (left + 2 * wide, low), (left + 2 * wide, 0.32), "$z$")


def _draw_low_rank(axis, image, text):
    """Draw how each vector passes its factors, and how their products are added up."""
    middle = 1.7
    for kind, x, numbers in (("image", 0.7, image), ("text", 2.7, text)):
        cells = ["1", *numbers]
        axis.text(x, 2.9, kind, ha="center", va="center")
        draw_cells(axis, x - len(cells) * 0.16, 2.55, cells, kind, width=0.32)
        draw_arrow(axis, (x, 2.55), (x, 2.25))
        draw_stack(axis, x - 0.52, 1.85, 1.0, 0.32, "R factors", kind, size=9)
        edge = middle + (RADIUS if x > middle else -RADIUS)
        draw_arrow(axis, (x, 1.85), (edge, 1.45), corners=[(x, 1.45)])
    draw_sign(axis, middle, 1.45, ".")
    draw_arrow(axis, (middle, 1.45 - RADIUS), (middle, 0.9 + RADIUS))
    axis.text(middle + 0.2, 1.175, "R products", va="center")
    draw_sign(axis, middle, 0.9, "+")
    axis.text(middle + 0.2, 0.9, "weighted sum", va="center")
    draw_arrow(axis, (middle, 0.9 - RADIUS), (middle, 0.32), "$z$")
