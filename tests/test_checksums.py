"""Quizzes and results are read only as they were written, and written with their checksums."""

import hashlib
import json
import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
import write_checksums

from mmtutorial import _checksums, _files, _packages, exercises, results
from mmtutorial.data import DataError

SUMS = "SHA256SUMS"


@pytest.fixture
def room(tmp_path, monkeypatch):
    """One room with a quiz and the results of two studies."""
    room = tmp_path / "chapters" / "fusion" / "joining"
    room.mkdir(parents=True)
    (room / "__init__.py").touch()
    (room / "quiz.json").write_text('[{"question": "1 + 1?"}]', encoding="utf-8")
    monkeypatch.setattr(_packages, "CHAPTERS", tmp_path / "chapters")
    monkeypatch.setattr(exercises, "CHAPTERS", tmp_path / "chapters")
    monkeypatch.setattr(write_checksums, "CHAPTERS", tmp_path / "chapters")
    results.save("fusion/joining", {"accuracy": 0.74})
    results.save("fusion/joining/stamps", {"accuracy": 0.5})
    for path, content in write_checksums.find_stale(tmp_path / "chapters").items():
        path.write_bytes(content)
    return room


def read_back(room):
    """What the package reads of each file now: its content, or None where it refuses."""
    calls = {
        "quiz.json": lambda: exercises.quiz("fusion/joining"),
        "results.json": lambda: results.read("fusion/joining"),
        "results_stamps.json": lambda: results.read("fusion/joining/stamps"),
    }
    found = {}
    for name, call in calls.items():
        try:
            found[name] = call()
        except DataError:
            found[name] = None
    return found


def listed(room):
    """The lines of a room's list, as ``{name: [checksum, ...]}``."""
    found = {}
    for line in (room / SUMS).read_text(encoding="ascii").splitlines():
        found.setdefault(line[66:], []).append(line[:64])
    return found


# What is in the repository


def test_every_quiz_and_every_results_file_has_its_checksum():
    stale = [path.parent.name for path in write_checksums.find_stale(write_checksums.CHAPTERS)]
    assert not stale, "changed on purpose? Then run `make checksums`"


# Reading


@pytest.mark.parametrize(
    ("name", "digit", "other"),
    [("quiz.json", b"1 + 1", b"1 + 7"), ("results.json", b"0.74", b"0.75")],
)
def test_a_flipped_digit_is_refused_by_name_and_with_its_repair(room, name, digit, other):
    content = (room / name).read_bytes()
    (room / name).write_bytes(content.replace(digit, other))
    json.loads((room / name).read_bytes())  # still JSON: nothing but its checksum can tell
    found = read_back(room)
    assert found.pop(name) is None
    assert None not in found.values()
    with pytest.raises(DataError) as raised:
        _files.read_json(room / name)
    said = str(raised.value)
    path = f"mmtutorial/chapters/fusion/joining/{name}"
    assert said.startswith(f"{room / name} is damaged: it does not fit SHA256SUMS beside it")
    assert f"git checkout -- {path} mmtutorial/chapters/fusion/joining/SHA256SUMS`" in said
    assert "after an edit made on purpose run `make checksums`" in said
    again = "delete it, run `make checksums` and measure it again: `python -m mmtutorial.chapters."
    assert (again in said) is (name != "quiz.json")


@pytest.mark.parametrize("name", ["quiz.json", "results.json", "results_stamps.json"])
def test_a_lost_file_is_known_by_its_checksum(room, name):
    (room / name).unlink()
    found = read_back(room)
    assert found.pop(name) is None
    assert None not in found.values()
    with pytest.raises(DataError, match=rf"{name} cannot be read .*git checkout -- .*{name} "):
        _files.read_json(room / name)


@pytest.mark.parametrize("content", [None, b"", b"junk\n", b"0" * 9 + b"  quiz.json\n", b"\xff  a"])
def test_a_lost_or_damaged_list_is_blamed_itself(room, content):
    (room / SUMS).unlink()
    if content is not None:
        (room / SUMS).write_bytes(content)
    with pytest.raises(DataError, match=rf"{SUMS} (is damaged|cannot be read).*git checkout -- "):
        exercises.quiz("fusion/joining")
    assert results.available() == ["fusion/joining", "fusion/joining/stamps"]


def test_an_edit_made_on_purpose_is_listed_by_make_checksums(room, capsys):
    (room / "quiz.json").write_text("[]", encoding="utf-8")
    assert read_back(room)["quiz.json"] is None
    write_checksums.main()
    assert read_back(room)["quiz.json"] == []
    assert capsys.readouterr().out == "==> fusion/joining/SHA256SUMS\n"
    write_checksums.main()
    assert not capsys.readouterr().out


def test_make_checksums_lists_nothing_that_is_no_json(room):
    before = (room / SUMS).read_bytes()
    (room / "quiz.json").write_text("[]", encoding="utf-8")
    (room / "results.json").write_text('{"accuracy": 0.7', encoding="utf-8")
    with pytest.raises(SystemExit, match=r"results\.json is no JSON"):
        write_checksums.main()
    assert (room / SUMS).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b'{"made": 1', b"\xff{}"])
def test_a_listed_file_that_is_no_json_is_named_with_its_repair(room, content):
    _checksums.write_checked(room / "results.json", content, "")
    with pytest.raises(DataError, match=r"results\.json is no JSON .*git checkout -- mmtutorial/"):
        results.read("fusion/joining")


