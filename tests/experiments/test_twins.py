import numpy as np
import pytest

from mmtutorial.experiments.twins import TURNS, load_drawings, most_similar


@pytest.fixture(scope="module")
def drawings():
    return load_drawings()


def test_every_drawing_is_most_similar_to_itself_or_to_its_exact_copy(drawings):
    images = drawings[0][::7]
    found = most_similar(images, images)
    assert np.mean(found == np.arange(len(images))) > 0.97


def test_order_and_number_of_the_images_do_not_matter(drawings):
    images = drawings[0][:60]
    together = most_similar(images[::-1], images[:40])
    alone = [most_similar(image[None], images[:40])[0] for image in images[::-1]]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("name", "turn", "twin"),
    [
        ("backhand index pointing up", "upside down", "backhand index pointing down"),
        ("first quarter moon face", "mirrored", "last quarter moon face"),
        ("right arrow", "mirrored", "left arrow"),
    ],
)
def test_a_turn_makes_another_emoji(drawings, name, turn, twin):
    images, names, _ = drawings
    changed = TURNS[turn](images[names == name])
    assert names[most_similar(changed, images)[0]] == twin
