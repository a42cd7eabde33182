"""The same methods on stamps: category, language of the spoken caption, is there a sound?

    python -m mmtutorial.chapters.multi_task.balancing.study_stamps

Every method has the search of the other study. Stamps are few: the test split of fold 0 has 129,
most of them with a recording in each language.
"""

from functools import cache

import numpy as np

from mmtutorial.chapters.multi_task.balancing.comparison import compare_seeds
from mmtutorial.chapters.multi_task.balancing.experiment import WEIGHTINGS, train
from mmtutorial.chapters.multi_task.balancing.stamps import HEADS, StampTasks
from mmtutorial.chapters.multi_task.balancing.study import (
    score_tasks,
    search_epochs,
)
from mmtutorial.studies import Contrast, Study, main

ALONE_UNITS = 24  # three models of this size have as many weights as one of 64 units for all


@cache
def load_task():
    """Load the stamps once."""
    return StampTasks()


def models(task, method):
    """Return the models of a method: ``{name: (task, weighting, what train needs besides)}``."""
    if method == "alone":
        return {name: (task.alone(name), "equal", {"units": ALONE_UNITS}) for name in HEADS}
    return {"all": (task, method, {})}


def search(task, setting, choices):
    """Search each model of a method."""
    found = {
        name: search_epochs(here, weighting, **options)
        for name, (here, weighting, options) in models(task, setting["method"]).items()
    }
    config = {name: choice for name, (_, choice) in found.items()}
    return {"validation": float(np.mean([value for value, _ in found.values()])), "config": config}


def run(task, setting, config, seed):
    """Train and test."""
    rows = []
    for name, (here, weighting, options) in models(task, setting["method"]).items():
        model = train(here, weighting, config[name], seed=seed, **options)
        rows += score_tasks(here, model, here.inputs("test"))
    scores = [row["accuracy"] for row in rows]
    return [*rows, {"task": "mean", "accuracy": float(np.mean(scores))}]


STUDIES = [
    Study(
        name="multi_task/balancing/stamps",
        question="Which weights should the losses of three tasks on stamps have?",
        grid={"method": ("alone", *WEIGHTINGS)},
        task=lambda setting: load_task(),
        search=search,
        run=run,
        contrasts=[
            Contrast(
                "method",
                "fixed",
                groups=lambda labels: load_task().clusters("test"),
                leave_out=("alone",),
            )
        ],
        tables=lambda result: compare_seeds(result, ()),
    )
]

if __name__ == "__main__":
    main(STUDIES)
