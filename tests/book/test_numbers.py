"""Every measured number in the sentences of a chapter, or of another page, is what a cell computed.

Here it is compared with the stored output, which `make notebooks` wrote in the same run. What a
cell computes *now* is not compared with it: another processor may round a last digit differently.
For that, each claim of the text is asserted in a cell, which `make test PARTS=notebooks` runs; and
`make notebooks` prints which numbers changed.
"""

import copy
import json
import re
import sys

import _numbers
import book_anchors
import execute_notebooks
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from mmtutorial import results

from .conftest import BOOK, notebooks, toc_pages

PAGES = [page for page in toc_pages() if (BOOK / f"{page}.md").exists()]
RUN_TIMES = json.loads((BOOK / "run_times.json").read_text(encoding="utf-8"))["chapters"]


@pytest.fixture(params=notebooks(), ids=lambda path: path.relative_to(BOOK).as_posix())
def chapter(request):
    """Give a chapter and its measured run time in words."""
    page = request.param.relative_to(BOOK).with_suffix("").as_posix()
    notebook = nbformat.read(request.param, as_version=4)
    return notebook, _numbers.in_words(RUN_TIMES[page])


def test_the_sentences_say_what_the_cells_computed(chapter):
    assert _numbers.find_faults(*chapter) == []


def test_the_card_says_how_long_it_takes(chapter):
    card = chapter[0].cells[0].source
    assert re.search(r"\*\*Reading\*\* <!--reading-->\d+ minutes<!--/-->, without the exerc", card)
    assert "**Running** <!--run time-->" in card


def test_reading_counts_words_code_and_figures_but_no_exercises():
    words = "word " * 1900 + "<!--name-->9<!--/--> $x + y$ [one](two.md)"
    code = "\n".join(["x = 1"] * 100 + ["", "mm.plots.show(figure, 'a')"])
    folded = new_code_cell("y = 2\n" * 500, metadata={"tags": ["hide-input"]})
    cells = [new_markdown_cell(words), new_code_cell(code), folded]
    assert _numbers.reading_time(new_notebook(cells=cells)) == "15 minutes"  # 9.5, 4 and a half
    cells += [new_markdown_cell("## Exercises"), new_markdown_cell(words), new_code_cell(code)]
    assert _numbers.reading_time(new_notebook(cells=cells)) == "15 minutes"
    cells += [new_markdown_cell("## What to remember"), new_markdown_cell(words)]
    assert _numbers.reading_time(new_notebook(cells=cells)) == "25 minutes"


@pytest.mark.parametrize(
    ("tag", "minutes"), [("hide-input", 15), ("hide-cell", 5), ("hide-output", 5)]
)
def test_reading_counts_the_tables_that_a_page_shows(tag, minutes):
    tables = [results.Table({"right": {"sum": 0.5}}, "which")] * 2
    html = [tables[0]._repr_html_(), results.show_tables(tables)._repr_html_(), "<table></table>"]
    outputs = [new_output("display_data", {"text/html": each}) for each in html]
    cells = [new_code_cell("t", outputs=outputs, metadata={"tags": [tag]}) for _ in range(15)]
    assert _numbers.reading_time(new_notebook(cells=cells)) == f"{minutes} minutes"


def test_a_number_typed_by_hand_is_found_wherever_it_stands(chapter):
    notebook, run_time = chapter
    for name, text in dict(_numbers.named(notebook)).items():
        changed = copy.deepcopy(notebook)
        for place, key in _numbers.sentences(changed):
            place[key] = place[key].replace(f"<!--{name}-->{text}<", f"<!--{name}-->{text}1<", 1)
        assert set(_numbers.find_faults(changed, run_time)) == {
            f"the text says {text + '1'!r} for {name!r}, which is {text!r}"
        }


def test_no_role_glues_and_no_cell_needs_what_builds_the_pages(chapter):
    text = nbformat.writes(chapter[0])
    assert re.findall(r"\{glue|\{run-time|myst_nb|scrapbook", text) == []


@pytest.fixture(scope="module")
def values():
    """Give the stored values of all chapters, as a page of Markdown names them."""
    return _numbers.of_chapters(notebooks(), BOOK)


