"""Columns hold all methods, and differences are those of the same seeds."""

import numpy as np
import pytest

import mmtutorial as mm
from mmtutorial.chapters.multi_task.balancing import comparison, study, study_stamps

RESULT = mm.results.load("multi_task/balancing")
STAMPS = mm.results.load("multi_task/balancing/stamps")


def test_names_are_those_of_the_studies():
    assert tuple(comparison.SITUATIONS) == tuple(study.SITUATIONS)
    assert comparison.TASKS == study.TASKS
    assert tuple(study_stamps.HEADS) == comparison.STAMPS
    assert sorted(comparison.JOINT) == sorted((*study.WEIGHTINGS, study.BEGUN))
    assert comparison.joint_of(RESULT) == list(comparison.JOINT)
    assert sorted(comparison.joint_of(STAMPS)) == sorted(study.WEIGHTINGS)
    assert (*study.ONE_MODALITY, study.SHUFFLED) == comparison.EXTRA


@pytest.mark.parametrize("situation", comparison.SITUATIONS)
def test_a_column_has_each_method_and_the_baseline_is_not_compared(situation):
    columns = comparison.score_columns(RESULT, situation)
    extra = comparison.EXTRA if situation == "as it is" else ()
    for column in columns.values():
        assert column.keys() >= {"alone", "fixed", "dynamic weights", "GradNorm", *extra}
        assert len(column) == 1 + len(comparison.JOINT) + len(extra)
        assert not {"dynamic", "gradnorm"} & column.keys(), "a key of the study, not a name"
    compared = columns["mean minus fixed"]
    assert [name for name in compared if not compared[name]] == ["alone", "fixed", *extra]
    assert columns["gain over alone, %"]["alone"] == ""


def test_a_task_alone_that_nothing_has_changed_keeps_its_scores():
    clean, changed = (
        comparison.scores_of(RESULT, "alone", situation=each)
        for each in ("as it is", "half shuffled")
    )
    np.testing.assert_array_equal(clean["artist"], changed["artist"])
    assert changed["group"].mean() < clean["group"].mean()


def test_a_mean_is_that_of_the_stored_rows():
    panel, said = comparison.mean_panels(RESULT), comparison.write_scores(RESULT)
    for method, name in {"equal": "equal", "gradnorm": "GradNorm"}.items():
        stored = mm.results.select(
            RESULT["rows"], "accuracy", method=method, task="mean", situation="in per cent"
        )
        mean = panel["lightness in per cent"][name].mean
        assert mean == pytest.approx(stored.mean())
        assert said[f"{method}_cent"] == f"{mean:.2f}"


def test_differences_are_paired_and_adjusted():
    row = comparison.differences_of(RESULT, situation="in per cent")["equal"]
    scores = [comparison.scores_of(RESULT, m, situation="in per cent") for m in ("equal", "fixed")]
    gap = np.mean([np.mean(list(each.values()), axis=0) for each in scores], axis=1)
    assert row["difference"] == pytest.approx(gap[0] - gap[1])
    assert row["low"] < row["difference"] < row["high"]
    again = comparison.paired(RESULT, "equal", "fixed", situation="in per cent")
    assert {key: pytest.approx(again[key]) for key in again} == {key: row[key] for key in again}
    assert row["p_adjusted"] >= row["p_value"]
    assert set(comparison.signs_of(RESULT, situation="in per cent").values()) <= {-1, 0, 1}
    assert set(comparison.task_signs(RESULT, "group", situation="in per cent")) == set(
        comparison.OTHERS
    )


def test_a_gap_is_that_of_the_same_seeds():
    gap = comparison.between_units(RESULT, "fixed", ("lightness",))
    clean, cent = (
        comparison.scores_of(RESULT, "fixed", situation=each)["lightness"]
        for each in ("as it is", "in per cent")
    )
    assert gap["difference"] == pytest.approx(np.mean(cent - clean))
    signs = comparison.over_alone(RESULT, situation="in per cent")
    assert list(signs) == list(comparison.JOINT)
    assert signs["equal"] == -1
    chosen = comparison.options_of(RESULT, "gradnorm", "half shuffled")
    assert set(chosen) == {"alpha", "learning_rate"}


def test_each_run_is_timed_once():
    stored = mm.results.read("multi_task/balancing")
    seconds = [each["cpu_seconds"] for each in stored["runs"] + stored["choices"]]
    minutes = comparison.write_scores(RESULT)["study_minutes"]
    assert float(minutes) == pytest.approx(sum(seconds) / 60, abs=0.51)


def test_stamps_have_their_three_tasks():
    columns = comparison.stamp_columns(STAMPS)
    assert list(columns)[:3] == list(comparison.STAMPS)
    assert set(comparison.signs_of(STAMPS)) == set(comparison.joint_of(STAMPS)[1:])


def test_weights_are_scaled_to_one_for_each_task():
    weights = comparison.last_weights(STAMPS, ("equal", "inverse"), comparison.STAMPS)
    for method in ("equal", "inverse"):
        assert sum(weights[task][method] for task in comparison.STAMPS) == pytest.approx(3)
    assert weights["sound"]["equal"] == pytest.approx(1)
