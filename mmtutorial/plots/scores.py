"""The figures that compare methods: curves, intervals, confidence."""

import matplotlib.pyplot as plt
import numpy as np

from mmtutorial.plots.colours import COLOURS, MARKERS


def learning_curve(curves, *, title, ylabel, chance=None, limits=None):
    """Draw how numbers change while a model trains.

    ``curves`` maps a label to ``(epochs,)`` numbers; ``chance`` draws a dotted line; ``limits``
    are the ends of the vertical axis. Raises ``ValueError`` for more than four curves.
    """
    styles = {"image": "-", "text": "--", "joint": "-.", "accent": ":"}
    if len(curves) > len(styles):
        raise ValueError(f"curves must be at most {len(styles)}, got {len(curves)}")
    figure, axis = plt.subplots(figsize=(6, 3.4))
    for (label, values), (colour, line) in zip(curves.items(), styles.items(), strict=False):
        epochs = np.arange(1, len(values) + 1)
        axis.plot(
            epochs, values, line, color=COLOURS[colour], label=label, marker="o", markersize=3
        )
    if chance is not None:
        axis.axhline(chance, color=COLOURS["chance"], linestyle=":", label="chance")
    axis.set(title=title, xlabel="epoch", ylabel=ylabel, ylim=limits)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3)
    axis.legend()
    figure.tight_layout()
    return figure


def _same_methods(argument, panels):
    """Return the methods that all panels list in one order; they share one axis of names."""
    if not panels:
        raise ValueError(f"{argument} must hold at least one panel, got none")
    orders = {name: list(results) for name, results in panels.items()}
    first = next(iter(orders.values()))
    for name, methods in orders.items():
        if methods != first:
            raise ValueError(
                f"{argument} must all have the same methods in the same order, "
                f"got {methods} in {name!r} after {first}"
            )
    return first


def interval_dots(panels, *, title, xlabel, chance=None):
    """Compare methods: a dot for the mean, a bar for its interval, a panel for each setting.

    ``panels`` maps a panel's title to ``{method: Interval}``. Raises ``ValueError`` unless there
    is a panel and all have the same methods in the same order: they share one axis of names.
    Methods called ``"image"`` and ``"text"`` keep their colours and get a dashed guide line.
    ``chance`` draws a dotted line.
    """
    methods = _same_methods("panels", panels)
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(2.3 * len(panels) + 1.4, 0.32 * len(methods) + 1.6),
        sharey=True,
        sharex=True,
        squeeze=False,
    )
    for axis, (name, results) in zip(axes[0], panels.items(), strict=True):
        for row, (method, (mean, low, high)) in enumerate(results.items()):
            alone = method.split()[0] if method.split()[0] in ("image", "text") else None
            colour = COLOURS[alone or "joint"]
            axis.plot([low, high], [row, row], color=colour, linewidth=3, alpha=0.5)
            axis.plot(mean, row, "s" if alone else "o", color=colour)
            if alone:
                axis.axvline(mean, color=colour, linestyle="--", linewidth=1, alpha=0.6)
        if chance is not None:
            axis.axvline(chance, color=COLOURS["chance"], linestyle=":", linewidth=1)
        axis.set_title(name, fontsize=10)
        axis.set(xlabel=xlabel)
        axis.set_yticks(range(len(methods)), methods)
        axis.grid(axis="x", alpha=0.3)
    axes[0][0].set_ylim(len(methods) - 0.5, -0.5)  # the first method on top
    figure.suptitle(title)
    figure.tight_layout()
    return figure


def interval_steps(steps, *, title, xlabel):
    """Follow a few methods from step to step: rows are steps, markers are methods.

    ``steps`` maps a step's name to ``{method: Interval}``, with the same methods in all, four at
    the most. Raises ``ValueError`` otherwise.
    """
    methods = _same_methods("steps", steps)
    if len(methods) > len(MARKERS):
        raise ValueError(f"steps must hold at most {len(MARKERS)} methods, got {methods}")
    figure, axis = plt.subplots(figsize=(7.5, 0.45 * len(steps) + 1.6))
    rows = np.arange(len(steps))
    for method, (colour, marker) in zip(methods, MARKERS, strict=False):
        mean, low, high = np.array([step[method] for step in steps.values()]).T
        axis.hlines(rows, low, high, color=colour, linewidth=3, alpha=0.5)
        axis.plot(mean, rows, marker, color=colour, linestyle=":", linewidth=1, label=method)
    axis.set_yticks(rows, list(steps))
    axis.set(title=title, xlabel=xlabel, ylim=(len(steps) - 0.5, -0.5))
    axis.grid(axis="x", alpha=0.3)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=len(methods))
    figure.set_layout_engine("constrained")
    return figure


def reliability_diagram(panels, *, title):
    """Is the model as often right as it says? A dot a bin; below the diagonal it is too sure.

    ``panels`` maps a panel's title to a `Reliability`. A dot's area is the bin's number of items,
    and a line joins it to where it should be. Raises ``ValueError`` without a panel. Paper:
    Guo et al. 2017.
    """
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    size = (2.3 * len(panels) + 0.6, 3.4)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    for axis, (name, (confidence, right, count)) in zip(axes[0], panels.items(), strict=True):
        axis.plot([0, 1], [0, 1], ":", color=COLOURS["chance"])
        axis.vlines(confidence, confidence, right, color=COLOURS["text"], linewidth=2)
        axis.scatter(confidence, right, 400 * count / count.sum() + 4, color=COLOURS["image"])
        axis.set(title=name, xlabel="confidence", xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        axis.set_aspect("equal")
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("accuracy")
    figure.suptitle(title)
    figure.set_layout_engine("constrained")
    return figure


def lucky_draws(differences, *, title, xlabel, limits, step):
    """How often would luck reverse the order of two methods? A histogram, hatched up to zero.

    ``differences`` is ``(draws,)``, one comparison each; ``limits`` are the ends of the horizontal
    axis and ``step`` the width of a bar. Raises ``ValueError`` if a difference lies outside.
    """
    differences = np.asarray(differences)
    low, high = limits
    if differences.min() < low or differences.max() > high:
        raise ValueError(
            f"limits must hold all differences, {differences.min():.3g} to "
            f"{differences.max():.3g}, got {low} to {high}"
        )
    figure, axis = plt.subplots(figsize=(6.5, 3.4))
    edges = np.arange(round(low / step), round(high / step) + 1) * step  # one edge is at 0
    for part, colour, hatch in (
        (differences[differences > 0], COLOURS["joint"], ""),
        (np.minimum(differences[differences <= 0], -1e-9), COLOURS["text"], "//"),
    ):
        weights = np.full(len(part), 100 / len(differences))
        axis.hist(part, edges, weights=weights, color=colour, hatch=hatch, edgecolor="white")
    axis.axvline(0, color="black", linewidth=1)
    axis.set(title=title, xlabel=xlabel, ylabel="% of comparisons")
    figure.tight_layout()
    return figure
