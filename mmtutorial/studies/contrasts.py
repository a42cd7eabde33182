"""Differences paired over items, bootstrapped over groups, adjusted for how many there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Contrast:
    """Compare every value of a key with one of them, item by item.

    Parameters
    ----------
    vary : key of the setting, or of the rows, whose values are compared, such as ``"method"``
    baseline : the value to compare with, or ``baseline(labels, validation, names)`` that returns
        it: one for all, None, or ``{value: its baseline}``. ``validation`` is ``{value: mean
        accuracy on validation}``
    groups : ``groups(setting)`` returns for each item what it belongs to, ``(items,)``: items of
        one group are drawn together, because they resemble each other
    pool : keys, such as ``("fold",)``, over whose values the items are put together
    leave_out : values that are not compared, such as the baselines of a modality alone
    keep : ``keep(labels)`` says where this is asked at all
    """

    vary: str
    baseline: str | Callable[..., Any]
    groups: Callable[[dict], np.ndarray]
    pool: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    keep: Callable[[dict], bool] = lambda labels: True


def best_alone(*alone: str) -> Callable[..., str | None]:
    """Return a baseline: the one of these that is best on validation, once all were run.

    >>> best_alone("image", "text")({}, {"image": 0.6, "text": 0.7}, ["image", "text", "concat"])
    'text'
    """

    def pick(labels, validation, names):
        known = set(alone) <= set(names) and set(alone) <= set(validation)
        return max(alone, key=validation.get) if known else None

    return pick


def write_counts(sums: np.ndarray) -> str | list[float]:
    """Write for each item how many seeds were right: a digit each, or numbers if in part.

    >>> write_counts(np.array([0.0, 5.0, 12.0]))
    '05c'
    """
    sums = np.asarray(sums, dtype=float)
    whole = np.array_equal(sums, np.round(sums)) and sums.max(initial=0) < len(DIGITS)
    return "".join(DIGITS[int(n)] for n in sums) if whole else np.round(sums, 6).tolist()


def read_counts(counts: str | Sequence[float]) -> np.ndarray:
    """Return what `write_counts` wrote, ``(items,)`` of float.

    >>> read_counts("05c")
    array([ 0.,  5., 12.])
    """
    if isinstance(counts, str):
        return np.array([DIGITS.index(digit) for digit in counts], dtype=float)
    return np.asarray(counts, dtype=float)


def compare(contrast: Contrast, items: list[dict], choices: list[dict]) -> list[dict]:
    """Return the comparisons that the stored items allow, with Holm's adjustment per family.

    A family is what shares all labels but the varied one.
    """
    rows = []
    for labels, members in _families(contrast, items):
        pairs = contrast.baseline
        if callable(pairs):
            pairs = pairs(labels, _validation(contrast, labels, choices), list(members))
        if not isinstance(pairs, dict):
            pairs = dict.fromkeys(members, pairs)
        pairs = {
            name: other
            for name, other in pairs.items()
            if other in members and name != other and name not in contrast.leave_out
        }
        if pairs and contrast.keep(labels):
            rows += _compare_family(contrast, labels, members, pairs)
    return rows


def _families(contrast, items):
    """Yield labels and ``{value: items in the order of the pooled keys}``."""
    families = {}
    for item in items:
        labels = {
            k: v for k, v in item["labels"].items() if k not in (contrast.vary, *contrast.pool)
        }
        key = tuple(labels.items())
        members = families.setdefault(key, (labels, {}))[1]
        if contrast.vary in item["labels"]:
            members.setdefault(item["labels"][contrast.vary], []).append(item)
    return families.values()


def _validation(contrast, labels, choices):
    """Return the mean accuracy on validation of each value of the varied key."""
    found = {}
    for choice in choices:
        setting = choice["setting"]
        if all(setting.get(key, value) == value for key, value in labels.items()):
            found.setdefault(setting.get(contrast.vary), []).append(choice["validation"])
    return {name: float(np.mean(values)) for name, values in found.items()}


def _compare_family(contrast, labels, members, pairs):
    """Compare each ``{value: baseline}``; those with other items than the baseline are left out."""
    from mmtutorial.evaluation import holm, paired_bootstrap

    def mean_correct(name):
        return np.concatenate([read_counts(i["counts"]) / i["seeds"] for i in members[name]])

    def groups(name):
        each = [np.asarray(contrast.groups(item["labels"])) for item in members[name]]
        return np.concatenate([part.astype(str) for part in each])

    found = []
    for name, other in pairs.items():
        one, base = mean_correct(name), mean_correct(other)
        if len(one) == len(base):
            test = paired_bootstrap(one, base, groups=groups(other))
            where = {**labels, contrast.vary: name, "against": other}
            found.append({**where, **test._asdict()})
    adjusted = holm([row["p_value"] for row in found]) if found else []
    return [{**row, "p_adjusted": float(p)} for row, p in zip(found, adjusted, strict=True)]
