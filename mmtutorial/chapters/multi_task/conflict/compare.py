"""What the runs of the study say: differences seed by seed, with intervals, adjusted by Holm."""

from itertools import product

import numpy as np
from scipy.stats import ttest_1samp

from mmtutorial.chapters.multi_task.conflict.experiment import TASKS
from mmtutorial.chapters.multi_task.conflict.settings import (
    APART,
    APARTS,
    GRID,
    IN_OTHER_UNIT,
    LONG_STEPS,
    METHODS,
    PLAIN,
    SOME,
    WITH_SOLVED,
    is_joint,
    keep,
)
from mmtutorial.evaluation import holm, interval, relative_gain
from mmtutorial.results import by_seed


def scores_of(rows, setting, task="mean"):
    """Return the scores of a setting in the order of the seeds, or None if it was not run."""
    where = {**setting, "task": task}
    rows = [row for row in rows if "score" in row and where.items() <= row.items()]
    if not rows:
        return None
    found = by_seed(rows, "score", **where)
    return np.array([found[seed] for seed in sorted(found)])


def compare_pairs(rows, what, pairs, tasks=("mean",)):
    """Compare settings with others by their scores, seed by seed: one family, adjusted together.

    ``pairs`` is a list of ``(setting, other)``, for each of the ``tasks``. Intervals and p-values
    are Student's t over the seeds. What was not run yet is left out.
    """
    found = []
    for setting, other in pairs:
        for task in tasks:
            one, base = scores_of(rows, setting, task), scores_of(rows, other, task)
            if one is None or base is None or len(one) != len(base) or len(one) < 2:
                continue
            mean, low, high = interval(one - base)
            p_value = float(ttest_1samp(one - base, 0).pvalue) if np.ptp(one - base) else 1.0
            where = {"what": what, **setting, "task": task}
            found.append({**where, "difference": mean, "low": low, "high": high, "p": p_value})
    adjusted = holm([row["p"] for row in found]) if found else []
    return [{**row, "p_adjusted": float(p)} for row, p in zip(found, adjusted, strict=True)]


def gains(rows, settings, other, tasks):
    """Return the mean relative gain of each setting over another, task by task, with intervals."""
    found = []
    for setting in settings:
        one = {task: scores_of(rows, setting, task) for task in tasks}
        base = {task: scores_of(rows, other, task) for task in tasks}
        every = [*one.values(), *base.values()]
        if any(each is None or len(each) < 2 for each in every) or len(set(map(len, every))) > 1:
            continue
        mean, low, high = relative_gain(one, base)
        found.append({**setting, "gain": mean, "low": low, "high": high})
    return found


def compare(result):
    """Return the comparisons of the chapter's text, and relative gains over models apart."""
    rows, every = result["rows"], [dict(zip(GRID, e, strict=True)) for e in product(*GRID.values())]
    joint = [each for each in every if keep(each) and is_joint(each)]
    methods = [each for each in joint if each["aggregator"] != "none"]
    fixed = [({**PLAIN, "aggregator": name}, {**PLAIN, "weighting": f"as {name}"})
             for name in METHODS]  # fmt: skip
    weighed = [each for each in joint if each["aggregator"] == "none" and each != PLAIN]
    solved = [({**PLAIN, "architecture": WITH_SOLVED, "aggregator": name},
               {**PLAIN, "aggregator": name}) for name in SOME]  # fmt: skip
    units = [({**PLAIN, "architecture": IN_OTHER_UNIT, "aggregator": name},
              {**PLAIN, "aggregator": name}) for name in SOME]  # fmt: skip
    long = [({**PLAIN, "architecture": LONG_STEPS, "aggregator": name},
             {**PLAIN, "architecture": WITH_SOLVED, "aggregator": name})
            for name in SOME[1:]]  # fmt: skip
    families = {
        "method minus sum": [(each, {**each, "aggregator": "none"}) for each in methods],
        "weighting minus equal": [(each, {**each, "weighting": "equal"}) for each in weighed],
        "method minus its weights": fixed,
        "joint minus apart": [(each, APART) for each in joint],
        "joint minus apart, one recipe": [(PLAIN, {**APART, "architecture": APARTS[1]})],
        "solved task added minus without": solved,
        "steps of the mean's length minus own": long,
        "artist times 100 minus without": units,
    }
    found = []
    for what, pairs in families.items():
        pairs = [pair for pair in pairs if pair[0] != pair[1]]
        found += compare_pairs(rows, what, pairs)
    by_task = [(each, PLAIN) for each in methods if {**each, "aggregator": "none"} == PLAIN]
    found += compare_pairs(rows, "by task, method minus sum", by_task, TASKS)
    found += compare_pairs(rows, "by task, joint minus apart", [(PLAIN, APART)], TASKS)
    return {"differences": found, "gains": gains(rows, joint, APART, TASKS)}
