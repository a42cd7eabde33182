"""A study resumes, searches without the test split, compares, and never loses what it has."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import small_study
from small_study import NAME, STUDY

from mmtutorial import results
from mmtutorial._checksums import write_checked
from mmtutorial.data import DataError
from mmtutorial.evaluation import holm, paired_bootstrap
from mmtutorial.results._format import flatten
from mmtutorial.results._stored import path_of
from mmtutorial.studies import Contrast, best_alone, command, main, store
from mmtutorial.studies.contrasts import compare, read_counts, write_counts


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Let the small study be stored elsewhere."""
    (tmp_path / "fusion" / "small").mkdir(parents=True)
    monkeypatch.setattr("mmtutorial._packages.CHAPTERS", tmp_path)
    return tmp_path / "fusion" / "small"


@pytest.fixture
def ran(monkeypatch):
    """Return the cells that are run, in order."""
    cells, run = [], command.run_cell

    def watch(study, setting, config, seed):
        cells.append((setting["spread"], setting["method"], seed))
        return run(study, setting, config, seed)

    monkeypatch.setattr(command, "run_cell", watch)
    return cells


def without_times(stored):
    """Drop what differs from run to run: clocks and sessions."""
    text = json.dumps({key: stored[key] for key in ("choices", "runs", "items", "contrasts")})
    return json.loads(
        text, object_hook=lambda o: {k: v for k, v in o.items() if k != "cpu_seconds"}
    )


def test_a_study_runs_all_cells_once_and_then_nothing(ran, folder):
    command.run_study(STUDY)
    assert len(ran) == len(set(ran)) == 18
    before = (folder / "results.json").read_bytes()
    command.run_study(STUDY)
    assert len(ran) == 18
    assert (folder / "results.json").read_bytes() == before


def test_what_is_there_is_not_run_again(ran):
    whole = without_times(command.run_study(STUDY))
    stored = store.load_stored(NAME)
    lost = {"spread": 1.0, "method": "linear"}
    store.drop_runs(stored, [lost], choices=False)
    results.save(NAME, stored)
    ran.clear()
    assert without_times(command.run_study(STUDY)) == whole
    assert ran == [(1.0, "linear", seed) for seed in (0, 1, 2)]


def test_an_interruption_loses_one_cell_at_most(ran, monkeypatch):
    whole = without_times(command.run_study(STUDY))
    path_of(NAME).unlink()
    path_of(NAME).with_name("SHA256SUMS").unlink()
    run, done = command.run_cell, []

    def stop(*cell):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(cell)
        return run(*cell)

    with monkeypatch.context() as patch:
        patch.setattr(command, "run_cell", stop)
        with pytest.raises(KeyboardInterrupt):
            command.run_study(STUDY)
    assert len(store.load_stored(NAME)["runs"]) == 4
    ran.clear()
    assert without_times(command.run_study(STUDY)) == whole
    assert len(ran) == 14


def test_only_some_settings_are_run_and_those_they_need_are_searched(ran):
    stored = command.run_study(STUDY, {"method": ["same"], "spread": ["0.5"]})
    assert ran == [(0.5, "same", seed) for seed in (0, 1, 2)]
    assert [choice["setting"]["method"] for choice in stored["choices"]] == ["same", "linear"]


def test_rerun_keeps_what_was_chosen_and_search_does_not(ran, monkeypatch):
    command.run_study(STUDY)
    searched, search = [], command.search_setting

    def watch(study, setting, choices):
        searched.append(setting)
        return search(study, setting, choices)

    monkeypatch.setattr(command, "search_setting", watch)
    ran.clear()
    command.run_study(STUDY, {"spread": ["0.5"]}, again="run")
    assert len(ran) == 9
    assert not searched
    command.run_study(STUDY, {"spread": ["0.5"]}, again="search")
    assert len(ran) == 18
    assert len(searched) == 3


