"""A citation says "LeCun et al., 1998" in every viewer; on the page it leads to the work."""

import re

import _citations
import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from .conftest import BOOK, notebooks

WORKS = _citations.read_works(BOOK / "references.bib")
PLACE = "../appendix/bibliography.md"
CHAPTERS = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)


@CHAPTERS
def test_every_citation_is_a_link_that_says_authors_and_year(path):
    assert _citations.find_faults(nbformat.read(path, as_version=4), WORKS) == []


@CHAPTERS
def test_on_the_page_it_leads_to_the_work_itself(path, built):
    page = built / path.relative_to(BOOK).with_suffix(".html")
    links = re.findall(r'href="\.\./appendix/bibliography\.html#(\w+)"', page.read_text("utf-8"))
    cited = _citations.LINK.findall(path.read_text("utf-8"))
    assert len(links) == len(cited) > 0
    bibliography = (built / "appendix" / "bibliography.html").read_text("utf-8")
    assert [one for one in links if f'id="{one}"' not in bibliography] == []


@pytest.mark.parametrize(
    ("role", "links"),
    [
        ("{cite}`lecun1998`", f"([LeCun et al., 1998]({PLACE}#lecun1998))"),
        ("{cite:t}`lecun1998`", f"[LeCun et al. (1998)]({PLACE}#lecun1998)"),
        ("{cite}`desa1994`", f"([de Sa, 1994]({PLACE}#desa1994))"),
        (
            "{cite}`demsar2006, hochreiter1997`",
            f"([Demšar, 2006]({PLACE}#demsar2006); "
            f"[Hochreiter and Schmidhuber, 1997]({PLACE}#hochreiter1997))",
        ),
    ],
)
def test_a_role_becomes_a_link(role, links):
    notebook = new_notebook(cells=[new_markdown_cell(f"As {role}.")])
    assert _citations.find_faults(notebook, WORKS) == [f"{role} is no link"]
    _citations.write_links(notebook, WORKS)
    assert notebook.cells[0].source == f"As {links}."
    assert _citations.find_faults(notebook, WORKS) == []


def test_a_work_that_the_bibliography_lacks_and_a_wrong_year_are_found():
    notebook = new_notebook(cells=[new_markdown_cell("As {cite}`nobody2000`.")])
    with pytest.raises(ValueError, match="has no 'nobody2000'"):
        _citations.write_links(notebook, WORKS)
    wrong = f"[LeCun et al., 1999]({PLACE}#lecun1998)"
    notebook.cells[0].source = f"As ({wrong})."
    assert _citations.find_faults(notebook, WORKS) == [f"{wrong} is not how 'lecun1998' is cited"]
