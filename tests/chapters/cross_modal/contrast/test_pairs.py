"""Pairs from pixels, shuffled, and as words: what is the same as usual, and what is not."""

import numpy as np
import pytest
from tolerance import assert_close

from mmtutorial.chapters.cross_modal.contrast.pairs import (
    LikenessPairs,
    PixelPairs,
    ShuffledPairs,
    every_pair,
    pixel_components,
)
from mmtutorial.tasks import EmojiPairs
from mmtutorial.tasks.emoji_pairs import LENGTH


@pytest.fixture(scope="module")
def pixels():
    return PixelPairs(text="ngrams")


def test_components_are_those_of_the_training_pixels_and_as_long_as_features(pixels):
    _, axes = pixel_components()
    scale = np.linalg.norm(axes, axis=0)
    directions = axes / scale
    np.testing.assert_allclose(directions.T @ directions, np.eye(256), atol=1e-3)
    images = pixels.images("train")
    assert_close(np.sqrt(np.mean(np.sum(images**2, axis=1))), LENGTH, steps=images.size)
    spread = images.std(axis=0)
    assert (np.diff(spread) < 1e-3 * spread[0]).all()  # the widest first
    assert np.abs(images.mean(axis=0)).max() < 1e-2


def test_a_hidden_test_split_has_no_images(pixels):
    assert len(pixels.images("test")) == 382
    assert len(pixels.without_test().images("test")) == 0
    assert len(pixels.images("test")) == 382


def test_likenesses_are_to_known_drawings_and_as_long_as_features():
    one = LikenessPairs(artists=["openmoji"], languages=("en", "zh"))
    images = one.images("train")
    assert images.shape == (len(one.ids("train")), 256)
    assert one.images("train") is images
    assert_close(np.sqrt(np.mean(np.sum(images**2, axis=1))), LENGTH, steps=images.size)
    assert np.abs(images.mean(axis=0)).max() < 1e-2
    other = LikenessPairs(artists=["twemoji"], known=one)
    assert other.images("validation").shape[1] == 256
    both = every_pair(one)
    assert len(both["text"]) == 2 * len(images)
    np.testing.assert_array_equal(both["image"][: len(images)], images)


def test_shuffled_words_belong_to_other_drawings_and_stay_with_them():
    usual, shuffled = EmojiPairs(), ShuffledPairs()
    (right, _), (wrong, ids) = (each.draw_epoch(0, seed=3) for each in (usual, shuffled))
    np.testing.assert_array_equal(right["image"], wrong["image"])
    assert np.mean(np.all(right["text"] == wrong["text"], axis=1)) < 0.02
    later, _ = shuffled.draw_epoch(1, seed=3)
    np.testing.assert_array_equal(later["text"], wrong["text"])  # all keywords, one language
    assert len(np.unique(ids)) == len(ids)
    np.testing.assert_array_equal(shuffled.images("test"), usual.images("test"))