def test_searching_again_drops_what_builds_on_the_choice(ran):
    command.run_study(STUDY)
    ran.clear()
    stored = command.run_study(STUDY, {"spread": ["0.5"], "method": ["linear"]}, again="search")
    assert sorted(ran) == [
        (0.5, method, seed) for method in ("linear", "same") for seed in range(3)
    ]
    assert len(stored["runs"]) == 18
    assert len(stored["choices"]) == 6


def test_dependents_are_found_through_others():
    chain = {"same": "linear", "flat": "same"}
    study = replace(STUDY, needs=lambda s: [{**s, "method": chain[s["method"]]}]
                    if s["method"] in chain else [])  # fmt: skip
    first = {"spread": 1.0, "method": "linear"}
    assert study.dependents([first]) == [{**first, "method": m} for m in ("same", "flat")]
    assert study.dependents([{**first, "method": "flat"}]) == []


def test_a_search_that_asks_for_the_test_split_finds_nothing_there():
    seen = []

    def search(task, setting, choices):
        seen.append(len(task.points["test"]))
        return {"validation": 0.5, "config": {"penalty": 1.0}}

    command.search_setting(replace(STUDY, search=search), STUDY.settings()[1], None)
    assert seen == [0]


@pytest.mark.parametrize("found", [{}, {"validation": 1.0}, {"config": {}, "test": 1.0}])
def test_a_search_returns_a_score_and_a_choice(found):
    study = replace(STUDY, search=lambda *_: found)
    with pytest.raises(ValueError, match="search must return validation and config"):
        command.search_setting(study, STUDY.settings()[1], None)


def test_searches_that_need_each_other_are_refused():
    study = replace(STUDY, needs=lambda setting: [setting])
    with pytest.raises(ValueError, match="needs itself"):
        command.run_study(study)


def test_comparisons_are_those_of_the_items_paired_by_group_and_adjusted(ran):
    stored = command.run_study(STUDY)
    correct = {
        (item["labels"]["spread"], item["labels"]["method"]): read_counts(item["counts"]) / 3
        for item in stored["items"]
    }
    groups = np.arange(60) // 2
    for spread in (0.5, 1.0):
        rows = [row for row in stored["contrasts"] if row["spread"] == spread]
        tests = {
            name: paired_bootstrap(correct[spread, name], correct[spread, "linear"], groups=groups)
            for name in ("same", "flat")
        }
        adjusted = holm([test.p_value for test in tests.values()])
        assert [row["method"] for row in rows] == list(tests)
        for row, test, p in zip(rows, tests.values(), adjusted, strict=True):
            assert row["against"] == "linear"
            assert (row["difference"], row["p_value"], row["p_adjusted"]) == (*test[::3], p)
    same = [row for row in stored["contrasts"] if row["method"] == "same"]
    assert all(row["difference"] == 0 and row["p_adjusted"] == 1 for row in same)


def item(counts, **labels):
    return {"setting": labels, "labels": labels, "seeds": 1, "counts": counts}


def test_folds_are_pooled_and_baselines_may_differ():
    items = [
        item(counts, method=method, fold=fold)
        for method, both in {"a": ("11", "1"), "b": ("00", "0"), "c": ("10", "1")}.items()
        for fold, counts in enumerate(both)
    ]
    shared = {"groups": lambda labels: np.arange(2 - labels["fold"]), "pool": ("fold",)}
    (row,) = compare(Contrast("method", lambda *_: {"a": "b", "c": "x"}, **shared), items, [])
    assert (row["method"], row["against"], row["difference"]) == ("a", "b", 1.0)
    choices = [
        {"setting": {"method": m, "fold": 0}, "validation": v} for m, v in (("a", 0.1), ("b", 0.2))
    ]
    rows = compare(Contrast("method", best_alone("a", "b"), **shared), items, choices)
    assert [(row["method"], row["against"]) for row in rows] == [("a", "b"), ("c", "b")]
    assert not compare(Contrast("method", best_alone("a", "x"), **shared), items, choices)


