"""Table of the fusion methods on stamps: photograph, caption and spoken caption, with gaps.

    python benchmarks/fusion_stamps.py                   everything
    python benchmarks/fusion_stamps.py --missing         what the file does not hold yet
    python benchmarks/fusion_stamps.py --method gated
    python benchmarks/fusion_stamps.py --show            print the table, train nothing

Ten categories, five folds: every stamp is in the test split of one, and is read once. Every method
gets the same search in every fold, eight trainings on some 390 stamps, judged on the validation
stamps: the rate of learning, of the dropout of speech and of whole modalities, and the epochs. (A
modality alone has its own dropout and size to choose, early fusion the dropout of its hidden layer,
late fusion its weights.) The number of a fold is the seed of its test run.

Captions are cut after twelve words, and 958 pieces of words are known, so that a model has one
shape in all folds: its graph is traced once, and each training starts it from new first weights.
Seconds are processor time, without that tracing. Results go to
mmtutorial/results/fusion_stamps.json after every method.

What came of it: none of the networks gets further than linear models of the photograph and the
caption whose beliefs are multiplied (benchmarks/background_modalities.py). Concatenation, early and
late fusion come close; fusions that multiply or weigh vectors learn too little from so few stamps.
"""

import argparse
import dataclasses
import datetime
import itertools
import os
import time
import warnings
from functools import cache

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # the models are small: a second gains little

import keras
import numpy as np
from fusion_joining import machine, score
from fusion_methods import compare, rank
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import (
    OF_TOKENS,
    StampFusionTask,
    StampRecipe,
    build_stamp_model,
    choose_weights,
    pool_votes,
)
from mmtutorial.experiments.stamp_fusion import JOINED
from mmtutorial.experiments.training import fit_model, take

NAME = "fusion_stamps"
FOLDS = (0, 1, 2, 3, 4)
ALONE = ("image", "speech", "text")
ALL = (*ALONE, *JOINED[:3], "late", *JOINED[3:])
BASE = StampRecipe(epochs=24, batch_size=64)


@cache
def load_task(fold, by_token=False):
    """Load each task once."""
    return StampFusionTask(fold=fold, by_token=by_token, words=12, pieces=960)


def candidates(method):
    """Return the recipes that the search tries, as many for a baseline as for a fusion."""
    if method in ALONE:
        varied = {f"{method}_dropout": (0.2, 0.5), "units": (64, 128)}
    elif method == "early":  # no encoders to drop out of
        varied = {"dropout": (0.0, 0.5), "modality_dropout": (0.0, 0.3)}
    else:
        varied = {"speech_dropout": (0.5, 0.9), "modality_dropout": (0.0, 0.3)}
    varied["learning_rate"] = (0.004, 0.01)
    return [
        BASE.but(**dict(zip(varied, values, strict=True)))
        for values in itertools.product(*varied.values())
    ]


TRACED = {}


def renew(task, method, recipe):
    """Build a model for this fold; if one of the same graph is known, it gets the first weights."""
    fresh = build_stamp_model(task, method, recipe)
    inputs = take(task.inputs("validation"), fresh.modalities)
    fresh.build({name: (None, *array.shape[1:]) for name, array in inputs.items()})
    graph = (method, recipe.but(learning_rate=0.0, epochs=0))
    known = TRACED.setdefault(graph, fresh)
    if known is not fresh:
        for old, new in zip(known.variables, fresh.variables, strict=True):
            old.assign(new)
        for state in known.optimizer.variables:
            state.assign(keras.ops.zeros_like(state))
        known.optimizer.learning_rate = recipe.learning_rate
    return known


def train(task, method, recipe, *, seed, on_epoch=None):
    """Train one model as `train_stamp_model` does, but trace no graph twice."""
    inputs = task.inputs("train")
    options = {"seed": seed, "on_epoch": on_epoch}
    targets = task.targets("train")
    return fit_model(
        lambda: renew(task, method, recipe), lambda epoch: inputs, targets, recipe, **options
    )


