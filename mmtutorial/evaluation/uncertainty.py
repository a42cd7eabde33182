"""Uncertainty of a score: how far would it move with another seed, or with other test items?"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import (
    check_array,
    check_callable,
    check_dict,
    check_flag,
    check_labels,
    check_number,
    check_seed,
    check_whole,
)
from mmtutorial.evaluation._inputs import check_seeds

# How often the bootstrap of so few groups finds p < 0.05 between two methods that are equally good
# (1,500 simulations with normal scores each); it should be 0.05. With 10 groups it is 0.10, with
# 20 0.07, and with 100 and more 0.03 to 0.07.
FALSE_POSITIVE_RATE = {2: 0.49, 3: 0.28, 4: 0.22, 5: 0.17, 6: 0.14, 7: 0.12, 8: 0.11, 9: 0.10}
MOST = 1e150  # of a score: its square, and a sum of some, are still finite
MAX_COUNTS = 2**24  # numbers of draws held at once: 128 MB


class Interval(NamedTuple):
    """A mean and its confidence interval, in the unit of the values."""

    mean: float
    low: float
    high: float

    def __str__(self):
        """Write it as ``0.812 ± 0.010``."""
        return f"{self.mean:.3f} ± {(self.high - self.low) / 2:.3f}"


class Comparison(NamedTuple):
    """How much better ``a`` is than ``b``, an interval for it, and a two-sided p-value."""

    difference: float
    low: float
    high: float
    p_value: float


def interval(values: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Mean of a few runs with Student's t interval, which is honest about few runs.

    ``values`` is ``(runs,)``, one number per seed. Raises ``ValueError`` for fewer than two runs,
    because one run has no standard deviation, and for a NaN or an infinity, which a failed run
    leaves. Paper: Student 1908, The Probable Error of a Mean.

    >>> str(interval([0.80, 0.82, 0.81, 0.83, 0.79]))
    '0.810 ± 0.020'
    """
    from scipy.special import stdtrit  # here, so that importing the package stays quick

    check_number("confidence", confidence, above=0, below=1)
    values = check_array("values", values, most=MOST).astype(float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"values must be at least two runs, (runs,), got shape {values.shape}")
    mean = values.mean()
    error = values.std(ddof=1) / np.sqrt(len(values))
    half = stdtrit(len(values) - 1, 0.5 + confidence / 2) * error
    return Interval(float(mean), float(mean - half), float(mean + half))


def run_seeds(
    function: Callable[[int], dict[str, float]], seeds: Iterable[int], *, progress: bool = True
) -> dict[str, np.ndarray]:
    """Call ``function(seed)`` for every seed and collect what it returns, by name.

    ``function`` returns a dict of numbers, with the same keys every time. Returns a dict of
    arrays ``(seeds,)``; pass each to `interval`. Raises ``ValueError`` if seeds repeat or keys
    change.

    >>> run_seeds(lambda seed: {"score": seed / 10}, [1, 2], progress=False)
    {'score': array([0.1, 0.2])}
    """
    from tqdm.auto import tqdm

    check_callable("function", function)
    check_flag("progress", progress)
    seeds = check_seeds(seeds)
    if any(seed in seeds[:place] for place, seed in enumerate(seeds)):
        raise ValueError(f"seeds must be all different, got {seeds}")
    runs = []
    for seed in tqdm(seeds, desc="seeds", disable=not progress):
        runs.append(function(seed))
        if not check_dict("what function returns", runs[-1], '{"accuracy": 0.9}'):
            raise ValueError("function must return at least one number, got none")
        if runs[-1].keys() != runs[0].keys():
            raise ValueError(
                f"function must return the same keys for every seed, got {sorted(runs[-1])} "
                f"after {sorted(runs[0])}"
            )
        for name, value in runs[-1].items():
            check_array(f"what function returns as {name!r}", value, finite=False)
            if np.ndim(value):
                raise ValueError(f"function must return numbers, got {value!r} as {name!r}")
    return {name: np.array([run[name] for run in runs]) for name in runs[0]}


def paired_bootstrap(
    a: ArrayLike,
    b: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    samples: int = 10_000,
    confidence: float = 0.95,
    seed: int | Sequence[int] | np.random.Generator = 0,
) -> Comparison:
    """Paired bootstrap: is ``a`` better than ``b``, or was it luck with these test items?

    Draws the test items again and again with replacement, both methods always on the same
    items, and looks at how often the difference changes its sign.

    Parameters
    ----------
    a, b : scores of each item, ``(items,)``: 0 or 1 for a single run, or means over seeds
    groups : labels ``(items,)``; items of a group (variants of one concept) are drawn together,
        because they are right and wrong together
    samples : how many test sets to draw

    Few groups make it too sure: between methods that are equally good it finds ``p < 0.05`` in 22 %
    of all cases with four groups, 17 % with five, 10 % with ten, and as promised, in about 5 %,
    from some thirty on. Below ten it warns; use an exact test there. Raises ``ValueError`` for
    fewer than two groups (or items), if the shapes differ, and for a score that is not finite.
    The interval holds the middle share of the draws, and the p-value inverts it. Papers: Efron and
    Tibshirani 1993, chapters 13 and 15; Koehn 2004, Statistical Significance Tests for Machine
    Translation Evaluation.

    >>> a = [1] * 16 + [0] * 4  # right on 16 of 20 items
    >>> b = [1] * 12 + [0] * 7 + [1]  # right on 13: four items speak for a, one for b
    >>> found = paired_bootstrap(a, b)
    >>> round(found.difference, 2), round(found.p_value, 1)
    (0.15, 0.2)
    """
    check_number("confidence", confidence, above=0, below=1)
    a, b = (check_array(n, x, most=MOST).astype(float) for n, x in (("a", a), ("b", b)))
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"a and b must be of one shape (items,), got {a.shape} and {b.shape}")
    groups = np.arange(len(a)) if groups is None else check_labels("groups", groups)
    if groups.shape != a.shape:
        raise ValueError(f"groups must have the shape of a, {a.shape}, got {groups.shape}")
    check_whole("samples", samples, least=1)
    _, member = np.unique(groups, return_inverse=True)
    sizes = np.bincount(member)
    gains = np.bincount(member, weights=a - b)
    count = len(sizes)
    _check_groups(count)
    rng, parts = check_seed("seed", seed), []
    most = max(1, MAX_COUNTS // count)
    for start in range(0, samples, most):
        size = min(most, samples - start)
        draws = rng.multinomial(count, np.full(count, 1 / count), size)
        parts.append((draws @ gains) / (draws @ sizes))
    differences = np.concatenate(parts)
    low, high = np.quantile(differences, [0.5 - confidence / 2, 0.5 + confidence / 2])
    tail = (min(np.sum(differences <= 0), np.sum(differences >= 0)) + 1) / (samples + 1)
    return Comparison(float(np.mean(a - b)), float(low), float(high), float(min(1.0, 2 * tail)))


def _check_groups(count):
    """Refuse one group, which says nothing about variance, and warn of a few."""
    if count < 2:
        raise ValueError(f"a and b must hold at least two groups (or items), got {count}")
    if count in FALSE_POSITIVE_RATE:
        warnings.warn(
            f"{count} groups are few: p < 0.05 comes out in {FALSE_POSITIVE_RATE[count]:.0%} of "
            "all cases in which two methods are equally good; use at least 10 groups, or an exact "
            "test",
            stacklevel=3,
        )
