"""How things move across a clip: drawn so that one frame alone says nothing of the answer."""

from dataclasses import dataclass

import numpy as np

EVENTS = ("scene", "direction", "speed", "order")
ANSWERS = {
    "direction": ("to the left", "to the right"),
    "speed": ("slow", "fast"),
    "order": ("second", "first"),
}
PACE = (1.5, 3.5)  # pixels per frame, of a picture 64 wide
SLOW, FAST = (0.8, 1.6), (3.2, 4.8)
SPAN = (0.35, 0.6)  # of the clip, that a thing is there for where one comes before the other
LEAST_SHOWN = 0.5  # share of a thing inside the picture from which it counts as visible


@dataclass(frozen=True, eq=False)
class Paths:
    """Where each thing of each clip is, frame by frame; all arrays begin ``(clips, objects)``.

    ``present`` says which things there are, ``sides`` their pixels, ``tops`` and ``lefts``
    ``(..., frames)`` their upper left corners in pixels, ``there`` ``(..., frames)`` when they are
    shown at all, ``phases`` ``(..., frames)`` the frame of their own animation, counted on without
    end, and ``answers`` 0 or 1, -1 where there is none.
    """

    present: np.ndarray
    sides: np.ndarray
    tops: np.ndarray
    lefts: np.ndarray
    there: np.ndarray
    phases: np.ndarray
    answers: np.ndarray


def draw_paths(event, count, objects, frames, size, sides, rng, *, speed=1.0) -> Paths:
    """Draw paths; of the two things of a question, one has either answer.

    What leaves the picture on one side comes back on the other, and starts anywhere: so where it
    is in one frame says nothing of where it goes, or how fast. Played backwards, left and right
    change places, and first and second, and nothing else is more or less probable than before.
    """
    shape = (count, objects)
    answers = np.full(shape, -1)
    if event != "scene":
        answers[:, 0] = rng.integers(0, 2, count)
        answers[:, 1] = 1 - answers[:, 0]
    present = _draw_present(event, shape, rng)
    sides = rng.choice(sides, shape)
    signs = rng.choice([-1, 1], shape)
    if event == "direction":
        signs = np.where(answers == 1, 1, -1)
    low, high = (np.full(shape, bound) for bound in PACE)
    if event == "speed":
        low, high = (np.where(answers == 1, *pair) for pair in zip(FAST, SLOW, strict=True))
    pace = signs * rng.uniform(low, high) * speed * size / 64
    time = np.arange(frames)
    period = (size + sides)[..., None]
    lefts = (rng.random(shape) * period[..., 0])[..., None] + pace[..., None] * time
    lefts = np.mod(lefts, period) - sides[..., None]
    tops = np.broadcast_to(_draw_lanes(shape, size, sides, rng)[..., None], lefts.shape)
    there = _draw_times(event, answers, frames, rng)
    turns = rng.choice([-1, 1], shape)[..., None]  # an animation may run backwards
    phases = rng.integers(0, 1 << 16, shape)[..., None] + turns * time
    return Paths(present, sides, tops, lefts, there, phases, answers)


def _draw_present(event, shape, rng):
    if event != "scene":
        return np.broadcast_to(np.arange(shape[1]) < 2, shape)
    return np.arange(shape[1]) < rng.integers(1, shape[1] + 1, shape[0])[:, None]


def _draw_lanes(shape, size, sides, rng):
    """Draw how far down each thing moves: each in a lane of its own, a little off its middle."""
    lanes = rng.permuted(np.broadcast_to(np.arange(shape[1]), shape), axis=1)
    middle = (lanes + 0.5 + rng.uniform(-0.2, 0.2, shape)) * size / shape[1]
    return np.clip(middle - sides / 2, 0, size - sides)


def _draw_times(event, answers, frames, rng):
    """Draw when each thing is there, ``(clips, objects, frames)``."""
    time, shape = np.arange(frames), answers.shape
    if event in ("direction", "speed"):
        return np.ones((*shape, frames), bool)
    length = np.maximum(np.round(rng.uniform(*SPAN, (shape[0], 1)) * frames), 1).astype(int)
    if event == "order":
        apart = np.maximum(frames // 4, 1)
        room = np.maximum(frames - length - apart, 0)
        early, late = np.sort(rng.integers(0, room + 1, (shape[0], 2)), axis=1).T[..., None]
        starts = np.where(answers == 1, early, late + apart)
    else:
        length = np.maximum(np.round(rng.uniform(0.4, 1, shape) * frames), 1).astype(int)
        starts = rng.integers(0, frames - length + 1, shape)
    starts, length = (np.broadcast_to(each, shape)[..., None] for each in (starts, length))
    return (time >= starts) & (time < starts + length)
