"""Tables of chapter fusion/4: what a model is worth when the photograph or the caption is missing.

    python benchmarks/fusion_missing.py                     everything
    python benchmarks/fusion_missing.py --part complete     a part; the rest of the file stays

Stamps, five folds; a fold is also the seed. Parts: training with ``complete`` rows, with modalities
missing at ``random``, with photographs missing mostly for some categories (``systematic``), and the
``sounds``, which most stamps really lack. Every method tries the same two rates of dropout on
the validation stamps of the first fold, and every fourth epoch on those of each fold. The test fold
is asked once for each pattern of absence; what is right at any share of hidden rows follows from
these answers, without a draw.
Results go to mmtutorial/results/fusion_missing.json after every part.
"""

import argparse
import datetime
import itertools
import os
import time

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # the models are small: a second gains little

import numpy as np
from fusion_joining import machine
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import StampFusionTask, choose_weights, log_probabilities, pool_votes
from mmtutorial.experiments.missing import (
    OFTEN,
    WITH_GAPS,
    SoundlessTask,
    believe,
    expected_right,
    hide_at_random,
    hide_by_class,
    log_frequencies,
    patterns,
    product_of_present,
    train_with_gaps,
)

NAME = "fusion_missing"
FOLDS, RATES, EVERY, HIDDEN = range(5), (0.0, 0.3), 4, 0.3
ALONE = ("image", "text")
PARTS = {  # what is trained; late and experts pool those alone, and train nothing
    "complete": tuple(WITH_GAPS),
    "random": ("concat", "concat + tokens"),
    "systematic": ("concat", "concat + dropout", "concat + tokens", "product"),
}
STATES = {"nothing": (1, 1), "photograph": (0, 1), "caption": (1, 0), "both": (0, 0)}


def presence_of(task, part, fold):
    """Say who is absent in training, boolean ``(rows, modalities)``."""
    everyone = task.presence("train")
    if part == "random":
        return hide_at_random(everyone, HIDDEN, seed=fold)
    if part == "systematic":
        return hide_by_class(everyone, task.targets("train"), OFTEN, modality=0, seed=fold)
    return everyone


def tests_of(part, truth):
    """Return what the test is: for each name how often image and text are hidden."""
    if part != "systematic":
        return {name: [1 - there for there in state] for name, state in STATES.items()}
    often = OFTEN[truth]
    return {
        "as in training": [often, 0],
        "at random": [often.mean(), 0],
        "the other way round": [1 - often, 0],
    }


def criteria_of(part, truth):
    """Return what may choose on validation: rows without a gap, and rows with those to come."""
    tests = tests_of(part, truth)
    if part == "systematic":
        return {"gaps": [tests["as in training"]]}
    gaps = {"gaps": [tests[name] for name in ("nothing", "photograph", "caption")]}
    return {"complete": [tests["nothing"]], **gaps} if part == "complete" else gaps


def is_right(votes, truth):
    """Return 1 where the answer to a pattern is right: ``{pattern: (rows,)}``."""
    return {pattern: (v.argmax(axis=1) == truth).astype(float) for pattern, v in votes.items()}


def ask(task, method, model, split, prior):
    """Return the votes for each pattern; who is alone and absent guesses by the frequencies."""
    votes = believe(task, model, split)
    if method in task.modalities:
        place = task.modalities.index(method)
        votes = {p: v if p[place] else np.tile(prior, (len(v), 1)) for p, v in votes.items()}
    return votes


def search(task, method, fold, presence, criteria, prior, rates):
    """Train; for each criterion return the best (score, rate, epoch, model, weights).

    ``criteria`` maps a name to settings of how often each modality is hidden; their mean counts.
    ``rates`` maps a name to the rate of dropout; the first fold puts there what it finds.
    """
    truth, best = task.targets("validation"), dict.fromkeys(criteria, (-1.0,))
    for rate in sorted(set(rates.values())) or RATES:

        def watch(epoch, model, rate=rate):
            if (epoch + 1) % EVERY:
                return
            right = is_right(ask(task, method, model, "validation", prior), truth)
            for name, settings in criteria.items():
                score = np.mean([expected_right(right, shares) for shares in settings])
                if rates.get(name, rate) == rate and score > best[name][0]:
                    best[name] = (score, rate, epoch + 1, model, model.get_weights())

        train_with_gaps(task, method, rate=rate, seed=fold, presence=presence, on_epoch=watch)
    rates.update({name: found[1] for name, found in best.items()})
    return best


