"""Finding things in clips: how what looks at frames and what looks over time are trained."""

from dataclasses import dataclass

import keras
import numpy as np
from scipy.special import expit

from mmtutorial.applications.video import (
    ANSWERS,
    Clips,
    FrameGrounder,
    VideoGrounder,
    compare,
    grid_targets,
)
from mmtutorial.tasks import video as task

GRID, UNITS = 8, 64  # cells a side; numbers of a cell and of a description
PICTURES, FRAME_EPOCHS, FRAME_BATCH = 5000, 6, 32
SCENES, ASKED = 250, 300  # training clips of a seed: scenes, and of each question
EPOCHS, BATCH, RATE = 12, 12, 1.5e-3
ABSENT = 0.3  # share of the scenes that are asked for what is not there
METHODS = {  # of one cost, in multiplications: see `cost`
    "single frame": {"temporal": "frame", "width": 11},
    "frame pooling": {"temporal": "average", "width": 11},
    "3-D convolution": {"temporal": "conv", "width": 6},
    "temporal transformer": {"temporal": "transformer", "width": 8, "hidden": 64},
}
QUESTIONS = tuple(ANSWERS)


def train_frames(seed: int, *, pictures: int = PICTURES, epochs: int = FRAME_EPOCHS):
    """Train a `FrameGrounder` on composed pictures of two things each; the words are drawn anew."""
    things = task.load_things("train", stills=True)
    drawn = task.draw_clips("train", "direction", pictures, seed=seed, stills=True, frames=1)
    cells, edges = grid_targets(
        drawn.boxes[:, :, 0], drawn.visible[:, :, 0], size=task.SIZE, grid=GRID
    )
    images = drawn.frames[:, 0]
    keras.utils.set_random_seed(seed)
    model, rng = FrameGrounder(UNITS), np.random.default_rng(seed)
    steps = epochs * (pictures // FRAME_BATCH)
    model.compile(keras.optimizers.AdamW(schedule(3e-3, steps), weight_decay=1e-3))
    for epoch in range(epochs):
        words = task.describe_things("train", stills=True, keywords=task.KEYWORDS, seed=epoch)
        order = rng.permutation(pictures)
        inputs = {"image": images[order] / np.float32(255), "text": words[drawn.rows[order]]}
        targets = {"cells": cells[order], "boxes": edges[order],
                   "labels": things.concepts[drawn.rows[order]]}  # fmt: skip
        model.fit(inputs, targets, batch_size=FRAME_BATCH, shuffle=False, verbose=0)
    return model


def schedule(rate, steps):
    """Return a learning rate that falls to 0 along a cosine."""
    return keras.optimizers.schedules.CosineDecay(rate, max(steps, 1))


@dataclass(frozen=True, eq=False)
class Seen:
    """Clips as the frames' network sees them: ``grids (clips, time, 8, 8, 69)``."""

    clips: Clips
    grids: np.ndarray
    split: str
    stills: bool = False

    def cells(self, places):
        """Return where the chosen thing of each clip is, ``(clips, time, 8, 8)``; -1: none."""
        boxes, visible = chosen(self.clips.boxes, places), chosen(self.clips.visible, places)
        visible = visible & (places >= 0)[:, None]
        return grid_targets(boxes[:, :, None], visible[:, :, None], size=task.SIZE, grid=GRID)[0][
            :, :, 0
        ]


def chosen(array, places):
    """Return of each clip what belongs to one of its things."""
    return array[np.arange(len(array)), np.maximum(places, 0)]


def see(frames_model, split, event, count, *, seed, stills=False, **options) -> Seen:
    """Compose clips, and let the frames' network look at each frame."""
    clips = task.draw_clips(split, event, count, seed=seed, stills=stills, **options)
    grids = frames_model.describe(clips.frames).astype(np.float32)  # quicker to compute with
    return Seen(clips, grids, split, stills)


def draw_questions(seen: Seen, rng, *, absent: float = ABSENT):
    """Choose of each clip a thing to ask for; of some scenes one that is not there.

    Returns ``places (clips,)``, -1 for none, and ``rows (clips,)``, the things that are asked for.
    """
    clips = seen.clips
    there = clips.rows >= 0
    places = (rng.random(there.shape) * there).argmax(axis=1)
    rows = chosen(clips.rows, places)
    if clips.event == "scene":
        concepts = task.load_things(seen.split, stills=seen.stills).concepts
        other = rng.integers(0, len(concepts), len(rows))
        inside = np.where(there, concepts[clips.rows], -1)
        free = (inside != concepts[other][:, None]).all(axis=1) & (rng.random(len(rows)) < absent)
        places, rows = np.where(free, -1, places), np.where(free, other, rows)
    return places, rows


def targets_of(seen: Seen, places):
    """Return what a `VideoGrounder` is to say of these clips."""
    answers = np.full((len(places), len(QUESTIONS)), -1, np.int8)
    if seen.clips.event in QUESTIONS:
        asked = QUESTIONS.index(seen.clips.event)
        answers[:, asked] = np.where(places >= 0, chosen(seen.clips.answers, places), -1)
    return {"map": seen.cells(places), "answers": answers}


def train_video(
    method: str, parts: list[Seen], frames_model, *, seed: int, rate=RATE, epochs=EPOCHS,
    order=None, losses=None,
):  # fmt: skip
    """Train one method on clips of all kinds; words, and what is asked for, are drawn anew.

    ``order(rng, grids, maps)`` changes the frames of all clips; "single frame" gets one of each.
    ``losses`` is a list that the loss of each epoch is written to.
    """
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = VideoGrounder(**METHODS[method])
    steps = epochs * (sum(len(part.clips) for part in parts) // BATCH)
    model.compile(keras.optimizers.AdamW(schedule(rate, steps), weight_decay=1e-4))
    for epoch in range(epochs):
        words = {
            stills: frames_model.encode_text(
                task.describe_things("train", stills=stills, keywords=task.KEYWORDS,
                                     seed=1000 * seed + epoch)
            )
            for stills in {part.stills for part in parts}
        }  # fmt: skip
        maps, targets = join([draw_part(part, words[part.stills], rng) for part in parts])
        if method == "single frame":
            maps, targets["map"] = one_frame(rng, maps, targets["map"])
        elif order is not None:
            maps, targets["map"] = order(rng, maps, targets["map"])
        if not epoch:  # or the first step would be traced twice
            model.build(maps.shape)
            model.optimizer.build(model.trainable_variables)
        mixed = rng.permutation(len(maps))
        past = model.fit(
            maps[mixed], {name: each[mixed] for name, each in targets.items()},
            batch_size=BATCH, shuffle=False, verbose=0,
        )  # fmt: skip
        if losses is not None:
            losses.append(past.history["loss"][0])
    return model


def draw_part(part: Seen, words, rng):
    """Ask each clip for a thing, and turn it round or not: ``(maps, targets)``."""
    places, rows = draw_questions(part, rng)
    targets = targets_of(part, places)
    maps, targets["map"], targets["answers"] = turn_round(
        rng, compare(part.grids, words[rows]), targets["map"], targets["answers"]
    )
    return maps, targets


def turn_round(rng, maps, cells, answers):
    """Mirror some clips and play some backwards, and change the answers that change with that."""
    maps, cells, answers = maps.copy(), cells.copy(), answers.copy()
    changes = {  # axis of the maps, and the answers that it turns into the other
        2: (),  # upside down
        3: (QUESTIONS.index("direction"),),
        1: (QUESTIONS.index("direction"), QUESTIONS.index("order")),
    }
    for axis, columns in changes.items():
        some = rng.random(len(maps)) < 0.5
        maps[some], cells[some] = (np.flip(each[some], axis) for each in (maps, cells))
        for column in columns:
            asked = some & (answers[:, column] >= 0)
            answers[asked, column] = 1 - answers[asked, column]
    return maps, cells, answers


def join(drawn):
    """Put clips of all kinds into one batch."""
    maps, targets = zip(*drawn, strict=True)
    together = {name: np.concatenate([each[name] for each in targets]) for name in targets[0]}
    return np.concatenate(maps), together


def one_frame(rng, *arrays):
    """Keep one frame of each clip, drawn anew: ``(clips, time, ...)`` -> ``(clips, 1, ...)``."""
    place = rng.integers(0, arrays[0].shape[1], len(arrays[0]))
    return tuple(each[np.arange(len(each)), place][:, None] for each in arrays)


def shuffle_frames(rng, *arrays):
    """Bring the frames of each clip into another order."""
    count, time = arrays[0].shape[:2]
    order = rng.permuted(np.broadcast_to(np.arange(time), (count, time)), axis=1)
    return tuple(each[np.arange(count)[:, None], order] for each in arrays)


def predict(model, grids, texts, *, batch_size=100):
    """Return the map ``(clips, time, 8, 8)`` and the answers ``(clips, 3)``, probabilities."""
    parts = []
    for at in range(0, len(grids), batch_size):
        some = slice(at, at + batch_size)
        parts.append(model(compare(grids[some], texts[some])))
    return tuple(
        expit(np.concatenate([keras.ops.convert_to_numpy(part[name]) for part in parts]))
        for name in ("map", "answers")
    )
