"""`make chapter` makes a chapter that runs, or nothing at all."""

import json
import os
import shutil
import subprocess
import sys

import _numbers
import execute_notebooks
import new_chapter
import pytest
import write_checksums
import yaml
from import_graph import ROOT, breaks_a_room_rule, room_of
from room_checks import check_quiz


@pytest.fixture
def copy(tmp_path):
    """What a chapter is made in: the package (its data stay where they are) and the contents."""
    ignored = shutil.ignore_patterns("__pycache__", "files", ".new-*")
    shutil.copytree(ROOT / "mmtutorial", tmp_path / "mmtutorial", ignore=ignored)
    (tmp_path / "mmtutorial" / "data" / "files").symlink_to(ROOT / "mmtutorial" / "data" / "files")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path in [
        *(ROOT / "book" / name for name in ("_toc.yml", "ruff.toml")),
        *(ROOT / "book").glob("*/[0-9]*.ipynb"),
    ]:
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    return tmp_path


def list_files(folder):
    """Every file of a folder with what it holds; links are not followed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run_python(copy, *arguments):
    """Run Python on the copied package."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


USE = """
import json, numpy as np, mmtutorial as mm
from mmtutorial.chapters.fusion import hypernetworks as room
name = "hypernetworks_share_right"
answers = [lambda p, t: np.mean(p == t), lambda p, t: np.mean(p != t), lambda p, t: np.sum(p == t)]
said = [mm.exercises.check(name, answer) for answer in answers]
print(json.dumps({
    "room": room.__file__, "public": room.__all__,
    "quiz": mm.exercises.quiz("fusion/hypernetworks"),
    "said": [[feedback.passed, feedback.message] for feedback in said]}))
"""


def test_a_new_chapter_runs_and_keeps_the_rules_of_the_house(copy, monkeypatch, capsys):
    before = list_files(copy)
    new_chapter.main(["fusion", "hypernetworks", "--title", "Networks that make networks"], copy)
    after = list_files(copy)
    room = "mmtutorial/chapters/fusion/hypernetworks"
    notebook = copy / "book" / "fusion" / "6_hypernetworks.ipynb"
    assert sorted(after.keys() - before.keys()) == [
        "book/fusion/6_hypernetworks.ipynb",
        *(f"{room}/{name}" for name in (
            "SHA256SUMS", "__init__.py", "captions.json", "exercises.py", "experiment.py",
            "quiz.json")),
        "tests/chapters/fusion/hypernetworks/test_experiment.py",
    ]  # fmt: skip
    assert [name for name in before if before[name] != after[name]] == ["book/_toc.yml"]
    assert "make notebooks NB=book/fusion/6_hypernetworks.ipynb" in capsys.readouterr().out
    for name in after.keys() - before.keys():
        assert b"the_part" not in after[name]
        assert b"the_name" not in after[name]
    for module in (copy / room).glob("*.py"):
        assert room_of(module, copy) == "fusion/hypernetworks"
        assert not breaks_a_room_rule(module, copy)

    found = json.loads(run_python(copy, "-c", USE))
    assert found["room"].startswith(str(copy))
    assert "train_linear" in found["public"]
    check_quiz(found["quiz"])
    assert [passed for passed, _ in found["said"]] == [True, False, False]
    assert len({message for _, message in found["said"]}) == 3

    monkeypatch.setenv("PYTHONPATH", str(copy))
    done, _ = execute_notebooks.execute(notebook)
    first = done.cells[0].source
    assert first.startswith("# Networks that make networks\n")
    _numbers.update(done, "9 seconds")
    assert "**Running** <!--run time-->9 seconds<!--/-->; no GPU" in done.cells[0].source
    assert "not measured yet" not in json.dumps(done)
    for cell in done.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
            assert "image/png" not in output.get("data", {}), "a figure without words"
    _, imports, *_ = (cell for cell in done.cells if cell.cell_type == "code")
    assert imports.source.startswith("# Set up: what this chapter imports.\n")
    assert imports.metadata.tags == ["hide-input"]
    shown = json.dumps(done.cells)
    for name in json.loads((copy / room / "captions.json").read_text(encoding="utf-8")):
        assert shown.count(f'id=\\"{name}\\"') == 1
    (stub,) = (cell for cell in done.cells if "exercise-stub" in cell.metadata.get("tags", ()))
    assert "still the stub" in stub.outputs[0].data["text/plain"]


def test_the_experiment_of_a_new_chapter_passes_its_test(copy):
    new_chapter.main(["fusion", "hypernetworks"], copy)
    shutil.copy(ROOT / "tests" / "conftest.py", copy / "tests")
    shutil.copy(ROOT / "tests" / "tolerance.py", copy / "tests")
    assert "3 passed" in run_python(copy, "-m", "pytest", "-q", "-c", os.devnull, "tests")


