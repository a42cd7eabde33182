"""The live figures of the part on fusion in a real JupyterLab."""

import re

import pytest

from .lab import answered, answers, choose, fill, move, refused, shown

pytestmark = pytest.mark.browser


def test_the_reader_types_words_to_any_emoji(browser, lab):
    cells = [
        "joining-02",
        "joining-04",
        "joining-19",
        "joining-21-a",
        "joining-21",
        "joining-own-words",
    ]
    tab, figure = lab.run(browser, "fusion/1_joining", cells)
    shown(figure, "rocket, with the words: space")
    with_space = answers(figure)
    words = figure.get_by_label("Words", exact=True)
    words.fill("animal")
    shown(figure, "rocket, with the words: animal")
    with_animal = answers(figure)
    assert with_animal["picture"] == with_space["picture"]
    assert with_animal["words"] < 0.5 < with_space["words"]
    assert with_animal["late fusion"] < 0.5 < with_space["late fusion"]

    move(figure, "Weight of the picture", "End")
    assert answers(figure)["late fusion"] == pytest.approx(with_space["picture"], abs=0.011)

    words.fill("@@@")
    figure.get_by_role("alert").wait_for()
    shown(figure, "try another word")
    words.fill("tiger, big")
    figure.get_by_label("Emoji", exact=True).select_option(label="tiger face")
    shown(figure, "tiger face, with the words: tiger, big")
    assert figure.get_by_role("alert").count() == 0
    tab.close()


def test_the_reader_drags_the_gate_and_spoils_the_picture(browser, lab):
    cells = ["gates-02", "gates-04", "gates-20-a", "gates-20", "gates-33"]
    tab, figure = lab.run(browser, "fusion/2_gates_and_tensors", cells)
    figure.get_by_label("Emoji", exact=True).select_option(label="dumpling (114)")
    shown(figure, "dumpling, picture as it is")
    ends = {}
    for key, place in {"Home": "0.00", "End": "1.00"}.items():
        move(figure, "Gate", key)
        shown(figure, f"held at {place}")
        ends[place] = answers(figure)[f"held at {place}"]
    assert max(ends.values()) < 0.5

    whole = answers(figure)
    figure.get_by_label("Picture", exact=True).select_option(label="static")
    shown(figure, "dumpling, picture static")
    assert answers(figure).keys() != whole.keys()  # its own gates have moved
    figure.get_by_label("Words", exact=True).select_option(label="another emoji's")
    shown(figure, "words another emoji's")
    tab.close()


def test_the_reader_builds_a_scene_and_erases_a_place(browser, lab):
    cells = [
        "attention-02",
        "attention-04",
        "attention-06-a",
        "attention-06",
        "attention-17-a",
        "attention-17",
        "attention-build",
    ]
    tab, figure = lab.run(browser, "fusion/3_attention", cells)

    def columns():
        rows = figure.locator(".mm-probabilities tbody tr").all()
        cells = [row.locator("td").all_inner_texts() for row in rows]
        return [list(map(float, column)) for column in zip(*cells, strict=True)]

    def erase(place):
        with answered(figure):
            figure.get_by_role("button", name=place, exact=True).click()

    places = [figure.get_by_role("button", name=each, exact=True).bounding_box() for each in
              ("top left", "top right", "bottom left", "bottom right")]  # fmt: skip
    assert places[0]["y"] == places[1]["y"] < places[2]["y"] == places[3]["y"]
    assert places[0]["x"] == places[2]["x"] < places[1]["x"] == places[3]["x"]

    (whole,) = columns()
    erase("top left")
    shown(figure, "top left: erased")
    shown(figure, "The answer turns from yellow to")
    again, without = columns()
    assert again == whole != without
    for name in ("Top right", "Bottom left", "Bottom right"):
        choose(figure, name, "(empty)")
    erase("bottom right")
    shown(figure, "The answer stays yellow; it moves by 0.00.")
    before, after = columns()
    assert before == after
    fill(figure, "Words", "vehicle")
    shown(figure, "The answer stays yellow; it moves by 0.00.")
    assert columns()[0] != before  # the word looks past the camel
    figure.get_by_label("Words", exact=True).fill("@@@")
    refused(figure, "try another word")
    fill(figure, "Words", "animal")
    assert figure.get_by_role("alert").count() == 0
    assert columns() == [before, after]
    tab.close()


def test_the_reader_trains_a_fusion_and_stops_it(browser, lab):
    cells = ["which-02", "which-04", "which-11", "which-retrain"]
    tab, figure = lab.run(browser, "fusion/5_which_fusion", cells)
    train, stop = (figure.get_by_role("button", name=name) for name in ("Train", "Stop"))
    seed = figure.get_by_label("Seed", exact=True)
    shown(figure, "You have trained none so far.")
    seed.fill("-1")
    seed.press("Enter")
    refused(figure, "seed must be at least 0, got -1")
    seed.fill("6")
    seed.press("Enter")
    figure.get_by_role("alert").wait_for(state="detached")
    epochs = figure.get_by_role("slider", name="Epochs")
    epochs.press("End")

    def wait_for_epochs(count):
        tab.wait_for_function(
            "count => document.querySelector('.mm-live polyline')"
            "?.getAttribute('points').split(' ').length >= count",
            arg=count,
        )

    train.click()
    wait_for_epochs(1)
    assert train.is_disabled()
    assert stop.is_enabled()
    wait_for_epochs(3)  # it grows
    stop.click()
    figure.get_by_text(re.compile("^(inside|below it|above it)$")).wait_for()
    (log,) = figure.locator("tbody tr").all()
    done, asked = map(int, log.locator("td").nth(6).inner_text().split(" of "))
    assert 3 <= done < asked == 24
    assert train.is_enabled()

    epochs.press("Home")
    train.click()
    figure.locator("tbody tr").nth(1).get_by_text("1 of 1").wait_for()
    figure.get_by_text(re.compile("^(inside|below it|above it)$")).nth(1).wait_for()
    choose(figure, "Fusion", "sum")
    assert figure.locator("polyline").count() == 0
    assert figure.locator("tbody tr").count() == 2
    tab.close()
