"""The recipe that chapters and benchmarks share does what it says, and repeats."""

import numpy as np
import pytest

from mmtutorial.experiments import (
    METHODS,
    EmojiTask,
    Recipe,
    build_model,
    log_probabilities,
    same_concepts,
    same_designers,
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


# Leaks made on purpose


@pytest.mark.parametrize("replaced", ["noto", "emojione"])
def test_the_designers_are_all_that_differs(replaced):
    honest, leaking = same_designers(replaced)
    counts = []
    for data, artist in ((honest, replaced), (leaking, "fluent_flat")):
        names = np.array(data.classes["artist"])[data.train.targets["artist"]]
        swapped = np.where(names == artist, "swapped", names)
        rows = zip(swapped, data.train.info["hexcode"], strict=True)
        counts.append(sorted(rows))
        assert (names == artist).sum() > 500
    assert counts[0] == counts[1]
    assert "fluent_flat" not in honest.classes["artist"]
    np.testing.assert_array_equal(honest.test.inputs["image"], leaking.test.inputs["image"])
    np.testing.assert_array_equal(honest.test.targets["group"], leaking.test.targets["group"])


def test_no_leak_without_a_known_artist():
    with pytest.raises(ValueError, match=r"replaced must be one of 'noto', .* got 'fluent_3d'"):
        same_designers("fluent_3d")


def test_one_split_keeps_concepts_apart_and_the_other_does_not():
    honest, leaking = same_concepts(seed=0)
    for data, shared in ((honest, False), (leaking, True)):
        concepts = [set(s.targets["concept"].tolist()) for s in (data.train, data.test)]
        assert bool(concepts[0] & concepts[1]) == shared
        assert not (concepts[0] | concepts[1]) & set(data.validation.targets["concept"].tolist())
        artists = [set(s.targets["artist"].tolist()) for s in (data.train, data.test)]
        assert artists[0] == artists[1]
    assert len(honest.test) == len(leaking.test)
    assert len(honest.train) == len(leaking.train)
    everything = data_rows(honest.train) + data_rows(honest.test)
    assert sorted(everything) == sorted(data_rows(leaking.train) + data_rows(leaking.test))
    again = same_concepts(seed=0)[1]
    assert data_rows(again.test) == data_rows(leaking.test)
    assert data_rows(same_concepts(seed=1)[1].test) != data_rows(leaking.test)
    with pytest.raises(ValueError, match="share must lie between 0 and 1, got 1"):
        same_concepts(seed=0, share=1)


def data_rows(split):
    return list(zip(split.targets["artist"].tolist(), split.info["hexcode"], strict=True))


def test_a_task_takes_emoji_that_are_split_in_another_way():
    honest, _ = same_concepts(seed=0)
    task = EmojiTask(keywords=1, dataset=honest)
    assert len(task.targets("test")) == len(honest.test)
    assert len(task.inputs("train", seed=0)["text"]) == len(honest.train)
