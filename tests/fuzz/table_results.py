"""What `mm.results` is given, and what it must give."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry

ROWS = [
    {"method": method, "seed": seed, "leak": leak, "accuracy": (seed + leak) / 4}
    for method in ("sum", "concat")
    for seed in range(3)
    for leak in (0, 1)
]


def store():
    """Return `save` made to write elsewhere: into the one room of a folder that is thrown away."""

    def save(**arguments):
        with TemporaryDirectory() as folder:
            room = Path(folder) / "fusion" / "joining"
            room.mkdir(parents=True)
            (room / "__init__.py").touch()
            with mock.patch("mmtutorial._packages.CHAPTERS", Path(folder)):
                mm.results.save(**arguments)
            return sorted(path.name for path in room.iterdir())

    return save


ENTRIES = [
    Entry("results.glue", lambda: {"values": {"accuracy": "0.9"}},
          lambda result, **_: result is None, allows={"values": "any keys, empty, value: *"}),
    Entry("results.available", dict, lambda result: "fusion/joining" in result),
    Entry("results.read", lambda: {"name": "fusion/joining"}, lambda found, name: "runs" in found),
    Entry("results.load", lambda: {"name": "fusion/joining"}, lambda found, name: "made" in found),
    Entry(
        "results.save",
        lambda: {"name": "fusion/joining", "result": {"made": {}, "rows": [{"accuracy": 0.5}]}},
        lambda found, **_: found == ["SHA256SUMS", "__init__.py", "results.json"],
        allows={"result": "empty, value: *"},
        also={
            "name": {"path": "../x", "no character": "x\0y", "no chapter": "a/b"},
            "result": {"NaN": {"a": np.nan}, "inf": {"a": [np.inf]}, "array": {"a": np.ones(2)}},
        },
        target=store,
    ),
    Entry(
        "results.select",
        lambda: {"rows": ROWS, "value": "accuracy", "method": "sum", "leak": 1},
        lambda result, **_: result.ndim == 1,
        allows={"rows": "one less, any keys, empty, first: value: *", "leak": "True"},
        also={"rows": {"the whole result": {"made": {}, "rows": ROWS}}},
        aliases={"value": ("key",), "method": ("{'method'",), "leak": ("{'leak'",),
                 "rows": ("row", "several rows")},
    ),
    Entry(
        "results.by_seed",
        lambda: {"rows": ROWS, "value": "accuracy", "method": "sum", "leak": 1},
        lambda result, **_: set(result) <= {0, 1, 2},
        allows={"rows": "one less, any keys, empty, first: value: *", "leak": "True"},
        aliases={"value": ("key",), "method": ("{'method'",), "leak": ("{'leak'",),
                 "rows": ("row", "several rows")},
    ),
    Entry(
        "results.index_rows",
        lambda: {"rows": ROWS[:1], "keys": "method"},
        lambda result, rows, **_: list(result.values()) == list(rows),
        allows={"rows": "any rows, any keys, first: value: *"},
        aliases={"keys": ("key",), "rows": ("row", "several rows")},
        target=lambda: lambda rows, keys: mm.results.index_rows(rows, keys),
    ),
    Entry(
        "results.intervals",
        lambda: {"rows": ROWS, "value": "accuracy", "leak": 0},
        lambda result, **_: list(result) == ["sum", "concat"],
        allows={"rows": "one less, key more, first: value: *", "leak": "True"},
        also={"rows": {"the whole result": {"made": {}, "rows": ROWS}}},
        aliases={"value": ("key",), "leak": ("{'leak'",), "rows": ("row", "several rows")},
    ),
    Entry(
        "results.differences",
        lambda: {"rows": ROWS, "value": "accuracy", "of": {"leak": 1}, "minus": {"leak": 0}},
        lambda result, **_: list(result) == ["sum", "concat"],
        allows={"rows": "key more", "of": "key more, value: True", "minus": "value: True"},
        also={"rows": {"the whole result": {"made": {}, "rows": ROWS}}},
        aliases={"value": ("key",), "of": ("leak", "row"), "minus": ("leak", "row"),
                 "rows": ("row", "rows with", "several rows", "same seeds")},
    ),
    Entry(
        "results.Table",
        lambda: {"columns": {"1 keyword": {"sum": 0.5}, "2 keywords": {"sum": 0.6}},
                 "title": "Scores", "best": None, "baselines": ["sum"]},
        lambda result, **_: "sum" in repr(result) and "sum" in result._repr_html_(),
        allows={
            "title": "any text",
            "columns": "key misspelt, key in unicode, key missing, inf, -inf, negative, "
            "text of it, list of it, complex, first: None, True, 1, word, bytes, object, class, "
            "generator, set, dict, ragged, texts, empty list, nan, "
            "value: value: None, key a number, bar in a name, bar in a row",
        },
        also={"columns": {"bar in a name": {"a|b": {"sum": 1}},
                          "bar in a row": {"a": {"sum|t": 1, "sum": 2}}}},
        aliases={"columns": ("baselines",)},
    ),
    Entry(
        "results.show_tables",
        lambda: {"tables": [mm.results.Table({"right": {"sum": 0.5}}, title) for title in "ab"]},
        lambda result, tables: repr(result).count("| sum |") == len(tables),
        allows={"tables": "one less, one more"},
    ),
]  # fmt: skip

MADE = {}
