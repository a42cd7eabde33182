"""What the chapter says of the fusion methods on stamps is what the file holds."""

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.chapters.fusion.which_fusion import study_stamps
from mmtutorial.data import load_stamps
from mmtutorial.fusion._names import BY_NAME

STORED = results.load("fusion/which_fusion/stamps")
(STUDY,) = study_stamps.STUDIES
ALONE = ("image", "speech", "text")


def test_every_method_is_measured_and_late_fusion_reads_what_it_pools():
    assert sorted(study_stamps.ALL) == sorted({*ALONE, "early", *BY_NAME})
    needed = STUDY.needs({"method": "late", "fold": 3})
    assert needed == [{"method": name, "fold": 3} for name in ALONE]


def test_each_search_is_of_one_size_and_tries_the_same_learning_rates():
    for method in study_stamps.ALL:
        recipes = study_stamps.candidates(method)
        assert len(set(recipes)) == 8
        assert {recipe.learning_rate for recipe in recipes} == {0.004, 0.01}


def test_weights_of_late_fusion_sum_to_one():
    for choice in STORED["choices"]:
        if choice["method"] == "late":
            assert sorted(choice["config"]["weights"]) == sorted(ALONE)
            assert sum(choice["config"]["weights"].values()) == pytest.approx(1)


def test_no_network_gets_further_than_linear_models_whose_probabilities_are_multiplied():
    """The study says so where it says what it does."""
    linear = results.load("background/what_is_multimodal/modalities")["rows"]
    linear = [row for row in linear if row["method"] == "image + text"]
    sizes = [len(load_stamps(image="features", fold=row["fold"]).test) for row in linear]
    reached = np.average([row["accuracy"] for row in linear], weights=sizes)
    found = {m: np.mean(results.select(STORED["rows"], "accuracy", method=m))
             for m in study_stamps.ALL}  # fmt: skip
    assert max(found.values()) <= reached + 0.001
    assert {*sorted(found, key=found.get)[-3:]} == {"concat", "early", "late"}
    assert found["concat"] > reached - 0.02


def test_what_stamps_lack_is_counted_and_shuffling_the_photograph_costs_most():
    tests = [load_stamps(image="features", fold=fold).test for fold in range(5)]
    for row in STORED["absent"]:
        there = np.concatenate([split.presence[row["modality"]] for split in tests])
        assert (row["items"], row["absent"]) == (len(there), np.sum(~there))
        assert row["share"] == pytest.approx(np.mean(~there))
    found = {method: each.mean for method, each in results.intervals(STORED["rows"]).items()}
    wrong = {name: found[f"concat, {name} shuffled"] for name in ALONE}
    assert min(wrong, key=wrong.get) == "image"
    assert wrong["image"] < found["concat"] - 0.2


@pytest.mark.parametrize("method", ["image", "concat"])
def test_a_stored_run_made_again_says_the_same(method):
    """Five items of 130: another processor rounds otherwise, and the vocabulary has grown."""
    row = STUDY.run_one(seed=2, method=method, fold=2)[0]
    stored = next(r for r in STORED["rows"] if (r["method"], r["fold"]) == (method, 2))
    assert row["accuracy"] == pytest.approx(stored["accuracy"], abs=0.04)
    assert row["parameters"] == pytest.approx(stored["parameters"], rel=0.01)
