"""What chapter "Honest evaluation" says of its tables is what the files hold."""

from functools import cache

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.chapters.background.evaluation import (
    study,
    study_attribution,
    study_calibration,
    study_gain,
)
from mmtutorial.chapters.background.evaluation.recipes import chosen_recipe, load_task
from mmtutorial.evaluation import interval
from mmtutorial.studies.study import search_setting

MODULES = (study, study_attribution, study_calibration, study_gain)
STUDIES = {each.name.split("/")[-1]: each for module in MODULES for each in module.STUDIES}
LEAKING, HONEST = {"side": "leaking"}, {"side": "honest"}


@cache
def load(name):
    return results.load(STUDIES[name].name)


def rows(name):
    return load(name)["rows"]


def test_a_random_split_of_rows_leaks_most_for_the_words():
    held_out = {"judge": "held out"}
    leak = results.differences(rows("concepts"), of=LEAKING, minus=HONEST, **held_out)
    assert min(gain.low for gain in leak.values()) > 0
    assert max(leak, key=lambda method: leak[method].mean) == "text"
    on_rows = results.intervals(rows("concepts"), **LEAKING, **held_out)
    on_test = results.intervals(rows("concepts"), **LEAKING, judge="honest test")
    assert on_test["concat"].high < on_rows["concat"].low


def test_the_same_designers_move_little():
    moved = results.index_rows(load("designers")["comparisons"], "method")
    assert moved["image"]["low"] < 0 < moved["image"]["high"]
    assert 0 < moved["concat"]["difference"] < 0.03


def test_concatenation_is_better_than_the_sum_over_twelve_seeds():
    concat, added = (
        results.select(rows("seeds"), "accuracy", method=method) for method in ("concat", "sum")
    )
    assert len(concat) == len(added) == 12
    assert interval(concat).low > interval(added).high


def test_the_gain_of_the_draft_melts():
    steps = [row["product"] - row["concat"] for row in load("draft")["steps"]]
    assert steps[0] > 0.05 > steps[1]
    (paired,) = load("gain")["comparisons"]
    assert paired["low"] < 0 < paired["high"]


@pytest.mark.parametrize("method", ["concat", "product"])
def test_the_draft_and_the_search_choose_alike(method):
    """Both train with one seed, so they choose one recipe, and the draft's epoch is its best."""
    (choice,) = [c for c in load("gain")["choices"] if c["method"] == method]
    tries = [row for row in rows("draft") if row["method"] == method]
    rates = {key: choice["config"][key] for key in study_gain.REFLEX}
    (chosen,) = [row for row in tries if rates.items() <= row.items()]
    step = load("draft")["steps"][2][method]
    assert chosen["test"][choice["config"]["epochs"] - 1] == pytest.approx(step, abs=0.02)


def test_a_sum_is_enough_but_where_both_must_be_related():
    found = rows("attribution") + rows("matching")
    score, additive = results.intervals(found), results.intervals(found, "emap")
    assert all(score[name] == additive[name] for name in score if "concat" in name)
    assert additive["does it belong?"].low < 0.5 < score["does it belong?"].low
    share = results.intervals(found, "share_text")
    assert share["concat, 1 keyword"].high < share["concat, all keywords"].low


def test_the_text_is_too_sure_and_the_mean_too_modest():
    says = results.intervals(rows("calibration"), "confidence")
    right = results.intervals(rows("calibration"))
    assert all(says[name].low > right[name].high for name in ("text", "late, product"))
    assert all(says[name].high < right[name].low for name in ("image", "late, mean"))


def test_reliability_pools_all_answers_of_five_seeds():
    items = len(load_task(2).targets("test"))
    for row in load("calibration")["reliability"]:
        assert sum(row["count"]) == 5 * items
        right = np.dot(row["count"], row["accuracy"]) / (5 * items)
        stored = results.select(rows("calibration"), "accuracy", method=row["method"])
        assert right == pytest.approx(stored.mean(), abs=1e-3)


@pytest.mark.parametrize("name", ["designers", "seeds"])
def test_recipes_are_those_that_joining_chose(name):
    for choice in load(name)["choices"]:
        assert choice["config"] == chosen_recipe(2, choice["method"])["config"]
    with pytest.raises(ValueError, match="has chosen nothing for 'mean' with 2 keywords"):
        chosen_recipe(2, "mean")


def test_a_live_cell_agrees():
    """Rounding grows in training: on another machine some of the 382 items may flip."""
    (live,) = STUDIES["seeds"].run_one(seed=0, method="sum")
    stored = results.select(rows("seeds"), "accuracy", method="sum", seed=0)[0]
    assert live["accuracy"] == pytest.approx(stored, abs=0.03)


def test_the_search_for_a_gain_has_no_test_split(monkeypatch):
    asked = []
    monkeypatch.setattr(
        study_gain, "search_recipes", lambda task, *args, **kwargs: asked.append(task) or FOUND
    )
    FOUND = {"validation": 0.5, "config": {}}
    search_setting(STUDIES["gain"], {"method": "concat"}, None)
    (task,) = asked
    assert len(task.targets("test")) == len(task.inputs("test", seed=0)["image"]) == 0
    assert len(task.targets("validation")) > 0
