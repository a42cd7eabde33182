"""Tables of chapter background/4: what leaks, seeds, modalities, confidence and choices are worth.

    python benchmarks/background_evaluation.py                   everything
    python benchmarks/background_evaluation.py --only designers  a part; the rest of the file stays

Recipes are those that benchmarks/fusion_joining.py chose on validation. Results go to
mmtutorial/results/background_evaluation.json after every part.
"""

import argparse
import dataclasses
import datetime
import itertools
import os
import time
from functools import cache

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from fusion_joining import machine
from keras import ops
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.data.emoji import ARTISTS
from mmtutorial.experiments import (
    EmojiTask,
    Recipe,
    build_model,
    build_product,
    log_probabilities,
    same_concepts,
    same_designers,
    train_model,
)

NAME = "background_evaluation"
SEEDS = range(5)
BINS = 10
RIVALS = ("concat", "sum")
ASKED = {
    "concat, 1 keyword": (1, "concat"),
    "concat, 2 keywords": (2, "concat"),
    "concat, all keywords": (None, "concat"),
    "early, all keywords": (None, "early"),
}


@cache
def load_task(keywords):
    """Load each task once."""
    return EmojiTask(keywords=keywords)


@cache
def chosen(keywords):
    """Return ``{method: Recipe}`` and the late weight of the image, as chosen on validation."""
    rows = mm.results.load("fusion_joining")["choices"]
    rows = [row for row in rows if (row["image"], row["keywords"]) == ("features", keywords)]
    recipes = {row["method"]: Recipe(**row["recipe"]) for row in rows if "recipe" in row}
    return recipes, next(row["weight"] for row in rows if row["method"] == "late")


@cache
def train(keywords, method, seed):
    """Train a chosen recipe on the usual split; one that two parts need is trained once."""
    return train_model(load_task(keywords), method, chosen(keywords)[0][method], seed=seed)


def right(log_p, truth):
    """Say for each item whether the likeliest class is the true one."""
    return log_p.argmax(axis=1) == truth


def measure_designers(progress):
    """Swap one training artist, another for each seed, for the designers of the test artist."""
    rows, hits = [], {}
    for seed, replaced in zip(SEEDS, ARTISTS, strict=True):
        for side, data in zip(("honest", "leaking"), same_designers(replaced), strict=True):
            task = EmojiTask(keywords=2, dataset=data)
            inputs, truth = task.inputs("test", seed=seed), task.targets("test")
            for method in ("image", "concat"):
                model = train_model(task, method, chosen(2)[0][method], seed=seed)
                hit = right(log_probabilities(model, inputs), truth)
                hits.setdefault((method, side), []).append(hit)
                rows.append(dict(side=side, replaced=replaced, seed=seed, method=method,
                                 drawings=len(data.train), accuracy=float(hit.mean())))  # fmt: skip
                progress.update()
    concepts = data.test.targets["concept"]
    pairs = []
    for method in ("image", "concat"):
        leaking, honest = (np.mean(hits[method, side], axis=0) for side in ("leaking", "honest"))
        paired = mm.evaluation.paired_bootstrap(leaking, honest, groups=concepts)
        pairs.append(dict(method=method, **paired._asdict()))
    return {"designers": rows, "designers_paired": pairs}


def late(votes, weight):
    """Pool two models' log-probabilities by the product, the image weighted by ``weight``."""
    fusion = mm.fusion.LateFusion({"image": weight, "text": 1 - weight}, pool="product")
    return np.asarray(fusion({name: votes[name] for name in ("image", "text")}))


def measure_concepts(progress):
    """Score each model on its own held-out rows and on the honest test, new in every way."""
    rows = []
    for seed in SEEDS:
        for side, data in zip(("honest", "leaking"), same_concepts(seed=seed), strict=True):
            task = EmojiTask(keywords=2, dataset=data)
            recipes, weight = chosen(2)
            judges = {"held out": "test", "honest test": "validation"}
            votes = {judge: {} for judge in judges}
            for method in ("image", "text", "concat"):
                model = train_model(task, method, recipes[method], seed=seed)
                progress.update()
                for judge, split in judges.items():
                    inputs = task.inputs(split, seed=seed)
                    votes[judge][method] = log_probabilities(model, inputs)
            for judge, split in judges.items():
                votes[judge]["late"] = late(votes[judge], weight)
                truth = task.targets(split)
                rows += [
                    dict(side=side, judge=judge, seed=seed, method=method,
                         accuracy=float(right(log_p, truth).mean()))
                    for method, log_p in votes[judge].items()
                ]  # fmt: skip
    return {"concepts": rows}


