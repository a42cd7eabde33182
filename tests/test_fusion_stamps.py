"""Fusion methods on stamps: fair searches, honest comparisons, and one run made again."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.data import load_stamps
from mmtutorial.evaluation import paired_bootstrap
from mmtutorial.experiments import StampRecipe, log_probabilities, train_stamp_model
from mmtutorial.fusion._names import BY_NAME

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
STORED = results.load("fusion_stamps") if "fusion_stamps" in results.available() else None
METHODS = [] if STORED is None else [row["method"] for row in STORED["right"]]
ALONE = ("image", "speech", "text")
needs_concat = pytest.mark.skipif("concat" not in METHODS, reason="not measured yet")


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("fusion_stamps")
    for name in ("fusion_stamps", "fusion_methods"):
        sys.modules.pop(name)


def of(key, **where):
    """Return the rows of one table of the file that match."""
    return [row for row in STORED[key] if where.items() <= row.items()]


def recipe_of(choice):
    """Make the recipe again from what is stored of it."""
    return StampRecipe(**{**choice["recipe"], "hidden": tuple(choice["recipe"]["hidden"])})


# What is planned


def test_every_method_is_measured_and_late_after_what_it_pools(bench):
    assert sorted(bench.ALL) == sorted({*ALONE, "early", *BY_NAME})
    assert max(map(bench.ALL.index, ALONE)) < bench.ALL.index("late")


def test_each_search_is_of_one_size_and_tries_the_same_rates_of_learning(bench):
    for method in bench.ALL:
        recipes = bench.candidates(method)
        assert len(set(recipes)) == 8
        assert {recipe.learning_rate for recipe in recipes} == {0.004, 0.01}


def test_a_model_that_is_used_again_learns_what_a_new_one_does(bench):
    recipe = bench.BASE.but(units=8, epochs=2, modality_dropout=0.3)
    for fold in (1, 0):
        task = bench.load_task(fold)
        again = bench.train(task, "concat", recipe, seed=fold)
    assert len(bench.TRACED) == 1
    anew = train_stamp_model(task, "concat", recipe, seed=0)
    inputs = task.inputs("validation")
    expected = log_probabilities(anew, inputs)
    np.testing.assert_allclose(bench.believe(again, inputs), expected, atol=1e-4)


def fake(bench, method, right):
    """Make what a measurement of one method finds, with the same digit for all items of a fold."""
    sizes = [len(bench.load_task(fold).targets("test")) for fold in bench.FOLDS]
    where = [{"method": method, "fold": fold, "seed": fold} for fold in bench.FOLDS]
    text = "".join(digit * size for digit, size in zip(right, sizes, strict=True))
    accuracies = [float(digit) for digit in right]
    return {
        "rows": [{**w, "accuracy": a} for w, a in zip(where, accuracies, strict=True)],
        "choices": [{**w, "validation": a} for w, a in zip(where, accuracies, strict=True)],
        "right": [{"method": method, "right": text}],
        "shuffled": [],
    }


def test_merging_replaces_a_method_and_compares_it_again(bench, monkeypatch):
    kept = {}
    monkeypatch.setattr(results, "available", lambda: sorted(kept))
    monkeypatch.setattr(results, "load", lambda name: kept[name])
    monkeypatch.setattr(results, "save", kept.__setitem__)
    found = [("gated", "11111"), ("concat", "11110"), ("text", "11000"), ("image", "10000"),
             ("speech", "00000"), ("gated", "00000")]  # fmt: skip
    for method, right in found:
        bench.merge(method, fake(bench, method, right), 1.5)
    result = kept["fusion_stamps"]
    methods = ["image", "speech", "text", "concat", "gated"]
    assert [row["method"] for row in result["right"]] == methods
    assert len(result["rows"]) == 25
    gains = {(row["method"], row["against"]): row["difference"] for row in result["comparisons"]}
    assert gains == {("gated", "concat"): pytest.approx(-0.8, abs=0.01),
                     ("concat", "text"): pytest.approx(0.4, abs=0.01),
                     ("gated", "text"): pytest.approx(-0.4, abs=0.01)}  # fmt: skip
    assert result["ranks"][3]["rank"] == np.mean([2, 1.5, 1, 1, 3])
    assert result["made"]["minutes"] == 8  # 7.5: the first run of the gate counts no more


# The stored file, as far as it is measured


@pytest.fixture(scope="module")
def tests():
    return [load_stamps(image="features", fold=fold).test for fold in range(5)]


@pytest.mark.parametrize("method", METHODS)
def test_each_method_has_a_run_a_choice_and_all_items_in_every_fold(method, tests):
    rows, choices = of("rows", method=method), of("choices", method=method)
    assert [row["seed"] for row in rows] == [row["fold"] for row in choices] == [0, 1, 2, 3, 4]
    assert len({row["parameters"] for row in rows}) <= 5
    (found,) = of("right", method=method)
    digits, start = np.array([int(digit) for digit in found["right"]]), 0
    for row, choice, split in zip(rows, choices, tests, strict=True):
        here = digits[start : start + len(split)]
        assert row["accuracy"] == pytest.approx(here.mean())
        assert 0 < row["macro_f1"] < 1
        assert row["seconds"] > 0
        assert 0 < choice["validation"] < 1
        assert ("recipe" in choice) != ("weights" in choice)
        if "weights" in choice:
            assert sorted(choice["weights"]) == sorted(ALONE)
            assert sum(choice["weights"].values()) == pytest.approx(1)
        start += len(split)
    assert start == len(digits)


@pytest.mark.parametrize("method", METHODS)
def test_comparisons_follow_from_what_is_stored_of_each_item(method, tests):
    clusters = np.concatenate([split.info["cluster"] for split in tests])
    right = {row["method"]: [int(digit) for digit in row["right"]] for row in STORED["right"]}
    for row in of("comparisons", method=method):
        again = paired_bootstrap(right[method], right[row["against"]], groups=clusters)
        assert again._asdict() == pytest.approx({key: row[key] for key in again._fields})
        assert row["p_value"] <= row["p_adjusted"] <= 1


@needs_concat
def test_all_fusions_are_compared_with_concatenation_and_with_the_best_modality():
    validation = {
        name: results.select(STORED["choices"], "validation", method=name).mean() for name in ALONE
    }
    for against in ("concat", max(validation, key=validation.get)):
        rows = of("comparisons", against=against)
        assert [row["method"] for row in rows] == [
            name for name in METHODS if name not in (*ALONE, against)
        ]
        order = sorted(rows, key=lambda row: row["p_value"])
        steps = [row["p_value"] * (len(rows) - i) for i, row in enumerate(order)]
        holm = np.minimum(np.maximum.accumulate(steps), 1)
        np.testing.assert_allclose([row["p_adjusted"] for row in order], holm)
    ranks = [row["rank"] for row in STORED["ranks"]]
    assert np.mean(ranks) == pytest.approx((len(METHODS) + 1) / 2)


@needs_concat
def test_no_network_gets_further_than_linear_models_whose_beliefs_are_multiplied():
    """The benchmark says so where it says what it does."""
    rows = [row for row in results.load("background_modalities")["rows"] if "items" in row]
    linear = [row for row in rows if row["method"] == "image + text"]
    items = [row["items"] for row in linear]
    reached = np.average([row["accuracy"] for row in linear], weights=items)
    found = {name: np.mean(results.select(STORED["rows"], "accuracy", method=name))
             for name in METHODS}  # fmt: skip
    assert max(found.values()) <= reached
    assert sorted(found, key=found.get)[-3:] == sorted(("concat", "early", "late"), key=found.get)
    assert found["concat"] > reached - 0.02


@needs_concat
def test_what_stamps_lack_is_counted_and_shuffling_the_photograph_costs_most(tests):
    for row in STORED["absent"]:
        there = np.concatenate([split.presence[row["modality"]] for split in tests])
        assert row["items"] == len(there)
        assert row["absent"] == np.sum(~there)
        assert row["share"] == pytest.approx(np.mean(~there))
    whole = results.intervals(STORED["rows"])["concat"].mean
    wrong = {
        row["method"]: results.select(STORED["shuffled"], "accuracy", method=row["method"]).mean()
        for row in STORED["shuffled"]
    }
    assert sorted(wrong) == [f"concat, {name} shuffled" for name in ALONE]
    assert min(wrong, key=wrong.get) == "concat, image shuffled"
    assert wrong["concat, image shuffled"] < whole - 0.2


@needs_concat
@pytest.mark.parametrize("method", ["image", "concat"])
def test_a_stored_run_made_again_says_the_same(bench, method):
    (row,), (choice,) = of("rows", method=method, fold=2), of("choices", method=method, fold=2)
    task, recipe = bench.load_task(2), recipe_of(choice)
    model = train_stamp_model(task, method, recipe, seed=2)
    votes = log_probabilities(model, task.inputs("test"))
    accuracy = np.mean(votes.argmax(axis=1) == task.targets("test"))
    assert accuracy == pytest.approx(row["accuracy"], abs=0.04)  # five items of 130
    assert model.count_params() == row["parameters"]
