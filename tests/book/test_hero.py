"""The home page's figure says what the models said, for each picture and word that one chooses."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

import mmtutorial as mm

from .conftest import BOOK, Visit

STORED = json.loads((BOOK / "images" / "hero.json").read_text(encoding="utf-8"))
SAID, GROUPS = STORED["said"], STORED["groups"]


@pytest.fixture(scope="module")
def book_hero():
    import book_hero

    return book_hero


@pytest.fixture(scope="module")
def validation():
    data = mm.data.load_emoji()
    assert list(data.classes["group"]) == GROUPS
    artists = np.array(data.classes["artist"])[data.validation.targets["artist"]]
    return data.validation, artists


def row_of(name, validation):
    split, artists = validation
    found = (split.info["name"] == name) & (artists == STORED["pictures"][name]["artist"])
    (row,) = np.flatnonzero(found)
    return row


def test_the_stored_pictures_and_words_are_those_of_the_data_set(validation):
    split, _ = validation
    for name, word in STORED["pairs"].items():
        row, picture = row_of(name, validation), STORED["pictures"][name]
        assert picture["group"] == GROUPS[split.targets["group"][row]]
        assert word in split.info["keywords"][row].split(" | ")
        drawn = base64.b64decode(picture["address"].partition(",")[2])
        pixels = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB"), dtype=float)
        assert np.abs(pixels - split.inputs["image"][row]).mean() < 4  # it is packed with loss


def test_both_together_is_the_product_of_the_two_with_their_weights():
    weight = STORED["made"]["weight"]
    for name in STORED["pairs"]:
        for word in STORED["pairs"].values():
            places = (("picture", name), ("word", word))
            seen, read = (np.array(SAID[how][one]) for how, one in places)
            both = seen**weight * read ** (1 - weight)
            said = SAID["both"][f"{name}, {word}"]
            np.testing.assert_allclose(said, both / both.sum(), rtol=0.02)


def test_each_pair_needs_both():
    for name, word in STORED["pairs"].items():
        truth = GROUPS.index(STORED["pictures"][name]["group"])
        answers = [SAID["picture"][name], SAID["word"][word], SAID["both"][f"{name}, {word}"]]
        assert [np.argmax(answer) == truth for answer in answers] == [False, False, True]
        np.testing.assert_allclose(np.sum(answers, axis=1), 1, atol=0.005)


def test_the_figure_says_for_each_choice_what_is_stored(book_hero):
    html = book_hero.write_hero(STORED)
    frames = html.split('<div class="mm-hero-frame ')[1:]
    assert len(frames) == 9
    for frame, (name, word, shares) in zip(frames, book_hero.list_frames(STORED), strict=True):
        truth = STORED["pictures"][name]["group"]
        assert f"The picture shows a {name} " in frame
        assert f"“{word}”" in frame
        for how, p in shares.items():
            answer = frame.partition(f'<div class="mm-hero-{how}">')[2].partition("</div>")[0]
            best = int(np.argmax(p))
            group = GROUPS[best].replace("-", " &amp; ")
            assert f"<li class=top>{group} <span>{p[best]:.0%}</span>" in answer
            assert ("✓ right" in answer) == (GROUPS[best] == truth)
    assert "Twemoji (Twitter), CC BY 4.0" in html
    assert "<script" not in html


@pytest.mark.browser
def test_one_chooses_by_keyboard_and_sees_one_answer(browser, site):
    visit = Visit(browser, site, "index")
    pictures, words = (
        visit.tab.get_by_role("group", name=f"Choose a {what}", exact=True).get_by_role("radio")
        for what in ("picture", "word")
    )
    seen = []
    pictures.first.focus()
    for _ in range(3):
        visit.tab.keyboard.press("Tab")
        for _ in range(3):
            frame = visit.tab.locator(".mm-hero-frame:visible")
            assert frame.count() == 1
            seen.append(frame.inner_text())
            visit.tab.keyboard.press("ArrowDown")
        visit.tab.keyboard.press("Shift+Tab")
        visit.tab.keyboard.press("ArrowDown")
    assert words.count() == pictures.count() == 3
    assert len(set(seen)) == 9
    names = [visit.tab.get_by_role("radio", name=name) for name in STORED["pairs"]]
    assert [name.count() for name in names] == [1, 1, 1]
    assert visit.errors == []
    visit.tab.close()


@pytest.mark.browser
def test_the_figure_works_without_javascript_and_is_legible_on_a_phone(browser, site):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    tab = context.new_page()
    tab.goto(f"{site}/index.html")
    box = tab.locator(".mm-hero")
    assert box.locator(".mm-hero-frame:visible").count() == 1
    box.get_by_role("radio", name="milk").check(force=True)
    box.get_by_role("radio", name="baby bottle").check(force=True)
    shown = box.locator(".mm-hero-frame:visible")
    assert "baby bottle (food & drink); the word is “milk”" in shown.inner_text()
    context.close()
    tab = browser.new_page(viewport={"width": 375, "height": 800})
    tab.goto(f"{site}/index.html")
    sizes = tab.locator(".mm-hero :is(legend, span, p, li, small)").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 11
    tab.close()
