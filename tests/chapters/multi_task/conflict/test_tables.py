"""Tables hold what the stored results say, each number in its place."""

import numpy as np
import pytest

import mmtutorial as mm
from mmtutorial.chapters.multi_task.conflict import study_paths, study_speech, tables
from mmtutorial.chapters.multi_task.conflict.experiment import TASKS

RESULT = mm.results.load("multi_task/conflict")


def test_every_combination_has_its_row_and_only_sums_have_no_difference():
    for architecture, count in (("hard", 15), ("mmoe", 11)):
        columns = tables.verdict_columns(RESULT, architecture)
        assert all(len(column) == count for column in columns.values())
        alone = [name for name, text in columns["minus its sum"].items() if not text]
        assert all(name.endswith("sum") for name in alone)
        assert len(alone) == 3


def test_panels_share_their_rows_and_hold_means():
    panels = tables.dot_panels(RESULT)
    hard, mmoe = panels.values()
    assert list(hard) == list(mmoe)
    setting = tables.where("mmoe", "uncertainty", "cagrad")
    scores = mm.results.select(RESULT["rows"], "score", task="mean", **setting)
    assert mmoe["uncertainty, CAGrad"].mean == pytest.approx(scores.mean())


def test_the_mean_is_that_of_the_tasks():
    columns = tables.baseline_columns(RESULT, TASKS)
    row = "hard sharing, equal, sum"
    each = [float(columns[task][row]) for task in TASKS]
    assert float(columns["mean"][row]) == pytest.approx(np.mean(each), abs=1e-3)


def test_weights_sum_to_the_number_of_tasks():
    for method in ("pcgrad", "mgda", "cagrad", "imtl_g"):
        total = sum(tables.mean_weight(RESULT, task, method) for task in TASKS)
        assert total == pytest.approx(5, abs=0.01)
    assert set(tables.fixed_columns(RESULT, TASKS)["weight of era"]) == {
        "PCGrad", "MGDA", "CAGrad", "IMTL-G"}  # fmt: skip


def test_changed_tasks_are_compared_with_themselves_before():
    for what in ("solved task added", "artist times 100"):
        columns = tables.changed_columns(RESULT, what, "after")
        assert list(columns["after"]) == ["sum", "MGDA", "IMTL-G"]
        before, after = (float(columns[name]["sum"][:5]) for name in ("before", "after"))
        assert columns["difference"]["sum"].startswith("−" if after < before else "+")


def test_pairs_and_starts_are_shares():
    pairs = tables.pair_columns(RESULT)
    assert len(pairs["cosine, batches"]) == 10
    assert all(0 <= float(value) <= 1 for value in pairs["share of batches below 0"].values())
    caught = tables.stuck_columns(mm.results.load("multi_task/conflict/paths"))
    assert len(caught) == len(study_paths.RATES)
    assert study_paths.draw_starts(0).shape == (study_paths.STARTS, 2)


def test_spoken_lines_have_a_row_for_each_method():
    columns = tables.speech_columns(mm.results.load("multi_task/conflict/speech"), ("word",))
    assert len(columns["word"]) == len(study_speech.METHODS)
    assert tables.seconds(RESULT, aggregator="mgda") > 0
