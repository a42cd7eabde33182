"""How far would the number move with another seed, or with other test items?"""

from typing import NamedTuple

import numpy as np


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


def _check_confidence(confidence):
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, got {confidence}")


def _check_finite(name, values):
    wrong = values[~np.isfinite(values)]
    if wrong.size:
        raise ValueError(f"{name} must hold finite numbers, got {wrong[0]} ({wrong.size} in all)")


def interval(values, *, confidence=0.95):
    """Mean of a few runs with Student's t interval, which is honest about few runs.

    ``values`` is ``(runs,)``, one number a seed. Raises ``ValueError`` for fewer than two runs,
    because one run has no spread to learn from, and for a NaN or an infinity, which a failed run
    leaves. Paper: Student 1908, The Probable Error of a Mean.

    >>> str(interval([0.80, 0.82, 0.81, 0.83, 0.79]))
    '0.810 ± 0.020'
    """
    from scipy.special import stdtrit  # here, so that importing the package stays quick

    _check_confidence(confidence)
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"values must be at least two runs, (runs,), got shape {values.shape}")
    _check_finite("values", values)
    mean = values.mean()
    error = values.std(ddof=1) / np.sqrt(len(values))
    half = stdtrit(len(values) - 1, 0.5 + confidence / 2) * error
    return Interval(float(mean), float(mean - half), float(mean + half))


def run_seeds(function, seeds, *, progress=True):
    """Call ``function(seed)`` for every seed and collect what it returns, by name.

    ``function`` returns a dict of numbers, with the same keys every time. Returns a dict of
    arrays ``(seeds,)``; pass each to `interval`. Raises ``ValueError`` if seeds repeat or keys
    change.

    >>> run_seeds(lambda seed: {"score": seed / 10}, [1, 2], progress=False)
    {'score': array([0.1, 0.2])}
    """
    from tqdm.auto import tqdm

    seeds = list(seeds)
    if not seeds or len(set(seeds)) != len(seeds):
        raise ValueError(f"seeds must be at least one and all different, got {seeds}")
    runs = []
    for seed in tqdm(seeds, desc="seeds", disable=not progress):
        runs.append(function(seed))
        if not isinstance(runs[-1], dict):
            raise TypeError(f"function must return a dict, got {type(runs[-1]).__name__}")
        if runs[-1].keys() != runs[0].keys():
            raise ValueError(
                f"function must return the same keys for every seed, got {sorted(runs[-1])} "
                f"after {sorted(runs[0])}"
            )
    return {name: np.array([run[name] for run in runs]) for name in runs[0]}


def paired_bootstrap(a, b, *, groups=None, samples=10_000, confidence=0.95, seed=0):
    """Is ``a`` really better than ``b`` on these items, or was it luck with the test set?

    Draws the test items again and again with replacement, both methods always on the same
    items, and looks at how often the difference changes its sign.

    Parameters
    ----------
    a, b : scores of each item, ``(items,)``: 0 or 1 for a single run, or means over seeds
    groups : labels ``(items,)``; items of a group (variants of one concept) are drawn together,
        because they are right and wrong together
    samples : how many test sets to draw

    Raises ``ValueError`` if the shapes differ or a score is not finite. Paper: Efron and
    Tibshirani 1993, chapter 16.

    >>> paired_bootstrap([1, 1, 1, 1], [0, 0, 0, 0]).difference
    1.0
    """
    _check_confidence(confidence)
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"a and b must be of one shape (items,), got {a.shape} and {b.shape}")
    _check_finite("a", a)
    _check_finite("b", b)
    groups = np.arange(len(a)) if groups is None else np.asarray(groups)
    if groups.shape != a.shape:
        raise ValueError(f"groups must have the shape of a, {a.shape}, got {groups.shape}")
    if samples < 1:
        raise ValueError(f"samples must be at least 1, got {samples}")
    _, member = np.unique(groups, return_inverse=True)
    sizes = np.bincount(member)
    gains = np.bincount(member, weights=a - b)
    count = len(sizes)
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), samples)
    differences = (draws @ gains) / (draws @ sizes)
    low, high = np.quantile(differences, [0.5 - confidence / 2, 0.5 + confidence / 2])
    tail = (min(np.sum(differences <= 0), np.sum(differences >= 0)) + 1) / (samples + 1)
    return Comparison(float(np.mean(a - b)), float(low), float(high), float(min(1.0, 2 * tail)))
