"""Compose clips: things that were cut out move across backgrounds, known where and when."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import (
    check_choice,
    check_labels,
    check_number,
    check_seed,
    check_sizes,
    check_whole,
)
from mmtutorial._images import check_images
from mmtutorial.applications.video._shrunk import Shrunk, check_cutouts
from mmtutorial.applications.video.motion import EVENTS, LEAST_SHOWN, draw_paths
from mmtutorial.preprocessing import resize_image

SIDES = (24, 28, 32)  # pixels of a thing, in a picture of 64
OBJECTS = 3  # in a scene at most


@dataclass(frozen=True, eq=False, repr=False)
class Clips:
    """Composed clips, and their tracks: what is where, from which frame to which.

    ``frames`` ``(clips, time, size, size, 3)`` uint8; ``rows`` ``(clips, objects)`` numbers the
    cut-outs, -1 where a clip has fewer; ``boxes`` ``(clips, objects, time, 4)`` float32 are top,
    left, bottom and right in pixels, cut at the edge of the picture; ``visible`` ``(clips,
    objects, time)`` says in which frames at least half of it is to be seen; ``answers`` ``(clips,
    objects)`` are 0 or 1, as `ANSWERS` names them, -1 for an ``event`` that asks for nothing.
    """

    event: str
    frames: np.ndarray
    rows: np.ndarray
    boxes: np.ndarray
    visible: np.ndarray
    answers: np.ndarray

    def __len__(self):
        return len(self.frames)

    def __repr__(self):
        _, time, size, *_ = self.frames.shape
        kind = f"{len(self):,} clips of {time} frames of {size} x {size} pixels"
        return f"Clips({self.event}: {kind}, {int((self.rows >= 0).sum()):,} things)"


def compose_clips(
    cutouts: Sequence[np.ndarray],
    backgrounds: ArrayLike,
    count: int,
    *,
    event: str = "scene",
    frames: int = 16,
    size: int = 64,
    sides: Sequence[int] = SIDES,
    labels: ArrayLike | None = None,
    speed: float = 1.0,
    seed: int | Sequence[int] | np.random.Generator,
) -> Clips:
    """Which thing moves where, and when? Compose clips of which that is known.

    Parameters
    ----------
    cutouts : things, each ``(frames, height, width, 4)`` uint8, red, green, blue and alpha, as
        `mm.applications.grounding.cut_out` makes them of drawings on white; what has several
        frames moves by itself, too, in a loop from anywhere, forwards or backwards
    backgrounds : ``(n, height, width, 3)`` uint8
    count : how many clips
    event : ``"scene"``: one to three things, each there for a part of the clip. The others have two
        things and a question, to which one has either answer: ``"direction"`` (one to the left, one
        to the right), ``"speed"`` (one slow, one fast), ``"order"`` (one comes first)
    frames, size : of each clip, and its pixels per side
    sides : sizes of the things, pixels; each draws one
    labels : ``(cutouts,)`` of int: two things of a clip have different ones. Each its own by
        default
    speed : how many times as fast as usual all things cross the picture
    seed : the same seed, the same clips

    The answer to a question can be seen in no single frame, whichever it is: see `draw_paths`.
    Raises ``ValueError`` for sides larger than ``size``, fewer labels than things of a clip, or an
    unknown event; ``TypeError`` for what are no arrays of bytes.

    >>> dot = np.zeros((1, 8, 8, 4), np.uint8)
    >>> dot[..., 3] = 255
    >>> paper = np.full((1, 64, 64, 3), 255, np.uint8)
    >>> compose_clips([dot, dot], paper, 2, event="order", seed=0)
    Clips(order: 2 clips of 16 frames of 64 x 64 pixels, 4 things)
    """
    cutouts = check_cutouts("cutouts", cutouts)
    check_choice("event", event, EVENTS)
    count, frames = check_whole("count", count, least=1), check_whole("frames", frames, least=1)
    size = check_whole("size", size, least=8)
    sides = _check_sides(sides, size)
    backgrounds = _check_backgrounds(backgrounds, size)
    labels = np.arange(len(cutouts)) if labels is None else _check_of_each(labels, cutouts)
    objects = min(OBJECTS, len(np.unique(labels))) if event == "scene" else 2
    if len(np.unique(labels)) < objects:
        raise ValueError(f"labels must be at least {objects} different ones, got fewer")
    speed, rng = check_number("speed", speed, above=0), check_seed("seed", seed)
    paths = draw_paths(event, count, objects, frames, size, sides, rng, speed=speed)
    rows = np.where(paths.present, _draw_rows(labels, count, objects, rng), -1)
    under = backgrounds[rng.integers(0, len(backgrounds), count)]
    made = np.repeat(under[:, None], frames, axis=1)
    boxes = np.zeros((*rows.shape, frames, 4), np.float32)
    visible = np.zeros((*rows.shape, frames), bool)
    shrunk = Shrunk(cutouts)
    for clip, thing in zip(*np.nonzero(rows >= 0), strict=True):
        at = clip, thing
        boxes[at], visible[at] = _paste(made[clip], shrunk, rows[at], paths, at)
    return Clips(event, made, rows, boxes, visible, np.where(rows >= 0, paths.answers, -1))


def _check_sides(sides, size):
    sides = check_sizes("sides", sides, least_count=1)
    if max(sides) > size:
        raise ValueError(f"sides must be at most size = {size}, got {max(sides)}")
    return sides


def _check_backgrounds(backgrounds, size):
    backgrounds = check_images(backgrounds, name="backgrounds")
    if backgrounds.dtype != np.uint8 or backgrounds.shape[-1] != 3 or not len(backgrounds):
        raise TypeError(
            "backgrounds must be at least one picture of uint8 and 3 channels, got "
            f"{backgrounds.dtype} {backgrounds.shape}"
        )
    return (
        backgrounds if backgrounds.shape[1:3] == (size, size) else resize_image(backgrounds, size)
    )


def _check_of_each(labels, cutouts):
    labels = check_labels("labels", labels)
    if labels.shape != (len(cutouts),):
        raise ValueError(
            f"labels must be one for each of {len(cutouts)} cut-outs, got {labels.shape}"
        )
    return labels


def _draw_rows(labels, count, objects, rng):
    """Draw the cut-outs of each clip, no two of one label: ``(count, objects)``."""
    rows = rng.integers(0, len(labels), (count, objects))
    while True:
        drawn = np.sort(labels[rows], axis=1)
        (twice,) = np.nonzero((drawn[:, 1:] == drawn[:, :-1]).any(axis=1))
        if not len(twice):
            return rows
        rows[twice] = rng.integers(0, len(labels), (len(twice), objects))


def _paste(frames, shrunk, row, paths, at):
    """Draw one thing into the frames of its clip; return its boxes, and where it is visible."""
    side, size = int(paths.sides[at]), frames.shape[1]
    drawn, edges = shrunk.get(row, side), shrunk.boxes(row, side)
    phases = paths.phases[at] % len(drawn)
    tops, lefts = (np.round(each[at]).astype(int) for each in (paths.tops, paths.lefts))
    corners = np.stack([tops, lefts, tops, lefts], axis=1)
    whole = edges[phases] + corners
    boxes = np.clip(whole, 0, size)
    shown = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    visible = shown >= LEAST_SHOWN * np.prod(whole[:, 2:] - whole[:, :2], axis=1)
    there = paths.there[at]
    for time in np.flatnonzero(there):
        top, left = tops[time], lefts[time]
        begin, end = max(left, 0), min(left + side, size)
        part = drawn[phases[time]][:, begin - left : end - left]
        under = frames[time, top : top + side, begin:end]
        under[:] = np.clip(part[..., :3] + (1 - part[..., 3:] / 255) * under + 0.5, 0, 255)
    return boxes, visible & there
