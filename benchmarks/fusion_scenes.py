"""Table of chapter fusion/3: which fusions find the emoji that the words mean, among four?

    python benchmarks/fusion_scenes.py

Two words name one of four emoji; the question is its colour. Every method gets the same search on
validation, two trainings: dropout of the words or none, and the epochs. (Bottlenecks of one and of
four tokens share the search that is made with four.) Concepts of validation and test
are new to every model, those of the test split by an artist who is new, too; ``"known"`` are
drawings of the training split in scenes that never were. The test split is read once per seed.
"""

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
    LOOKERS,
    erased,
    looker_inputs,
    train_looker,
    where_it_looks,
)
from mmtutorial.experiments.scenes import SceneTask

NAME = "fusion_scenes"
COUNT = 2000  # scenes to choose and to test on
BOTTLENECKS = (1, 4)
RECIPE = Recipe(units=64, batch_size=256, learning_rate=4e-3, epochs=12)
LOOKS = ("cross_attention", "guided")
SHUFFLED = ("concat", *LOOKS)
TESTS = {  # what is drawn, and from which split
    "known": ("train", {}),
    "new": ("test", {}),
    "new, one group": ("test", {"similar": True}),
    "new, 9 places": ("test", {"places": 9}),
}


def choose(task, method, progress):
    """Train two recipes once; return validation's best accuracy, and recipe with its epochs.

    The curve is smoothed over three epochs first, so that no lucky epoch wins.
    """
    scenes = task.draw("validation", COUNT, seed=100)
    inputs, best = looker_inputs(method, scenes), (0.0, None)
    for rate in (0.0, 0.5):
        recipe = RECIPE.but(text_dropout=rate)
        progress.set_postfix_str(f"choosing {method}")
        curve = []

        def watch(epoch, model, curve=curve):
            curve.append(score(log_probabilities(model, inputs), scenes.colour)["accuracy"])

        train_looker(task, method, recipe, seed=100, on_epoch=watch)
        smooth = np.convolve(curve, np.ones(3) / 3, mode="valid")
        found = (float(smooth.max()), recipe.but(epochs=int(smooth.argmax()) + 2))
        best = max(best, found, key=lambda pair: pair[0])
        progress.update()
    return best


def look(model, scenes):
    """Measure where a model looks, and whether that is what its answer hangs on.

    ``mass`` is the attention to the right place, ``found`` how often most of it goes there;
    ``matters`` is how often the place with most of it is the one whose loss moves the answer most,
    and ``flips``, ``flips_other`` how often losing it, or another place at random, changes the
    answer.
    """
    weights = np.nanmean(where_it_looks(model, scenes), axis=1)
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


def test(task, method, recipe, seed, scenes, **sizes):
    """Train one seed and read the test scenes; return a row for each kind of them."""
    start = time.process_time()
    model = train_looker(task, method, recipe, seed=seed, **sizes)
    cost = dict(parameters=model.count_params(), seconds=round(time.process_time() - start, 2))
    name = f"{method} ({sizes['bottlenecks']})" if sizes else method
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


def save(rows, found, seconds):
    """Write the file; after every seed, so that an interruption loses one."""
    made = {
        "command": f"python benchmarks/{NAME}.py",
        "date": datetime.date.today().isoformat(),
        "minutes": round(seconds / 60, 1),
        **machine(),
    }
    choices = [
        dict(method=method, validation=accuracy, recipe=dataclasses.asdict(recipe))
        for method, (accuracy, recipe) in found.items()
    ]
    mm.results.save(NAME, {"made": made, "rows": rows, "choices": choices})


def main():
    """Choose on validation, then test five seeds of every method."""
    begin, task = time.process_time(), SceneTask()
    runs = [(method, {}) for method in LOOKERS if method != "bottleneck"]
    runs += [("bottleneck", {"bottlenecks": tokens}) for tokens in BOTTLENECKS]
    with tqdm(total=2 * len(LOOKERS) + len(SEEDS) * len(runs), unit="model") as progress:
        found = {method: choose(task, method, progress) for method in LOOKERS}
        rows = []
        for seed in SEEDS:
            scenes = {
                kind: task.draw(side, COUNT, seed=seed, **how)
                for kind, (side, how) in TESTS.items()
            }
            for method, sizes in runs:
                progress.set_postfix_str(f"seed {seed}, {method}")
                rows += test(task, method, found[method][1], seed, scenes, **sizes)
                progress.update()
            save(rows, found, time.process_time() - begin)


if __name__ == "__main__":
    main()
