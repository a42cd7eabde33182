"""The map of the book: every chapter of the table of contents, every link of the cards, legible."""

import json
import re
from itertools import pairwise

import matplotlib
import pytest
import yaml
from book_pages import read_parts

matplotlib.use("Agg")

from drawing_checks import check_words
from matplotlib import pyplot as plt

from mmtutorial.plots._narrow import LEAST_LABEL, PHONE, smallest_label
from mmtutorial.plots._style import PIXELS, style
from mmtutorial.plots.colours import COLOURS

from .conftest import BOOK

TOC = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [c["file"] for part in TOC["parts"] if part.get("numbered") for c in part["chapters"]]


@pytest.fixture(scope="module")
def book_map():
    import book_map

    return book_map


@pytest.fixture(scope="module")
def parts(book_map):
    return book_map.read_cards(read_parts(BOOK))


def linked_in_card(page):
    """Return the chapters to which the line "You need" of a card leads, found by their files."""
    notebook = json.loads((BOOK / f"{page}.ipynb").read_text(encoding="utf-8"))
    (line,) = re.findall(r"\*\*You need\*\*.*", "".join(notebook["cells"][0]["source"]))
    return {one for one in CHAPTERS if one != page and re.search(rf"\b{one.split('/')[1]}\b", line)}


def test_every_chapter_of_the_toc_is_on_the_map_under_its_title(book_map, parts):
    assert [page for part in parts.values() for page in part] == CHAPTERS
    for draw in (book_map.draw_wide, book_map.draw_narrow):
        with style():
            figure = draw(parts, lambda page: page)
        (axis,) = figure.axes
        for number, page in enumerate(CHAPTERS, start=1):
            title = next(part[page][0] for part in parts.values() if page in part)
            said = [text.get_text() for text in axis.texts if text.get_url() == page]
            assert f"{number}. {title}" in " ".join(said).replace("- ", "-")
            assert page in [patch.get_url() for patch in axis.patches]
        plt.close(figure)


def test_the_map_shows_what_the_cards_say_and_nothing_twice(book_map, parts):
    plan = book_map.Plan(parts)

    def reached(page):
        return {page}.union(*map(reached, plan.needs[page]))

    for page in CHAPTERS:
        assert linked_in_card(page) <= reached(page)
        assert set(plan.needs[page]) <= linked_in_card(page)
        for one in plan.needs[page]:
            assert not any(one in reached(other) for other in plan.needs[page] if other != one)
    drawn = [(source, page) for source, page, _ in plan.routes()]
    assert sorted(drawn) == sorted((one, page) for page in CHAPTERS for one in plan.needs[page])


def test_lines_go_across_or_down_and_through_no_chapter(book_map, parts):
    plan = book_map.Plan(parts)
    for _, page, corners in plan.routes():
        for (x, y), (to_x, to_y) in pairwise(corners):
            assert x == to_x or y == to_y
            for column, row in plan.place.values():
                left, low = plan.left(column), plan.middle(row) - book_map.HEIGHT / 2
                beside = max(x, to_x) <= left + 1e-9 or min(x, to_x) >= left + book_map.WIDTH - 1e-9
                apart = max(y, to_y) <= low + 1e-9 or min(y, to_y) >= low + book_map.HEIGHT - 1e-9
                assert beside or apart, f"a line to {page} crosses a chapter"


def test_no_two_chapters_share_a_line(book_map, parts):
    plan, taken = book_map.Plan(parts), {}
    for source, _, corners in plan.routes():
        for (x, y), (to_x, to_y) in pairwise(corners[1:-1]):
            if x == to_x:
                taken.setdefault(round(x, 3), []).append((min(y, to_y), max(y, to_y), source))
    for spans in taken.values():
        for low, high, source in spans:
            others = [one for one in spans if one[2] != source and one[0] < high and low < one[1]]
            assert others == []


@pytest.mark.parametrize(("name", "most"), [("draw_wide", 800), ("draw_narrow", PHONE)])
def test_words_are_legible_and_touch_nothing(book_map, parts, name, most):
    with style():
        figure = getattr(book_map, name)(parts, lambda page: page)
        assert smallest_label(figure) >= 11 > LEAST_LABEL
        assert figure.get_figwidth() * PIXELS <= most
        check_words(figure)
    plt.close(figure)


def test_a_chapter_that_needs_a_later_one_stops_the_build(book_map):
    parts = {"one": {"a/1": ("A", ["b/1"])}, "two": {"b/1": ("B", [])}}
    with pytest.raises(ValueError, match="a/1 needs b/1, which comes later"):
        list(book_map.Plan(parts).routes())


def test_each_layout_has_one_link_for_each_chapter(book_map, parts):
    html = book_map.draw_map(parts, lambda page: f"../{page}.html")
    wide, narrow = html.split("<svg")[1:]
    for svg in (wide, narrow):
        assert re.findall(r'<a href="../([^"]+).html"', svg) == CHAPTERS
        assert svg.count("<a ") == len(CHAPTERS)
        for part_of, page in zip(svg.split("<a ")[1:], CHAPTERS, strict=True):
            link = part_of.partition("</a>")[0]
            said = "".join(re.findall(r"<text[^>]*>([^<]*)", link))
            title = next(part[page][0] for part in parts.values() if page in part)
            assert f". {title} " in said
            assert link.count("<path") == 1
        assert 'aria-label="7. Attention and bottlenecks after 5"' in svg
        assert 'find the described thing in a clip after 3, 7, 11"' in svg
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)


def test_each_part_has_a_colour_of_its_own_which_is_that_of_no_modality(book_map, parts):
    assert not {"image", "text", "speech", "sound"} & set(book_map.KINDS)
    assert len({COLOURS[kind] for kind in book_map.KINDS}) >= len(parts)


def test_no_line_of_a_chapter_is_a_number_and_an_article(book_map, parts):
    with style():
        figure = book_map.draw_wide(parts, lambda page: page)
    said = [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)
    assert [line for line in said if re.fullmatch(r"\d+\.( An?)?", line)] == []


def test_the_home_page_shows_the_map(built):
    html = (built / "index.html").read_text(encoding="utf-8")
    found = html.partition('<div class="mm-picture mm-book-map">')[2].partition("</div>")[0]
    assert re.findall(r'<a href="([^"]+).html"', found) == CHAPTERS * 2


@pytest.mark.browser
@pytest.mark.parametrize(("width", "shown"), [(1280, False), (390, True)])
def test_what_is_said_of_the_narrow_map_stands_above_it_alone(browser, site, width, shown):
    tab = browser.new_page(viewport={"width": width, "height": 800})
    tab.goto(f"{site}/index.html")
    said = tab.locator("main .on-narrow")
    assert "after 2" in said.text_content()
    assert said.is_visible() is shown
    tab.close()


@pytest.mark.browser
def test_the_map_leads_to_a_chapter_by_keyboard_on_a_phone(browser, site):
    tab = browser.new_page(viewport={"width": 375, "height": 800})
    tab.goto(f"{site}/index.html")
    links = tab.locator(".mm-book-map a:visible")
    assert links.count() == len(CHAPTERS)
    links.nth(6).focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/{CHAPTERS[6]}.html")
    tab.close()
