"""What is asked of captioners, where the answer is known."""

import numpy as np

from mmtutorial.chapters.cross_modal.translation.analysis import (
    cover_places,
    moved_share,
    second_word_shares,
)


def test_covered_is_the_half_that_was_asked_for():
    images = np.zeros((1, 8, 8, 3), np.float32)
    weights = np.array([[0.4, 0.3, 0.2, 0.1]])
    most, least = (cover_places(images, weights, most=most)[0, ..., 0] for most in (True, False))
    assert (most[:4] == 1).all()
    assert (most[4:] == 0).all()
    assert np.array_equal(least, 1 - most)


def test_attention_that_stays_has_not_moved():
    weights = np.random.default_rng(0).random((3, 16))
    assert moved_share(weights, 5 * weights) < 1e-12
    assert moved_share(np.eye(4)[:2], np.eye(4)[2:]) == 1


def test_the_second_word_is_counted_by_the_first():
    texts, words = ["a b", "a b", "c b", "c d"], [{"a", "b"}, {"a"}, {"b"}, {"x"}]
    assert second_word_shares(texts, words) == (0.5, 0.5, 0.5)
