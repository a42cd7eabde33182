"""The figures of the applications in a real browser: they answer to words and to keys."""

import re

import pytest

from .conftest import HTML, PATIENCE, Visit

pytestmark = pytest.mark.browser
GROUNDING, VIDEO = "applications/1_grounding", "applications/3_video"
ANSWER = re.compile(r"scene (\d+), (.*?): row (\d+), column (\d+)")


@pytest.fixture(scope="module", params=["from a server", "from a folder"])
def pointing(request, browser, site):
    visit = Visit(browser, site, GROUNDING)
    if request.param == "from a folder":
        visit.tab.goto((HTML / f"{GROUNDING}.html").as_uri(), wait_until="load")
    yield visit
    visit.tab.close()


def point(visit, scene, words):
    """Choose a scene, type, and return what is said."""
    box = visit.tab.locator(".mm-point")
    box.get_by_label("Picture").select_option(f"scene {scene}")
    box.get_by_label("Description").fill(words)
    return box.get_by_role("status").inner_text()


def test_the_page_points_where_python_pointed(pointing):
    stored = pointing.tab.locator(".mm-point-stored").text_content()
    answers = ANSWER.findall(stored.replace("</li>", "\n"))
    assert len(answers) == 6
    for scene, words, row, column in answers:
        said = point(pointing, scene, words)
        found = re.match(r"Points to row (\d+), column (\d+); cosine 0\.\d\d\.", said)
        assert abs(int(found[1]) - int(row)) <= 1, (words, said)  # the page rounds a half up
        assert abs(int(found[2]) - int(column)) <= 1, (words, said)
    assert len({(row, column) for _, _, row, column in answers}) > 1


def test_another_word_points_elsewhere_or_less_surely(pointing):
    answers = {point(pointing, 1, words) for words in ("face", "animal", "blue", "tree")}
    assert len(answers) > 1


def test_what_is_not_known_is_said_and_nothing_breaks(pointing):
    assert "Not known: zzxqy." in point(pointing, 1, "zzxqy face")
    assert point(pointing, 1, "zzxqy").startswith("Type something that it knows")
    assert point(pointing, 1, "").startswith("Type something that it knows")
    assert pointing.errors == []


def test_a_word_is_chosen_by_keyboard(pointing):
    point(pointing, 1, "the yellow face")
    chips = pointing.tab.locator(".mm-point-words button")
    assert chips.all_inner_texts() == ["all words", "yellow", "face"]
    pointing.tab.locator(".mm-point").get_by_label("Description").press("Tab")
    pointing.tab.keyboard.press("Tab")
    pointing.tab.keyboard.press("Enter")
    assert chips.nth(1).get_attribute("aria-pressed") == "true"
    assert chips.nth(0).get_attribute("aria-pressed") == "false"


def names_at(box, place):
    """Choose a place of the shown scene, and return the words that fit best there."""
    box.get_by_label("Words that fit at").select_option(place)
    said = box.locator(".mm-point-names").inner_text()
    assert f"fit best at {place}: " in said
    return said.rpartition(": ")[2]


def test_a_place_gets_the_words_that_fit_it(pointing):
    box, _ = pointing.tab.locator(".mm-point"), point(pointing, 1, "the yellow face")
    places = ["the cross", "place 1 down, 1 across", "place 8 down, 8 across"]
    assert len({names_at(box, place) for place in places}) > 1
    picture = box.locator("canvas")
    edge = picture.bounding_box()
    picture.click(position={"x": 0.7 * edge["width"], "y": 0.3 * edge["height"]})
    chosen = box.get_by_label("Words that fit at")
    assert chosen.input_value() == "place 3 down, 6 across"
    clicked = box.locator(".mm-point-names").inner_text().rpartition(": ")[2]
    assert clicked == names_at(box, "place 3 down, 6 across")
    names_at(box, "the cross")
    assert pointing.errors == []


BREAKS = {
    "nothing is missing": "",
    "OffscreenCanvas": "delete window.OffscreenCanvas",
    "a canvas that draws": "HTMLCanvasElement.prototype.getContext = () => null",
    "arrays of bytes": "delete window.Int8Array",
}


@pytest.mark.parametrize("missing", BREAKS)
def test_what_the_browser_lacks_is_said_and_stored_answers_are_shown(browser, site, missing):
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.add_init_script(BREAKS[missing])
    tab.goto(f"{site}/{GROUNDING}.html", wait_until="load")
    box = tab.locator(".mm-point")
    box.get_by_label("Description").fill("the yellow face")
    said, stored = box.get_by_role("status"), box.locator(".mm-point-stored")
    if missing in ("nothing is missing", "OffscreenCanvas"):
        assert said.inner_text().startswith("Points to row ")
        assert stored.is_hidden()
    else:
        assert said.inner_text().startswith("This browser lacks what the figure needs")
        assert stored.is_visible()
        assert len(ANSWER.findall(stored.inner_text())) == 6
    tab.close()


def test_without_scripts_the_stored_answers_are_shown(browser, site):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{site}/{GROUNDING}.html", wait_until="load")
    assert tab.locator(".mm-point-stored").is_visible()
    context.close()


@pytest.fixture(scope="module")
def playing(browser, site):
    visit = Visit(browser, site, VIDEO)
    yield visit
    visit.tab.close()


def test_a_clip_is_stepped_through_and_played_by_keyboard(playing):
    clip = playing.tab.locator(".mm-clip:visible").first
    slider, said = clip.get_by_role("slider"), clip.locator(".mm-clip-said")
    view = clip.locator(".mm-clip-view")
    position = "e => getComputedStyle(e).backgroundPositionX"
    slider.focus()
    slider.press("Home")
    first, place = said.text_content(), view.evaluate(position)
    slider.press("ArrowRight")
    assert slider.input_value() == "1"
    assert view.evaluate(position) != place
    assert slider.get_attribute("aria-valuetext") == said.text_content() != first
    slider.press(" ")
    button = clip.get_by_role("button")
    assert button.inner_text() == "Pause"
    playing.tab.wait_for_function("e => e.value > 2", arg=slider.element_handle())
    slider.press(" ")
    assert button.inner_text() == "Play"
    stopped = slider.input_value()
    playing.tab.wait_for_timeout(500)
    assert slider.input_value() == stopped
    assert playing.errors == []


def test_a_clip_is_described_to_those_who_cannot_see_it(playing):
    clip = playing.tab.locator(".mm-clip:visible").first
    description = clip.get_by_role("img").get_attribute("aria-label")
    assert len(description.split()) > 5
    assert description in clip.inner_text()
