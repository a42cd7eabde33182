"""The figures of "What is multimodal?": a timeline, a map of systems, samples, predictions."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import (
    check_array,
    check_counts,
    check_labels,
    check_list,
    check_number,
    check_text,
    check_texts,
    check_whole,
)
from mmtutorial._images import check_image
from mmtutorial.plots._boxes import draw_arrow, draw_box, draw_panels
from mmtutorial.plots._inputs import check_row, check_shares
from mmtutorial.plots._pictures import show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


ROLES = 2 * ("chance", "joint", "accent")  # no colour of one modality
SHAPES = "sDo^vP"
# Inches, of the map of systems: a box, from row to row, and the title of a family.
INPUT, BETWEEN, FAMILY = 0.2, 0.15, 0.36
KINDS = {"image": "image", "video": "image", "text": "text", "speech": "speech", "sound": "sound"}


@style()
def timeline(events: Sequence[tuple[int, str, str]], *, title: str) -> "Figure":
    """Draw a timeline: a row for each event, the oldest on top, a column for each topic.

    ``events`` is a sequence of (year, topic, text), with six topics at most; their columns come in
    the order of first appearance. Raises ``ValueError`` without events, for more topics, and where
    the years go back.
    """
    events = check_list("events", events, "(year, topic, text)")
    for i, event in enumerate(events):
        year, *texts = check_list(f"events[{i}]", event, "(year, topic, text)", count=3)
        check_whole(f"the year of events[{i}]", year)
        check_texts(f"events[{i}][1:]", texts)
    years = [year for year, _, _ in events]
    topics = list(dict.fromkeys(topic for _, topic, _ in events))
    if not 1 <= len(topics) <= len(ROLES):
        raise ValueError(f"events must name 1 to {len(ROLES)} topics, got {topics}")
    if years != sorted(years):
        raise ValueError(f"events must come in the order of their years, got {years}")
    figure, axis = plt.subplots(figsize=(6.7, 0.3 * len(events) + 1.4))
    columns = 0.6 + 0.27 * np.arange(len(topics))  # inches
    axis.vlines(columns, -0.6, len(events) - 0.4, color="#cccccc", linewidth=1)
    for row, (year, topic, text) in enumerate(events):
        place = topics.index(topic)
        axis.plot(columns[place], row, SHAPES[place], color=COLOURS[ROLES[place]], markersize=7)
        axis.text(0.42, row, year, ha="right", va="center", fontsize=10)
        axis.text(columns[-1] + 0.2, row, text, va="center", fontsize=10)
    for place, topic in zip(columns, topics, strict=True):
        axis.text(place, -0.9, topic, rotation=50, ha="left", va="bottom", fontsize=9)
    axis.set(xlim=(0, 6.7), ylim=(len(events) - 0.3, -4.2))
    axis.axis("off")
    headline(figure, title)
    return figure


@style()
def system_map(
    families: Mapping[str, Sequence[tuple[str, int, Sequence[str], Sequence[str]]]],
) -> "Figure":
    """Draw what systems take and give: a row for each, under the title of its family.

    ``families`` maps a title to systems, each (name, year, what goes in, what comes out). Three
    families stand side by side, the others below them.
    """
    titles, systems = list(families), list(families.values())
    tiers = [range(first, min(first + 3, len(titles))) for first in range(0, len(titles), 3)]
    heights = [_row_heights([systems[place] for place in tier]) for tier in tiers]
    total = sum(map(sum, heights)) + FAMILY * (len(tiers) - 1) - BETWEEN + 0.04
    figure, axes = draw_panels(2.5, total, titles[:3])
    top = total - 0.02
    for number, (tier, rows) in enumerate(zip(tiers, heights, strict=True)):
        for axis, place in zip(axes, tier, strict=False):
            if number:
                axis.text(0, top + 0.1, titles[place], fontsize=10)
            below = top
            for height, system in zip(rows, systems[place], strict=False):
                _draw_system(axis, below - (height - BETWEEN) / 2, *system)
                below -= height
        top -= sum(rows) + FAMILY
    return figure


def _row_heights(families):
    """Return how high the rows are that families side by side share."""
    rows = zip_longest(*families)
    most = [max(max(map(len, system[2:])) for system in row if system) for row in rows]
    return [max(0.46, INPUT * boxes) + BETWEEN for boxes in most]


def _draw_system(axis, middle, name, year, inputs, outputs):
    """Draw a system in a row: boxes of what goes in, its name, boxes of what comes out."""
    high = 0.16 + 0.15 * (1 + len(name.split("\n")))
    _draw_column(axis, 0.02, 0.56, middle, inputs, "chance")
    draw_arrow(axis, (0.58, middle), (0.75, middle))
    draw_box(axis, 0.75, middle - high / 2, 0.94, high, f"{name}\n{year}", "joint")
    draw_arrow(axis, (1.69, middle), (1.86, middle))
    _draw_column(axis, 1.86, 0.62, middle, outputs, "joint")


def _draw_column(axis, left, width, middle, texts, other):
    """Draw boxes one below the other, each in the colour of its modality, or in another one."""
    for step, text in enumerate(texts):
        bottom = middle + (len(texts) / 2 - 1 - step) * INPUT
        draw_box(axis, left, bottom, width, INPUT, text, KINDS.get(text, other))


@style()
def raw_views(
    image: ArrayLike,
    text: str,
    wave: ArrayLike,
    spectrum: ArrayLike,
    *,
    sample_rate: float,
    step: float = 0.010,
) -> "Figure":
    """Show what a computer gets of one item: pixels, codes of letters, a waveform, its log-mel.

    ``image`` is (height, width, 3), ``wave`` (samples,), ``spectrum`` (frames, bands) with a frame
    each ``step`` seconds. Of a long text, the first 40 letters are shown. Raises ``ValueError`` for
    arrays of other shapes, and for a rate or a step that is not above 0.
    """
    check_number("sample_rate", sample_rate, above=0)
    check_number("step", step, above=0)
    image, text = check_image("image", image), check_text("text", text)
    wave, spectrum = check_row("wave", wave), check_array("spectrum", spectrum)
    if spectrum.ndim != 2 or not spectrum.size:
        raise ValueError(f"spectrum must have shape (frames, bands), got {spectrum.shape}")
    figure, axes = plt.subplot_mosaic("ab;cd", figsize=(8, 5.4), width_ratios=(1, 1.35))
    show_picture(axes["a"], image)
    axes["a"].set(xlabel="column", ylabel="row", title="photograph")
    letters = text[:40]
    for place, letter in enumerate(letters):
        across, down = place % 10, place // 10
        axes["b"].text(across, down, letter, ha="center", fontsize=13)
        axes["b"].text(across, down + 0.35, ord(letter), ha="center", fontsize=8, color="#555555")
    axes["b"].set(xlim=(-0.6, 9.6), ylim=(len(letters) // 10 + 0.7, -0.9), title="caption")
    axes["b"].axis("off")
    seconds = np.arange(len(wave)) / sample_rate
    axes["c"].plot(seconds, wave, color=COLOURS["sound"], linewidth=0.5)
    axes["c"].set(xlabel="seconds", ylabel="air pressure", title="sound: waveform")
    extent = (0, len(spectrum) * step, 0, spectrum.shape[1])
    shown = axes["d"].imshow(spectrum.T, origin="lower", aspect="auto", extent=extent)
    axes["d"].set(xlabel="seconds", ylabel="mel band (pitch)", title="sound: log-mel")
    figure.colorbar(shown, ax=axes["d"], label="log power")
    return figure


@style()
def probability_panel(
    images: Sequence[ArrayLike | None],
    evidence: Sequence[str],
    probabilities: ArrayLike,
    truth: ArrayLike,
    classes: Sequence[str],
) -> "Figure":
    """Show, for a few items, what is known of each and what a model predicts from it.

    ``images`` are (128, 128, 3) pictures, or None where it has not been seen; ``evidence`` one
    short text each; ``probabilities`` is (items, classes); ``truth`` (items,) of
    int; ``classes`` their names. The true class has a hatched bar and a bold number. Raises
    ``ValueError`` without items, if their counts or those of the classes differ, and for a true
    class that does not exist.
    """
    images = [
        None if image is None else check_image(f"images[{i}]", image)
        for i, image in enumerate(check_list("images", images, "pictures, or None for the unseen"))
    ]
    evidence, classes = check_texts("evidence", evidence), check_texts("classes", classes)
    probabilities, truth = (
        check_shares("probabilities", probabilities),
        check_labels("truth", truth, classes=len(classes)),
    )
    count = check_counts({"images": images, "evidence": evidence, "truth": truth})
    if probabilities.shape != (count, len(classes)):
        raise ValueError(
            f"probabilities must have shape {(count, len(classes))}, one for each of the images "
            f"and a number for each of the classes, got {probabilities.shape}"
        )
    size = {"figsize": (2.1 * count + 1.1, 5.6), "height_ratios": (1, 1.5)}
    figure, axes = plt.subplots(2, count, sharey="row", squeeze=False, **size)
    places = np.arange(len(classes))
    for column, (picture, axis) in enumerate(axes.T):
        if images[column] is None:
            picture.text(64, 64, "?", ha="center", va="center", fontsize=40, color="#777777")
        unseen = np.full((128, 128, 3), 235, np.uint8)
        shown = unseen if images[column] is None else images[column]
        show_picture(picture, shown, interpolation=None)
        picture.set_title(evidence[column], fontsize=9)
        picture.set(xticks=[], yticks=[])
        right = places == truth[column]
        for chosen, hatch in ((~right, ""), (right, "///")):
            colour = COLOURS["joint"] if hatch else "#9aa5ad"
            axis.barh(places[chosen], probabilities[column][chosen], color=colour, hatch=hatch)
        for place, value in zip(places, probabilities[column], strict=True):
            weight = "bold" if place == truth[column] else "normal"
            axis.text(value + 0.02, place, f"{value:.2f}", va="center", fontsize=8, weight=weight)
        axis.set(xlim=(0, 1.3), xlabel="probability", xticks=[0, 0.5, 1])
    axes[1][0].set_yticks(places, classes)
    axes[1][0].set_ylim(len(classes) - 0.5, -0.5)
    return figure
