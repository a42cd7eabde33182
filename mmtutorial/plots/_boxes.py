"""Boxes, arrows, signs and rows of cells: what the drawings of models are made of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import INK, headline
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = 0.26  # inches: a line of a title
MARGIN = 0.1  # inches, around the panels
GAP = 0.2  # between them
LINE = 1.2  # points
GREY = "0.5"
BESIDE = 0.07  # inches, from an arrow to its text
SYMBOL = 11  # points, for 10 CSS pixels of its index
RADIUS = 0.12  # of a sign
CELL = 0.25  # the height of a cell of a vector, and how wide it is
LEADING = 1.25  # heights of a letter from line to line
BEHIND = 0.04  # from one box of a stack to the next
EMPTY = {"facecolor": "none", "linestyle": (0, (3, 2))}  # of what is absent
EDGE = 0.02  # inches, so that no line is cut
HIGH, APART = 0.3, 0.29  # a box, and from one row of boxes to the next


def draw_panels(
    width: float, height: float, titles: Sequence[str], *, title: str = ""
) -> tuple["Figure", list["Axes"]]:
    """Return a figure and its panels, in one row, for drawings whose unit is an inch.

    A panel is ``width`` by ``height``; up to 3.45 inches it fits on a phone, where panels come one
    below the other. ``title`` stands above all.
    """
    lines = 1 + titles[0].count("\n") + bool(title)
    across = len(titles) * (width + MARGIN) + (len(titles) - 1) * GAP
    size = (across, height + MARGIN + lines * TITLE)
    figure, axes = plt.subplots(1, len(titles), figsize=size, squeeze=False)
    figure.get_layout_engine().set(w_pad=MARGIN / 2, wspace=GAP * len(titles) / across, hspace=0.03)
    for axis, name in zip(axes[0], titles, strict=True):
        axis.set(xlim=(0, width), ylim=(0, height), aspect="equal", anchor="N")  # below its title
        axis.set_title(name, loc="left")
        axis.axis("off")
    if title:
        headline(figure, title)
    return figure, list(axes[0])


def draw_box(axis, left, bottom, width, height, text, kind, *, size=8.5, absent=False) -> None:
    """Draw a box with a text in it, in the colour of a kind of `COLOURS`; empty what is absent."""
    look = EMPTY if absent else {"facecolor": (COLOURS[kind], 0.15)}
    axis.add_patch(
        plt.Rectangle((left, bottom), width, height, edgecolor=COLOURS[kind], linewidth=LINE,
                      **look)
    )  # fmt: skip
    lines = text.split("\n")  # each by itself, or only the widest would be in the middle of an SVG
    middle = (left + width / 2, bottom + height / 2)
    for place, line in enumerate(lines):
        up = (0, LEADING * size * ((len(lines) - 1) / 2 - place))
        axis.annotate(line, middle, up, textcoords="offset points", ha="center", va="center",
                      fontsize=size)  # fmt: skip


def draw_stack(axis, left, bottom, width, height, text, kind, *, size=8.5) -> None:
    """Draw a box with the edges of two more behind it: several of the same kind."""
    draw_box(axis, left, bottom, width, height, text, kind, size=size)
    for step in (BEHIND, 2 * BEHIND):
        right, top = left + width + step, bottom + height + step
        edge = [(left + step, top - BEHIND), (left + step, top), (right, top),
                (right, bottom + step), (right - BEHIND, bottom + step)]  # fmt: skip
        axis.plot(*zip(*edge, strict=True), color=COLOURS[kind], linewidth=LINE)


def draw_cells(axis, left, bottom, texts, kind, *, down=False, width=CELL, size=8.5) -> None:
    """Draw a vector: a box for each text, from left to right or, if ``down``, from top to bottom.

    ``left`` and ``bottom`` are those of the first one.
    """
    for place, text in enumerate(texts):
        across, below = (0, place) if down else (place, 0)
        draw_box(
            axis, left + across * width, bottom - below * CELL, width, CELL, text, kind, size=size
        )


def draw_sign(axis, x, y, sign, *, kind="joint") -> None:
    """Draw a circle with ``"+"`` in it for a sum, ``"."`` for a product number by number."""
    axis.add_patch(
        plt.Circle((x, y), RADIUS, facecolor=(COLOURS[kind], 0.15), edgecolor=COLOURS[kind],
                   linewidth=LINE)
    )  # fmt: skip
    if sign == ".":
        axis.add_patch(plt.Circle((x, y), 0.2 * RADIUS, facecolor=INK, edgecolor="none"))
    else:
        arm = 0.6 * RADIUS
        axis.plot([x - arm, x + arm], [y, y], color=INK, linewidth=LINE)
        axis.plot([x, x], [y - arm, y + arm], color=INK, linewidth=LINE)


def draw_arrow(axis, start, end, text="", *, corners=(), left=False) -> None:
    """Draw an arrow from one place to another, round the corners if there are any.

    ``text`` says what flows there: it stands to the right of the arrow's middle, or to its left;
    above it if it goes across.
    """
    arrow = {"arrowstyle": "->", "color": GREY, "lw": LINE}
    (x, y), (to_x, to_y) = corners[-1] if corners else start, end
    if corners:
        draw_line(axis, start, *corners)
        arrow["shrinkA"] = 0
    axis.annotate("", end, (x, y), arrowprops=arrow)
    x, y = (x + to_x) / 2, (y + to_y) / 2
    if text and y == to_y:
        axis.text(x, y + BESIDE / 2, text, ha="center", va="bottom", fontsize=SYMBOL)
    elif text:
        ha, x = ("right", x - BESIDE) if left else ("left", x + BESIDE)
        axis.text(x, y, text, ha=ha, va="center", fontsize=SYMBOL)


def draw_line(axis, *places) -> None:
    """Draw a line through places, as grey as an arrow."""
    axis.plot(*zip(*places, strict=True), color=GREY, linewidth=LINE, solid_capstyle="round")


def rows_height(rows: int) -> float:
    """Return how high a panel is for a number of rows of boxes."""
    return rows * (HIGH + APART) - APART + 2 * EDGE


def draw_rows(axis, sides, together, *, wide) -> None:
    """Draw rows of boxes and the arrows between them: one side for each modality, then both.

    ``sides`` maps two kinds of `COLOURS` to boxes from top to bottom, ``together`` are those below;
    each is ``(text, flow)``: what stands in it, and what it hands on. ``wide`` is a box of a side.
    """
    width, top = axis.get_xlim()[1], axis.get_ylim()[1] - EDGE - HIGH
    for (kind, boxes), left in zip(sides.items(), (EDGE, width - wide - EDGE), strict=True):
        for row, (text, flow) in enumerate(boxes):
            bottom, middle = top - row * (HIGH + APART), left + wide / 2
            draw_box(axis, left, bottom, wide, HIGH, text, kind, size=9)
            draw_arrow(axis, (middle, bottom), (middle, bottom - APART), flow)
    for row, (text, flow) in enumerate(together):
        bottom = top - (row + max(map(len, sides.values()))) * (HIGH + APART)
        draw_box(axis, EDGE, bottom, width - 2 * EDGE, HIGH, text, "joint", size=9)
        if row < len(together) - 1:
            draw_arrow(axis, (width / 2, bottom), (width / 2, bottom - APART), flow)