def believe(model, inputs):
    """Return what a model believes of each class, ``(rows, classes)``, by its traced graph."""
    logits = model.predict_on_batch(take(inputs, model.modalities))
    return keras.ops.convert_to_numpy(keras.ops.log_softmax(logits))


@cache
def choose(method, fold, progress):
    """Train every candidate once; return the best accuracy and recipe, with the best epoch."""
    task, best = load_task(fold, method in OF_TOKENS), (-1.0, None)
    truth, inputs = task.targets("validation"), task.inputs("validation")
    for recipe in candidates(method):
        curve = []

        def watch(epoch, model, curve=curve):
            curve.append(score(believe(model, inputs), truth)["accuracy"])

        train(task, method, recipe, seed=100, on_epoch=watch)
        smooth = np.convolve(curve, np.ones(3) / 3, mode="valid")  # so that no lucky epoch wins
        found = (float(smooth.max()), recipe.but(epochs=int(smooth.argmax()) + 2))
        best = max(best, found, key=lambda pair: pair[0])
        progress.update()
    return best


@cache
def run(method, fold, progress):
    """Train the chosen recipe; return its model's cost, and votes on validation and on test.

    The test split is read here, once; a modality alone serves late fusion as well.
    """
    _, recipe = choose(method, fold, progress)
    task = load_task(fold, method in OF_TOKENS)
    start = time.process_time()
    model = train(task, method, recipe, seed=fold)
    cost = {
        "parameters": model.count_params(),
        "seconds": round(time.process_time() - start, 2),
    }
    votes = {split: believe(model, task.inputs(split)) for split in ("validation", "test")}
    wrong = {}
    if method == "concat":
        for name in task.modalities:
            given = mm.evaluation.shuffled_modality(task.inputs("test"), name, seed=fold)
            wrong[f"concat, {name} shuffled"] = believe(model, given)
    return cost, votes, wrong


def run_late(fold, progress):
    """Pool those trained alone, by weights that validation chooses; the cost is that of all."""
    alone = {name: run(name, fold, progress) for name in ALONE}
    task = load_task(fold)
    votes = {
        split: {name: found[1][split] for name, found in alone.items()}
        for split in ("validation", "test")
    }
    weights, accuracy = choose_weights(
        votes["validation"], task.targets("validation"), presence=task.presence("validation")
    )
    pooled = pool_votes(votes["test"], weights, presence=task.presence("test"))
    cost = {
        key: round(sum(found[0][key] for found in alone.values()), 2)
        for key in ("parameters", "seconds")
    }
    return {"validation": accuracy, "weights": weights}, cost, pooled


def measure(method, progress):
    """Choose and test in every fold: everything the file says about one method."""
    found = {"rows": [], "shuffled": [], "choices": []}
    right = []
    for fold in FOLDS:
        progress.set_postfix_str(f"{method}, fold {fold}")
        truth, wrong = load_task(fold).targets("test"), {}
        if method == "late":
            choice, cost, votes = run_late(fold, progress)
        else:
            cost, both, wrong = run(method, fold, progress)
            votes, (accuracy, recipe) = both["test"], choose(method, fold, progress)
            choice = {"validation": accuracy, "recipe": dataclasses.asdict(recipe)}
        where = {"fold": fold, "seed": fold}
        found["rows"].append({"method": method, **where, **score(votes, truth), **cost})
        for name, other in wrong.items():
            found["shuffled"].append({"method": name, **where, **score(other, truth)})
        found["choices"].append({"method": method, **where, **choice})
        right += (votes.argmax(axis=1) == truth).astype(int).tolist()
        progress.update()
    # whether each test item is told right, a digit an item, fold after fold
    found["right"] = [{"method": method, "right": "".join(map(str, right))}]
    return found


@cache
def pair(right, other):
    """Compare two methods on the items of all folds, those of one cluster drawn together."""
    splits = [load_task(fold).dataset.test for fold in FOLDS]
    clusters = np.concatenate([split.info["cluster"] for split in splits])
    a, b = (np.array([int(digit) for digit in text]) for text in (right, other))
    return mm.evaluation.paired_bootstrap(a, b, groups=clusters)._asdict()


