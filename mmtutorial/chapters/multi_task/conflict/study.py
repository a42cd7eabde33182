"""Is a method on the gradients worth its cost, beside equal weights and models apart?

    python -m mmtutorial.chapters.multi_task.conflict.study

Five tasks on emoji, from image and two words. Architectures, weightings of the losses and methods
on the gradients in all combinations; beside them a model for each task, five of which have together
as many weights; each modality alone; and words of other drawings. Each gets the same search: four
trainings, and the epoch with the best mean score on validation. ``as mgda`` and its like are fixed
weights of the losses: those that the method gave on average while it trained.

Three changes take over what was chosen without them: ``solved task added`` is a task that has
nothing to learn; with it, ``steps of the mean's length`` keep the direction of a method and are as
long as the mean of all gradients; ``artist times 100`` is a loss in another unit.
"""

import time
from dataclasses import asdict

import keras
import numpy as np

from mmtutorial.chapters.multi_task.conflict.compare import compare
from mmtutorial.chapters.multi_task.conflict.experiment import (
    APART,
    TASKS,
    WithSolvedTask,
    base_recipe,
    score,
    train,
    with_length_of_mean,
)
from mmtutorial.chapters.multi_task.conflict.gauge import Gauge
from mmtutorial.chapters.multi_task.conflict.settings import (
    APARTS,
    FIXED,
    GRID,
    IN_OTHER_UNIT,
    LONG_STEPS,
    MODALITIES,
    SHUFFLED,
    WITH_SOLVED,
    keep,
    needs,
)
from mmtutorial.studies import Study, main
from mmtutorial.tasks import EmojiTasks, Recipe, best_epoch

CANDIDATES = [
    base_recipe(learning_rate=rate, dropout=dropout, image_dropout=dropout, text_dropout=dropout)
    for rate, dropout in ((1e-3, 0.0), (3e-3, 0.0), (1e-2, 0.0), (3e-3, 0.2))
]
SEARCH_SEED = 100  # no seed of a test run
LOOKS = (1, 4, 8, 12)  # after which epochs gradients are looked at
_loaded = {}


def load_task(names=TASKS, modalities=("image", "text")):
    """Return the tasks on emoji, made once."""
    key = tuple(names), modalities
    if key not in _loaded:
        _loaded[key] = EmojiTasks(names, modalities=modalities)
    return _loaded[key]


def task_of(setting):
    """Return the tasks of a setting: of one modality, or of both."""
    alone = setting["architecture"] in MODALITIES
    return load_task(modalities=(setting["architecture"],)) if alone else load_task()


def options_of(setting):
    """Return what `train` is told of a setting."""
    fixed = setting["weighting"] in FIXED
    shuffled = setting["architecture"] == SHUFFLED
    return {
        "architecture": "mmoe" if setting["architecture"] == "mmoe" else "hard",
        "weighting": "fixed" if fixed else setting["weighting"],
        "aggregator": None if setting["aggregator"] == "none" else setting["aggregator"],
        "shuffled": shuffled,
    }


def watch(task, recipe, **options):
    """Train with the seed of the search; return the mean score on validation after each epoch."""
    curve = []
    keras.utils.clear_session()  # or the graphs of all models stay in memory
    train(
        task,
        recipe,
        seed=SEARCH_SEED,
        on_epoch=lambda epoch, model: curve.append(
            np.mean(list(score(model, task, "validation").values()))
        ),
        **options,
    )
    return np.clip(curve, 0, 1)


def pick(curves):
    """Return the best score of all candidates' curves, and its recipe as a dict."""
    found = [best_epoch(curve) for curve in curves]
    place = int(np.argmax([value for value, _ in found]))
    return found[place][0], asdict(CANDIDATES[place].replace(epochs=found[place][1]))


def search_apart(task):
    """Try the recipes on each task by itself; choose for each, and one for all."""
    curves = []
    for name in task.tasks:
        alone, recipes = without(name), [one.replace(**SMALL) for one in CANDIDATES]
        curves.append([watch(alone, recipe) for recipe in recipes])
    picked = [pick(each) for each in curves]
    together, one = pick(np.mean(curves, axis=0))
    return {
        "validation": float(np.mean([value for value, _ in picked])),
        "config": {
            "recipes": dict(zip(task.tasks, [recipe for _, recipe in picked], strict=True)),
            "one": {"validation": together, "recipe": one},
        },
    }


