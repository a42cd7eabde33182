"""Names beside the lines that they name, moved apart; and the numbers at logarithmic axes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mmtutorial.plots._style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RIGHT = 1.05  # of the axis' width, where the names start
SPACING = 1.3  # heights of a letter from line to line
MARK = "mm-line-label"
LARGE = {15: "quadrillion", 12: "trillion", 9: "billion", 6: "million"}


def label_lines(axis: "Axes", ends: Mapping[str, tuple[float, float]]) -> None:
    """Write names to the right of an axis, and join each by grey dots to the end of its curve.

    ``ends`` maps a name to ``(x, y)``, in the units of the axis. `spread_labels` then moves
    the names apart.
    """
    for name, (x, y) in ends.items():
        leader = {"arrowstyle": "-", "color": INK, "alpha": 0.35, "linewidth": 0.7, "shrinkA": 1,
                  "shrinkB": 3, "linestyle": (0, (1, 3)), "relpos": (0, 0.5)}  # fmt: skip
        axis.annotate(name, (x, y), (RIGHT, y), textcoords=axis.get_yaxis_transform(),
                      va="center", annotation_clip=False, arrowprops=leader, gid=MARK)  # fmt: skip


def spread_labels(figure: "Figure") -> None:
    """Move the names that `label_lines` wrote up or down until none lies on another."""
    labelled = {axis: find_labels(axis) for axis in figure.axes}
    if not any(labelled.values()):
        return
    figure.draw_without_rendering()  # the sizes of what is drawn
    for axis, labels in labelled.items():
        wanted = [axis.transData.transform(label.xy)[1] for label in labels]
        heights = [
            SPACING * figure.dpi / 72 * label.get_fontsize() * (1 + label.get_text().count("\n"))
            for label in labels
        ]
        box = axis.get_window_extent()
        for label, place in zip(labels, spread(wanted, heights, box.y0, box.y1), strict=True):
            _, y = axis.transData.inverted().transform((box.x1, place))
            label.set_position((RIGHT, y))


def write_powers(figure: "Figure") -> None:
    """Write 1,000 instead of a power of ten at logarithmic axes, whose exponents are too small."""
    from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation

    for axis in figure.axes:
        for numbers in (axis.xaxis, axis.yaxis):
            if isinstance(numbers.get_major_formatter(), LogFormatterSciNotation):
                numbers.set_major_formatter(FuncFormatter(lambda value, _: say_number(value)))


def say_number(value: float) -> str:
    """Write a number as one reads it: large ones in words.

    >>> say_number(0.001), say_number(100_000), say_number(1e7), say_number(1e18)
    ('0.001', '100,000', '10 million', '1,000 quadrillion')
    """
    for power, word in LARGE.items():
        if abs(value) >= 0.999 * 10**power:
            return f"{float(f'{value / 10**power:.3g}'):,g} {word}"
    return f"{value:,.0f}" if abs(value) >= 1 else f"{value:.3g}"


def find_labels(axis: "Axes") -> list:
    """Return the names that `label_lines` wrote beside an axis."""
    return [text for text in axis.texts if text.get_gid() == MARK]


def spread(wanted: list, heights: list, low: float, high: float) -> list[float]:
    """Return places near the wanted ones, each its height from the next, in the same order.

    Where there is room for all, they lie between ``low`` and ``high``.

    >>> spread([0.0, 0.5, 9.0], [2, 2, 2], -5, 15)
    [-0.75, 1.25, 9.0]
    """
    order = np.argsort(wanted, kind="stable")
    groups = [[wanted[i] - heights[i] / 2, heights[i], 1] for i in order]  # bottom, height, count
    i = 0
    while i < len(groups) - 1:
        (bottom, height, count), (above, tall, more) = groups[i : i + 2]
        if bottom + height <= above + 1e-9:
            i += 1
            continue
        middle = ((bottom + height / 2) * count + (above + tall / 2) * more) / (count + more)
        groups[i : i + 2] = [[middle - (height + tall) / 2, height + tall, count + more]]
        i = max(0, i - 1)  # it may now lie on the one below
    places, members = [0.0] * len(wanted), iter(order)
    for bottom, height, count in groups:
        at = max(low, min(bottom, high - height))
        for _ in range(count):
            i = next(members)
            places[i] = float(at + heights[i] / 2)
            at += heights[i]
    return places