@pytest.fixture(params=PAGES)
def page(request):
    """Give the text of a page of Markdown."""
    return (BOOK / f"{request.param}.md").read_text(encoding="utf-8")


def test_a_page_of_markdown_says_what_the_chapters_computed(page, values):
    assert _numbers.find_page_faults(page, values) == []


def test_on_a_page_a_number_typed_by_hand_and_a_name_that_is_not_there_are_found(page, values):
    def compare(fresh):  # of what `find_page_faults` does, that which takes no time
        return _numbers.compare(_numbers.VALUE.findall(page.replace(said, fresh, 1)), values)

    for name, text in dict(_numbers.VALUE.findall(page)).items():
        said = f"<!--{name}-->{text}<!--/-->"
        assert compare(f"<!--{name}-->{text}1<!--/-->") == [
            f"the text says {text + '1'!r} for {name!r}, which is {text!r}"
        ]
        assert compare(f"<!--{name}s-->{text}<!--/-->") == [f"no cell glues {name + 's'!r}"]


def test_no_comment_that_names_a_value_is_left_on_a_page_of_markdown(built):
    for page in PAGES:
        html = (built / f"{page}.html").read_text(encoding="utf-8")
        assert not re.search(r"<!--(/|[\w/]+: .+?)-->", html), page


def test_every_chapter_has_its_verdicts_with_numbers():
    page = (BOOK / "appendix" / "verdicts.md").read_text(encoding="utf-8")
    chapters = [name.partition(": ")[0] for name, _ in _numbers.VALUE.findall(page)]
    for path in notebooks():
        assert chapters.count(path.relative_to(BOOK).with_suffix("").as_posix()) >= 2


def find_places(notebook):
    """Return the names of the cells whose output a page shows, of their tables and figures."""
    places = set()
    for cell in notebook.cells:
        if not cell.get("outputs") or _numbers.UNSEEN & set(cell.metadata.get("tags", ())):
            continue
        html = "".join("".join(each.get("data", {}).get("text/html", "")) for each in cell.outputs)
        places |= {cell.id, *book_anchors.name_tables(html, cell.id, 1)[1]}
        places |= set(re.findall(r'<figure class="mm-figure" id="([^"]+)"', html))
    return places


def test_every_verdict_links_to_the_cell_the_table_or_the_figure_that_shows_it():
    places = {
        path.relative_to(BOOK).as_posix(): find_places(nbformat.read(path, as_version=4))
        for path in notebooks()
    }
    page = (BOOK / "appendix" / "verdicts.md").read_text(encoding="utf-8")
    verdicts = [line for line in page.splitlines() if _numbers.VALUE.search(line)]
    assert len(verdicts) > 3 * len(places)
    for verdict in verdicts:
        chapters = {
            f"{name.partition(': ')[0]}.ipynb" for name, _ in _numbers.VALUE.findall(verdict)
        }
        links = re.findall(r"\]\(\.\./([^)#]+)#([^)]+)\)", verdict)
        assert {chapter for chapter, _ in links} == chapters, verdict
        assert [name for chapter, name in links if name not in places[chapter]] == [], verdict


@pytest.mark.parametrize(
    ("tag", "found"), [("hide-input", {"a-1", "a-1-1", "a-1-2", "b"}), ("hide-cell", set())]
)
def test_what_a_verdict_can_link_to(tag, found):
    tables = results.show_tables([results.Table({"right": {"sum": 0.5}}, "which")] * 2)
    html = tables._repr_html_() + '<figure class="mm-figure" id="b"></figure>'
    cell = new_code_cell("x", id="a-1", metadata={"tags": [tag]})
    cell.outputs = [new_output("display_data", {"text/html": html})]
    unseen = new_code_cell("without an output", id="c")
    assert find_places(new_notebook(cells=[cell, unseen])) == found


def make_notebook(text, **values):
    """Return a notebook with a text, and a cell that has computed the values."""
    output = new_output("display_data", {}, metadata={"glue": values})
    cells = [new_markdown_cell(text), new_code_cell("glue(...)", outputs=[output])]
    return new_notebook(cells=cells)


