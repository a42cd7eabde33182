"""Speech to picture: which stamp is meant by a caption that is read aloud?"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from mmtutorial._vectors import to_unit
from mmtutorial.tasks import StampTask, fit_ridge_map, score_search


class Recordings(NamedTuple):
    """Stamps that have a picture and a recording: features ``(rows, 256)`` and ``(rows, 128)``.

    ``ids`` says which of them are one thing.
    """

    images: np.ndarray
    speech: np.ndarray
    ids: np.ndarray


@cache
def read_recordings(fold: int, language: str) -> dict[str, Recordings]:
    """Return the splits of a fold, ``{"train": Recordings, ...}``, in a spoken language.

    A recording is the mean and the spread over time of each log-mel band.
    """
    task = StampTask(fold=fold, modalities=("image", "speech"), speech=language)
    found = {}
    for split in ("train", "validation", "test"):
        inputs, clusters = task.inputs(split), getattr(task.dataset, split).info["cluster"]
        there = inputs["presence"].all(axis=1)
        ids = np.unique(clusters[there], return_inverse=True)[1]
        found[split] = Recordings(inputs["image"][there], inputs["speech"][there], ids)
    return found


def score_speech(found: dict[str, Recordings], split: str, *, penalty: float) -> dict[str, Any]:
    """Fit a linear map from recordings to pictures; search the pictures of a split by recordings.

    Returns the scores of `score_search`, and as ``"candidates"`` how many pictures there are.
    """
    train, asked = found["train"], found[split]
    guess = fit_ridge_map(train.speech, train.images, penalty=penalty).predict(asked.speech)
    mean = train.images.mean(axis=0)
    similarity = to_unit(guess - mean) @ to_unit(asked.images - mean).T
    return {**score_search(similarity, asked.ids, asked.ids), "candidates": len(asked.ids)}


def score_chance(asked: Recordings, *, draws: int = 20) -> float:
    """Return R@10 of a random order of the same pictures, the mean of several draws."""
    rng, size = np.random.default_rng(0), len(asked.ids)
    drawn = [
        score_search(rng.normal(size=(size, size)), asked.ids, asked.ids) for _ in range(draws)
    ]
    return float(np.mean([each["recall_at_10"] for each in drawn]))
