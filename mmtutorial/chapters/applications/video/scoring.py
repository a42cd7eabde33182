"""What a model gets right: questions about time; whether, when and where it finds a thing."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from mmtutorial.applications.video import Clips, boxes_at
from mmtutorial.chapters.applications.video.experiment import (
    GRID,
    QUESTIONS,
    UNITS,
    Seen,
    chosen,
    one_frame,
    predict,
    shuffle_frames,
    targets_of,
)
from mmtutorial.evaluation import box_iou
from mmtutorial.tasks import video as task

VIEWS = ("", "text shuffled", "frames shuffled")
LEVELS = np.linspace(0.05, 0.95, 19)  # among which a threshold is chosen


def draw_places(clips: Clips, rng) -> np.ndarray:
    """Draw of each clip a thing that is there, ``(clips,)``."""
    return (rng.random(clips.rows.shape) * (clips.rows >= 0)).argmax(axis=1)


def answer_questions(model, seen: Seen, words, *, view: str = "", frames: int = 0, seed: int = 0):
    """Ask about both things of each clip; return what is right, ``(2 * clips,)`` of bool.

    ``view`` shuffles the descriptions of a clip's two things, or the frames; ``frames=1`` shows one
    frame of each clip, drawn at random.
    """
    rng, clips = np.random.default_rng(seed), seen.clips
    column, right = QUESTIONS.index(clips.event), []
    for place in (0, 1):
        places = np.full(len(clips), place)
        rows, grids = clips.rows[:, place], seen.grids
        if view == "text shuffled":
            rows = rng.permutation(rows)
        if frames == 1:
            (grids,) = one_frame(rng, grids)
        elif view == "frames shuffled":
            (grids,) = shuffle_frames(rng, grids)
        _, said = predict(model, grids, words[rows])
        right.append((said[:, column] > 0.5) == targets_of(seen, places)["answers"][:, column])
    return np.concatenate(right)


def look_for_things(model, seen: Seen, words, *, view: str = "", seed: int = 0) -> dict:
    """Ask of each scene for a thing that is there, and for one that is not.

    Returns arrays: ``there`` and ``absent`` ``(scenes,)``, how sure the model is; of the first,
    ``peaks`` ``(scenes, time)``, how sure it is in each frame, ``cells``, the surest place, and
    ``boxes``; and ``places``, which thing it was.
    """
    rng, clips = np.random.default_rng(seed), seen.clips
    concepts = task.load_things(seen.split, stills=seen.stills).concepts
    places = draw_places(clips, rng)
    rows = chosen(clips.rows, places)
    inside = np.where(clips.rows >= 0, concepts[clips.rows], -1)
    other = rng.integers(0, len(concepts), len(rows))
    while (twice := (inside == concepts[other][:, None]).any(axis=1)).any():
        other[twice] = rng.integers(0, len(concepts), twice.sum())
    if view == "text shuffled":
        rows = rng.permutation(rows)
    grids = seen.grids
    maps, absent = (predict(model, grids, words[which])[0] for which in (rows, other))
    flat = maps.reshape(*maps.shape[:2], -1)
    cells = flat.argmax(axis=2)
    edges = grids[..., UNITS + 1 :].astype(np.float32)
    return {
        "there": flat.max(axis=(1, 2)),
        "absent": absent.max(axis=(1, 2, 3)),
        "peaks": flat.max(axis=2),
        "cells": cells,
        "boxes": boxes_at(cells, edges, size=task.SIZE),
        "places": places,
    }


def score_things(seen: Seen, found: dict, level: float) -> dict[str, float]:
    """Return how well things were found: whether (area under the curve), when, and where.

    ``pointing`` is the share of frames that show the thing in which the surest cell lies on it,
    ``box_iou`` the mean overlap there, ``time_iou`` of the frames that are said and those that are
    true, with ``level`` as the threshold.
    """
    visible = chosen(seen.clips.visible, found["places"])
    true = chosen(seen.clips.boxes, found["places"])
    return {
        "auc": area_under_curve(found["there"], found["absent"]),
        "pointing": pointing(seen, found["cells"], found["places"]),
        "box_iou": float(box_iou(found["boxes"][visible], true[visible]).mean()),
        "time_iou": float(time_iou(found["peaks"] >= level, visible).mean()),
    }


def pointing(seen: Seen, cells, places) -> float:
    """Return how often these cells ``(clips, time)`` lie on the chosen things, while visible."""
    truth = seen.cells(places).reshape(*cells.shape, -1)
    hit = np.take_along_axis(truth, cells[..., None], axis=2)[..., 0]
    return float(hit[chosen(seen.clips.visible, places)].mean())


def compare_guesses(model, seen: Seen, words) -> dict[str, float]:
    """Return the pointing of a model, of the surest cell for any thing, and of the middle."""
    places = np.zeros(len(seen.clips), int)
    maps, _ = predict(model, seen.grids, words[seen.clips.rows[:, 0]])
    cells = maps.reshape(*maps.shape[:2], -1).argmax(axis=2)
    any_thing = seen.grids[..., UNITS].reshape(*cells.shape, -1).argmax(axis=2)
    middle = np.full_like(cells, GRID * (GRID // 2) + GRID // 2)
    guesses = {"the model": cells, "any thing": any_thing, "the middle": middle}
    return {name: pointing(seen, each, places) for name, each in guesses.items()}


def area_under_curve(there, absent) -> float:
    """Return how often what is there gets a higher score than what is not (ties count half).

    >>> area_under_curve(np.array([0.9, 0.5]), np.array([0.1, 0.5]))
    0.875
    """
    ranks = rankdata(np.concatenate([there, absent]))[: len(there)]
    least = len(there) * (len(there) + 1) / 2
    return float((ranks.sum() - least) / (len(there) * len(absent)))


def time_iou(said, true):
    """Return the frames that both have over those that either has, ``(clips,)``; 1 for none at all.

    >>> time_iou(np.array([[True, True, False]]), np.array([[False, True, True]]))
    array([0.33333333])
    """
    either = (said | true).sum(axis=1)
    return np.where(either, (said & true).sum(axis=1) / np.maximum(either, 1), 1.0)


def overlap_of_all_frames(clips: Clips, seeds: Sequence[int]) -> float:
    """Return the overlap in time of "in all frames", about the things that these seeds ask for."""
    visible = [
        chosen(clips.visible, draw_places(clips, np.random.default_rng(seed))) for seed in seeds
    ]
    return float(np.mean([time_iou(np.ones_like(each), each) for each in visible]))


def choose_level(seen: Seen, found: dict) -> float:
    """Return the threshold with the best overlap in time."""
    return float(max(LEVELS, key=lambda level: score_things(seen, found, level)["time_iou"]))
