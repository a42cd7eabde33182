"""The baselines find what stands there for certain."""

import numpy as np

from mmtutorial.chapters.cross_modal.translation.baselines import (
    WordProbe,
    most_frequent_caption,
    nearest_captions,
)
from mmtutorial.preprocessing import Vocabulary


def test_a_training_image_gets_its_own_caption():
    images = np.random.default_rng(0).normal(size=(5, 8))
    captions = ["a", "b", "c", "d", "e"]
    assert nearest_captions(3 * images, images, captions) == captions


def test_an_empty_caption_is_never_the_most_frequent():
    assert most_frequent_caption(["", "", "dog", "cat", "dog"]) == "dog"


def test_the_probe_names_the_words_of_separable_images():
    vocabulary = Vocabulary.fit([["dog", "animal"], ["cat", "animal"]])
    pairs = {"image": np.eye(2), "text": vocabulary.encode([["dog", "animal"], ["cat"]], length=2)}
    probe = WordProbe(pairs, vocabulary, penalty=1e-6, count=2)
    first, second = probe.caption(np.eye(2))
    assert set(first.split()) == {"dog", "animal"}
    assert second.split()[0] == "cat"
