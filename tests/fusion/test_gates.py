"""Gates and attention over modalities against their formulas, and at their limits."""

import numpy as np
import pytest
from fusion_checks import vectors
from layer_checks import to_numpy
from scipy.special import expit, softmax
from tolerance import assert_close, count_steps

from mmtutorial.fusion import AttentionFusion, GatedFusion

pytestmark = pytest.mark.backend


def count(layer):
    return sum(int(np.prod(weight.shape)) for weight in layer.weights)


def kernels(dense):
    return {name: [to_numpy(w) for w in layer.weights] for name, layer in dense.items()}


# --- the gated multimodal unit


def test_two_modalities_share_one_gate_as_in_the_paper():
    inputs = vectors([3, 5])
    layer = GatedFusion(4)
    result = to_numpy(layer(inputs))
    proposals = {k: np.tanh(inputs[k] @ v[0]) for k, v in kernels(layer.maps).items()}
    joined = np.concatenate([inputs["image"], inputs["text"]], axis=1)
    z = expit(joined @ to_numpy(layer.gate.kernel))
    expected = z * proposals["image"] + (1 - z) * proposals["text"]
    assert_close(result, expected, steps=count_steps(layer, inputs))
    gates = layer.gates(inputs)
    assert_close(to_numpy(gates["image"]), z, steps=count_steps(layer, inputs))
    assert_close(to_numpy(gates["text"]), 1 - z, steps=count_steps(layer, inputs))


@pytest.mark.parametrize("modalities", [1, 3, 6])
def test_any_other_number_has_a_gate_each(modalities):
    inputs = vectors([3, 5, 2, 4, 3, 1][:modalities])
    layer = GatedFusion(4)
    result = to_numpy(layer(inputs))
    names = sorted(inputs)
    maps = kernels(layer.maps)
    joined = np.concatenate([inputs[name] for name in names], axis=1)
    gate = to_numpy(layer.gate.kernel).reshape(-1, modalities, 4)
    z = expit(np.einsum("bd,dmu->bmu", joined, gate))
    proposals = np.stack([np.tanh(inputs[name] @ maps[name][0]) for name in names], axis=1)
    assert_close(result, np.einsum("bmu,bmu->bu", z, proposals), steps=count_steps(layer, inputs))
    for i, name in enumerate(names):
        assert_close(to_numpy(layer.gates(inputs)[name]), z[:, i], steps=count_steps(layer, inputs))


@pytest.mark.parametrize(("push", "winner"), [(1e3, "image"), (-1e3, "text")])
def test_an_open_gate_lets_one_of_two_through_alone(push, winner):
    inputs = {name: np.abs(vector) + 0.1 for name, vector in vectors([3, 5]).items()}
    layer = GatedFusion(4)
    layer(inputs)
    layer.gate.kernel.assign(np.full(layer.gate.kernel.shape, push))
    kernel = to_numpy(layer.maps[winner].kernel)
    expected = np.tanh(inputs[winner] @ kernel)
    assert_close(to_numpy(layer(inputs)), expected, steps=count_steps(layer, inputs))


def test_closed_gates_let_nothing_through():
    inputs = {name: np.abs(vector) + 0.1 for name, vector in vectors([3, 5, 2]).items()}
    layer = GatedFusion(4)
    layer(inputs)
    layer.gate.kernel.assign(np.full(layer.gate.kernel.shape, -1e3))
    assert_close(to_numpy(layer(inputs)), 0, steps=count_steps(layer, inputs), scale=1.0)


@pytest.mark.parametrize("modalities", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("units", [None, 7])
def test_gated_parameters(modalities, units):
    sizes = [3, 5, 2, 4, 9, 1][:modalities]
    layer = GatedFusion(units)
    layer.build({name: vector.shape for name, vector in vectors(sizes).items()})
    gates = 1 if modalities == 2 else modalities
    assert count(layer) == (1 + gates) * (units or max(sizes)) * sum(sizes)


# --- attention over modalities


def attend(layer, inputs, present):
    keys, values = kernels(layer.keys), kernels(layer.values)
    names = sorted(inputs)
    query = to_numpy(layer.score.kernel)[:, 0]
    scores = np.stack([np.tanh(inputs[n] @ keys[n][0] + keys[n][1]) @ query for n in names], axis=1)
    shares = softmax(np.where(present, scores, -np.inf), axis=1)
    stacked = np.stack([inputs[n] @ values[n][0] + values[n][1] for n in names], axis=1)
    return shares, np.einsum("bm,bmu->bu", shares, stacked)


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_attention_equals_its_formula(modalities, rng):
    inputs = vectors([3, 5, 2, 4, 3, 1][:modalities])
    layer = AttentionFusion(4)
    layer(inputs)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    presence = rng.random((4, modalities)) > 0.4
    presence[np.arange(4), rng.integers(modalities, size=4)] = True
    for given in (None, presence):
        everyone = np.ones((4, modalities), bool) if given is None else given
        shares, expected = attend(layer, inputs, everyone)
        assert_close(
            to_numpy(layer(inputs, presence=given)), expected, steps=count_steps(layer, inputs)
        )
        result = to_numpy(layer.shares(inputs, presence=given))
        assert_close(result, shares, steps=count_steps(layer, inputs))


def test_without_a_preference_attention_is_the_mean_of_those_present():
    inputs = vectors([3, 5, 2])
    layer = AttentionFusion(4)
    layer(inputs)
    layer.score.kernel.assign(np.zeros((4, 1)))
    presence = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0]], bool)
    shares = to_numpy(layer.shares(inputs, presence=presence))
    expected = presence / np.maximum(presence.sum(axis=1, keepdims=True), 1)
    assert_close(shares, expected, steps=count_steps(layer, inputs))
    np.testing.assert_array_equal(to_numpy(layer(inputs, presence=presence))[3], 0)


def test_a_strong_preference_takes_one_modality_alone():
    inputs = vectors([3, 5])
    layer = AttentionFusion(4)
    layer(inputs)
    for name, sign in (("image", 1.0), ("text", -1.0)):
        layer.keys[name].kernel.assign(np.zeros(layer.keys[name].kernel.shape))
        layer.keys[name].bias.assign(np.full(4, sign * 9))
    layer.score.kernel.assign(np.full((4, 1), 20.0))
    kernel, bias = kernels(layer.values)["image"]
    assert_close(
        to_numpy(layer(inputs)), inputs["image"] @ kernel + bias, steps=count_steps(layer, inputs)
    )


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
@pytest.mark.parametrize("units", [None, 7])
def test_attention_parameters(modalities, units):
    sizes = [3, 5, 2, 4, 9, 1][:modalities]
    layer = AttentionFusion(units)
    layer.build({name: vector.shape for name, vector in vectors(sizes).items()})
    assert count(layer) == (units or max(sizes)) * (1 + sum(2 * (size + 1) for size in sizes))


@pytest.mark.parametrize("kind", [GatedFusion, AttentionFusion])
def test_units_must_be_positive(kind):
    with pytest.raises(ValueError, match="units must be at least 1, got 0"):
        kind(0)
