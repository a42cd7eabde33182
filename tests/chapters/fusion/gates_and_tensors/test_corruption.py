"""Broken emoji are broken as they say, in training alone; gates are read from the right model."""

import numpy as np
import pytest
from tolerance import assert_close, count_steps

from mmtutorial.chapters.fusion.gates_and_tensors.corruption import (
    NOISE_STD,
    CorruptedTask,
    corrupted_inputs,
    gates_by_winner,
    gaussian_noise,
    image_gates,
    predict_with_fixed_gate,
)
from mmtutorial.tasks.emoji import EmojiTask
from mmtutorial.tasks.training import Recipe, predict_log_proba, train_model


@pytest.fixture(scope="module")
def whole():
    return EmojiTask(keywords=1)


def test_static_is_as_loud_as_asked_and_repeats():
    noise = gaussian_noise((400, 256), seed=1)
    assert noise.std() == pytest.approx(NOISE_STD, rel=0.01)
    assert gaussian_noise((400, 256), seed=1, loud=1.0).std() == pytest.approx(1, rel=0.01)
    np.testing.assert_array_equal(noise, gaussian_noise((400, 256), seed=1))
    assert np.any(noise != gaussian_noise((400, 256), seed=2))


def test_each_damage_leaves_the_other_modality_alone(whole):
    inputs = whole.inputs("test", seed=0)
    broken = corrupted_inputs(inputs, seed=0)
    assert broken["as it is"] is inputs
    for damage, given in broken.items():
        changed = {name for name in inputs if np.any(given[name] != inputs[name])}
        what = {"words": "text", "picture": "image", "static": "image"}
        expected = {what[word] for word in what if word in damage}
        assert changed == expected, damage
    assert not broken["no words"]["text"].any()
    assert not broken["no picture"]["image"].any()


def test_training_is_broken_in_the_shares_asked_for_and_nothing_else_is(whole):
    task = CorruptedTask(pictures=0.3, words=0.5, keywords=1, dataset=whole.dataset)
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
    with pytest.raises(ValueError, match=r"words must be at least 0 and at most 1, got 1.5"):
        CorruptedTask(words=1.5)


def test_holding_the_gates_where_they_are_changes_nothing(whole):
    model = train_model(whole, "gated", Recipe(units=8, epochs=1), seed=0)
    inputs = whole.inputs("test", seed=0)
    gate = image_gates(model, inputs)
    assert gate.shape == (len(inputs["image"]), 8)
    held = predict_with_fixed_gate(model, inputs, gate)
    expected = np.exp(predict_log_proba(model, inputs))
    assert_close(held, expected, steps=count_steps(model, inputs))


@pytest.mark.parametrize(("gate", "mute"), [(1.0, "text"), (0.0, "image")])
def test_a_gate_held_at_one_end_shuts_the_other_modality_out(whole, gate, mute):
    model = train_model(whole, "gated", Recipe(units=8, epochs=1), seed=0)
    inputs = whole.inputs("test", seed=0)
    other = {**inputs, mute: inputs[mute][::-1]}
    first, second = (predict_with_fixed_gate(model, given, gate) for given in (inputs, other))
    np.testing.assert_array_equal(first, second)
    assert np.any(
        predict_with_fixed_gate(model, other, 0.5) != predict_with_fixed_gate(model, inputs, 0.5)
    )


def test_gates_are_averaged_where_one_modality_alone_is_right(whole):
    model = train_model(whole, "gated", Recipe(units=8, epochs=1), seed=0)
    inputs = whole.inputs("test", seed=0)
    words = predict_with_fixed_gate(model, inputs, 0.0).argmax(axis=1)
    picture = predict_with_fixed_gate(model, inputs, 1.0).argmax(axis=1)
    gate = image_gates(model, inputs).mean(axis=1)
    early = np.arange(len(gate)) < len(gate) // 2  # as if the words were right for these rows
    found = gates_by_winner(model, inputs, np.where(early, words, picture))
    assert found["text"] == pytest.approx(gate[early & (words != picture)].mean())
    assert found["image"] == pytest.approx(gate[~early & (words != picture)].mean())


def test_only_a_gated_fusion_has_gates(whole):
    model = train_model(whole, "concat", Recipe(units=8, epochs=1), seed=0)
    with pytest.raises(TypeError, match="must have a GatedFusion, got ConcatFusion"):
        image_gates(model, whole.inputs("test", seed=0))
