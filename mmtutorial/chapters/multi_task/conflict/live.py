"""Paths of all methods from any start, at any scale and rate, as a drawing with its numbers."""

from functools import lru_cache

import numpy as np

from mmtutorial import widgets
from mmtutorial._html import HtmlBlock, webp_url
from mmtutorial._optional import load_optional
from mmtutorial.chapters.multi_task.conflict.landscape import (
    REACH,
    draw_losses,
    is_stuck,
    look,
    walk_all,
)
from mmtutorial.plots.colours import COLOURS

SIDE = 360  # CSS pixels of the drawing
POINTS = 90  # of a path that are drawn
LOOKS = {  # colour, dashes and mark of each method
    "sum": (COLOURS["chance"], "", "●"),
    "PCGrad": (COLOURS["image"], "6 3", "■"),
    "MGDA": (COLOURS["text"], "6 2 1 2", "◆"),
    "CAGrad": (COLOURS["accent"], "2 2", "▲"),
    "IMTL-G": (COLOURS["joint"], "9 3", "▼"),
}
SCALES, RATES = (0.1, 0.3, 1.0, 3.0, 10.0), (0.002, 0.005, 0.02, 0.05, 0.1)
TWIN = {
    "Start": {"upper left": (-8.5, 7.5), "upper right": (9.0, 9.0), "middle": (0.0, 5.0)},
    "Task 2 times": {"0.1": 0.1, "1": 1.0, "10": 10.0},
    "Rate": {"0.002": 0.002, "0.05": 0.05},
}


def place(x, y):
    """Return where a point of the landscape is in the drawing."""
    return SIDE * (x + REACH) / (2 * REACH), SIDE * (REACH - y) / (2 * REACH)


@lru_cache(maxsize=16)
def background(scale):
    """Return the mean loss as an address of a picture: what is lowest is lightest."""
    from PIL import Image

    _, losses = draw_losses(scale)
    mean = losses.mean(axis=2)[::-1]
    ranks = mean.ravel().argsort().argsort().reshape(mean.shape) / mean.size
    steps = np.floor(16 * ranks) / 16
    shade = (255 - 130 * steps).astype(np.uint8)
    return webp_url(Image.fromarray(shade).convert("RGB"), quality=80, method=4)


def frame(x, y, scale, rate):
    """Draw the paths from a start, and list where they end, as HTML."""
    paths = walk_all((x, y), scale=scale, rate=rate)
    lines = [_line(method, path) for method, path in paths.items()]
    rows = [_row(method, path) for method, path in paths.items()]
    said = f"Paths from {x:g}, {y:g}; task 2 times {scale:g}, rate {rate:g}"
    left, right = place(-7, -8.33), place(7, -8.33)
    gold = COLOURS["speech"]
    start = '<circle cx="{:.1f}" cy="{:.1f}" r="5" fill="#000"/>'.format(*place(x, y))
    stars = "".join(
        f'<text x="{px:.1f}" y="{py + 6:.1f}" text-anchor="middle" font-size="20" fill="{gold}" '
        f'stroke="#000">★</text><text x="{px:.1f}" y="{py + 22:.1f}" text-anchor="middle" '
        f'font-size="12" fill="#000">task {number}</text>'
        for number, (px, py) in ((1, right), (2, left))
    )
    bar = (
        f'<line x1="{left[0]:.1f}" y1="{left[1]:.1f}" x2="{right[0]:.1f}" y2="{right[1]:.1f}" '
        f'stroke="{gold}" stroke-width="5"/>'
    )
    drawing = (
        f'<svg role="img" aria-label="{said}" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" '
        f'height="{SIDE}" style="max-width:100%;height:auto" font-family="inherit">'
        f'<image href="{background(scale)}" width="{SIDE}" height="{SIDE}" '
        f'preserveAspectRatio="none"/>{bar}{stars}{"".join(lines)}{start}</svg>'
    )
    head = "".join(
        f'<th style="text-align:{side};padding:2px 8px">{text}</th>'
        for text, side in (
            ("method", "left"),
            ("task 1", "right"),
            ("task 2", "right"),
            ("ends", "left"),
        )
    )
    table = (
        f'<table style="border-collapse:collapse"><caption>Losses at the end</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    style = "display:flex;flex-wrap:wrap;gap:12px 24px;align-items:center"
    return HtmlBlock(f'<div style="{style}">{drawing}{table}</div>', said)


def _line(method, path):
    """Draw a path and the mark at its end, as SVG."""
    colour, dashes, mark = LOOKS[method]
    kept = path[np.unique(np.linspace(0, len(path) - 1, POINTS).astype(int))]
    points = " ".join("{:.0f},{:.0f}".format(*place(*each)) for each in kept)
    px, py = place(*path[-1])
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" '
        f'stroke-dasharray="{dashes}"/><text x="{px:.1f}" y="{py + 6:.1f}" text-anchor="middle" '
        f'font-size="17" fill="{colour}" stroke="#fff" stroke-width="0.7">{mark}</text>'
    )


def _row(method, path):
    """Return a row of the table: both losses at the end of a path, before task 2 is scaled."""
    colour, _, mark = LOOKS[method]
    first, second = look(*path[-1])[0]
    where = "in a valley" if is_stuck(path) else "below the valleys"
    numbers = "".join(
        f'<td style="text-align:right;padding:2px 8px">{value:.1f}</td>'
        for value in (first, second)
    )
    return (
        f'<tr><td style="padding:2px 8px"><span style="color:{colour}">{mark}</span> {method}</td>'
        f'{numbers}<td style="padding:2px 8px">{where}</td></tr>'
    )


def make_twin():
    """Return the same drawing for a few starts, scales and rates, chosen by menus."""
    frames = [
        frame(*start, scale, rate)
        for start in TWIN["Start"].values()
        for scale in TWIN["Task 2 times"].values()
        for rate in TWIN["Rate"].values()
    ]
    return widgets.frame_chooser(frames, {name: list(each) for name, each in TWIN.items()})


def explore_paths(twin):
    """Let the reader choose the start, the scale of task 2 and the rate.

    Returns an `mm.widgets.Live`; ``twin`` is HTML to show where there is no kernel.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    slider = {"min": -9.0, "max": 9.0, "step": 0.5, "continuous_update": False}
    choose = ipywidgets.SelectionSlider
    controls = {
        "x": ipywidgets.FloatSlider(-8.5, **slider, description="Start, first weight"),
        "y": ipywidgets.FloatSlider(7.5, **slider, description="Start, second weight"),
        "scale": choose(options=SCALES, value=1.0, description="Task 2 times"),
        "rate": choose(options=RATES, value=0.005, description="Rate"),
    }
    return widgets.live(frame, controls, twin)
