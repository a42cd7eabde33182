"""Stored results are whole, say how they were made, and are written whole or not at all."""

import json

import numpy as np
import pytest

from mmtutorial import results


@pytest.mark.parametrize("name", results.available())
def test_a_result_says_how_and_when_it_was_made(name):
    made = results.load(name)["made"]
    assert made["command"].startswith("python benchmarks/")
    assert len(made["date"]) == len("2026-01-01")
    assert {"machine", "minutes", "versions"} <= made.keys()


def test_every_method_of_the_joining_table_has_five_seeds():
    rows = results.load("fusion_joining")["rows"]
    settings = {(row["image"], row["keywords"], row["method"]) for row in rows}
    assert len(settings) == 2 * 3 * 8
    for image, keywords, method in settings:
        where = {"image": image, "keywords": keywords, "method": method}
        assert sorted(results.select(rows, "seed", **where)) == [0, 1, 2, 3, 4]
        scores = results.select(rows, "accuracy", **where)
        assert np.all((scores > 0) & (scores < 1))


def test_joining_reaches_its_target_with_its_interval():
    from mmtutorial.evaluation import interval

    rows = results.load("fusion_joining")["rows"]
    for keywords, target in ((2, 0.74), (None, 0.82)):
        best = max(
            (results.select(rows, "accuracy", image="features", keywords=keywords, method=method)
             for method in ("early", "concat", "sum", "late")),
            key=np.mean,
        )  # fmt: skip
        assert interval(best).low >= target


def test_select_refuses_what_is_not_there():
    with pytest.raises(ValueError, match="no row has"):
        results.select([{"method": "sum", "accuracy": 1.0}], "accuracy", method="gate")


def test_load_names_what_there_is():
    with pytest.raises(ValueError, match=r"name must be one of .*'fusion_joining'.* got 'no'"):
        results.load("no")


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "__file__", str(tmp_path / "__init__.py"))
    results.save("one", {"made": 1})
    with pytest.raises(TypeError):
        results.save("one", {"made": object()})
    assert json.loads((tmp_path / "one.json").read_text()) == {"made": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["one.json"]
