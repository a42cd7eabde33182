"""What the study measured, as gains: which task helps which, and does affinity predict it?"""

from itertools import permutations
from typing import NamedTuple

import numpy as np

from mmtutorial.evaluation import Interval, interval, relative_gain
from mmtutorial.results import by_seed
from mmtutorial.tasks.emoji_tasks import TASKS

SIZE = len(TASKS)
OTHERS = ~np.eye(SIZE, dtype=bool)  # the cells of a matrix that are not on its diagonal


class Transfer(NamedTuple):
    """Gains ``(tasks, tasks)``: ``[i, j]`` is that of task ``j`` from being trained with ``i``.

    ``mean`` over the seeds, and the ends of the 95 % interval.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Agreement(NamedTuple):
    """How well affinity predicts gains: Spearman's rank correlation.

    ``all_pairs`` of the means over seeds; ``p_value`` how often it would be as high or higher if
    the names of the tasks were permuted; ``by_seed`` the interval over seeds; ``within`` the mean
    over the columns: are the helpers of one task in the right order?
    """

    all_pairs: float
    p_value: float
    by_seed: Interval
    within: float


def scores_of(result: dict, model: str, task: str) -> np.ndarray:
    """Return the score of a task, one number for each seed."""
    found = by_seed(result["rows"], "accuracy", model=model, task=task)
    return np.array([found[seed] for seed in sorted(found)])


def difference(result: dict, one: str, other: str, task: str) -> Interval:
    """Return the score of a task in one model minus that in another, seed by seed."""
    return interval(scores_of(result, one, task) - scores_of(result, other, task))


def pair_name(one: str, other: str) -> str:
    """Return how the study calls the model of two tasks."""
    return " + ".join(sorted((one, other)))


def gains_by_seed(result: dict) -> np.ndarray:
    """Return the relative gain of each task from each other, ``(seeds, tasks, tasks)``."""
    alone = {task: scores_of(result, task, task) for task in TASKS}
    gains = np.zeros((len(alone[TASKS[0]]), SIZE, SIZE))
    for i, giver in enumerate(TASKS):
        for j, task in enumerate(TASKS):
            if i != j:
                joint = scores_of(result, pair_name(giver, task), task)
                gains[:, i, j] = (joint - alone[task]) / alone[task].mean()
    return gains


def find_transfer(gains: np.ndarray) -> Transfer:
    """Return mean and interval of each gain, from ``(seeds, tasks, tasks)``."""
    found = [one[:3] for one in name_gains(gains).values()]
    return Transfer(*(fill(column) for column in np.array(found).T))


def name_gains(gains: np.ndarray) -> dict[str, Interval]:
    """Return the interval over seeds of each gain by its name, such as ``"colour to group"``."""
    return {f"{TASKS[i]} to {TASKS[j]}": interval(gains[:, i, j]) for i, j in np.argwhere(OTHERS)}


def find_sure(result: dict) -> np.ndarray:
    """Return which gains are significant, ``(tasks, tasks)`` of bool, by the stored comparisons.

    They are paired over test items, drawn by concept, and adjusted within each task; there are
    some for each task whose score is an accuracy.
    """
    sure = np.zeros((SIZE, SIZE), bool)
    for row in result["comparisons"]:
        pair = row["model"].split(" + ")
        if len(pair) == 2 and row["task"] in pair and row["p_adjusted"] < 0.05:
            pair.remove(row["task"])
            sure[TASKS.index(pair[0]), TASKS.index(row["task"])] = True
    return sure


def fill(values: np.ndarray) -> np.ndarray:
    """Put one number for each pair into a matrix; its diagonal is NaN."""
    matrix = np.full((SIZE, SIZE), np.nan)
    matrix[OTHERS] = values
    return matrix


def affinities(result: dict) -> np.ndarray:
    """Return the affinity of each two tasks, ``(seeds, tasks, tasks)``, rows the step taken."""
    rows = [row for row in result["rows"] if "affinity" in row]
    matrix = np.full((1 + max(row["seed"] for row in rows), SIZE, SIZE), np.nan)
    for row in rows:
        place = (row["seed"], TASKS.index(row["step_for"]), TASKS.index(row["task"]))
        matrix[place] = row["affinity"]
    return matrix


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return Spearman's rank correlation of two lists.

    >>> rank_correlation(np.array([1.0, 2, 3]), np.array([10.0, 30, 20]))
    0.5
    """
    from scipy.stats import spearmanr

    return round(float(spearmanr(one, other).statistic), 12)


def best_partners(matrix: np.ndarray) -> dict[str, str]:
    """Return for each task the one that gives it most, by a matrix ``(tasks, tasks)``."""
    best = np.argmax(np.where(OTHERS, matrix, -np.inf), axis=0)
    return {task: TASKS[place] for task, place in zip(TASKS, best, strict=True)}


def rank_agreement(affinity: np.ndarray, gains: np.ndarray) -> Agreement:
    """Compare affinities with gains, ``(seeds, tasks, tasks)`` each, off the diagonal."""
    from scipy.stats import rankdata

    means = [each.mean(axis=0) for each in (affinity, gains)]
    right = rank_correlation(*(mean[OTHERS] for mean in means))
    ranks = [fill(rankdata(mean[OTHERS])) for mean in means]
    centre = (ranks[0][OTHERS].size + 1) / 2
    first, second = (np.where(OTHERS, rank - centre, 0) for rank in ranks)
    total = np.sqrt(np.sum(first**2) * np.sum(second**2))
    orders = map(list, permutations(range(SIZE)))
    chance = [np.sum(first[np.ix_(order, order)] * second) / total for order in orders]
    pairs = zip(affinity, gains, strict=True)
    return Agreement(
        right,
        float(np.mean(np.array(chance) >= right - 1e-9)),
        interval([rank_correlation(a[OTHERS], g[OTHERS]) for a, g in pairs]),
        float(
            np.mean(
                [rank_correlation(*(mean[OTHERS[:, j], j] for mean in means)) for j in range(SIZE)]
            )
        ),
    )


def reliability(gains: np.ndarray) -> float:
    """Return how well the gains of one seed predict the mean of the others, by rank."""
    found = []
    for seed, one in enumerate(gains):
        others = np.delete(gains, seed, axis=0).mean(axis=0)
        found.append(rank_correlation(one[OTHERS], others[OTHERS]))
    return float(np.mean(found))


def mean_gain(result: dict, model: str) -> Interval:
    """Return the gain of one model for all tasks over the networks alone, averaged over tasks.

    With the model ``"whole size"``, that of networks alone which weigh as much as it, each.
    """
    alone = {task: scores_of(result, task, task) for task in TASKS}
    name = {task: f"{task}, {model}" if model == "whole size" else model for task in TASKS}
    return relative_gain({task: scores_of(result, name[task], task) for task in TASKS}, alone)


def gain_by_labels(result: dict, model: str, alone: str) -> dict[int, Interval]:
    """Return ``{labels: Interval}`` of a model's accuracy minus that of another, seed by seed."""
    found = {}
    for labels in dict.fromkeys(row["labels"] for row in result["rows"]):
        one, other = (
            by_seed(result["rows"], "accuracy", model=name, labels=labels)
            for name in (model, alone)
        )
        found[labels] = interval([one[seed] - other[seed] for seed in sorted(one)])
    return found
