"""Table of chapter fusion/1: every plain way to join, against each modality alone.

    python benchmarks/fusion_joining.py                      everything
    python benchmarks/fusion_joining.py --image features     a part; the rest of the file stays
    python benchmarks/fusion_joining.py --only careless

Choices (sizes, modality dropout, epochs, the weight of late fusion) are made on the validation
split: concepts that training never sees. The test split is read once per seed. Results go to
mmtutorial/results/fusion_joining.json after every part, so that an interruption loses one part.
"""

import argparse
import dataclasses
import datetime
import itertools
import os
import platform
import time
from functools import cache, partial
from importlib.metadata import version

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import (
    METHODS,
    EmojiTask,
    Recipe,
    build_model,
    log_probabilities,
    train_model,
)

KEYWORDS = (1, 2, None)
SEEDS = (0, 1, 2, 3, 4)
WEIGHTS = np.linspace(0, 1, 21)
TUNED_AT = 2  # from pixels a search takes long: one for all numbers of keywords, made with two
NAME = "fusion_joining"


def candidates(image, method):
    """Return the recipes that the search tries, as many for a baseline as for a fusion."""
    if image == "pixels":  # a smaller search, one rate of dropout for all, because it takes long
        varied = {"units": (128, 256)} if method in ("image", "text") else {}
        varied = varied or {"modality_dropout": (0.0, 0.3)}
        base = [
            Recipe(epochs=14, dropout=rate, image_dropout=rate, text_dropout=rate)
            for rate in (0.0, 0.3)
        ]
    elif method in ("image", "text"):
        varied = {f"{method}_dropout": (0.0, 0.5), "hidden": ((), (128,)), "units": (128, 256)}
        base = [Recipe(epochs=20)]
    else:
        varied = {"image_dropout": (0.0, 0.5), "text_dropout": (0.0, 0.5)}
        if method == "early":  # no encoders to drop out of; it has a hidden layer in any case
            varied = {"dropout": (0.0, 0.5), "hidden": ((), (128,))}
        varied["modality_dropout"] = (0.0, 0.3)
        base = [Recipe(epochs=20)]
    return [
        recipe.but(**dict(zip(varied, values, strict=True)))
        for recipe in base
        for values in itertools.product(*varied.values())
    ]


@cache
def choose_recipe(task, method, progress):
    """Train every candidate once; keep the best recipe, and the epoch at which it was best."""
    best = (0.0, None)
    for recipe in candidates(task.image, method):
        progress.set_postfix_str(f"{task.image}, {task.keywords} keywords, choosing {method}")
        best = max(best, try_recipe(task, method, recipe), key=lambda pair: pair[0])
        progress.update()
    return best


def try_recipe(task, method, recipe, build=build_model):
    """Return the best accuracy on validation, and the recipe that stops at its epoch.

    The curve is smoothed over three epochs first, so that no lucky epoch wins.
    """
    truth, inputs = task.targets("validation"), task.inputs("validation", seed=0)
    curve = []

    def watch(epoch, model):
        curve.append(score(log_probabilities(model, inputs), truth)["accuracy"])

    train_model(task, method, recipe, seed=100, on_epoch=watch, build=build)
    smooth = np.convolve(curve, np.ones(3) / 3, mode="valid")
    return float(smooth.max()), recipe.but(epochs=int(smooth.argmax()) + 2)


def train(task, method, recipe, seed):
    """Train a method; return the model and the seconds it took.

    The image alone does not depend on the words: it is trained once for all numbers of them.
    """
    if method == "image":
        task = load_task(task.image, TUNED_AT)
    return _train(task, method, recipe, seed)


@cache
def _train(task, method, recipe, seed):
    start = time.perf_counter()
    model = train_model(task, method, recipe, seed=seed)
    return model, round(time.perf_counter() - start, 1)


def choose_weight(task, recipes):
    """Choose the image's weight in late fusion, in steps of 0.05, on validation."""
    inputs = task.inputs("validation", seed=0)
    votes = {
        method: log_probabilities(train(task, method, recipes[method], 100)[0], inputs)
        for method in ("image", "text")
    }
    return best_weight(votes, task.targets("validation"))


def best_weight(votes, truth):
    """Return the weight of the image with which the pooled votes are most often right, and how."""
    curve = [
        score(pool(votes["image"], votes["text"], weight), truth)["accuracy"] for weight in WEIGHTS
    ]
    return round(float(WEIGHTS[int(np.argmax(curve))]), 2), float(np.max(curve))


