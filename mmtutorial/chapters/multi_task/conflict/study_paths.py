"""From which starts does a method stay in a valley of the landscape, and at which rates?

    python -m mmtutorial.chapters.multi_task.conflict.study_paths

Each seed draws six starts above the valleys. A path goes on until Adam could have come 25 units
far. ``stuck`` is the share of the starts from which it has not left the valleys by then.
"""

import numpy as np

from mmtutorial.chapters.multi_task.conflict.landscape import METHODS, is_stuck, look, walk
from mmtutorial.studies import Study, main

STARTS = 6
RATES = (0.002, 0.01, 0.05)


def draw_starts(seed):
    """Return starts above the valleys, ``(starts, 2)``."""
    return np.random.default_rng(seed).uniform((-9.0, 3.0), (9.0, 9.0), (STARTS, 2))


def run(task, setting, config, seed):
    """Walk from each start."""
    options = {"scale": setting["scale"], "rate": setting["rate"]}
    paths = [walk(start, setting["method"], **options) for start in draw_starts(seed)]
    ends = np.array([look(*path[-1])[0] for path in paths])
    return [{"stuck": float(np.mean([is_stuck(path) for path in paths])),
             "mean_loss": float(ends.mean())}]  # fmt: skip


STUDIES = [
    Study(
        name="multi_task/conflict/paths",
        question="From which starts does a method stay in a valley, and at which rates?",
        grid={"scale": (0.1, 1.0, 10.0), "rate": RATES, "method": tuple(METHODS)},
        task=lambda setting: None,
        run=run,
    )
]

if __name__ == "__main__":
    main(STUDIES)
