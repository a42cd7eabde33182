"""Scenes show what their questions say, and the questions do not give the answers away."""

import colorsys
from collections import Counter, defaultdict

import numpy as np
import pytest

from mmtutorial.cross_modal.vision_language import split_words
from mmtutorial.preprocessing import Vocabulary
from mmtutorial.tasks._questions import KINDS, WORDS
from mmtutorial.tasks._scenes import COLOURS, HUES, Scenes, dominant_colours
from mmtutorial.tasks.vqa import VQATask

CHANCE = {"what": 1 / 8, "colour": 1 / 6, "count": 1 / 4, "where": 1 / 4, "presence": 1 / 2}


@pytest.fixture(scope="module")
def task():
    return VQATask()


@pytest.fixture(scope="module")
def asked(task):
    return task.draw("test", 1500, seed=0)


def seen(task, split, asked):
    """Colour and group of what stands in each corner, in English words; None is empty."""
    attributes = task._attributes[split]
    for row in asked.scenes.rows:
        yield [
            None
            if drawing < 0
            else tuple(WORDS["en"][n][attributes[n][drawing]] for n in ("colour", "group"))
            for drawing in row
        ]


# --- colours


def colour_of(pixel):
    hue, _, value = colorsys.rgb_to_hsv(*pixel)
    if min(pixel) >= 0.94:
        return -1
    if value - min(pixel) <= 0.2:
        return COLOURS.index("grey")
    return sum(hue * 360 >= edge for edge in HUES) % 5


def test_the_colour_of_a_pixel_is_that_of_its_hue(rng):
    pixels = rng.integers(0, 256, (500, 1, 1, 3)).astype(np.uint8)
    hues = np.array([colorsys.rgb_to_hsv(*(p[0, 0] / 255))[0] * 360 for p in pixels])
    clear = np.min(np.abs(hues[:, None] - np.array(HUES)), axis=1) > 0.01
    expected = [colour_of(np.float32(p[0, 0]) / np.float32(255)) for p in pixels]
    np.testing.assert_array_equal(dominant_colours(pixels)[clear], np.array(expected)[clear])


@pytest.mark.parametrize(
    ("pixel", "colour"),
    [
        ((200, 20, 20), "red"), ((240, 100, 180), "red"), ((250, 200, 40), "yellow"),
        ((120, 70, 30), "yellow"), ((30, 160, 60), "green"), ((40, 90, 220), "blue"),
        ((130, 60, 200), "purple"), ((20, 20, 20), "grey"), ((210, 210, 210), "grey"),
    ],
)  # fmt: skip
def test_colours_have_the_names_that_people_give_them(pixel, colour):
    image = np.full((1, 4, 4, 3), pixel, np.uint8)
    assert COLOURS[dominant_colours(image)[0]] == colour


def test_half_of_what_is_no_paper_makes_a_colour():
    image = np.full((1, 4, 10, 3), 255, np.uint8)
    assert dominant_colours(image)[0] == -1
    image[0, :, :4] = (200, 20, 20)
    assert dominant_colours(image)[0] == 0
    image[0, :, 4:7] = (40, 90, 220)
    assert dominant_colours(image)[0] == 0
    image[0, :, 7:9] = (30, 160, 60)  # 4, 3 and 2 of 9
    assert dominant_colours(image)[0] == -1


# --- scenes


