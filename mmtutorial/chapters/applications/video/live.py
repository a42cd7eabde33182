"""Ask a clip for a thing, and play it with the answer drawn over it."""

import html

import numpy as np

from mmtutorial import widgets
from mmtutorial._optional import load_optional
from mmtutorial.applications.video import Clips, Finder
from mmtutorial.evaluation import box_iou
from mmtutorial.widgets._html import HtmlBlock

MAKERS = ("animated_emoji", "stamps")  # of the things, and of what is behind them
SIDES = ("left", "middle", "right"), ("top", "middle", "bottom")


def say_place(box, size: int = 64) -> str:
    """Say in words where a box is: "top left", "middle", "bottom middle".

    >>> say_place([0, 40, 20, 60])
    'top right'
    """
    down, across = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    row, column = SIDES[1][int(min(3 * down / size, 2))], SIDES[0][int(min(3 * across / size, 2))]
    return "middle" if row == column == "middle" else f"{row} {column}"


def show_found(frames: np.ndarray, found, true=None, caption: str = "") -> HtmlBlock:
    """Play a clip with what was found; ``true`` ``(frames, 4)`` are its boxes, NaN for none."""
    tracks = {"found": np.where(found.visible[:, None], found.boxes, np.nan)}
    said = []
    for place, (seen, box) in enumerate(zip(found.visible, found.boxes, strict=True)):
        where = say_place(box, frames.shape[1]) if seen else "not seen"
        said.append(f"frame {place + 1} of {len(frames)}: {where}")
    if true is not None:
        tracks["true"] = true
    description = describe(found, frames.shape[1]) + describe_truth(found, true)
    return widgets.clip_player(
        frames, description=description, said=said, boxes=tracks, start=first_seen(found),
        caption=caption or f"Asked for: {found.text}", sources=MAKERS,
    )  # fmt: skip


def first_seen(found) -> int:
    """Return the surest frame of what was found, the first one if it was not."""
    return int(found.map.max(axis=(1, 2)).argmax()) if found.appears else 0


def describe(found, size: int = 64) -> str:
    """Say in words when and where it was found, for those who cannot see the clip."""
    if not found.visible.any():
        return f"The model does not see {found.text!r} in this clip (score {found.score:.2f})."
    spans = " and ".join(
        f"frame {a + 1:g}" if a == b else f"frames {a + 1:g} to {b + 1:g}" for a, b in found.spans
    )
    first, last = found.boxes[found.visible][[0, -1]]
    path = f"from the {say_place(first, size)} to the {say_place(last, size)}"
    return f"The model sees {found.text!r} in {spans}, {path} (score {found.score:.2f})."


def describe_truth(found, true) -> str:
    """Say in words when it is really there, and how much the boxes overlap."""
    if true is None:
        return ""
    there = np.isfinite(true).all(axis=1)
    if not there.any():
        return " It is not there."
    both = there & found.visible
    overlap = box_iou(found.boxes[both], true[both]).mean() if both.any() else 0.0
    first, last = np.flatnonzero(there)[[0, -1]] + 1
    return f" It is there between frames {first} and {last}; the boxes overlap by {overlap:.0%}."


def truth_of(clips: Clips, clip: int, row: int) -> np.ndarray:
    """Return the boxes of one cut-out in one clip, NaN where it is not visible."""
    boxes = np.full((clips.frames.shape[1], 4), np.nan)
    for thing in np.flatnonzero(clips.rows[clip] == row):
        visible = clips.visible[clip, thing]
        boxes[visible] = clips.boxes[clip, thing, visible]
    return boxes


def clip_chooser(finder: Finder, clips: Clips, asked) -> HtmlBlock:
    """Return players, chosen by a menu: ``asked`` are triples of clip, row and text."""
    made = [
        show_found(
            clips.frames[clip], finder.find(clips.frames[clip], text), truth_of(clips, clip, row)
        )
        for clip, row, text in asked
    ]
    titles = [f"clip {clip + 1}: {text}" for clip, _, text in asked]
    return widgets.frame_chooser(made, {"Asked for": titles})


def clip_view(finder: Finder, clips: Clips, twin, clip: int, text: str):
    """Let the reader choose a clip and type a description; return an `mm.widgets.Live`."""
    ipywidgets = load_optional("ipywidgets", "a live figure")
    controls = {
        "clip": ipywidgets.IntSlider(clip + 1, 1, len(clips), description="Clip"),
        "text": ipywidgets.Text(text, description="Find"),
    }

    def update(clip, text):
        found = finder.find(clips.frames[clip - 1], text)
        note = (
            f"<p>It does not know: {html.escape(', '.join(found.unknown))}.</p>"
            if found.unknown
            else ""
        )
        return show_found(clips.frames[clip - 1], found)._repr_html_() + note

    return widgets.live(update, controls, twin)