def pool_alone(task, alone, part, presence, prior):
    """Pool the votes of those trained alone, as late fusion and as experts: nothing is trained."""
    truth, frequent = task.targets("validation"), {}
    there, rows = patterns(task.modalities), {}
    for split in ("validation", "test"):
        rows[split] = {name: alone[name][split][there[0]] for name in task.modalities}
    for place, name in enumerate(task.modalities):
        seen = task.targets("train")[presence[:, place]]
        frequent[name] = log_frequencies(seen, task.classes)
    states = {"complete": there[:1], "gaps": there[:3]}
    weights = {}
    for name in criteria_of(part, truth):
        known = np.repeat(states[name], len(truth), axis=0)
        votes = {m: np.tile(v, (len(states[name]), 1)) for m, v in rows["validation"].items()}
        again = np.tile(truth, len(states[name]))
        weights[name] = choose_weights(votes, again, presence=known)[0]
    found = {("experts", name): {} for name in weights} | {("late", name): {} for name in weights}
    for pattern, name in itertools.product(there, weights):
        known = np.tile(pattern, (len(task.targets("test")), 1))
        found["experts", name][pattern] = product_of_present(rows["test"], frequent, prior, known)
        found["late", name][pattern] = pool_votes(rows["test"], weights[name], presence=known)
    return found, weights


def measure_fold(part, fold, rates, progress):
    """Return the task, what each method says of its test rows by pattern, and what was chosen."""
    task = StampFusionTask(fold=fold, modalities=ALONE)
    presence, truth = presence_of(task, part, fold), task.targets("validation")
    prior = log_frequencies(task.targets("train"), task.classes)
    criteria, votes, choices, alone = criteria_of(part, truth), {}, [], {}
    for method in (*ALONE, *PARTS[part]):
        progress.set_postfix_str(f"{part}, fold {fold}, {method}")
        known = rates.setdefault(method, {})
        found = search(task, method, fold, presence, criteria, prior, known)
        for chosen, (score, rate, epoch, model, weights) in found.items():
            model.set_weights(weights)
            votes[method, chosen] = ask(task, method, model, "test", prior)
            where = {"training": part, "method": method, "chosen": chosen, "fold": fold}
            choices.append({**where, "validation": score, "rate": rate, "epoch": epoch})
            if method in ALONE:
                held = ask(task, method, model, "validation", prior)
                alone[method] = {"validation": held, "test": votes[method, chosen]}
            if (method, chosen) == ("concat", "complete"):
                votes |= shuffled(task, model, fold)
        progress.update()
    pooled, weights = pool_alone(task, alone, part, presence, prior)
    for chosen, each in weights.items():
        where = {"training": part, "method": "late", "chosen": chosen, "fold": fold}
        choices.append({**where, "weight": each["image"]})
    return task, votes | pooled, choices


def shuffled(task, model, fold):
    """Give a model the photographs, or the captions, of other stamps."""
    found, inputs = {}, task.inputs("test")
    for name in ALONE:
        wrong = mm.evaluation.shuffled_modality(inputs, name, seed=fold)
        votes = log_probabilities(model, wrong)
        found[f"concat, {name} shuffled", "complete"] = {patterns(ALONE)[0]: votes}
    return found


def measure(part, progress):
    """Return everything the file says about a way to train."""
    rates = {}
    folds = [measure_fold(part, fold, rates, progress) for fold in FOLDS]
    rows, right = [], {}
    for fold, (task, votes, _) in enumerate(folds):
        truth = task.targets("test")
        for (method, chosen), each in votes.items():
            correct = is_right(each, truth)
            for hidden, shares in tests_of(part, truth).items():
                if len(correct) == 1 and hidden != "nothing":
                    continue  # shuffled: nothing is hidden
                where = {"training": part, "method": method, "chosen": chosen, "hidden": hidden}
                items = expected_right(correct, shares)
                rows.append({**where, "seed": fold, "accuracy": float(np.mean(items))})
                right.setdefault((method, chosen, hidden), []).append(items)
    captions = np.concatenate([task.dataset.test.info["en"] for task, _, _ in folds])
    return {
        "rows": rows,
        "choices": [row for _, _, choices in folds for row in choices],
        "comparisons": compare(part, right, captions),
    }


