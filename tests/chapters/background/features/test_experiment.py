"""What we say a network has learnt is what its numbers say, on planted examples."""

import numpy as np
import pytest

from mmtutorial.chapters.background.features.experiment import (
    nearest_neighbours,
    token_effects,
    top_activating_patches,
)


def planted(answers, *, side=8, picture=16):
    """Make maps with one answer (u, v, strength) each, and pictures that number their pixels."""
    maps = np.zeros((len(answers), side, side, 2))
    pictures = np.zeros((len(answers), picture, picture, 3), np.uint8)
    grid = np.arange(picture * picture).reshape(picture, picture) % 251
    for row, (u, v, strength) in enumerate(answers):
        maps[row, u, v, 1] = strength
        pictures[row] = (grid + row)[..., None]
    return maps, pictures


def test_a_patch_is_what_lies_under_the_answer_the_strongest_first():
    maps, pictures = planted([(4, 4, 1.0), (2, 5, 3.0)])
    patches = top_activating_patches(maps, pictures, [0, 1], field=4, filters=2, count=2)
    assert patches.shape == (2, 4, 4, 3)  # the first filter never answers, so it has no row
    # Place (2, 5) of an 8x8 map is pixel (5, 11) of 16x16; a field of 4 begins two before it.
    assert np.array_equal(patches[0], pictures[1, 3:7, 9:13])
    assert np.array_equal(patches[1], pictures[0, 7:11, 7:11])


def test_beyond_the_picture_a_patch_is_white():
    maps, pictures = planted([(0, 0, 1.0)])
    patch = top_activating_patches(maps, pictures, [0], field=6, count=1)[0]
    assert np.all(patch[:2] == 255)
    assert np.all(patch[:, :2] == 255)
    assert np.array_equal(patch[2:, 2:], pictures[0, :4, :4])


def test_a_concept_is_cut_out_once():
    maps, pictures = planted([(4, 4, 3.0), (4, 4, 2.0), (4, 4, 1.0)])
    patches = top_activating_patches(maps, pictures, [7, 7, 8], field=2, count=2)
    assert patches[:, 0, 0, 0].tolist() == [pictures[0, 8, 8, 0], pictures[2, 8, 8, 0]]
    with pytest.raises(ValueError, match="at most the 2 concepts there are, got 3"):
        top_activating_patches(maps, pictures, [7, 7, 8], field=2, count=3)


def test_neighbours_are_of_other_concepts_and_ordered_as_by_plain_distance():
    rng = np.random.default_rng(0)
    points, concepts = rng.normal(size=(30, 5)), rng.integers(8, size=30)
    found = nearest_neighbours(points, concepts, 4)
    for row, near in enumerate(found):
        others = np.flatnonzero(concepts != concepts[row])
        far = np.linalg.norm(points[others] - points[row], axis=1)
        assert np.array_equal(near, others[np.argsort(far)[:4]])


def test_the_effect_of_a_token_is_its_mean_change_and_padding_has_none():
    rng = np.random.default_rng(0)
    ids = np.array([[1, 2, 1], [2, 3, 0], [1, 0, 0]])
    states = rng.normal(size=(3, 3, 4))
    effects = token_effects(ids, states, vocabulary_size=5, rarest=2)
    of_one = [states[0, 0], states[0, 2] - states[0, 1], states[2, 0]]
    of_two = [states[0, 1] - states[0, 0], states[1, 0]]
    assert np.allclose(effects[1], np.mean(of_one, axis=0))
    assert np.allclose(effects[2], np.mean(of_two, axis=0))
    assert not effects[[0, 3, 4]].any()  # padding, too rare, never seen
    states[2, 1:] = 99  # behind the end of a text
    assert np.array_equal(effects, token_effects(ids, states, vocabulary_size=5, rarest=2))


def test_a_point_has_no_neighbour_of_its_own_concept():
    for concepts, count in (([0, 0], 1), ([0, 1], 2), ([0, 0, 1], 2)):
        points = np.arange(len(concepts))[:, None]
        with pytest.raises(ValueError, match="count must be at most"):
            nearest_neighbours(points, concepts, count)
    for count in (0, -1):
        with pytest.raises(ValueError, match="count must be at least 1"):
            nearest_neighbours([[0.0], [1.0]], [0, 1], count)
    with pytest.raises(ValueError, match="points must hold finite numbers, got nan"):
        nearest_neighbours([[np.nan], [1.0]], [0, 1], 1)


def test_counts_of_patches_are_whole_and_positive():
    maps, pictures = planted([(4, 4, 1.0), (2, 5, 3.0)])
    for option in ("count", "filters", "field"):
        options = {"field": 3, "count": 1} | {option: -1}
        with pytest.raises(ValueError, match=f"{option} must be at least 1, got -1"):
            top_activating_patches(maps, pictures, [0, 1], **options)
    with pytest.raises(ValueError, match="with a picture and a concept each"):
        top_activating_patches(maps, pictures[:1], [0, 1], field=3, count=1)


def test_a_token_must_be_in_the_vocabulary():
    states = np.ones((1, 2, 1))
    for ids in ([[1, 3]], [[-1, 2]]):
        with pytest.raises(ValueError, match="ids must hold whole numbers from 0 to 2"):
            token_effects(ids, states, vocabulary_size=3, rarest=1)
