"""What needs no training: follow the surest cell; and what breaks it all: too few frames."""

import numpy as np

from mmtutorial.applications.video.motion import PACE
from mmtutorial.chapters.applications.video import scoring
from mmtutorial.chapters.applications.video.experiment import UNITS, see
from mmtutorial.tasks import video as task

LAG = 2  # frames between the two places that are compared
FAST = 2.4  # pixels per frame from which a thing is fast
PERIOD = task.SIZE + 28  # pixels after which a thing is where it was
SPEEDS = (1, 4, 8, 13, 18)


def likeness(grids: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Return how much each cell is like the words, and a thing at all: ``(clips, time, 8, 8)``.

    It is the cosine, less what speaks against there being any thing.
    """
    grids = grids.astype(np.float32)
    cosines = np.einsum("ctrsd,cd->ctrs", grids[..., :UNITS], texts)
    return 10 * cosines - np.logaddexp(0, -grids[..., UNITS])


def follow(scores: np.ndarray) -> dict[str, np.ndarray]:
    """Answer all questions from where the surest cell is: ``{question: (clips,) of bool}``."""
    flat = scores.reshape(*scores.shape[:2], -1)
    shares = np.exp(flat - flat.max(axis=2, keepdims=True))
    shares = (shares / shares.sum(axis=2, keepdims=True)).reshape(scores.shape)
    column = (shares.sum(axis=2) * (np.arange(8) + 0.5) * 8).sum(axis=2)
    steps = column[:, LAG:] - column[:, :-LAG]
    steps = (steps + PERIOD / 2) % PERIOD - PERIOD / 2  # out on one side, in on the other
    peaks = flat.max(axis=2)
    weight = np.exp(peaks - peaks.max(axis=1, keepdims=True))
    middle = (weight * np.arange(scores.shape[1])).sum(axis=1) / weight.sum(axis=1)
    both = weight[:, LAG:] * weight[:, :-LAG]  # how surely it is seen at both times
    both /= both.sum(axis=1, keepdims=True) + 1e-9
    return {
        "direction": (both * steps).sum(axis=1) > 0,
        "speed": (both * np.abs(steps)).sum(axis=1) > LAG * FAST,
        "order": middle < (scores.shape[1] - 1) / 2,
    }


def follow_all(seen, words) -> np.ndarray:
    """Ask about both things of each clip; return what is right, as `scoring.answer_questions`."""
    clips, right = seen.clips, []
    for place in (0, 1):
        said = follow(likeness(seen.grids, words[clips.rows[:, place]]))[clips.event]
        right.append(said == (clips.answers[:, place] == 1))
    return np.concatenate(right)


def seems_right(speed: float) -> float:
    """Return the share of paces with which a thing seems to go the right way, between two frames.

    Those are the two that `follow` compares. More than half a round seems to go the other way.

    >>> seems_right(1), round(seems_right(13), 2)
    (1.0, 0.13)
    """
    steps = LAG * speed * np.linspace(*PACE, 1001)
    return float(np.mean(steps % PERIOD < PERIOD / 2))


def by_speed(model, frames, words, *, count: int = 80, split: str = "test") -> dict[str, dict]:
    """Return the share of right directions while all things move ever faster, by model and by hand.

    They cross 1.5 to 3.5 pixels per frame at speed 1. After some 90 pixels a thing is where it was.
    """
    found = {"model": {}, "followed by hand": {}}
    for speed in SPEEDS:
        seen = see(frames, split, "direction", count, seed=5, speed=speed)
        found["model"][f"speed {speed}"] = scoring.answer_questions(model, seen, words).mean()
        found["followed by hand"][f"speed {speed}"] = follow_all(seen, words).mean()
    return found
