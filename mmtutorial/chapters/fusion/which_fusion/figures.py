"""The figures that compare many methods at once: within a part, over parts, and by their cost."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_choice, check_list, check_number
from mmtutorial.plots._inputs import check_interval, check_limits, check_named, check_row
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_METHODS = '{"sum": (interval, 1)}'
_SIGNS = {  # what a comparison with the reference says: marker, colour, words
    1: ("^", COLOURS["joint"], "better beyond chance"),
    0: ("o", COLOURS["chance"], "cannot be told apart"),
    -1: ("v", COLOURS["text"], "worse beyond chance"),
    None: ("s", COLOURS["image"], "a modality alone"),
}


@style()
def method_dots(
    methods: Mapping[str, tuple[Sequence[float], int | None]],
    *,
    reference: str,
    title: str,
    xlabel: str,
    limits: tuple[float, float],
) -> "Figure":
    """Compare methods with a reference: a dot and an interval each, the reference a band.

    ``methods`` maps a name to ``(Interval, sign)``, the sign 1, 0 or -1, as a comparison with the
    ``reference`` came out, or None for a modality alone; ``limits`` are the ends of the axis.
    Raises ``ValueError`` unless the reference is one of the methods and the limits hold every
    interval.
    """
    for name, pair in check_named("methods", methods, _METHODS).items():
        interval, sign = check_list(f"methods[{name!r}]", pair, "(interval, sign)", count=2)
        check_interval(f"methods[{name!r}]", interval)
        check_choice(f"the sign of {name!r}", sign, tuple(_SIGNS))
    limits = check_limits("limits", limits)
    check_choice("reference", reference, tuple(methods))
    low = min(interval[1] for interval, _ in methods.values())
    high = max(interval[2] for interval, _ in methods.values())
    if low < limits[0] or high > limits[1]:
        raise ValueError(f"limits must hold every interval, {low:.3f} to {high:.3f}, got {limits}")
    figure, axis = plt.subplots(figsize=(5.2, 0.26 * len(methods) + 1.7))
    (mean, low, high), _ = methods[reference]
    axis.axvspan(low, high, color=COLOURS["chance"], alpha=0.15, linewidth=0)
    axis.axvline(mean, color=COLOURS["chance"], linestyle="--", linewidth=1)
    for row, ((mean, low, high), sign) in enumerate(methods.values()):
        marker, colour, _ = _SIGNS[sign]
        axis.plot([low, high], [row, row], color=colour, linewidth=3, alpha=0.5)
        axis.plot(mean, row, marker, color=colour, markersize=7)
    for sign in dict.fromkeys(sign for _, sign in methods.values()):
        marker, colour, words = _SIGNS[sign]
        axis.plot([], [], marker, color=colour, label=words)
    axis.set_yticks(range(len(methods)), [name.replace("_", "-") for name in methods])
    axis.set(title=title, xlabel=xlabel, xlim=limits, ylim=(len(methods) - 0.5, -0.5))
    axis.grid(axis="x")
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure


@style()
def rank_dots(ranks: Mapping[str, ArrayLike], *, title: str) -> "Figure":
    """Average ranks: a small dot for each part, a large one for the average.

    ``ranks`` maps each method to its ``(parts,)`` ranks, 1 the best; the order is the figure's.
    Raises ``ValueError`` unless all have as many. Paper: Demšar 2006.
    """
    for name, places in check_named("ranks", ranks, '{"sum": [1, 2]}').items():
        check_row(f"ranks[{name!r}]", places)
    counts = {len(places) for places in ranks.values()}
    if len(counts) != 1:
        raise ValueError(f"ranks must hold as many parts for each method, got {sorted(counts)}")
    figure, axis = plt.subplots(figsize=(5.2, 0.26 * len(ranks) + 1.5))
    for row, places in enumerate(ranks.values()):
        axis.plot([min(places), max(places)], [row, row], color=COLOURS["chance"], alpha=0.4)
        around = np.linspace(-0.15, 0.15, len(places)) if len(places) > 1 else [0]
        axis.plot(places, row + np.asarray(around), "o", color=COLOURS["image"], markersize=4)
        axis.plot(np.mean(places), row, "D", color=COLOURS["text"], markersize=8)
    axis.plot([], [], "o", color=COLOURS["image"], markersize=4, label="one part")
    axis.plot([], [], "D", color=COLOURS["text"], label="average")
    axis.set_yticks(range(len(ranks)), [name.replace("_", "-") for name in ranks])
    axis.set(title=title, xlabel="rank (1 is the best)", ylim=(len(ranks) - 0.5, -0.5))
    axis.grid(axis="x")
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure


@style()
def accuracy_against_cost(
    methods: Mapping[str, tuple[Sequence[float], float]], *, title: str, xlabel: str, ylabel: str
) -> "Figure":
    """Accuracy against cost: a dot per method, its interval upright, the cost on a log scale.

    ``methods`` maps a name to ``(Interval, cost)``, the cost in the unit of ``xlabel``. A dashed
    line joins those that none beats at a lower cost. Raises ``ValueError`` for a cost of 0 or less.
    """
    for name, pair in check_named("methods", methods, _METHODS).items():
        interval, cost = check_list(f"methods[{name!r}]", pair, "(interval, cost)", count=2)
        check_interval(f"methods[{name!r}]", interval)
        check_number(f"the cost of {name!r}", cost, above=0)
    figure, axis = plt.subplots(figsize=(6, 5))
    best = pareto_front({name: (interval[0], cost) for name, (interval, cost) in methods.items()})
    line = [(methods[name][1], methods[name][0][0]) for name in best]
    axis.plot(*zip(*line, strict=True), "--", color=COLOURS["joint"], linewidth=1, zorder=1)
    for name, ((mean, low, high), cost) in methods.items():
        colour = COLOURS["joint"] if name in best else COLOURS["image"]
        axis.vlines(cost, low, high, color=colour, linewidth=2, alpha=0.5)
        axis.plot(cost, mean, "D" if name in best else "o", color=colour)
    axis.set_xscale("log")
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axis.margins(x=0.12, y=0.08)
    ticks = [tick for tick in (1, 2, 3, 5, 10, 20, 30, 50, 100) if _inside(axis.get_xlim(), tick)]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_xticks([], minor=True)
    axis.grid()
    figure.draw_without_rendering()  # from here on, the axis stays where it is
    figure.set_layout_engine("none")
    _label(axis, {name: (cost, interval[0]) for name, (interval, cost) in methods.items()})
    return figure


def pareto_front(methods: Mapping[str, tuple[float, float]]) -> list[str]:
    """Return the methods than which none is as good and cheaper, the cheapest first.

    ``methods`` maps a name to ``(accuracy, cost)``, finite numbers. Nothing is drawn.

    >>> pareto_front({"slow": (0.8, 9), "quick": (0.7, 1), "dear": (0.6, 5)})
    ['quick', 'slow']
    """
    methods = {
        name: check_list(f"methods[{name!r}]", pair, "(accuracy, cost)", count=2)
        for name, pair in check_named("methods", methods, '{"sum": (0.7, 1)}').items()
    }
    for name, pair in methods.items():
        for part, number in zip(("accuracy", "cost"), pair, strict=True):
            check_number(f"the {part} of {name!r}", number)
    best, found = -np.inf, []
    for name in sorted(methods, key=lambda name: (methods[name][1], -methods[name][0])):
        if methods[name][0] > best:
            best = methods[name][0]
            found.append(name)
    return found


def _inside(limits, number):
    return limits[0] <= number <= limits[1]


def _label(axis, points):
    """Write each name near its dot, where it covers no dot and no other name; a line leads to it.

    Sizes are in points: a letter of this font is about 5 wide and 10 high.
    """
    scale = 72 / axis.figure.dpi
    dots = {name: axis.transData.transform(point) * scale for name, point in points.items()}
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in dots.values()]
    west, south, east, north = axis.get_window_extent().extents * scale
    taken += [(-999, 0, west, 999), (east, 0, 9999, 999), (0, -999, 9999, south)]
    taken.append((0, north, 9999, 9999))
    steps = [(dx, dy) for far in (0, 14, 28, 42, 56) for dy in {far, -far} for dx in (8, -8)]
    for name, (x, y) in sorted(dots.items(), key=lambda item: item[1][1]):
        width = 5 * len(name) + 4
        boxes = {}
        for dx, dy in steps:
            left = x + dx if dx > 0 else x + dx - width
            boxes[dx, dy] = (left, y + dy - 5, left + width, y + dy + 5)
        free = [step for step, box in boxes.items() if not any(_cross(box, b) for b in taken)]
        dx, dy = (free or steps)[0]
        taken.append(boxes[dx, dy])
        axis.annotate(
            name.replace("_", "-"),
            points[name],
            xytext=(dx, dy),
            textcoords="offset points",
            ha="left" if dx > 0 else "right",
            va="center",
            fontsize=9,
            arrowprops={"arrowstyle": "-", "color": COLOURS["chance"], "lw": 0.6} if dy else None,
        )


def _cross(a, b):
    """Say whether two boxes, each left, bottom, right and top, share a point."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
