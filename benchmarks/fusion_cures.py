"""When does a fusion lose to its better half, and what is each cure worth?

    python benchmarks/fusion_cures.py                             everything
    python benchmarks/fusion_cures.py --base reflex --keywords 1  a part; the rest of the file stays
    python benchmarks/fusion_cures.py --show                      print the tables, train nothing

Emoji with frozen features, unseen concepts by the unseen artist. A concatenation of features and
words, with three artists and with keywords that are drawn once and for all, is trained in two ways:

- plain: a linear head, no dropout; learning rate and epochs are chosen on validation;
- by reflex: a hidden layer on the words, dropout of one half on both modalities, Adam as it comes,
  12 epochs and nothing chosen.

From each, one thing at a time is changed, then all together. (A third base, reflexes, goes the
other way: plain with nothing chosen, and each reflex alone.) Each modality alone is trained as its
base is. What has a strength tries three on validation; where the base is tuned, what has none tries
three learning rates. Weights that balance the gradients are measured after 2, 5 and 12 epochs of a
first run, and the three are tried. The test split is read once per seed. Results go to
mmtutorial/results/fusion_cures.json after every part.
"""

import argparse
import dataclasses
import datetime
import itertools
import os
import time
from functools import cache, lru_cache

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # the models are small: a second gains little

import numpy as np
from fusion_joining import SEEDS, best_weight, machine, pool, score, try_recipe
from fusion_methods import adjust, pair
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import log_probabilities, train_model
from mmtutorial.experiments.cures import PLAIN, REFLEX, build_cured, cure_task

NAME = "fusion_cures"
BASES = {"reflex": REFLEX, "reflexes": PLAIN, "plain": PLAIN}
KEYWORDS = (1, 2)
ALONE = ("image", "text", "image, five artists")
RATES = [{"learning_rate": rate} for rate in (5e-4, 1e-3, 2e-3)]
BLEND_AFTER = (2, 5, 12)  # epochs
CURES = {
    "words drawn afresh": [{"fresh": True}],
    "modality dropout": [{"modality_dropout": rate} for rate in (0.1, 0.3, 0.6)],
    "a loss for each modality": [{"auxiliary": weight} for weight in (0.1, 0.5, 2.0)],
    "balanced gradients": [],  # weights are measured
    "dropout for each modality": [
        {"image_dropout": image, "text_dropout": text}
        for image, text in ((0.0, 0.5), (0.0, 0.8), (0.2, 0.5))
    ],
    "five artists": [{"artists": 5}],
}
UNDONE = {"stop on validation": [{}], "no hidden layer on the words": [{"deep": False}]}
REFLEXES = {
    "hidden layer on the words": [{"deep": True}],
    "half of the words dropped": [{"text_dropout": 0.5}],
    "half of the image dropped": [{"image_dropout": 0.5}],
    "all three reflexes": [{"deep": True, "text_dropout": 0.5, "image_dropout": 0.5}],
}
TRIALS = {**CURES, **UNDONE, **REFLEXES, "nothing": [{}], "image": [{}], "text": [{}],
          "image, five artists": [{"artists": 5}]}  # fmt: skip
CHANGES = {  # the table of each base, in order; late fusion pools the two modalities alone
    "reflex": (*ALONE, "nothing", *UNDONE, *CURES, "late fusion", "all together"),
    "reflexes": ("image", "nothing", "stop on validation", *REFLEXES),
    "plain": (*ALONE, "nothing", *CURES, "late fusion", "all together"),
}
KEYS = ("base", "keywords", "change")


@cache
def load_task(keywords, artists, fresh):
    """Load each task once; inputs that do not change from epoch to epoch are made once."""
    task = cure_task(PLAIN.but(artists=artists, fresh=fresh), keywords)
    task.draw = lru_cache(maxsize=24)(task.inputs)

    def inputs(split, *, seed, augment=None):
        return task.draw(split, seed=0 if split == "train" and not fresh else seed)

    task.inputs = inputs
    return task


def task_of(recipe, keywords):
    """Return the task that a recipe asks for."""
    return load_task(keywords, recipe.artists, recipe.fresh)


def method_of(change):
    """Name what is trained: a modality alone, or the concatenation."""
    return change.split(",")[0] if change in ALONE else "concat"


def is_tuned(base, change):
    """Say whether learning rate and epochs are chosen, or stay as they come."""
    return base == "plain" or change in ("stop on validation", "all together")


def candidates(change, base, chosen, keywords):
    """Return the recipes that a change tries on top of a base."""
    trials, start = TRIALS.get(change), BASES[base]
    if change == "balanced gradients":
        trials = [{"auxiliary": weights} for weights in balance(base, chosen, keywords)]
    elif change == "all together":
        return together(start, chosen)
    elif len(trials) == 1 and is_tuned(base, change):
        trials = [{**trials[0], **rate} for rate in RATES]
    elif change not in ALONE and change != "nothing":
        start = chosen["nothing"]["recipe"].but(epochs=start.epochs)
    return [start.but(**trial) for trial in trials]