def measure_seeds(progress):
    """Twelve seeds of two methods; the first five are those of benchmarks/fusion_joining.py."""
    known = [
        {key: row[key] for key in ("method", "seed", "accuracy")}
        for row in mm.results.load("fusion_joining")["rows"]
        if (row["image"], row["keywords"]) == ("features", 2) and row["method"] in RIVALS
    ]
    task, rows = load_task(2), []
    for seed, method in itertools.product(range(5, 12), RIVALS):
        log_p = log_probabilities(train(2, method, seed), task.inputs("test", seed=seed))
        hit = right(log_p, task.targets("test"))
        rows.append(dict(method=method, seed=seed, accuracy=float(hit.mean())))
        progress.update()
    return {"seeds": known + rows}


def split_at_fusion(model, inputs):
    """Encode every row once; return the vectors and the rest of the model, which is quick."""
    vectors = {name: np.asarray(model.encoders[name](inputs[name])) for name in model.modalities}

    def rest(vectors):
        logits = model.heads["fused"](model.fusion(vectors), training=False)
        return ops.convert_to_numpy(ops.log_softmax(logits))

    return vectors, rest


def attribute(model, inputs, background, truth, seed):
    """Ask the three questions of one model: shuffled, additive, and who moved the answer."""
    vectors, rest = split_at_fusion(model, inputs)
    usual, _ = split_at_fusion(model, background)
    whole = rest(vectors)
    drops = mm.evaluation.shuffled_drop(rest, vectors, truth, seeds=[seed])
    additive = mm.evaluation.emap(rest, vectors)
    shares = mm.evaluation.modality_shapley(lambda x: np.exp(rest(x)), vectors, background=usual)
    said = whole.argmax(axis=1)[:, None]
    moved = {n: np.abs(np.take_along_axis(s, said, axis=1)).mean() for n, s in shares.items()}
    return dict(
        accuracy=float(right(whole, truth).mean()),
        emap=float(right(additive, truth).mean()),
        changed=float(np.mean(additive.argmax(axis=1) != whole.argmax(axis=1))),
        **{f"drop_{name}": float(drop[0]) for name, drop in drops.items()},
        **{f"share_{name}": float(part / sum(moved.values())) for name, part in moved.items()},
    )


def measure_attribution(progress):
    """Two fusions for some numbers of keywords, and a model that must relate the two."""
    rows = []
    for (label, (keywords, method)), seed in itertools.product(ASKED.items(), SEEDS):
        task = load_task(keywords)
        some = np.random.default_rng(seed).choice(len(task.targets("train")), 32, replace=False)
        background = {n: a[some] for n, a in task.inputs("train", seed=seed).items()}
        model = train(keywords, method, seed)
        found = attribute(
            model, task.inputs("test", seed=seed), background, task.targets("test"), seed
        )
        rows.append(dict(method=label, seed=seed, **found))
        progress.update()
    for seed in SEEDS:
        model, task = train_relation(seed)
        inputs, truth = draw_pairs(task, "test", len(task.targets("test")), seed)
        background, _ = draw_pairs(task, "train", 32, seed)
        found = attribute(model, inputs, background, truth, seed)
        rows.append(dict(method="does it belong?", seed=seed, **found))
        progress.update()
    return {"attribution": rows}


def draw_pairs(task, split, count, seed):
    """Draw pictures, half with their own words and half with another's; 1 where they match."""
    concept = getattr(task.dataset, split).targets["concept"]
    picture, words = np.random.default_rng(seed).integers(len(concept), size=(2, count))
    words = np.where(np.arange(count) % 2 == 0, picture, words)
    inputs = task.inputs(split, seed=0)
    match = (concept[picture] == concept[words]).astype(int)
    return {"image": inputs["image"][picture], "text": inputs["text"][words]}, match


