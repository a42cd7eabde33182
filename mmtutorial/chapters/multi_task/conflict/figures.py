"""Two gradients and what methods make of them, paths on a landscape, and cosines of tasks."""

import numpy as np

from mmtutorial.plots._labels import label_lines
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import INK, headline, style
from mmtutorial.plots.colours import COLOURS

LOOKS = {  # colour, line and mark of each method
    "sum": (COLOURS["chance"], "-", "o"),
    "PCGrad": (COLOURS["image"], "--", "s"),
    "MGDA": (COLOURS["text"], "-.", "D"),
    "CAGrad": (COLOURS["accent"], ":", "^"),
    "IMTL-G": (COLOURS["joint"], (0, (6, 2)), "v"),
}
LEVELS = 18  # of the contours of the mean loss


@style()
def gradient_arrows(panels, *, title):
    """Draw two gradients as arrows, and what each method makes of them.

    ``panels`` maps a title to ``(gradients, {method: direction})``: ``(2, 2)`` and ``(2,)``.
    """
    shape = (3.3 * len(panels), 3.4)
    figure, axes = plt.subplots(1, len(panels), figsize=shape, sharey=True, squeeze=False)
    every = np.concatenate([[(0, 0), *grads, *f.values()] for grads, f in panels.values()])
    low, high = every.min(axis=0) - 0.3, every.max(axis=0) + 0.3
    for axis, (name, (gradients, found)) in zip(axes[0], panels.items(), strict=True):
        for number, end in enumerate(gradients, 1):
            _arrow(axis, end, INK, "-", 2.6)
            axis.annotate(f"$g_{number}$", end, textcoords="offset points", xytext=(4, 4))
        for method, end in found.items():
            colour, line, mark = LOOKS[method]
            _arrow(axis, end, colour, line, 1.6)
            axis.plot(*end, mark, color=colour, markersize=7, markeredgecolor="white", zorder=3)
        axis.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), title=name)
        axis.set(aspect="equal", xlabel="first weight")
        axis.grid()
    axes[0][0].set_ylabel("second weight")
    _legend(figure, found)
    headline(figure, title)
    return figure


def _arrow(axis, end, colour, line, width):
    look = {"arrowstyle": "-|>", "color": colour, "linestyle": line, "linewidth": width}
    axis.annotate("", end, (0, 0), arrowprops={**look, "shrinkA": 0, "shrinkB": 0})


def _legend(figure, methods):
    """Name the methods below a figure."""
    handles = []
    for method in methods:
        colour, line, mark = LOOKS[method]
        look = {"color": colour, "linestyle": line, "marker": mark}
        handles.append(plt.Line2D([], [], label=method, **look))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


@style()
def share_lines(cosines, shares, *, title):
    """Draw which share of the weights task 1 gets, ``{method: (cosines,)}``, by the cosine."""
    figure, axis = plt.subplots(figsize=(6.4, 3.2))
    ends = {}
    for method, values in shares.items():
        colour, line, _ = LOOKS[method]
        axis.plot(cosines, values, linestyle=line, color=colour, linewidth=2)
        ends[method] = (cosines[-1], values[-1])
    axis.set(
        title=title, xlabel="cosine between the two gradients", ylabel="weight share of task 1"
    )
    axis.set(ylim=(-0.02, 0.62), xlim=(cosines[0], cosines[-1]))
    axis.axvline(0, color=INK, linewidth=0.7)
    axis.grid()
    label_lines(axis, ends)
    return figure


