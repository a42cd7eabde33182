"""The figures that compare methods: curves, intervals, confidence."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_counts, check_number
from mmtutorial.plots._inputs import (
    check_chance,
    check_interval,
    check_limits,
    check_named,
    check_row,
    check_shares,
)
from mmtutorial.plots._labels import label_lines
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS, MARKERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mmtutorial.evaluation import Reliability


@style()
def learning_curve(
    curves: Mapping[str, ArrayLike],
    *,
    title: str,
    ylabel: str,
    chance: float | None = None,
    limits: tuple[float, float] | None = None,
) -> "Figure":
    """Draw how numbers change while a model trains.

    ``curves`` maps a label to ``(epochs,)`` numbers; ``chance`` draws a dotted line; ``limits``
    are the ends of the vertical axis. Raises ``ValueError`` for none or more than four curves.
    """
    styles = {"image": "-", "text": "--", "joint": "-.", "accent": ":"}
    if len(check_named("curves", curves, '{"image": accuracies}')) > len(styles):
        raise ValueError(f"curves must be at most {len(styles)}, got {len(curves)}")
    for label, values in curves.items():
        row = check_row(f"curves[{label!r}]", values, finite=False)  # a run may diverge: a gap
        if not np.isfinite(row).any():
            raise ValueError(f"curves[{label!r}] must hold a finite number, got none")
    check_chance(chance)
    if limits is not None:
        limits = check_limits("limits", limits)
    figure, axis = plt.subplots(figsize=(6.4, 3.4))
    ends = {}
    for (label, values), (role, line) in zip(curves.items(), styles.items(), strict=False):
        colour, epochs = COLOURS[role], np.arange(1, len(values) + 1)
        axis.plot(epochs, values, line, color=colour, label=label, marker="o", markersize=3)
        last = np.flatnonzero(np.isfinite(values))[-1]
        ends[label] = (epochs[last], values[last])
    if chance is not None:
        axis.axhline(chance, color=COLOURS["chance"], linestyle=":", label="chance")
        ends["chance"] = (axis.get_xlim()[1], chance)
    axis.set(title=title, xlabel="epoch", ylabel=ylabel, ylim=limits)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid()
    label_lines(axis, ends)
    return figure


def _same_methods(argument, panels):
    """Return the methods that all panels list in one order; they share one axis of names."""
    for name, results in check_named(argument, panels, '{"test": {"sum": interval}}').items():
        check_named(f"{argument}[{name!r}]", results, '{"sum": interval}')
        for method, interval in results.items():
            check_interval(f"{argument}[{name!r}][{method!r}]", interval)
    orders = {name: list(results) for name, results in panels.items()}
    first = next(iter(orders.values()))
    for name, methods in orders.items():
        if methods != first:
            raise ValueError(
                f"{argument} must all have the same methods in the same order, "
                f"got {methods} in {name!r} after {first}"
            )
    return first


@style()
def interval_dots(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    title: str,
    xlabel: str,
    chance: float | None = None,
) -> "Figure":
    """Compare methods: a dot for the mean, a bar for its interval, a panel for each setting.

    ``panels`` maps a panel's title to ``{method: Interval}``. Raises ``ValueError`` unless there
    is a panel and all have the same methods in the same order: they share one axis of names.
    Methods called ``"image"`` and ``"text"`` keep their colours and get a dashed guide line.
    ``chance`` draws a dotted line.
    """
    methods = _same_methods("panels", panels)
    check_chance(chance)
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
            unimodal = method.split()[0] if method.split()[0] in ("image", "text") else None
            colour = COLOURS[unimodal or "joint"]
            axis.plot([low, high], [row, row], color=colour, linewidth=3, alpha=0.5)
            axis.plot(mean, row, "s" if unimodal else "o", color=colour)
            if unimodal:
                axis.axvline(mean, color=colour, linestyle="--", linewidth=1, alpha=0.6)
        if chance is not None:
            axis.axvline(chance, color=COLOURS["chance"], linestyle=":", linewidth=1)
        axis.set_title(name, fontsize=10)
        axis.set(xlabel=xlabel)
        axis.set_yticks(range(len(methods)), methods)
        axis.grid(axis="x")
    axes[0][0].set_ylim(len(methods) - 0.5, -0.5)  # the first method on top
    headline(figure, title)
    return figure


@style()
def interval_steps(
    steps: Mapping[str, Mapping[str, Sequence[float]]], *, title: str, xlabel: str
) -> "Figure":
    """Compare a few methods in several steps: rows are steps, markers are methods.

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
        axis.plot(mean, rows, marker, color=colour, label=method)
    axis.set_yticks(rows, list(steps))
    axis.set(title=title, xlabel=xlabel, ylim=(len(steps) - 0.5, -0.5))
    axis.grid(axis="x")
    if len(methods) > 1:
        handles = axis.get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=len(methods))
    return figure


