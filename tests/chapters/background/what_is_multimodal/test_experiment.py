"""Each modality of a stamp becomes the numbers that it should, and an absent one nothing."""

import numpy as np
import pytest
from tolerance import assert_close

from mmtutorial.chapters.background.what_is_multimodal.experiment import (
    LinearStampTask,
    co_learning,
    hue_index,
)
from mmtutorial.preprocessing.audio_features import log_mel_statistics
from mmtutorial.tasks.linear import surprisal_bits


@pytest.fixture(scope="module")
def task():
    return LinearStampTask(fold=0)


def test_numbers_of_voices_are_standardised_and_absent_ones_are_zero(task):
    present = task.dataset.train.presence["speech"]
    numbers = task.features("train", "speech")
    assert not present.all()
    assert np.all(numbers[~present] == 0)
    numbers = numbers.astype(float)  # so that only the rounding of each number is left
    mean = numbers[present].mean(axis=0)
    assert_close(mean, np.zeros(len(mean), "f4"), steps=4, scale=10.0)
    np.testing.assert_allclose(numbers[present].std(axis=0), 1, atol=1e-3)


def test_the_first_number_of_a_sound_says_whether_there_is_one(task):
    for split in ("train", "validation", "test"):
        present = getattr(task.dataset, split).presence["sound"]
        np.testing.assert_array_equal(task.features(split, "sound")[:, 0], present)
        np.testing.assert_array_equal(task.features(split, "has sound"), present[:, None])


def test_captions_have_length_one_and_know_no_word_of_the_test_split(task):
    for split in ("train", "test"):
        length = np.linalg.norm(task.features(split, "text"), axis=1)
        assert np.all((np.abs(length - 1) < 1e-9) | (length == 0))
    seen = task.features("train", "text") > 0
    assert np.all(seen[:, 2:].any(axis=0))  # the vocabulary comes from these captions alone
    assert not seen[:, :2].any()


def test_beliefs_are_probabilities_and_better_than_the_frequencies(task):
    truth = task.targets("test")
    prior = np.tile(task.log_prior(), (len(truth), 1))
    for modality in ("image", "text"):
        log_p = task.beliefs(modality)["test"]
        np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1)
        assert surprisal_bits(log_p, truth).mean() < surprisal_bits(prior, truth).mean() - 0.4


def test_who_knows_only_whether_there_is_a_sound_gives_two_answers(task):
    rows = task.beliefs("has sound")["test"]
    present = task.dataset.test.presence["sound"]
    for group in (present, ~present):
        np.testing.assert_allclose(rows[group], np.broadcast_to(rows[group][0], rows[group].shape))
    assert not np.allclose(rows[present][0], rows[~present][0])


def test_side_by_side_is_no_worse_than_the_better_half_in_training(task):
    truth = task.targets("train")
    alone = [surprisal_bits(task.beliefs(m)["train"], truth).mean() for m in ("image", "text")]
    both = task.beliefs("image", "text")["train"]
    assert surprisal_bits(both, truth).mean() < max(alone)


def test_an_unknown_modality_is_named(task):
    with pytest.raises(ValueError, match=r"modality must be one of .*'pauses'.* got 'touch'"):
        task.features("test", "touch")


def test_co_learning_repeats_and_depends_on_the_draw(task):
    first = co_learning(task, seed=1)
    assert first == co_learning(task, seed=1)
    assert first != co_learning(task, seed=2)
    assert first["all labels"] == co_learning(task, seed=2)["all labels"]
    assert next(iter(first)) == "50 labels"


class Clips(list):
    sample_rate = 16000


TIME = np.arange(16000) / 16000
TONE = (0.5 * np.sin(2 * np.pi * 440 * TIME)).astype(np.float32)
NOISE = np.random.default_rng(0).normal(scale=0.01, size=16000).astype(np.float32)


def test_an_absent_clip_is_all_zero_and_a_steady_tone_has_no_spread():
    rows = log_mel_statistics(Clips([np.zeros(0, np.float32), TONE]), bands=40)
    assert rows.shape == (2, 80)
    assert np.all(rows[0] == 0)
    pitch = rows[1, :40].argmax()
    assert rows[1, 40 + pitch] < 0.05


def test_twice_as_loud_adds_the_logarithm_of_four_to_each_mean():
    soft, loud = log_mel_statistics(Clips([NOISE, 2 * NOISE]))
    np.testing.assert_allclose(loud[:64] - soft[:64], np.log(4), atol=1e-2)


def test_the_order_of_what_is_heard_does_not_count():
    there, back = log_mel_statistics(Clips([np.r_[TONE, NOISE], np.r_[NOISE, TONE]]))
    np.testing.assert_allclose(there, back, atol=0.1)


def test_the_quietest_tenth_hears_the_pause_and_not_the_tone():
    paused, pause = log_mel_statistics(Clips([np.r_[TONE + NOISE, NOISE], NOISE]), quietest=0.1)
    whole = log_mel_statistics(Clips([np.r_[TONE + NOISE, NOISE]]))[0]
    assert np.abs(paused[:64] - pause[:64]).mean() < 0.5
    assert np.abs(whole[:64] - pause[:64]).max() > 2


@pytest.mark.parametrize(
    ("colour", "number"),
    [
        ((255, 0, 0), 0),
        ((0, 255, 0), 3),
        ((0, 0, 255), 7),
        ((255, 255, 255), 15),
        ((0, 0, 0), 12),
        ((128, 128, 128), 13),
        ((220, 220, 220), 14),
    ],
)
def test_hues_go_round_the_circle_and_greys_stand_apart(colour, number):
    image = np.full((2, 3, 3), colour, np.uint8)
    assert np.array_equal(hue_index(image), np.full((2, 3), number))