def train_relation(seed):
    """Train the model of chapter fusion/1 that tells whether words and picture match."""
    task = load_task(None)
    keras.utils.set_random_seed(seed)
    parts = {
        "image": mm.encoders.DenseEncoder(128, dropout=0.1),
        "text": mm.encoders.TextBag(len(task.vocabulary), 128, dropout=0.1),
    }
    model = mm.fusion.FusionClassifier(parts, "concat", 2, hidden=(128,), dropout=0.1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss)
    for epoch in range(12):
        inputs, match = draw_pairs(task, "train", 4096, seed=100 * seed + epoch)
        model.fit(inputs, match, batch_size=128, verbose=0)
    return model, task


def measure_calibration(progress):
    """Compare confidence with accuracy, before and after a temperature from validation."""
    rows, pooled, task = [], {}, load_task(2)
    for seed in SEEDS:
        votes = {"validation": {}, "test": {}}
        for method in ("image", "text", "concat"):
            model = train(2, method, seed)
            for split, found in votes.items():
                found[method] = log_probabilities(model, task.inputs(split, seed=seed))
            progress.update()
        for found in votes.values():
            both = {"image": found["image"], "text": found["text"]}
            found["late, mean"] = np.asarray(mm.fusion.LateFusion()(both))
            found["late, geometric mean"] = late(found, 0.5)
            found["late, product"] = np.asarray(ops.log_softmax(both["image"] + both["text"]))
        truth = {split: task.targets(split) for split in votes}
        for method in votes["test"]:
            log_p = votes["test"][method].astype(float)
            warm = mm.evaluation.fit_temperature(votes["validation"][method], truth["validation"])
            cured = log_p / warm
            cured -= np.log(np.exp(cured).sum(axis=1, keepdims=True))
            rows.append(
                dict(
                    method=method,
                    seed=seed,
                    accuracy=float(right(log_p, truth["test"]).mean()),
                    confidence=float(np.exp(log_p.max(axis=1)).mean()),
                    ece_validation=ece(votes["validation"][method], truth["validation"]),
                    ece=ece(log_p, truth["test"]),
                    ece_by_chance=ece(log_p, draw_answers(log_p, seed)),
                    temperature=warm,
                    ece_cured=ece(cured, truth["test"]),
                )
            )
            pooled.setdefault((method, "before"), []).append((truth["test"], log_p))
            pooled.setdefault((method, "after"), []).append((truth["test"], cured))
    return {
        "calibration": rows,
        "reliability": [diagram(*key, runs) for key, runs in pooled.items()],
    }


def normalise(log_p):
    """Return probabilities whose rows sum to 1 in double precision."""
    p = np.exp(np.asarray(log_p, dtype=float))
    return p / p.sum(axis=1, keepdims=True)


def ece(log_p, truth):
    """Return the expected calibration error of log-probabilities."""
    return mm.evaluation.expected_calibration_error(truth, normalise(log_p), bins=BINS)


def draw_answers(log_p, seed):
    """Draw answers from the model's own beliefs: it is calibrated then, but for chance."""
    draws = np.random.default_rng(seed).random((len(log_p), 1))
    return (normalise(log_p).cumsum(axis=1) > draws).argmax(axis=1)


def diagram(method, when, runs):
    """Pool the seeds' answers into one reliability diagram."""
    truth = np.concatenate([run[0] for run in runs])
    bins = mm.evaluation.reliability(
        truth, normalise(np.concatenate([r[1] for r in runs])), bins=BINS
    )
    keep = bins.count > 0
    found = {key: getattr(bins, key)[keep].tolist() for key in bins._fields}
    return dict(method=method, when=when, **found)


REFLEX = Recipe(image_dropout=0.5, text_dropout=0.5, epochs=20)
GRID = [
    Recipe(image_dropout=image, text_dropout=text, epochs=20)
    for image, text in itertools.product((0.0, 0.5), (0.0, 0.5))
]
BUILD = {"concat": build_model, "product": build_product}


