"""The same figure for a phone: its panels one below the other, its letters as large as before."""

from textwrap import fill
from typing import TYPE_CHECKING

from mmtutorial.plots._labels import MARK, find_labels
from mmtutorial.plots._style import PIXELS, STYLE, headline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PHONE = 343  # CSS pixels: the width of a text on a phone of 375
NARROW = 3.55  # inches, a little less
LEAST_LABEL = 10  # CSS pixels
LETTER = 0.55  # of the font's size, the width of a letter on average


def smallest_label(figure: "Figure", *, drawn: bool = False) -> float:
    """Return the height of the smallest letters of a figure in CSS pixels; infinity for none.

    Before a figure has been ``drawn``, its ticks say nothing; then it is drawn here.
    """
    from matplotlib.text import Text

    if not drawn:
        figure.draw_without_rendering()
    off = {
        text
        for axis in figure.axes
        if not axis.axison
        for side in (axis.xaxis, axis.yaxis)
        for text in side.findobj(Text)
    }
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text not in off]
    sizes = [text.get_fontsize() for text in shown if text.get_text().strip()]
    return min(sizes, default=float("inf")) * PIXELS / 72


def least_width(figure: "Figure", *, drawn: bool = False) -> int:
    """Return how wide a figure must be shown, in CSS pixels, so that each letter can be read."""
    enlarged = LEAST_LABEL / smallest_label(figure, drawn=drawn)
    return round(figure.get_figwidth() * PIXELS * min(1, enlarged))


def make_narrow(figure: "Figure") -> bool:
    """Lay a figure out anew in the width of a phone; say whether that can be done.

    Panels in one row come one below the other, pictures as many in a row as there is room for. The
    rows of a grid may mean something, and words may have been placed by hand: those stay. Drawings,
    whose axes are off, are moved as they are, if each is narrow enough.
    """
    panels = [axis for axis in figure.axes if axis.get_label() != "<colorbar>"]
    specs = [axis.get_subplotspec() for axis in panels]
    if len(panels) < len(figure.axes) or None in specs:
        return False
    rows, columns = specs[0].get_gridspec().get_geometry() if specs else (0, 0)
    if rows != 1 or len(panels) != columns:
        return False
    wide, high = figure.get_size_inches()
    pictures = any(axis.images for axis in panels)
    drawings = not pictures and columns > 1 and not any(axis.axison for axis in panels)
    if drawings:
        figure.draw_without_rendering()  # before, the panels have no size
        if wide * max(axis.get_position().width for axis in panels) > NARROW:
            return False
    placed_by_hand = [text for axis in panels for text in axis.texts if text.get_gid() != MARK]
    if (placed_by_hand and not drawings) or (pictures and columns == 1):
        return False
    # A picture may become a little smaller, if one more then fits into a row.
    across = max(1, int(NARROW / (wide / columns) + 0.25)) if pictures else 1
    down = -(-columns // across)
    grid = specs[0].get_gridspec().__class__(down, across, figure=figure)
    for place, axis in enumerate(panels):
        axis.set_subplotspec(grid[place // across, place % across])
    as_it_is = pictures or drawings or down == 1
    figure.set_size_inches(NARROW, high * down * (1 if as_it_is else 0.9))
    if not pictures and not drawings:
        _repeat_axis_names(panels)
    _fit_words(figure, panels)
    return True


def _repeat_axis_names(panels: list["Axes"]) -> None:
    """Give each panel the names that it shared with its neighbour, and only the last one others."""
    for axis in panels[1:]:
        axis.tick_params(labelleft=True)
        axis.set_ylabel(axis.get_ylabel() or panels[0].get_ylabel())
    if len({axis.get_xlabel() for axis in panels}) == 1:
        for axis in panels[:-1]:
            axis.set_xlabel("")


def _fit_words(figure, panels):
    """Break what is too long for the width, and put the title above the names of the rows."""
    from matplotlib.ticker import FixedFormatter

    room = figure.get_figwidth() * 72 / LETTER  # letters of one point
    title = figure.get_suptitle()
    if len(panels) == 1 and not title:
        title = panels[0].get_title(loc="left")
        panels[0].set_title("")
    if title:
        headline(figure, fill(title, int(room / STYLE["figure.titlesize"])))
    for axis in panels:
        for label in (axis.xaxis.label, axis.yaxis.label):
            label.set_text(fill(label.get_text(), int(0.7 * room / label.get_fontsize())))
        for label in find_labels(axis):
            label.set_text(fill(label.get_text(), 14))
        if isinstance(axis.yaxis.get_major_formatter(), FixedFormatter):  # names, not numbers
            names = [label.get_text() for label in axis.get_yticklabels()]
            axis.set_yticklabels([fill(name, 24) for name in names])
    for legend in figure.legends[:]:
        names = [text.get_text() for text in legend.get_texts()]
        longest = (max(map(len, names)) + 7) * STYLE["legend.fontsize"]  # with its line
        columns = max(1, min(len(names), int(room / longest)))
        figure.legend(legend.legend_handles, names, loc="outside lower center", ncols=columns)
        legend.remove()
