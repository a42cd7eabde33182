"""`make lab` opens copies: what a reader changed stays, and what nobody changed is renewed."""

import platform
import subprocess

import nbformat
import open_lab
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook, new_output


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Make a book of two chapters; nothing of the user's Jupyter is read or written."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setattr(open_lab, "ROOT", tmp_path)
    monkeypatch.setattr(open_lab, "WORK", tmp_path / "work")
    for name in ("1_first", "2_second"):
        write(tmp_path / "book" / "part" / f"{name}.ipynb", "print(1)")
    write(tmp_path / "book" / "_build" / "not_a_chapter.ipynb", "print(1)")
    return tmp_path


def write(path, source):
    shown = new_output("display_data", {"text/html": "<style></style>"})
    cell = new_code_cell(source, id="one", outputs=[shown])
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"language_info": {"name": "python", "version": "3.0"}}
    nbformat.write(new_notebook(cells=[cell], metadata=metadata), path)


def sources(folder):
    return {
        path.relative_to(folder).as_posix(): nbformat.read(path, as_version=4).cells[0].source
        for path in folder.rglob("*.ipynb")
    }


def open_book(monkeypatch, root):
    """Run the tool with a JupyterLab that only notes how it was called."""
    calls = []
    monkeypatch.setattr(subprocess, "call", lambda command: calls.append(command) or 0)
    monkeypatch.setattr("sys.argv", ["open_lab.py", "--no-browser"])
    assert open_lab.main() == 0
    ((_, *command),) = calls
    assert command == ["-m", "jupyter", "lab", str(root / "work"), "--no-browser"]


def test_the_chapters_are_copied_and_trusted_and_opening_them_changes_nothing(root, monkeypatch):
    open_book(monkeypatch, root)
    assert sources(root / "work") == {
        "part/1_first.ipynb": "print(1)",
        "part/2_second.ipynb": "print(1)",
    }
    copy = nbformat.read(root / "work" / "part" / "1_first.ipynb", as_version=4)
    assert copy.metadata.language_info.version == platform.python_version()
    assert NotebookNotary().check_signature(copy)
    copy.cells[0].outputs[0].data["text/html"] = "<script></script>"
    assert not NotebookNotary().check_signature(copy)


def test_a_copy_that_the_reader_changed_stays_and_the_others_are_renewed(root, monkeypatch, capsys):
    open_book(monkeypatch, root)
    write(root / "work" / "part" / "1_first.ipynb", "mine")
    open_book(monkeypatch, root)
    assert "stays as you changed it" not in capsys.readouterr().out  # nothing newer, no word
    for name in ("1_first", "2_second"):
        write(root / "book" / "part" / f"{name}.ipynb", "newer")
    open_book(monkeypatch, root)
    said = capsys.readouterr().out
    assert "work/part/1_first.ipynb stays as you changed it" in said
    assert "2_second" not in said
    assert sources(root / "work") == {
        "part/1_first.ipynb": "mine",
        "part/2_second.ipynb": "newer",
    }
    (root / "work" / "part" / "1_first.ipynb").rename(root / "work" / "part" / "mine.ipynb")
    open_book(monkeypatch, root)
    assert sources(root / "work") == {
        "part/1_first.ipynb": "newer",
        "part/2_second.ipynb": "newer",
        "part/mine.ipynb": "mine",
    }


def test_a_notebook_that_lies_there_without_a_record_is_the_readers(root, monkeypatch, capsys):
    write(root / "work" / "part" / "1_first.ipynb", "mine")
    open_book(monkeypatch, root)
    assert sources(root / "work")["part/1_first.ipynb"] == "mine"
    assert "work/part/1_first.ipynb stays as you changed it" in capsys.readouterr().out
