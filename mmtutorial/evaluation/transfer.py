"""Does learning together pay? Gains over learning alone, over all tasks and pair by pair."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_dict, check_list, check_text
from mmtutorial.evaluation.uncertainty import Interval, interval

MOST = 1e100  # of a score, so that gains and their squares stay finite
EXAMPLE = '{"group": [0.8, 0.7], "hue": [0.2, 0.3]}'


def relative_gain(
    joint: Mapping[str, ArrayLike],
    single: Mapping[str, ArrayLike],
    *,
    lower_is_better: Iterable[str] = (),
    confidence: float = 0.95,
) -> Interval:
    """How much better is one model for all tasks than a model for each, on average over the tasks?

    The gain of a task is ``(joint - single) / single``, with the other sign if lower is better;
    ``single`` in the denominator is the mean over its seeds. The gains are averaged over the tasks
    for each seed, and Student's t interval is over the seeds.

    Parameters
    ----------
    joint, single : ``{task: scores}``, each ``(seeds,)``, at least two; a seed has one place in all
    lower_is_better : the tasks whose score is an error
    confidence : of the interval

    Returns an `Interval` of the mean gain, as a share: 0.1 is ten per cent. With one task alone, it
    is the gain of that task. Raises ``ValueError`` for other tasks, other numbers of seeds, and a
    single score of mean 0 or below, which is no unit. Paper: Maninis et al. 2019, Attentive
    Single-Tasking of Multiple Tasks (the average per-task gain).

    >>> joint = {"group": [0.88, 0.88], "error": [0.18, 0.2]}
    >>> gain = relative_gain(joint, {"group": [0.8, 0.8], "error": [0.2, 0.2]},
    ...                      lower_is_better=["error"])
    >>> round(gain.mean, 3)
    0.075
    """
    joint, single = _check_scores("joint", joint), _check_scores("single", single)
    if joint.keys() != single.keys():
        raise ValueError(f"joint and single must be of the same tasks, got {[*joint]}, {[*single]}")
    shapes = {scores.shape for scores in (*joint.values(), *single.values())}
    if len(shapes) > 1 or next(iter(shapes))[0] < 2:
        raise ValueError(
            f"joint and single must hold the scores of as many seeds, at least two, got {shapes}"
        )
    signs = _signs(lower_is_better, joint)
    gains = [signs[task] * (joint[task] - single[task]) / _unit(task, single[task])
             for task in joint]  # fmt: skip
    return interval(np.mean(gains, axis=0), confidence=confidence)


def transfer_matrix(
    pairs: Mapping[tuple[str, str], Mapping[str, float]],
    single: Mapping[str, float],
    *,
    lower_is_better: Iterable[str] = (),
) -> np.ndarray:
    """Which task helps which? The gain of each task from each other, trained with it in pairs.

    Parameters
    ----------
    pairs : ``{(a, b): {a: score, b: score}}`` for each two tasks, trained together
    single : ``{task: score}`` of each task, trained alone
    lower_is_better : the tasks whose score is an error

    Returns ``(tasks, tasks)`` in the order of the sorted names; ``[i, j]`` is the relative gain of
    task ``j`` when it is trained with task ``i``, below 0 where it is harmed (negative transfer);
    the diagonal is 0. Raises ``ValueError`` for a pair that is missing or not of these tasks, and a
    single score of 0 or below. Paper: Standley et al. 2020, Which Tasks Should Be Learned Together
    in Multi-task Learning?

    >>> pairs = {("group", "hue"): {"group": 0.9, "hue": 0.4}}
    >>> transfer_matrix(pairs, {"group": 0.8, "hue": 0.5}).round(3)
    array([[ 0.   , -0.2  ],
           [ 0.125,  0.   ]])
    """
    alone = {task: _mean(f"single[{task!r}]", score) for task, score in
             _check_names("single", single).items()}  # fmt: skip
    signs, tasks = _signs(lower_is_better, alone), sorted(alone)
    given = {}
    for pair, scores in check_dict("pairs", pairs, '{("group", "hue"): {...}}').items():
        names = sorted(pair) if isinstance(pair, tuple) and set(map(type, pair)) == {str} else []
        if len(names) != 2 or names[0] == names[1] or not set(names) <= set(tasks):
            raise ValueError(f"pairs must be of two of the tasks {tasks}, got {pair!r}")
        if set(_check_names(f"pairs[{pair!r}]", scores)) != set(names):
            raise ValueError(f"pairs[{pair!r}] must hold a score of each, got {list(scores)}")
        given[tuple(names)] = {n: _mean(f"pairs[{pair!r}][{n!r}]", scores[n]) for n in names}
    gains = np.zeros((len(tasks), len(tasks)))
    for i, a in enumerate(tasks):
        for j, b in enumerate(tasks):
            if a != b:
                found = given.get(tuple(sorted((a, b))))
                if found is None:
                    raise ValueError(f"pairs must hold {(a, b)}, each two of {tasks}")
                gains[i, j] = signs[b] * (found[b] - alone[b]) / _unit(b, alone[b])
    return gains


def _check_names(name, given):
    """Return a dict that is keyed by texts, at least one."""
    check_dict(name, given, EXAMPLE)
    if not given or not all(isinstance(task, str) for task in given):
        raise ValueError(f"{name} must be keyed by the names of tasks, got {list(given)}")
    return given


def _check_scores(name: str, given: Any) -> dict[str, np.ndarray]:
    found = {}
    for task in sorted(_check_names(name, given)):
        scores = check_array(f"{name}[{task!r}]", given[task], kinds="iuf", most=MOST)
        if scores.ndim != 1:
            raise ValueError(f"{name}[{task!r}] must be (seeds,), got shape {scores.shape}")
        found[task] = scores.astype(float)
    return found


def _mean(name, score):
    """Return a score, or the mean of one for each seed."""
    scores = check_array(name, score, kinds="iuf", most=MOST)
    if scores.ndim > 1 or not scores.size:
        raise ValueError(f"{name} must be a number, or one for each seed, got shape {scores.shape}")
    return float(scores.mean())


def _unit(task, scores):
    """Return the mean score of a task alone, in units of which gains are counted."""
    unit = float(np.mean(scores))
    if not unit > 1e-30:
        raise ValueError(f"single must hold a score above 0 for {task!r}, got {unit:g} on average")
    return unit


def _signs(lower_is_better, tasks):
    """Return 1 for each task, or -1 where lower is better."""
    given = [] if not lower_is_better and isinstance(lower_is_better, (tuple, list)) else (
        check_list("lower_is_better", lower_is_better, "tasks")
    )  # fmt: skip
    for task in given:
        if check_text("lower_is_better", task) not in tasks:
            raise ValueError(f"lower_is_better must name some of {sorted(tasks)}, got {task!r}")
    return {task: -1 if task in given else 1 for task in tasks}
