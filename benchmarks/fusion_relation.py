"""Tables of chapter fusion/2: who can answer about a relation, and what gates do when it breaks.

    python benchmarks/fusion_relation.py                    everything
    python benchmarks/fusion_relation.py --only relation    or gates; the rest of the file stays

"Do these words and this picture belong together?" needs both at once: each picture and each text
comes once in a true pair and once in a false one. Every model, those that cannot know included,
gets the same search on validation: three rates of dropout, two learning rates, and the epochs.
The test split is read once per seed, after all choices; which rows shuffle is then drawn, too.

The gates are trained three times with two keywords: on whole emoji, on emoji a third of whose
pictures are static, and on emoji of which pictures or words are broken. They are read on the
validation split. Results go to mmtutorial/results/fusion_relation.json.
"""

import argparse
import dataclasses
import datetime
import itertools
import os
import time

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # the models are small: a second gains little

import numpy as np
from fusion_joining import SEEDS, log_probabilities, machine
from fusion_methods import adjust
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import Recipe, RelationTask, train_model
from mmtutorial.experiments.gates import BrokenTask, broken_inputs, image_gates

NAME = "fusion_relation"
DEEP = (128,)  # a hidden layer in the head
MODELS = {  # name -> method, hidden layers of the head
    "image": ("image", DEEP),
    "text": ("text", DEEP),
    "concat": ("concat", ()),
    "sum": ("sum", ()),
    "concat, hidden layer": ("concat", DEEP),
    "gated": ("gated", ()),
    "multiplicative": ("multiplicative", ()),
    "tensor": ("tensor", ()),
    "low_rank": ("low_rank", ()),
}
BAR = "concat, hidden layer"  # what a product has to beat
TRAININGS = {
    "whole emoji": {},
    "static pictures": {"pictures": 0.3},
    "static pictures, swapped words": {"pictures": 0.3, "words": 0.3},
}


def candidates(hidden):
    """Return the recipes that the search tries, as many for each model."""
    return [
        Recipe(hidden=hidden, dropout=rate, image_dropout=rate, text_dropout=rate,
               learning_rate=speed, epochs=8)
        for rate, speed in itertools.product((0.1, 0.3, 0.5), (2e-3, 5e-3))
    ]  # fmt: skip


def right_in(model, task, split):
    """Say of each pair of a split whether the model is right, and how sure it is of "true"."""
    votes = log_probabilities(model, task.inputs(split, seed=0))
    return votes.argmax(axis=1) == task.targets(split)


def choose(task, method, hidden, progress):
    """Train every candidate once; keep the best, and the epoch at which it was best."""
    best = (0.0, None)
    for recipe in candidates(hidden):
        curve = []

        def watch(epoch, model, curve=curve):
            curve.append(right_in(model, task, "validation").mean())

        train_model(task, method, recipe, seed=100, on_epoch=watch)
        smooth = np.convolve(curve, np.ones(3) / 3, mode="valid")  # no lucky epoch wins
        found = (float(smooth.max()), recipe.but(epochs=int(smooth.argmax()) + 2))
        best = max(best, found, key=lambda pair: pair[0])
        progress.update()
    return best


def relation(progress):
    """Choose and test every model; compare those that can answer with the concatenation."""
    task, rows, choices, right = RelationTask(), [], [], {}
    truth = task.targets("test")
    for name, (method, hidden) in MODELS.items():
        progress.set_postfix_str(name)
        accuracy, recipe = choose(task, method, hidden, progress)
        choices.append(dict(method=name, validation=accuracy, recipe=dataclasses.asdict(recipe)))
        for seed in SEEDS:
            start = time.process_time()
            model = train_model(task, method, recipe, seed=seed)
            cost = dict(parameters=model.count_params(),
                        seconds=round(time.process_time() - start, 2))  # fmt: skip
            found = right_in(model, task, "test")
            known = right_in(model, task, "train").mean()
            rows.append(dict(method=name, seed=seed, accuracy=float(found.mean()),
                             known=float(known), **cost))  # fmt: skip
            right[name] = right.get(name, 0) + found / len(SEEDS)
            if len(model.modalities) == 2:
                inputs = task.inputs("test", seed=0)
                shuffled = mm.evaluation.shuffled_modality(inputs, "text", seed=seed)
                said = log_probabilities(model, shuffled).argmax(axis=1)
                rows.append(dict(method=f"{name}, text shuffled", seed=seed,
                                 accuracy=float(np.mean(said == truth))))  # fmt: skip
            progress.update()
    return {"rows": rows, "choices": choices, "comparisons": compare(task, right)}


def compare(task, right):
    """Compare each model with the concatenation, pairs of one picture's concept drawn together."""
    concepts = np.tile(task.emoji.dataset.test.targets["concept"], 2)
    names = [name for name in right if name != BAR]
    found = [mm.evaluation.paired_bootstrap(right[n], right[BAR], groups=concepts) for n in names]
    adjusted = adjust([one.p_value for one in found])
    return [
        dict(method=name, against=BAR, **one._asdict(), p_adjusted=float(p))
        for name, one, p in zip(names, found, adjusted, strict=True)
    ]


def gates(progress):
    """Train a gated fusion and a concatenation on emoji more and less whole; break them, look."""
    rows = []
    for stage, shares in TRAININGS.items():
        task = BrokenTask(keywords=2, **shares)
        truth = task.targets("validation")
        for seed, method in itertools.product(SEEDS, ("gated", "concat")):
            progress.set_postfix_str(f"{stage}, {method}, seed {seed}")
            model = train_model(task, method, Recipe(epochs=12), seed=seed)
            inputs = task.inputs("validation", seed=seed)
            for damage, given in broken_inputs(inputs, seed=seed).items():
                said = log_probabilities(model, given).argmax(axis=1)
                row = dict(training=stage, damage=damage, method=method, seed=seed)
                row["accuracy"] = mm.evaluation.accuracy(truth, said)
                if method == "gated":
                    row["gate"] = float(image_gates(model, given).mean())
                rows.append(row)
            progress.update()
    return {"gates": rows}


PARTS = {"relation": relation, "gates": gates}


def merge(part, found, minutes):
    """Write what a part found into the file; the rest of the file stays."""
    result = mm.results.load(NAME) if NAME in mm.results.available() else {}
    parts = result.pop("made", {}).get("parts", {})
    today = datetime.date.today().isoformat()
    parts[part] = {"date": today, "minutes": round(minutes, 1)}
    whole = round(sum(one["minutes"] for one in parts.values()))
    made = {"command": f"python benchmarks/{NAME}.py", "date": today, "minutes": whole}
    mm.results.save(NAME, {"made": {**made, "parts": parts, **machine()}, **result, **found})


def main():
    """Measure what is asked for; without options, everything. Minutes are processor time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PARTS, action="append")
    with tqdm(unit="model") as progress:
        for part in parser.parse_args().only or PARTS:
            start = time.process_time()
            merge(part, PARTS[part](progress), (time.process_time() - start) / 60)


if __name__ == "__main__":
    main()
