"""The words of emoji and stamps: their order, and that nothing of the test split is in it."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.translation.words import LENGTH, CaptionTask, content_words


@pytest.fixture(scope="module")
def task():
    return CaptionTask()


def test_captions_go_from_the_most_frequent_word_to_the_rarest(task):
    for text in task.captions("test"):
        counts = [task.counts[word] for word in text.split()]
        assert counts == sorted(counts, reverse=True)
        assert len(counts) <= LENGTH
        assert min(counts, default=3) >= 3


def test_words_are_counted_by_concept_and_in_training_alone(task):
    animals = {
        concept
        for concept, words in zip(task.concepts("train"), task.references("train"), strict=True)
        if "animal" in words
    }
    assert task.counts["animal"] == len(animals)
    assert not set(task.concepts("train")) & set(task.concepts("test"))


def test_a_search_sees_no_test_split(task):
    assert len(task.without_test().images("test")) == 0
    assert len(task.images("test")) == 382


def test_stamps_are_the_same_for_features_and_pixels(task):
    images, words, clusters = task.stamps
    pixels, same, _ = CaptionTask(image="pixels").stamps
    assert len(images) == len(words) == len(clusters) == len(pixels)
    assert words == same
    assert images.shape[1:] == (256,)
    assert 0 <= pixels.min() < pixels.max() <= 1


def test_pixels_are_augmented_in_four_ways():
    task = CaptionTask(image="pixels")
    assert task.augmented(1) is task.augmented(5)
    assert task.augmented(0).shape == task.pairs["image"].shape
    assert np.abs(task.augmented(0) - task.pairs["image"]).max() > 0.1


def test_small_words_are_no_content():
    assert content_words("A man on the moon.") == {"man", "moon"}
