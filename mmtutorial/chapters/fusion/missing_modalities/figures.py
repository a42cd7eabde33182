"""The figures of "Missing modalities": which item has what, ways round a gap, robustness curves."""

from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import (
    check_array,
    check_counts,
    check_labels,
    check_list,
    check_number,
    check_texts,
)
from mmtutorial.plots._boxes import draw_arrow, draw_box, draw_panels
from mmtutorial.plots._inputs import check_chance, check_named, check_row
from mmtutorial.plots._pictures import check_pictures, show_picture
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import headline, style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


UNIMODAL = {"text": ("text", "--", "D"), "image": ("image", "--", "s")}
FUSED = (
    ("chance", "-", "X"),
    ("joint", "-", "o"),
    ("accent", "-.", "^"),
    ("speech", ":", "v"),
    ("sound", "-", "P"),
)


@style()
def presence_map(
    presence: Mapping[str, ArrayLike], targets: ArrayLike, classes: Sequence[str], *, title: str
) -> "Figure":
    """Show which item has which modality: a row for each modality, a thin column for each item,
    dark where it is present.

    ``presence`` maps a modality to booleans ``(items,)``; ``targets`` is ``(items,)`` of int,
    ``classes`` their names. Items of one class stand together. Raises ``ValueError`` if the counts
    differ, and for a class that does not exist.
    """
    classes = check_texts("classes", classes)
    targets = check_labels("targets", targets, classes=len(classes))
    rows = {
        f"presence[{name!r}]": _check_flags(f"presence[{name!r}]", there)
        for name, there in check_named("presence", presence, '{"sound": booleans}').items()
    }
    check_counts(rows | {"targets": targets})
    order = np.argsort(targets, kind="stable")
    picture = np.array([there[order] for there in rows.values()])
    edges = np.searchsorted(targets[order], np.arange(len(classes) + 1))
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
    return figure


def _check_flags(name, given):
    """Return booleans ``(items,)`` as an array."""
    flags = check_array(name, given, kinds="b")
    if flags.ndim != 1:
        raise ValueError(f"{name} must be booleans of shape (items,), got shape {flags.shape}")
    return flags


@style()
def robustness_curves(
    panels: Mapping[str, Mapping[str, Sequence[ArrayLike]]],
    *,
    title: str,
    xlabel: str,
    ylabel: str = "accuracy",
    chance: float | None = None,
) -> "Figure":
    """Draw how accuracy falls as more of a modality is masked: a panel per modality, a line per
    method.

    ``panels`` maps a panel's title to ``{method: (shares, accuracy)}`` or ``(shares, accuracy, low,
    high)``, which draws a band; five fusions at most, beside ``"image"`` and ``"text"``.
    ``chance`` draws a dotted line. Raises ``ValueError`` without a panel, or for more methods.
    """
    check_chance(chance)
    for name, curves in check_named("panels", panels, '{"photo masked": curves}').items():
        check_curves(f"panels[{name!r}]", curves)
    fused = [[m for m in curves if m.split()[0] not in UNIMODAL] for curves in panels.values()]
    if any(len(methods) > len(FUSED) for methods in fused):
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
    headline(figure, title)
    return figure


def check_curves(name: str, curves: Any) -> None:
    """Refuse what is no panel of `robustness_curves`."""
    for method, curve in check_named(name, curves, '{"sum": (shares, accuracy)}').items():
        argument = f"{name}[{method!r}]"
        curve = check_list(argument, curve, "(shares, accuracy) or (shares, accuracy, low, high)")
        if len(curve) not in (2, 4):
            raise ValueError(f"{argument} must be (shares, accuracy) or (..., low, high)")
        shares = check_row(f"{argument}[0]", curve[0])
        for part, row in enumerate(curve):
            check_row(f"{argument}[{part}]", row, count=len(shares))


def draw_curves(
    axis: "Axes", curves: Mapping[str, Sequence[ArrayLike]], chance: float | None = None
) -> None:
    """Draw the lines of one panel of `robustness_curves`."""
    others = iter(FUSED)
    for method, (shares, accuracy, *band) in curves.items():
        role, line, marker = UNIMODAL.get(method.split()[0]) or next(others)
        style = {"linestyle": line, "marker": marker, "markersize": 4, "label": method}
        axis.plot(shares, accuracy, color=COLOURS[role], **style)
        if band:
            axis.fill_between(shares, *band, color=COLOURS[role], alpha=0.12, linewidth=0)
    if chance is not None:
        axis.axhline(chance, color=COLOURS["chance"], linestyle=":", linewidth=1)
    axis.grid()


