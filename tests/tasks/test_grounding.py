"""Scenes show what is described, once; and nothing of a test scene was there in training."""

import numpy as np
import pytest

from mmtutorial.tasks._grounding_things import kinds_of, load_things
from mmtutorial.tasks._questions import WORDS
from mmtutorial.tasks._scenes import COLOURS
from mmtutorial.tasks.grounding import DISTRACTORS, MOST, WAYS, GroundingTask


@pytest.fixture(scope="module")
def task():
    return GroundingTask()


@pytest.fixture(scope="module")
def described(task):
    return task.draw("test", 360, seed=0)


def test_every_description_is_read_in_part(task, described):
    assert all(task.words.split(text)[0] for text in described.texts)


def test_a_colour_and_kind_holds_for_one_thing_alone(described):
    things = load_things("test")
    for scene, (text, way) in enumerate(zip(described.texts, described.ways, strict=True)):
        if way != "colour":
            continue
        _, colour, kind = text.split()
        holds = [
            place
            for place, row in enumerate(described.scenes.rows[scene])
            if row >= 0
            and things.colours[row] in (COLOURS.index(colour), -1)
            and kind in [words[0] for words in things.kinds[row]]
        ]
        assert holds == [described.targets[scene]]


def test_a_name_stands_for_one_concept(described):
    things = load_things("test")
    for scene, way in enumerate(described.ways):
        rows = described.scenes.rows[scene]
        concepts = things.concepts[rows[rows >= 0]]
        target = things.concepts[rows[described.targets[scene]]]
        assert (concepts == target).sum() == 1
        code = "zh" if way == "Chinese" else "en"
        if way != "colour":
            assert described.texts[scene] == things.names[code][rows[described.targets[scene]]]


def test_the_others_are_what_they_are_said_to_be(described):
    things = load_things("test")
    for scene, like in enumerate(described.distractors):
        rows = described.scenes.rows[scene]
        target = rows[described.targets[scene]]
        others = [row for row in rows if row not in (-1, target)]
        if like == "same colour":
            assert {things.colours[row] for row in others} <= {things.colours[target]}
        if like == "same kind":
            assert all({*things.kinds[row]} & {*things.kinds[target]} for row in others)


def test_ways_numbers_and_others_take_turns(described):
    counts = (described.scenes.rows >= 0).sum(axis=1)
    assert set(counts) == set(range(2, MOST + 1))
    for names, given in ((WAYS, described.ways), (DISTRACTORS, described.distractors)):
        assert {name: given.count(name) for name in names} == dict.fromkeys(names, 120)


def test_what_is_meant_stands_at_any_place_and_is_painted_in_any_order(described):
    places = described.targets[(described.scenes.rows >= 0).sum(axis=1) == 5]
    assert set(places) == set(range(5))  # the first are hidden more often than the last


def test_no_concept_and_no_background_is_in_two_splits():
    train, validation, test = (load_things(split) for split in ("train", "validation", "test"))
    assert not {*train.concepts} & {*test.concepts}
    assert not {*train.concepts} & {*validation.concepts}
    seen = {picture.tobytes() for picture in train.backgrounds}
    assert not any(picture.tobytes() in seen for picture in test.backgrounds)


def test_no_stamp_of_the_test_shows_what_training_names():
    train, test = load_things("train"), load_things("test")
    known = {word.strip("s") for name in train.names["en"] for word in name.lower().split()}
    known -= {"a", "an", "the", "pair", "of"} | set(WORDS["en"]["colour"])
    for name, stamp in zip(test.names["en"], test.stamps, strict=True):
        words = {word.strip("s“”") for word in name.lower().split()}
        if stamp:
            assert not words & known - {"", "i", "to", "carry", "city", "bulb", "large", "used"}


def test_kinds_are_the_finest_that_have_a_name():
    assert kinds_of("animal-bird") == (("animal", "动物"), ("bird", "鸟"))
    assert kinds_of("transport-sign") == (("sign", "标志"),)
    assert kinds_of("math") == ()


def test_everything_in_a_training_scene_is_described(task):
    scenes = task.draw_scenes("validation", 20, seed=1)
    texts = task.describe("validation", scenes, seed=1)
    for rows, row_texts in zip(scenes.rows, texts, strict=True):
        assert [bool(text) for text in row_texts] == [row >= 0 for row in rows]
    assert task.number([text for row in texts for text in row]).shape == (100, 6)


def test_one_seed_one_draw(task):
    a, b = (task.draw("validation", 9, seed=4) for _ in range(2))
    assert a.texts == b.texts
    np.testing.assert_array_equal(a.scenes.pictures, b.scenes.pictures)


def test_what_does_not_exist_is_refused(task):
    with pytest.raises(ValueError, match="split must be"):
        task.draw("tests", 2, seed=0)
    with pytest.raises(ValueError, match=r"ways\[0\] must"):
        task.draw("test", 2, seed=0, ways=("smell",))