def absences():
    """Say how many stamps lack each modality."""
    splits = [load_task(fold).dataset.test for fold in FOLDS]
    rows = []
    for name in (*ALONE, "sound"):
        there = np.concatenate([split.presence[name] for split in splits])
        absent = int((~there).sum())
        rows.append({"modality": name, "absent": absent, "items": len(there),
                     "share": absent / len(there)})  # fmt: skip
    return rows


def settle(result):
    """Put the rows in order, and make comparisons and ranks again."""
    for key in ("rows", "choices", "right"):
        result[key].sort(key=lambda row: (ALL.index(row["method"]), row.get("fold")))
    right = {row["method"]: row["right"] for row in result["right"]}
    validation = {
        method: mm.results.select(result["choices"], "validation", method=method).mean()
        for method in right
    }
    scores = {
        method: mm.results.select(result["rows"], "accuracy", method=method) for method in right
    }
    result["comparisons"] = compare(right, validation, ALONE, pair)
    result["ranks"] = rank(scores)
    result["absent"] = absences()


def load_file():
    """Return the stored result, or an empty one."""
    return mm.results.load(NAME) if NAME in mm.results.available() else {}


def merge(method, found, minutes):
    """Write what was found of a method; the rest of the file stays."""
    result = load_file()
    for key, rows in found.items():
        new = {row["method"] for row in rows}
        result[key] = [row for row in result.get(key, []) if row["method"] not in new] + rows
    settle(result)
    made = {"date": datetime.date.today().isoformat(), "minutes": round(minutes, 1)}
    parts = {**result.get("made", {}).get("parts", {}), method: made}
    result["made"] = {
        "command": f"python benchmarks/{NAME}.py",
        "date": made["date"],
        "minutes": round(sum(part["minutes"] for part in parts.values())),
        "parts": parts,
        **machine(),
    }
    mm.results.save(NAME, {"made": result.pop("made"), **result})


def show():
    """Print the table: what was measured, and against what it wins."""
    result = load_file()
    rows = result["rows"]
    columns = {"accuracy": mm.results.intervals(rows)}
    columns["macro F1"] = mm.results.intervals(rows, "macro_f1")
    for row in result["comparisons"]:
        told = f"{row['difference']:+.3f} (p {row['p_adjusted']:.3f})"
        columns.setdefault(f"- {row['against']}", {})[row["method"]] = told
    columns["rank"] = {row["method"]: f"{row['rank']:.1f}" for row in result["ranks"]}
    for key, digits in (("parameters", 0), ("seconds", 1)):
        columns[key] = {
            method: f"{mm.results.select(rows, key, method=method).mean():.{digits}f}"
            for method in columns["accuracy"]
        }
    filled = {
        title: {method: column.get(method, "") for method in columns["accuracy"]}
        for title, column in columns.items()
    }
    print(mm.results.Table(filled, "Stamps: photograph, caption, spoken caption"), "\n")
    if result["shuffled"]:
        print(mm.results.Table({"accuracy": mm.results.intervals(result["shuffled"])}), "\n")
    lacking = {row["modality"]: f"{row['absent']} of {row['items']}" for row in result["absent"]}
    print(mm.results.Table({"stamps that lack it": lacking}))


def main():
    """Measure what is asked for, method by method; without options, everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--method", choices=ALL, action="append")
    parser.add_argument("--missing", action="store_true", help="only what the file lacks")
    parser.add_argument("--show", action="store_true", help="print the table, train nothing")
    options = parser.parse_args()
    if options.show:
        return show()
    known = {row["method"] for row in load_file().get("right", [])} if options.missing else ()
    # Attention to the image, which is one token, is no choice, and Keras says so at each model.
    warnings.filterwarnings("ignore", message="You are using a softmax over axis 3")
    with tqdm(unit="model") as progress:
        for method in options.method or ALL:
            if method not in known:
                start = time.process_time()
                found = measure(method, progress)
                merge(method, found, (time.process_time() - start) / 60)
                TRACED.clear()


if __name__ == "__main__":
    main()
