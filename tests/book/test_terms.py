"""A link to the glossary says what its term means: in its title, and on a card."""

import re
from html import unescape

import pytest

from .conftest import Visit, toc_pages

pytestmark = pytest.mark.browser
CHAPTER = "background/3_features"
LINK = "main a:has(> .std-term)"


@pytest.fixture
def chapter(browser, site):
    visit = Visit(browser, site, CHAPTER)
    yield visit
    visit.tab.close()
    assert visit.errors == []


def test_no_explanation_holds_a_key_of_the_bibliography_or_tex(built):
    said = set()
    for page in toc_pages():
        html = (built / f"{page}.html").read_text("utf-8")
        said |= set(re.findall(r'title="([^"]*)"><span class="xref std std-term', html))
    assert len(said) > 200
    for text in map(unescape, said):
        assert re.match(r"\S.*?: \S", text), text
        assert not re.search(r"[\\${}]|[a-z]\d{4}|\s[.,;]", text), text


def is_open(link, card):
    """Say whether the card shows the link's term; a card that is not shown left no trace."""
    shown = card.is_visible()
    assert link.get_attribute("aria-describedby") == ("term-card" if shown else None)
    assert bool(link.get_attribute("title")) is not shown
    return shown


def test_a_card_opens_under_a_pointer_stays_under_it_and_closes(chapter):
    tab, card = chapter.tab, chapter.tab.locator("#term-card")
    link = tab.locator(LINK).nth(3)
    text = link.get_attribute("title")
    assert not is_open(link, card)
    link.hover()
    card.wait_for()
    assert is_open(link, card)
    assert card.inner_text() == text
    assert card.get_attribute("role") == "tooltip"
    card.hover()
    tab.wait_for_timeout(600)
    assert is_open(link, card)
    tab.locator(".bd-article h1").hover()
    card.wait_for(state="hidden")
    assert not is_open(link, card)
    assert link.get_attribute("title") == text

    other = tab.locator(LINK).nth(4)
    link.hover()
    card.wait_for()
    other.hover()
    tab.wait_for_function("text => document.querySelector('#term-card').innerText === text",
                          arg=other.get_attribute("title"))  # fmt: skip
    assert not link.get_attribute("aria-describedby")
    assert is_open(other, card)


def test_a_card_opens_by_keyboard_and_closes_by_escape_or_with_the_focus(chapter):
    tab, card = chapter.tab, chapter.tab.locator("#term-card")
    link = tab.locator(LINK).first
    link.focus()
    tab.keyboard.press("Shift+Tab")
    assert not is_open(link, card)
    tab.keyboard.press("Tab")
    assert is_open(link, card)
    tab.keyboard.press("Escape")
    assert not is_open(link, card)
    assert link.evaluate("one => one === document.activeElement")
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Tab")
    assert is_open(link, card)
    tab.keyboard.press("Tab")
    assert link.get_attribute("title")
    assert not link.get_attribute("aria-describedby")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_card_lies_within_the_page_of_a_phone_and_has_the_colours_of_the_mode(chapter, theme):
    tab, card = chapter.tab, chapter.tab.locator("#term-card")
    tab.set_viewport_size({"width": 375, "height": 700})
    chapter.theme(theme)
    tab.keyboard.press("Tab")
    for link in tab.locator(LINK).all():
        link.focus()
        box, line = card.bounding_box(), link.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 375
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 700
        assert box["y"] >= line["y"] or box["y"] + box["height"] <= line["y"]
    assert tab.evaluate("document.documentElement.scrollWidth") <= 375
    colours = card.evaluate(
        "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    )
    ground, ink = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert ground < ink if theme == "dark" else ground > ink
    assert abs(ground - ink) > 400


def test_a_tap_follows_the_link_and_opens_no_card(browser, site):
    context = browser.new_context(has_touch=True, viewport={"width": 375, "height": 700})
    tab = context.new_page()
    tab.goto(f"{site}/{CHAPTER}.html")
    link, card = tab.locator(LINK).nth(2), tab.locator("#term-card")
    link.evaluate(
        "one => one.addEventListener('click', event => event.preventDefault(), {once: 1})"
    )
    link.tap()
    tab.wait_for_timeout(600)
    assert link.evaluate("one => one === document.activeElement")
    assert not is_open(link, card)
    link.tap()
    tab.wait_for_url("**/glossary.html#term-*")
    context.close()


def test_without_scripts_the_title_says_it(browser, site):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{site}/{CHAPTER}.html")
    assert tab.locator(LINK).first.get_attribute("title")
    assert tab.locator("#term-card").count() == 0
    context.close()
