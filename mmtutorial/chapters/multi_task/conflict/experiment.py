"""Five tasks on emoji, models of one size, and what their gradients do while they train."""

import time

import numpy as np
from keras import ops

from mmtutorial import multi_task
from mmtutorial._checks import check_choice
from mmtutorial.tasks import Recipe, build_emoji_tasks, fit

TASKS = ("artist", "colour", "era", "group", "subgroup")
COLOURS = ("red", "yellow", "green", "blue", "purple", "grey")
ERAS = ("of 2010", "until 2017", "later")
SOLVED = "solved"  # the name of a task that has nothing to learn
UNITS = 128  # of each encoder of a joint model, and of the layer that its tasks share
APART = 34  # of a model for one task: five of them have as many weights as one joint model
EXPERTS, EXPERT = 4, 46  # how many experts MMoE has, and how large each is
ALONE = 176  # of a joint model of one modality alone


def base_recipe(**changes):
    """Return what all models share, up to a rate and dropout, which are searched."""
    return Recipe(units=UNITS, hidden=(UNITS,), epochs=12, batch_size=256).replace(**changes)


def weighting_of(name, weights=None):
    """Return a weighting by its name; ``"fixed"`` takes ``{task: weight}``."""
    check_choice("name", name, ("equal", "uncertainty", "random", "fixed"))
    return multi_task.LinearScalarization(weights) if name == "fixed" else name


def with_length_of_mean(name):
    """Return a method with another length of step: that of the mean of all gradients."""
    check_choice("name", name, ("mgda", "imtl_g"))
    merge = {"mgda": multi_task.mgda, "imtl_g": multi_task.imtl_g}[name]

    def merge_and_stretch(grads):
        direction = merge(grads)
        length = ops.norm(ops.mean(grads, axis=0))
        return direction * (length / ops.maximum(ops.norm(direction), 1e-15))

    return merge_and_stretch


def build(task, recipe, *, architecture="hard", weighting="equal", aggregator=None, seed=0,
          weights=None):  # fmt: skip
    """Build a joint model; if the task has one modality alone, with as many weights."""
    options = {"weighting": weighting_of(weighting, weights), "seed": seed}
    if len(task.modalities) == 1:
        recipe = recipe.replace(units=ALONE, hidden=(ALONE,))
    elif architecture == "mmoe":
        recipe = recipe.replace(hidden=(EXPERT,))
        options |= {"architecture": "mmoe", "num_experts": EXPERTS}
    return build_emoji_tasks(task, recipe, aggregator=aggregator, **options)


def train(task, recipe, *, seed, on_epoch=None, shuffled=False, **options):
    """Train a joint model; ``shuffled`` gives each drawing the words of another one."""

    def draw(epoch):
        inputs, labels = task.draw_epoch(epoch, seed=seed)
        if shuffled:
            order = np.random.default_rng([seed, epoch]).permutation(len(inputs["text"]))
            inputs = {**inputs, "text": inputs["text"][order]}
        return inputs, labels

    return fit(lambda: build(task, recipe, seed=seed, **options), draw, recipe, seed=seed,
               on_epoch=on_epoch)  # fmt: skip


def score(model, task, split):
    """Return the score of each task on a split; a model of one modality is given that one."""
    return task.score(model(task.inputs(split), training=False), split)


class WithSolvedTask:
    """The same tasks, and one that is no task: its label is 0, whatever the drawing."""

    def __init__(self, task):
        self.first, self.tasks = task, sorted([*task.tasks, SOLVED])
        self.heads, self.modalities = {**task.heads, SOLVED: 2}, task.modalities
        self.inputs = task.inputs

    def labels(self, split):
        """Return the labels of a split, those of the new task among them."""
        labels = self.first.labels(split)
        return {**labels, SOLVED: np.zeros_like(next(iter(labels.values())))}

    def draw_epoch(self, epoch, *, seed):
        """Return inputs and labels of a training epoch."""
        return self.first.draw_epoch(epoch, seed=seed)[0], self.labels("train")

    def score(self, outputs, split):
        """Score the tasks that there were before."""
        return self.first.score(outputs, split)


def describe(emoji, task, row):
    """Return the name of a training drawing, and its five labels."""
    labels = {name: int(each[row]) for name, each in task.labels("train").items()}
    known = {"colour": COLOURS, "era": ERAS, **emoji.classes}
    said = {name: known[name][code] if code >= 0 else "no colour" for name, code in labels.items()}
    first = f"{said['artist']}, {said['colour']}, {said['era']}"
    name = str(emoji.train.info["name"][row])
    return "\n".join([name, first, f"group {said['group']}", f"subgroup {said['subgroup']}"])


def seconds_per_step(task, recipe, aggregator=None, *, epochs=3):
    """Return how many processor seconds a step of training takes, once all is compiled."""
    marks = []
    recipe = recipe.replace(epochs=epochs)
    train(task, recipe, seed=0, aggregator=aggregator,
          on_epoch=lambda epoch, model: marks.append(time.process_time()))  # fmt: skip
    steps = len(task.labels("train")["artist"]) // recipe.batch_size
    return float(min(np.diff(marks))) / steps
