"""Captions, their scores and a training that learns: each against what is known beforehand."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.translation.experiment import (
    f1_scores,
    frequent_words,
    invented_words,
    score_captions,
    shuffle_words,
    train_captioner,
)
from mmtutorial.chapters.cross_modal.translation.words import LENGTH, CaptionTask


@pytest.fixture(scope="module")
def task():
    return CaptionTask()


def test_a_right_caption_has_no_invented_word(task):
    texts, words = task.captions("validation"), task.references("validation")
    found = score_captions(texts, words, task)
    assert found["invented"] == found["frequent"] == 0
    assert np.array_equal(found["correct"], f1_scores(texts, words))


def test_what_only_frequent_words_explain_is_counted(task):
    frequent = frequent_words(task)
    assert {"face", "animal"} <= frequent
    found = invented_words(["face moon", "dog"], [{"moon"}, {"cat"}], {"face"})
    assert found == {"invented": pytest.approx(2 / 3), "frequent": 0.5}


def test_shuffling_keeps_each_rows_words_in_front_of_the_padding():
    ids = np.array([[5, 6, 7, 8, 0, 0], [4, 0, 0, 0, 0, 0]])
    drawn = shuffle_words(ids, np.random.default_rng(3))
    assert (np.sort(drawn, axis=1) == np.sort(ids, axis=1)).all()
    assert (drawn[:, 4:] == 0).all()


@pytest.mark.parametrize("order", ["fixed", "drawn"])
def test_the_loss_falls_and_a_seed_gives_the_same_captioner(task, order):
    images = task.images("validation")[:3]
    (one, losses), (two, _) = (train_captioner(task, 2, seed=5, order=order) for _ in range(2))
    assert losses[1] < losses[0] < np.log(len(task.vocabulary))
    assert one.caption(images).texts == two.caption(images).texts
    assert one.decoder.max_length >= LENGTH + 5
