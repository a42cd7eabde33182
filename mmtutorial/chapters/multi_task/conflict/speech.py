"""Spoken lines with three labels: do language, role and a word pull at one encoder?"""

from functools import cache

import keras
import numpy as np

from mmtutorial import data, multi_task, preprocessing
from mmtutorial._checks import check_choice
from mmtutorial.tasks import Recipe, fit
from mmtutorial.tasks._sharing import build_hard_sharing

TASKS = ("language", "role", "word")
WORD = "je"  # of Czech and of Dutch, where it says other things and sounds otherwise
HEADS = {"language": 2, "role": 3, "word": 2}
UNITS = 64  # of the encoder of a joint model, and of the layer that its tasks share
APART = 33  # of a model for one task: three of them have as many weights


class SpeechTasks:
    """Spoken lines of a game, as mean and spread over time of 64 mel bands, with three labels.

    ``"language"`` is Czech or Dutch, ``"role"`` small fish, big fish or another, and ``"word"``
    whether the line has the word *je* in it. Test lines are of levels that training never saw.
    """

    def __init__(self, tasks=TASKS):
        for task in tasks:
            check_choice("tasks", task, TASKS)
        self.tasks, (self.splits, self._labels) = sorted(tasks), _load()

    def inputs(self, split):
        """Return a split, standardized by the training rows, ``{"speech": (rows, 128)}``."""
        return {"speech": self.splits[split]}

    def labels(self, split):
        """Return the labels of a split, ``{task: (rows,)}``."""
        return {task: self._labels[split][task] for task in self.tasks}

    def draw_epoch(self, epoch, *, seed):
        """Return inputs and labels of a training epoch: the same in each."""
        return self.inputs("train"), self.labels("train")

    def score(self, outputs, split):
        """Return the balanced accuracy of language and role, and of the word its ranking.

        That is how often a line with the word gets a higher score than one without it, as rare
        words are never the more probable class.
        """
        found = {}
        for task, truth in self.labels(split).items():
            logits = keras.ops.convert_to_numpy(outputs[task])
            if task == "word":
                margin = logits[:, 1] - logits[:, 0]
                apart = margin[truth == 1][:, None] - margin[truth == 0]
                found[task] = float(np.mean(apart > 0) + np.mean(apart == 0) / 2)
                continue
            right = logits.argmax(axis=1) == truth
            found[task] = float(np.mean([right[truth == each].mean() for each in set(truth)]))
        return found

    def without_test(self):
        """Return the same tasks without their test split, for a search."""
        other = SpeechTasks(self.tasks)
        other.splits = {split: rows for split, rows in self.splits.items() if split != "test"}
        return other


@cache
def _load():
    """Return rows and labels of each split: 3,159 clips, heard once per process."""
    dialogues = data.load_dialogues()
    rows, labels = {}, {}
    for name in ("train", "validation", "test"):
        split = getattr(dialogues, name)
        rows[name] = preprocessing.log_mel_statistics(split.inputs["speech"]).astype(np.float32)
        tokens = map(preprocessing.tokenize, split.inputs["text"].tolist())
        labels[name] = {
            "language": split.targets["language"],
            "role": split.targets["role"],
            "word": np.array([int(WORD in each) for each in tokens]),
        }
    mean, spread = rows["train"].mean(axis=0), rows["train"].std(axis=0)
    return {name: (each - mean) / spread for name, each in rows.items()}, labels


def train(task, recipe, *, seed, aggregator=None, weights=None, on_epoch=None):
    """Train one model for all tasks of a `SpeechTasks`; ``weights`` are of the losses."""

    def build():
        heads = {name: HEADS[name] for name in task.tasks}
        weighting = multi_task.LinearScalarization(weights) if weights else "equal"
        return build_hard_sharing(["speech"], heads, recipe, weighting, aggregator, seed=seed)

    def draw(epoch):
        return task.draw_epoch(epoch, seed=seed)

    return fit(build, draw, recipe, seed=seed, on_epoch=on_epoch)


def base_recipe(**changes):
    """Return what all models share, up to a rate and dropout, which are searched."""
    start = Recipe(units=UNITS, hidden=(UNITS,), epochs=12, batch_size=256)
    return start.replace(**changes)


def score(model, task, split):
    """Return the score of each task on a split."""
    return task.score(model(task.inputs(split), training=False), split)
