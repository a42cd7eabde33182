"""Broken emoji are broken as they say, in training alone; gates are read from the right model."""

import numpy as np
import pytest

from mmtutorial.experiments import EmojiTask, Recipe, train_model
from mmtutorial.experiments.gates import LOUD, BrokenTask, broken_inputs, image_gates, static


@pytest.fixture(scope="module")
def whole():
    return EmojiTask(keywords=1)


def test_static_is_as_loud_as_asked_and_repeats():
    noise = static((400, 256), seed=1)
    assert noise.std() == pytest.approx(LOUD, rel=0.01)
    assert static((400, 256), seed=1, loud=1.0).std() == pytest.approx(1, rel=0.01)
    np.testing.assert_array_equal(noise, static((400, 256), seed=1))
    assert np.any(noise != static((400, 256), seed=2))


def test_each_damage_leaves_the_other_modality_alone(whole):
    inputs = whole.inputs("test", seed=0)
    broken = broken_inputs(inputs, seed=0)
    assert broken["as it is"] is inputs
    for damage, given in broken.items():
        changed = {name for name in inputs if np.any(given[name] != inputs[name])}
        what = {"words": "text", "picture": "image", "static": "image"}
        expected = {what[word] for word in what if word in damage}
        assert changed == expected, damage
    assert not broken["no words"]["text"].any()
    assert not broken["no picture"]["image"].any()


def test_training_is_broken_in_the_shares_asked_for_and_nothing_else_is(whole):
    task = BrokenTask(pictures=0.3, words=0.5, keywords=1, dataset=whole.dataset)
    for split in ("train", "validation", "test"):
        for name, array in task.inputs(split, seed=0).items():
            np.testing.assert_array_equal(array, whole.inputs(split, seed=0)[name])
    clean, broken = (t.inputs("train", seed=4, augment=4) for t in (whole, task))
    pictures = np.any(broken["image"] != clean["image"], axis=1)
    words = np.any(broken["text"] != clean["text"], axis=1)
    assert pictures.mean() == pytest.approx(0.3, abs=0.03)
    assert not np.any(pictures & words)
    assert words[~pictures].mean() == pytest.approx(0.5, abs=0.04)
    other = task.inputs("train", seed=4, augment=5)["image"]
    assert np.any(np.any(other != clean["image"], axis=1) != pictures)


def test_a_share_must_be_one():
    with pytest.raises(ValueError, match=r"words must lie in 0..1, got 1.5"):
        BrokenTask(words=1.5)


def test_gates_read_from_a_model_are_those_that_make_its_answer(whole):
    model = train_model(whole, "gated", Recipe(units=8, epochs=1), seed=0)
    inputs = whole.inputs("test", seed=0)
    gate = image_gates(model, inputs)
    assert gate.shape == (len(inputs["image"]), 8)
    vectors = {name: model.encoders[name](inputs[name]) for name in inputs}
    a, b = (np.asarray(model.fusion.maps[name](vectors[name])) for name in ("image", "text"))
    logits = model.heads["fused"](gate * a + (1 - gate) * b)
    np.testing.assert_allclose(logits, model(inputs), atol=1e-5)


def test_only_a_gated_fusion_has_gates(whole):
    model = train_model(whole, "concat", Recipe(units=8, epochs=1), seed=0)
    with pytest.raises(TypeError, match="must have a GatedFusion, got ConcatFusion"):
        image_gates(model, whole.inputs("test", seed=0))
