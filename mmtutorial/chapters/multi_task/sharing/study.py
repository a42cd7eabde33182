"""Is one model for several tasks better than a model for each, of the same total size?

    python -m mmtutorial.chapters.multi_task.sharing.study

A network for one task has layers of 32 units; what it weighs is one share. A model for several
tasks may weigh as much as their shares together, whatever its architecture. Validation chooses
dropout, learning rate and epoch, from as many candidates for each model, by the mean over its
tasks. Every task is scored on unseen concepts by an unseen artist; the artist, by other drawings of
unseen concepts. ``accuracy`` is the task's own score, see `EmojiTasks.score`.
"""

from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np

from mmtutorial.chapters.multi_task.sharing.affinity import MeasureAffinity
from mmtutorial.chapters.multi_task.sharing.experiment import (
    HEADS,
    find_width,
    known,
    make_task,
    predict,
    say_right,
    search,
    share,
    train,
)
from mmtutorial.studies import Contrast, Study, main
from mmtutorial.tasks import Recipe
from mmtutorial.tasks.emoji_tasks import TASKS

AFFINITY, HARD = "affinity", "all: hard sharing"
ARCHITECTURES = {
    HARD: "hard",
    "all: cross-stitch": "cross_stitch",
    "all: MMoE": "mmoe",
    "all: PLE": "ple",
    AFFINITY: "hard",
}


class Model(NamedTuple):
    """What is trained: tasks, the tasks whose shares it may weigh, and the like."""

    tasks: tuple[str, ...]
    weighs: tuple[str, ...] = ()
    architecture: str = "hard"
    modalities: tuple[str, ...] | None = None
    shuffled: bool = False


MODELS = {task: Model((task,)) for task in (*TASKS, *HEADS)}
MODELS |= {" + ".join(pair): Model(pair) for pair in combinations(TASKS, 2)}
MODELS |= {name: Model(TASKS, architecture=each) for name, each in ARCHITECTURES.items()}
MODELS |= {f"{task}, whole size": Model((task,), TASKS) for task in TASKS}
MODELS |= {
    "subgroup, two shares": Model(("subgroup",), ("group", "subgroup")),
    "image head + text head": Model(tuple(HEADS)),
    "group, image alone": Model(("group",), modalities=("image",)),
    "group, text alone": Model(("group",), modalities=("text",)),
    "group, text shuffled": Model(("group",), shuffled=True),
}


@cache
def load_task(model):
    """Return the data of a model."""
    options = {} if model.modalities is None else {"modalities": model.modalities}
    return make_task(model.tasks, **options)


def search_model(task, setting, choices):
    """Choose among the candidates."""
    model = MODELS[setting["model"]]
    if setting["model"] == AFFINITY:
        chosen = choices(model=HARD)
        return {key: chosen[key] for key in ("validation", "config")}
    width = find_width(task, share(*(model.weighs or model.tasks)), model.architecture)
    return search(task, width, architecture=model.architecture)


def run(task, setting, config, seed):
    """Train, and score each task on the test split."""
    model, recipe = MODELS[setting["model"]], Recipe(**config)
    if setting["model"] == AFFINITY:
        measure = MeasureAffinity(task, seed=seed)
        train(task, recipe, seed=seed, on_epoch=measure)
        found = np.mean(measure.values, axis=0)
        return [
            {"task": to, "step_for": step, "affinity": float(found[i, j])}
            for i, step in enumerate(task.tasks)
            for j, to in enumerate(task.tasks)
        ]
    trained = train(task, recipe, architecture=model.architecture, seed=seed)
    rows = len(task.labels("test")[task.tasks[0]])
    order = np.random.default_rng(seed).permutation(rows) if model.shuffled else None
    outputs = predict(trained, task, "test", text_from=order)
    scores, right = task.score(outputs, "test"), say_right(task, outputs, "test")
    weights = trained.count_params()
    rows = [{"task": n, "accuracy": score, "weights": weights} for n, score in scores.items()]
    return [row | ({"correct": right[n]} if (n := row["task"]) in right else {}) for row in rows]


def alone(labels, validation, names):
    """Return the network for the one task, with which all others are compared."""
    return labels["task"] if labels["task"] in names else None


def concepts_of(labels):
    """Return the concept of each test drawing that has a label of the task."""
    task = make_task([labels["task"]])
    there = known(labels["task"], task.labels("test")[labels["task"]])
    return task.splits["test"].targets["concept"][there]


def needs(setting):
    """Return the setting whose choice is taken over."""
    return [{"model": HARD}] if setting["model"] == AFFINITY else []


STUDIES = [
    Study(
        name="multi_task/sharing",
        question="Is one model for several tasks better than a model for each?",
        grid={"model": tuple(MODELS)},
        task=lambda setting: load_task(MODELS[setting["model"]]),
        search=search_model,
        needs=needs,
        run=run,
        contrasts=[Contrast("model", alone, groups=concepts_of)],
    )
]

if __name__ == "__main__":
    main(STUDIES)
