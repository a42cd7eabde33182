"""The figures that several chapters draw; each function returns a matplotlib figure.

Colours are those of Okabe and Ito, which colour-blind readers can tell apart; no figure says
anything by colour alone.
"""

import matplotlib.pyplot as plt
import numpy as np

COLOURS = {
    "image": "#0072B2",
    "text": "#D55E00",
    "joint": "#009E73",
    "chance": "#666666",
    "accent": "#CC79A7",
}
MARKERS = [
    (COLOURS["image"], "s"),
    (COLOURS["joint"], "o"),
    (COLOURS["text"], "D"),
    (COLOURS["accent"], "^"),
]


def image_grid(images, titles=None, *, columns=6, title=None, size=1.3):
    """Show images side by side, each with a short title.

    ``images`` is ``(count, height, width, 3)``, bytes or 0..1; ``titles`` one string each; ``size``
    is the width of one in inches. Raises ``ValueError`` without images, or if the titles do not
    match.
    """
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


def learning_curve(curves, *, title, ylabel, chance=None, limits=None):
    """Draw how numbers change while a model trains.

    ``curves`` maps a label to ``(epochs,)`` numbers; ``chance`` draws a dotted line; ``limits``
    are the ends of the vertical axis. Raises ``ValueError`` for more than four curves.
    """
    styles = {"image": "-", "text": "--", "joint": "-.", "accent": ":"}
    if len(curves) > len(styles):
        raise ValueError(f"curves must be at most {len(styles)}, got {len(curves)}")
    figure, axis = plt.subplots(figsize=(6, 3.4))
    for (label, values), (colour, line) in zip(curves.items(), styles.items(), strict=False):
        epochs = np.arange(1, len(values) + 1)
        axis.plot(
            epochs, values, line, color=COLOURS[colour], label=label, marker="o", markersize=3
        )
    if chance is not None:
        axis.axhline(chance, color=COLOURS["chance"], linestyle=":", label="chance")
    axis.set(title=title, xlabel="epoch", ylabel=ylabel, ylim=limits)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.grid(alpha=0.3)
    axis.legend()
    figure.tight_layout()
    return figure


def _same_methods(argument, panels):
    """Return the methods that all panels list in one order; they share one axis of names."""
    if not panels:
        raise ValueError(f"{argument} must hold at least one panel, got none")
    orders = {name: list(results) for name, results in panels.items()}
    first = next(iter(orders.values()))
    for name, methods in orders.items():
        if methods != first:
            raise ValueError(
                f"{argument} must all have the same methods in the same order, "
                f"got {methods} in {name!r} after {first}"
            )
    return first


def interval_dots(panels, *, title, xlabel, chance=None):
    """Compare methods: a dot for the mean, a bar for its interval, a panel for each setting.

    ``panels`` maps a panel's title to ``{method: Interval}``. Raises ``ValueError`` unless there
    is a panel and all have the same methods in the same order: they share one axis of names.
    Methods called ``"image"`` and ``"text"`` keep their colours and get a dashed guide line.
    ``chance`` draws a dotted line.
    """
    methods = _same_methods("panels", panels)
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(2.3 * len(panels) + 1.4, 0.32 * len(methods) + 1.6),
        sharey=True,
        sharex=True,
        squeeze=False,
    )
    for axis, (name, results) in zip(axes[0], panels.items(), strict=True):
        for row, (method, (mean, low, high)) in enumerate(results.items()):
            alone = method.split()[0] if method.split()[0] in ("image", "text") else None
            colour = COLOURS[alone or "joint"]
            axis.plot([low, high], [row, row], color=colour, linewidth=3, alpha=0.5)
            axis.plot(mean, row, "s" if alone else "o", color=colour)
            if alone:
                axis.axvline(mean, color=colour, linestyle="--", linewidth=1, alpha=0.6)
        if chance is not None:
            axis.axvline(chance, color=COLOURS["chance"], linestyle=":", linewidth=1)
        axis.set_title(name, fontsize=10)
        axis.set(xlabel=xlabel)
        axis.set_yticks(range(len(methods)), methods)
        axis.grid(axis="x", alpha=0.3)
    axes[0][0].set_ylim(len(methods) - 0.5, -0.5)  # the first method on top
    figure.suptitle(title)
    figure.tight_layout()
    return figure


def interval_steps(steps, *, title, xlabel):
    """Follow a few methods from step to step: rows are steps, markers are methods.

    ``steps`` maps a step's name to ``{method: Interval}``, with the same methods in all, four at
    the most. Raises ``ValueError`` otherwise.
    """
    methods = _same_methods("steps", steps)
    if len(methods) > len(MARKERS):
        raise ValueError(f"steps must hold at most {len(MARKERS)} methods, got {methods}")
    figure, axis = plt.subplots(figsize=(7.5, 0.45 * len(steps) + 1.6))
    rows = np.arange(len(steps))
    for method, (colour, marker) in zip(methods, MARKERS, strict=False):
        mean, low, high = np.array([step[method] for step in steps.values()]).T
        axis.hlines(rows, low, high, color=colour, linewidth=3, alpha=0.5)
        axis.plot(mean, rows, marker, color=colour, linestyle=":", linewidth=1, label=method)
    axis.set_yticks(rows, list(steps))
    axis.set(title=title, xlabel=xlabel, ylim=(len(steps) - 0.5, -0.5))
    axis.grid(axis="x", alpha=0.3)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=len(methods))
    figure.set_layout_engine("constrained")
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


def reliability_diagram(panels, *, title):
    """Is the model as often right as it says? A dot a bin; below the diagonal it is too sure.

    ``panels`` maps a panel's title to a `Reliability`. A dot's area is the bin's number of items,
    and a line joins it to where it should be. Raises ``ValueError`` without a panel. Paper:
    Guo et al. 2017.
    """
    if not panels:
        raise ValueError("panels must hold at least one panel, got none")
    size = (2.3 * len(panels) + 0.6, 3.4)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, squeeze=False)
    for axis, (name, (confidence, right, count)) in zip(axes[0], panels.items(), strict=True):
        axis.plot([0, 1], [0, 1], ":", color=COLOURS["chance"])
        axis.vlines(confidence, confidence, right, color=COLOURS["text"], linewidth=2)
        axis.scatter(confidence, right, 400 * count / count.sum() + 4, color=COLOURS["image"])
        axis.set(title=name, xlabel="confidence", xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        axis.set_aspect("equal")
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("accuracy")
    figure.suptitle(title)
    figure.set_layout_engine("constrained")
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
    size = (1.5 * len(images) + 0.8, 3.8)
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