@style()
def missing_photos_panel(
    curves: Mapping[str, Sequence[ArrayLike]],
    share: float,
    images: ArrayLike | Sequence[ArrayLike],
    masked: ArrayLike,
    captions: Sequence[str],
    answers: Mapping[str, Sequence[str]],
) -> "Figure":
    """Show one share of a robustness curve, and some stamps whose photographs are masked at it.

    ``curves`` as a panel of `robustness_curves`; ``share`` is the one shown. ``images`` are six
    pictures, ``masked`` six booleans, ``captions`` six texts, of which the start is shown.
    ``answers`` maps a method to six texts. Raises ``ValueError`` if there are not six of each.
    """
    check_number("share", share, least=0, most=1)
    check_curves("curves", curves)
    images, masked = check_pictures("images", images), _check_flags("masked", masked)
    captions = check_texts("captions", captions)
    check_named("answers", answers, '{"concat": six texts}')
    answers = {m: check_texts(f"answers[{m!r}]", texts) for m, texts in answers.items()}
    counted = {f"answers[{m!r}]": texts for m, texts in answers.items()}
    check_counts({"images": images, "masked": masked, "captions": captions, **counted}, count=6)
    figure, axes = plt.subplot_mosaic("ccc012;ccc345", figsize=(9, 4.6))
    axis = axes["c"]
    draw_curves(axis, curves)
    axis.axvline(share, color="black", linewidth=1)
    axis.set(xlabel="share of photographs hidden", ylabel="accuracy on validation")
    axis.set_title(f"{share:.0%} of the photographs hidden", fontsize=10)
    axis.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3)
    parts = zip("012345", images, masked, captions, strict=True)
    for place, (name, image, is_masked, caption) in enumerate(parts):
        show_picture(axes[name], np.full(image.shape, 225, np.uint8) if is_masked else image)
        if is_masked:
            side = image.shape[0] / 2
            axes[name].text(side, side, "?", ha="center", va="center", fontsize=26, color="#666666")
        axes[name].set(xticks=[], yticks=[])
        lines = [f"{m}: {texts[place]}" for m, texts in answers.items()]
        axes[name].set_title(shorten(caption, 24, placeholder=" …"), fontsize=8)
        axes[name].set_xlabel("\n".join(lines), fontsize=8)
    return figure


SIDES = {"image": (0.02, "photograph"), "text": (1.33, "caption")}  # inches from the left, names
WIDE, FULL = 1.15, 2.46  # inches: a box of one modality, a box of both


@style()
def ways_around_a_gap() -> "Figure":
    """Draw what may stand in a gap, what modality dropout hides, and a product without a gap."""
    titles = ["zeros, or a token: fill the gap", "modality dropout: hide some",
              "product of experts: leave it out"]  # fmt: skip
    figure, (filled, trained, left_out) = draw_panels(2.5, 2.31, titles)
    _draw_gap(filled, "encoder", "$h_m$")
    draw_box(filled, 0.02, 1.28, WIDE, 0.42, "zeros, or a\nlearnt token", "image", size=9)
    draw_arrow(filled, (0.02 + WIDE / 2, 1.28), (0.02 + WIDE / 2, 0.9))
    for row, hidden in enumerate(("", "image", "text")):
        for kind, (left, name) in SIDES.items():
            draw_box(trained, left, 1.99 - 0.355 * row, WIDE, 0.3,
                     "hidden" if kind == hidden else name, kind, size=9,
                     absent=kind == hidden)  # fmt: skip
    draw_arrow(trained, (1.25, 1.28), (1.25, 0.9))
    _draw_gap(left_out, "expert", "$p_m$")
    draw_box(left_out, 0.02, 1.28, WIDE, 0.42, "expert:\nnot asked", "image", size=9, absent=True)
    joins = ("fusion and head", "fusion and head", "product, and the prior")
    for axis, join in zip(figure.axes, joins, strict=True):
        draw_box(axis, 0.02, 0.6, FULL, 0.3, join, "joint", size=9)
        draw_arrow(axis, (1.25, 0.6), (1.25, 0.32))
        draw_box(axis, 0.02, 0.02, FULL, 0.3, "answer", "joint", size=9)
    return figure


def _draw_gap(axis, reader, flow):
    """Draw a photograph that is not there, and a caption with what reads it."""
    draw_box(
        axis, SIDES["image"][0], 1.99, WIDE, 0.3, "no photograph", "image", size=9, absent=True
    )
    left, name = SIDES["text"]
    middle = left + WIDE / 2
    draw_box(axis, left, 1.99, WIDE, 0.3, name, "text", size=9)
    draw_arrow(axis, (middle, 1.99), (middle, 1.7))
    draw_box(axis, left, 1.28, WIDE, 0.42, reader, "text", size=9)
    draw_arrow(axis, (middle, 1.28), (middle, 0.9), flow)
