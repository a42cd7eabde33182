"""Emoji with seven labels each: what one model can learn at once."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import keras
import numpy as np

from mmtutorial import data, encoders, multi_task
from mmtutorial._checks import (
    check_array,
    check_choice,
    check_dict,
    check_like,
    check_number,
    check_whole,
)
from mmtutorial.data._options import check_names
from mmtutorial.tasks._emoji_labels import NUMBERS, TASKS, load_labels
from mmtutorial.tasks._inputs import SPLITS
from mmtutorial.tasks._scenes import COLOURS
from mmtutorial.tasks.training import Recipe

BALANCED = ("era", "gender")  # tasks whose largest class would win by itself
MODALITIES = ("image", "text")
ARCHITECTURES = {
    "hard": multi_task.HardSharing,
    "cross_stitch": multi_task.CrossStitch,
    "mmoe": multi_task.MMoE,
    "ple": multi_task.PLE,
}


class EmojiTasks:
    """Seven labels for each drawing of an emoji, to be learnt from its image, its words, or both.

    - ``"group"`` and ``"subgroup"``: what it shows, of 8 and 95 classes;
    - ``"artist"``: who drew it, of 5, which the words do not say;
    - ``"colour"``: which of six colours covers half of it or more; missing if none does;
    - ``"lightness"``: the mean lightness of what is not white paper, a number: standard deviations
      (of 12 per cent) above the mean of the training drawings;
    - ``"era"``: whether it is of the first emoji, of 2010, came until 2017, or later;
    - ``"gender"``: whether its name begins with neither a woman nor a man, a woman, or a man.

    Inputs are frozen features, 256 numbers of each modality. A label that is missing is -1, or NaN.
    Test emoji are of concepts, and by an artist, that training never saw. So that ``"artist"`` can
    be tested, too, every other concept of the validation split, by known artists, belongs to the
    test split with this one label.

    Parameters
    ----------
    tasks : some of the seven
    modalities : ``"image"``, ``"text"``, or both
    keywords : how many words a drawing comes with, drawn anew in each epoch, None for all
    labelled : None, or ``{task: rows}``: how many training drawings keep their label of a task
    scale : what lightness is multiplied by, as by a change of unit: 12 makes per cent of it
    seed : draws which labels are kept

    Raises ``ValueError`` or ``TypeError`` for a task that does not exist, and for more labels than
    there are.

    >>> tasks = EmojiTasks(["group", "artist"])
    >>> inputs, labels = tasks.draw_epoch(0, seed=0)
    >>> {name: array.shape for name, array in (inputs | labels).items()}
    {'image': (4360, 256), 'text': (4360, 256), 'artist': (4360,), 'group': (4360,)}
    """

    def __init__(
        self,
        tasks: Sequence[str] = TASKS,
        *,
        modalities: Sequence[str] = MODALITIES,
        keywords: int | None = 2,
        labelled: Mapping[str, int] | None = None,
        scale: float = 1.0,
        seed: int = 0,
    ):
        self.tasks = sorted(check_names("tasks", tasks, TASKS))
        self.modalities = check_names("modalities", modalities, MODALITIES)
        self.keywords = keywords if keywords is None else check_whole("keywords", keywords, least=1)
        self.scale = check_number("scale", scale, above=0, most=1e3)
        self.splits, self._labels = load_labels()
        self._labels = {
            split: {task: labels[task] for task in self.tasks}
            for split, labels in self._labels.items()
        }
        if "lightness" in self.tasks:
            for labels in self._labels.values():
                labels["lightness"] = labels["lightness"] * np.float32(self.scale)
        check_whole("seed", seed, least=0)
        if labelled is not None:
            for task, rows in check_dict("labelled", labelled, '{"group": 100}').items():
                self._keep(task, rows, seed)
        train = {name: self._see(name, "train", 0) for name in self.modalities}
        self._sizes = {name: np.sqrt(np.mean(np.square(array))) for name, array in train.items()}

    @property
    def heads(self) -> dict[str, int]:
        """How many numbers the head of each task has."""
        sizes = {"artist": 5, "colour": len(COLOURS), "era": 3, "gender": 3, "group": 8}
        return {task: {**sizes, "lightness": 1, "subgroup": 95}[task] for task in self.tasks}

    def inputs(self, split: str, *, seed: int = 0) -> dict[str, np.ndarray]:
        """Return the modalities of a split, scaled, each ``(rows, 256)``.

        The words of each row are drawn by ``seed``.
        """
        check_choice("split", split, SPLITS)
        return {name: self._see(name, split, seed) / self._sizes[name] for name in self.modalities}

    def labels(self, split: str) -> dict[str, np.ndarray]:
        """Return the labels of a split, ``{task: (rows,)}``."""
        return dict(self._labels[check_choice("split", split, SPLITS)])

    def draw_epoch(self, epoch: int, *, seed: int) -> tuple[dict, dict]:
        """Return inputs and labels of a training epoch, with words drawn anew."""
        fresh = 1000 * check_whole("seed", seed, least=0) + check_whole("epoch", epoch, least=0)
        return self.inputs("train", seed=fresh), self.labels("train")

    def score(self, outputs: Mapping[str, Any], split: str) -> dict[str, float]:
        """Score each task on the rows of a split that have its label, ``{task: score}``.

        Of classes, the accuracy; of era and gender, whose classes are of very unequal size, the
        mean over the classes. Of lightness, the share of its variance that is explained: 0 for a
        model that says the mean, and below for a worse one. ``outputs`` is ``{task: logits (rows,
        classes)}``, or numbers ``(rows, 1)``. Raises ``ValueError`` for other tasks or rows.
        """
        outputs, scores = check_dict("outputs", outputs, '{"group": logits}'), {}
        for task, labels in self.labels(split).items():
            shape = (len(labels), self.heads[task])
            if task not in outputs:
                raise ValueError(f"outputs must hold {self.tasks}, got {list(outputs)}")
            said = check_array(f"outputs[{task!r}]", outputs[task])
            if said.shape != shape:
                raise ValueError(f"outputs[{task!r}] must be {shape}, got shape {said.shape}")
            if task in NUMBERS:
                error = (said[:, 0] - labels) ** 2
                scores[task] = float(1 - np.nanmean(error) / np.nanvar(labels))
                continue
            right = said.argmax(axis=1) == labels
            classes = np.unique(labels[labels >= 0]) if task in BALANCED else [labels >= 0]
            rows = [labels == each if task in BALANCED else each for each in classes]
            scores[task] = float(np.mean([right[each].mean() for each in rows]))
        return scores

    def without_test(self) -> "EmojiTasks":
        """Return the same tasks with an empty test split, for a search."""
        other = copy(self)
        other.splits = {**self.splits, "test": self.splits["test"].take(np.arange(0))}
        empty = {task: labels[:0] for task, labels in self._labels["test"].items()}
        other._labels = {**self._labels, "test": empty}
        return other

    def _see(self, modality, split, seed):
        """Return the features of the image of each row, or of the mean of some of its words."""
        if modality == "image":
            return self.splits[split].inputs["image"]
        words = self.splits[split].info["keywords"]
        if self.keywords is not None:
            words = data.draw_keywords(words, self.keywords, seed=seed)
        return data.load_word_vectors().mean(words)

    def _keep(self, task, rows, seed):
        """Take the labels of a task away from all training rows but some."""
        labels = self._labels["train"][check_choice("labelled", task, tuple(self.tasks))]
        missing = np.nan if task in NUMBERS else -1
        known = np.flatnonzero(np.isfinite(labels) if task in NUMBERS else labels >= 0)
        check_whole(f"labelled[{task!r}]", rows, least=1, most=len(known))
        rng = np.random.default_rng([seed, TASKS.index(task)])
        lost = np.setdiff1d(np.arange(len(labels)), rng.choice(known, rows, replace=False))
        kept = labels.copy()
        kept[lost] = missing
        self._labels["train"][task] = kept


def build_emoji_tasks(
    task: EmojiTasks,
    recipe: Recipe,
    *,
    architecture: str = "hard",
    weighting: Any = "equal",
    aggregator: Any = None,
    reads: Mapping[str, Any] | None = None,
    seed: int = 0,
    **options: Any,
) -> multi_task.MultiTaskModel:
    """Build a compiled model for several tasks on emoji.

    Parameters
    ----------
    task : an `EmojiTasks`
    recipe : sizes, dropout, learning rate; ``hidden`` are the layers that the architecture shares
    architecture : ``"hard"``, ``"cross_stitch"``, ``"mmoe"`` or ``"ple"``; ``options`` are its own
    weighting, aggregator, seed : as in `multi_task.MultiTaskModel`
    reads : which modalities each task reads, as in `multi_task.HardSharing`; None for all
    """
    check_like("task", task, "an EmojiTasks", "heads", "labels")
    check_like("recipe", recipe, "a Recipe", "units", "hidden", "learning_rate")
    check_choice("architecture", architecture, tuple(ARCHITECTURES))
    parts = {
        name: encoders.DenseEncoder(recipe.units, dropout=getattr(recipe, f"{name}_dropout"))
        for name in task.modalities
    }
    shared = {"hidden": recipe.hidden, "dropout": recipe.dropout, "reads": reads}
    made = ARCHITECTURES[architecture](parts, task.heads, **shared, **options)
    model = multi_task.MultiTaskModel(made, weighting, aggregator, seed=seed)
    classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    losses = {name: "mse" if name in NUMBERS else classes for name in task.tasks}
    model.compile(keras.optimizers.Adam(recipe.learning_rate), losses)
    return model
