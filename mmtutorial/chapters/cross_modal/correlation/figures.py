"""Noise against theory, emoji where their canonical variates are, ends of directions; deep CCA."""

import numpy as np

from mmtutorial.plots._boxes import draw_panels, draw_rows, rows_height
from mmtutorial.plots._labels import label_lines
from mmtutorial.plots._pictures import show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS, MARKERS

REACH = 2.6  # how far a plot of canonical variates goes, in standard deviations
SIDE = 0.24  # half the side of a picture in it
INK = 0.6  # above this correlation, a number in a cell is black


@style()
def noise_lines(items, curves, *, title):
    """Draw the first canonical correlation of noise against the number of items.

    ``curves`` maps a label to a pair: what was measured, ``(items,)``, drawn as markers, and the
    limit, ``(x, y)``, drawn as a line.
    """
    figure, axis = plt.subplots(figsize=(6.4, 3.2))
    ends = {}
    for (label, (values, theory)), (colour, marker) in zip(curves.items(), MARKERS, strict=False):
        axis.plot(*theory, color=colour, linewidth=1.5)
        axis.plot(items, values, marker, color=colour, label=label, markersize=6)
        ends[label] = (items[-1], values[-1])
    axis.set(title=title, xlabel="independent pairs", ylabel="first canonical correlation")
    axis.set(xscale="log", ylim=(0, 1.04))
    axis.grid()
    label_lines(axis, ends)
    return figure


@style()
def relation_panels(panels, pictures, *, title):
    """Put each picture where its two canonical variates are: on the diagonal, if they agree.

    ``panels`` maps a title to ``(f, g)``, the variates of the images and of the texts, ``(items,)``
    each; ``pictures`` are ``(items, height, width, 3)``.
    """
    size = (3.1 * len(panels) + 0.3, 3.6)
    figure, axes = plt.subplots(1, len(panels), figsize=size, squeeze=False)
    for axis, (name, (f, g)) in zip(axes[0], panels.items(), strict=True):
        axis.plot([-REACH, REACH], [-REACH, REACH], ":", color=COLOURS["chance"], zorder=0)
        for x, y, picture in zip(np.clip(f, -REACH, REACH), np.clip(g, -REACH, REACH), pictures,
                                 strict=True):  # fmt: skip
            axis.imshow(picture, extent=(x - SIDE, x + SIDE, y - SIDE, y + SIDE), zorder=2)
        reach = REACH + SIDE
        axis.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=name)
        axis.set(xlabel="f of the picture", ylabel="g of its words")
    headline(figure, title)
    return figure


@style()
def direction_ends(low, high, words, *, title):
    """Show the pictures at both ends of a direction, a row each, below the words there.

    ``low`` and ``high`` are pictures, as many each; ``words`` two texts.
    """
    figure = plt.figure(figsize=(4.4, 2.8))
    parts = figure.subfigures(2)
    for part, pictures, text, end in zip(parts, (low, high), words, ("low", "high"), strict=True):
        for axis, picture in zip(part.subplots(1, len(pictures)), pictures, strict=True):
            axis.axis("off")
            show_picture(axis, picture)
        part.suptitle(f"{end}: {text}", x=0.01, ha="left", fontsize="medium")
    headline(figure, title)
    return figure


@style()
def view_table(names, values, *, title):
    """Show a number from 0 to 1 for each pair of views, ``(views, views)``; NaN stays blank."""
    figure, axis = plt.subplots(figsize=(4.6, 3.9))
    shown = axis.imshow(values, cmap="cividis", vmin=0, vmax=1)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            ink = "black" if value > INK else "white"
            text = f"{value:.2f}".removeprefix("0")
            axis.text(column, row, text, ha="center", va="center", color=ink)
    for axis_names in (axis.set_xticks, axis.set_yticks):
        axis_names(range(len(names)), names)
    axis.set(title=title)
    axis.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axis, label="correlation", fraction=0.05, pad=0.03)
    return figure


@style()
def deep_cca():
    """Draw deep CCA: a network in front of each view, and what its loss is made of."""
    sides = {
        "image": [("picture", "$x$"), ("network of its own", "$a$")],
        "text": [("words", "$y$"), ("network of its own", "$b$")],
    }
    together = [
        ("over a batch: whiten both, multiply", ""),
        ("singular values: the correlations", "$\\rho_k$"),
        ("loss: minus their sum", ""),
    ]
    figure, (axis,) = draw_panels(3.4, rows_height(5), ["Deep CCA"])
    draw_rows(axis, sides, together, wide=1.55)
    return figure