def test_a_drawing_of_full_size_fills_its_corner(rng):
    drawings = rng.integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)
    rows = np.array([[0, -1, 1, 2], [-1, -1, -1, 1]])
    scenes = Scenes(rows, np.full((2, 4), 64), np.zeros((2, 4, 2), int))
    pictures = scenes.compose(drawings)
    for picture, row in zip(pictures, rows, strict=True):
        for corner, drawing in enumerate(row):
            top, left = 64 * (corner // 2), 64 * (corner % 2)
            part = picture[top : top + 64, left : left + 64]
            expected = 255 if drawing < 0 else drawings[drawing]
            np.testing.assert_array_equal(part, np.broadcast_to(expected, part.shape))


def test_a_smaller_drawing_stays_in_its_corner(rng):
    black, rows = np.zeros((1, 64, 64, 3), np.uint8), np.where(np.eye(4, dtype=bool), 0, -1)
    scenes = Scenes.place(np.repeat(rows, 50, axis=0), rng)
    for picture, size, place, row in zip(
        scenes.compose(black), scenes.sizes, scenes.offsets, scenes.rows, strict=True
    ):
        corner = int(np.flatnonzero(row >= 0)[0])
        dark = np.argwhere(picture[..., 0] == 0)
        expected = place[corner] + 64 * np.array(divmod(corner, 2))
        np.testing.assert_array_equal(dark.min(axis=0), expected)
        np.testing.assert_array_equal(dark.max(axis=0), expected + size[corner] - 1)
        assert set(np.unique(picture)) == {0, 255}


def test_a_seed_draws_the_same_and_another_draws_others(task):
    first, again, other = (task.draw("train", 40, seed=seed) for seed in (1, 1, 2))
    assert first.questions == again.questions
    np.testing.assert_array_equal(
        task.pictures("train", first.scenes), task.pictures("train", again.scenes)
    )
    assert (first.scenes.rows != other.scenes.rows).any()


# --- questions


def test_every_answer_is_true_and_the_only_one(task, asked):
    corners = WORDS["en"]["corner"]
    kinds = set()
    for question, answer, kind, here in zip(
        asked.questions, asked.answers, asked.kinds, seen(task, "test", asked), strict=True
    ):
        kinds.add(kind)
        there = [thing for thing in here if thing is not None]
        assert 1 <= len(there) <= 4
        named = [c for c in corners if c in question]
        fits = [any(word in question for word in thing or ()) for thing in here]
        if kind == "what":
            assert here[corners.index(named[0])][1] == answer
        elif kind == "colour":
            assert here[corners.index(named[0])][0] == answer
        elif kind == "count":
            assert WORDS["en"]["count"][len(there) - 1] == answer
        elif kind == "where":
            assert [corner for corner, fit in zip(corners, fits, strict=True) if fit] == [answer]
        else:
            assert answer == ("yes" if any(fits) else "no")
    assert kinds == set(KINDS)


def test_answers_are_even_and_the_question_alone_is_worth_no_more_than_chance(task):
    """The best that one can do without a picture: the most frequent answer to this very text."""
    known = defaultdict(Counter)
    train = task.draw("train", 10_000, seed=1)
    for question, answer in zip(train.questions, train.answers, strict=True):
        known[question][answer] += 1
    asked, right = task.draw("test", 10_000, seed=2), defaultdict(list)
    for question, answer, kind in zip(asked.questions, asked.answers, asked.kinds, strict=True):
        right[kind].append(known[question].most_common(1)[0][0] == answer)
    for kind, p in CHANCE.items():
        count = len(right[kind])
        assert count == 2000
        assert abs(np.mean(right[kind]) - p) < 5 * np.sqrt(p * (1 - p) / count), kind
        answers = Counter(a for a, k in zip(asked.answers, asked.kinds, strict=True) if k == kind)
        assert len(answers) == round(1 / p)
        assert max(answers.values()) < count * p + 5 * np.sqrt(count * p * (1 - p)), kind


def test_the_number_of_things_does_not_tell_whether_something_is_there(task):
    asked = task.draw("train", 4000, seed=3, kinds=("presence",))
    numbers = (asked.scenes.rows >= 0).sum(axis=1)
    there = np.array(asked.answers) == "yes"
    for number in range(1, 5):
        assert abs(there[numbers == number].mean() - 0.5) < 5 * np.sqrt(0.25 / 1000)


def test_things_are_named_by_colour_or_by_group(asked):
    for question, kind, about in zip(asked.questions, asked.kinds, asked.about, strict=True):
        if kind in ("where", "presence"):
            assert any(word in question for word in WORDS["en"][about])
        else:
            assert about == ""


def test_captions_describe_every_corner(task):
    described = task.draw_captions("validation", 60, seed=0)
    for caption, here in zip(described.answers, seen(task, "validation", described), strict=True):
        parts = [
            f"a {thing[0]} {thing[1]} at the {corner}"
            for thing, corner in zip(here, WORDS["en"]["corner"], strict=True)
            if thing is not None
        ]
        assert caption == " and ".join(parts)


def test_no_test_concept_was_seen_in_training(task):
    rows = {
        split: task.draw(split, 300, seed=0).scenes.rows
        for split in ("train", "validation", "test")
    }
    concepts = {
        split: set(getattr(task.dataset, split).targets["concept"][row[row >= 0]])
        for split, row in rows.items()
    }
    assert not concepts["train"] & concepts["test"]
    assert not concepts["train"] & concepts["validation"]


def test_both_languages_say_the_same_and_no_word_is_unknown(task):
    both = VQATask(language="both", dataset=task.dataset)
    asked = both.draw("test", 400, seed=0)
    chinese = [any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in asked.questions]
    assert sum(chinese) == 200
    vocabulary = Vocabulary.fit([split_words(text) for text in both.texts])
    described = both.draw_captions("test", 50, seed=0)
    texts = [*asked.questions, *asked.answers, *described.questions, *described.answers]
    assert not np.any(vocabulary.encode([split_words(t) for t in texts], length=60) == 1)
    for language in ("en", "zh"):
        alone = VQATask(language=language, dataset=task.dataset).draw("test", 50, seed=4)
        if language == "en":
            english = alone
    np.testing.assert_array_equal(english.scenes.rows, alone.scenes.rows)
    assert english.kinds == alone.kinds


def test_it_says_what_is_wrong(task):
    with pytest.raises(ValueError, match="language must be one of"):
        VQATask(language="fr")
    with pytest.raises(ValueError, match=r"kinds\[0\] must be one of"):
        task.draw("test", 2, seed=0, kinds=("why",))
    with pytest.raises(ValueError, match="split must be one of"):
        task.draw("holdout", 2, seed=0)
    with pytest.raises(TypeError, match="scenes must be Scenes, with rows"):
        task.pictures("test", [1])
    with pytest.raises(ValueError, match=r"images must be \(rows, height, width, 3\)"):
        dominant_colours(np.zeros((4, 4, 3), np.uint8))
