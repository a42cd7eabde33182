"""A study that runs in no time: which penalty suits a linear classifier of a few numbers?

Its rows are real, made by `fit_linear` on 60 points, so that runs can be compared number by number.
"""

import os
import random
import time
from pathlib import Path

import numpy as np

from mmtutorial.studies import Contrast, Study
from mmtutorial.tasks import fit_linear, score_log_proba

NAME = "fusion/small"


class Points:
    """Three groups of points in a plane, in three splits."""

    def __init__(self, spread):
        rng = np.random.default_rng(0)
        self.target = {split: np.arange(60) % 3 for split in ("train", "validation", "test")}
        centres = np.array([[0, 0], [2, 0], [0, 2]])
        self.points = {
            split: centres[target] + spread * rng.normal(size=(60, 2))
            for split, target in self.target.items()
        }

    def without_test(self):
        other = object.__new__(Points)
        other.target = {**self.target, "test": self.target["test"][:0]}
        other.points = {**self.points, "test": self.points["test"][:0]}
        return other


def ask(task, split, penalty, seed=None):
    rows = np.arange(60) if seed is None else np.random.default_rng(seed).choice(60, 40)
    model = fit_linear(
        task.points["train"][rows], task.target["train"][rows], classes=3, penalty=penalty
    )
    return model.predict_log_proba(task.points[split]), task.target[split]


def search(task, setting, choices):
    assert not len(task.points["test"]), "a search must not see the test split"
    if setting["method"] == "same":
        known = choices(**{**setting, "method": "linear"})
        return {"validation": known["validation"], "config": known["config"]}
    tries = {p: score_log_proba(*ask(task, "validation", p))["accuracy"] for p in (0.1, 1.0, 10.0)}
    best = max(tries, key=tries.get)
    return {"validation": tries[best], "config": {"penalty": best}}


def run(task, setting, config, seed):
    random.seed(seed)  # of the whole process, as those are that Keras draws from
    pause()
    log_p, truth = ask(
        task, "test", 1e6 if setting["method"] == "flat" else config["penalty"], seed
    )
    row = {**score_log_proba(log_p, truth), "correct": log_p.argmax(axis=1) == truth}
    row["drawn"] = random.random()
    return [row, {"method": f"{setting['method']}, halved", "accuracy": row["accuracy"] / 2}]


def pause():
    """Note that a cell was run, and take the time that a test asks for."""
    if folder := os.environ.get("SMALL_STUDY_NOTES"):
        (Path(folder) / f"{time.time_ns()}-{os.getpid()}").touch()
    time.sleep(float(os.environ.get("SMALL_STUDY_PAUSE", "0")))


STUDY = Study(
    name=NAME,
    question="Which penalty suits?",
    grid={"spread": (0.5, 1.0), "method": ("same", "linear", "flat")},
    task=lambda setting: Points(setting["spread"]),
    search=search,
    needs=lambda s: [{**s, "method": "linear"}] if s["method"] == "same" else [],
    run=run,
    seeds=(0, 1, 2),
    contrasts=[Contrast("method", "linear", groups=lambda labels: np.arange(60) // 2)],
)
STUDIES = (STUDY,)
