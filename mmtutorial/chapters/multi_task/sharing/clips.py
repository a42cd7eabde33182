"""Moving emoji with two labels: what a clip shows, and whether it is played forwards."""

from copy import copy
from functools import cache

import numpy as np

from mmtutorial import data
from mmtutorial.tasks import Recipe, vary
from mmtutorial.tasks._sharing import build_hard_sharing

TASKS = ("direction", "group")
SIDE = 12  # pixels of the small frames
WIDTH = 16  # of a network for one task
CANDIDATES = vary(Recipe(epochs=30, batch_size=32), dropout=(0.2, 0.5), learning_rate=(1e-3, 4e-3))


def describe(frames):
    """Return what small frames ``(clips, time, side, side, 3)`` look like, and how they move.

    The mean frame, in colour; then of the differences from frame to frame the mean size at each
    time, the mean cube at each place, and how they go with the slope of the frame: numbers that
    change when a clip is played backwards.
    """
    grey = frames.mean(axis=-1)
    steps = np.roll(grey, -1, axis=1) - grey
    places = [(steps**3).mean(axis=1)]
    places += [(steps * np.gradient(grey, axis=axis)).mean(axis=1) for axis in (2, 3)]
    parts = [frames.mean(axis=1), np.abs(steps).mean(axis=(2, 3)), *places]
    return np.concatenate([part.reshape(len(frames), -1) for part in parts], axis=1)


@cache
def load_clips():
    """Return of each split the numbers of both directions, ``(2, clips, dim)``, and two labels."""
    clips = data.load_animated_emoji()
    found = {}
    for name in ("train", "validation", "test"):
        split = getattr(clips, name)
        video = split.inputs["video"]
        frames = np.stack([video[place] for place in range(len(video))]) / np.float32(255)
        block = frames.shape[2] // SIDE
        small = frames.reshape(*frames.shape[:2], SIDE, block, SIDE, block, 3).mean(axis=(3, 5))
        both = np.stack([describe(small), describe(small[:, ::-1])])
        found[name] = both, split.targets["group"], split.targets["concept"]
    centre, spread = (getattr(found["train"][0], part)(axis=(0, 1)) for part in ("mean", "std"))
    return {
        name: ((both - centre) / np.maximum(spread, 1e-3), *rest)
        for name, (both, *rest) in found.items()
    }


class ClipTasks:
    """The group of each clip and its direction of play, 1 for backwards; in place of `EmojiTasks`.

    In each training epoch a clip is played in one direction, drawn anew; of the other splits, in
    both.

    >>> task = ClipTasks()
    >>> {name: rows.shape for name, rows in task.inputs("test").items()}
    {'video': (234, 880)}
    """

    modalities, candidates = ["video"], CANDIDATES

    def __init__(self, tasks=TASKS):
        self.tasks = sorted(tasks)
        self.heads = {name: {"direction": 2, "group": 4}[name] for name in self.tasks}
        self._clips = load_clips()

    def without_test(self):
        """Return the same tasks with an empty test split, for a search."""
        other, (numbers, *labels) = copy(self), self._clips["test"]
        none = numbers[:, :0], *(each[:0] for each in labels)
        other._clips = {**self._clips, "test": none}
        return other

    def inputs(self, split):
        """Return the numbers of all clips forwards, then backwards, ``{"video": (rows, dim)}``."""
        return {"video": np.concatenate(self._clips[split][0])}

    def labels(self, split):
        """Return the labels of these rows."""
        _, groups, _ = self._clips[split]
        both = {"group": np.tile(groups, 2), "direction": np.repeat([0, 1], len(groups))}
        return {name: both[name] for name in self.tasks}

    def concepts(self, split):
        """Return which rows show the same clip."""
        return np.tile(self._clips[split][2], 2)

    def draw_epoch(self, epoch, *, seed):
        """Return each training clip once, in one direction."""
        numbers, groups, _ = self._clips["train"]
        back = np.random.default_rng([seed, epoch]).integers(0, 2, len(groups))
        labels = {"group": groups, "direction": back}
        rows = numbers[back, np.arange(len(groups))]
        return {"video": rows}, {name: labels[name] for name in self.tasks}

    def score(self, outputs, split):
        """Return the accuracy of each task."""
        return {
            name: float(np.mean(np.asarray(outputs[name]).argmax(axis=1) == labels))
            for name, labels in self.labels(split).items()
        }

    def build(self, recipe, seed):
        """Build a model of hard sharing."""
        return build_hard_sharing(["video"], self.heads, recipe, seed=seed)
