"""Stamps become arrays with gaps, models are told of the gaps, and what is absent cannot matter."""

import numpy as np
import pytest
from tolerance import assert_close, count_steps

from mmtutorial.chapters.background.what_is_multimodal.experiment import LinearStampTask
from mmtutorial.preprocessing.audio_features import log_mel_segments, log_mel_statistics
from mmtutorial.tasks.emoji import FUSIONS, TOKEN_FUSIONS
from mmtutorial.tasks.stamps import (
    FUSION_METHODS,
    MODALITIES,
    StampRecipe,
    StampTask,
    build_stamp_model,
)
from mmtutorial.tasks.training import predict_log_proba, train_model

SPLITS = ("train", "validation", "test")
METHODS = ("image", "speech", "text", *FUSION_METHODS)
SMALL = StampRecipe(units=8, epochs=1)


@pytest.fixture(scope="module")
def task():
    return StampTask()


@pytest.fixture(scope="module")
def by_token():
    return StampTask(by_token=True)


@pytest.fixture(scope="module")
def four():
    return StampTask(fold=3, modalities=MODALITIES, language="zh")


def few(task, split="test", rows=6, **options):
    return {name: array[:rows] for name, array in task.inputs(split, **options).items()}


# The arrays


def test_what_is_absent_is_zero_and_said_to_be_absent(task, by_token, four):
    for kind in (task, by_token, four):
        for split in SPLITS:
            inputs = kind.inputs(split)
            assert sorted(inputs) == sorted([*kind.modalities, "presence"])
            for column, name in enumerate(kind.modalities):
                there = getattr(kind.dataset, split).presence[name]
                np.testing.assert_array_equal(inputs["presence"][:, column], there)
                filled = np.any(inputs[name] != 0, axis=tuple(range(1, inputs[name].ndim)))
                np.testing.assert_array_equal(filled, there)


def test_recordings_are_standardised_by_the_training_rows_that_have_them(task, by_token):
    for kind, axes in ((task, 0), (by_token, (0, 1))):
        heard = kind.inputs("train")["speech"][kind.dataset.train.presence["speech"]]
        heard = heard.astype(float)  # so that only the rounding of each number is left
        assert_close(heard.mean(axis=axes), np.zeros(heard.shape[-1], "f4"), steps=4, scale=10.0)
        np.testing.assert_allclose(heard.std(axis=axes), 1, atol=1e-3)  # a small number is added


def test_speech_is_what_the_other_task_of_the_stamps_hears():
    ours, theirs = StampTask(fold=2, modalities=["speech"]), LinearStampTask(fold=2)
    for split in SPLITS:
        speech = ours.inputs(split)["speech"]
        np.testing.assert_allclose(speech, theirs.features(split, "speech"), atol=1e-3)
        np.testing.assert_array_equal(ours.targets(split), theirs.targets(split))


def test_no_word_is_cut_and_none_of_the_vocabulary_is_new(task, by_token):
    for split in SPLITS:
        flat, rows = task.inputs(split)["text"], by_token.inputs(split)["text"]
        for one, words in zip(flat, rows, strict=True):
            np.testing.assert_array_equal(one[one > 0], words[words > 0])
    longest = max((task.inputs(split)["text"] > 0).sum(axis=1).max() for split in SPLITS)
    assert task.inputs("test")["text"].shape[1] == longest
    assert set(np.unique(task.inputs("train")["text"])) == set(range(len(task.vocabulary)))


def test_rare_pieces_lose_their_name_and_long_captions_their_end_if_asked(by_token):
    known = StampTask(by_token=True, pieces=100)
    assert known.vocabulary.tokens == by_token.vocabulary.tokens[:100]
    short = StampTask(by_token=True, words=3)
    for split in SPLITS:
        ids, cut, whole = (t.inputs(split)["text"] for t in (known, short, by_token))
        np.testing.assert_array_equal(ids, np.where(whole < 100, whole, 1))  # 1: not known
        assert cut.shape[1] == 3
        words, kept = (array.any(axis=2).sum(axis=1) for array in (whole, cut))
        np.testing.assert_array_equal(kept, np.minimum(words, 3))


def test_more_can_be_taken_away_and_nothing_given_back(task):
    given = np.ones((len(task.targets("test")), 3), bool)
    given[:5, 0] = False
    inputs = task.inputs("test", presence=given)
    assert not inputs["image"][:5].any()
    np.testing.assert_array_equal(inputs["presence"], given & task.presence("test"))
    assert not task.presence("test").all()
    assert task.inputs("test")["image"][:5].any()  # the task itself has lost nothing


@pytest.mark.parametrize("wrong", [np.ones((129, 3)), np.ones((129, 2), bool), [True]])
def test_a_presence_of_another_kind_is_refused(task, wrong):
    with pytest.raises(ValueError, match=r"presence must be boolean, of shape \(129, 3\)"):
        task.inputs("test", presence=wrong)


def test_an_unknown_modality_is_named():
    with pytest.raises(ValueError, match=r"modalities\[1\] must be one of .* got 'touch'"):
        StampTask(modalities=["image", "touch"])


