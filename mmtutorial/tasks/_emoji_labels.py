"""Seven labels of each drawing of an emoji, and splits on which each of them can be tested."""

from functools import cache

import numpy as np

from mmtutorial import data
from mmtutorial.tasks._inputs import SPLITS
from mmtutorial.tasks._scenes import dominant_colours, in_parts, split_pixels

TASKS = ("artist", "colour", "era", "gender", "group", "lightness", "subgroup")
NUMBERS = ("lightness",)  # tasks whose labels are numbers; those of all others are classes
SINCE = (0.9, 5.5)  # the emoji versions with which the second and the third era begin
PEOPLE = {"woman": 1, "women": 1, "man": 2, "men": 2}
LIGHT = np.float32(0.57), np.float32(0.12)  # mean and spread of lightness, black 0 and white 1
PAPER = 0.94  # a pixel whose darkest channel is above it is white paper


@cache
def load_labels():
    """Return the three splits, and all labels of each, which tasks take some of."""
    features, drawings = data.load_emoji(image="features"), data.load_emoji(size=32)
    splits, labels = {}, {}
    for split in SPLITS:
        splits[split] = getattr(features, split)
        labels[split] = _label(getattr(drawings, split))
    concepts = np.unique(splits["validation"].targets["concept"])
    moved = np.isin(splits["validation"].targets["concept"], concepts[1::2])
    known = splits["validation"].take(moved)
    for task, tested in labels["test"].items():
        added, missing = labels["validation"][task][moved], np.nan if task in NUMBERS else -1
        if task == "artist":
            tested = np.full_like(tested, missing)
        else:
            added = np.full_like(added, missing)
        labels["test"][task] = np.concatenate([tested, added])
    labels["validation"] = {t: each[~moved] for t, each in labels["validation"].items()}
    splits["validation"] = splits["validation"].take(~moved)
    splits["test"] = _join(splits["test"], known)
    return splits, labels


def _join(first, second):
    """Return the rows of two splits, one after the other."""
    parts = {
        part: {
            name: np.concatenate([array, getattr(second, part)[name]])
            for name, array in getattr(first, part).items()
        }
        for part in ("inputs", "targets", "info")
    }
    return type(first)(**parts)


def _label(split):
    """Return the seven labels of each drawing of a split."""
    pictures, names = split.inputs["image"], split.info["name"].tolist()
    firsts = [name.replace(":", " ").split()[0] for name in names]
    return {
        "artist": split.targets["artist"],
        "colour": dominant_colours(pictures),
        "era": np.digitize(split.targets["version"], SINCE),
        "gender": np.array([PEOPLE.get(first, 0) for first in firsts]),
        "group": split.targets["group"],
        "lightness": (in_parts(_lightness, pictures) - LIGHT[0]) / LIGHT[1],
        "subgroup": split.targets["subgroup"],
    }


def _lightness(pictures):
    """Return the mean lightness (of the HSL model) of the pixels that are not paper, in 0..1."""
    *_, most, least = split_pixels(pictures)
    drawn = least < PAPER
    total = np.sum((most + least) / 2, axis=1, where=drawn)
    return total / np.maximum(drawn.sum(axis=1), 1)
