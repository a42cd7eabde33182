"""Probes show what they say: so many things, of this size, in a corner that is empty."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.vision_language import experiment as vl
from mmtutorial.chapters.cross_modal.vision_language import probes
from mmtutorial.tasks._questions import WORDS


@pytest.fixture(scope="module")
def task():
    return vl.load_task()


def things(picture):
    """In how many corners is something that is no paper?"""
    return sum(
        (picture[top : top + 64, left : left + 64] < 200).any()
        for top in (0, 64)
        for left in (0, 64)
    )


def test_scenes_hold_so_many_things(rng):
    numbers = np.array([1, 2, 3, 4])
    drawings = np.zeros((3, 64, 64, 3), np.uint8)
    for side in (56, 24):
        pictures = probes.count_scenes(drawings, numbers, side, rng)
        assert [things(picture) for picture in pictures] == [1, 2, 3, 4]
        dark = (pictures == 0).all(axis=3).sum(axis=(1, 2))
        np.testing.assert_array_equal(dark, numbers * side**2)


def test_five_things_are_four_corners_and_the_middle(rng):
    drawings = np.zeros((3, 64, 64, 3), np.uint8)
    (picture,) = probes.count_scenes(drawings, np.array([5]), 20, rng, five=True)
    assert (picture == 0).all(axis=2).sum() == 5 * 20**2
    assert (picture[54:74, 54:74] == 0).all()


def test_all_is_counted_by_who_knows_and_nothing_by_who_does_not(task):
    def four(pictures, questions):
        return ["four"] * len(questions)

    found = probes.counting(task, four, count=80)
    assert found["five emoji, 40 pixels: says four"] == 1
    assert all(0.1 < share < 0.45 for name, share in found.items() if "five" not in name)


def test_questions_put_otherwise_have_the_same_answers(task):
    seen = {}

    def keep(pictures, questions):
        seen[questions[0]] = len(pictures)
        return ["red"] * len(questions)

    found = probes.other_questions(task, keep, count=60)
    assert list(found["right"]) == list(probes.FORMS) == list(seen)
    assert len(set(found["right"].values())) == 1
    assert set(found["says most"].values()) == {"red"}
    assert set(seen.values()) == {60}


def test_empty_corners_are_empty(task):
    def look(pictures, questions):
        for picture, question in zip(pictures, questions, strict=True):
            corner = next(i for i, name in enumerate(WORDS["en"]["corner"]) if name in question)
            top, left = 64 * (corner // 2), 64 * (corner % 2)
            assert (picture[top : top + 64, left : left + 64] == 255).all()
        return ["grey"] * len(questions)

    questions, said = probes.empty_corners(task, look, count=80)
    assert said == {"grey": len(questions)}
