"""Models that look for what words mean: the equation, and what each of them gets to see."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy.special import softmax

from mmtutorial.experiments import Recipe
from mmtutorial.experiments.looking import (
    LOOKERS,
    GuidedAttention,
    attended,
    build_looker,
    erased,
    looker_inputs,
    train_looker,
    where_it_looks,
)
from mmtutorial.experiments.scenes import SceneTask

RNG = np.random.default_rng(0)
TOKENS = {
    "image": RNG.normal(size=(3, 4, 5)).astype("float32"),
    "text": RNG.normal(size=(3, 2, 6)).astype("float32"),
}
REAL = np.array([[True, True], [True, False], [False, False]])


@pytest.fixture(scope="module")
def task():
    return SceneTask()


@pytest.fixture(scope="module")
def scenes(task):
    return task.draw("test", 40, seed=0)


def normalise(x):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-3)


def test_guided_attention_is_its_equation():
    layer = GuidedAttention(8)
    found = keras.ops.convert_to_numpy(layer(TOKENS, mask={"text": REAL}))
    looks = keras.ops.convert_to_numpy(layer.attention(TOKENS, mask={"text": REAL}))
    query, key, value = (
        keras.ops.convert_to_numpy(one.kernel) for one in (layer.query, layer.key, layer.value)
    )
    image, text = normalise(TOKENS["image"]), normalise(TOKENS["text"])
    for row in range(2):
        words = text[row][REAL[row]]
        shares = softmax((words @ query) @ (image[row] @ key).T / np.sqrt(8), axis=1)
        np.testing.assert_allclose(looks[row][REAL[row]], shares, atol=1e-5)
        gathered = shares @ np.maximum(image[row] @ value, 0)
        np.testing.assert_allclose(found[row], gathered.mean(axis=0), atol=1e-5)
    np.testing.assert_array_equal(found[2], np.zeros(8))  # nobody asks


def test_the_guide_says_nothing_itself():
    layer = GuidedAttention(8)
    one_place = {"image": TOKENS["image"][:, :1], "text": TOKENS["text"]}
    other_words = {**one_place, "text": one_place["text"][::-1]}
    np.testing.assert_allclose(layer(one_place), layer(other_words), atol=1e-6)


def test_padded_places_are_not_looked_at():
    layer, real = GuidedAttention(8), np.array([[True, True, False, True]] * 3)
    layer(TOKENS)
    wild = {**TOKENS, "image": np.where(real[..., None], TOKENS["image"], 1e6).astype("float32")}
    for one in (TOKENS, wild):
        looks = keras.ops.convert_to_numpy(layer.attention(one, mask={"image": real}))
        np.testing.assert_array_equal(looks[..., 2], 0)
        np.testing.assert_allclose(looks.sum(axis=-1), 1, rtol=1e-5)


def test_it_is_made_again_from_its_config():
    config = GuidedAttention(8, guide="image").get_config()
    again = GuidedAttention.from_config(config)
    assert (again.units, again.guide) == (8, "image")


@pytest.mark.parametrize("names", [("image", "sound"), ("image",), ("image", "sound", "text")])
def test_it_takes_the_guide_and_one_more(names):
    with pytest.raises(ValueError, match="inputs must hold 'text' and one more"):
        GuidedAttention(8)({name: np.ones((2, 3, 4), "float32") for name in names})


@pytest.mark.parametrize("method", LOOKERS)
def test_every_method_answers_and_trains(task, scenes, method):
    recipe = Recipe(units=8, epochs=1, batch_size=32)
    model = train_looker(task, method, recipe, seed=0, count=64)
    assert tuple(model(looker_inputs(method, scenes)).shape) == (40, 4)
    fresh = build_looker(task, method, recipe)
    fresh(looker_inputs(method, scenes))
    assert fresh.count_params() == model.count_params()


def test_who_is_told_gets_the_one_that_is_meant(task, scenes):
    image = looker_inputs("told", scenes)["image"]
    meant = scenes.rows[np.arange(40), scenes.place]
    np.testing.assert_array_equal(image, task.emoji.images("test")[meant])
    assert looker_inputs("side by side", scenes)["image"].shape == (40, 4 * 256)
    assert looker_inputs("text", scenes).keys() == {"text"}


@pytest.mark.parametrize("method", ["guided", "cross_attention"])
def test_each_word_shares_out_its_attention(task, scenes, method):
    model = build_looker(task, method, Recipe(units=8))
    model(looker_inputs(method, scenes))
    looks = where_it_looks(model, scenes)
    real = np.any(scenes.inputs["text"] != 0, axis=-1)
    assert looks.shape == (40, 2, 4)
    np.testing.assert_allclose(looks[real].sum(axis=-1), 1, rtol=1e-5)
    assert np.isnan(looks[~real]).all()
    np.testing.assert_allclose(attended(model, scenes), np.nanmean(looks, axis=1), rtol=1e-5)
    again = task.draw("test", 40, seed=0)
    order = [2, 0, 3, 1]
    again.inputs["image"] = again.inputs["image"][:, order]
    np.testing.assert_allclose(where_it_looks(model, again), looks[..., order], atol=1e-5)


def test_a_scene_without_words_attends_to_nothing(task, scenes):
    model = build_looker(task, "guided", Recipe(units=8))
    model(scenes.inputs)
    silent = replace(scenes, inputs={**scenes.inputs, "text": 0 * scenes.inputs["text"]})
    np.testing.assert_array_equal(attended(model, silent), np.zeros((40, 4)))


def test_only_what_counts_moves_the_answer_when_it_is_erased(task, scenes):
    model = build_looker(task, "text", Recipe(units=8))
    model({"text": scenes.inputs["text"]})
    moved, flipped = erased(model, scenes)
    np.testing.assert_array_equal(moved, np.zeros((40, 4)))
    assert not flipped.any()
    seeing = build_looker(task, "guided", Recipe(units=8))
    seeing(scenes.inputs)
    moved, _ = erased(seeing, scenes)
    assert moved.min() >= 0
    assert moved.max() > 0


def test_an_unknown_method_is_refused(task):
    with pytest.raises(ValueError, match="method must be one of"):
        build_looker(task, "guess", Recipe())
