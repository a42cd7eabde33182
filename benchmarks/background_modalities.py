"""Tables of chapter background/1: what each modality of a stamp says, alone and joined.

    python benchmarks/background_modalities.py

Five folds, so that every stamp is tested once; the penalty of each classifier is chosen on the
validation fold. Nothing here depends on a seed but the shuffled modalities: five shuffles a fold.
Results go to mmtutorial/results/background_modalities.json.
"""

import datetime
import itertools
import os
import platform
import time

import numpy as np
import scipy
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import StampTask, co_learning, product_rule, surprise

NAME = "background_modalities"
FOLDS, SHUFFLES, DRAWS = range(5), range(5), range(4)
ALONE = ("image", "text", "speech", "pauses", "sound", "has sound")
JOINED = {
    "image + text": ("image", "text"),
    "image + text + speech": ("image", "text", "speech"),
    "image + text + speech + sound": ("image", "text", "speech", "sound"),
    "text + speech": ("text", "speech"),
}
SIDE_BY_SIDE = ("image + text", "image + text + speech + sound")
COMPARED = [
    ("image + text", "image"),
    ("image + text", "text"),
    ("image + text + speech", "image + text"),
    ("image + text + speech + sound", "image + text"),
    ("text + speech", "text"),
    ("sound", "has sound"),
    ("speech", "pauses"),
    ("image + text", "image + text, side by side"),
]


def believe(fold, progress):
    """Return what every method believes of a fold's test rows, and the task."""
    task = StampTask(fold=fold)
    prior, rows = task.log_prior(), len(task.targets("test"))
    alone, found = {}, {"nothing": np.tile(prior, (rows, 1))}
    for name in ALONE:
        alone[name] = found[name] = task.beliefs(name)["test"]
        progress.update()
    spanish = StampTask(fold=fold, speech="es")
    found["speech (Spanish)"] = spanish.beliefs("speech")["test"]
    progress.update()
    for name, parts in JOINED.items():
        found[name] = product_rule([alone[part] for part in parts], prior)
    for name in SIDE_BY_SIDE:
        found[f"{name}, side by side"] = task.beliefs(*JOINED[name])["test"]
        progress.update()
    for seed, name in itertools.product(SHUFFLES, ("image", "text")):
        order = mm.evaluation.shuffled_modality({"rows": np.arange(rows)}, "rows", seed=seed)
        wrong = alone | {name: alone[name][order["rows"]]}
        joined = product_rule([wrong["image"], wrong["text"]], prior)
        found[f"image + text, {name} shuffled {seed}"] = joined
    return task, found


def score(log_p, truth):
    """Return the share of right answers and the mean surprise in bits."""
    return {
        "accuracy": mm.evaluation.accuracy(truth, log_p.argmax(axis=1)),
        "bits": float(surprise(log_p, truth).mean()),
    }


def tabulate(fold, task, found):
    """Return a row a method; shuffled modalities are averaged over the shuffles."""
    truth = task.targets("test")
    scores = {name: score(log_p, truth) for name, log_p in found.items()}
    rows = []
    for method in dict.fromkeys(name.rstrip("0123456789 ") for name in scores):
        runs = [scores[name] for name in scores if name.rstrip("0123456789 ") == method]
        means = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
        rows.append({"fold": fold, "method": method, "items": len(truth), **means})
    return rows


def compare(folds):
    """Compare pairs of methods over the items of all folds; captions are drawn together."""
    truth = np.concatenate([task.targets("test") for task, _ in folds])
    captions = np.concatenate([task.dataset.test.info["en"] for task, _ in folds])

    def pooled(method):
        return np.concatenate([found[method] for _, found in folds])

    rows = []
    for method, against in COMPARED:
        a, b = pooled(method), pooled(against)
        right = [(log_p.argmax(axis=1) == truth).astype(float) for log_p in (a, b)]
        gains = {"accuracy": right, "bits": (surprise(b, truth), surprise(a, truth))}
        for measure, pair in gains.items():
            found = mm.evaluation.paired_bootstrap(*pair, groups=captions)._asdict()
            rows.append({"method": method, "against": against, "measure": measure, **found})
    return rows


def agree(folds):
    """Count the items about which image, text, both or neither are right, and the joint answer."""
    counts = {}
    for task, found in folds:
        truth = task.targets("test")
        right = {name: found[name].argmax(axis=1) == truth for name in ("image", "text")}
        joint = found["image + text"].argmax(axis=1) == truth
        for image, text in itertools.product((True, False), repeat=2):
            here = (right["image"] == image) & (right["text"] == text)
            row = counts.setdefault((image, text), {"items": 0, "joint right": 0})
            row["items"] += int(here.sum())
            row["joint right"] += int(joint[here].sum())
    return [{"image": image, "text": text, **row} for (image, text), row in counts.items()]


def presence(folds):
    """Count the items of each category, and how many of them have a sound."""
    splits = [task.dataset.test for task, _ in folds]
    groups = np.concatenate([split.targets["group"] for split in splits])
    sound = np.concatenate([split.presence["sound"] for split in splits])
    names = folds[0][0].dataset.classes["group"]
    return [
        {"group": name, "items": int((groups == i).sum()), "sounds": int(sound[groups == i].sum())}
        for i, name in enumerate(names)
    ]


def main():
    """Measure everything and write the file."""
    start, rows, folds = time.perf_counter(), [], []
    steps = len(FOLDS) * (len(ALONE) + 1 + len(SIDE_BY_SIDE)) + len(FOLDS) * len(DRAWS)
    with tqdm(total=steps, unit="model") as progress:
        for fold in FOLDS:
            progress.set_postfix_str(f"fold {fold}")
            task, found = believe(fold, progress)
            rows += tabulate(fold, task, found)
            folds.append((task, found))
        few = []
        for fold, draw in itertools.product(FOLDS, DRAWS):
            progress.set_postfix_str(f"co-learning, fold {fold}, draw {draw}")
            seed = len(DRAWS) * fold + draw
            few += [
                {"method": method, "fold": fold, "seed": seed, "accuracy": accuracy}
                for method, accuracy in co_learning(folds[fold][0], seed=seed).items()
            ]
            progress.update()
    made = {
        "command": f"python benchmarks/{NAME}.py",
        "date": datetime.date.today().isoformat(),
        "minutes": round((time.perf_counter() - start) / 60, 1),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
    }
    result = {"rows": rows, "comparisons": compare(folds), "agreement": agree(folds)}
    result |= {"presence": presence(folds), "co_learning": few, "made": made}
    mm.results.save(NAME, result)


if __name__ == "__main__":
    main()
