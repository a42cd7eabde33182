import numpy as np
import pytest

from mmtutorial.chapters.background.arrays.neighbours import (
    EXAMPLES,
    TURNS,
    find_neighbours,
    load_drawings,
    nearest_drawing,
    share_changed,
    six_and_nine,
)


@pytest.fixture(scope="module")
def drawings():
    return load_drawings()


def test_every_drawing_is_most_similar_to_itself_or_to_its_exact_copy(drawings):
    images = drawings[0][::7]
    found = nearest_drawing(images, images)
    assert np.mean(found == np.arange(len(images))) > 0.97


def test_order_and_number_of_the_images_do_not_matter(drawings):
    images = drawings[0][:60]
    together = nearest_drawing(images[::-1], images[:40])
    alone = [nearest_drawing(image[None], images[:40])[0] for image in images[::-1]]
    np.testing.assert_array_equal(together, alone)


def test_each_example_becomes_another_emoji(drawings):
    before, after, twins, names = find_neighbours(drawings, EXAMPLES)
    assert before.shape == after.shape == twins.shape == (4, 64, 64, 3)
    assert names == [
        "backhand index pointing down",
        "eleven o’clock",
        "last quarter moon face",
        "left arrow",
    ]


def test_a_turn_by_nothing_changes_nothing_and_a_large_one_much(drawings):
    some = tuple(part[::5] for part in drawings)
    assert share_changed(some, lambda images: images) < 0.01
    assert share_changed(some, TURNS["upside down"]) > 0.5


def test_a_six_upside_down_looks_more_like_a_nine_than_a_six_does():
    six, nine = (image.mean(axis=-1) - image.mean() for image in six_and_nine())
    middle = np.s_[20:44, 20:44]
    upright, turned = (np.sum(x[middle] * nine[middle]) for x in (six, six[::-1, ::-1]))
    assert turned > upright