def test_its_line_stands_at_the_end_of_its_part_and_nothing_else_changes(copy):
    contents = copy / "book" / "_toc.yml"
    before = contents.read_text(encoding="utf-8")
    new_chapter.main(["background", "hypernetworks"], copy)
    after = contents.read_text(encoding="utf-8")
    line = "      - file: background/5_hypernetworks\n"
    assert after.replace(line, "", 1) == before
    part = next(p for p in yaml.safe_load(after)["parts"] if p["caption"] == "Background")
    assert part["chapters"][-1] == {"file": "background/5_hypernetworks"}


def test_the_first_chapters_of_new_parts_bring_them_in_the_order_of_reading(copy):
    for part, name in (("outlook", "more_modalities"), ("tools", "frameworks")):
        new_chapter.main([part, name], copy)
    parts = yaml.safe_load((copy / "book" / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    captions = [part["caption"] for part in parts]
    assert captions[-4:] == ["Applications", "Tools", "Outlook", "Appendix"]
    assert parts[-3]["chapters"] == [{"file": "tools/1_frameworks"}]
    said = run_python(copy, "-c", "import mmtutorial.chapters.tools as p; print(p.__doc__)")
    assert said == 'The chapters of the part "Tools".\n'


def test_with_a_study_it_brings_one_that_runs(copy, capsys):
    new_chapter.main(["fusion", "hypernetworks", "--study"], copy)
    command = "mmtutorial.chapters.fusion.hypernetworks.study"
    assert f"python -m {command}\n" in capsys.readouterr().out
    room = copy / "mmtutorial" / "chapters" / "fusion" / "hypernetworks"
    assert not breaks_a_room_rule(room / "study.py", copy)
    run_python(copy, "-m", command, "--only", "method=image")
    rows = "import mmtutorial as mm; print(len(mm.results.load('fusion/hypernetworks')['rows']))"
    assert run_python(copy, "-c", rows) == "5\n"
    assert not write_checksums.find_stale(copy / "mmtutorial" / "chapters")


@pytest.mark.parametrize(("name", "title"), [("x", "X"), ("a" * 40, "A" * 55)])
def test_its_files_keep_the_style_whatever_its_name(copy, name, title):
    new_chapter.main(["cross_modal", name, "--title", title, "--study"], copy)
    made = [copy / "mmtutorial" / "chapters" / "cross_modal", copy / "book" / "cross_modal"]
    files = [*map(str, made), str(copy / "tests")]
    run_python(copy, "-m", "ruff", "check", *files)
    run_python(copy, "-m", "ruff", "format", "--check", *files)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cooking", "soup"], "PART must be one of background, fusion, .*, got 'cooking'"),
        (["", "soup"], "PART must be one of"),
        (["../fusion", "soup"], "PART must be one of"),
        (["fusion", ""], "NAME must be small words joined by _, .*, got ''"),
        (["fusion", "6_soup"], "NAME must be small words"),
        (["fusion", "Soup"], "NAME must be small words"),
        (["fusion", "hot-soup"], "NAME must be small words"),
        (["fusion", "../soup"], "NAME must be small words"),
        (["fusion", "soup_"], "NAME must be small words"),
        (["fusion", "lambda"], "NAME must be small words"),
        (["fusion", "soup", "--title", 'A "hot" soup'], "TITLE must be a line without quotes"),
        (["fusion", "soup", "--title", " "], "TITLE must be a line"),
        (["fusion", "s" * 41], "NAME must have at most 40 letters and TITLE 55, got 41 and 41"),
        (["fusion", "soup", "--title", "S" * 56], "NAME must have at most 40 letters and TITLE"),
        (["fusion", "joining"], "'joining' is taken: there is mmtutorial/chapters/fusion/joining"),
        (["background", "joining"], "'joining' is taken: there is mmtutorial/chapters/fusion"),
    ],
)
def test_what_cannot_be_a_chapter_is_refused_and_writes_nothing(copy, arguments, message):
    before = list_files(copy)
    with pytest.raises(SystemExit, match=message):
        new_chapter.main(arguments, copy)
    assert list_files(copy) == before


@pytest.mark.parametrize("step", range(7))
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interruption_leaves_nothing_behind(copy, monkeypatch, step, error):
    before, replace, steps = list_files(copy), os.replace, iter(range(99))
    folders = sorted(path for path in copy.rglob("*") if path.is_dir())

    def interrupted(*names):
        if next(steps) == step:
            raise error("stopped")
        replace(*names)

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(error):
        new_chapter.main(["fusion", "hypernetworks"], copy)
    assert list_files(copy) == before
    assert sorted(path for path in copy.rglob("*") if path.is_dir()) == folders
