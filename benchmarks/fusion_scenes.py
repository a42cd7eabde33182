"""Table of chapter fusion/3: which fusions find the emoji that the words mean, among four?

    python benchmarks/fusion_scenes.py                        everything
    python benchmarks/fusion_scenes.py --method "bottleneck (1)"     a method; the rest stays

Two words name one of four emoji; the question is its colour. Every method has the same recipe and
the same small search on validation: one training, after which of ten epochs to stop. Concepts of
validation and test are new to every model, those of the test split by an artist who is new, too;
``"known"`` are drawings of the training split in scenes that never were. The test split is read
once per seed.
"""

import argparse
import dataclasses
import datetime
import os
import time

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # the models are small: a second gains little

import numpy as np
from fusion_joining import SEEDS, machine, score
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import Recipe, log_probabilities
from mmtutorial.experiments.looking import (
    attended,
    erased,
    looker_inputs,
    train_looker,
)
from mmtutorial.experiments.scenes import SceneTask

NAME = "fusion_scenes"
COUNT = 1000  # scenes to choose and to test on
RECIPE = Recipe(units=64, batch_size=256, learning_rate=4e-3, epochs=10)
RUNS = {  # each method, and what else its model is told
    "guided": {},
    "cross_attention": {},
    "concat": {},
    "told": {},
    "text": {},
    "side by side": {},
    "bottleneck (4)": {"bottlenecks": 4},
    "image": {},
    "attention": {},
    "bottleneck (1)": {"bottlenecks": 1},
    "bottleneck (2)": {"bottlenecks": 2},
}
LOOKS = ("cross_attention", "guided")
SHUFFLED = ("concat", *LOOKS)
TESTS = {  # what is drawn, and from which split
    "known": ("train", {}),
    "new": ("test", {}),
    "new, one group": ("test", {"similar": True}),
    "new, 9 places": ("test", {"places": 9}),
}


def choose(task, name):
    """Train once; return validation's best accuracy, and the recipe with the epochs it took.

    The curve is smoothed over three epochs first, so that no lucky epoch wins.
    """
    scenes, method = task.draw("validation", COUNT, seed=100), name.split(" (")[0]
    inputs, curve = looker_inputs(method, scenes), []

    def watch(epoch, model):
        curve.append(score(log_probabilities(model, inputs), scenes.colour)["accuracy"])

    train_looker(task, method, RECIPE, seed=100, on_epoch=watch, **RUNS[name])
    smooth = np.convolve(curve, np.ones(3) / 3, mode="valid")
    return float(smooth.max()), RECIPE.but(epochs=int(smooth.argmax()) + 2)


def look(model, scenes):
    """Measure where a model looks, and whether that is what its answer hangs on.

    ``mass`` is the attention to the right place, ``found`` how often most of it goes there;
    ``matters`` is how often the place with most of it is the one whose loss moves the answer most,
    and ``flips``, ``flips_other`` how often losing it, or another place at random, changes the
    answer.
    """
    weights = attended(model, scenes)
    rows, top = np.arange(len(weights)), weights.argmax(axis=1)
    other = (top + np.random.default_rng(0).integers(1, weights.shape[1], len(rows))) % (
        weights.shape[1]
    )
    moved, flipped = erased(model, scenes)
    return {
        "mass": float(weights[rows, scenes.place].mean()),
        "found": float(np.mean(top == scenes.place)),
        "matters": float(np.mean(moved.argmax(axis=1) == top)),
        "flips": float(flipped[rows, top].mean()),
        "flips_other": float(flipped[rows, other].mean()),
    }


def test(task, name, recipe, seed):
    """Train one seed and read the test scenes; return a row for each kind of them."""
    method, start = name.split(" (")[0], time.process_time()
    model = train_looker(task, method, recipe, seed=seed, **RUNS[name])
    cost = dict(parameters=model.count_params(), seconds=round(time.process_time() - start, 2))
    scenes = {kind: task.draw(side, COUNT, seed=seed, **how) for kind, (side, how) in TESTS.items()}
    rows = []
    for kind, drawn in scenes.items():
        if kind.endswith("9 places") and method == "side by side":
            continue  # it has weights for four
        votes = log_probabilities(model, looker_inputs(method, drawn))
        row = dict(method=name, scenes=kind, seed=seed, **score(votes, drawn.colour), **cost)
        rows.append(row | (look(model, drawn) if method in LOOKS else {}))
    for modality in ("image", "text") if method in SHUFFLED else ():
        new = scenes["new"]
        inputs = mm.evaluation.shuffled_modality(new.inputs, modality, seed=seed)
        votes = log_probabilities(model, inputs)
        told = dict(method=f"{name}, {modality} shuffled", scenes="new", seed=seed)
        rows.append({**told, **score(votes, new.colour)})
    return rows


def merge(name, accuracy, recipe, rows, seconds):
    """Write what was found of a method; the rest of the file stays."""
    result = mm.results.load(NAME) if NAME in mm.results.available() else {}
    choice = dict(method=name, validation=accuracy, recipe=dataclasses.asdict(recipe))
    for key, found in (("rows", rows), ("choices", [choice])):
        kept = [row for row in result.get(key, []) if row["method"].split(",")[0] != name]
        result[key] = sorted([*kept, *found], key=lambda row: _place(row["method"]))
    parts = result.get("made", {}).get("parts", {})
    today = datetime.date.today().isoformat()
    parts[name] = {"date": today, "minutes": round(seconds / 60, 1)}
    made = {
        "command": f"python benchmarks/{NAME}.py",
        "date": today,
        "minutes": round(sum(part["minutes"] for part in parts.values())),
        "parts": parts,
        **machine(),
    }
    mm.results.save(NAME, {"made": made, "rows": result["rows"], "choices": result["choices"]})


def _place(method):
    return list(RUNS).index(method.split(",")[0])


def main():
    """Choose on validation, then test five seeds, method by method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--method", choices=RUNS, action="append")
    names = parser.parse_args().method or list(RUNS)
    task = SceneTask()
    with tqdm(total=len(names) * (1 + len(SEEDS)), unit="model") as progress:
        for name in names:
            start, rows = time.process_time(), []
            progress.set_postfix_str(f"choosing {name}")
            accuracy, recipe = choose(task, name)
            progress.update()
            for seed in SEEDS:
                progress.set_postfix_str(f"{name}, seed {seed}")
                rows += test(task, name, recipe, seed)
                progress.update()
            merge(name, accuracy, recipe, rows, time.process_time() - start)


if __name__ == "__main__":
    main()
