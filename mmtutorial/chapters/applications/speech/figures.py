"""The figures of "Speech and text": spectrograms, the model as a drawing, alignments, errors."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mmtutorial.plots._boxes import draw_arrow, draw_box
from mmtutorial.plots._labels import label_lines
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style
from mmtutorial.plots.colours import COLOURS, MARKERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEP = 0.01  # seconds between the frames of a spectrogram
COMMON = 40  # times that a letter must be said to stand in the figure of errors


def _show(axis, spectrogram):
    seconds = len(spectrogram) * STEP
    bands = spectrogram.shape[1]
    axis.imshow(spectrogram.T, aspect="auto", origin="lower", extent=(0, seconds, 0.5, bands + 0.5),
                cmap="magma", interpolation="nearest")  # fmt: skip
    axis.set(ylabel="mel band")
    axis.grid(visible=False)


@style()
def spectrograms(seen: Sequence[np.ndarray], titles: Sequence[str]) -> "Figure":
    """Show log-mel spectrograms, ``(frames, bands)`` each, one below the other."""
    figure, axes = plt.subplots(len(seen), 1, figsize=(8.4, 1.9 * len(seen)), squeeze=False)
    for axis, each, title in zip(axes[:, 0], seen, titles, strict=True):
        _show(axis, each)
        axis.set_title(title, loc="left", fontsize=9)
    axes[-1, 0].set(xlabel="seconds")
    return figure


@style()
def architecture() -> "Figure":
    """Draw the recogniser: spectrogram, convolutions, blocks, GRU, letters, loss."""
    figure, axis = plt.subplots(figsize=(8.4, 3.0))
    axis.set(xlim=(0, 15.2), ylim=(0, 5.2))
    axis.axis("off")
    named = (
        ("spectrogram\n100 frames/s,\n64 bands", "speech"),
        ("2 convolutions\n50 steps/s", "speech"),
        ("4 blocks:\nseparable\nconvolutions", "speech"),
        ("GRU,\nforwards and\nbackwards", "speech"),
        ("scores of\nletters and\nblank", "joint"),
    )  # fmt: skip
    for place, (text, kind) in enumerate(named):
        draw_box(axis, 0.1 + 3.1 * place, 2.4, 2.4, 1.8, text, kind)
        if place:
            draw_arrow(axis, (3.1 * place - 0.55, 3.3), (3.1 * place + 0.05, 3.3))
    draw_box(axis, 6.3, 0.3, 2.4, 1.1, '"ahoj"', "text", size=10)
    draw_box(axis, 12.5, 0.3, 2.4, 1.1, "CTC: sum over\nall paths", "joint")
    draw_arrow(axis, (8.75, 0.85), (12.45, 0.85))
    draw_arrow(axis, (13.7, 2.35), (13.7, 1.45))
    axis.set_title("From sound to letters: nobody says when which letter stands", loc="left")
    return figure


def spans_of(path: np.ndarray) -> list[tuple[int, int, int]]:
    """Return class, first step and step behind the last of each letter of a path ``(steps,)``.

    >>> spans_of(np.array([0, 2, 2, 0, 2]))
    [(2, 1, 3), (2, 4, 5)]
    """
    edges = np.flatnonzero(np.diff(path, prepend=-1, append=-1))
    found = zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    return [(int(path[start]), start, end) for start, end in found if path[start]]


@style()
def alignment(
    spectrogram: np.ndarray, probabilities: np.ndarray, path: np.ndarray, letters: str, title: str
) -> "Figure":
    """Show when each letter of a text was said, and how sure the model is of each class.

    ``spectrogram`` is ``(frames, bands)``, ``probabilities`` ``(steps, letters + 1)``, ``path``
    ``(steps,)``: a class for each step, 0 the blank.
    """
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(8.4, 5.8), sharex=True, height_ratios=(2, 3)
    )
    _show(above, spectrogram)
    seconds = len(spectrogram) * STEP
    step = seconds / len(path)
    for letter, start, end in spans_of(path):
        name = letters[letter - 1].replace(" ", "␣")
        above.axvline(start * step, color="white", linewidth=0.6, alpha=0.7)
        above.text(
            (start + end) / 2 * step, 1.02, name, ha="center", va="bottom", fontsize=9,
            transform=above.get_xaxis_transform(),
        )  # fmt: skip
    rows = [0, *sorted(set(path[path > 0].tolist()))]
    shown = below.imshow(
        probabilities[:, rows].T, aspect="auto", cmap="cividis", vmin=0, vmax=1,
        extent=(0, seconds, len(rows) - 0.5, -0.5), interpolation="nearest",
    )  # fmt: skip
    below.set_yticks(
        range(len(rows)), ["blank", *(letters[row - 1].replace(" ", "␣") for row in rows[1:])]
    )
    below.tick_params(axis="y", labelsize=7)
    below.set(xlabel="seconds", ylabel="class")
    below.grid(visible=False)
    figure.colorbar(shown, ax=below, label="probability", location="bottom", fraction=0.08)
    above.set_title(title, loc="left", pad=20)
    return figure


@style()
def letter_errors(counts: Mapping[str, tuple[int, int]]) -> "Figure":
    """Show which letters are missed: ``{letter: (times said, times wrong)}``, common ones."""
    shares = {letter: wrong / said for letter, (said, wrong) in counts.items() if said >= COMMON}
    order = sorted(shares, key=shares.get)
    figure, axis = plt.subplots(figsize=(8.4, 2.8))
    axis.bar(range(len(order)), [shares[each] for each in order], color=COLOURS["speech"])
    axis.set_xticks(range(len(order)), [each.replace(" ", "␣") for each in order])
    axis.set(xlabel=f"letter that was said, at least {COMMON} times", ylabel="share not heard",
             ylim=(0, 1))  # fmt: skip
    axis.set_title("Some letters are missed far more often than others", loc="left")
    return figure


@style()
def minute_curves(curves: Mapping[str, Mapping]) -> "Figure":
    """Show the letters wrong by minutes of training speech: ``{decoding: {minutes: Interval}}``."""
    figure, axis = plt.subplots(figsize=(6.4, 3.2))
    ends = {}
    for (decoding, found), (colour, marker) in zip(curves.items(), MARKERS, strict=False):
        minutes, means = list(found), np.array([each.mean for each in found.values()])
        below = means - [each.low for each in found.values()]
        above = [each.high for each in found.values()] - means
        axis.errorbar(minutes, means, (below, above), color=colour, marker=marker, capsize=3)
        ends[decoding] = (minutes[-1], means[-1])
    axis.set_xscale("log", base=2)
    axis.set_xticks(minutes, map(str, minutes))
    axis.set(xlabel="minutes of training speech (log scale)", ylabel="letters wrong (CER)",
             ylim=(0, None))  # fmt: skip
    axis.set_title("More speech, fewer errors", loc="left")
    label_lines(axis, ends)
    return figure
