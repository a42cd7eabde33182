"""The plain notebooks beside the pages: readable anywhere, true to the page, and they run."""

import functools
import json
import re
from html import unescape
from html.parser import HTMLParser

import nbformat
import pytest
import write_addresses
from markdown_it import MarkdownIt
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from .conftest import BOOK, HTML, notebooks

PAGES = [path.relative_to(BOOK).with_suffix("").as_posix() for path in notebooks()]
EDITIONS = ["notebooks", "notebooks/student"]
MYST = re.compile(
    r"\{[a-z][\w:-]*\}`"  # a role
    r"|^[ >]*[`:~]{3,} *\{"  # a directive
    r"|^[ >]*:{3,}$"  # the end of one
    r"|^[ >]*:[a-z][\w-]*: "  # an option
    r"|^[ >]*\(\S+\)=$"  # a label
    r"|<!--",
    re.MULTILINE,
)
SITE = write_addresses.find_site(write_addresses.read_project()[0])


@functools.cache
def read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=PAGES)
def page(request):
    return request.param


@pytest.fixture(params=EDITIONS, ids=["with solutions", "without solutions"])
def plain(request, built, page):
    return read(built / request.param / f"{page}.ipynb")


def texts(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def result(output):
    """Return what a cell gave, without the number that a plain notebook writes into a caption."""
    data = dict(output.get("data", {}))
    if "text/html" in data:
        data["text/html"] = re.sub(
            r"<figcaption><b>Fig\. [\d.]+</b> ", "<figcaption>", data["text/html"]
        )
    return output.get("text") or data


def solutions_of(page):
    """Return the code of the solutions, from the source."""
    block = r"\{solution-start\}.*?```python\n(.*?)```"
    return re.findall(block, "\n".join(texts(read(BOOK / f"{page}.ipynb"))), re.DOTALL)


class Text(HTMLParser):
    """The words of a page or of a Markdown text, without what is neither letter nor digit.

    Of a formula that was drawn, they are those of its TeX.
    """

    def __init__(self, html):
        super().__init__()
        self.words, self._drawn = "", False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "mjx-container":
            self.handle_data(dict(attributes)["data-tex"])
            self._drawn = True

    def handle_endtag(self, tag):
        self._drawn = self._drawn and tag != "mjx-container"

    def handle_data(self, data):
        if not self._drawn:
            self.words += "".join(filter(str.isalnum, data))


def words(html):
    return Text(html).words


@functools.cache
def words_of_page(page):
    return words((HTML / f"{page}.html").read_text(encoding="utf-8"))


def blocks(markdown):
    """Return the words of each paragraph, heading, item and table cell of a Markdown text."""
    html = MarkdownIt("commonmark").enable("table").render(markdown)
    parts = re.split(r"</?(?:p|h\d|li|ol|ul|t[hdr]|pre|blockquote|summary)\b[^>]*>", html)
    return [unescape(part) for part in map(words, parts) if part]


def sort_works(text):
    """Order works that are cited together by their authors, as the pages do."""
    work = r"\[[^\]]+\]\([^)]+/bibliography\.html#[^)]+\)"
    return re.sub(
        rf"{work}(?:; {work})+", lambda found: "; ".join(sorted(found[0].split("; "))), text
    )


def test_it_is_a_valid_notebook_with_the_code_and_results_of_its_chapter(page, plain):
    nbformat.validate(plain)
    source = read(BOOK / f"{page}.ipynb")
    assert [cell.source for cell in code(plain)] == [cell.source for cell in code(source)]
    for cell, original in zip(code(plain), code(source), strict=True):
        kept = [out for out in original.outputs if "glue" not in out.get("metadata", {})]
        assert [result(out) for out in cell.outputs] == [result(out) for out in kept]


def test_no_role_and_no_directive_is_left(plain):
    left = [found for text in texts(plain) for found in MYST.findall(text)]
    assert left == []


def test_its_sentences_and_numbers_are_those_of_the_page(page, plain):
    """Figures, exercises, works and measured numbers stand in sentences, or in front of them."""
    for text in map(sort_works, texts(plain)):
        text = text.replace(f"[Read this chapter as a page]({SITE}{page}.html)", "")
        text = re.sub(r"(?ms)^\$\$.*?\$\$$|<summary>Solution of|</?details>|</?summary>", "", text)
        for block in blocks(text):
            assert block in words_of_page(page), block


def test_its_equations_have_the_numbers_of_the_page(page, plain):
    text = "\n".join(texts(plain))
    equations = re.findall(r"(?s)\$\$\n((?:(?!\$\$).)*?) \\tag\{([\d.]+)\}\n\$\$", text)
    shown = words_of_page(page).replace("beginsplit", "")
    for equation, number in equations:
        assert words(number + equation) in shown
    html = (HTML / f"{page}.html").read_text(encoding="utf-8")
    assert [number for _, number in equations] == re.findall(r'"eqno">\(([\d.]+)\)', html)


def test_every_figure_has_its_number_its_caption_and_words_for_who_cannot_see_it(page, plain):
    shown = "\n".join(
        out.data.get("text/html", "")
        for cell in code(plain)
        for out in cell.outputs
        if "data" in out
    )
    captions = re.findall(r"<figcaption><b>(Fig\. [\d.]+)</b> \S", shown)
    html = (HTML / f"{page}.html").read_text(encoding="utf-8")
    assert captions == re.findall(r'caption-number">(Fig\. [\d.]+) <', html)
    assert len(
        re.findall(r'<figure class="mm-figure"[^>]*><img [^>]*\balt="[^"]{20,}"', shown)
    ) == len(captions)


def test_every_link_leads_to_a_place_on_the_site(built, plain):
    targets = set(re.findall(r"\]\((\S+?)\)", "\n".join(texts(plain))))
    ours = {target.removeprefix(SITE) for target in targets if target.startswith(SITE)}
    assert len(ours) > 10
    assert {target for target in targets if "://" not in target} == set()
    for place, _, anchor in (target.partition("#") for target in ours):
        html = (built / place).read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in html, f"{place}#{anchor}"


def test_solutions_are_folded_for_self_study(built, page):
    text = "\n".join(texts(read(built / EDITIONS[0] / f"{page}.ipynb")))
    folded = re.findall(r"(?s)<details>\n<summary>Solution.*?</details>", text)
    assert len(folded) == len(solutions_of(page)) > 0
    for fold, solution in zip(folded, solutions_of(page), strict=True):
        assert solution in fold


def test_solutions_are_absent_for_students(built, page):
    text = (built / EDITIONS[1] / f"{page}.ipynb").read_text(encoding="utf-8")
    assert "<summary>Solution" not in text
    chapter = "\n".join(cell.source for cell in code(read(BOOK / f"{page}.ipynb")))
    for solution in solutions_of(page):
        own = [line for line in solution.splitlines() if line.strip() not in chapter]
        assert len(own) > 0
        assert [line for line in own if json.dumps(line, ensure_ascii=False)[1:-1] in text] == []


def test_what_the_page_does_not_show_is_folded(page, plain):
    hidden = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
    for cell, original in zip(code(plain), code(read(BOOK / f"{page}.ipynb")), strict=True):
        folded = bool(hidden & set(original.metadata.get("tags", [])))
        assert cell.metadata.get("jupyter", {}).get("source_hidden", False) == folded


def test_nbconvert_shows_it(built):
    body, _ = HTMLExporter().from_notebook_node(read(built / EDITIONS[0] / f"{PAGES[-1]}.ipynb"))
    article = re.sub(r"(?s)<style.*?</style>|<script.*?</script>|<pre.*?</pre>", "", body)
    assert "{term}" not in article
    assert ":::" not in article
    assert not re.search(r"\]\(http|\*\*\w", article), "Markdown is left"
    assert article.count("<summary>Solution") == len(solutions_of(PAGES[-1]))


def test_it_runs_in_an_empty_folder(built, tmp_path):
    """The chapter that takes the least time, as a student opens it: with every exercise open."""
    times = json.loads((BOOK / "run_times.json").read_text(encoding="utf-8"))["chapters"]
    fastest = min(PAGES, key=lambda page: times[page]["seconds"])
    notebook = nbformat.read(built / EDITIONS[1] / f"{fastest}.ipynb", as_version=4)
    resources = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(notebook, timeout=600, startup_timeout=300, resources=resources)
    client.execute()
    assert [cell.execution_count for cell in code(notebook)] == [
        number for number, _ in enumerate(code(notebook), 1)
    ]


def test_binder_finds_what_it_needs(built):
    address, version = write_addresses.read_project()
    package = (built / "notebooks" / "requirements.txt").read_text(encoding="utf-8")
    assert package == f"mmtutorial[run] @ git+{address}@v{version}\n"
    assert package.strip() in write_addresses.COLAB_CELL.format(address=address, version=version)