SMALL = {"units": APART, "hidden": (APART,)}


def without(name):
    """Return one task alone, without its test split."""
    return load_task((name,)).without_test()


def search(task, setting, choices):
    """Try four recipes; choose the best one and its best epoch."""
    options, extra = options_of(setting), {}
    if setting["architecture"] == APARTS[0]:
        return search_apart(task)
    read = [choices(**needed) for needed in needs(setting)]
    if setting["architecture"] == APARTS[1]:
        one = read[0]["config"]["one"]
        return {"validation": one["validation"], "config": {"recipe": one["recipe"]}}
    if setting["architecture"] in (SHUFFLED, WITH_SOLVED, LONG_STEPS, IN_OTHER_UNIT):
        return {key: read[0][key] for key in ("validation", "config")}
    if setting["weighting"] in FIXED:
        extra = {"weights": read[0]["config"]["weights"]}
    value, recipe = pick([watch(task, one, **options, **extra) for one in CANDIDATES])
    if setting["weighting"] == "equal" and setting["aggregator"] != "none":
        gauge = Gauge(task, aggregator=options["aggregator"], epochs=LOOKS, seed=SEARCH_SEED)
        train(task, Recipe(**recipe), seed=SEARCH_SEED, on_epoch=gauge, **options)
        weights = np.mean([look["weights"] for look in gauge.looks.values()], axis=0)
        weights = np.maximum(weights, 0) * len(weights) / np.maximum(weights, 0).sum()
        extra = {"weights": dict(zip(task.tasks, weights.round(4).tolist(), strict=True))}
    return {"validation": value, "config": {"recipe": recipe, **extra}}


def run(task, setting, config, seed):
    """Train, and score the test split, task by task."""
    keras.utils.clear_session()
    if setting["architecture"] in APARTS:
        return run_apart(task, setting, config, seed)
    options = options_of(setting)
    if setting["weighting"] in FIXED:
        options["weights"] = config["weights"]
    if setting["architecture"] == IN_OTHER_UNIT:
        weights = {name: 100.0 if name == "artist" else 1.0 for name in task.tasks}
        options |= {"weighting": "fixed", "weights": weights}
    recipe, gauge = Recipe(**config["recipe"]), None
    if setting["architecture"] == "hard" and setting["weighting"] == "equal":
        epochs = [epoch for epoch in LOOKS if epoch <= recipe.epochs]
        gauge = Gauge(task, aggregator=options["aggregator"], epochs=epochs, seed=seed)
    if setting["architecture"] == LONG_STEPS:
        options["aggregator"] = with_length_of_mean(setting["aggregator"])
    if setting["architecture"] in (WITH_SOLVED, LONG_STEPS):
        task = WithSolvedTask(task)
    start = time.process_time()
    model = train(task, recipe, seed=seed, on_epoch=gauge, **options)
    seconds = time.process_time() - start - (gauge.seconds if gauge else 0)
    rows = score_rows(score(model, task, "test"), model.architecture.count_params(), seconds)
    return rows + (gauge.rows() if gauge else [])


def score_rows(scores, parameters, seconds):
    """Return a row for each task, and one for their mean."""
    shared = {"parameters": parameters, "train_seconds": round(seconds, 3)}
    scores = {**scores, "mean": float(np.mean(list(scores.values())))}
    return [{"task": name, "score": value, **shared} for name, value in scores.items()]


def run_apart(task, setting, config, seed):
    """Train a model for each task, and score it."""
    scores, size, start = {}, 0, time.process_time()
    for name in task.tasks:
        alone = load_task((name,))
        chosen = config["recipes"][name] if "recipes" in config else config["recipe"]
        model = train(alone, Recipe(**chosen).replace(**SMALL), seed=seed)
        size += model.architecture.count_params()
        scores |= score(model, alone, "test")
    return score_rows(scores, size, time.process_time() - start)


STUDIES = [
    Study(
        name="multi_task/conflict",
        question="Is a method on the gradients of tasks worth its cost?",
        grid=GRID,
        task=task_of,
        search=search,
        needs=needs,
        run=run,
        keep=keep,
        tables=compare,
    )
]

if __name__ == "__main__":
    main(STUDIES)
