"""A gate that one moves by hand, and what a model then believes: a figure for each place."""

import matplotlib.pyplot as plt
import numpy as np

from mmtutorial.plots.colours import COLOURS

GREY = "#9a9a9a"


def gate_panels(samples, held, own, *, gates, own_gates, classes, truth):
    """Show what a model believes while its gate is held at one place after the other.

    Parameters
    ----------
    samples : pairs (picture, words), one an item
    held : probabilities with the gate held at each place, ``(places, items, classes)``
    own : probabilities with the gates that the model itself sets, ``(items, classes)``
    gates : the places, from 0 (words) to 1 (picture), ``(places,)``
    own_gates : where the model holds it, on average over its numbers, ``(items,)``
    classes : names of the classes
    truth : the right class of each item, ``(items,)`` of int

    Returns a figure a place, for `mm.widgets.figure_slider`, and for each a sentence that says
    what it shows. Raises ``ValueError`` if the counts differ.
    """
    held, counts = np.asarray(held), [len(samples), len(own), len(own_gates), len(truth)]
    if held.shape[:2] != (len(gates), counts[0]) or len(set(counts)) > 1:
        raise ValueError(
            f"held must have shape ({len(gates)}, {counts[0]}, classes) and own, own_gates and "
            f"truth one an item, got {held.shape} and {counts[1:]}"
        )
    figures, sentences = [], []
    for gate, beliefs in zip(gates, held, strict=True):
        figures.append(_panel(samples, beliefs, own, gate, own_gates, classes, truth))
        sure = ", ".join(f"{row[right]:.2f}" for row, right in zip(beliefs, truth, strict=True))
        sentences.append(f"Gate held at {gate:.1f}: the right groups get {sure}.")
    return figures, sentences


def _panel(samples, beliefs, own, gate, own_gates, classes, truth):
    figure = plt.figure(figsize=(4.8, 0.9 + 1.9 * len(samples)))
    grid = figure.add_gridspec(
        len(samples) + 1, 2, width_ratios=(1, 1.4), height_ratios=(0.3, *[2] * len(samples))
    )
    _gate_line(figure.add_subplot(grid[0, :]), gate, own_gates)
    for row, (picture, words) in enumerate(samples):
        seen, bars = (figure.add_subplot(grid[row + 1, column]) for column in (0, 1))
        seen.imshow(np.asarray(picture), interpolation="nearest")
        seen.set(xticks=[], yticks=[])
        seen.set_title(f"{words}\n(own gates: {own_gates[row]:.2f})", fontsize=9)
        seen.spines[:].set_visible(False)
        _belief_bars(bars, beliefs[row], own[row], classes, truth[row])
    bars.set_xlabel("probability (dot: own gates)")
    figure.set_layout_engine("constrained")
    return figure


def _gate_line(axis, gate, own_gates):
    axis.axhline(0, color=GREY, linewidth=2)
    axis.plot(gate, 0, "D", color=COLOURS["joint"], markersize=12)
    axis.plot(own_gates, np.zeros(len(own_gates)), "|", color="black", markersize=16)
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.5, 0.5), yticks=[])
    axis.set_xticks([0, 0.5, 1], ["words", "half of each", "picture"])
    axis.set_title(f"gate held at {gate:.1f} (black: the model's own)", fontsize=10)
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
