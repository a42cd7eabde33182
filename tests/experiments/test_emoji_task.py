"""The recipe that chapters and benchmarks share does what it says, and repeats."""

import numpy as np
import pytest

from mmtutorial.experiments import (
    METHODS,
    EmojiTask,
    Recipe,
    build_model,
    log_probabilities,
    train_model,
)


@pytest.fixture(scope="module")
def task():
    return EmojiTask(keywords=1)


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
    for keywords in (1, 2, None):
        task = EmojiTask(keywords=keywords)
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


@pytest.mark.parametrize("method", METHODS)
def test_a_method_takes_its_modalities_and_no_more(task, method):
    model = build_model(task, method, Recipe(units=8))
    expected = [method] if method in ("image", "text") else ["image", "text"]
    assert model.modalities == expected
    inputs = {name: rows[:4] for name, rows in task.inputs("test", seed=0).items()}
    assert log_probabilities(model, inputs).shape == (4, task.classes)


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
    first, second = (log_probabilities(model, inputs) for model in models)
    np.testing.assert_allclose(first, second, atol=1e-4)
    np.testing.assert_allclose(np.exp(first).sum(axis=1), 1, atol=1e-4)
    assert epochs == [0, 1, 0, 1]
    majority = np.bincount(truth).max() / len(truth)
    assert np.mean(first.argmax(axis=1) == truth) > majority + 0.1
