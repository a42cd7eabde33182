"""Runs beside those of the stored seeds, as SVG: quick enough to draw while a model trains."""

from html import escape

import numpy as np

from mmtutorial.plots.colours import COLOURS

WIDTH, LEFT, RIGHT = 400, 44, 376  # of both drawings, and the ends of their axes
TOP, BOTTOM, LINE = 14, 150, 26  # the ends of the upright axis; where the strip has its marks


def draw_curves(curves, epochs, band, *, title):
    """Draw accuracy after each epoch: ``{number: curve}``, the last one thick, with its number.

    ``epochs`` is how many the axis has; ``band`` the lower and the upper edge of what lies behind
    the curves, an accuracy for each of its epochs.
    """
    every = np.concatenate([*band, *curves.values()])
    low = np.floor(every.min() * 10) / 10
    high = max(np.ceil(every.max() * 10) / 10, low + 0.1)

    def place(epoch, accuracy):
        x = LEFT + (epoch - 1) * (RIGHT - LEFT) / max(epochs - 1, 1)
        return x, BOTTOM - (accuracy - low) * (BOTTOM - TOP) / (high - low)

    edges = [[place(n, accuracy) for n, accuracy in enumerate(edge, 1)] for edge in band]
    outline = " ".join(f"{x:.0f},{y:.1f}" for x, y in edges[0] + edges[1][::-1])
    drawn = [f'<polygon points="{outline}" fill="{COLOURS["image"]}" opacity=".25"/>']
    drawn.append(_text((LEFT + RIGHT) / 2, BOTTOM + 34, "epoch"))
    drawn += [_text(place(n, low)[0], BOTTOM + 16, n) for n in _whole_numbers(epochs)]
    for accuracy in np.arange(low, high + 0.01, 0.1):
        y = place(1, accuracy)[1]
        drawn.append(_text(LEFT - 8, y + 4, f"{accuracy:.1f}", "end"))
        drawn.append(f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="#888" opacity=".4"/>')
    for number, curve in curves.items():
        places = [place(epoch, accuracy) for epoch, accuracy in enumerate(curve, 1)]
        points, (x, y) = " ".join(f"{x:.0f},{y:.1f}" for x, y in places), places[-1]
        is_last = number == max(curves)
        style = f'stroke="{COLOURS["text"]}" stroke-width="{3 if is_last else 1}"'
        drawn.append(f'<polyline points="{points}" fill="none" {style}/>')
        drawn.append(f'<circle cx="{x:.0f}" cy="{y:.1f}" r="3" fill="{COLOURS["text"]}"/>')
        drawn += [_text(x + 6, y - 4, number, "start")] if is_last else []
    return _svg(drawn, BOTTOM + 40, title)


def draw_strip(stored, expected, own, *, title):
    """Draw accuracies on a line: the stored seeds, the interval of their mean, and own runs.

    ``stored`` is ``(seeds,)``, ``expected`` an `Interval`, ``own`` ``{number: accuracy}``, the last
    with its number.
    """
    everything = [*stored, *expected, *own.values()]
    low = np.floor(min(everything) * 20) / 20
    high = max(np.ceil(max(everything) * 20) / 20, low + 0.05)

    def place(accuracy):
        return LEFT + (accuracy - low) * (RIGHT - LEFT) / (high - low)

    mean, *ends = map(place, expected)
    blue, orange = COLOURS["image"], COLOURS["text"]
    drawn = [
        f'<rect x="{ends[0]:.1f}" y="8" width="{ends[1] - ends[0]:.1f}" height="36" '
        f'fill="{blue}" opacity=".25"/>',
        f'<path d="M{mean:.1f} 8V44" stroke="{blue}" stroke-dasharray="4 3"/>',
        f'<path d="M{LEFT} 48H{RIGHT}" stroke="#888"/>',
    ]
    drawn += [_text(place(tick), 62, f"{tick:.2f}") for tick in np.arange(low, high + 0.01, 0.05)]
    drawn += [f'<circle cx="{place(x):.1f}" cy="{LINE}" r="4" fill="{blue}"/>' for x in stored]
    for number, accuracy in own.items():
        x = place(accuracy)
        diamond = f"M{x:.1f} {LINE - 7}l7 7l-7 7l-7 -7z"
        is_last = number == max(own)
        drawn.append(f'<path d="{diamond}" fill="{orange}" opacity="{1 if is_last else 0.5}"/>')
        drawn += [_text(x + 8, LINE - 6, number, "start")] if is_last else []
    return _svg(drawn, 68, title)


def _whole_numbers(most):
    """Return the numbers of an axis from 1 to the most, ten or so."""
    return range(1, most + 1, -(-most // 12))


def _svg(drawn, height, title):
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {height}" '
        'style="width:min(100%,30rem);display:block" fill="currentColor" font-size="12" '
        f'font-family="inherit">{"".join(drawn)}</svg>'
    )


def _text(x, y, text, anchor="middle"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