def score(votes, truth):
    """Return accuracy and macro F1 of log-probabilities ``(items, classes)``."""
    predicted = votes.argmax(axis=1)
    return {
        "accuracy": mm.evaluation.accuracy(truth, predicted),
        "macro_f1": mm.evaluation.macro_f1(truth, predicted),
    }


def pool(image_votes, text_votes, weight):
    """Late fusion of two models' log-probabilities, the image weighted by ``weight``."""
    late = mm.fusion.LateFusion({"image": weight, "text": 1 - weight}, pool="product")
    return np.asarray(late({"image": image_votes, "text": text_votes}))


def test_once(task, recipes, weight, progress):
    """Train five seeds of every chosen recipe; return a row a run, and paired comparisons."""
    image, keywords, truth = task.image, task.keywords, task.targets("test")
    rows, correct = [], {}

    def note(method, seed, votes, model=None, seconds=None):
        parameters = model.count_params() if model else None
        rows.append(
            dict(
                image=image,
                keywords=keywords,
                method=method,
                seed=seed,
                **score(votes, truth),
                parameters=parameters,
                seconds=seconds,
            )
        )
        correct.setdefault(method, []).append(votes.argmax(axis=1) == truth)

    for seed in SEEDS:
        inputs, votes = task.inputs("test", seed=seed), {}
        for method, recipe in recipes.items():
            progress.set_postfix_str(f"{image}, {keywords} keywords, seed {seed}, {method}")
            model, seconds = train(task, method, recipe, seed)
            votes[method] = log_probabilities(model, inputs)
            note(method, seed, votes[method], model, seconds)
            if method == "concat":
                for name in model.modalities:
                    shuffled = mm.evaluation.shuffled_modality(inputs, name, seed=seed)
                    note(f"concat, {name} shuffled", seed, log_probabilities(model, shuffled))
            progress.update()
        note("late", seed, pool(votes["image"], votes["text"], weight))
    return rows, compare(task, image, keywords, correct)


def compare(task, image, keywords, correct):
    """Compare each fusion with the better modality alone and with other fusions, item by item."""
    mean = {method: np.mean(runs, axis=0) for method, runs in correct.items()}
    best = max(("image", "text"), key=lambda name: mean[name].mean())
    pairs = [(method, best) for method in ("early", "concat", "sum", "late")]
    pairs += itertools.product(("early", "late"), ("concat", "sum"))
    concepts = task.dataset.test.targets["concept"]
    return [
        dict(
            image=image,
            keywords=keywords,
            method=method,
            against=against,
            **mm.evaluation.paired_bootstrap(
                mean[method], mean[against], groups=concepts
            )._asdict(),
        )
        for method, against in pairs
    ]


STAGES = {  # each repairs one thing more
    "by reflex": dict(deep=True, fresh=False, image_dropout=0.5, epochs=20),
    "+ words drawn afresh": dict(deep=True, fresh=True, image_dropout=0.5, epochs=20),
    "+ no hidden layer on the words": dict(deep=False, fresh=True, image_dropout=0.5, epochs=20),
    "+ no dropout on the image": dict(deep=False, fresh=True, image_dropout=0.0, epochs=20),
    "+ fewer epochs": dict(deep=False, fresh=True, image_dropout=0.0, epochs=6),
}


def careless_training(progress):
    """Show on validation how concatenation loses to the image alone, and repair it step by step."""
    rows = []
    for stage, options in STAGES.items():
        task = EmojiTask(keywords=1, fresh=options["fresh"])
        truth = task.targets("validation")

        def build(task, method, recipe, options=options):
            image = mm.encoders.DenseEncoder(recipe.units, dropout=options["image_dropout"])
            text = [mm.encoders.TextBag(len(task.vocabulary), recipe.units, dropout=0.5)]
            if options["deep"]:
                text += [keras.layers.Dense(recipe.units, "relu"), keras.layers.Dropout(0.5)]
            parts = {"image": image, "text": keras.Sequential(text)}
            parts = {name: parts[name] for name in parts if method in (name, "concat")}
            return mm.fusion.FusionClassifier(parts, "concat", task.classes)

        for seed, method in itertools.product(SEEDS, ("image", "concat")):
            progress.set_postfix_str(f"{stage}, seed {seed}, {method}")
            recipe = Recipe(epochs=options["epochs"])
            model = train_model(task, method, recipe, seed=seed, build=build)
            inputs = task.inputs("validation", seed=seed)
            found = {method: inputs}
            if method == "concat":
                shuffled = mm.evaluation.shuffled_modality(inputs, "text", seed=seed)
                found["concat, text shuffled"] = shuffled
            for name, given in found.items():
                votes = log_probabilities(model, given)
                rows.append(dict(stage=stage, method=name, seed=seed, **score(votes, truth)))
            progress.update()
    return rows


