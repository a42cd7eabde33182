"""Do language, role and a word pull at one audio encoder, and does a method on gradients help?

    python -m mmtutorial.chapters.multi_task.conflict.study_speech

Spoken lines of a game, tested on levels that training never saw. ``apart`` is a model for each
task, three of which have together as many weights. The search is the same for all: four trainings,
and the epoch with the best mean score on validation.
"""

import time
from dataclasses import asdict
from functools import cache

import keras
import numpy as np

from mmtutorial.chapters.multi_task.conflict.gauge import Gauge
from mmtutorial.chapters.multi_task.conflict.speech import (
    APART,
    TASKS,
    SpeechTasks,
    base_recipe,
    score,
    train,
)
from mmtutorial.studies import Study, main
from mmtutorial.tasks import Recipe, best_epoch

METHODS = ("apart", "none", "pcgrad", "mgda", "cagrad", "imtl_g")
CANDIDATES = [
    base_recipe(learning_rate=rate, dropout=dropout)
    for rate, dropout in ((1e-3, 0.0), (3e-3, 0.0), (1e-2, 0.0), (3e-3, 0.3))
]
SEARCH_SEED = 100  # no seed of a test run
LOOKS = (1, 6, 12)  # after which epochs gradients are looked at
SMALL = {"units": APART, "hidden": (APART,)}


@cache
def load_task(names=TASKS):
    """Return the tasks, made once."""
    return SpeechTasks(names)


def parts_of(task, method):
    """Return the tasks of each model, with what its recipe changes."""
    if method != "apart":
        return [(task, {})]
    whole = "test" in task.splits
    alone = [load_task((name,)) for name in task.tasks]
    return [(each if whole else each.without_test(), SMALL) for each in alone]


def aggregator_of(method):
    """Return what a model is told of a method."""
    return None if method in ("apart", "none") else method


def watch(task, recipe, method):
    """Train with the seed of the search; return the mean score on validation by epoch."""
    curve = []

    def look(epoch, model):
        curve.append(np.mean(list(score(model, task, "validation").values())))

    keras.utils.clear_session()  # or the graphs of all models stay in memory
    train(task, recipe, seed=SEARCH_SEED, aggregator=aggregator_of(method), on_epoch=look)
    return curve


def search(task, setting, choices):
    """Choose a recipe and its best epoch; of models apart, for each by itself."""
    picked = {}
    for part, changes in parts_of(task, setting["method"]):
        tried = []
        for candidate in CANDIDATES:
            recipe = candidate.replace(**changes)
            value, epochs = best_epoch(watch(part, recipe, setting["method"]))
            tried.append((value, asdict(recipe.replace(epochs=epochs))))
        picked[" ".join(part.tasks)] = max(tried, key=lambda each: each[0])
    return {
        "validation": float(np.mean([value for value, _ in picked.values()])),
        "config": {name: recipe for name, (_, recipe) in picked.items()},
    }


def run(task, setting, config, seed):
    """Train, and score the test split, task by task; look at the gradients of a joint model."""
    scores, size, seen, start = {}, 0, [], time.process_time()
    for part, _ in parts_of(task, setting["method"]):
        recipe, method = Recipe(**config[" ".join(part.tasks)]), aggregator_of(setting["method"])
        gauge = None
        if len(part.tasks) > 1:
            epochs = [epoch for epoch in LOOKS if epoch <= recipe.epochs]
            gauge = Gauge(part, aggregator=method, epochs=epochs, seed=seed)
        model = train(part, recipe, seed=seed, aggregator=method, on_epoch=gauge)
        size += model.architecture.count_params()
        scores |= score(model, part, "test")
        seen += gauge.rows() if gauge else []
        start += gauge.seconds if gauge else 0
    shared = {"parameters": size, "train_seconds": round(time.process_time() - start, 3)}
    scores["mean"] = float(np.mean(list(scores.values())))
    return [{"task": name, "score": value, **shared} for name, value in scores.items()] + seen


STUDIES = [
    Study(
        name="multi_task/conflict/speech",
        question="Do language, role and a word pull at one audio encoder?",
        grid={"method": METHODS},
        task=lambda setting: load_task(),
        search=search,
        run=run,
    )
]

if __name__ == "__main__":
    main(STUDIES)
