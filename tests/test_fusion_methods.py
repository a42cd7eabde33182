"""The table of all fusion methods: what is planned, how it is merged, and what the file holds."""

import importlib
import itertools
import sys
from pathlib import Path

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.evaluation import interval
from mmtutorial.fusion._names import BY_NAME

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
STORED = results.load("fusion_methods") if "fusion_methods" in results.available() else None
PARTS = [] if STORED is None else sorted(
    {(row["language"], row["keywords"]) for row in STORED["rows"]}, key=str
)  # fmt: skip


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("fusion_methods")
    sys.modules.pop("fusion_methods")


def of(key, part, **where):
    """Return a part's rows of one table of the file."""
    where |= dict(zip(("language", "keywords"), part, strict=True))
    return [row for row in STORED[key] if where.items() <= row.items()]


def test_the_plan_covers_every_method_in_every_part_once(bench):
    methods = {*BY_NAME, "image", "text", "early"}
    expected = set(itertools.product(("en", "zh"), (1, 2, None), methods))
    parts = bench.plan()
    assert len(parts) == len(expected)
    assert set(parts) == expected
    assert [part[:2] for part in parts[:: len(methods)]][:2] == [("en", 2), ("en", 1)]
    assert bench.plan(["zh"], [None], ["sum"]) == [("zh", None, "sum")]


def test_late_fusion_comes_after_what_it_pools_and_each_search_is_of_one_size(bench):
    assert max(map(bench.ALL.index, bench.ALONE)) < bench.ALL.index("late")
    sizes = {len(bench.joining.candidates("features", m)) for m in bench.ALL if m != "late"}
    assert sizes == {8}


def test_english_choices_of_the_joining_table_are_taken_from_it(bench):
    assert bench.stored_choice("en", 2, "concat")["recipe"]["epochs"] > 0
    assert bench.stored_choice("en", None, "late")["weight"] > 0
    assert bench.stored_choice("zh", 2, "image") == bench.stored_choice("en", 2, "image")
    assert bench.stored_choice("zh", 2, "concat") is None
    assert bench.stored_choice("en", 2, "gated") is None


def test_holm_by_hand(bench):
    np.testing.assert_allclose(bench.adjust([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(bench.adjust([0.9, 0.6]), [1, 1])


def fake(bench, method, right):
    """Make what a measurement of one method finds, with the same runs for all seeds."""
    setting = {"language": "en", "keywords": 2, "method": method}
    mean = np.mean([int(digit) for digit in right]) / 5
    rows = [{**setting, "seed": seed, "accuracy": mean} for seed in range(5)]
    choice = {**setting, "validation": mean, "origin": "fusion_methods"}
    return {"rows": rows, "right": [{**setting, "right": right}], "choices": [choice]}


def test_merging_replaces_a_method_and_compares_it_again(bench, monkeypatch):
    kept = {}
    monkeypatch.setattr(results, "available", lambda: sorted(kept))
    monkeypatch.setattr(results, "load", lambda name: kept[name])
    monkeypatch.setattr(results, "save", kept.__setitem__)
    items = len(bench.load_task("en", 2).targets("test"))
    for method, right in (("gated", "5"), ("concat", "4"), ("image", "1"), ("text", "3"),
                          ("gated", "0")):  # fmt: skip
        bench.merge("en", 2, method, fake(bench, method, right * items), 1.5)
    found = kept["fusion_methods"]
    assert [row["method"] for row in found["right"]] == ["image", "text", "concat", "gated"]
    assert len(found["rows"]) == 20
    gains = {(r["method"], r["against"]): r["difference"] for r in found["comparisons"]}
    assert gains == {("concat", "text"): pytest.approx(0.2),
                     ("gated", "concat"): pytest.approx(-0.8),
                     ("gated", "text"): pytest.approx(-0.6)}  # fmt: skip
    assert {row["method"]: row["rank"] for row in found["ranks"]} == {
        "concat": 1, "text": 2, "image": 3, "gated": 4,
    }  # fmt: skip
    assert found["made"]["minutes"] == 6  # the first run of the gate counts no more
    assert not bench.is_missing(("en", 2, "gated"))
    assert bench.is_missing(("en", 1, "gated"))


# The stored file, as far as it is measured


@pytest.mark.parametrize("part", PARTS)
def test_each_method_has_five_seeds_a_choice_and_a_rank(part):
    methods = [row["method"] for row in of("right", part)]
    assert len(set(methods)) == len(methods)
    for method in methods:
        rows = of("rows", part, method=method)
        assert sorted(row["seed"] for row in rows) == [0, 1, 2, 3, 4]
        assert len({row["parameters"] for row in rows}) == 1
        for row in rows:
            assert 0 < row["macro_f1"] < 1
            assert row["seconds"] > 0
        (counts,) = of("right", part, method=method)
        mean = np.mean([int(digit) for digit in counts["right"]]) / 5
        assert mean == pytest.approx(np.mean([row["accuracy"] for row in rows]))
        (choice,) = of("choices", part, method=method)
        assert 0 < choice["validation"] < 1
        assert ("recipe" in choice) != ("weight" in choice)
    ranks = [row["rank"] for row in of("ranks", part)]
    assert len(ranks) == len(methods)
    assert np.mean(ranks) == pytest.approx((len(methods) + 1) / 2)


@pytest.mark.parametrize("part", PARTS)
def test_comparisons_are_those_of_the_rows(part):
    def mean(method):
        return np.mean([row["accuracy"] for row in of("rows", part, method=method)])

    for row in of("comparisons", part):
        assert row["difference"] == pytest.approx(mean(row["method"]) - mean(row["against"]))
        assert row["low"] <= row["difference"] <= row["high"]
        assert 0 < row["p_value"] <= row["p_adjusted"] <= 1
    methods = {row["method"] for row in of("right", part)}
    if {"image", "text", "concat"} <= methods:
        compared = {row["method"] for row in of("comparisons", part, against="concat")}
        assert compared == methods - {"image", "text", "concat"}


@pytest.mark.parametrize("part", [part for part in PARTS if part[0] == "en"])
def test_runs_made_again_are_those_of_the_joining_table(part):
    rows = results.load("fusion_joining")["rows"]
    for method in ("image", "text", "early", "concat", "sum", "late"):
        again = {row["seed"]: row["accuracy"] for row in of("rows", part, method=method)}
        for seed, accuracy in again.items():
            where = {"image": "features", "keywords": part[1], "method": method, "seed": seed}
            np.testing.assert_allclose(
                results.select(rows, "accuracy", **where), accuracy, atol=0.01
            )


@pytest.mark.parametrize(("keywords", "target"), [(1, 0.75), (2, 0.78), (None, 0.85)])
def test_the_best_method_reaches_its_target(keywords, target):
    rows = [] if STORED is None else of("rows", ("en", keywords))
    methods = {row["method"] for row in rows} - {"image", "text"}
    if not methods:
        pytest.skip("not measured yet")
    scores = [[row["accuracy"] for row in rows if row["method"] == method] for method in methods]
    assert interval(max(scores, key=np.mean)).mean >= target
