"""Differences are taken seed by seed, one family at a time, of what was run."""

import numpy as np
import pytest

from mmtutorial.chapters.multi_task.conflict import compare, settings
from mmtutorial.chapters.multi_task.conflict.experiment import TASKS
from mmtutorial.chapters.multi_task.conflict.study import STUDIES

(STUDY,) = STUDIES
OTHER = {**settings.PLAIN, "aggregator": "mgda"}


def rows_of(setting, scores, task="mean"):
    return [{**setting, "seed": i, "task": task, "score": s} for i, s in enumerate(scores)]


def test_a_difference_is_paired_by_seed():
    rows = rows_of(OTHER, [0.5, 0.7, 0.601]) + rows_of(settings.PLAIN, [0.4, 0.6, 0.5])[::-1]
    (found,) = compare.compare_pairs(rows, "method minus sum", [(OTHER, settings.PLAIN)])
    assert found["difference"] == pytest.approx(0.1, abs=1e-3)
    assert found["low"] == pytest.approx(0.1, abs=2e-3)
    assert found["p_adjusted"] < 1e-4
    assert found["aggregator"] == "mgda"


def test_a_family_is_adjusted_together_and_what_was_not_run_is_left_out():
    rng = np.random.default_rng(0)
    rows = rows_of(settings.PLAIN, rng.normal(size=5)) + rows_of(OTHER, rng.normal(size=5))
    pairs = [(OTHER, settings.PLAIN), (settings.PLAIN, OTHER), (settings.APART, OTHER)]
    found = compare.compare_pairs(rows, "both", pairs)
    assert len(found) == 2
    assert all(row["p_adjusted"] == min(1, 2 * row["p"]) for row in found)


def test_gains_are_relative_to_models_apart():
    rows = []
    for task in TASKS:
        rows += rows_of(settings.PLAIN, [0.55, 0.66], task)
        rows += rows_of(settings.APART, [0.5, 0.6], task)
    (found,) = compare.gains(rows, [settings.PLAIN, OTHER], settings.APART, TASKS)
    assert found["gain"] == pytest.approx(0.1, abs=0.01)


def test_a_study_that_has_not_begun_has_no_comparisons():
    assert compare.compare({"rows": []}) == {"differences": [], "gains": []}


def test_the_grid_holds_every_combination_that_the_text_speaks_of():
    every = STUDY.settings()
    hard = [each for each in every if each["architecture"] == "hard" and settings.is_joint(each)]
    assert len(hard) == 15
    mmoe = [each for each in every if each["architecture"] == "mmoe"]
    assert len(mmoe) == 11
    assert settings.PLAIN in every
    assert settings.APART in every
    for method in settings.METHODS:
        fixed = {**settings.PLAIN, "weighting": f"as {method}"}
        assert STUDY.needs(fixed) == [{**settings.PLAIN, "aggregator": method}]
