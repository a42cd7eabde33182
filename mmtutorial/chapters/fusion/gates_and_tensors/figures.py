"""A gate that is fixed by hand, and what a model then predicts: a figure for each value."""

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
