"""The figures of "Video and text": film strips with boxes and maps, and the model as a drawing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mmtutorial.plots._boxes import draw_arrow, draw_box
from mmtutorial.plots._pyplot import plt
from mmtutorial.plots._style import style
from mmtutorial.plots.colours import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BOXES = ("accent", "joint", "chance")  # colours of the first things, of no modality alone


def _strip(axis, frames, gap=2):
    """Show frames side by side; return how far apart they begin, in pixels."""
    _, height, width, _ = frames.shape
    padded = np.pad(frames, ((0, 0), (0, 0), (0, gap), (0, 0)), constant_values=255)
    axis.imshow(padded.swapaxes(0, 1).reshape(height, -1, 3), interpolation="nearest")
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    return width + gap


def _draw_box(axis, box, left, colour, dashed=False):
    top, start, bottom, end = box
    axis.add_patch(
        plt.Rectangle((left + start - 0.5, top - 0.5), end - start, bottom - top, fill=False,
                      edgecolor=colour, linewidth=1.6, linestyle="--" if dashed else "-")
    )  # fmt: skip


@style()
def film_strips(
    clips: Sequence[np.ndarray], titles: Sequence[str], tracks: Sequence[dict], *, every: int = 2
) -> "Figure":
    """Show clips as film strips, one below the other, with named boxes.

    ``clips`` are ``(frames, height, width, 3)`` each; ``tracks`` has a dict for each, from a name
    to boxes ``(frames, 4)``, NaN for none.
    """
    figure, axes = plt.subplots(len(clips), 1, figsize=(8.4, 1.45 * len(clips)), squeeze=False)
    for axis, clip, title, boxes in zip(axes[:, 0], clips, titles, tracks, strict=True):
        step = _strip(axis, clip[::every])
        for (_name, track), kind in zip(boxes.items(), BOXES, strict=False):
            for place, box in enumerate(track[::every]):
                if np.isfinite(box).all():
                    _draw_box(axis, box, place * step, COLOURS[kind])
        axis.set_title(title, loc="left", fontsize=9)
    return figure


@style()
def map_strip(clip: np.ndarray, maps: np.ndarray, title: str, *, every: int = 2) -> "Figure":
    """Show a clip, and below it how sure a model is of each cell of each frame.

    ``maps`` is ``(frames, rows, columns)`` from 0 to 1.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(8.4, 2.9))
    step = _strip(above, clip[::every])
    size = clip.shape[1]
    cells = np.repeat(np.repeat(maps[::every], size // maps.shape[1], 1), size // maps.shape[2], 2)
    cells = np.pad(cells, ((0, 0), (0, 0), (0, step - clip.shape[2])), constant_values=np.nan)
    shown = below.imshow(
        cells.swapaxes(0, 1).reshape(size, -1), vmin=0, vmax=1, cmap="cividis",
        interpolation="nearest",
    )  # fmt: skip
    below.set(yticks=[], xlabel="frame")
    below.set_xticks(
        np.arange(len(clip[::every])) * step + size / 2, np.arange(len(clip))[::every] + 1
    )
    figure.colorbar(shown, ax=[above, below], label="score", fraction=0.02, pad=0.02)
    above.set_title(title, loc="left", fontsize=9)
    return figure


@style()
def architecture(frames: np.ndarray, text: str) -> "Figure":
    """Draw the model: frames on the left, words below, the map and the answers on the right."""
    figure, axis = plt.subplots(figsize=(8.4, 3.6))
    axis.set(xlim=(0, 14.4), ylim=(0, 6.2))
    axis.axis("off")
    for place, frame in enumerate(frames[:3]):
        inset = axis.inset_axes([0.005 + 0.018 * place, 0.5 - 0.06 * place, 0.13, 0.3])
        inset.imshow(frame, interpolation="nearest")
        inset.set(xticks=[], yticks=[])
    draw_box(axis, 3.2, 3.1, 2.3, 1.5, "network of\nframes (frozen)", "image")
    draw_box(axis, 0.1, 0.5, 2.5, 0.9, f'"{text}"', "text", size=9)
    draw_box(axis, 3.2, 0.4, 2.3, 1.1, "word vectors,\nmean, $W$", "text")
    draw_box(axis, 6.3, 2.3, 2.2, 1.5, "likeness\n$z_{trc} \\cdot u$", "joint")
    draw_box(axis, 9.2, 2.3, 2.2, 1.5, "look over\ntime", "joint")
    draw_box(axis, 12.1, 3.6, 2.2, 1.3, "map: when,\nwhere", "joint")
    draw_box(axis, 12.1, 1.2, 2.2, 1.3, "answers:\nright? fast?\nfirst?", "joint")
    for start, end in (
        ((2.6, 3.8), (3.15, 3.8)), ((2.65, 0.95), (3.15, 0.95)), ((5.55, 3.8), (6.25, 3.3)),
        ((5.55, 0.95), (6.7, 2.25)), ((8.55, 3.0), (9.15, 3.0)), ((11.45, 3.2), (12.05, 4.1)),
        ((11.45, 2.8), (12.05, 1.9)),
    ):  # fmt: skip
        draw_arrow(axis, start, end)
    axis.text(9.2, 5.4, "blue: from the frames   orange: from the words   green: from both",
              ha="center", fontsize=8.5)  # fmt: skip
    axis.set_title("Every cell of every frame is compared with the words", loc="left")
    return figure
