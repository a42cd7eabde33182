"""What the benchmarks measured, one JSON file each, and the command that made it."""

import json
import os
import tempfile
from html import escape
from importlib import resources
from pathlib import Path

import numpy as np


def available():
    """Return the names of the stored results.

    >>> "fusion_joining" in available()
    True
    """
    files = resources.files(__name__).iterdir()
    return sorted(file.name[:-5] for file in files if file.name.endswith(".json"))


def load(name):
    """Return the stored result of a benchmark as a dict; ``made`` says how and when.

    Raises ``ValueError`` for an unknown name.

    >>> load("fusion_joining")["made"]["command"]
    'python benchmarks/fusion_joining.py'
    """
    if name not in available():
        raise ValueError(f"name must be one of {available()}, got {name!r}")
    return json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8"))


def save(name, result):
    """Store a result, whole or not at all. For benchmarks, in a checkout of the repository."""
    path = Path(__file__).parent / f"{name}.json"
    text = json.dumps(result, indent=1) + "\n"
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def select(rows, value, **where):
    """Return ``value`` of all rows that match, as an array: one number a seed.

    Raises ``ValueError`` if none match, for a key that no row has, and where a matching row
    has no value.

    >>> select([{"method": "sum", "seed": 0, "accuracy": 0.5}], "accuracy", method="sum")
    array([0.5])
    """
    found = [row.get(value) for row in _matching(rows, value, **where)]
    if None in found:
        raise ValueError(f"{found.count(None)} of {len(found)} rows with {where} have no {value!r}")
    return np.array(found)


def _matching(rows, *needed, **where):
    """Return the rows that match; at least one has each of the needed keys."""
    rows = list(rows)
    known = dict.fromkeys(key for row in rows for key in row)
    for key in (*needed, *where):
        if key not in known:
            raise ValueError(f"no row has a key {key!r}; known are {list(known)}")
    missing = object()
    found = [r for r in rows if all(r.get(key, missing) == want for key, want in where.items())]
    if not found:
        raise ValueError(f"no row has {where}")
    return found


def intervals(rows, value="accuracy", **where):
    """Return ``{method: Interval}`` of ``value`` over the seeds of all rows that match.

    Raises ``ValueError`` as `select` does, and if a method has several rows of one seed: they
    come from different settings, so name the setting too.

    >>> rows = [{"method": "sum", "seed": seed, "accuracy": 0.5} for seed in range(3)]
    >>> str(intervals(rows)["sum"])
    '0.500 ± 0.000'
    """
    from mmtutorial.evaluation import interval

    rows = _matching(rows, "method", value)
    found = {}
    for method in dict.fromkeys(row["method"] for row in rows):
        runs = _matching(rows, method=method, **where)
        seeds = [row["seed"] for row in runs if "seed" in row]
        if len(set(seeds)) < len(seeds):
            raise ValueError(f"several rows a seed for {method!r}: name the setting, got {where}")
        found[method] = interval(select(runs, value))
    return found


def differences(rows, value="accuracy", *, of, minus, **where):
    """Return ``{method: Interval}`` of one setting minus another, seed by seed.

    ``of`` and ``minus`` are dicts that name the two settings, ``where`` what they share. Raises
    ``ValueError`` as `select` does, and unless a method has the same seeds in both.

    >>> rows = [dict(method="sum", seed=i // 2, leak=i % 2, accuracy=i % 2) for i in range(4)]
    >>> str(differences(rows, of={"leak": 1}, minus={"leak": 0})["sum"])
    '1.000 ± 0.000'
    """
    from mmtutorial.evaluation import interval

    found = {}
    for method in dict.fromkeys(row["method"] for row in _matching(rows, value, **of, **where)):
        sides = [
            {row["seed"]: row[value] for row in _matching(rows, "seed", method=method, **side)}
            for side in (where | of, where | minus)
        ]
        if sides[0].keys() != sides[1].keys():
            raise ValueError(f"{method!r} must have the same seeds in both, got {sides}")
        found[method] = interval([sides[0][seed] - sides[1][seed] for seed in sides[0]])
    return found


class Table:
    """Columns of results, shown as a table in notebooks and pages.

    ``columns`` maps a column's title to ``{row: anything that prints}``. Raises ``ValueError``
    unless there is a column and all have the same rows.

    >>> Table({"1 keyword": {"sum": 0.5}})
    | | 1 keyword |
    |:--|--:|
    | sum | 0.5 |
    """

    def __init__(self, columns, title=""):
        if not columns:
            raise ValueError("columns must hold at least one column, got none")
        (first, rows), *others = columns.items()
        for name, column in others:
            if column.keys() != rows.keys():
                raise ValueError(
                    f"columns must all have the same rows, got {list(rows)} in {first!r} "
                    f"and {list(column)} in {name!r}"
                )
        self.columns, self.title = columns, title

    def __repr__(self):
        """Write the table in Markdown."""
        first = next(iter(self.columns.values()))
        lines = [f"**{self.title}**", ""] if self.title else []
        lines += [f"| | {' | '.join(self.columns)} |", "|:--|" + "--:|" * len(self.columns)]
        for row in first:
            lines.append(f"| {row} | {' | '.join(str(c[row]) for c in self.columns.values())} |")
        return "\n".join(lines)

    def _repr_html_(self):
        first = next(iter(self.columns.values()))
        heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        lines = [f"<caption>{escape(self.title)}</caption>"] if self.title else []
        lines.append(f"<thead><tr><td></td>{heads}</tr></thead><tbody>")
        for row in first:
            cells = "".join(f"<td>{escape(str(c[row]))}</td>" for c in self.columns.values())
            lines.append(f'<tr><th scope="row">{escape(row)}</th>{cells}</tr>')
        return '<table class="table results">' + "".join(lines) + "</tbody></table>"
