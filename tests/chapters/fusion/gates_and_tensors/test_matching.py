"""Pairs tell nothing one by one, and a sum can learn nothing from them."""

import numpy as np
import pytest
from tolerance import assert_close, count_steps

from mmtutorial.chapters.fusion.gates_and_tensors.matching import MatchingTask, make_pairs
from mmtutorial.chapters.fusion.joining.experiment import train_matching
from mmtutorial.tasks.training import Recipe, predict_log_proba, train_model


@pytest.fixture(scope="module")
def task():
    return MatchingTask()


@pytest.mark.parametrize("seed", range(5))
def test_half_of_the_pairs_are_true_and_no_row_tells_which(seed):
    concepts = np.random.default_rng(seed).integers(6, size=40)
    picture, words = make_pairs(concepts, seed=seed)
    true, false = slice(0, 40), slice(40, 80)
    assert np.all(picture[true] == words[true])
    assert not np.any(concepts[picture[false]] == concepts[words[false]])
    for half in (true, false):
        assert sorted(picture[half]) == sorted(words[half]) == list(range(40))


def test_false_pairs_are_new_for_another_seed_and_the_same_for_the_same():
    concepts = np.arange(30) // 2
    first, again, other = (make_pairs(concepts, seed=seed)[1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


def test_a_concept_of_just_half_of_the_rows_can_be_avoided_and_one_of_more_cannot():
    picture, words = make_pairs([0, 0, 0, 1, 2, 3], seed=0)
    assert not np.any(np.isin(picture[6:9], [0, 1, 2]) & np.isin(words[6:9], [0, 1, 2]))
    with pytest.raises(ValueError, match="at most half of the 3 rows each, got one with 2"):
        make_pairs([0, 0, 1], seed=0)


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_targets_are_those_of_the_pairs(task, split):
    concepts = getattr(task.emoji.dataset, split).targets["concept"]
    picture, words = task.pairs(split, seed=1)
    np.testing.assert_array_equal(concepts[picture] == concepts[words], task.targets(split))
    inputs = task.inputs(split, seed=1)
    whole = task.emoji.inputs(split, seed=0)
    np.testing.assert_array_equal(inputs["image"][-1], whole["image"][picture[-1]])
    np.testing.assert_array_equal(inputs["text"][-1], whole["text"][words[-1]])


def test_few_texts_are_cut(task):
    every = task.emoji.dataset.train.info["keywords"]
    longer = [len(task.emoji._tokenize(text)) > 80 for text in every]
    assert np.mean(longer) < 0.1


def test_one_modality_alone_is_a_coin_exactly_and_a_sum_scores_both_halves_alike(task):
    truth = task.targets("test")
    recipe = Recipe(units=8, epochs=1)
    models = {m: train_model(task, m, recipe, seed=0) for m in ("image", "text", "concat")}
    said = {m: predict_log_proba(model, task.inputs("test", seed=0)) for m, model in models.items()}
    assert np.mean(said["image"].argmax(1) == truth) == 0.5
    assert np.mean(said["text"].argmax(1) == truth) == 0.5
    score = said["concat"][:, 1] - said["concat"][:, 0]
    right, wrong = (score[truth == answer].mean() for answer in (1, 0))
    steps = count_steps(models["concat"], task.inputs("test", seed=0))
    assert_close(right, wrong, steps=steps, scale=np.abs(said["concat"]).max())
    assert score.std() > 1e-3


def test_a_concatenation_learns_which_pairs_belong_together_and_votes_do_not():
    def draw(split, count, seed):
        picture, words = np.random.default_rng([seed, len(split)]).integers(2, size=(2, count))
        image = np.eye(2, dtype="float32")[picture]
        return {"image": image, "text": words[:, None] + 2}, (picture == words).astype(int)

    scores = {name: train_matching(name, draw, tokens=4, epochs=2) for name in ("concat", "late")}
    assert [len(accuracies) for accuracies in scores.values()] == [2, 2]
    assert scores["concat"][-1] == 1
    assert scores["late"][-1] < 0.8


@pytest.mark.parametrize("wrong", [[], [[0, 1]], [0, 1, None], [0.5, 1, 2]])
def test_pairs_need_rows_of_a_concept(wrong):
    with pytest.raises(ValueError, match="concepts must"):
        make_pairs(wrong, seed=0)
