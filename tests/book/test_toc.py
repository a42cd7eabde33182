"""The table of contents and the folder name the same pages, and no page is a dead end."""

import importlib
import re
from html.parser import HTMLParser
from posixpath import dirname, normpath
from urllib.parse import unquote, urlsplit

import _citations
import pytest
from book_pages import read_parts

import mmtutorial as mm

from .conftest import BOOK, ROOT, notebooks, toc_pages

SUFFIXES = (".md", ".ipynb")
CHAPTER_LINK = re.compile(
    r"\{doc\}`[^`<]*?\bchapter (\d+)[^`<]*<([\w./]+)>`"
    r"|\[[^]]*?\bchapter (\d+)[^]]*\]\(([\w./]+?)\.(?:ipynb|md)\b",
    re.IGNORECASE,
)


def test_every_page_of_the_toc_exists_once():
    for page in toc_pages():
        found = [suffix for suffix in SUFFIXES if (BOOK / f"{page}{suffix}").exists()]
        assert len(found) == 1, f"_toc.yml names {page}; files of that name: {found}"
    assert len(set(toc_pages())) == len(toc_pages())


def test_every_page_in_the_folder_is_in_the_toc():
    pages = {
        path.relative_to(BOOK).with_suffix("").as_posix()
        for path in BOOK.rglob("*")
        if path.suffix in SUFFIXES
        and not any(part.startswith(("_", ".")) for part in path.relative_to(BOOK).parts)
    }
    assert pages - set(toc_pages()) == set()


def test_there_is_a_chapter():
    assert notebooks(), "the book has no chapter"


def find_wrong_numbers(text, page, numbers):
    """Return the numbers of chapters by which links of a page name another chapter than theirs."""
    wrong = []
    for one, place, two, file in CHAPTER_LINK.findall(text):
        link = place or file
        target = link[1:] if link.startswith("/") else normpath(f"{dirname(page)}/{link}")
        if int(one or two) != numbers.get(target):
            wrong.append(f"{page}: chapter {one or two} -> {link}")
    return wrong


def test_a_link_that_gives_the_number_of_a_chapter_has_it_from_the_table_of_contents():
    pages = [page for part in read_parts(BOOK).values() for page in part]
    numbers = {page: number for number, page in enumerate(pages, start=1)}
    for link in (
        "{doc}`chapter %d <4_b>`",
        "[Chapter %d, say](4_b.ipynb)",
        "{doc}`chapter %d </a/4_b>`",
    ):
        assert find_wrong_numbers(link % 7, "a/1_a", {"a/4_b": 7}) == []
        assert len(find_wrong_numbers(link % 4, "a/1_a", {"a/4_b": 7})) == 1
    for page in toc_pages():
        (path,) = (p for p in map(BOOK.joinpath, (f"{page}.md", f"{page}.ipynb")) if p.exists())
        assert find_wrong_numbers(path.read_text("utf-8"), page, numbers) == []


def test_every_reference_is_cited_and_every_citation_has_a_reference():
    known = re.findall(r"^@\w+\{(\w+),", (BOOK / "references.bib").read_text("utf-8"), re.M)
    assert len(set(known)) == len(known)
    text = "".join(
        path.read_text("utf-8") for page in toc_pages() for path in BOOK.glob(f"{page}.*")
    )
    cited = {
        key.strip()
        for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)
        for key in keys.split(",")
    } | set(_citations.LINK.findall(text))
    assert cited - set(known) == set()
    assert set(known) - cited == set(), "works that no page cites"


def test_the_api_page_names_every_package_and_none_that_is_gone():
    page = (BOOK / "appendix" / "api.md").read_text("utf-8")
    named = re.findall(r"^\.\. automodule:: (\S+)$", page, re.M)
    for name in named:
        importlib.import_module(name)
    headings = re.findall(r"^## mmtutorial\.(\w+)$", page, re.M)
    assert sorted(headings) == sorted(mm.__all__)


class Links(HTMLParser):
    """Collect a page's links, the files it loads, and the places one can jump to."""

    def __init__(self, html):
        super().__init__()
        self.links, self.loads, self.ids = [], [], set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids |= {values[key] for key in ("id", "name") if values.get(key)}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") not in ("canonical", "index", "search"):
            self.loads.append(values.get("href", ""))
        elif values.get("src"):
            self.loads.append(values["src"])


@pytest.fixture(scope="module")
def parsed(built):
    pages = [path for path in built.rglob("*.html") if "_static" not in path.parts]
    return {path: Links(path.read_text("utf-8")) for path in pages}


def find_dead_links(path, page, parsed):
    """Yield the links of a page that lead to no file or to no place in it."""
    for link in page.links + page.loads:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.exists():
            yield f"{path.name} -> {link}"
        elif target in parsed and unquote(parts.fragment) not in parsed[target].ids | {""}:
            yield f"{path.name} -> {link}: no such place"


def test_every_link_inside_the_book_arrives(parsed):
    dead = [link for path, page in parsed.items() for link in find_dead_links(path, page, parsed)]
    assert dead == []


def test_no_page_names_a_foreign_file_to_load(parsed):
    foreign = [
        f"{path.name}: {load}"
        for path, page in parsed.items()
        for load in page.loads
        if urlsplit(load).netloc
    ]
    assert foreign == []


def test_third_party_code_is_not_ours_to_keep():
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    assert ".cache/" in ignored