def test_the_tool_of_the_system_agrees(room):
    for name, sums in listed(room).items():
        assert sums == [hashlib.sha256((room / name).read_bytes()).hexdigest()]


# Saving


def test_an_interrupted_write_leaves_the_old_file_alone(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    _checksums.write_bytes(tmp_path / "a.txt", b"old")
    monkeypatch.setattr("os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        _checksums.write_bytes(tmp_path / "a.txt", b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_saved_result_is_read_back_and_listed_once(room):
    results.save("fusion/joining", {"accuracy": 0.8})
    assert results.read("fusion/joining") == {"accuracy": 0.8}
    assert {name: len(sums) for name, sums in listed(room).items()} == {
        "quiz.json": 1,
        "results.json": 1,
        "results_stamps.json": 1,
    }


@pytest.mark.parametrize("step", [0, 1, 2])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_wherever_a_save_breaks_off_what_is_left_can_be_read(room, monkeypatch, step, error):
    """It writes the list, the file and the list; without the last step, the list names both."""
    replace, steps = os.replace, iter(range(3))

    def interrupted(*names):
        if next(steps) == step:
            raise error("stopped")
        replace(*names)

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", interrupted)
        with pytest.raises(error):
            results.save("fusion/joining", {"accuracy": 0.9})
    found = read_back(room)
    assert found["results.json"] == {"accuracy": 0.9 if step == 2 else 0.74}
    assert None not in found.values()
    assert not list(room.glob(".new-*"))

    stale = write_checksums.find_stale(room.parents[1])  # the repository's test would tell
    assert bool(stale) is (step > 0)
    results.save("fusion/joining", {"accuracy": 0.9})
    assert all(len(sums) == 1 for sums in listed(room).values())
    assert not write_checksums.find_stale(room.parents[1])


@pytest.mark.parametrize("step", [0, 1, 2])
def test_wherever_the_first_save_breaks_off_there_is_a_result_or_none(room, monkeypatch, step):
    replace, steps = os.replace, iter(range(3))
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", lambda *n: 1 / 0 if next(steps) == step else replace(*n))
        with pytest.raises(ZeroDivisionError):
            results.save("fusion/joining/new", {"accuracy": 0.9})
    assert ("fusion/joining/new" in results.available()) is (step == 2)
    if step == 2:
        assert results.read("fusion/joining/new") == {"accuracy": 0.9}
    assert None not in read_back(room).values()
    results.save("fusion/joining/new", {"accuracy": 0.8})
    assert results.read("fusion/joining/new") == {"accuracy": 0.8}
    assert not write_checksums.find_stale(room.parents[1])


def test_while_a_save_is_unfinished_a_damaged_file_is_still_refused(room, monkeypatch):
    replace, steps = os.replace, iter(range(3))
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", lambda *names: replace(*names) if next(steps) < 2 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            results.save("fusion/joining", {"accuracy": 0.9})
    (room / "results.json").write_text('{"accuracy": 0.91}', encoding="utf-8")
    assert read_back(room)["results.json"] is None


def save_often(chapters: Path, name: str):
    """Save one study's result thirty times, in a process of its own."""
    _packages.CHAPTERS = chapters
    for number in range(30):
        results.save(name, {"accuracy": number})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no lock for folders")
def test_two_studies_of_a_room_that_save_at_once_are_both_listed(room):
    context = multiprocessing.get_context("fork")
    names = ["fusion/joining", "fusion/joining/stamps"]
    args = [(room.parents[1], name) for name in names]
    savers = [context.Process(target=save_often, args=each) for each in args]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join(60)
    assert [saver.exitcode for saver in savers] == [0, 0]
    assert [results.read(name)["accuracy"] for name in names] == [29, 29]
    assert not write_checksums.find_stale(room.parents[1])


def test_a_save_refuses_a_damaged_list_and_keeps_the_old_file(room):
    (room / SUMS).write_text("junk\n", encoding="ascii")
    before = (room / "results.json").read_bytes()
    with pytest.raises(DataError, match=f"{SUMS} is damaged"):
        results.save("fusion/joining", {"accuracy": 0.9})
    assert (room / "results.json").read_bytes() == before


@pytest.mark.parametrize(
    "name", ["", "../x", "joining", "fusion/no", "a b/c", "fusion/joining/a/b", "x\0/y", None, 3]
)
def test_a_result_belongs_to_a_chapter(room, name):
    before = sorted(room.parents[1].rglob("*"))
    with pytest.raises(ValueError, match=r"name must be a chapter, one of \['fusion/joining'\]"):
        results.save(name, {})
    assert sorted(room.parents[1].rglob("*")) == before


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_json_does_not_know_is_not_saved(room, wrong):
    with pytest.raises(ValueError, match="result must hold finite numbers only"):
        results.save("fusion/joining", {"rows": [{"accuracy": float(wrong)}]})
    with pytest.raises(TypeError, match="result must hold finite numbers only, texts"):
        results.save("fusion/joining", {"rows": np.ones(2)})
    assert results.read("fusion/joining") == {"accuracy": 0.74}


def test_load_names_what_there_is():
    for name in ("no", None, ["fusion/joining"]):
        with pytest.raises(ValueError, match=r"name must be one of .*'fusion/joining'.* got "):
            results.read(name)
