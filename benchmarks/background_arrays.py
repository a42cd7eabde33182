"""Tables of chapter background/2: what a wrong preprocessing choice costs, five seeds each.

    python benchmarks/background_arrays.py                  everything
    python benchmarks/background_arrays.py --only names     a part; the rest of the file stays

Nothing is tuned: one recipe for all rows of a table. Results go to
mmtutorial/results/background_arrays.json after every part.
"""

import argparse
import datetime
import itertools
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from fusion_joining import machine
from tqdm import tqdm

import mmtutorial as mm
from mmtutorial.experiments import arrays

NAME = "background_arrays"
SEEDS = range(5)


def measure_names(progress):
    """Tell the group of an emoji from its name, cut into tokens in four ways, two languages."""
    rows, units = [], []
    for language, unit in itertools.product(("en", "zh"), arrays.UNITS):
        task = arrays.name_arrays(language=language, unit=unit)
        ids, _ = task["train"]
        units.append(
            dict(language=language, unit=unit, vocabulary=len(task["vocabulary"]),
                 unknown=task["unknown"], tokens=float(np.sum(ids != 0, axis=1).mean()))
        )  # fmt: skip
        for seed in SEEDS:
            model = arrays.train_names(task, seed=seed)
            new, groups = task["test"]
            known = np.where(new == 1, 0, new)  # unknown tokens become padding
            row = dict(language=language, method=unit, seed=seed)
            row |= dict(accuracy=arrays.score(model, new, groups))
            rows.append(row | dict(left_out=arrays.score(model, known, groups)))
            progress.update()
    return {"names": rows, "units": units}


def train_and_test(trainings, progress):
    """Train on pictures prepared in one way, test on the same pictures prepared in others."""
    emoji, rows = arrays.load_pictures(), []
    for (training, options), seed in itertools.product(trainings.items(), SEEDS):
        model, _ = arrays.train_pictures(emoji, seed=seed, **options)
        for name, prepare in arrays.CARELESS.items():
            inputs = prepare(emoji.test.inputs["image"])
            accuracy = arrays.score(model, inputs, emoji.test.targets["group"])
            rows.append(dict(training=training, method=name, seed=seed, accuracy=accuracy))
        progress.update()
    return rows


def measure_pictures(progress):
    """Train carefully, and with pictures turned much further than that."""
    trainings = {"careful": {}, "turned up to 180°": {"max_rotation": 180}}
    return {"pictures": train_and_test(trainings, progress)}


def measure_scales(progress):
    """Forget the scaling in training, too, with and without batch normalisation."""
    as_bytes = {"scale": arrays.CARELESS["not scaled: 0 to 255"]}
    trainings = {
        "not scaled": as_bytes,
        "not scaled, no batch norm": as_bytes | {"batch_norm": False},
        "careful, no batch norm": {"batch_norm": False},
    }
    return {"scales": train_and_test(trainings, progress)}


def measure_clips(progress):
    """Tell which way a clip runs, from what is left of it; five ways to part the clips."""
    loaded = mm.data.load_animated_emoji()
    sides = (loaded.train, loaded.validation, loaded.test)
    frames = np.concatenate([arrays.grey_frames(side.inputs["video"].array()) for side in sides])
    rows = []
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(len(frames))
        new, known = np.split(order, [len(order) // 4])
        for view, see in arrays.VIEWS.items():
            accuracy = arrays.which_way(frames[known], frames[new], see)
            rows.append(dict(method=view, seed=seed, accuracy=accuracy))
            progress.update()
    return {"clips": rows}


def measure_voices(progress):
    """Tell two voices apart at a quarter of the sample rate; five draws of lines."""
    rows = []
    for seed in SEEDS:
        found = arrays.tell_voices(arrays.load_voices(seed=seed))
        rows += [
            dict(training=training, method=name, seed=seed, accuracy=accuracy, big=big)
            for training, heard in found.items()
            for name, (accuracy, big) in heard.items()
        ]
        progress.update()
    return {"voices": rows}


PARTS = {
    "names": measure_names,
    "pictures": measure_pictures,
    "scales": measure_scales,
    "clips": measure_clips,
    "voices": measure_voices,
}


def merge(part, found, minutes):
    """Write what a part found into the file; the other parts stay."""
    result = mm.results.load(NAME) if NAME in mm.results.available() else {}
    parts = result.get("made", {}).get("parts", {})
    parts[part] = {"date": datetime.date.today().isoformat(), "minutes": round(minutes, 1)}
    result |= found
    result["made"] = {
        "command": "python benchmarks/background_arrays.py",
        "date": parts[part]["date"],
        "minutes": round(sum(known["minutes"] for known in parts.values()), 1),
        "parts": parts,
        **machine(),
    }
    mm.results.save(NAME, result)


def main():
    """Measure what is asked for, part by part; without options, everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=tuple(PARTS), action="append")
    with tqdm(unit="model") as progress:
        for part in parser.parse_args().only or PARTS:
            start = time.perf_counter()
            found = PARTS[part](progress)
            merge(part, found, (time.perf_counter() - start) / 60)


if __name__ == "__main__":
    main()
