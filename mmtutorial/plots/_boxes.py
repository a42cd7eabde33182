"""Boxes and arrows of drawings of models."""

from mmtutorial.plots._pyplot import plt
from mmtutorial.plots.colours import COLOURS


def draw_box(axis, left, bottom, width, height, text, kind, *, size=8.5) -> None:
    """Draw a box with a text in it, in the colour of a kind of `COLOURS`."""
    axis.add_patch(
        plt.Rectangle((left, bottom), width, height, facecolor=(COLOURS[kind], 0.15),
                      edgecolor=COLOURS[kind], linewidth=1.2)
    )  # fmt: skip
    axis.text(left + width / 2, bottom + height / 2, text, ha="center", va="center", fontsize=size)


def draw_arrow(axis, start, end) -> None:
    """Draw an arrow from one place to another."""
    axis.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "0.5", "lw": 1.2})
