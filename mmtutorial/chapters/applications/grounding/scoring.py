"""What is right: a point on what is meant, a box that fits it; for each kind of scene."""

from functools import cache

import numpy as np

from mmtutorial import evaluation
from mmtutorial.applications.grounding import box_at, point_at
from mmtutorial.chapters.applications.grounding import experiment
from mmtutorial.chapters.applications.grounding.encoder import load_encoder, read_pictures
from mmtutorial.tasks.grounding import DISTRACTORS, WAYS

TESTED, SEED, SIZE = 1000, 3, 128
SHARE = 0.5  # of the way up to a map's peak, above which a box begins; chosen on validation
HIDDEN = {"not hidden": (0, 0.01), "hidden a little": (0.01, 0.15), "hidden more": (0.15, 1.01)}
AREAS = {"small": (0, 550), "medium": (550, 1150), "large": (1150, 1e9)}  # seen pixels


@cache
def load_tested(split: str = "test", count: int = TESTED):
    """Draw the descriptions that all are tested with."""
    return experiment.load_task().draw(split, count, seed=SEED)


@cache
def load_tokens(split: str = "test", count: int = TESTED) -> np.ndarray:
    """Read their scenes, once."""
    return read_pictures(load_encoder(), load_tested(split, count).scenes.pictures)


def groups_of(described) -> dict[str, np.ndarray]:
    """Return which scenes belong to each kind, ``{title: (scenes,) of bool}``."""
    rows = np.arange(len(described))
    hidden = described.scenes.hidden[rows, described.targets]
    area = described.masks().sum(axis=(1, 2))
    numbers = (described.scenes.rows >= 0).sum(axis=1)
    ways, alike = np.array(described.ways), np.array(described.distractors)
    found = {"all": np.ones(len(rows), bool)}
    found |= {f"by {way}": ways == way for way in WAYS}
    found |= {f"others: {name}": alike == name for name in DISTRACTORS}
    found |= {f"{number} things": numbers == number for number in np.unique(numbers)}
    found |= {name: (hidden >= low) & (hidden < high) for name, (low, high) in HIDDEN.items()}
    found |= {name: (area >= low) & (area < high) for name, (low, high) in AREAS.items()}
    return found | {"stamps": described.stamps, "emoji": ~described.stamps}


def score(points: np.ndarray, boxes: np.ndarray, described) -> list[dict]:
    """Return a row for each kind of scene: pointing accuracy, mean IoU, how many scenes.

    ``points`` ``(scenes, 2)`` and ``boxes`` ``(scenes, 4)`` are in pixels.
    """
    hits = evaluation.pointing_hits(points, described.masks())
    fits = evaluation.box_iou(boxes, described.boxes())
    on_things = described.scenes.owner[np.arange(len(points)), points[:, 0], points[:, 1]] >= 0
    rows = [
        {"part": name, "accuracy": float(hits[here].mean()), "iou": float(fits[here].mean()),
         "half": float((fits[here] >= 0.5).mean()), "items": int(here.sum())}
        for name, here in groups_of(described).items()
    ]  # fmt: skip
    rows[0] |= {"on_things": float(on_things.mean()), "correct": hits}
    return rows


def score_maps(maps: np.ndarray, described) -> list[dict]:
    """Score maps ``(scenes, rows, columns)``: points are their peaks, boxes the patches there."""
    return score(point_at(maps, SIZE), box_at(maps, SIZE, share=SHARE), described)


def find_mean(model, tokens: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Return maps ``(scenes, rows, columns)`` of one phrase for all scenes: the mean of theirs.

    What a model gets with it, it gets without reading: it tells where things are that are asked for
    at all. ``tokens`` ``(scenes, places, dim)`` and ``texts`` ``(scenes, words, dim)`` are what
    ``model.find`` takes.
    """
    mean = np.asarray(model.embed_text(texts)).mean(axis=0)
    places = np.asarray(model.embed_image(tokens, training=False))
    side = round(places.shape[1] ** 0.5)
    return (places @ (mean / np.linalg.norm(mean))).reshape(-1, side, side)


def guess(described, kind: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points and boxes that read no description, ``(scenes, 2)`` and ``(scenes, 4)``.

    ``"chance"`` is any pixel, with a box as large as things are on average; ``"centre"`` the
    middle; ``"largest thing"`` knows where all things are, and takes the one of which most is
    seen; ``"any thing"`` takes any of them.
    """
    scenes, count = described.scenes, len(described)
    if kind in ("chance", "centre"):
        points = rng.integers(SIZE, size=(count, 2))
        if kind == "centre":
            points = np.full((count, 2), SIZE // 2)
        sides = described.boxes()[:, 2:] - described.boxes()[:, :2]
        half = sides.mean(axis=0) / 2
        return points, np.clip(np.hstack([points - half, points + half]), 0, SIZE)
    areas = scenes.areas()
    chosen = areas.argmax(axis=1)
    if kind == "any thing":
        chosen = np.array([rng.choice(np.flatnonzero(row)) for row in areas])
    masks = scenes.masks(chosen)
    points = np.array([rng.choice(np.argwhere(mask)) for mask in masks])
    return points, scenes.boxes[np.arange(count), chosen]


GUESSES = ("chance", "centre", "largest thing", "any thing")