def reference_steps():
    """Time a training step of the reference model, batches of 32, at three image sizes."""
    rows = []
    rng = np.random.default_rng(0)
    for size in (224, 64, 32):
        model = mm.fusion.reference_model(image_size=size)
        batch = {
            "image": rng.random((32, size, size, 3), dtype=np.float32),
            "text": rng.integers(0, 10_000, (32, 100)).astype(np.int32),
        }
        answer = rng.integers(0, 2, 32).astype(np.float32)
        model.train_on_batch(batch, answer)
        start = time.perf_counter()
        for _ in range(3):
            model.train_on_batch(batch, answer)
        seconds = (time.perf_counter() - start) / 3
        rows.append(
            dict(size=size, parameters=model.count_params(), milliseconds=round(1000 * seconds))
        )
    return rows


def machine():
    """Say what this was measured on, and with which versions."""
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {"keras": keras.__version__, "numpy": np.__version__,
                     "python": platform.python_version(),
                     keras.backend.backend(): version(keras.backend.backend())},
    }  # fmt: skip


@cache
def load_task(image, keywords):
    """Load each task once."""
    return EmojiTask(image=image, keywords=keywords)


def measure(image, keywords, progress):
    """Choose on validation, then test: everything the file says about one setting."""
    task = load_task(image, keywords)
    tuned = load_task(image, TUNED_AT) if image == "pixels" else task
    found = {
        method: choose_recipe(load_task(image, TUNED_AT) if method == "image" else tuned,
                              method, progress)
        for method in METHODS
    }  # fmt: skip
    recipes = {method: recipe for method, (_, recipe) in found.items()}
    weight, late = choose_weight(task, recipes)
    rows, comparisons = test_once(task, recipes, weight, progress)
    setting = dict(image=image, keywords=keywords)
    choices = [
        dict(**setting, method=method, validation=accuracy, recipe=dataclasses.asdict(recipe))
        for method, (accuracy, recipe) in found.items()
    ]
    choices.append(dict(**setting, method="late", validation=late, weight=weight))
    return {"rows": rows, "comparisons": comparisons, "choices": choices}


def merge(part, found, minutes, fresh):
    """Write what a part found into the file; the rest of the file stays, unless ``fresh``."""
    result = {} if fresh or NAME not in mm.results.available() else mm.results.load(NAME)
    for key, rows in found.items():
        new = {(row.get("image"), row.get("keywords")) for row in rows}
        result[key] = [
            row
            for row in result.get(key, [])
            if "image" in row and (row["image"], row["keywords"]) not in new
        ] + rows
    today, before = datetime.date.today().isoformat(), result.get("made")
    parts = {}
    if before:  # a file from before parts were noted says only how long all of it took
        whole = {"earlier": {"date": before["date"], "minutes": before["minutes"]}}
        parts = before.get("parts", whole)
    parts[part] = {"date": today, "minutes": round(minutes, 1)}
    result["made"] = {
        "command": "python benchmarks/fusion_joining.py",
        "date": today,
        "minutes": round(sum(known["minutes"] for known in parts.values())),
        "parts": parts,
        **machine(),
    }
    mm.results.save(NAME, result)


def plan(images, only):
    """Return ``{name of a part: function(progress) -> what it finds}``, in order."""
    parts = {}
    if "tables" in only:
        for image, keywords in itertools.product(images, KEYWORDS):
            parts[f"{image} {keywords}"] = partial(measure, image, keywords)
    if "careless" in only:
        parts["careless"] = lambda progress: {"careless": careless_training(progress)}
    if "steps" in only:
        parts["steps"] = lambda progress: {"steps": reference_steps()}
    return parts


def main():
    """Measure what is asked for, part by part; without options, everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", choices=("features", "pixels"), action="append")
    parser.add_argument("--only", choices=("tables", "careless", "steps"), action="append")
    options = parser.parse_args()
    only = options.only or ["tables", "careless", "steps"]
    if options.image and "tables" not in only:
        parser.error("--image chooses among the tables: add --only tables, or leave it out")
    fresh = not (options.only or options.image)
    with tqdm(unit="model") as progress:
        for part, work in plan(options.image or ("features", "pixels"), only).items():
            start = time.perf_counter()
            found = work(progress)
            merge(part, found, (time.perf_counter() - start) / 60, fresh)
            fresh = False  # what this run has found stays


if __name__ == "__main__":
    main()
