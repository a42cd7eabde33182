"""Mixtures and products of experts against their formulas, and at their limits."""

import keras
import numpy as np
import pytest
from fusion_checks import vectors
from layer_checks import to_numpy
from scipy.special import log_softmax, softmax

from mmtutorial.fusion import LateFusion, MixtureFusion

pytestmark = pytest.mark.backend


def beliefs(inputs):
    return np.stack([softmax(inputs[n].astype(float), axis=1) for n in sorted(inputs)], axis=1)


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_mixture_equals_its_formula(modalities, rng):
    inputs = vectors([5] * modalities)
    layer = MixtureFusion()
    layer(inputs)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    kernel, bias = (to_numpy(weight) for weight in layer.gate.weights)
    presence = rng.random((4, modalities)) > 0.4
    presence[np.arange(4), rng.integers(modalities, size=4)] = True
    chances = beliefs(inputs)
    seen = (chances * presence[..., None]).reshape(4, -1)
    shares = softmax(np.where(presence, seen @ kernel + bias, -np.inf), axis=1)
    expected = np.log(np.einsum("bm,bmc->bc", shares, chances))
    np.testing.assert_allclose(to_numpy(layer(inputs, presence=presence)), expected, atol=1e-5)
    result = to_numpy(layer.shares(inputs, presence=presence))
    np.testing.assert_allclose(result, shares, atol=1e-5)


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_product_equals_its_formula(modalities, rng):
    inputs = vectors([5] * modalities)
    layer = MixtureFusion("product")
    layer(inputs)
    layer.set_weights([rng.normal(size=modalities)])
    presence = rng.random((4, modalities)) > 0.4
    powers = presence * np.exp(to_numpy(layer.log_powers))
    pooled = np.prod(beliefs(inputs) ** powers[..., None], axis=1)
    expected = np.log(pooled / pooled.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(to_numpy(layer(inputs, presence=presence)), expected, atol=1e-5)
    np.testing.assert_allclose(to_numpy(layer.shares(inputs, presence=presence)), powers, rtol=1e-5)


def test_a_mixture_starts_as_the_mean():
    inputs = vectors([5, 5, 5])
    presence = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0]], bool)
    expected = to_numpy(LateFusion()(inputs, presence=presence))
    result = to_numpy(MixtureFusion()(inputs, presence=presence))
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_a_product_starts_as_the_power_of_the_geometric_mean():
    inputs = vectors([5, 5, 5])
    once = to_numpy(LateFusion(pool="product")(inputs))
    result = to_numpy(MixtureFusion("product")(inputs))
    np.testing.assert_allclose(result, log_softmax(3 * once, axis=1), atol=1e-5)


@pytest.mark.parametrize("pool", ["mixture", "product"])
def test_one_expert_is_itself(pool):
    inputs = vectors([5])
    result = to_numpy(MixtureFusion(pool)(inputs))
    np.testing.assert_allclose(result, log_softmax(inputs["text"], axis=1), atol=1e-6)
    inputs = vectors([5, 5])
    alone = np.tile([[False, True]], (4, 1))  # image, text
    result = to_numpy(MixtureFusion(pool)(inputs, presence=alone))
    np.testing.assert_allclose(result, log_softmax(inputs["text"], axis=1), atol=1e-6)


@pytest.mark.parametrize("pool", ["mixture", "product"])
@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_without_an_expert_all_classes_are_equal(pool, dtype):
    result = MixtureFusion(pool, dtype=dtype)(vectors([5, 5]), presence=np.zeros((4, 2), bool))
    np.testing.assert_allclose(to_numpy(result), np.full((4, 5), -np.log(5)), atol=1e-3)


def test_agreement_sharpens_a_product_and_not_a_mixture():
    vector = vectors([5])["text"]
    both = {"image": vector, "text": vector}
    alone = log_softmax(vector, axis=1).max(axis=1)
    assert (to_numpy(MixtureFusion("product")(both)).max(axis=1) > alone).all()
    np.testing.assert_allclose(to_numpy(MixtureFusion()(both)).max(axis=1), alone, atol=1e-5)


@pytest.mark.parametrize("pool", ["mixture", "product"])
def test_it_learns_not_to_trust_an_expert_who_guesses(pool, rng):
    labels = rng.integers(0, 3, size=64)
    knows = 2 * np.eye(3)[labels] + rng.normal(size=(64, 3))
    guesses = 3 * rng.normal(size=(64, 3))
    inputs = {"image": guesses.astype("float32"), "text": knows.astype("float32")}
    layer = MixtureFusion(pool)
    model = keras.Model(
        entrances := {name: keras.Input((3,), name=name) for name in inputs}, layer(entrances)
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss, run_eagerly=True)
    first = model.train_on_batch(inputs, labels)
    for _ in range(40):
        last = model.train_on_batch(inputs, labels)
    guessing, knowing = to_numpy(layer.shares(inputs)).mean(axis=0)
    assert guessing < 0.5 * knowing
    assert last < 0.9 * first


@pytest.mark.parametrize("modalities", [1, 2, 6])
def test_experts_parameters(modalities):
    shapes = {name: (None, 5) for name in vectors([1] * modalities)}
    for pool, expected in (("mixture", modalities * (modalities * 5 + 1)), ("product", modalities)):
        layer = MixtureFusion(pool)
        layer.build(shapes)
        assert sum(int(np.prod(w.shape)) for w in layer.weights) == expected


def test_experts_say_what_is_wrong():
    with pytest.raises(ValueError, match=r"pool must be one of .*'mixture', 'product'.*'sum'"):
        MixtureFusion("sum")
    with pytest.raises(ValueError, match=r"inputs must hold logits of the same classes.*'text': 4"):
        MixtureFusion()(vectors([4, 5]))
