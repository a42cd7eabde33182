"""The cards of the home page: a picture from each chapter's own figures, and whose it is."""

import base64
import io
import json
import re

import numpy as np
import pytest
from book_pages import read_parts
from PIL import Image

import mmtutorial as mm
from mmtutorial import plots

from .conftest import BOOK, notebooks

PAGES = [path.relative_to(BOOK).with_suffix("").as_posix() for path in notebooks()]


@pytest.fixture(scope="module")
def cards():
    import book_cards

    return book_cards


def read(page):
    return json.loads((BOOK / f"{page}.ipynb").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_each_chapter_has_a_picture_that_shows_something(cards, page):
    name, edges = cards.CUTS[page]
    html = cards.cut(cards.find_figure(read(page), name), edges)
    content = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    assert pixels.shape == (cards.HEIGHT, cards.WIDTH, 3)
    thirds = np.array_split(pixels.astype(float), 3, axis=1)
    assert all(part.std() > 10 for part in thirds), "a part of it is empty"
    assert len(content) < 5000


# Those of single pictures on white: where nothing is cut, their upper and lower edges are white.
ON_WHITE = [
    "background/1_what_is_multimodal",
    "fusion/3_attention",
    "cross_modal/3_retrieval",
]


@pytest.mark.parametrize("page", ON_WHITE)
def test_no_subject_of_a_picture_is_cut(cards, page):
    name, edges = cards.CUTS[page]
    html = cards.cut(cards.find_figure(read(page), name), edges)
    content = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    pixels = np.asarray(Image.open(io.BytesIO(content))).astype(float)
    assert min(pixels[0].mean(), pixels[-1].mean()) > 250


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_cards_are_as_wide_as_the_page_and_keep_a_number_with_its_word(browser, site, width):
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto(f"{site}/index.html")
    edges = tab.evaluate(
        """() => ['.doors .sd-card', '.chapters .sd-card', 'main .mm-hero'].map(
            which => document.querySelector(which).getBoundingClientRect().left)"""
    )
    facts = tab.locator(".chapters .sd-card-text:last-child").all_text_contents()
    tab.close()
    assert max(edges) - min(edges) < 5
    assert len(facts) == len(PAGES)
    fact = re.compile(r"\d+\xa0min, runs\xa0in\xa0\d+\xa0s, \d+\xa0exercises")
    assert [one for one in facts if not fact.fullmatch(one.strip())] == []


def test_no_picture_is_cut_for_a_chapter_that_is_gone(cards):
    assert set(cards.CUTS) == set(PAGES)


def test_a_cut_is_the_part_that_the_edges_tell(cards):
    image = np.zeros((60, 60, 3), np.uint8)
    image[:, :30], image[:, 30:] = (255, 0, 0), (0, 0, 255)
    figure = plots.image_grid(image[None], size=3)
    html = plots.show(figure, caption="A *red* half & a blue.", alt="A square.")._repr_html_()
    whole = Image.open(io.BytesIO(base64.b64decode(cards.SHOWN.search(html)[1])))
    middle = whole.width // 2
    for left, colour in ((middle - 150, (255, 0, 0)), (middle + 30, (0, 0, 255))):
        found = cards.cut(html, (left, 200, left + 120))
        assert 'alt="Part of a figure: A red half &amp; a blue."' in found
        content = base64.b64decode(re.search(r"base64,([^\"]+)", found)[1])
        pixels = np.asarray(Image.open(io.BytesIO(content)))
        assert (np.abs(pixels.mean(axis=(0, 1)) - colour) < 10).all()
    with pytest.raises(ValueError, match=r"edges must lie in a figure of \(\d+, \d+\), got"):
        cards.cut(html, (0, 0, 5000))
    with pytest.raises(ValueError, match="no output of the notebook holds the figure x"):
        cards.find_figure({"cells": [{"source": ""}]}, "x")


def test_each_source_is_found_in_its_line_and_no_other_one(cards):
    from mmtutorial._credits import SOURCES, write_credit

    for source in SOURCES:
        assert cards.find_sources(f"<small>{write_credit([source])}</small>") == [source]
    assert cards.find_sources(f"<small>{write_credit(SOURCES)}</small>") == list(SOURCES)


def test_the_home_page_names_whose_pictures_its_cards_show(cards, built):
    figures = [cards.find_figure(read(page), name) for page, (name, _) in cards.CUTS.items()]
    sources = {name for figure in figures for name in cards.find_sources(figure)}
    assert {"stamps", "noto", "fluent_3d", "animated_emoji", "dialogues"} <= sources
    html = (built / "index.html").read_text(encoding="utf-8")
    assert cards.write_credit(sources) in html
    assert len(re.findall(r'<img [^>]*alt="Part of a figure', html)) == len(PAGES)


def test_the_home_page_says_how_much_of_everything_there_is(cards, built):
    raw = [path.read_text(encoding="utf-8") for path in notebooks()]
    rooms = BOOK.parent / "mmtutorial" / "chapters"
    asked = [json.loads(path.read_text(encoding="utf-8")) for path in rooms.glob("*/*/quiz.json")]
    loaders = [name for name in dir(mm.data) if name.startswith("load_")]
    facts = {
        "chapters": len(PAGES),
        "exercises": sum(text.count("mm.exercises.check(") for text in raw),
        "questions": sum(map(len, asked)),
        "figures": sum(text.count("mm-twin-hint") for text in raw),
        "data sets": len(loaders),
    }
    assert cards.count_facts(BOOK, read_parts(BOOK)) == facts
    words = re.sub(r"\*|<[^>]+>", "", cards.write_facts(facts))
    text = re.sub(r"<[^>]+>", "", (built / "index.html").read_text(encoding="utf-8"))
    assert words in text


def test_what_is_still_to_come_is_not_there_yet():
    coming = (BOOK / "index.md").read_text(encoding="utf-8").split("**Still to come:**")[1]
    parts = [caption.lower() for caption in read_parts(BOOK)]
    for name in re.findall(r"\*(\w+)\*", coming.split("\n\n")[0]):
        assert name not in parts
