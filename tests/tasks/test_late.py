"""Late fusion pools what models trained alone believe, and its weights are chosen on validation."""

from dataclasses import asdict

import numpy as np
import pytest
from tolerance import assert_close

from mmtutorial.tasks.emoji import EmojiTask
from mmtutorial.tasks.late import choose_weights, late_fusion, search_late, train_chosen
from mmtutorial.tasks.search import SEARCH_SEED
from mmtutorial.tasks.stamps import StampRecipe, StampTask
from mmtutorial.tasks.training import Recipe, predict_log_proba, train_model

EMOJI, STAMP = Recipe(units=8, epochs=1), StampRecipe(units=8, epochs=1)

LOGS = {
    "image": np.log([[0.8, 0.2], [0.4, 0.6]]).astype(np.float32),
    "text": np.log([[0.1, 0.9], [0.3, 0.7]]).astype(np.float32),
}


def test_who_is_absent_has_no_vote_and_his_weight_goes_to_the_others():
    there = np.array([[True, False], [True, True]])
    pooled = late_fusion(LOGS, {"image": 0.5, "text": 0.5}, presence=there)
    assert_close(np.exp(pooled[0]), np.array([0.8, 0.2], "f4"), steps=16)
    root = np.sqrt([0.4 * 0.3, 0.6 * 0.7])
    assert_close(np.exp(pooled[1]), (root / root.sum()).astype("f4"), steps=16)


def test_the_weights_go_to_who_is_right():
    assert choose_weights(LOGS, np.array([0, 1]))[1] == 1.0
    assert choose_weights(LOGS, np.array([1, 0]), steps=4) == ({"image": 0.0, "text": 1.0}, 0.5)
    weights, _ = choose_weights(LOGS, np.array([0, 1]))
    assert weights["image"] > weights["text"]


def test_of_weights_that_are_as_good_the_nearest_to_equal_ones_are_chosen():
    same = np.log([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8]])
    assert choose_weights({"a": same, "b": same}, [0, 1, 1]) == ({"a": 0.5, "b": 0.5}, 1.0)
    three = choose_weights({"a": same, "b": same, "c": same}, [0, 1, 1], steps=4)[0]
    assert sorted(three.values()) == [0.25, 0.25, 0.5]
    better = same + np.array([[0.01, 0], [0, 0.01], [0, 0.01]])  # a little: no tie
    assert choose_weights({"a": same, "b": better}, [0, 1, 1])[0] == {"a": 0.0, "b": 1.0}


def test_votes_and_truth_fit_each_other():
    for truth in ([0], [0, 1, 1]):
        with pytest.raises(ValueError, match="truth must hold a class for each of 2 rows"):
            choose_weights(LOGS, truth)
    with pytest.raises(ValueError, match="truth must hold whole numbers from 0 to 1"):
        choose_weights(LOGS, [0, -1])
    with pytest.raises(ValueError, match=r"votes must all have one shape"):
        choose_weights({**LOGS, "text": LOGS["text"][:1]}, [0, 1])
    with pytest.raises(ValueError, match=r"votes\['text'\] must hold log-probabilities, got nan"):
        late_fusion({**LOGS, "text": LOGS["text"] * np.nan}, {"image": 1, "text": 1})
    with pytest.raises(ValueError, match="steps must be at least 1"):
        choose_weights(LOGS, [0, 1], steps=0)


def test_votes_that_rule_out_every_class_leave_all_equal():
    votes = {"image": np.array([[0, -np.inf]], "f"), "text": np.array([[-np.inf, 0]], "f")}
    pooled = late_fusion(votes, {"image": 0.5, "text": 0.5})
    np.testing.assert_allclose(np.exp(pooled), [[0.5, 0.5]], rtol=1e-5)


def test_an_absent_vote_may_be_anything():
    there = np.array([[True, False], [True, True]])
    votes = {**LOGS, "text": np.where(there[:, 1:], LOGS["text"], np.nan)}
    weights = {"image": 0.5, "text": 0.5}
    expected = late_fusion(LOGS, weights, presence=there)
    np.testing.assert_array_equal(late_fusion(votes, weights, presence=there), expected)


# Trained


@pytest.fixture(scope="module")
def emoji():
    return EmojiTask(keywords=1)


@pytest.fixture(scope="module")
def stamps():
    return StampTask()


def votes_by_hand(task, recipe, names, inputs, seed):
    models = {name: train_model(task, name, recipe, seed=seed) for name in names}
    parameters = sum(model.count_params() for model in models.values())
    return {name: predict_log_proba(model, inputs) for name, model in models.items()}, parameters


def test_the_search_weighs_each_modality_alone_and_keeps_what_it_was_made_of(emoji):
    found = search_late(emoji, {"image": EMOJI, "text": EMOJI}, steps=4)
    inputs, truth = emoji.inputs("validation", seed=0), emoji.targets("validation")
    votes, _ = votes_by_hand(emoji, EMOJI, ("image", "text"), inputs, SEARCH_SEED)
    weights, accuracy = choose_weights(votes, truth, steps=4)
    assert found["config"]["weights"] == weights
    assert found["validation"] == accuracy
    alone = found["config"]["alone"]
    assert {name: Recipe(**each) for name, each in alone.items()} == dict(image=EMOJI, text=EMOJI)


def test_who_is_absent_has_no_vote_in_what_was_trained_either(stamps):
    inputs, names = stamps.inputs("test"), ("image", "speech", "text")
    config = {"weights": dict.fromkeys(names, 1 / 3), "alone": dict.fromkeys(names, asdict(STAMP))}
    predict, parameters = train_chosen(stamps, "late", config, seed=3, recipe=StampRecipe)
    votes, counted = votes_by_hand(stamps, STAMP, names, inputs, seed=3)
    there = stamps.presence("test")
    assert not there.all(), "no stamp lacks anything: this test would prove nothing"
    np.testing.assert_array_equal(
        predict(inputs), late_fusion(votes, config["weights"], presence=there)
    )
    assert parameters == counted


def test_a_chosen_recipe_is_the_one_that_is_trained(emoji):
    predict, parameters = train_chosen(emoji, "concat", asdict(EMOJI), seed=2)
    model, inputs = train_model(emoji, "concat", EMOJI, seed=2), emoji.inputs("test", seed=2)
    np.testing.assert_array_equal(predict(inputs), predict_log_proba(model, inputs))
    assert parameters == model.count_params()


def test_what_is_no_choice_is_named(emoji):
    with pytest.raises(TypeError, match="config must be"):
        train_chosen(emoji, "text", None, seed=0)
    with pytest.raises(TypeError, match="recipes must be"):
        search_late(emoji, [EMOJI])
