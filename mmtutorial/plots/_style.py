"""One look for all figures: quiet axes, a light grid, the title on the left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mmtutorial.plots._pyplot import plt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#1a1a1a"  # of letters and axes; in an SVG, the colour of the text around it
PIXELS = 96  # CSS pixels per inch, as browsers have it

STYLE = {
    "font.size": 9,  # points: 12 CSS pixels
    "axes.titlesize": 10,
    "figure.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    **dict.fromkeys(("axes.edgecolor", "axes.labelcolor", "grid.color", "hatch.color"), INK),
    **dict.fromkeys(("text.color", "xtick.color", "ytick.color"), INK),
    "grid.alpha": 0.15,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",  # letters stay letters
    "svg.hashsalt": "mmtutorial",  # the same bytes each time
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the style of the book's figures; afterwards, all is as it was before.

    Use it around a figure of your own, ``with mm.plots.style():``, or on a function that draws.

    >>> import matplotlib.pyplot as plt
    >>> with style():
    ...     figure, axis = plt.subplots()
    >>> axis.spines["top"].get_visible()
    False
    """
    with plt.rc_context(STYLE):
        yield


def headline(figure: "Figure", title: str) -> None:
    """Write the title of a figure of several panels above them, on the left."""
    figure.suptitle(title, x=0.01, ha="left")
