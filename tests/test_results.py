"""Stored results are whole, say how they were made, and are written whole or not at all."""

import json

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.evaluation import interval


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


ROWS = [
    {"image": image, "method": method, "seed": seed, "accuracy": 0.1 * seed + (image == "pixels")}
    for image in ("features", "pixels")
    for method in ("sum", "late")
    for seed in range(3)
]


def test_intervals_are_of_the_rows_that_match():
    found = results.intervals(iter(ROWS), image="pixels")
    assert list(found) == ["sum", "late"]
    assert found["sum"].mean == pytest.approx(1.1)


def test_intervals_never_pool_two_settings():
    with pytest.raises(ValueError, match=r"several rows a seed for 'sum': name the setting, got {"):
        results.intervals(ROWS)
    stored = results.load("fusion_joining")["rows"]
    with pytest.raises(ValueError, match=r"several rows a seed .*got {'image': 'features'}"):
        results.intervals(stored, image="features")


def test_an_unknown_key_is_named_with_the_known_ones():
    known = r"known are \['image', 'method', 'seed', 'accuracy'\]"
    with pytest.raises(ValueError, match=f"no row has a key 'acuracy'; {known}"):
        results.select(ROWS, "acuracy", method="sum")
    with pytest.raises(ValueError, match=f"no row has a key 'keyword'; {known}"):
        results.select(ROWS, "accuracy", keyword=1)
    with pytest.raises(ValueError, match=f"no row has a key 'keyword'; {known}"):
        results.intervals(ROWS, keyword=1)
    with pytest.raises(ValueError, match="no row has a key 'method'"):
        results.intervals([{"size": 1, "accuracy": 0.5}])


def test_a_missing_value_is_no_number():
    rows = [{"method": "late", "seconds": None}, {"method": "late", "seconds": 3.0}]
    with pytest.raises(ValueError, match=r"1 of 2 rows with {'method': 'late'} have no 'seconds'"):
        results.select(rows, "seconds", method="late")
    with pytest.raises(ValueError, match=r"1 of 2 rows with {} have no 'minutes'"):
        results.select([{"minutes": 1}, {}], "minutes")


def test_a_table_has_the_same_rows_in_all_columns():
    table = results.Table({"a": {"sum": 1, "late": 2}, "b": {"late": 4, "sum": 3}}, "T")
    assert repr(table).splitlines()[-2:] == ["| sum | 1 | 3 |", "| late | 2 | 4 |"]
    message = r"same rows, got \['sum'\] in 'a' and \['sum', 'late'\] in 'b'"
    with pytest.raises(ValueError, match=message):
        results.Table({"a": {"sum": 1}, "b": {"sum": 1, "late": 2}})
    with pytest.raises(ValueError, match="columns must hold at least one column"):
        results.Table({})


def test_load_names_what_there_is():
    with pytest.raises(ValueError, match=r"name must be one of .*'fusion_joining'.* got 'no'"):
        results.load("no")


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "__file__", str(tmp_path / "__init__.py"))
    results.save("one", {"made": 1})
    with pytest.raises(TypeError):
        results.save("one", {"made": object()})
    assert json.loads((tmp_path / "one.json").read_text(encoding="utf-8")) == {"made": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["one.json"]


def test_a_table_is_a_table_on_a_page():
    from xml.etree import ElementTree

    table = results.Table({"a < b": {"sum": 0.5}, "c": {"sum": 1}}, "Title")
    page = ElementTree.fromstring(table._repr_html_())
    assert page.find("caption").text == "Title"
    assert [cell.text for cell in page.iter("th")] == ["a < b", "c", "sum"]
    assert [cell.text for cell in page.find("tbody").iter("td")] == ["0.5", "1"]


def test_differences_are_taken_seed_by_seed():
    rows = [
        dict(method=method, seed=seed, side=side, accuracy=seed + (side == "b") * (1 + 0.1 * seed))
        for side, seeds in (("a", (0, 1, 2)), ("b", (2, 0, 1)))
        for seed in seeds
        for method in ("one", "two")
    ]
    found = results.differences(rows, of={"side": "b"}, minus={"side": "a"})
    assert list(found) == ["one", "two"]
    expected = interval([1.0, 1.1, 1.2])
    np.testing.assert_allclose(found["one"], expected)
    with pytest.raises(ValueError, match="'one' must have the same seeds in both"):
        results.differences(rows[2:], of={"side": "b"}, minus={"side": "a"})
