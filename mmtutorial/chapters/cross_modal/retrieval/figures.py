"""The figures of the chapter "Retrieval and zero-shot"."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial.plots._labels import label_lines
from mmtutorial.plots._pictures import check_pictures, show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS

LETTERS = 16  # of a line below a picture


@style()
def result_rows(rows: Mapping[str, tuple[Sequence[np.ndarray], Sequence[bool]]], *, title: str):
    """Show what each query found, best first: a row of pictures per query, right ones framed.

    ``rows`` maps a query to its pictures, and to which of them are right. All have as many.
    """
    count = max(len(pictures) for pictures, _ in rows.values())
    figure, axes = plt.subplots(
        len(rows), count, figsize=(0.85 * count + 1.6, 0.95 * len(rows) + 0.4), squeeze=False
    )
    for line, (query, (pictures, right)) in zip(axes, rows.items(), strict=True):
        for axis, picture, hit in zip(line, check_pictures("rows", pictures), right, strict=True):
            show_picture(axis, picture)
            axis.set(xticks=[], yticks=[])
            if hit:
                axis.spines[:].set(visible=True, color=COLOURS["joint"], linewidth=2.5)
                axis.set_xlabel("✓", color=COLOURS["joint"], labelpad=0)
        line[0].set_ylabel(query, rotation=0, ha="right", va="center", labelpad=8)
    headline(figure, title)
    return figure


@style()
def error_gallery(kinds: Mapping[str, Sequence[tuple]], *, title: str):
    """Show errors side by side: what was asked, and below it what was answered, a column each.

    ``kinds`` maps the name of a kind to ``(picture asked, its name, picture answered, its name)``,
    as many for each kind.
    """
    columns = sum(len(errors) for errors in kinds.values())
    figure, axes = plt.subplots(2, columns, figsize=(1.15 * columns, 3.4), squeeze=False)
    column = 0
    for kind, errors in kinds.items():
        for place, (asked, name, answered, other) in enumerate(errors):
            for axis, picture, words in zip(
                axes[:, column], (asked, answered), (name, other), strict=True
            ):
                show_picture(axis, picture)
                axis.set(xticks=[], yticks=[])
                axis.set_xlabel(fill(words, LETTERS), fontsize=8)
            if not place:
                axes[0, column].set_title(kind, fontsize=9)
            column += 1
    for axis, label in zip(axes[:, 0], ("asked", "answered"), strict=True):
        axis.set_ylabel(label)
    headline(figure, title)
    return figure


@style()
def label_curve(
    labels: ArrayLike,
    probe: Sequence[Sequence[float]],
    lines: Mapping[str, float],
    *,
    title: str,
    chance: float,
):
    """Draw a supervised probe over the number of its labels, beside models that need none.

    ``labels`` is ``(steps,)``, ``probe`` an interval for each step, ``lines`` maps the name of a
    model to its accuracy.
    """
    figure, axis = plt.subplots(figsize=(6.4, 3.6))
    mean, low, high = np.array(probe).T
    axis.fill_between(labels, low, high, color=COLOURS["image"], alpha=0.2, linewidth=0)
    axis.plot(labels, mean, "o-", color=COLOURS["image"])
    ends = {"linear probe": (labels[-1], mean[-1])}
    styles = zip(("text", "joint", "accent"), ("--", "-.", (0, (3, 1, 1, 1))), strict=True)
    for (name, value), (role, line) in zip(lines.items(), styles, strict=False):
        axis.axhline(value, color=COLOURS[role], linestyle=line)
        ends[name] = (axis.get_xlim()[1], value)
    axis.axhline(chance, color=COLOURS["chance"], linestyle=":")
    ends["largest group"] = (axis.get_xlim()[1], chance)
    axis.set(title=title, xlabel="labelled drawings", ylabel="accuracy", xscale="log", ylim=(0, 1))
    axis.grid()
    label_lines(axis, ends)
    return figure
