"""The figures of "Contrast": the model, a batch as a table, cosines, two clouds in one space."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_texts
from mmtutorial.plots._boxes import (
    APART,
    EDGE,
    HIGH,
    INK,
    SYMBOL,
    draw_arrow,
    draw_box,
    draw_panels,
)
from mmtutorial.plots._inputs import check_named
from mmtutorial.plots._pictures import check_pictures, show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

JOINED = 40  # pairs that are joined by a line
POINTS = 150  # of a modality that are drawn, about
SIDE = 0.32  # inches, of a cell of the table of a batch


@style()
def dual_encoder() -> "Figure":
    """Draw two encoders, the vectors of a batch of four, and the table of their cosines."""
    wide, table = 1.55, 4 * SIDE
    height = 3 * (HIGH + APART) + SIDE + table + 0.5
    figure, (axis,) = draw_panels(3.4, height, ["A dual encoder, and the table of a batch"])
    lefts = {"image": EDGE, "text": 3.4 - EDGE - wide}
    for kind, left in lefts.items():
        for row, text in enumerate((f"four {kind}s", "encoder", "linear map, length 1")):
            bottom, middle = height - EDGE - HIGH - row * (HIGH + APART), left + wide / 2
            draw_box(axis, left, bottom, wide, HIGH, text, kind, size=9)
            if row < 2:
                draw_arrow(axis, (middle, bottom), (middle, bottom - APART))
    top = bottom - APART - SIDE  # of the table, below the vectors of the texts
    left = lefts["text"] + (wide - table) / 2
    rows, place = (top - table / 2, lefts["image"] + wide / 2)
    draw_arrow(axis, (middle, bottom), (middle, top + SIDE), "$v_j$")
    draw_arrow(axis, (place, bottom), (left - SIDE, rows), "$u_i$", corners=[(place, rows)])
    for i in range(4):
        draw_box(axis, left + i * SIDE, top, SIDE, SIDE, str(i + 1), "text")
        draw_box(axis, left - SIDE, top - (i + 1) * SIDE, SIDE, SIDE, str(i + 1), "image")
        for j in range(4):
            draw_box(axis, left + j * SIDE, top - (i + 1) * SIDE, SIDE, SIDE, "", "joint")
        dot = (left + (i + 0.5) * SIDE, top - (i + 0.5) * SIDE)
        axis.add_patch(plt.Circle(dot, 0.09, facecolor=INK, edgecolor="none"))
    axis.text(left + table / 2, top - table - 0.15, "cosines $u_i^\\top v_j$", ha="center",
              va="center", fontsize=SYMBOL)  # fmt: skip
    return figure


@style()
def similarity_map(
    pictures: ArrayLike, texts: Sequence[str], panels: Mapping[str, ArrayLike], *, title: str
) -> "Figure":
    """Show a small batch as the loss sees it: a row for each picture, a column for each text.

    ``panels`` maps a name to a table of numbers ``(pictures, texts)``, such as cosines; right
    pairs stand on the diagonal, and are framed. Raises ``ValueError`` for other shapes.
    """
    pictures = check_pictures("pictures", pictures)
    texts = check_texts("texts", texts)
    wanted = (len(pictures), len(texts))
    tables = {
        name: check_array(f"panels[{name!r}]", table)
        for name, table in check_named("panels", panels, '{"cosines": table}').items()
    }
    for name, table in tables.items():
        if table.shape != wanted:
            raise ValueError(f"panels[{name!r}] must be of shape {wanted}, got {table.shape}")
    size = 0.46 * len(texts)
    figure = plt.figure(figsize=(0.7 + len(tables) * (size + 0.4), size + 1.6))
    grid = figure.add_gridspec(
        len(pictures), 1 + len(tables), width_ratios=[0.12, *[1] * len(tables)]
    )
    for row, picture in enumerate(pictures):
        axis = figure.add_subplot(grid[row, 0])
        show_picture(axis, picture)
        axis.set_axis_off()
    for column, (name, table) in enumerate(tables.items(), start=1):
        _draw_table(figure.add_subplot(grid[:, column]), name, table, texts)
    headline(figure, title)
    return figure


def _draw_table(axis, name, table, texts):
    axis.imshow(table, cmap="cividis", vmin=-0.2, vmax=0.8, aspect="auto")
    for (row, column), number in np.ndenumerate(table):
        ink = "white" if number < 0.4 else "black"
        label = f"{round(float(number), 1) + 0.0:.1f}".replace("-", "−")  # no minus before a 0
        axis.text(column, row, label, ha="center", va="center", color=ink, fontsize=7.5)
    for place in range(min(table.shape)):
        frame = plt.Rectangle((place - 0.5, place - 0.5), 1, 1, fill=False, edgecolor="white", lw=2)
        axis.add_patch(frame)
    axis.set_xticks(range(len(texts)), texts, rotation=50, ha="right", rotation_mode="anchor")
    axis.set_yticks([])
    axis.tick_params(length=0)
    axis.set_title(name)


@style()
def cosine_histograms(panels: Mapping[str, ArrayLike], *, title: str) -> "Figure":
    """Show how near right pairs are, and how near wrong ones: a panel for each model.

    ``panels`` maps a name to cosines ``(rows, rows)``, whose diagonal are the right pairs. Raises
    ``ValueError`` for what is no square.
    """
    panels = check_named("panels", panels, '{"model": cosines}')
    figure, axes = plt.subplots(
        1, len(panels), figsize=(3 * len(panels) + 0.6, 2.6), squeeze=False, sharex=True
    )
    bins = np.linspace(-1, 1, 61)
    for axis, (name, given) in zip(axes[0], panels.items(), strict=True):
        cosines = check_array(f"panels[{name!r}]", given)
        if cosines.ndim != 2 or cosines.shape[0] != cosines.shape[1]:
            raise ValueError(f"panels[{name!r}] must be a square, got shape {cosines.shape}")
        right = np.eye(len(cosines), dtype=bool)
        kinds = {"wrong pairs": (~right, "text", 0.5), "right pairs": (right, "joint", 0.7)}
        for label, (mask, colour, alpha) in kinds.items():
            axis.hist(cosines[mask], bins, density=True, color=COLOURS[colour], alpha=alpha,
                      label=label, hatch="//" if label == "wrong pairs" else None)  # fmt: skip
        axis.set(xlabel="cosine", yticks=[], title=name)
    axes[0][0].set_ylabel("density")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    headline(figure, title)
    return figure


@style()
def gap_panels(panels: Mapping[str, tuple[ArrayLike, ArrayLike]], *, title: str) -> "Figure":
    """Show where images and texts lie in the two main directions of their space: a panel per model.

    ``panels`` maps a name to embeddings of images and of texts, ``(rows, dim)`` each; of the same
    row, some pairs are joined by a line; of many rows, some hundred are drawn. Raises
    ``ValueError`` for other shapes.
    """
    panels = check_named("panels", panels, '{"model": (images, texts)}')
    figure, axes = plt.subplots(
        1, len(panels), figsize=(2.9 * len(panels) + 0.5, 3.3), squeeze=False
    )
    for axis, (name, (images, texts)) in zip(axes[0], panels.items(), strict=True):
        images, texts = (check_array(f"panels[{name!r}]", each) for each in (images, texts))
        if images.ndim != 2 or images.shape[1:] != texts.shape[1:]:
            shapes = f"{images.shape} and {texts.shape}"
            raise ValueError(f"panels[{name!r}] must be (rows, dim) of one dim, got {shapes}")
        both = np.concatenate([images, texts]).astype(float)
        mean = both.mean(axis=0)
        _, _, directions = np.linalg.svd(both - mean, full_matrices=False)
        seen, read = ((part - mean) @ directions[:2].T for part in (images, texts))
        step = max(1, len(seen) // JOINED)
        for one, other in zip(seen[::step], read[::step], strict=False):
            axis.plot(*np.stack([one, other]).T, color=COLOURS["chance"], linewidth=0.4, alpha=0.6)
        for part, marker, kind in ((seen, "s", "image"), (read, "D", "text")):
            drawn = part[:: max(1, len(part) // POINTS)]
            options = {"color": COLOURS[kind], "markersize": 2.5, "alpha": 0.7}
            axis.plot(*drawn.T, marker, label=f"{kind}s", **options)
        axis.set(title=name, xlabel="first direction", aspect="equal")
    axes[0][0].set_ylabel("second direction")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2,
                  markerscale=2)  # fmt: skip
    headline(figure, title)
    return figure
