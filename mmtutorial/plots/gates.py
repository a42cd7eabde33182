"""The figure of a gate that one moves by hand, and what a model then believes."""

import matplotlib.pyplot as plt
import numpy as np

from mmtutorial.plots.colours import COLOURS

GREY = "#9a9a9a"


def gate_panel(samples, beliefs, own, *, gate, own_gates, classes, truth):
    """Show what a model believes with its gate held at one place, and where it holds it itself.

    Parameters
    ----------
    samples : pairs (picture, words), one an item
    beliefs : probabilities with the gate held at ``gate``, ``(items, classes)``
    own : probabilities with the gates that the model itself sets, ``(items, classes)``
    gate : where the gate is held, from 0 (words) to 1 (picture)
    own_gates : where the model holds it, on average over its numbers, ``(items,)``
    classes : names of the classes
    truth : the right class of each item, ``(items,)`` of int

    Raises ``ValueError`` if the counts differ.
    """
    counts = {len(samples), len(beliefs), len(own), len(own_gates), len(truth)}
    if len(counts) > 1 or not len(samples):
        raise ValueError(
            "samples, beliefs, own, own_gates and truth must hold one an item, "
            f"got {len(samples)}, {len(beliefs)}, {len(own)}, {len(own_gates)} and {len(truth)}"
        )
    figure = plt.figure(figsize=(6.2, 0.9 + 2.1 * len(samples)))
    grid = figure.add_gridspec(
        len(samples) + 1, 2, width_ratios=(1, 1.7), height_ratios=(0.3, *[2] * len(samples))
    )
    _gate_line(figure.add_subplot(grid[0, :]), gate, own_gates)
    for row, (picture, words) in enumerate(samples, start=1):
        seen, bars = figure.add_subplot(grid[row, 0]), figure.add_subplot(grid[row, 1])
        seen.imshow(np.asarray(picture), interpolation="nearest")
        seen.set(xticks=[], yticks=[])
        seen.set_title(f"{words}\n(own gates: {own_gates[row - 1]:.2f})", fontsize=9)
        seen.spines[:].set_visible(False)
        _belief_bars(bars, beliefs[row - 1], own[row - 1], classes, truth[row - 1])
    bars.set_xlabel("probability (dot: with the model's own gates)")
    figure.set_layout_engine("constrained")
    return figure


def _gate_line(axis, gate, own_gates):
    axis.axhline(0, color=GREY, linewidth=2)
    axis.plot(gate, 0, "D", color=COLOURS["joint"], markersize=12)
    axis.plot(own_gates, np.zeros(len(own_gates)), "|", color="black", markersize=16)
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.5, 0.5), yticks=[])
    axis.set_xticks([0, 0.5, 1], ["words", "half of each", "picture"])
    axis.set_title(f"gate held at {gate:.1f} (black: where the model holds it)", fontsize=10)
    axis.spines[:].set_visible(False)


def _belief_bars(axis, held, own, classes, truth):
    rows = np.arange(len(classes))
    colours = [COLOURS["joint"] if row == truth else GREY for row in rows]
    axis.barh(rows, held, color=colours)
    axis.plot(own, rows, "o", color="black", markersize=4)
    labels = [f"{name} ✓" if row == truth else name for row, name in enumerate(classes)]
    axis.set_yticks(rows, labels, fontsize=9)
    axis.set(xlim=(0, 1.02), ylim=(len(classes) - 0.4, -0.6))
    axis.grid(axis="x", alpha=0.3)
