"""Models that look for what words mean: the equation, and what each of them gets to see."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy.special import softmax
from tolerance import assert_close, count_steps, make_rng

from mmtutorial.chapters.fusion.attention.experiment import (
    SCENE_METHODS,
    attention_weights,
    build_scene_model,
    mean_attention,
    occlusion_sensitivity,
    scene_inputs,
    train_scene_model,
)
from mmtutorial.chapters.fusion.attention.scenes import SceneTask
from mmtutorial.fusion.guided import GuidedAttention
from mmtutorial.tasks.training import Recipe

RNG = make_rng()
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
        assert_close(looks[row][REAL[row]], shares, steps=count_steps(layer, TOKENS))
        gathered = shares @ np.maximum(image[row] @ value, 0)
        assert_close(found[row], gathered.mean(axis=0), steps=count_steps(layer, TOKENS))
    np.testing.assert_array_equal(found[2], np.zeros(8))  # nobody asks


def test_the_guide_says_nothing_itself():
    layer = GuidedAttention(8)
    one_place = {"image": TOKENS["image"][:, :1], "text": TOKENS["text"]}
    other_words = {**one_place, "text": one_place["text"][::-1]}
    assert_close(layer(one_place), layer(other_words), steps=count_steps(layer, one_place))


def test_padded_places_are_not_looked_at():
    layer, real = GuidedAttention(8), np.array([[True, True, False, True]] * 3)
    layer(TOKENS)
    wild = {**TOKENS, "image": np.where(real[..., None], TOKENS["image"], 1e6).astype("float32")}
    for one in (TOKENS, wild):
        looks = keras.ops.convert_to_numpy(layer.attention(one, mask={"image": real}))
        np.testing.assert_array_equal(looks[..., 2], 0)
        assert_close(looks.sum(axis=-1), np.ones(looks.shape[:-1]), steps=16)


def test_it_is_made_again_from_its_config():
    config = GuidedAttention(8, query_modality="image").get_config()
    again = GuidedAttention.from_config(config)
    assert (again.units, again.query_modality) == (8, "image")


@pytest.mark.parametrize("names", [("image", "sound"), ("image",), ("image", "sound", "text")])
def test_it_takes_the_guide_and_one_more(names):
    with pytest.raises(ValueError, match="inputs must hold 'text' and one more"):
        GuidedAttention(8)({name: np.ones((2, 3, 4), "float32") for name in names})


@pytest.mark.parametrize("method", SCENE_METHODS)
def test_every_method_answers_and_trains(task, scenes, method):
    recipe = Recipe(units=8, epochs=1, batch_size=32)
    model = train_scene_model(task, method, recipe, seed=0, count=64)
    assert tuple(model(scene_inputs(method, scenes)).shape) == (40, 4)
    fresh = build_scene_model(task, method, recipe)
    fresh(scene_inputs(method, scenes))
    assert fresh.count_params() == model.count_params()


def test_the_oracle_gets_the_one_that_is_meant(task, scenes):
    image = scene_inputs("oracle location", scenes)["image"]
    meant = scenes.rows[np.arange(40), scenes.place]
    np.testing.assert_array_equal(image, task.emoji.images("test")[meant])
    assert scene_inputs("flattened", scenes)["image"].shape == (40, 4 * 256)
    assert scene_inputs("text", scenes).keys() == {"text"}


@pytest.mark.parametrize("method", ["guided", "cross_attention"])
def test_each_word_shares_out_its_attention(task, scenes, method):
    model = build_scene_model(task, method, Recipe(units=8))
    model(scene_inputs(method, scenes))
    looks = attention_weights(model, scenes)
    real = np.any(scenes.inputs["text"] != 0, axis=-1)
    assert looks.shape == (40, 2, 4)
    assert_close(looks[real].sum(axis=-1), np.ones(real.sum()), steps=16)
    assert np.isnan(looks[~real]).all()
    assert_close(mean_attention(model, scenes), np.nanmean(looks, axis=1), steps=16)
    again = task.draw("test", 40, seed=0)
    order = [2, 0, 3, 1]
    again.inputs["image"] = again.inputs["image"][:, order]
    steps = count_steps(model, scenes.inputs)
    assert_close(attention_weights(model, again)[real], looks[..., order][real], steps=steps)


def test_a_scene_without_words_attends_to_nothing(task, scenes):
    model = build_scene_model(task, "guided", Recipe(units=8))
    model(scenes.inputs)
    silent = replace(scenes, inputs={**scenes.inputs, "text": 0 * scenes.inputs["text"]})
    np.testing.assert_array_equal(mean_attention(model, silent), np.zeros((40, 4)))


def test_only_what_counts_moves_the_answer_when_it_is_erased(task, scenes):
    model = build_scene_model(task, "text", Recipe(units=8))
    model({"text": scenes.inputs["text"]})
    moved, flipped = occlusion_sensitivity(model, scenes)
    np.testing.assert_array_equal(moved, np.zeros((40, 4)))
    assert not flipped.any()
    seeing = build_scene_model(task, "guided", Recipe(units=8))
    seeing(scenes.inputs)
    moved, _ = occlusion_sensitivity(seeing, scenes)
    assert moved.min() >= 0
    assert moved.max() > 0


def test_an_unknown_method_is_refused(task):
    with pytest.raises(ValueError, match="method must be one of"):
        build_scene_model(task, "guess", Recipe())


def test_fewer_scenes_than_a_batch_would_train_nothing():
    with pytest.raises(ValueError, match="count must be at least the 128 of a batch, got 5"):
        train_scene_model(None, "text", Recipe(), seed=0, count=5)
