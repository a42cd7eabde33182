"""Models of one total size for one task or several, searched alike; scores item by item."""

from copy import copy
from dataclasses import asdict
from functools import cache

import numpy as np

from mmtutorial import data
from mmtutorial.tasks import EmojiTasks, Recipe, build_emoji_tasks, fit, vary
from mmtutorial.tasks._scenes import COLOURS
from mmtutorial.tasks.emoji_tasks import BALANCED, NUMBERS

WIDTH = 32  # of the layers of a network for one task: what it weighs is one share
EPOCHS, SEED = 12, 100  # of the search; no run on the test split has this seed
HEADS = {"image_group": "image", "text_group": "text"}  # and which modality each reads
CANDIDATES = vary(Recipe(epochs=EPOCHS), dropout=(0.2, 0.5), learning_rate=(2e-3, 6e-3))
EXPERTS = {"mmoe": {"num_experts": 4}}  # options that an architecture needs


class ImageAndText:
    """The group of each emoji under two names: read from its image, and read from its words.

    Stands in the place of an `EmojiTasks`; ``tasks``, ``labelled`` and ``seed`` are as there.

    >>> task = ImageAndText(["image_group", "text_group"])
    >>> task.heads, task.modalities
    ({'image_group': 8, 'text_group': 8}, ['image', 'text'])
    """

    def __init__(self, tasks=tuple(HEADS), *, labelled=None, seed=0):
        self.tasks = sorted(tasks)
        self.modalities = sorted(HEADS[name] for name in self.tasks)
        self.heads = dict.fromkeys(self.tasks, 8)
        self.parts = {}
        for name in self.tasks:
            few = {"group": labelled[name]} if name in (labelled or {}) else None
            options = {"modalities": self.modalities, "labelled": few, "seed": seed}
            self.parts[name] = EmojiTasks(["group"], **options)

    @property
    def splits(self):
        """The splits, which both tasks share."""
        return self.parts[self.tasks[0]].splits

    def inputs(self, split, *, seed=0):
        """Return the modalities of a split."""
        return self.parts[self.tasks[0]].inputs(split, seed=seed)

    def without_test(self):
        """Return the same tasks with an empty test split, for a search."""
        other = copy(self)
        other.parts = {name: part.without_test() for name, part in self.parts.items()}
        return other

    def score(self, outputs, split):
        """Return the accuracy of each task, ``{task: accuracy}``."""
        return {name: float(each.mean()) for name, each in say_right(self, outputs, split).items()}

    def labels(self, split):
        """Return the labels of a split, ``{task: (rows,)}``."""
        return {name: part.labels(split)["group"] for name, part in self.parts.items()}

    def draw_epoch(self, epoch, *, seed):
        """Return inputs and labels of a training epoch, with words drawn anew."""
        inputs, _ = self.parts[self.tasks[0]].draw_epoch(epoch, seed=seed)
        return inputs, self.labels("train")


def make_task(tasks, **options):
    """Return the data of some tasks: emoji tasks, or the two that read one modality each."""
    kind = ImageAndText if set(tasks) <= set(HEADS) else EmojiTasks
    return kind(list(tasks), **options)


def reads_of(task):
    """Return which modality each task reads, or None where each reads all."""
    return {name: HEADS[name] for name in task.tasks} if set(task.tasks) <= set(HEADS) else None


def build(task, recipe, architecture="hard", seed=0):
    """Build a model for the tasks of some data."""
    if hasattr(task, "build"):
        return task.build(recipe, seed)
    options = {"reads": reads_of(task), **EXPERTS.get(architecture, {})}
    return build_emoji_tasks(task, recipe, architecture=architecture, seed=seed, **options)


def count_weights(task, width, architecture="hard"):
    """Return how many weights a model has whose layers are so wide.

    >>> count_weights(EmojiTasks(["group"]), 32)
    17768
    """
    model = build(task, Recipe(units=width, hidden=(width,)), architecture)
    model({name: rows[:1] for name, rows in task.inputs("validation").items()})
    return model.count_params()


@cache
def share(*tasks):
    """Return how many weights the networks apart have, one for each task, of width ``WIDTH``.

    >>> share("group")
    17768
    """
    return sum(count_weights(make_task([task]), WIDTH) for task in tasks)


def find_width(task, weights, architecture="hard"):
    """Return the largest width whose model has at most so many weights.

    >>> find_width(EmojiTasks(["group"]), 17768)
    32
    """
    low, high = 1, 2
    while count_weights(task, high, architecture) <= weights:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        fits = count_weights(task, middle, architecture) <= weights
        low, high = (middle, high) if fits else (low, middle)
    return low


