"""The appendix answers with links, and says of each licence what the data cards say."""

import json
import re
import tomllib

import pytest

import mmtutorial as mm
from mmtutorial.data import _emoji_files

from .conftest import BOOK, ROOT, toc_pages

FAQ, MAY_I = (
    (BOOK / "appendix" / f"{page}.md").read_text(encoding="utf-8") for page in ("faq", "may_i")
)
QUESTIONS = re.findall(r"(?ms)^### (.+?)\n\n(.+?)(?=\n\n#|\Z)", FAQ)
LINK = re.compile(r"\[[^]]+\]\(([\w./-]+?\.(?:ipynb|md))")
LICENCE = re.compile(r"\b(?:MIT|[A-Z][A-Za-z]+(?:-[A-Z]+)*-\d(?:\.\d)?(?:-only|-Clause)?)\b")


def read_table(first):
    """Return the rows of the table of `may_i` with this first column, each a list of its cells."""
    lines = re.search(rf"(?ms)^\| {first} \|.+?\n\n", MAY_I + "\n")[0].split("\n")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:] if line]


@pytest.mark.parametrize(("question", "answer"), QUESTIONS, ids=[name for name, _ in QUESTIONS])
def test_an_answer_is_short_and_says_where_the_book_shows_it(question, answer):
    assert LINK.search(answer)
    without_links = re.sub(r"\[([^]]+?)[.?!]*\]\([^)]+\)", r"\1", answer)
    assert 2 <= len(re.findall(r"[.?!:](?=\s|$)", without_links)) <= 8
    assert not re.search(r"\b0?\.\d", answer), "a measured number belongs to the verdicts"


def test_there_are_questions_and_no_two_are_the_same():
    assert len({question for question, _ in QUESTIONS}) == len(QUESTIONS) >= 20


def test_every_data_set_has_the_licences_of_its_card():
    cards = {}
    for loader in (name for name in mm.data.__all__ if name.startswith("load_")):
        card = getattr(mm.data, loader)().card
        cards[loader.removeprefix("load_")] = set(LICENCE.findall(card.licence))
    said = {
        re.search(r"data_cards/(\w+)\.md", name)[1]: set(LICENCE.findall(licence))
        for name, licence, _ in read_table("Data set")
    }
    assert said == cards


def test_pictures_recordings_and_numbers_have_a_line_to_copy():
    lines = MAY_I.split("## The lines to copy")[1].split("\n## ")[0]
    named = re.findall(r"(?m)^- \*\*(.+?)\*\*", lines)
    pictures = ("with emoji", "animated emoji", "figure with stamps")
    for data in (*pictures, "recording of the stamps", "recording of the dialogues", "digits"):
        assert any(data in name for name in named), data


def test_every_artist_has_the_licence_of_the_drawings():
    artists = _emoji_files.catalogue()["artists"]
    said = {name.strip("`"): licence for name, _, licence in read_table("Artist")}
    assert said == {name: artist["licence"] for name, artist in artists.items()}


def test_the_page_explains_every_licence_of_the_package_and_none_besides():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    explained = [name for name, _ in read_table("Licence")]
    assert sorted(explained) == sorted(project["license"].split(" AND "))


def test_the_notice_to_keep_is_that_of_the_licence():
    (notice,) = re.findall(r'"(Copyright .+?)"', MAY_I.replace("\n  ", " "))
    assert notice in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_line_that_leaves_openmoji_out_does():
    (code,) = re.findall(r"(?s)```python\n(.*?)```", MAY_I)
    scope = {"mm": mm}
    exec(compile(code, "may_i.md", "exec"), scope)
    emoji, catalogue = scope["emoji"], _emoji_files.catalogue()["artists"]
    for split in (emoji.train, emoji.validation, emoji.test):
        names = {emoji.classes["artist"][code] for code in split.targets["artist"]}
        assert "CC-BY-SA-4.0" not in {catalogue[name]["licence"] for name in names}


def test_run_times_stand_in_the_order_of_the_book_with_their_sum(built):
    chapters = json.loads((BOOK / "run_times.json").read_text(encoding="utf-8"))["chapters"]
    page = (built / "appendix" / "run_times.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr[^>]*><td><p><a [^>]*href="\.\./([\w/]+)\.html"', page)
    assert rows == [each for each in toc_pages() if each in chapters]
    total = sum(row["seconds"] for row in chapters.values())
    assert f"All together took {total:.0f} seconds." in page