def balance(base, chosen, keywords):
    """Measure the weights that balance the gradients, after each number of epochs.

    The image alone, the words alone and their concatenation train apart, as the base does; the
    loss of the concatenation counts once, so the weights are divided by its own. A number of
    epochs after which its validation loss has not fallen gives none.
    """
    before, after = {}, {epochs: {} for epochs in BLEND_AFTER}
    for name, change in (("image", "image"), ("text", "text"), ("fused", "nothing")):
        recipe = chosen[change]["recipe"].but(epochs=max(BLEND_AFTER))
        task, method = task_of(recipe, keywords), method_of(change)
        before[name] = losses(task, train_model(task, method, recipe.but(epochs=0), seed=100,
                                                build=build_cured))  # fmt: skip

        def watch(epoch, model, task=task, name=name):
            if epoch + 1 in after:
                after[epoch + 1][name] = losses(task, model)

        train_model(task, method, recipe, seed=100, on_epoch=watch, build=build_cured)
    found = []
    for then in after.values():
        weights = mm.fusion.gradient_blend(before, then)
        fused = weights.pop("fused")
        if fused:
            found.append({name: weight / fused for name, weight in weights.items()})
    return found


def losses(task, model):
    """Return the loss on training and on validation, as `mm.fusion.gradient_blend` takes them."""
    found = []
    for split in ("train", "validation"):
        votes, truth = log_probabilities(model, task.inputs(split, seed=0)), task.targets(split)
        found.append(-float(np.mean(votes[np.arange(len(truth)), truth])))
    return tuple(found)


def together(start, chosen):
    """Apply all cures at once, each as strong as it was best alone, with three learning rates.

    Of the two that weigh losses, it is the one that did better on validation.
    """
    weighed = max(("a loss for each modality", "balanced gradients"),
                  key=lambda change: chosen[change]["validation"])  # fmt: skip
    own = chosen["dropout for each modality"]["recipe"]
    return [
        start.but(
            fresh=True,
            artists=5,
            deep=False,
            image_dropout=own.image_dropout,
            text_dropout=own.text_dropout,
            modality_dropout=chosen["modality dropout"]["recipe"].modality_dropout,
            auxiliary=chosen[weighed]["recipe"].auxiliary,
            **rate,
        )
        for rate in RATES
    ]


def choose(change, base, chosen, keywords):
    """Try a change on validation; return the best recipe, its accuracy, and all that were tried."""
    if change == "late fusion":
        votes = {}
        for name in ("image", "text"):
            recipe = chosen[name]["recipe"]
            task = task_of(recipe, keywords)
            model = train_model(task, name, recipe, seed=100, build=build_cured)
            votes[name] = log_probabilities(model, task.inputs("validation", seed=0))
        weight, accuracy = best_weight(votes, task.targets("validation"))
        return {"validation": accuracy, "weight": weight}
    attempt = try_recipe if is_tuned(base, change) else try_to_the_end
    tried = []
    for recipe in candidates(change, base, chosen, keywords):
        task = task_of(recipe, keywords)
        tried.append(attempt(task, method_of(change), recipe, build=build_cured))
    validation, recipe = max(tried, key=lambda found: found[0])
    return {"validation": validation, "recipe": recipe, "tried": [found[0] for found in tried]}


def try_to_the_end(task, method, recipe, build):
    """Return the accuracy on validation after the last epoch, and the recipe as it was."""
    model = train_model(task, method, recipe, seed=100, build=build)
    votes = log_probabilities(model, task.inputs("validation", seed=0))
    return score(votes, task.targets("validation"))["accuracy"], recipe


def run(change, choice, keywords, seed):
    """Train one seed; return its votes on the test split, its row, and the model's inputs."""
    recipe, method = choice["recipe"], method_of(change)
    task = task_of(recipe, keywords)
    task.draw.cache_clear()  # preparing them is part of the time
    start = time.process_time()
    model = train_model(task, method, recipe, seed=seed, build=build_cured)
    seconds = time.process_time() - start
    inputs, truth = task.inputs("test", seed=seed), task.targets("test")
    votes = log_probabilities(model, inputs)
    row = {"epochs": recipe.epochs, "parameters": model.count_params(),
           "seconds": round(seconds, 2), **score(votes, truth)}  # fmt: skip
    if method == "concat":
        for name in model.modalities:
            lie = mm.evaluation.shuffled_modality(inputs, name, seed=seed)
            row[f"{name} shuffled"] = score(log_probabilities(model, lie), truth)["accuracy"]
    return votes, row


def pool_late(choice, alone, truth):
    """Return votes and row of late fusion, whose cost is that of both modalities alone."""
    (image, a), (text, b) = alone
    votes = pool(image, text, choice["weight"])
    row = {key: round(a[key] + b[key], 2) for key in ("parameters", "seconds")}
    return votes, {**row, **score(votes, truth)}