def compare(part, right, captions):
    """Compare over the items of all folds, those of one caption drawn together."""
    against = {"nothing": ALONE[:1], "photograph": ALONE[1:], "caption": ALONE[:1]}
    rows = []
    for (method, chosen, hidden), folds in right.items():
        others = (*against.get(hidden, ()), "concat")
        for other in others:
            if other == method or hidden == "both" or "shuffled" in method:
                continue
            a, b = (np.concatenate(each) for each in (folds, right[other, chosen, hidden]))
            found = mm.evaluation.paired_bootstrap(a, b, groups=captions, samples=2000)._asdict()
            where = {"training": part, "method": method, "chosen": chosen, "hidden": hidden}
            rows.append({**where, "against": other, **found})
    return rows


def sound_votes(kind, fold, rates, progress):
    """Return what is said of the test rows with the sounds there are, without, and with one each.

    ``kind`` is ``"sound"``, or ``"has sound"``: then all that is known is whether there is one.
    """
    task = (StampFusionTask if kind == "sound" else SoundlessTask)(
        fold=fold, modalities=("image", "sound", "text")
    )
    prior = log_frequencies(task.targets("train"), task.classes)
    nothing = {"complete": [[0, 0, 0]]}
    best = search(task, "concat", fold, None, nothing, prior, rates)["complete"]
    progress.update()
    best[3].set_weights(best[4])
    inputs, found = task.inputs("test"), {}
    places = {name: task.modalities.index(name) for name in task.modalities}
    for hidden, sounds in itertools.product(
        ("nothing", "photograph"), ("as they are", "none", "all")
    ):
        if kind == "sound" and sounds == "all":
            continue  # nobody knows what Saturn sounds like
        given = {name: array.copy() for name, array in inputs.items()}
        if sounds != "as they are":
            given["presence"][:, places["sound"]] = sounds == "all"
            given["sound"][:] = sounds == "all"
        if hidden == "photograph":
            given["presence"][:, places["image"]] = False
        found[hidden, sounds] = log_probabilities(best[3], given)
    return task, found


def measure_sounds(progress):
    """Return what the sound, and the mere fact that there is one, do to a concatenation."""
    rows, rates = [], {"sound": {}, "has sound": {}}
    for kind, fold in itertools.product(("sound", "has sound"), FOLDS):
        progress.set_postfix_str(f"sounds, fold {fold}, {kind}")
        task, found = sound_votes(kind, fold, rates[kind], progress)
        truth = task.targets("test")
        animals = task.dataset.classes["group"].index("animals")
        for (hidden, sounds), votes in found.items():
            said = votes.argmax(axis=1)
            where = {"method": f"concat + {kind}", "hidden": hidden, "sounds": sounds}
            scores = {
                "accuracy": mm.evaluation.accuracy(truth, said),
                "animals": float(np.mean(said == animals)),
            }
            rows.append({**where, "seed": fold, **scores})
    return {"sounds": rows}


def merge(part, found, minutes):
    """Write what a part found; the rest of the file stays."""
    result = mm.results.load(NAME) if NAME in mm.results.available() else {}
    for key, rows in found.items():
        kept = [row for row in result.get(key, []) if row.get("training", part) != part]
        result[key] = kept + rows
    made = {"date": datetime.date.today().isoformat(), "minutes": round(minutes, 1)}
    parts = {**result.get("made", {}).get("parts", {}), part: made}
    result["made"] = {
        "command": f"python benchmarks/{NAME}.py",
        "date": made["date"],
        "minutes": round(sum(each["minutes"] for each in parts.values())),
        "parts": parts,
        **machine(),
    }
    mm.results.save(NAME, {"made": result.pop("made"), **result})


def main():
    """Measure what is asked for, part by part; minutes are processor time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=(*PARTS, "sounds"), action="append")
    options = parser.parse_args()
    with tqdm(unit="model") as progress:
        for part in options.part or (*PARTS, "sounds"):
            start = time.process_time()
            found = measure_sounds(progress) if part == "sounds" else measure(part, progress)
            merge(part, found, (time.process_time() - start) / 60)


if __name__ == "__main__":
    main()
