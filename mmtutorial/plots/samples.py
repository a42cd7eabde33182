"""The figures that show samples, and what models make of them."""

import matplotlib.pyplot as plt
import numpy as np

from mmtutorial._checks import check_whole
from mmtutorial.plots.colours import COLOURS


def image_grid(images, titles=None, *, columns=6, title=None, size=1.3):
    """Show images side by side, each with a short title.

    ``images`` is ``(count, height, width, 3)``, bytes or 0..1; ``titles`` one string each; ``size``
    is the width of one in inches. Raises ``ValueError`` without images or a column, or if the
    titles do not match.
    """
    check_whole("columns", columns, least=1)
    count = len(images)
    if not count:
        raise ValueError("images must hold at least one image, got none")
    titles = [""] * count if titles is None else list(titles)
    if len(titles) != count:
        raise ValueError(f"titles must be one for each of {count} images, got {len(titles)}")
    columns = min(columns, count)
    rows = -(-count // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(size * columns, (size + 0.35) * rows), squeeze=False
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, text in zip(axes.flat, images, titles, strict=False):
        axis.imshow(np.asarray(image), interpolation="nearest")
        axis.set_title(text, fontsize=9)
    if title:
        figure.suptitle(title)
    figure.tight_layout()
    return figure


def vote_panel(weights, curve, chosen, images, labels):
    """Show what one weight of late fusion means: the curve it lies on, and six decisions.

    ``weights`` and ``curve`` (accuracies) are ``(count,)``, ``chosen`` the index of the one shown;
    ``images`` are six pictures and ``labels`` six pairs (above, below) of text.
    """
    figure, axes = plt.subplot_mosaic(
        "ccc012;ccc345", figsize=(9, 4.2), gridspec_kw={"hspace": 0.55, "wspace": 0.25}
    )
    axis = axes["c"]
    axis.plot(weights, curve, "-o", color=COLOURS["joint"], markersize=4)
    axis.plot(weights[chosen], curve[chosen], "D", color=COLOURS["text"], markersize=11)
    axis.set(xlabel="weight of the image", ylabel="accuracy on validation")
    axis.set_title(f"weight {weights[chosen]:.1f}: accuracy {curve[chosen]:.3f}")
    axis.grid(alpha=0.3)
    for name, image, (above, below) in zip("012345", images, labels, strict=True):
        axes[name].imshow(image, interpolation="nearest")
        axes[name].set_title(above, fontsize=8)
        axes[name].set_xlabel(below, fontsize=8)
        axes[name].set(xticks=[], yticks=[])
    return figure


def shapley_bars(images, labels, shares, *, title, ylabel):
    """Show some items and, under each, how much every modality moved the model's output.

    ``images`` is ``(count, height, width, 3)``, ``labels`` one string each, ``shares`` maps a
    modality to ``(count,)`` numbers. Raises ``ValueError`` if their counts differ.
    """
    counts = {"images": len(images), "labels": len(labels)}
    counts |= {name: len(values) for name, values in shares.items()}
    if len(set(counts.values())) > 1 or not len(images):
        raise ValueError(f"images, labels and every share must hold one an item, got {counts}")
    size = (1.2 * len(images) + 0.7, 3.6)
    figure, axes = plt.subplots(2, len(images), figsize=size, sharey="row", squeeze=False)
    for column, (picture, axis) in enumerate(axes.T):
        picture.imshow(np.asarray(images[column]), interpolation="nearest")
        picture.set_title(labels[column], fontsize=8)
        picture.axis("off")
        for place, (name, values) in enumerate(shares.items()):
            colour = COLOURS.get(name, COLOURS["joint"])
            axis.bar(place, values[column], color=colour, hatch="" if name == "image" else "//")
        axis.axhline(0, color="black", linewidth=1)
        axis.set_xticks(range(len(shares)), list(shares))
        axis.grid(axis="y", alpha=0.3)
    axes[1][0].set_ylabel(ylabel)
    figure.suptitle(title)
    figure.set_layout_engine("constrained")
    return figure