def name_labels(task, row):
    """Return the labels of a training drawing in words, ``{task: text}``.

    >>> name_labels(EmojiTasks(["artist", "gender", "lightness"]), 0)
    {'artist': 'noto', 'gender': 'neither', 'lightness': '-0.1'}
    """
    classes = data.load_emoji(size=32).classes
    names = {name: classes[name] for name in ("artist", "group", "subgroup")}
    names |= {"era": ("2010", "to 2017", "later"), "gender": ("neither", "woman", "man")}
    found = {}
    for name, labels in task.labels("train").items():
        if name in NUMBERS:
            found[name] = f"{labels[row]:+.1f}"
        else:
            found[name] = {**names, "colour": COLOURS}[name][labels[row]]
    return found


def known(task, labels):
    """Say which labels are there, ``(rows,)`` of bool."""
    return np.isfinite(labels) if task in NUMBERS else labels >= 0


def predict(model, task, split, *, text_from=None):
    """Return what a model says of a split, ``{task: (rows, size)}``.

    ``text_from`` gives each row the words of another, ``(rows,)`` of places.
    """
    inputs = task.inputs(split)
    if text_from is not None:
        inputs = {**inputs, "text": inputs["text"][text_from]}
    return {name: np.asarray(each) for name, each in model(inputs, training=False).items()}


def say_right(task, outputs, split):
    """Return which items with a label are right, ``{task: (items,)}``, of tasks that count them.

    Those are the tasks whose score is their accuracy.
    """
    found = {}
    for name, labels in task.labels(split).items():
        if name not in (*NUMBERS, *BALANCED):
            there = labels >= 0
            found[name] = outputs[name][there].argmax(axis=1) == labels[there]
    return found


def train(task, recipe, *, architecture="hard", seed=0, draw=None, on_epoch=None):
    """Train a model for the tasks of some data; ``draw`` replaces how the data draw an epoch."""
    draw = draw or task.draw_epoch
    return fit(
        lambda: build(task, recipe, architecture, seed),
        lambda epoch: draw(epoch, seed=seed),
        recipe,
        seed=seed,
        on_epoch=on_epoch,
    )


def search(task, width, *, architecture="hard", draw=None, of=None):
    """Train each candidate once; return the best and its best epoch, by the mean over the tasks.

    The curve over the epochs is smoothed over three.
    ``of`` names the one task that counts, None for all.
    """
    best = (-np.inf, None)
    for candidate in getattr(task, "candidates", CANDIDATES):
        recipe, curve = candidate.replace(units=width, hidden=(width,)), []

        def watch(epoch, model, curve=curve):
            scores = task.score(predict(model, task, "validation"), "validation")
            curve.append(scores[of] if of else np.mean(list(scores.values())))

        train(task, recipe, architecture=architecture, seed=SEED, draw=draw, on_epoch=watch)
        smooth = np.convolve(curve, np.ones(3) / 3, mode="valid")  # a lucky epoch shall not win
        found = (smooth.max(), recipe.replace(epochs=int(smooth.argmax()) + 2))
        best = max(best, found, key=lambda pair: pair[0])
    return {"validation": float(best[0]), "config": asdict(best[1])}


def draw_with_few(draw, few):
    """Return a ``draw_epoch`` in which half of the rows have a label of the task ``few``.

    With one task alone, all of them have. The number of rows stays.
    """

    def draw_rows(epoch, *, seed):
        inputs, labels = draw(epoch, seed=seed)
        rng, rows = np.random.default_rng([seed, epoch]), len(labels[few])
        others = rng.permutation(rows)[: rows // 2 if len(labels) > 1 else 0]
        there = rng.permutation(np.flatnonzero(known(few, labels[few])))
        chosen = np.concatenate([others, np.resize(there, rows - len(others))])
        return tuple({n: array[chosen] for n, array in part.items()} for part in (inputs, labels))

    return draw_rows


def draw_shuffled(task, name, *, seed):
    """Return a ``draw_epoch`` in which each concept has the label of another, for one task."""
    concepts = task.splits["train"].targets["concept"]
    _, first, which = np.unique(concepts, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(first))
    other = np.empty_like(order)
    other[order] = np.roll(order, 1)  # one large circle: nobody keeps its own
    wrong = task.labels("train")[name][first[other[which]]]

    def draw(epoch, *, seed):
        inputs, labels = task.draw_epoch(epoch, seed=seed)
        return inputs, {**labels, name: wrong}

    return draw
