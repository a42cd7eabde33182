"""The figures of "Missing modalities": who has what, what is lost, what vanishes first."""

from textwrap import shorten

import matplotlib.pyplot as plt
import numpy as np

from mmtutorial.plots.colours import COLOURS

ALONE = {"text": ("text", "--", "D"), "image": ("image", "--", "s")}
FUSED = (
    ("chance", "-", "X"),
    ("joint", "-", "o"),
    ("accent", "-.", "^"),
    ("speech", ":", "v"),
    ("sound", "-", "P"),
)


def presence_picture(presence, targets, classes, *, title):
    """Show who has what: a row a modality, a thin column an item, dark where it is there.

    ``presence`` maps a modality to booleans ``(items,)``; ``targets`` is ``(items,)`` of int,
    ``classes`` their names. Items of one class stand together. Raises ``ValueError`` if the counts
    differ.
    """
    counts = {name: len(there) for name, there in presence.items()} | {"targets": len(targets)}
    if len(set(counts.values())) > 1 or not presence:
        raise ValueError(f"presence and targets must hold one an item, got {counts}")
    order = np.argsort(targets, kind="stable")
    picture = np.array([np.asarray(there)[order] for there in presence.values()])
    edges = np.searchsorted(np.asarray(targets)[order], np.arange(len(classes) + 1))
    figure, axis = plt.subplots(figsize=(8, 0.36 * len(presence) + 1.5))
    shown = np.where(picture, 0.25, 0.95)
    axis.imshow(shown, cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axis.vlines(edges[1:-1] - 0.5, -0.5, len(presence) - 0.5, color=COLOURS["text"], linewidth=1)
    axis.hlines(np.arange(1, len(presence)) - 0.5, 0, len(targets), color="white", linewidth=3)
    axis.set_yticks(range(len(presence)), list(presence))
    middles = (edges[:-1] + edges[1:]) / 2 - 0.5
    axis.set_xticks(middles, classes, rotation=40, ha="right", rotation_mode="anchor")
    axis.tick_params(length=0)
    axis.set(title=title, xlim=(-0.5, len(targets) - 0.5))
    figure.set_layout_engine("constrained")
    return figure


def robustness_curves(panels, *, title, xlabel, ylabel="accuracy", chance=None):
    """Draw how accuracy falls as more of a modality is hidden: a panel for what, a line for who.

    ``panels`` maps a panel's title to ``{method: (shares, accuracy)}`` or ``(shares, accuracy, low,
    high)``, which draws a band; five fusions at most, beside ``"image"`` and ``"text"``.
    ``chance`` draws a dotted line. Raises ``ValueError`` without a panel, or for more methods.
    """
    fused = [[m for m in curves if m.split()[0] not in ALONE] for curves in panels.values()]
    if not panels or any(len(methods) > len(FUSED) for methods in fused):
        raise ValueError(f"panels must hold at most {len(FUSED)} fusions each, got {fused}")
    size = {"figsize": (3.4 * len(panels) + 0.8, 4.3)}
    figure, axes = plt.subplots(1, len(panels), sharey=True, squeeze=False, **size)
    for axis, (name, curves) in zip(axes[0], panels.items(), strict=True):
        draw_curves(axis, curves, chance)
        axis.set(title=name, xlabel=xlabel)
    axes[0][0].set_ylabel(ylabel)
    handles, labels = axes[0][0].get_legend_handles_labels()
    columns = 3 if len(panels) > 1 else 2
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, fontsize=9)
    figure.suptitle(title)
    figure.set_layout_engine("constrained")
    return figure


def draw_curves(axis, curves, chance=None):
    """Draw the lines of one panel of `robustness_curves`."""
    others = iter(FUSED)
    for method, (shares, accuracy, *band) in curves.items():
        role, line, marker = ALONE.get(method.split()[0]) or next(others)
        style = {"linestyle": line, "marker": marker, "markersize": 4, "label": method}
        axis.plot(shares, accuracy, color=COLOURS[role], **style)
        if band:
            axis.fill_between(shares, *band, color=COLOURS[role], alpha=0.12, linewidth=0)
    if chance is not None:
        axis.axhline(chance, color=COLOURS["chance"], linestyle=":", linewidth=1)
    axis.grid(alpha=0.3)


def vanishing_panel(curves, share, images, hidden, captions, answers):
    """Show one share of a robustness curve, and some stamps whose photographs vanish with it.

    ``curves`` as a panel of `robustness_curves`; ``share`` is the one shown. ``images`` are six
    pictures, ``hidden`` six booleans, ``captions`` six texts, of which the start is shown.
    ``answers`` maps who answers to six texts.
    """
    figure, axes = plt.subplot_mosaic("ccc012;ccc345", figsize=(9, 4.6))
    axis = axes["c"]
    draw_curves(axis, curves)
    axis.axvline(share, color="black", linewidth=1)
    axis.set(xlabel="share of photographs hidden", ylabel="accuracy on validation")
    axis.set_title(f"{share:.0%} of the photographs hidden", fontsize=10)
    axis.legend(fontsize=8, loc="lower left")
    parts = zip("012345", images, hidden, captions, strict=True)
    for place, (name, image, gone, caption) in enumerate(parts):
        picture = np.full_like(image, 225) if gone else image
        axes[name].imshow(picture, interpolation="nearest")
        if gone:
            side = image.shape[0] / 2
            axes[name].text(side, side, "?", ha="center", va="center", fontsize=26, color="#666666")
        axes[name].set(xticks=[], yticks=[])
        said = [f"{who}: {texts[place]}" for who, texts in answers.items()]
        axes[name].set_title(shorten(str(caption), 24, placeholder=" …"), fontsize=8)
        axes[name].set_xlabel("\n".join(said), fontsize=8)
    figure.set_layout_engine("constrained")
    return figure
