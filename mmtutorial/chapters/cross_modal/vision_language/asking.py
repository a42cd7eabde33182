"""The questions that all are tested with, what they see of the scenes, and what they answer."""

from functools import cache

import numpy as np

from mmtutorial.chapters.cross_modal.vision_language import bench as drawn
from mmtutorial.chapters.cross_modal.vision_language import experiment as vl

TESTED, SEED = 2000, 3  # questions about unseen concepts, the same for all
FULL, ALONE = "full", "question alone"
CANVAS = (128, 128, 3)


@cache
def load_asked(split="test"):
    """Draw the questions that all are tested with."""
    return vl.load_task().draw(split, TESTED, seed=SEED)


def views(model, bench, asked, seed, *, method=FULL):
    """Return the test images of a model: as they are, those of other scenes, and white paper.

    Only "full" is asked about all three. A ``method`` may have learnt without places, or without
    anything to see.
    """
    pictures = bench.task.pictures("test", asked.scenes)
    white = np.full((1, *CANVAS), 255, np.uint8)
    if model.encoder is None:
        pictures, white = (vl.read_pictures(bench.encoder, each) for each in (pictures, white))
    else:
        pictures, white = vl.to_floats(pictures), vl.to_floats(white)
    if method == ALONE:
        return {"": np.zeros_like(pictures)}
    if method == "no places":
        return {"": drawn.hide_places(pictures)}
    if method != FULL:
        return {"": pictures}
    other = np.random.default_rng(seed).permutation(len(pictures))
    return {"": pictures, ", image shuffled": pictures[other],
            ", white paper": np.repeat(white, len(pictures), axis=0)}  # fmt: skip


def answer_all(model, images, questions):
    """Answer all questions, some at a time, with at most as many tokens as any answer has."""
    written = []
    for place in range(0, len(questions), 500):
        part = slice(place, place + 500)
        most = vl.LENGTHS["answer"] + 1
        written += model.answer(images[part], questions[part], max_length=most).texts
    return written
