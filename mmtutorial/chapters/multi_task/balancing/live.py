"""The live figure: choose unit and noise of one task, and see where each weighting goes."""

from functools import lru_cache

import numpy as np

from mmtutorial import plots, widgets
from mmtutorial._optional import load_optional
from mmtutorial.chapters.multi_task.balancing.comparison import write_name
from mmtutorial.chapters.multi_task.balancing.compromise import METHODS, leaning, settle
from mmtutorial.plots._labels import label_lines
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style
from mmtutorial.plots.colours import COLOURS
from mmtutorial.results import Table
from mmtutorial.widgets._html import HtmlBlock

UNITS, NOISES, STEPS = (0.1, 0.3, 1.0, 3.0, 10.0), (0.0, 1.0, 4.0, 16.0), (510, 2000)
MEAN_OF = 100  # last steps, over which a weight that swings is averaged
RUNNING, POINTS = 34, 300  # steps in a running mean; points that a curve is drawn by
LINES = {  # of the weightings in one panel: colour and dashes
    "equal": (COLOURS["chance"], "-"),
    "random": (COLOURS["sound"], "-"),
    "uncertainty": (COLOURS["image"], "--"),
    "inverse": (COLOURS["joint"], "-"),
    "dynamic": (COLOURS["accent"], ":"),
    "gradnorm": (COLOURS["text"], "-."),
}


@lru_cache(maxsize=256)
def lean(method, unit, noise, steps):
    """Return weights ``(steps, 2)``, losses, and how far they lean to task B, ``(steps,)``."""
    weights, losses, _ = settle(method, unit=unit, noise=noise, steps=steps)
    return weights, losses, leaning(weights, unit)


@style()
def leaning_lines(leanings, *, title):
    """Draw how far each weighting leans to task B over the steps, ``{weighting: (steps,)}``.

    Each curve is the running mean of some steps, for there are weights that swing or are drawn.
    """
    figure, axis = plt.subplots(figsize=(6.4, 3.2))
    ends = {}
    for name, values in leanings.items():
        (colour, line), label = LINES[name], write_name(name)
        smooth = np.convolve(values, np.ones(RUNNING) / RUNNING, mode="valid")
        steps = np.arange(RUNNING, len(values) + 1)
        kept = np.unique(np.linspace(0, len(smooth) - 1, POINTS).astype(int))
        width = 1 if name == "random" else 1.8
        axis.plot(steps[kept], smooth[kept], line, color=colour, label=label, linewidth=width)
        ends[label] = (steps[-1], smooth[-1])
    axis.set(title=title, xlabel="step", ylabel="share of B, its unit undone")
    axis.set(ylim=(-0.03, 1.03))
    axis.grid()
    label_lines(axis, ends)
    return figure


def draw(unit, noise, steps):
    """Draw where all weightings lean, step by step."""
    leanings = {name: lean(name, unit, noise, steps)[2] for name in METHODS}
    title = f"Labels of task B times {unit:g}, noise of variance {noise:g}"
    return leaning_lines(leanings, title=title)


def describe(unit, noise, steps):
    """Say in a sentence where each weighting leans in the end."""
    ends = {name: lean(name, unit, noise, steps)[2][-MEAN_OF:].mean() for name in METHODS}
    said = ", ".join(f"{write_name(name)} {share:.2f}" for name, share in ends.items())
    return f"Share of task B at the end, its unit undone: {said}."


def frame(unit, noise, steps):
    """Show the figure and a table of the weights at the end, as HTML."""
    figure = draw(unit, noise, steps)
    said = describe(unit, noise, steps)
    columns = {"weight of A": {}, "weight of B": {}, "1 / (2 loss of B)": {}}
    for name in METHODS:
        weights, losses, _ = lean(name, unit, noise, steps)
        values = (*weights[-MEAN_OF:].mean(axis=0), np.mean(0.5 / losses[-MEAN_OF:, 1]))
        for column, value in zip(columns.values(), values, strict=True):
            column[write_name(name)] = f"{value:.3g}"
    caption = f"How much task B counts, and below the weights, mean of the last {MEAN_OF} steps."
    shown = plots.show(figure, caption=caption, alt=said)
    return HtmlBlock(shown._repr_html_() + Table(columns)._repr_html_(), said)


def make_twin():
    """Return two sliders that need no kernel: one for the unit, one for the noise."""
    kinds = {
        "Labels of B times": [(unit, 0.0, STEPS[-1]) for unit in UNITS],
        "Noise of B": [(1.0, noise, STEPS[-1]) for noise in NOISES],
    }
    sliders = []
    for place, (name, choices) in enumerate(kinds.items()):
        labels = [f"{choice[place]:g}" for choice in choices]
        sliders.append(
            widgets.figure_slider(
                [draw(*choice) for choice in choices],
                labels,
                description=name,
                alt=[describe(*choice) for choice in choices],
                start=2 if place == 0 else 0,
            )
        )
    return "".join(slider._repr_html_() for slider in sliders)


def explore_weights(twin):
    """Let the reader choose unit and noise of task B, and the number of steps.

    ``twin`` is HTML for where there is no kernel. Returns an `mm.widgets.Live`.
    """
    ipywidgets = load_optional("ipywidgets", "a live figure")
    slider = ipywidgets.SelectionSlider
    controls = {
        "unit": slider(options=UNITS, value=1.0, description="Labels of B times"),
        "noise": slider(options=NOISES, value=0.0, description="Noise of B"),
        "steps": slider(options=(*STEPS, 5000), value=STEPS[0], description="Steps"),
    }
    return widgets.live(frame, controls, twin)
