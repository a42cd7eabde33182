"""The figures of the chapters: each with its words, in the notebooks and on the built pages."""

import json
import re
from collections import Counter

import nbformat
import pytest

from mmtutorial import _packages

from .conftest import BOOK, notebooks

CHAPTERS = [path.relative_to(BOOK).with_suffix("").as_posix() for path in notebooks()]
EVERY_CHAPTER = pytest.mark.parametrize("visit", CHAPTERS, indirect=True, scope="module")
SHOWN = "main figure.mm-figure"
# What holds pixels or sound in a notebook, and the line that says whose they are.
HELD = re.compile("data:image/(?!svg)|<audio")
CREDIT = re.compile('<small style="display:block">((?:Pictures|Sound): .*?)</small>')
# Cells that draw charts and nothing else, as pictures.
CHARTS = {"evaluation-31", "which-24", "balancing-58", "conflict-65"}
# The labels of the layout that is shown, with the height at which their letters appear.
LABELS = """() => [...document.querySelectorAll('main figure.mm-figure svg')]
    .filter(svg => svg.getClientRects().length)
    .flatMap(svg => [...svg.querySelectorAll('text')].map(text => [text.textContent,
        parseFloat(getComputedStyle(text).fontSize) * svg.getScreenCTM().a]))"""


def captions_of(room):
    path = _packages.CHAPTERS / room / "captions.json"
    return json.loads(path.read_text(encoding="utf-8"))


def names_shown(path):
    """Return the names that the cells of a notebook give to `mm.plots.show`."""
    cells = nbformat.read(path, as_version=4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    return re.findall(r'\bmm\.plots\.show\(\w+, "([\w-]+)"\)', source)


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_every_caption_of_a_room_is_shown_once_in_its_chapter_and_every_figure_has_one(path):
    page = path.relative_to(BOOK).with_suffix("").as_posix()
    words = captions_of(re.sub(r"/\d+_", "/", page))
    shown = names_shown(path)
    assert shown == list(words), "captions.json lists the figures in the order of the chapter"
    html = path.read_text(encoding="utf-8")
    assert [html.count(f'id=\\"{name}\\"') for name in shown] == [1] * len(shown)
    assert all(len(one["alt"]) > 20 and len(one["caption"]) > 10 for one in words.values())


def shown_html(path):
    """Return the identity of each cell of a notebook with the HTML of each of its outputs."""
    return [
        (cell.id, output.get("data", {}).get("text/html", ""))
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", ())
    ]


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_every_picture_and_recording_says_who_made_it(path):
    """Or its caption says that it holds none (a table of colours, say), or it is in `CHARTS`."""
    words = captions_of(re.sub(r"/\d+_", "/", path.relative_to(BOOK).with_suffix("").as_posix()))
    nobodys = CHARTS | {name for name, said in words.items() if said.get("sources") == []}
    held = [(cell, html) for cell, html in shown_html(path) if HELD.search(html)]
    assert held
    wrong = []
    for cell, html in held:
        figure = re.search('<figure class="mm-figure" id="([^"]+)"', html)
        name = figure[1] if figure else cell
        said = " ".join(CREDIT.findall(html))
        missing = not said or ("<audio" in html and "Sound: " not in said)
        if missing != (name in nobodys):
            wrong.append(name)
    assert wrong == []


def test_no_two_figures_of_the_book_have_the_same_name():
    rooms = _packages.find_rooms("captions.json")
    names = Counter(name for room in rooms for name in captions_of(room))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_no_figure_has_its_words_where_only_this_page_would_show_them(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not {"figure", "image"} & set(cell.metadata.get("mystnb", {})), cell.source


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_figures_are_numbered_in_their_order_and_keep_their_names(built, path):
    page = path.relative_to(BOOK).with_suffix("").as_posix()
    html = (built / f"{page}.html").read_text(encoding="utf-8")
    chapter = re.search(r'<h1><span class="section-number">(\d+)', html)[1]
    number = r'.*?caption-number">(Fig\. [\d.]+) <'
    figures = re.findall(rf'(?s)<figure class="mm-figure[^"]*" id="([\w-]+)">{number}', html)
    names = names_shown(path)
    assert figures == [(n, f"Fig. {chapter}.{i}") for i, n in enumerate(names, start=1)]
    ids = Counter(re.findall(r'\bid="([^"]+)"', "".join(re.findall("(?s)<svg.*?</svg>", html))))
    assert [name for name, count in ids.items() if count > 1] == []


@pytest.mark.browser
@EVERY_CHAPTER
def test_every_figure_has_words_for_who_cannot_see_it(visit):
    said = visit.tab.locator(f"{SHOWN} svg, {SHOWN} img").evaluate_all(
        "all => all.map(one => one.getAttribute(one.tagName === 'IMG' ? 'alt' : 'aria-label'))"
    )
    room = captions_of(re.sub(r"/\d+_", "/", visit.name))
    assert set(said) == {words["alt"] for words in room.values()}
    roles = visit.tab.locator(f"{SHOWN} svg").evaluate_all("all => all.map(one => one.role)")
    assert set(roles) <= {"img"}


@pytest.mark.browser
@EVERY_CHAPTER
def test_a_chart_has_the_font_of_the_page_and_its_colour_by_day_and_by_night(visit):
    look = """() => { const page = getComputedStyle(document.querySelector('main p'));
        return [...document.querySelectorAll('main .mm-picture svg text')].map(text => {
            const own = getComputedStyle(text);
            return own.fontFamily === page.fontFamily ? own.fill : own.fontFamily; }); }"""
    seen = {}
    for theme in ("light", "dark"):
        visit.theme(theme)
        (seen[theme],) = set(visit.tab.evaluate(look))
    visit.theme("light")
    light, dark = (
        sum(map(int, re.findall(r"\d+", seen[theme])[:3])) / 3 for theme in ("light", "dark")
    )
    assert light < 80
    assert dark > 180


@pytest.mark.browser
@EVERY_CHAPTER
def test_on_a_phone_no_label_of_a_chart_is_too_small_to_read(visit):
    wide = visit.tab.evaluate(LABELS)
    visit.tab.set_viewport_size({"width": 375, "height": 700})
    visit.rest()
    narrow = visit.tab.evaluate(LABELS)
    one_layout = visit.tab.locator(".mm-picture").evaluate_all(
        """all => all.map(box => [...box.querySelectorAll('svg, img')].filter(
            one => one.getClientRects().length).length)"""
    )
    visit.tab.set_viewport_size({"width": 1280, "height": 900})
    assert [label for label in narrow if label[1] < 9.9] == []
    assert [label for label in wide if label[1] < 9.9] == []
    assert len(wide) > 10
    assert set(one_layout) == {1}


@pytest.mark.browser
@EVERY_CHAPTER
def test_a_picture_has_two_pixels_for_each_that_a_page_shows(visit):
    sizes = visit.tab.locator(f"{SHOWN} img").evaluate_all(
        """all => Promise.all(all.map(async one => { one.loading = 'eager'; await one.decode();
            return [one.naturalWidth, one.clientWidth]; }))"""
    )
    assert sizes
    assert all(natural >= 2 * wide - 2 for natural, wide in sizes)
