"""The book on paper: nothing cut, no dead controls, solutions at the end, bookmarks."""

import re

import nbformat
import print_book
import pytest
from pypdf import PdfReader

from .conftest import BOOK, toc_pages

pytestmark = pytest.mark.browser
CHAPTER = "fusion/3_attention"


@pytest.fixture(scope="module")
def printed(browser, built, tmp_path_factory):
    """Print a chapter, and a page without headings."""
    folder, tab = tmp_path_factory.mktemp("pdf"), browser.new_page()
    pages = {}
    for name in (CHAPTER, "appendix/run_times"):
        path = folder / f"{name}.pdf"
        pages[name] = print_book.print_page(tab, (built / f"{name}.html").as_uri(), path)
    tab.close()
    return pages


@pytest.fixture(scope="module")
def text(printed):
    reader = PdfReader(printed[CHAPTER].path)
    return "".join(page.extract_text() for page in reader.pages)


def letters(text):
    return re.sub(r"\s", "", text)


def test_every_line_of_code_is_there_whole(text):
    notebook = nbformat.read(BOOK / f"{CHAPTER}.ipynb", as_version=4)
    tags = {"remove-cell", "remove-input", "hide-input", "hide-cell"}
    shown = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and not tags & set(cell.metadata.get("tags", ()))
    ]
    assert max(len(line) for source in shown for line in source.splitlines()) > 90
    for source in shown:
        for line in filter(str.strip, source.splitlines()):
            assert letters(line) in letters(text), line


def test_solutions_stand_at_the_end_and_no_control_is_left(text):
    end = text.index("What comes next.")
    assert text.index("Solutions", end) < text.index("Solution to", end)
    assert "Solution to" not in text[:end]
    assert not re.search(r"Click to show|Show code|Copy to clipboard", text)


def test_all_pages_are_bound_in_order_with_bookmarks(printed, tmp_path):
    chapter, other = printed.values()
    target = tmp_path / "book.pdf"
    count = print_book.bind([("", [other]), ("A part", [chapter])], target)
    book = PdfReader(target)
    first, part, (marked, headings) = book.outline
    assert [first.title, part.title, marked.title] == [other.title, "A part", chapter.title]
    assert marked.title == "7. Attention and bottlenecks"
    assert [each.title for each in headings][-2:] == ["7.11. What to remember", "Solutions"]
    sheets = [len(PdfReader(each.path).pages) for each in (other, chapter)]
    assert count == len(book.pages) == sum(sheets)
    assert book.get_destination_page_number(marked) == sheets[0]
    for heading in headings[2:]:
        sheet = book.pages[book.get_destination_page_number(heading)]
        assert letters(heading.title)[:12] in letters(sheet.extract_text())
    assert list(tmp_path.iterdir()) == [target]


def test_the_parts_hold_every_page_of_the_book_once():
    assert [page for _, pages in print_book.read_pages() for page in pages] == toc_pages()
