"""Every chapter has a room, and every room all that a chapter needs: none is named here."""

import json
import re

import pytest
import yaml
from import_graph import ROOT

from mmtutorial.results._stored import path_of
from mmtutorial.studies import find_studies

BOOK, CHAPTERS = ROOT / "book", ROOT / "mmtutorial" / "chapters"
FOLDERS = sorted(
    path
    for path in CHAPTERS.glob("*/*")
    if path.is_dir() and path.name[0] not in "_." and path.parent.name[0] not in "_."
)
NOTEBOOKS = sorted(BOOK.glob("*/[0-9]*.ipynb"))
EVERY_ROOM = pytest.mark.parametrize(
    "room", FOLDERS, ids=lambda room: room.relative_to(CHAPTERS).as_posix()
)


def notebooks_of(room):
    """The numbered notebooks that bear a room's name, in its part of the book."""
    return [path for path in NOTEBOOKS if place_of(path) == (room.parent.name, room.name)]


def place_of(notebook):
    """The part and the name, without its number, of a chapter's notebook."""
    return notebook.parent.name, re.sub(r"^\d+_", "", notebook.stem)


def pages(entries):
    """Every page that a list of the table of contents names, in order."""
    for entry in entries:
        yield entry["file"]
        yield from pages(entry.get("sections", []))


def toc():
    """Return the pages of each part of the table of contents."""
    parts = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    return [list(pages(part["chapters"])) for part in parts]


def test_there_are_rooms():
    assert FOLDERS


@EVERY_ROOM
def test_a_room_has_one_notebook_with_a_line_in_the_contents(room):
    (notebook,) = notebooks_of(room)
    page = notebook.relative_to(BOOK).with_suffix("").as_posix()
    assert [part.count(page) for part in toc()].count(1) == 1


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: "/".join(place_of(path)))
def test_a_numbered_notebook_has_a_room(notebook):
    assert (CHAPTERS.joinpath(*place_of(notebook)) / "__init__.py").exists()


def test_the_numbers_of_a_part_are_those_of_its_order_in_the_contents():
    for part in toc():
        numbered = [page.split("/") for page in part if re.search(r"/\d+_", page)]
        numbers = [int(name.partition("_")[0]) for _, name in numbered]
        assert numbers == list(range(1, len(numbers) + 1)), numbered
        assert len({folder for folder, _ in numbered}) <= 1


@EVERY_ROOM
def test_a_room_is_a_package_in_a_part_that_is_one(room):
    assert (room / "__init__.py").exists()
    assert (room.parent / "__init__.py").exists()
    assert re.fullmatch(r"[a-z][a-z0-9_]*", room.name)


@EVERY_ROOM
def test_a_room_holds_nothing_but_modules_quiz_captions_results_and_weights(room):
    known = re.compile(
        r"\w+\.py|quiz\.json|captions\.json|results(_\w+)?\.json|weights(_\w+)?\.npz|SHA256SUMS"
    )
    strange = {path.name for path in room.iterdir() if not known.fullmatch(path.name)}
    assert {name for name in strange if not name.endswith((".lock", "__pycache__"))} == set()


@EVERY_ROOM
def test_a_room_has_exercises(room):
    assert (room / "exercises.py").exists()


@EVERY_ROOM
def test_a_room_has_a_quiz(room):
    json.loads((room / "quiz.json").read_text(encoding="utf-8"))


@EVERY_ROOM
def test_every_study_has_its_results_and_every_results_file_its_study(room):
    """A module may hold several studies; the name of each says which file is its own."""
    names = [
        study.name for study in find_studies() if study.name.split("/")[:2] == [*room.parts[-2:]]
    ]
    assert {path_of(name).name for name in names} == {p.name for p in room.glob("results*.json")}
    assert bool(names) == bool(list(room.glob("study*.py")))
