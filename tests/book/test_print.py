"""The book on paper: nothing cut, no dead controls, solutions at the end, bookmarks."""

import re
import shutil
import subprocess

import nbformat
import print_book
import pytest
from pypdf import PdfReader

from .conftest import BOOK, toc_pages

pytestmark = pytest.mark.browser
CHAPTER = "fusion/3_attention"
CHAPTERS = [CHAPTER, "multi_task/1_sharing", "cross_modal/4_translation"]
# What was chosen of each menu and row of buttons, and whole rows; groups are a key of signs.
CHOICES = """() => {
    const shown = [...document.querySelectorAll('.mm-frames, .mm-look, .mm-map')]
        .filter(one => one.checkVisibility() && !one.closest('.dropdown'));
    const all = query => shown.flatMap(one => [...one.querySelectorAll(query)])
        .filter(one => one.parentElement.checkVisibility());
    return {
        chosen: [...all('select').map(menu =>
            menu.labels[0].firstChild.data + menu.selectedOptions[0].text),
            ...all('fieldset :checked').map(button => button.parentElement.textContent)],
        rows: all('fieldset:not(.mm-map-groups)').map(row =>
            [...row.querySelectorAll('label')].map(label => label.textContent))
            .filter(texts => texts.length > 2).map(texts => texts.join('')),
    };
}"""


@pytest.fixture(scope="module")
def printed(browser, built, tmp_path_factory):
    """Print chapters of three parts, and a page without headings."""
    folder, tab = tmp_path_factory.mktemp("pdf"), browser.new_page()
    pages = {}
    for name in (*CHAPTERS, "appendix/run_times"):
        path = folder / f"{name}.pdf"
        pages[name] = print_book.print_page(tab, (built / f"{name}.html").as_uri(), path)
    tab.close()
    return pages


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request):
    return request.param


def read_text(path):
    return "".join(page.extract_text() for page in PdfReader(path).pages)


@pytest.fixture(scope="module")
def text(printed, chapter):
    return read_text(printed[chapter].path)


def letters(text):
    return re.sub(r"\s", "", text)


def test_every_line_of_code_is_there_whole(text, chapter):
    notebook = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4)
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
    assert "Solutions: on the page." not in text


def test_the_button_of_a_page_prints_no_answer_and_of_controls_what_was_chosen(
    browser, built, chapter, text, tmp_path
):
    """As `window.print()`, which first says that it will: a script could unfold the answers."""
    tab = browser.new_page()
    tab.goto((built / f"{chapter}.html").as_uri(), wait_until="load")
    choices = tab.evaluate(CHOICES)
    tab.locator(".solution .toggle-button").first.press("Enter")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.pdf(path=tmp_path / "page.pdf", format="A4")
    tab.close()
    by_button = read_text(tmp_path / "page.pdf")
    assert by_button.count("Solutions: on the page.") == 1
    assert not re.search(r"Solution to|One answer|Click to|Show code|Copy to", by_button)
    assert choices["chosen"]
    for words in (by_button, text):
        assert [one for one in choices["chosen"] if letters(one) not in letters(words)] == []
        assert [row for row in choices["rows"] if letters(row) in letters(words)] == []


def test_all_pages_are_bound_in_order_with_bookmarks(printed, tmp_path):
    chapter, other = printed[CHAPTER], printed["appendix/run_times"]
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


def test_a_missing_chinese_font_is_noticed(browser):
    if not shutil.which("fc-list"):
        pytest.skip("fc-list, which knows the fonts of this machine, is not there")
    command = ["fc-list", ":lang=zh"]
    fonts = subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
    tab = browser.new_page()
    assert tab.evaluate(print_book.NO_CHINESE) is not bool(fonts)
    assert not tab.evaluate(print_book.NO_CHINESE.replace("中", "A"))
    tab.close()


def test_of_a_slider_three_figures_are_printed_each_below_its_label(browser, site):
    tab = browser.new_page()
    tab.goto(f"{site}/background/1_what_is_multimodal.html", wait_until="load")
    shown = ".mm-slider :is(img, .mm-slider-label)"
    before = tab.locator(".mm-slider-label:visible").count()
    tab.emulate_media(media="print")
    tab.evaluate(print_book.PREPARE)
    printed = tab.locator(f"{shown}:visible").evaluate_all(
        "all => all.map(one => one.dataset.label ?? one.textContent)"
    )
    value = tab.locator(".mm-slider-value").is_visible()
    tab.close()
    assert before == 0
    assert printed == ["nothing", "nothing", "+ speech", "+ speech", "+ image", "+ image"]
    assert not value


def test_the_end_of_a_sheet_parts_no_question_from_its_answers(browser, site):
    tab = browser.new_page()
    tab.goto(f"{site}/multi_task/1_sharing.html", wait_until="load")
    tab.emulate_media(media="print")
    tab.locator(".Quiz").first.wait_for()
    rules = tab.locator(".Quiz").evaluate_all(
        "all => all.map(one => getComputedStyle(one).breakInside)"
    )
    tab.close()
    assert len(rules) > 3
    assert set(rules) == {"avoid"}


def test_the_card_of_a_chapter_fills_the_sheet_on_which_it_begins(printed, chapter):
    first = PdfReader(printed[chapter].path).pages[0].extract_text()
    assert letters("Afterwards you can") in letters(first)
