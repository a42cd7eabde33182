"""How the losses come together, and the weights over time."""

import numpy as np

from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import INK, headline, style
from mmtutorial.plots.colours import COLOURS, MARKERS

COLUMNS, TICKS = 3, (0.01, 0.03, 0.1, 0.3, 1, 3, 10)  # of the panels


@style()
def weighted_sum(tasks, *, title):
    """Draw a model of hard sharing, its losses, their weights and the one number to minimise."""
    figure, axis = plt.subplots(figsize=(7.2, 2.7))
    middle = (len(tasks) - 1) / 2
    for row, modality in enumerate(("image", "words")):
        _box(axis, 0, middle + 0.6 - 1.2 * row, modality, COLOURS[("image", "text")[row]])
        _arrow(axis, (0.42, middle + 0.6 - 1.2 * row), (0.98, middle))
    _box(axis, 1.4, middle, "shared\nlayers", COLOURS["joint"])
    for row, task in enumerate(reversed(tasks)):
        _arrow(axis, (1.82, middle), (2.38, row))
        _box(axis, 2.8, row, task, COLOURS["chance"])
        _arrow(axis, (3.22, row), (3.78, row))
        _box(axis, 4.2, row, f"loss $L_{len(tasks) - row}$", COLOURS["chance"])
        _arrow(axis, (4.62, row), (5.3, middle), f"$w_{len(tasks) - row}$")
    _box(axis, 5.7, middle, "sum", COLOURS["accent"])
    axis.set(xlim=(-0.5, 6.2), ylim=(-0.5, len(tasks) - 0.5), title=title)
    axis.axis("off")
    return figure


def _box(axis, x, y, text, colour):
    look = {"boxstyle": "round,pad=0.45", "facecolor": "none", "edgecolor": colour,
            "linewidth": 1.5}  # fmt: skip
    axis.text(x, y, text, ha="center", va="center", bbox=look)


def _arrow(axis, start, end, text=""):
    axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": INK, "alpha": 0.6})
    if text:
        axis.text(start[0] + 0.34, (start[1] + end[1]) / 2 + 0.14, text, ha="center")


@style()
def weight_panels(panels, *, title):
    """Draw the weight of each task over the epochs, a panel for each weighting.

    ``panels`` maps a weighting to ``{task: (epochs,)}``. The scale is logarithmic, the same for
    all; dots say where all weights would be equal.
    """
    rows = -(-len(panels) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(7.6, 2.1 * rows + 0.5), sharex=True,
                                sharey=True, squeeze=False)  # fmt: skip
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for axis, (name, weights) in zip(axes.flat, panels.items(), strict=False):
        axis.axhline(1, color=COLOURS["chance"], linestyle=":", linewidth=1)
        for (task, values), (colour, marker) in zip(weights.items(), MARKERS, strict=False):
            epochs = np.arange(1, len(values) + 1)
            axis.plot(epochs, values, color=colour, marker=marker, markersize=4, label=task)
        axis.set(title=name, yscale="log")
        axis.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
        axis.set_yticks([], minor=True)
        axis.grid()
        axis.xaxis.get_major_locator().set_params(integer=True)
    every = [value for weights in panels.values() for row in weights.values() for value in row]
    axes[0, 0].set_ylim(min(0.7, *every) / 1.2, 1.2 * max(1.4, *every))  # all share it
    for axis in axes[:, 0]:
        axis.set_ylabel("weight")
    for place in range(COLUMNS):
        shown = [axis for axis in axes[:, place] if axis.get_visible()]
        shown[-1].set_xlabel("epoch")
        shown[-1].tick_params(labelbottom=True)
    handles = axes[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=len(handles[0]))
    headline(figure, title)
    return figure