@pytest.mark.parametrize("sums", [[0, 5, 12], [0.5, 1], [], [40, 1]])
def test_counts_survive_writing_and_reading(sums):
    assert np.array_equal(read_counts(write_counts(np.array(sums, float))), sums)


def test_a_live_cell_is_the_stored_one():
    stored = flatten(command.run_study(STUDY))
    (row, half) = STUDY.run_one(seed=1, spread=1.0, method="linear")
    assert row["accuracy"] == results.select(
        stored["rows"], "accuracy", spread=1.0, method="linear", seed=1
    )
    assert half["method"] == "linear, halved"
    config = {"penalty": 1e6}
    assert STUDY.run_one(seed=1, config=config, spread=1.0, method="linear") != [row, half]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"spread": 1.0}, r"setting must name \['spread', 'method'\], got \['spread'\]"),
        ({"spread": 3.0, "method": "flat"}, r"spread must be one of \[0.5, 1.0\], got 3.0"),
        ({"spread": 1.0, "method": "flat"}, "has no choice for .*: run its search first"),
    ],
)
def test_a_cell_that_cannot_be_run_is_named(setting, message):
    with pytest.raises(ValueError, match=message):
        STUDY.run_one(**setting)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"rows": []}', '{"format": 1, "study": "fusion/other", "runs": []}',
     '{"format": 1, "study": "fusion/small", "runs": 3}'],
)  # fmt: skip
def test_a_file_that_is_none_of_this_study_is_refused_and_kept(folder, text):
    path = folder / "results.json"
    write_checked(path, text.encode(), "")
    with pytest.raises(DataError):
        command.run_study(STUDY)
    assert path.read_text() == text
    assert sorted(p.name for p in folder.iterdir()) == ["SHA256SUMS", "results.json"]


def test_one_run_at_a_time(folder):
    with store.locked(NAME), pytest.raises(RuntimeError, match=f"another run .* {os.getpid()}"):
        command.run_study(STUDY)
    assert not list(folder.iterdir())


def test_the_lock_of_a_process_that_has_ended_is_taken_over(folder):
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    node = os.uname().nodename
    (folder / "results.lock").write_text(f"{done.stdout.strip()} on {node}")
    assert len(command.run_study(STUDY)["runs"]) == 18


def test_a_file_says_how_it_was_made():
    command.run_study(STUDY)
    made = results.load(NAME)["made"]
    assert made["command"] == "python -m small_study"
    assert {"date", "machine", "clock", "threads", "versions", "commit", "minutes"} <= made.keys()
    assert made["versions"].keys() >= {"python", "numpy", "keras", "tensorflow"}
    assert [session["cells"] for session in made["sessions"]] == [18]


def test_the_command_shows_what_is_there(capsys):
    main([STUDY], [NAME, "--only", "method=linear", "--only", "spread=0.5"])
    main([STUDY], ["small", "--show"])
    told = capsys.readouterr().out
    assert "15 cells are missing" in told
    assert "spread 0.5, method linear" in told
    assert "accuracy" in told


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--only", "colour=red"], r"KEY one of \['spread', 'method'\], got 'colour=red'"),
        (["--only", "method=best"], r"must be one of \['same', 'linear', 'flat'\], got 'best'"),
        (["other"], r"STUDY must be one of \['fusion/small'\], got 'other'"),
    ],
)
def test_a_wrong_option_is_named(options, message, capsys):
    with pytest.raises(SystemExit):
        main([STUDY], options)
    pytest.raises(AssertionError, match=message)  # the pattern is a valid one
    import re

    assert re.search(message, capsys.readouterr().err)


def test_rows_may_not_hold_what_json_cannot(ran):
    study = replace(STUDY, run=lambda *_: [{"accuracy": float("nan")}])
    with pytest.raises(ValueError, match="finite numbers only"):
        command.run_study(study)
    assert small_study.STUDY is STUDY
