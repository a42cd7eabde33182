"""What the benchmarks measured, one JSON file each, and the command that made it."""

import json
import os
import tempfile
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

    Raises ``ValueError`` if none match.

    >>> select([{"method": "sum", "seed": 0, "accuracy": 0.5}], "accuracy", method="sum")
    array([0.5])
    """
    found = [row[value] for row in rows if all(row[key] == want for key, want in where.items())]
    if not found:
        raise ValueError(f"no row has {where}")
    return np.array(found)


def intervals(rows, value="accuracy", **where):
    """Return ``{method: Interval}`` of ``value`` over the seeds of all rows that match.

    >>> rows = [{"method": "sum", "seed": seed, "accuracy": 0.5} for seed in range(3)]
    >>> str(intervals(rows)["sum"])
    '0.500 ± 0.000'
    """
    from mmtutorial.evaluation import interval

    methods = dict.fromkeys(row["method"] for row in rows)
    return {m: interval(select(rows, value, method=m, **where)) for m in methods}


class Table:
    """Columns of results, shown as a table in notebooks and pages.

    ``columns`` maps a column's title to ``{row: anything that prints}``, with the same rows in
    all.

    >>> Table({"1 keyword": {"sum": 0.5}})
    | | 1 keyword |
    |:--|--:|
    | sum | 0.5 |
    """

    def __init__(self, columns, title=""):
        self.columns, self.title = columns, title

    def __repr__(self):
        """Write the table in Markdown."""
        first = next(iter(self.columns.values()))
        lines = [f"**{self.title}**", ""] if self.title else []
        lines += [f"| | {' | '.join(self.columns)} |", "|:--|" + "--:|" * len(self.columns)]
        for row in first:
            lines.append(f"| {row} | {' | '.join(str(c[row]) for c in self.columns.values())} |")
        return "\n".join(lines)

    _repr_markdown_ = __repr__
