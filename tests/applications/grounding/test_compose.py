"""Scenes: what is painted is what boxes and masks say, and the same seed paints it again."""

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial.applications.grounding import compose_scenes, cut_out
from mmtutorial.applications.grounding.compose import box_of, shrink
from mmtutorial.applications.grounding.cutouts import crop_to_thing

COLOURS = np.array([[250, 0, 0], [0, 250, 0], [0, 0, 250]], np.uint8)


def squares(side=16):
    """Three opaque squares of clear colours."""
    things = np.full((3, side, side, 4), 255, np.uint8)
    things[..., :3] = COLOURS[:, None, None]
    return list(things)


def scenes(rows, **options):
    options = {"seed": 0, "sizes": (12, 20), **options}
    return compose_scenes(rows, squares(), np.full((2, 64, 64, 3), 90, np.uint8), **options)


def test_masks_and_boxes_are_where_the_colour_is():
    made = scenes([[0, 1, 2], [2, -1, 0]])
    for scene in range(2):
        for place, row in enumerate(made.rows[scene]):
            mask = made.masks([place], [scene])[0]
            painted = made.pictures[scene, ..., row].astype(int) > 200 if row >= 0 else mask & False
            np.testing.assert_array_equal(mask, painted)
            assert tuple(made.boxes[scene, place]) == box_of(painted)
            assert made.areas()[scene, place] == painted.sum()


def test_an_empty_place_has_no_box_and_hides_nothing():
    made = scenes([[0, -1]])
    assert not made.boxes[0, 1].any()
    assert made.hidden[0, 1] == 0


def test_one_seed_one_picture():
    rows = [[0, 1], [2, 0]]
    a, b, c = (scenes(rows, seed=seed).pictures for seed in (4, 4, 5))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


def test_no_thing_hides_more_than_it_may_where_there_is_room():
    rows = make_rng(3).integers(0, 3, (60, 4))
    hidden = scenes(rows, max_hidden=0.2, sizes=(14, 18)).hidden
    assert hidden.max() <= 0.2
    assert (hidden > 0).any()  # and some are hidden in part
    assert scenes(rows, max_hidden=1.0, sizes=(30, 40)).hidden.max() > 0.2


def test_hidden_is_the_share_that_others_lie_over():
    made = scenes([[0, 1]] * 40, max_hidden=0.9, sizes=(24, 24))
    seen = made.areas()[:, 0]
    np.testing.assert_allclose(made.hidden[:, 0], 1 - seen / 24**2, atol=1e-6)
    assert (made.hidden[:, 1] == 0).all()  # the last one lies on top


def test_places_are_no_grid_and_sizes_are_many():
    made = scenes([[0]] * 200)
    corners, sides = made.boxes[:, 0, :2], made.boxes[:, 0, 2] - made.boxes[:, 0, 0]
    assert len(np.unique(corners[:, 0])) > 30
    assert len(np.unique(corners[:, 1])) > 30
    assert set(sides) == set(range(12, 21))


def test_a_thing_keeps_its_proportions_and_its_colour():
    thing = np.full((10, 20, 4), 255, np.uint8)
    thing[..., :3] = [40, 80, 120]
    small = shrink(thing, 10)
    assert small.shape == (5, 10, 4)
    assert np.abs(small[..., :3].astype(int) - [40, 80, 120]).max() <= 1


def test_transparent_pixels_lend_no_colour_to_their_neighbours():
    """What is clear may hold any colour: without weights a resize would mix it in."""
    thing = np.zeros((16, 16, 4), np.uint8)
    thing[:, :8] = [200, 0, 0, 255]
    thing[:, 8:] = [0, 255, 0, 0]
    small = shrink(thing, 5)
    assert small[small[..., 3] > 40][:, 1].max() <= 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rows": [[3]]}, "rows must be -1 or from 0 to 2"),
        ({"rows": [0]}, "rows must be"),
        ({"objects": [np.zeros((4, 4, 3), np.uint8)]}, r"objects\[0\] must be"),
        ({"objects": [np.zeros((4, 4, 4), np.uint8)]}, "objects must each hold something"),
        ({"backgrounds": np.zeros((1, 32, 48, 3), np.uint8)}, "backgrounds must be"),
        ({"sizes": (12, 65)}, "sizes must be"),
        ({"sizes": (20, 12)}, "sizes must be"),
        ({"max_hidden": 2}, "max_hidden must be"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(wrong, message):
    good = {"rows": [[0]], "objects": squares(), "seed": 0, "sizes": (8, 12),
            "backgrounds": np.zeros((1, 64, 64, 3), np.uint8)}  # fmt: skip
    with pytest.raises(ValueError, match=message):
        compose_scenes(**{**good, **wrong})


# --- cutting out


def test_white_inside_of_a_thing_stays():
    picture = np.full((1, 9, 9, 3), 255, np.uint8)
    picture[0, 2:7, 2:7] = [200, 0, 0]
    picture[0, 4, 4] = 255
    alpha = cut_out(picture)[0, ..., 3]
    assert alpha[4, 4] == 255
    np.testing.assert_array_equal(alpha > 0, (picture[0] == [200, 0, 0]).all(-1) | (alpha == 255))


def test_a_mixture_with_paper_is_undone():
    """A rim of half red, half white comes out red and half transparent: exact on any ground."""
    picture = np.full((1, 9, 9, 3), 255, np.uint8)
    picture[0, 2:7, 2:7] = [255, 127, 127]
    picture[0, 3:6, 3:6] = [255, 0, 0]
    cut = cut_out(picture)[0]
    np.testing.assert_array_equal(cut[2, 4, :3], [255, 0, 0])
    assert abs(int(cut[2, 4, 3]) - 128) <= 1


def test_a_dark_outline_stays_as_it_is():
    picture = np.full((1, 9, 9, 3), 255, np.uint8)
    picture[0, 2:7, 2:7] = 20
    picture[0, 3:6, 3:6] = [250, 200, 0]
    cut = cut_out(picture)[0]
    np.testing.assert_array_equal(cut[2, 4], [20, 20, 20, 255])


def test_pictures_are_cut_each_by_itself():
    """A batch is one array: what touches the edge of one must not open the next."""
    rng = make_rng(0)
    pictures = np.full((6, 12, 12, 3), 255, np.uint8)
    pictures[:, 3:9, 3:9] = rng.integers(0, 200, (6, 6, 6, 3))
    together = cut_out(pictures)
    alone = np.concatenate([cut_out(each[None]) for each in pictures])
    np.testing.assert_array_equal(together, alone)


def test_a_picture_without_paper_is_all_thing():
    assert (cut_out(np.zeros((1, 5, 5, 3), np.uint8))[..., 3] == 255).all()


def test_nothing_but_paper_is_refused_as_a_thing():
    white = cut_out(np.full((1, 5, 5, 3), 255, np.uint8))
    assert not white[..., 3].any()
    with pytest.raises(ValueError, match="objects must each hold something"):
        crop_to_thing(white[0])