def measure(base, keywords, progress):
    """Choose on validation, then test five seeds: all that the file says of a part."""
    chosen, rows, right, choices = {}, [], [], []
    alone = {}
    truth = load_task(keywords, 3, False).targets("test")
    for change in CHANGES[base]:
        setting = dict(zip(KEYS, (base, keywords, change), strict=True))
        progress.set_postfix_str(f"{base}, {keywords}, choosing {change}")
        choice = chosen[change] = choose(change, base, chosen, keywords)
        counts = np.zeros(len(truth), int)
        for seed in SEEDS:
            progress.set_postfix_str(f"{base}, {keywords}, {change}, seed {seed}")
            if change == "late fusion":
                pair_alone = [alone[name, seed] for name in ("image", "text")]
                votes, row = pool_late(choice, pair_alone, truth)
            else:
                votes, row = run(change, choice, keywords, seed)
            alone[change, seed] = votes, row
            rows.append({**setting, "seed": seed, **row})
            counts += votes.argmax(axis=1) == truth
            progress.update()
        right.append({**setting, "right": "".join(map(str, counts))})
        kept = {**choice}
        if "recipe" in kept:
            kept["recipe"] = dataclasses.asdict(kept["recipe"])
        choices.append({**setting, **kept})
    comparisons = compare(base, keywords, {row["change"]: row["right"] for row in right}, chosen)
    return {"rows": rows, "right": right, "choices": choices, "comparisons": comparisons}


def compare(base, keywords, right, chosen):
    """Compare each change with the base, and with the image alone that saw the same drawings."""
    changes, rows = [change for change in right if change not in ALONE], []
    for against in ("nothing", "image"):
        told, found = [change for change in changes if change != against], []
        for change in told:
            recipe, other = chosen[change].get("recipe"), against
            if against == "image" and recipe is not None and recipe.artists == 5:
                other = "image, five artists"
            found.append((other, pair(right[change], right[other])))
        adjusted = adjust([one["p_value"] for _, one in found])
        for change, (other, one), p_value in zip(told, found, adjusted, strict=True):
            setting = dict(zip(KEYS, (base, keywords, change), strict=True))
            rows.append({**setting, "against": other, **one, "p_adjusted": float(p_value)})
    return rows


def merge(base, keywords, found, minutes):
    """Write what was found of a part; the rest of the file stays."""
    result = mm.results.load(NAME) if NAME in mm.results.available() else {}
    here = {"base": base, "keywords": keywords}.items()
    for key, rows in found.items():
        result[key] = [row for row in result.get(key, []) if not here <= row.items()] + rows
        result[key].sort(key=lambda row: (list(BASES).index(row["base"]), row["keywords"]))
    made = {"date": datetime.date.today().isoformat(), "minutes": round(minutes, 1)}
    parts = {**result.get("made", {}).get("parts", {}), f"{base} {keywords}": made}
    result["made"] = {
        "command": f"python benchmarks/{NAME}.py",
        "date": made["date"],
        "minutes": round(sum(part["minutes"] for part in parts.values())),
        "parts": parts,
        **machine(),
    }
    mm.results.save(NAME, {"made": result.pop("made"), **result})


def show():
    """Print a table for each part."""
    result = mm.results.load(NAME)
    for base, keywords in itertools.product(BASES, KEYWORDS):
        where = {"base": base, "keywords": keywords}
        rows = [row for row in result["rows"] if where.items() <= row.items()]
        for change in CHANGES[base] if rows else ():
            runs = [row for row in rows if row["change"] == change]
            told = [str(mm.evaluation.interval([row["accuracy"] for row in runs]))]
            for row in result["comparisons"]:
                if {**where, "change": change}.items() <= row.items():
                    told.append("{against} {difference:+.3f} (p {p_adjusted:.3f})".format(**row))
            cost = np.mean([row["seconds"] for row in runs])
            print(f"{base:6} {keywords} {change:29}", *told, f"{cost:.1f} s", sep="  ")
            (choice,) = (row for row in result["choices"]
                         if {**where, "change": change}.items() <= row.items())  # fmt: skip
            print(
                " " * 38, round(choice["validation"], 3), choice.get("recipe", choice.get("weight"))
            )


def main():
    """Measure what is asked for, part by part; without options, everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", choices=BASES, action="append")
    parser.add_argument("--keywords", type=int, choices=KEYWORDS, action="append")
    parser.add_argument("--show", action="store_true", help="print the tables, train nothing")
    options = parser.parse_args()
    if options.show:
        return show()
    parts = [
        (base, keywords)
        for keywords in options.keywords or KEYWORDS
        for base in options.base or BASES
    ]
    total = sum(len(CHANGES[base]) * len(SEEDS) for base, _ in parts)
    with tqdm(unit="model", total=total) as progress:
        for base, keywords in parts:
            start = time.perf_counter()
            found = measure(base, keywords, progress)
            merge(base, keywords, found, (time.perf_counter() - start) / 60)


if __name__ == "__main__":
    main()