@style()
def landscape_paths(panels, *, title, size=3.4):
    """Draw paths on the mean loss of two tasks; what is lowest is lightest.

    ``panels`` maps a title to ``(places, losses, paths)``: where on both axes, ``(count,)``, both
    losses are known, ``(count, count, 2)``, and ``{method: (steps, 2)}``. A dot is the start, the
    mark of a method its end, and a star the lowest point of a task.
    """
    shape = (size * len(panels), size + 0.9)
    figure, axes = plt.subplots(1, len(panels), figsize=shape, sharey=True, squeeze=False)
    for axis, (name, (places, losses, paths)) in zip(axes[0], panels.items(), strict=True):
        _landscape(axis, places, losses)
        for method, path in paths.items():
            colour, line, mark = LOOKS[method]
            kept = path[:: max(1, len(path) // 400)]
            axis.plot(*kept.T, linestyle=line, color=colour, linewidth=1.6)
            axis.plot(*path[-1], mark, color=colour, markersize=8, markeredgecolor="white")
            axis.plot(*path[0], "o", color=INK, markersize=5)
        axis.set(title=name, xlabel="first weight")
    axes[0][0].set_ylabel("second weight")
    _legend(figure, paths)
    headline(figure, title)
    return figure


def _landscape(axis, places, losses):
    """Draw the mean loss, the lowest point of each task, and the line between them."""
    mean = losses.mean(axis=2)
    levels = np.unique(np.quantile(mean, np.linspace(0, 1, LEVELS)))
    bands = np.searchsorted(levels, mean)  # as much of the plane in each
    axis.pcolormesh(places, places, bands, cmap="Greys", alpha=0.6, zorder=0, rasterized=True)
    ends = []
    for task in range(2):
        row, column = np.unravel_index(losses[:, :, task].argmin(), losses.shape[:2])
        ends.append((places[column], places[row]))
        axis.plot(*ends[-1], "*", color=COLOURS["speech"], markersize=12, markeredgecolor="black",
                  zorder=3)  # fmt: skip
        axis.annotate(f"task {task + 1}", ends[-1], textcoords="offset points", xytext=(-14, 9))
    axis.plot(*np.transpose(ends), color=COLOURS["speech"], linewidth=4, alpha=0.8, zorder=1)
    axis.set(xlim=(places[0], places[-1]), ylim=(places[0], places[-1]), aspect="equal")


@style()
def cosine_tables(names, tables, *, title):
    """Show the cosines of each two tasks, a panel for each layer, ``{title: (tasks, tasks)}``."""
    width = 2.5 * len(tables) + 1.2
    figure, axes = plt.subplots(1, len(tables), figsize=(width, 3.3), sharey=True, squeeze=False)
    most = max(np.abs(table[np.triu_indices(len(names), 1)]).max() for table in tables.values())
    for axis, (layer, table) in zip(axes[0], tables.items(), strict=True):
        shown = np.where(np.tri(len(names), k=-1, dtype=bool), table, np.nan)
        picture = axis.imshow(shown, cmap="RdBu", vmin=-most, vmax=most)
        for (row, column), value in np.ndenumerate(shown):
            if np.isfinite(value):
                ink = "white" if abs(value) > 0.65 * most else "black"
                text = f"{value:z.2f}".replace("-", "\N{MINUS SIGN}")
                options = {"ha": "center", "va": "center", "color": ink, "fontsize": 8}
                axis.text(column, row, text, **options)
        axis.set_xticks(range(len(names) - 1), names[:-1], rotation=40, ha="right")
        axis.set_yticks(range(1, len(names)), names[1:])
        axis.set(title=layer, xlim=(-0.5, len(names) - 1.5), ylim=(len(names) - 0.5, 0.5))
        axis.spines[:].set_visible(False)
    figure.colorbar(picture, ax=axes[0][-1], label="cosine", fraction=0.06, pad=0.03)
    headline(figure, title)
    return figure


@style()
def cosine_lines(epochs, panels, *, title, ylabel="cosine"):
    """Draw cosines over the epochs, a panel for each layer, ``{title: {pair: (epochs,)}}``."""
    colours = [COLOURS[name] for name in ("image", "joint", "text", "accent", "speech", "sound")]
    lines = ["-", "--", "-.", ":", (0, (6, 2)), (0, (1, 1))]
    width = 2.3 * len(panels) + 1.7
    figure, axes = plt.subplots(1, len(panels), figsize=(width, 3.0), sharey=True, squeeze=False)
    for axis, (layer, curves) in zip(axes[0], panels.items(), strict=True):
        ends = {}
        for (pair, values), colour, line in zip(curves.items(), colours, lines, strict=False):
            axis.plot(epochs, values, color=colour, linestyle=line, marker="o", markersize=3)
            ends[pair] = (epochs[-1], values[-1])
        axis.axhline(0, color=INK, linewidth=0.8)
        axis.set(title=layer, xlabel="epoch", xticks=epochs)
        axis.grid()
    axes[0][0].set_ylabel(ylabel)
    label_lines(axes[0][-1], ends)
    headline(figure, title)
    return figure
