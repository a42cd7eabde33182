"""The figures that show samples, and what models make of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from mmtutorial._checks import (
    check_choice,
    check_counts,
    check_list,
    check_number,
    check_texts,
    check_whole,
)
from mmtutorial.plots._inputs import check_named, check_row
from mmtutorial.plots._pictures import check_pictures, show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@style()
def image_grid(
    images: ArrayLike | Sequence[ArrayLike],
    titles: Sequence[str] | None = None,
    *,
    columns: int = 6,
    title: str | None = None,
    size: float = 1.3,
) -> "Figure":
    """Show images side by side, each with a short title.

    ``images`` is ``(count, height, width, channels)``, bytes or floats in 0..1, or a list of images
    of any sizes; one channel, or none, is gray. ``titles`` are one string each; ``size`` is the
    width of one in inches. Raises ``ValueError`` without images or a column, for a single image,
    for floats out of range, or if the titles do not match.
    """
    check_whole("columns", columns, least=1)
    check_number("size", size, above=0, most=40)
    images = check_pictures("images", images)
    count = len(images)
    titles = [""] * count if titles is None else check_texts("titles", titles)
    check_counts({"images": images, "titles": titles})
    columns = min(columns, count)
    rows = -(-count // columns)
    lines = max(text.count("\n") + 1 if text else 0 for text in titles)
    height = size + 0.16 * lines + 0.04  # inches, for a line of 9 points
    figsize = (size * columns, height * rows + (0.25 if title else 0))
    figure, axes = plt.subplots(rows, columns, figsize=figsize, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
        axis.set_anchor("N")  # below its title, for which the layout then keeps room
    for axis, image, text in zip(axes.flat, images, titles, strict=False):
        show_picture(axis, image)
        axis.set_title(text, fontsize=9)
    if title:
        headline(figure, title)
    return figure


@style()
def late_fusion_panel(
    weights: ArrayLike,
    curve: ArrayLike,
    chosen: int,
    images: ArrayLike | Sequence[ArrayLike],
    labels: Sequence[tuple[str, str]],
) -> "Figure":
    """Show what one weight of late fusion means: the curve it lies on, and six decisions.

    ``weights`` and ``curve`` (accuracies) are ``(count,)``, ``chosen`` the index of the one shown;
    ``images`` are six pictures and ``labels`` six pairs (above, below) of text. Raises
    ``ValueError`` for another number of them.
    """
    weights, curve = check_row("weights", weights), check_row("curve", curve)
    check_choice("chosen", chosen, range(check_counts({"weights": weights, "curve": curve})))
    images, labels = check_pictures("images", images), check_list("labels", labels, "pairs of text")
    labels = [check_texts(f"labels[{i}]", pair, count=2) for i, pair in enumerate(labels)]
    check_counts({"images": images, "labels": labels}, count=6)
    figure, axes = plt.subplot_mosaic(
        "ccc012;ccc345", figsize=(9, 4.2), gridspec_kw={"hspace": 0.55, "wspace": 0.25}
    )
    axis = axes["c"]
    axis.plot(weights, curve, "-o", color=COLOURS["joint"], markersize=4)
    axis.plot(weights[chosen], curve[chosen], "D", color=COLOURS["text"], markersize=11)
    axis.set(xlabel="weight of the image", ylabel="accuracy on validation")
    axis.set_title(f"weight {weights[chosen]:.1f}: accuracy {curve[chosen]:.3f}")
    axis.grid()
    for name, image, (above, below) in zip("012345", images, labels, strict=True):
        show_picture(axes[name], image)
        axes[name].set_title(above, fontsize=8)
        axes[name].set_xlabel(below, fontsize=8)
        axes[name].set(xticks=[], yticks=[])
    return figure


@style()
def shapley_bars(
    images: ArrayLike | Sequence[ArrayLike],
    labels: Sequence[str],
    shares: Mapping[str, ArrayLike],
    *,
    title: str,
    ylabel: str,
) -> "Figure":
    """Show some items and, under each, how much every modality moved the model's output.

    ``images`` is ``(count, height, width, 3)``, ``labels`` one string each, ``shares`` maps a
    modality to ``(count,)`` numbers. Raises ``ValueError`` if their counts differ.
    """
    images, labels = check_pictures("images", images), check_texts("labels", labels)
    check_named("shares", shares, '{"image": numbers}')
    shares = {name: check_row(f"shares[{name!r}]", values) for name, values in shares.items()}
    parts = {f"shares[{name!r}]": values for name, values in shares.items()}
    check_counts({"images": images, "labels": labels, **parts})
    size = (1.2 * len(images) + 0.7, 3.6)
    figure, axes = plt.subplots(2, len(images), figsize=size, sharey="row", squeeze=False)
    for column, (picture, axis) in enumerate(axes.T):
        show_picture(picture, images[column])
        picture.set_title(labels[column], fontsize=8)
        picture.axis("off")
        for place, (name, values) in enumerate(shares.items()):
            colour = COLOURS.get(name, COLOURS["joint"])
            axis.bar(place, values[column], color=colour, hatch="" if name == "image" else "//")
        axis.axhline(0, color="black", linewidth=1)
        axis.set_xticks(range(len(shares)), list(shares))
        axis.grid(axis="y")
    axes[1][0].set_ylabel(ylabel)
    headline(figure, title)
    return figure