def test_running_writes_the_values_and_keeps_those_that_a_sentence_says():
    text = "In <!--run time-->?<!--/-->, right for <!--a, b > c-->0.1<!--/--> of <!--n-->7<!--/-->."
    notebook = make_notebook(text, **{"a, b > c": "0.2", "n": "7", "in no sentence": "1"})
    changes = _numbers.update(notebook, "9 seconds")
    assert notebook.cells[0].source == text.replace("?", "9 seconds").replace("0.1", "0.2")
    assert notebook.cells[1].outputs[0].metadata.glue == {"a, b > c": "0.2", "n": "7"}
    assert changes == {"run time": ("?", "9 seconds"), "a, b > c": ("0.1", "0.2")}
    assert _numbers.update(notebook, "9 seconds") == {}


def test_running_a_chapter_writes_its_values_into_the_pages_that_say_them(
    tmp_path, monkeypatch, capsys
):
    """All but the kernel, whose outputs the notebook has already."""
    path, page, other = (tmp_path / name for name in ("fusion/1_joining.ipynb", "a.md", "b.md"))
    path.parent.mkdir()
    nbformat.write(make_notebook("right for <!--late-->?<!--/-->", late="0.7"), path)
    text = "For <!--fusion/1_joining: late-->?<!--/-->, not <!--fusion/1_joining: x-->?<!--/-->."
    page.write_text(text, encoding="utf-8")
    other.write_text("For <!--late-->?<!--/-->.", encoding="utf-8")
    (tmp_path / "references.bib").touch()
    monkeypatch.setattr(execute_notebooks, "BOOK", tmp_path)
    monkeypatch.setattr(execute_notebooks, "RUN_TIMES", tmp_path / "run_times.json")
    monkeypatch.setattr(execute_notebooks, "execute", lambda path: (nbformat.read(path, 4), 1.0))
    monkeypatch.setattr(sys, "argv", ["execute_notebooks.py", str(path)])
    assert execute_notebooks.main() == 0
    assert page.read_text(encoding="utf-8") == text.replace("?", "0.7", 1)
    assert other.read_text(encoding="utf-8") == "For <!--late-->?<!--/-->."
    assert "fusion/1_joining: late: ? is now 0.7\n" in capsys.readouterr().out


def test_what_no_cell_computes_and_what_two_compute_is_refused():
    notebook = make_notebook("right for <!--late-->0.7<!--/-->", early="0.6")
    with pytest.raises(ValueError, match="no cell glues 'late'"):
        _numbers.update(notebook, "9 seconds")
    notebook = make_notebook("right for <!--late-->0.7<!--/-->", late="0.7")
    notebook.cells.append(notebook.cells[1])
    with pytest.raises(ValueError, match="several cells glue 'late'"):
        _numbers.update(notebook, "9 seconds")


def test_a_value_that_no_sentence_says_is_found():
    notebook = make_notebook("right for <!--late-->0.7<!--/-->", late="0.7", early="0.6")
    assert _numbers.find_faults(notebook, "9 seconds") == ["no sentence says 'early'"]


@pytest.mark.parametrize(
    "text",
    [
        "right for {}.",
        "- **All {} of them**, *{}*, [{}](x.md).",
        "| a | b |\n|---|---|\n| {} | {} |",
        ":::{{admonition}} Look\n:class: dropdown\nThere are {}.\n:::",
        "```{{exercise}} Share\n:label: share\n\nThere are {}.\n```",
        "::::{{grid}}\n:::{{grid-item}}\n**Running** {}\\\n:::\n::::",
        "> There are {}.",
    ],
)
def test_a_value_can_stand_in_a_sentence(text):
    assert _numbers.find_misplaced(text.format(*3 * ["<!--x-->0.7<!--/-->"])) == []


@pytest.mark.parametrize(
    "text",
    ["{} is first.", "- {} is, too.", "In a sentence\n{} as well.", "`{}`", "$x = {}$",
     "```{{math}}\nx = {}\n```", "```python\n{}\n```", "## All {}"],
)  # fmt: skip
def test_where_no_comment_can_stand_it_is_refused(text):
    (fault,) = _numbers.find_misplaced(text.format("<!--x-->0.7<!--/-->"))
    assert fault == "no value can stand at '<!--x-->': put it inside of a sentence"


def test_a_comment_without_an_end_is_found():
    (fault,) = _numbers.find_misplaced("right for <!--x-->0.7<!--/->.")
    assert fault == "'<!--x-->' names no value"
