"""What the studies of the chapters measured, one JSON file each, and the command that made it."""

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from mmtutorial._checks import check_dict, check_text
from mmtutorial.evaluation import Interval
from mmtutorial.evaluation import interval as interval
from mmtutorial.results._glue import glue as glue
from mmtutorial.results._stored import available as available
from mmtutorial.results._stored import load as load
from mmtutorial.results._stored import read as read
from mmtutorial.results._stored import save as save
from mmtutorial.results._table import Table as Table
from mmtutorial.results._table import show_tables as show_tables


def select(rows: Iterable[dict], value: str, **where: Any) -> np.ndarray:
    """Return ``value`` of all rows that match, as an array: one number per seed.

    Raises ``ValueError`` if none match, for a key that no row has, where a matching row has no
    value, and for several rows of one method and seed: they come from different settings, so name
    the setting too.

    >>> select([{"method": "sum", "seed": 0, "accuracy": 0.5}], "accuracy", method="sum")
    array([0.5])
    """
    found = _matching(rows, value, **where)
    runs = [(row.get("method"), row["seed"]) for row in found if "seed" in row]
    if len(set(runs)) < len(runs):
        of = f" for {where.pop('method')!r}" if "method" in where else ""
        raise ValueError(f"several rows per seed{of}: name the setting, got {where}")
    values = [row.get(value) for row in found]
    if lacking := sum(each is None for each in values):
        raise ValueError(f"{lacking} of {len(values)} rows with {where} have no {value!r}")
    return np.array(values)


def by_seed(rows: Iterable[dict], value: str = "accuracy", **where: Any) -> dict[int, float]:
    """Return ``{seed: value}`` of all rows that match; raises ``ValueError`` as `select` does.

    >>> by_seed([{"method": "sum", "seed": 3, "accuracy": 0.5}], method="sum")
    {3: 0.5}
    """
    values = select(rows, value, **where).tolist()
    seeds = select(rows, "seed", **where).tolist()
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"several rows per seed: name the setting, got {where}")
    return dict(zip(seeds, values, strict=True))


def index_rows(rows: Iterable[dict], *keys: str) -> dict[Any, dict]:
    """Return ``{value of the key, or values of the keys: row}``; refuse two rows of one value.

    >>> index_rows([{"method": "sum", "rank": 1.5}], "method")
    {'sum': {'method': 'sum', 'rank': 1.5}}
    """
    if not keys:
        raise ValueError("keys must name at least one, such as 'method', got none")
    for key in keys:
        check_text("keys", key)
    found = {}
    for row in _check_rows(rows):
        labels = tuple(_label(row, key) for key in keys)
        label = labels[0] if len(keys) == 1 else labels
        if label in found:
            raise ValueError(f"several rows of {', '.join(keys)} {label!r}: name the setting")
        found[label] = row
    return found


def _check_rows(rows):
    """Return rows as a list, if they are dicts."""
    if isinstance(rows, dict):
        raise TypeError("rows must be a list of dicts, such as result['rows'], got a whole result")
    if isinstance(rows, str) or not np.iterable(rows):
        raise TypeError(f"rows must be a list of dicts, such as result['rows'], got {rows!r}")
    rows = list(rows)
    if wrong := [row for row in rows if not isinstance(row, dict)]:
        raise TypeError(f"rows must be a list of dicts, got {wrong[0]!r} in it")
    return rows


def _label(row, key):
    """Return what a row says of a key, by which the row can be found again."""
    if key not in row:
        raise ValueError(f"a row has no key {key!r}, only {list(row)}")
    label = row[key]
    if not isinstance(label, Hashable) or label != label:  # NaN is not even itself
        raise ValueError(f"a row must have a text or a number as its {key!r}, got {label!r}")
    return label


def _matching(rows, *needed, **where):
    """Return the rows that match; at least one has each of the needed keys."""
    rows = _check_rows(rows)
    known = dict.fromkeys(key for row in rows for key in row)
    for key in (*needed, *where):
        if not isinstance(key, str) or key not in known:
            raise ValueError(f"no row has a key {key!r}; known are {list(known)}")
    missing = object()
    found = [r for r in rows if all(r.get(key, missing) == want for key, want in where.items())]
    if not found:
        raise ValueError(f"no row has {where}")
    return found


def intervals(rows: Iterable[dict], value: str = "accuracy", **where: Any) -> dict[str, Interval]:
    """Return ``{method: Interval}`` of ``value`` over the seeds of all rows that match.

    Raises ``ValueError`` as `select` does.

    >>> rows = [{"method": "sum", "seed": seed, "accuracy": 0.5} for seed in range(3)]
    >>> str(intervals(rows)["sum"])
    '0.500 ± 0.000'
    """
    rows = _matching(rows, "method", value)
    methods = dict.fromkeys(_label(row, "method") for row in rows)
    return {m: _interval(m, select(rows, value, method=m, **where)) for m in methods}


def _interval(method, values):
    if len(values) < 2:
        raise ValueError(f"{method!r} must have rows of at least two seeds, got {len(values)}")
    return interval(values)


def differences(
    rows: Iterable[dict], value: str = "accuracy", *, of: dict, minus: dict, **where: Any
) -> dict[str, Interval]:
    """Return ``{method: Interval}`` of one setting minus another, seed by seed.

    ``of`` and ``minus`` are dicts that name the two settings, ``where`` what they share. Raises
    ``ValueError`` as `select` does, and unless a method has the same seeds in both.

    >>> rows = [dict(method="sum", seed=i // 2, leak=i % 2, accuracy=i % 2) for i in range(4)]
    >>> str(differences(rows, of={"leak": 1}, minus={"leak": 0})["sum"])
    '1.000 ± 0.000'
    """
    rows, found = _check_rows(rows), {}
    for name, setting in (("of", of), ("minus", minus)):
        keys = check_dict(name, setting, '{"keywords": 2}').keys()
        taken = where.keys() | {"rows", "value", "method"}
        if not keys or keys & taken or not all(isinstance(key, str) for key in keys):
            raise ValueError(
                f"{name} must name a setting, such as {{'keywords': 2}}, by none of the keys "
                f"{sorted(taken)}, got {setting}"
            )
    methods = (_label(row, "method") for row in _matching(rows, value, **of, **where))
    for method in dict.fromkeys(methods):
        one, other = (by_seed(rows, value, method=method, **(where | s)) for s in (of, minus))
        if one.keys() != other.keys():
            raise ValueError(f"{method!r} must have the same seeds in both, got {[one, other]}")
        found[method] = _interval(method, [one[seed] - other[seed] for seed in one])
    return found