def measure_gain(progress):
    """Compare a new fusion with an old one: as in a careless draft, then repaired step by step."""
    task = load_task(2)
    tries = [watch(task, method, recipe, progress) for method in BUILD for recipe in GRID]
    of = {method: [t for t in tries if t["method"] == method] for method in BUILD}
    peeked = {method: max(max(t["test"]) for t in found) for method, found in of.items()}
    picked = {method: pick(found) for method, found in of.items()}
    reflex = of["concat"][GRID.index(REFLEX)]["test"][-1]
    steps = [
        dict(step="the draft", product=peeked["product"], concat=reflex),
        dict(step="search for the baseline, too", **peeked),
        dict(step="choose on validation", **{m: found["test"] for m, found in picked.items()}),
    ]
    rows, hits = [], {method: [] for method in BUILD}
    truth = task.targets("test")
    for seed, method in itertools.product(SEEDS, BUILD):
        recipe = Recipe(**picked[method]["recipe"]).but(epochs=picked[method]["epochs"])
        model = train_model(task, method, recipe, seed=seed, build=BUILD[method])
        log_p = log_probabilities(model, task.inputs("test", seed=seed))
        hits[method].append(right(log_p, truth))
        vectors, rest = split_at_fusion(model, task.inputs("test", seed=seed))
        additive = float(right(mm.evaluation.emap(rest, vectors), truth).mean())
        accuracy = float(hits[method][-1].mean())
        rows.append(dict(method=method, seed=seed, accuracy=accuracy, emap=additive))
        progress.update()
    new, old = (np.mean(hits[method], axis=0) for method in ("product", "concat"))
    concepts = task.dataset.test.targets["concept"]
    paired = mm.evaluation.paired_bootstrap(new, old, groups=concepts)._asdict()
    choices = [dict(method=method, **found) for method, found in picked.items()]
    return {
        "gain_tries": tries,
        "gain_choices": choices,
        "gain_steps": steps,
        "gain": rows,
        "gain_paired": [paired],
    }


def watch(task, method, recipe, progress):
    """Train once and note both splits after every epoch; reading the test here is the mistake."""
    curves = {"validation": [], "test": []}
    inputs = {split: task.inputs(split, seed=100) for split in curves}

    def read(epoch, model):
        for split, curve in curves.items():
            hit = right(log_probabilities(model, inputs[split]), task.targets(split))
            curve.append(float(hit.mean()))

    train_model(task, method, recipe, seed=100, on_epoch=read, build=BUILD[method])
    progress.update()
    return dict(method=method, recipe=dataclasses.asdict(recipe), **curves)


def pick(tries):
    """Choose recipe and epoch on validation, smoothed over three epochs; read the test there."""
    found = []
    for run in tries:
        smooth = np.convolve(run["validation"], np.ones(3) / 3, mode="valid")
        epochs = int(smooth.argmax()) + 2
        found.append((float(smooth.max()), epochs, run))
    _, epochs, run = max(found, key=lambda entry: entry[0])
    return dict(recipe=run["recipe"], epochs=epochs, test=run["test"][epochs - 1])


PARTS = {
    "designers": measure_designers,
    "concepts": measure_concepts,
    "attribution": measure_attribution,
    "calibration": measure_calibration,
    "gain": measure_gain,
    "seeds": measure_seeds,
}


def main():
    """Measure what is asked for, part by part; without options, everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=list(PARTS), action="append")
    wanted = parser.parse_args().only or list(PARTS)
    with tqdm(unit="model") as progress:
        for part in wanted:
            start = time.perf_counter()
            progress.set_postfix_str(part)
            found = PARTS[part](progress)
            result = mm.results.load(NAME) if NAME in mm.results.available() else {}
            result |= found
            minutes = round((time.perf_counter() - start) / 60, 1)
            parts = result.get("made", {}).get("parts", {})
            parts[part] = {"date": datetime.date.today().isoformat(), "minutes": minutes}
            result["made"] = {
                "command": f"python benchmarks/{NAME}.py",
                "date": parts[part]["date"],
                "minutes": round(sum(known["minutes"] for known in parts.values())),
                "parts": parts,
                **machine(),
            }
            mm.results.save(NAME, result)


if __name__ == "__main__":
    main()
