"""The recipe that chapters and benchmarks share does what it says, and repeats."""

import itertools

import numpy as np
import pytest
from tolerance import assert_close, count_steps

from mmtutorial.fusion._names import BY_NAME
from mmtutorial.tasks.emoji import (
    FUSIONS,
    METHODS,
    TOKEN_FUSIONS,
    EmojiTask,
    build_model,
)
from mmtutorial.tasks.training import Recipe, predict_log_proba, train_model


@pytest.fixture(scope="module")
def task():
    return EmojiTask(keywords=1)


@pytest.fixture(scope="module")
def by_word():
    return EmojiTask(keywords=None, by_word=True)


def test_words_are_drawn_anew_for_another_seed_unless_they_are_fixed(task):
    assert np.any(task.words("train", seed=0) != task.words("train", seed=1))
    np.testing.assert_array_equal(task.words("train", seed=3), task.words("train", seed=3))
    fixed = EmojiTask(keywords=1, fresh=False)
    np.testing.assert_array_equal(fixed.words("train", seed=0), fixed.words("train", seed=1))


def test_one_keyword_is_one_and_all_are_all(task):
    assert not any(" | " in word for word in task.words("test", seed=0))
    every = EmojiTask(keywords=None)
    np.testing.assert_array_equal(every.words("test", seed=0), every.dataset.test.info["keywords"])


def test_the_vocabulary_has_seen_training_words_only(task):
    train = {t for text in task.dataset.train.info["keywords"] for t in task._tokenize(text)}
    assert set(task.vocabulary.tokens[2:]) <= train


def test_no_text_is_cut():
    for language, keywords in itertools.product(("en", "zh"), (1, 2, None)):
        task = EmojiTask(language=language, keywords=keywords)
        for split in ("train", "validation", "test"):
            ids = task.inputs(split, seed=0)["text"]
            assert not np.any(ids[:, -1]), f"{split} texts fill all {task.length} places"


def test_only_training_pictures_are_augmented_and_all_are_scaled():
    task = EmojiTask(image="pixels", keywords=1)
    plain, turned = task.images("train"), task.images("train", augment=5)
    assert plain.dtype == turned.dtype == np.float32
    assert 0 <= turned.min() < turned.max() <= 1
    assert np.abs(plain - turned).mean() > 0.01
    np.testing.assert_array_equal(turned, task.images("train", augment=1))  # four copies in turn


@pytest.mark.parametrize("method", METHODS + FUSIONS)
def test_a_method_takes_its_modalities_and_no_more(task, by_word, method):
    task = by_word if method in TOKEN_FUSIONS else task
    model = build_model(task, method, Recipe(units=8))
    expected = [method] if method in ("image", "text") else ["image", "text"]
    assert model.modalities == expected
    inputs = {name: rows[:4] for name, rows in task.inputs("test", seed=0).items()}
    assert predict_log_proba(model, inputs).shape == (4, task.classes)


def test_every_fusion_has_its_method():
    assert {*FUSIONS, "concat", "sum", "late"} == set(BY_NAME)  # late fusion trains nothing jointly


def test_no_method_has_many_more_weights_than_concatenation(task, by_word):
    counts = {}
    for method in ("concat", *FUSIONS):
        kind = by_word if method in TOKEN_FUSIONS else task
        model = build_model(kind, method, Recipe())
        predict_log_proba(model, {k: v[:1] for k, v in kind.inputs("test", seed=0).items()})
        counts[method] = model.count_params()
    assert max(counts.values()) < 1.25 * counts["concat"]


def test_by_word_no_word_is_lost_and_none_is_cut():
    for language, keywords in itertools.product(("en", "zh"), (2, None)):
        plain, rows = (
            EmojiTask(language=language, keywords=keywords, by_word=kind) for kind in (False, True)
        )
        for split in ("train", "validation", "test"):
            ids, flat = (task.inputs(split, seed=0)["text"] for task in (rows, plain))
            words = [text.split(" | ") for text in rows.words(split, seed=0)]
            assert all(rows._tokenize(word) for text in words for word in text)  # "!", too
            np.testing.assert_array_equal(ids.any(axis=2).sum(axis=1), list(map(len, words)))
            for one, whole in zip(ids, flat, strict=True):  # in Chinese characters come first
                np.testing.assert_array_equal(np.sort(one[one > 0]), np.sort(whole[whole > 0]))


@pytest.mark.parametrize("method", TOKEN_FUSIONS)
def test_the_order_of_words_and_absent_ones_do_not_count(by_word, method):
    inputs = {name: rows[:4] for name, rows in by_word.inputs("test", seed=0).items()}
    model = build_model(by_word, method, Recipe(units=8))
    usual = predict_log_proba(model, inputs)
    longer = {**inputs, "text": np.pad(inputs["text"], ((0, 0), (0, 5), (0, 0)))}
    steps = count_steps(model, longer)
    assert_close(predict_log_proba(model, longer), usual, steps=steps)
    turned = {**inputs, "text": inputs["text"][:, ::-1]}
    assert_close(predict_log_proba(model, turned), usual, steps=steps)
    other = {**inputs, "text": inputs["text"][::-1]}
    assert np.abs(predict_log_proba(model, other) - usual).max() > 1e-3


def test_a_fusion_of_tokens_needs_words_as_tokens(task, by_word):
    with pytest.raises(ValueError, match="task must have by_word=True for 'bottleneck'"):
        build_model(task, "bottleneck", Recipe())
    with pytest.raises(ValueError, match="task must have by_word=False for 'concat'"):
        build_model(by_word, "concat", Recipe())


def test_an_unknown_method_is_named(task):
    with pytest.raises(ValueError, match=r"method must be one of .*'sum'.* got 'gate'"):
        build_model(task, "gate", Recipe())


def test_training_repeats_and_learns(task):
    recipe, epochs = Recipe(units=16, epochs=2), []
    models = [
        train_model(task, "concat", recipe, seed=1, on_epoch=lambda e, m: epochs.append(e))
        for _ in range(2)
    ]
    inputs, truth = task.inputs("validation", seed=0), task.targets("validation")
    first, second = (predict_log_proba(model, inputs) for model in models)
    np.testing.assert_allclose(first, second, atol=1e-4)
    assert_close(np.exp(first).sum(axis=1), np.ones(len(truth)), steps=64 + task.classes)
    assert epochs == [0, 1, 0, 1]
    majority = np.bincount(truth).max() / len(truth)
    assert np.mean(first.argmax(axis=1) == truth) > majority + 0.1