# The parts of a recording


class Clips(list):
    sample_rate = 16000


TONES = np.sin(2 * np.pi * np.outer([300, 3000], np.arange(16000) / 16000)).astype(np.float32)


def test_parts_keep_the_order_and_average_to_the_whole():
    there, back, absent = log_mel_segments(
        Clips([np.r_[TONES[0], TONES[1]], np.r_[TONES[1], TONES[0]], TONES[0][:0]]), parts=4
    )
    np.testing.assert_allclose(there[0], back[3], atol=0.3)
    assert there[0].argmax() < there[3].argmax()
    assert not absent.any()
    noise = np.random.default_rng(0).normal(size=160 * 22).astype(np.float32)  # 20 frames
    parts, whole = log_mel_segments(Clips([noise]))[0], log_mel_statistics(Clips([noise]))[0]
    assert_close(parts.mean(axis=0), whole[:64].astype("f4"), steps=2 * 20)  # float32 frames


def test_a_clip_of_few_frames_fills_all_parts():
    assert log_mel_segments(Clips([TONES[0][:800]]), parts=20)[0].all()


# The models


@pytest.mark.parametrize("method", METHODS)
def test_a_method_takes_its_modalities_and_is_told_who_is_there(task, by_token, method):
    kind = by_token if method in TOKEN_FUSIONS else task
    model = build_stamp_model(kind, method, SMALL)
    assert model.modalities == ([method] if method in task.modalities else list(task.modalities))
    hidden = np.ones((len(kind.targets("test")), 3), bool)
    hidden[:3, 1] = False  # three without speech
    inputs = few(kind, presence=hidden)
    votes = predict_log_proba(model, inputs)
    assert votes.shape == (6, task.classes)
    inputs["speech"] = inputs["speech"].copy()
    inputs["speech"][:3] = np.nan
    assert_close(predict_log_proba(model, inputs), votes, steps=count_steps(model, inputs))
    inputs["presence"] = inputs["presence"].copy()
    inputs["speech"][:3], inputs["presence"][:3, 1] = 1.0, True
    same = predict_log_proba(model, inputs)[:3] - votes[:3]
    assert (np.abs(same).max() > 1e-4) == ("speech" in model.modalities)


def test_every_fusion_has_its_method():
    assert set(FUSION_METHODS) == {"early", "concat", "sum", *FUSIONS}


def test_no_method_has_many_more_weights_than_concatenation(task, by_token):
    counts = {}
    for method in FUSION_METHODS:
        kind = by_token if method in TOKEN_FUSIONS else task
        model = build_stamp_model(kind, method, StampRecipe())
        predict_log_proba(model, few(kind))
        counts[method] = model.count_params()
    assert max(counts.values()) < 1.6 * counts["concat"]


def test_a_fusion_of_tokens_needs_tokens_and_an_unknown_method_is_named(task, by_token):
    with pytest.raises(ValueError, match="task must have by_token=True for 'bottleneck'"):
        build_stamp_model(task, "bottleneck", SMALL)
    with pytest.raises(ValueError, match="task must have by_token=False for 'concat'"):
        build_stamp_model(by_token, "concat", SMALL)
    with pytest.raises(ValueError, match=r"method must be one of .*'speech'.* got 'sound'"):
        build_stamp_model(task, "sound", SMALL)


def test_four_modalities_and_every_remedy_train_together(four):
    recipe = SMALL.replace(missing="learnt", auxiliary=0.3, modality_dropout=0.3)
    model = train_model(four, "gated", recipe, seed=0)
    assert model.modalities == sorted(MODALITIES)
    assert np.isfinite(predict_log_proba(model, few(four))).all()
    moved = [np.abs(vector.numpy()).max() for vector in model.tokens.vectors]
    assert min(moved) > 0  # each token has been trained: modality dropout hides each


def test_a_modality_that_is_absent_from_all_training_rows_teaches_nothing(task):
    nobody = np.ones((len(task.targets("train")), 3), bool)
    nobody[:, 1] = False
    start = build_stamp_model(task, "concat", SMALL)
    predict_log_proba(start, few(task))
    model = train_model(task.mask_train(nobody), "concat", SMALL, seed=0)
    kernel = model.encoders["speech"].dense.bias.numpy()
    assert not kernel.any()  # a bias starts at 0 and stays there without a gradient
    assert model.encoders["image"].dense.bias.numpy().any()


def test_training_repeats_and_learns(task):
    recipe, epochs = StampRecipe(units=32, epochs=6), []
    votes = [
        predict_log_proba(
            train_model(task, "concat", recipe, seed=1, on_epoch=lambda e, m: epochs.append(e)),
            task.inputs("validation"),
        )
        for _ in range(2)
    ]
    np.testing.assert_allclose(*votes, atol=1e-4)
    assert epochs == [*range(6), *range(6)]
    truth = task.targets("validation")
    assert np.mean(votes[0].argmax(axis=1) == truth) > np.bincount(truth).max() / len(truth) + 0.1


# Late fusion
