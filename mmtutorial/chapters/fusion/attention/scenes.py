"""Scenes of several emoji: find the one that the words mean, and tell which colour it has."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from mmtutorial import data
from mmtutorial._checks import (
    check_array,
    check_choice,
    check_flag,
    check_labels,
    check_seed,
    check_whole,
)
from mmtutorial.tasks._scenes import in_parts, split_pixels
from mmtutorial.tasks.emoji import EmojiTask

MAX_DRAWS = 1000  # of a scene, until no concept stands twice in it
COLOURS = ("red", "yellow", "blue", "grey")  # green ones are too few to train on


def main_colours(images):
    """Tell the colour of which most pixels are: a place in `COLOURS`, or -1 for green.

    ``images`` is (rows, height, width, 3) uint8 on white. Red goes from pink to red, yellow from
    orange and brown to yellow, blue from cyan to violet. Grey, with black and white, are images of
    whose pixels less than a fifth have a colour.

    >>> main_colours(np.full((1, 8, 8, 3), [200, 30, 30], np.uint8))
    array([0])
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(
            "images must be uint8 of shape (rows, height, width, 3), "
            f"got {images.dtype} of shape {images.shape}"
        )
    return in_parts(_find_colours, images)


def _find_colours(images):
    from matplotlib.colors import rgb_to_hsv  # here, so that importing the room stays quick

    *planes, most, least = split_pixels(images)
    coloured = most - least > 0.25
    hsv = rgb_to_hsv(np.stack(planes, axis=-1)[coloured]) if coloured.any() else np.zeros((0, 3))
    hue = hsv[:, 0] * 360  # degrees round the circle of hues, 0 is red
    kind = np.full(coloured.shape, -1)
    kind[coloured] = np.select([(hue < 20) | (hue >= 300), hue < 75, hue < 170], [0, 1, 3], 2)
    counts = np.stack([(kind == k).sum(axis=1) for k in range(4)], axis=1)
    grey = counts.sum(axis=1) < 0.2 * (least < 0.95).sum(axis=1)
    found = np.array([0, 1, 2, -1])[counts.argmax(axis=1)]
    return np.where(grey | (counts.sum(axis=1) == 0), COLOURS.index("grey"), found)


@dataclass(frozen=True, eq=False)
class Scenes:
    """Some scenes: what a model gets, what it is asked, and where the answer stands.

    ``inputs`` is ``{"image": (scenes, places, 256), "text": (scenes, words, pieces)}``; ``rows``
    ``(scenes, places)`` says which drawing of the split stands where; ``place`` is that of the one
    that ``words`` mean, and ``colour`` is its colour, the question.
    """

    inputs: dict
    rows: np.ndarray
    place: np.ndarray
    colour: np.ndarray
    words: np.ndarray


class SceneTask:
    """Scenes of emoji, drawn anew for every seed; words name one of them. Which colour has it?

    Each place holds the frozen features of one drawing. Colours are drawn evenly, so the largest
    class is a quarter; no concept stands twice in a scene.

    Parameters
    ----------
    keywords : how many words name the one that is meant, None for all that it has
    places : how many drawings stand in a scene

    >>> task = SceneTask()
    >>> task.draw("test", 3, seed=0).inputs["image"].shape
    (3, 4, 256)
    """

    def __init__(self, *, keywords=2, places=4):
        check_whole("places", places, least=2)
        self.emoji = EmojiTask(keywords=keywords, by_word=True)
        self.places, self.vocabulary = places, self.emoji.vocabulary
        drawings = data.load_emoji(size=64)
        self.pictures, self.colours = {}, {}
        for side in ("train", "validation", "test"):
            self.pictures[side] = getattr(drawings, side).inputs["image"]
            keywords = getattr(self.emoji.dataset, side).info["keywords"]
            named = np.any(self.emoji.encode(keywords), axis=(1, 2))  # "+" has no letters
            self.colours[side] = np.where(named, main_colours(self.pictures[side]), -1)

    def draw(self, side, count, *, seed, places=None, similar=False):
        """Draw that many `Scenes` of a split; others of the same group if ``similar``.

        Raises ``ValueError`` for more places than a scene, or a group, has different concepts for.
        """
        check_choice("side", side, tuple(self.colours))
        check_whole("count", count, least=1)
        check_flag("similar", similar)
        rng, split = check_seed("seed", seed), getattr(self.emoji.dataset, side)
        places = self.places if places is None else check_whole("places", places, least=2)
        colours = self.colours[side]
        groups, concepts = split.targets["group"], split.targets["concept"]
        pools = [np.flatnonzero(colours == code) for code in range(len(COLOURS))]

        def pick(shape):
            code = rng.integers(len(pools), size=shape)
            return np.choose(code, [rng.choice(pool, shape) for pool in pools])

        target = pick(count)
        others = np.full((count, places - 1), target[:, None])  # redrawn until none stands twice
        for _ in range(MAX_DRAWS):
            twice = _repeats(concepts[np.column_stack([target, others])])
            if not np.any(twice):
                break
            fresh = pick((twice.sum(), places - 1))
            if similar:
                for group in np.unique(groups[target[twice]]):
                    here = groups[target[twice]] == group
                    pool = np.flatnonzero((groups == group) & (colours >= 0))
                    fresh[here] = rng.choice(pool, fresh[here].shape)
            others[twice] = fresh
        else:
            raise ValueError(
                f"places={places} are too many: in {MAX_DRAWS} draws, a concept stood twice in "
                f"{twice.sum()} of {count} scenes{' of one group' if similar else ''}"
            )
        place = rng.integers(places, size=count)
        rows = np.column_stack([others, target])
        rows[np.arange(count), -1] = rows[np.arange(count), place]
        rows[np.arange(count), place] = target
        words = split.info["keywords"][target]
        if self.emoji.keywords is not None:
            words = data.draw_keywords(words, self.emoji.keywords, seed=seed)
        inputs = {"image": self.emoji.images(side)[rows], "text": self.emoji.encode(words)}
        return Scenes(inputs, rows, place, colours[target], words)

    def without_test(self):
        """Return the same task with an empty test split, for a search."""
        other = copy(self)
        other.emoji = self.emoji.without_test()
        for name in ("pictures", "colours"):
            arrays = getattr(self, name)
            setattr(other, name, {**arrays, "test": arrays["test"][:0]})
        return other

    def show(self, side, rows):
        """Return each scene as one picture, ``(scenes, height, width, 3)``, three places per row.

        Scenes of four places have two per row.
        """
        check_choice("side", side, tuple(self.pictures))
        rows = check_array("rows", rows, kinds="iu")
        if rows.ndim != 2 or not rows.shape[1]:
            raise ValueError(f"rows must be (scenes, places), got shape {rows.shape}")
        check_labels("rows", rows.ravel(), classes=len(self.pictures[side]))
        across = 2 if rows.shape[1] <= 4 else 3
        down = -(-rows.shape[1] // across)
        pictures = np.full((len(rows), down * across, 64, 64, 3), 255, np.uint8)
        pictures[:, : rows.shape[1]] = self.pictures[side][rows]
        pictures = pictures.reshape(len(rows), down, across, 64, 64, 3).swapaxes(2, 3)
        return pictures.reshape(len(rows), down * 64, across * 64, 3)


def _repeats(concepts):
    """Say in which rows a number stands twice."""
    ordered = np.sort(concepts, axis=1)
    return np.any(ordered[:, 1:] == ordered[:, :-1], axis=1)
