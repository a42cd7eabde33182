"""Scenes of emoji: what stands where, and what the question asks."""

import numpy as np
import pytest

from mmtutorial.chapters.fusion.attention.scenes import COLOURS, SceneTask, main_colours


@pytest.fixture(scope="module")
def task():
    return SceneTask()


def paint(*colours):
    """A picture of stripes of one width, the last of them white."""
    stripes = np.array([*colours, (255, 255, 255)], np.uint8)
    return np.broadcast_to(stripes[:, None, None], (len(stripes), 4, 8, 3)).reshape(1, -1, 8, 3)


@pytest.mark.parametrize(
    ("colours", "found"),
    [
        ([(220, 20, 30)], "red"),
        ([(250, 120, 180)], "red"),
        ([(250, 200, 40)], "yellow"),
        ([(120, 70, 20)], "yellow"),
        ([(40, 90, 220)], "blue"),
        ([(120, 40, 200)], "blue"),
        ([(20, 20, 20)], "grey"),
        ([(150, 150, 150)], "grey"),
        ([], "grey"),
        ([(220, 20, 30), (40, 90, 220), (30, 80, 200)], "blue"),
        ([(0, 0, 0)] * 6 + [(220, 20, 30)], "grey"),
    ],
)
def test_the_colour_is_that_of_most_coloured_pixels(colours, found):
    assert COLOURS[main_colours(paint(*colours))[0]] == found


def test_green_is_none_of_the_colours():
    assert main_colours(paint((30, 160, 60))) == [-1]


@pytest.mark.parametrize("options", [{}, {"places": 9}, {"similar": True}])
def test_a_scene_has_one_answer(task, options):
    scenes = task.draw("test", 200, seed=0, **options)
    split, every = task.emoji.dataset.test, np.arange(200)
    meant = scenes.rows[every, scenes.place]
    np.testing.assert_array_equal(task.colours["test"][meant], scenes.colour)
    concepts = split.targets["concept"][scenes.rows]
    assert all(len(set(row)) == len(row) for row in concepts.tolist())
    for row, words in zip(meant, scenes.words, strict=True):
        assert set(words.split(" | ")) <= set(split.info["keywords"][row].split(" | "))
    np.testing.assert_array_equal(scenes.inputs["image"], task.emoji.images("test")[scenes.rows])
    assert scenes.rows.shape[1] == options.get("places", 4)
    assert task.colours["test"][scenes.rows].min() >= 0


def test_others_are_of_the_same_group_if_they_are_to_be_similar(task):
    scenes = task.draw("test", 100, seed=1, similar=True)
    groups = task.emoji.dataset.test.targets["group"][scenes.rows]
    assert np.all(groups == groups[:, :1])


def test_colours_and_places_are_drawn_evenly_and_anew(task):
    scenes = task.draw("train", 4000, seed=2)
    for values in (scenes.colour, scenes.place):
        np.testing.assert_allclose(np.bincount(values) / 4000, 0.25, atol=0.04)
    again, other = (task.draw("train", 4000, seed=seed) for seed in (2, 3))
    np.testing.assert_array_equal(scenes.rows, again.rows)
    assert np.mean(scenes.rows == other.rows) < 0.1


def test_the_pooled_picture_does_not_know_which_one_is_meant(task):
    """The place of the one that is meant is random: the average is blind to it by design."""
    scenes = task.draw("train", 4000, seed=4)
    image = scenes.inputs["image"]
    turned = image[:, ::-1]
    np.testing.assert_allclose(image.mean(axis=1), turned.mean(axis=1), atol=1e-4)
    same = scenes.rows[np.arange(4000), scenes.place] == scenes.rows[:, 0]
    assert abs(same.mean() - 0.25) < 0.04


def test_a_scene_is_shown_row_by_row(task):
    rows = np.array([[3, 1, 4, 5]])
    (picture,) = task.show("test", rows)
    assert picture.shape == (128, 128, 3)
    np.testing.assert_array_equal(picture[:64, 64:], task.pictures["test"][1])
    np.testing.assert_array_equal(picture[64:, :64], task.pictures["test"][4])
    assert task.show("test", np.arange(9)[None]).shape == (1, 192, 192, 3)


def test_one_place_is_no_scene():
    with pytest.raises(ValueError, match="places must be at least 2, got 1"):
        SceneTask(places=1)


def test_scenes_of_too_many_places_are_refused_and_not_sought_for_ever(task, monkeypatch):
    monkeypatch.setattr("mmtutorial.chapters.fusion.attention.scenes.MAX_DRAWS", 20)
    with pytest.raises(ValueError, match=r"places=99 are too many: in 20 draws, .* of one group"):
        task.draw("test", 2, seed=0, places=99, similar=True)
    with pytest.raises(ValueError, match="places must be at least 2, got 0"):
        task.draw("test", 2, seed=0, places=0)
    with pytest.raises(ValueError, match="side must be one of"):
        task.draw("tset", 2, seed=0)
    with pytest.raises(ValueError, match="images must be uint8"):
        main_colours(np.zeros((1, 8, 8, 3)))