@style()
def reliability_diagram(panels: Mapping[str, "Reliability"], *, title: str) -> "Figure":
    """Reliability diagram: a dot per bin; below the diagonal the model is over-confident.

    ``panels`` maps a panel's title to a `Reliability`. A dot's area is the bin's number of items,
    and a line joins it to where it should be. Raises ``ValueError`` without a panel. Paper:
    Guo et al. 2017.
    """
    for name, panel in check_named("panels", panels, '{"test": reliability}').items():
        _check_bins(f"panels[{name!r}]", panel)
    size = (2.3 * len(panels) + 0.6, 3.0)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    for axis, (name, (confidence, accuracy, count)) in zip(axes[0], panels.items(), strict=True):
        axis.plot([0, 1], [0, 1], ":", color=COLOURS["chance"])
        axis.vlines(confidence, confidence, accuracy, color=COLOURS["text"], linewidth=2)
        area = 400 * count / count.sum() + 4  # square points; a dot at the frame is not cut
        axis.scatter(confidence, accuracy, area, color=COLOURS["image"], clip_on=False, zorder=3)
        axis.set(title=name, xlabel="confidence", xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        axis.set_aspect("equal")
        axis.grid()
    axes[0][0].set_ylabel("accuracy")
    headline(figure, title)
    return figure


def _check_bins(name, panel):
    """Refuse what is no `Reliability`: in each bin that counts items, two shares from 0 to 1."""
    if not isinstance(panel, tuple) or len(panel) != 3:
        raise ValueError(f"{name} must be a Reliability, got {type(panel).__name__}")
    names = [f"{name}.{part}" for part in ("confidence", "accuracy", "count")]
    *shares, count = (
        check_row(part, row, finite=False) for part, row in zip(names, panel, strict=True)
    )
    check_counts(dict(zip(names, panel, strict=True)))
    if not (np.isfinite(count).all() and count.min() >= 0 and count.sum() > 0):
        raise ValueError(f"{name} must count at least one item, and none below 0, got {count}")
    for part, row in zip(names, shares, strict=False):
        check_shares(part, row[(count > 0) | ~np.isnan(row)])


@style()
def bootstrap_histogram(
    differences: ArrayLike, *, title: str, xlabel: str, limits: tuple[float, float], step: float
) -> "Figure":
    """Histogram of bootstrap differences between two methods, hatched up to zero.

    ``differences`` is ``(draws,)``, one per bootstrap sample; ``limits`` are the ends of the
    horizontal axis and ``step`` the width of a bar. Raises ``ValueError`` if a difference lies
    outside, or is no finite number.
    """
    differences, (low, high) = check_row("differences", differences), check_limits("limits", limits)
    check_number("step", step, above=0)
    if differences.min() < low or differences.max() > high:
        raise ValueError(
            f"limits must hold all differences, {differences.min():.3g} to "
            f"{differences.max():.3g}, got {low} to {high}"
        )
    figure, axis = plt.subplots(figsize=(6.5, 3.4))
    # One edge is at 0, and no limit lies beyond the last; 1e-6 of a step is an error of rounding.
    first, last = np.floor(low / step + 1e-6), np.ceil(high / step - 1e-6)
    behind = differences <= 0
    first = min(first, -1) if behind.any() else first
    edges = np.arange(first, max(first + 1, last) + 1) * step
    for part, colour, hatch in (
        (differences[~behind], COLOURS["joint"], ""),
        (np.minimum(differences[behind], -step / 2), COLOURS["text"], "//"),  # 0 is not above it
    ):
        part, weights = (
            np.clip(part, edges[0], edges[-1]),
            np.full(len(part), 100 / len(differences)),
        )
        axis.hist(part, edges, weights=weights, color=colour, hatch=hatch, edgecolor="white")
    axis.axvline(0, color="black", linewidth=1)
    axis.set(title=title, xlabel=xlabel, ylabel="% of comparisons")
    return figure
