"""Drawings of what is shared, heat maps of gains and gates, and a gain against labels."""

import numpy as np

from mmtutorial.plots._labels import label_lines
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import INK, headline, style
from mmtutorial.plots.colours import COLOURS, MARKERS

MAP = "PuOr"  # brown below 0, violet above
EDGES = {"shared": COLOURS["accent"], "own": COLOURS["chance"], "both": COLOURS["joint"]}


@style()
def gain_map(rows, columns, gains, sure, *, title):
    """Draw relative gains, ``(rows, columns)``, as a heat map in per cent.

    ``sure`` marks cells by a star. NaN stays blank.
    """
    reach = 100 * np.nanmax(np.abs(gains))
    figure, axis = plt.subplots(figsize=(6.2, 4.4))
    shown = axis.imshow(100 * gains, cmap=MAP, vmin=-reach, vmax=reach)
    for (row, column), value in np.ndenumerate(100 * gains):
        if np.isfinite(value):
            ink = "white" if abs(value) > 0.62 * reach else "black"
            text = f"{value:+.0f}" if round(value) else "0"
            text = text.replace("-", "\N{MINUS SIGN}") + "*" * bool(sure[row, column])
            axis.text(column, row, text, ha="center", va="center", color=ink)
    axis.set_xticks(range(len(columns)), columns, rotation=35, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(rows)), rows)
    axis.set(title=title, xlabel="the task that is scored", ylabel="the task beside it")
    axis.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axis, label="gain over alone, per cent", fraction=0.05, pad=0.03)
    return figure


@style()
def gate_map(tasks, shares, *, title):
    """Draw the share of each expert, ``{panel: (tasks, experts)}``, as heat maps side by side."""
    count = len(shares)
    figure, axes = plt.subplots(1, count, figsize=(2.5 * count + 1.6, 3.1), sharey=True,
                                squeeze=False)  # fmt: skip
    for axis, (name, table) in zip(axes[0], shares.items(), strict=True):
        shown = axis.imshow(table, cmap="cividis", vmin=0, vmax=1, aspect="auto")
        for (row, column), value in np.ndenumerate(table):
            ink = "white" if value < 0.6 else "black"
            text = f"{value:.2f}".removeprefix("0")
            axis.text(column, row, text, ha="center", va="center", color=ink, fontsize=8)
        axis.set_xticks(range(table.shape[1]), [str(k + 1) for k in range(table.shape[1])])
        axis.set_yticks(range(len(tasks)), tasks)
        axis.set_title(name, fontsize=10)
        axis.set(xlabel="expert")
        axis.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axes[0], label="mean share", fraction=0.05, pad=0.02)
    headline(figure, title)
    return figure


@style()
def gain_lines(curves, *, title, xlabel, ylabel):
    """Draw gains with their intervals against a count: ``{label: {count: Interval}}``."""
    figure, axis = plt.subplots(figsize=(6.4, 3.3))
    ends = {}
    axis.axhline(0, color=COLOURS["chance"], linestyle=":", linewidth=1)
    for place, (label, points) in enumerate(curves.items()):
        colour, marker = MARKERS[place]
        x = np.array(list(points)) * 1.07 ** (place - (len(curves) - 1) / 2)
        mean, low, high = np.array([(one.mean, one.low, one.high) for one in points.values()]).T
        axis.plot(x, mean, marker=marker, color=colour, markersize=5, label=label)
        axis.vlines(x, low, high, color=colour, linewidth=2.5, alpha=0.5)
        ends[label] = (x[-1], mean[-1])
    counts = list(next(iter(curves.values())))
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel, xscale="log")
    axis.set_xticks(counts, [f"{count:,}" for count in counts])
    axis.minorticks_off()
    axis.grid()
    label_lines(axis, ends)
    return figure


@style()
def affinity_dots(affinity, gains, named, *, title):
    """Put each pair of tasks where its affinity and its gain are, ``(pairs,)`` each.

    ``named`` gives some places of pairs a name.
    """
    figure, axis = plt.subplots(figsize=(6.0, 3.4))
    axis.axhline(0, color=COLOURS["chance"], linestyle=":", linewidth=1)
    axis.axvline(0, color=COLOURS["chance"], linestyle=":", linewidth=1)
    axis.plot(affinity, 100 * gains, "o", color=COLOURS["joint"], markersize=5)
    for place, name in named.items():
        at = (affinity[place], 100 * gains[place])
        axis.annotate(name, at, (6, 0), textcoords="offset points", va="center", fontsize=8)
    axis.set_xscale("symlog", linthresh=1e-3)
    axis.set(title=title, xlabel="affinity by look-ahead", ylabel="gain over alone, per cent")
    axis.grid()
    return figure


def _box(axis, x, y, text, kind, width=0.8, height=0.5):
    axis.add_patch(plt.Rectangle((x - width / 2, y - height / 2), width, height,
                                 facecolor="none", edgecolor=EDGES[kind],
                                 linewidth=1.8))  # fmt: skip
    axis.text(x, y, text, ha="center", va="center", fontsize=8.5)


def _arrow(axis, start, end, style_="-"):
    axis.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 0.8,
                                              "linestyle": style_, "shrinkA": 0,
                                              "shrinkB": 0})  # fmt: skip


@style()
def sharing_drawing(*, title):
    """Draw for two tasks, A and B, what the four architectures share."""
    figure, axes = plt.subplots(1, 4, figsize=(8.6, 3.0))
    for axis, name in zip(axes, ("hard sharing", "cross-stitch", "MMoE", "PLE"), strict=True):
        axis.set(xlim=(-0.1, 4.1), ylim=(-0.4, 4.6), title=name)
        axis.axis("off")
        _box(axis, 2, 0, "input", "both", width=3.4)
        for x, task in ((1, "A"), (3, "B")):
            _box(axis, x, 4.2, f"head {task}", "own", width=1.7)
    _draw_hard(axes[0])
    _draw_stitch(axes[1])
    _draw_mixture(axes[2], ((0.7, "1", "shared"), (2, "2", "shared"), (3.3, "3", "shared")), {})
    _draw_mixture(axes[3], ((0.7, "A", "own"), (2, "1", "shared"), (3.3, "B", "own")),
                  {(0.7, 3), (3.3, 1)})  # fmt: skip
    headline(figure, title)
    return figure


def _draw_hard(axis):
    _arrow(axis, (2, 0.25), (2, 1.2))
    _box(axis, 2, 1.5, "shared layers", "shared", width=3.4, height=0.6)
    for x in (1, 3):
        _arrow(axis, (x, 1.8), (x, 3.95))


def _draw_stitch(axis):
    for x, task in ((1, "A"), (3, "B")):
        _arrow(axis, (x, 0.25), (x, 1.2))
        _box(axis, x, 1.5, f"layers {task}", "own", width=1.7, height=0.6)
        _arrow(axis, (x, 1.8), (x, 3.95))
        _arrow(axis, (x, 1.8), (4 - x, 3.95), "--")
    axis.text(2, 2.15, "learnt\nmixture", ha="center", va="center", fontsize=8.5)


def _draw_mixture(axis, experts, barred):
    for x, name, kind in experts:
        _arrow(axis, (x, 0.25), (x, 1.25))
        _box(axis, x, 1.5, name, kind, width=1.0)
        for head in (1, 3):
            if (x, head) not in barred:
                _arrow(axis, (x, 1.75), (head, 2.75))
    for x, task in ((1, "A"), (3, "B")):
        _box(axis, x, 3, f"gate {task}", "own", width=1.7)
        _arrow(axis, (x, 3.25), (x, 3.95))
