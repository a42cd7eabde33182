"""Every study of every chapter: declared as its room is named, stored whole, in one form."""

import json
from pathlib import Path

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial._packages import find_rooms
from mmtutorial.studies import find_studies, store
from mmtutorial.studies.contrasts import read_counts

STUDIES = {study.name: study for study in find_studies()}
PARTS = {"format", "study", "choices", "runs", "items", "contrasts", "sessions"}
SESSION = {"command", "date", "machine", "clock", "threads", "versions", "commit", "minutes"}


def test_every_result_has_a_study_and_every_study_a_result():
    assert sorted(STUDIES) == results.available()
    assert len(STUDIES) == len(find_studies()), "no two of one name"


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_stands_in_its_room_and_says_what_it_asks(name):
    study = STUDIES[name]
    assert "/".join(name.split("/")[:2]) in find_rooms("study*.py")
    assert study.module.startswith("mmtutorial.chapters." + ".".join(name.split("/")[:2]))
    assert study.question.endswith("?")
    settings = study.settings()
    assert settings
    assert json.loads(json.dumps(settings)) == settings
    assert all(study.seeds_of(setting) for setting in settings)
    for setting in settings:
        for needed in study.needs(setting):
            assert needed in settings


@pytest.mark.parametrize("name", STUDIES)
def test_what_is_stored_is_whole_and_in_the_one_form(name):
    study, stored = STUDIES[name], results.read(name)
    assert stored.keys() >= PARTS
    assert (stored["format"], stored["study"]) == (1, name)
    assert not store.missing_cells(study, stored, study.settings())
    settings = study.settings()
    assert all(run["setting"] in settings for run in stored["runs"])
    cells = [(str(run["setting"]), run["seed"]) for run in stored["runs"]]
    assert len(set(cells)) == len(cells)
    if study.search is not None:
        searched = [choice["setting"] for choice in stored["choices"]]
        assert all(setting in searched for setting in settings)
        assert all(0 <= choice["validation"] <= 1 for choice in stored["choices"])
    assert stored["sessions"]
    for session in stored["sessions"]:
        assert session.keys() >= SESSION
        assert "seconds" in session["clock"]


@pytest.mark.parametrize("name", STUDIES)
def test_scores_are_shares_and_each_item_counts_once_a_seed(name):
    stored, flat = results.read(name), results.load(name)
    for row in flat["rows"]:
        for key in ("accuracy", "macro_f1"):
            assert 0 <= row.get(key, 0) <= 1
        assert row.get("parameters", 1) > 0
    for item in stored["items"]:
        counts = read_counts(item["counts"])
        assert ((counts >= 0) & (counts <= item["seeds"])).all()
        rows = [r for r in flat["rows"] if item["labels"].items() <= r.items()]
        score = next(key for key in ("accuracy", "recall_at_10", "f1") if key in rows[0])
        rows = [row[score] for row in rows]
        assert np.mean(counts) / item["seeds"] == pytest.approx(np.mean(rows), abs=1e-4)


@pytest.mark.parametrize("name", [name for name in STUDIES if results.read(name)["contrasts"]])
def test_comparisons_are_adjusted_and_agree_with_the_items(name):
    stored = results.read(name)
    for row in stored["contrasts"]:
        assert row["low"] <= row["difference"] <= row["high"]
        assert 0 <= row["p_value"] <= row["p_adjusted"] <= 1
    for row in stored["contrasts"][:3] if stored["items"] else ():
        labels = {k: v for k, v in row.items() if k not in ("against", "low", "high") and
                  not k.startswith(("p_", "difference"))}  # fmt: skip
        vary = next(c.vary for c in STUDIES[name].contrasts)
        means = [
            np.concatenate(
                [read_counts(i["counts"]) / i["seeds"] for i in stored["items"]
                 if {**labels, vary: value}.items() <= i["labels"].items()]
            ).mean()
            for value in (row[vary], row["against"])
        ]  # fmt: skip
        assert row["difference"] == pytest.approx(means[0] - means[1], abs=1e-4)


@pytest.mark.parametrize("name", [name for name, study in STUDIES.items() if study.search])
def test_a_search_is_handed_no_test_split(name):
    study = STUDIES[name]
    setting = study.settings()[0]
    task, blind = study.task(setting), study.task(setting).without_test()
    if hasattr(task, "of") and "multi_task" in name:  # what a seed draws
        task, blind = task.of(0), blind.of(0)
    if isinstance(getattr(task, "heads", None), dict):  # of several tasks
        for split in ("train", "validation", "test"):
            for each, labels in task.labels(split).items():
                assert len(labels) == len(next(iter(task.inputs(split).values())))
                assert len(blind.labels(split)[each]) == (0 if split == "test" else len(labels))
        assert {len(array) for array in blind.inputs("test").values()} == {0}
    for whole, without in (
        (task, blind),
        (task.__dict__.get("emoji"), blind.__dict__.get("emoji")),
    ):
        if hasattr(whole, "dataset"):
            assert len(whole.dataset.test)
            assert not len(without.dataset.test)
            assert len(without.dataset.validation) == len(whole.dataset.validation)
            of_test = without.targets if hasattr(without, "targets") else without.images
            assert not len(of_test("test"))


def test_the_makefile_runs_all_studies():
    makefile = (Path(__file__).parents[2] / "Makefile").read_text("utf-8")
    assert "\nstudies:" in makefile
