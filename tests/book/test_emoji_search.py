"""The search box in a real browser: as Python computes, quick, small, and loaded when used."""

import random

import pytest

from .conftest import HTML, Visit

pytestmark = pytest.mark.browser
PAGE, FOLDER = "cross_modal/3_retrieval", HTML / "emoji-search"
TYPED = [
    "dogs",
    "puppies",
    "a happy cat",
    "一只小狗",
    "下雨了",
    "zzxqy",
    "red  HEART!",
    "汪",
    "ponys",
]


@pytest.fixture(scope="module")
def visit(browser, site):
    found = Visit(browser, site, PAGE)
    yield found
    found.tab.close()


@pytest.fixture(scope="module")
def box():
    from mmtutorial.chapters.cross_modal.retrieval.box import SearchBox, load_weights

    return SearchBox(load_weights())


def loaded(visit):
    """Return which files of the box the page has fetched."""
    return visit.tab.evaluate(
        "performance.getEntriesByType('resource').map(each => each.name)"
        ".filter(name => name.includes('/emoji-search/')).map(name => name.split('/').pop())"
    )


def ask(visit, query):
    """Type a query, and wait for its answer."""
    visit.tab.get_by_role("searchbox", name="Your words").fill(query)
    visit.tab.wait_for_function(
        "query => document.querySelector('.mm-search').dataset.query === query", arg=query
    )


def test_the_box_is_under_two_megabytes(built):
    assert 1e6 < sum(path.stat().st_size for path in FOLDER.iterdir()) < 2e6


def test_data_are_loaded_when_the_box_is_used_and_from_here_alone(visit):
    assert loaded(visit) == ["search.js"]
    assert visit.tab.locator(".mm-search li").count() == 10, "an example is there before"
    entry = visit.tab.get_by_role("searchbox", name="Your words")
    entry.focus()
    visit.tab.wait_for_function(
        "performance.getEntriesByType('resource').some(e => e.name.endsWith('/data.js'))"
    )
    assert visit.foreign == []


def test_the_keyboard_alone_finds_and_a_screen_reader_hears(visit):
    entry = visit.tab.get_by_role("searchbox", name="Your words")
    ask(visit, "birthday cake")
    entry.press("Enter")
    box = visit.tab.locator(".mm-search")
    assert box.get_by_role("status").inner_text().startswith("Read as: birthday cake")
    assert box.get_by_role("listitem").count() == 10
    assert all(box.get_by_role("listitem").all_inner_texts())
    entry.press("Tab")
    visit.tab.keyboard.press("Tab")
    visit.tab.keyboard.press("Enter")
    visit.tab.wait_for_function(
        "document.querySelector('.mm-search [role=status]').innerText != 'Read as: birthday cake.'"
    )


def test_what_is_not_known_is_said(visit):
    ask(visit, "zzxqy")
    status = visit.tab.locator(".mm-search [role=status]")
    assert status.inner_text() == "No word of this is known. Not known: “zzxqy”, left out."
    assert visit.tab.locator(".mm-search li").count() == 0


def test_two_hundred_queries_are_ranked_as_python_ranks_them(visit, box):
    draw = random.Random(0)
    queries = TYPED + [draw.choice(box.known) for _ in range(100)]
    queries += [" ".join(draw.sample(box.known, 2)) for _ in range(100)]
    asked = "queries => Promise.all(queries.map(each => window.mmSearchEmoji(each, 10)))"
    answers = visit.tab.evaluate(asked, queries)
    for query, answer in zip(queries, answers, strict=True):
        pieces, rows = box.search(query, 10)
        assert answer["found"] == rows.tolist(), query
        read = [
            (piece["typed"], box.known[piece["row"]] if piece["row"] >= 0 else "", piece["exact"])
            for piece in answer["pieces"]
        ]
        assert read == [tuple(piece) for piece in pieces], query


def test_the_box_fits_a_phone(visit):
    visit.tab.set_viewport_size({"width": 375, "height": 700})
    ask(visit, "生日")
    right = visit.tab.evaluate(
        "Math.max(...[...document.querySelectorAll('.mm-search li, .mm-search input')]"
        ".map(each => each.getBoundingClientRect().right))"
    )
    assert right <= 375
    assert visit.errors == []


def test_an_answer_takes_less_than_50_milliseconds(visit):
    took = []
    for query in ("a happy cat", "一只小狗", "birthday", "puppies"):
        ask(visit, query)
        took.append(float(visit.tab.locator(".mm-search").get_attribute("data-milliseconds")))
    assert min(took) < 50


def test_in_the_dark_words_stand_out_from_the_page(visit):
    visit.theme("dark")
    entry = visit.tab.get_by_role("searchbox", name="Your words")
    ink, paper = entry.evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
        ".map(c => c.match(/\\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0))"
    )
    visit.theme("light")
    assert ink > paper + 300


def test_a_page_opened_from_a_folder_finds_too(browser, built):
    tab = browser.new_page()
    tab.goto((HTML / f"{PAGE}.html").as_uri(), wait_until="load")
    tab.get_by_role("searchbox", name="Your words").fill("小狗")
    tab.wait_for_function("document.querySelector('.mm-search').dataset.query === '小狗'")
    assert tab.locator(".mm-search li").count() == 10
    tab.close()
