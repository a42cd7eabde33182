"""Mixtures and products of experts against their formulas, and at their limits."""

import keras
import numpy as np
import pytest
from fusion_checks import vectors
from layer_checks import to_numpy
from scipy.special import log_softmax, softmax
from tolerance import assert_close, count_steps

from mmtutorial.fusion import LateFusion, MixtureOfExperts, ProductOfExperts

pytestmark = pytest.mark.backend

# The steps of a pool: softmax over five classes, a weighted sum over six modalities at most, the
# logarithm, and the norm over classes, with powers and products between.
POOL = 64
EXPERTS = pytest.mark.parametrize("kind", [MixtureOfExperts, ProductOfExperts])


def probabilities(inputs):
    return np.stack([softmax(inputs[n].astype(float), axis=1) for n in sorted(inputs)], axis=1)


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_mixture_equals_its_formula(modalities, rng):
    inputs = vectors([5] * modalities)
    layer = MixtureOfExperts()
    layer(inputs)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    kernel, bias = (to_numpy(weight) for weight in layer.gate.weights)
    presence = rng.random((4, modalities)) > 0.4
    presence[np.arange(4), rng.integers(modalities, size=4)] = True
    chances = probabilities(inputs)
    seen = (chances * presence[..., None]).reshape(4, -1)
    shares = softmax(np.where(presence, seen @ kernel + bias, -np.inf), axis=1)
    expected = np.log(np.einsum("bm,bmc->bc", shares, chances))
    assert_close(
        to_numpy(layer(inputs, presence=presence)), expected, steps=count_steps(layer, inputs)
    )
    result = to_numpy(layer.shares(inputs, presence=presence))
    assert_close(result, shares, steps=count_steps(layer, inputs))


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_product_equals_its_formula(modalities, rng):
    inputs = vectors([5] * modalities)
    layer = ProductOfExperts()
    layer(inputs)
    layer.set_weights([rng.normal(size=modalities)])
    presence = rng.random((4, modalities)) > 0.4
    powers = presence * np.exp(to_numpy(layer.log_powers))
    pooled = np.prod(probabilities(inputs) ** powers[..., None], axis=1)
    expected = np.log(pooled / pooled.sum(axis=1, keepdims=True))
    assert_close(
        to_numpy(layer(inputs, presence=presence)), expected, steps=count_steps(layer, inputs)
    )
    assert_close(
        to_numpy(layer.powers(inputs, presence=presence)), powers, steps=count_steps(layer, inputs)
    )


def test_a_mixture_starts_as_the_mean():
    inputs = vectors([5, 5, 5])
    presence = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0]], bool)
    expected = to_numpy(LateFusion()(inputs, presence=presence))
    result = to_numpy(MixtureOfExperts()(inputs, presence=presence))
    assert_close(result, expected, steps=POOL)


def test_a_product_starts_as_the_power_of_the_geometric_mean():
    inputs = vectors([5, 5, 5])
    once = to_numpy(LateFusion(pool="product")(inputs))
    result = to_numpy(ProductOfExperts()(inputs))
    assert_close(result, log_softmax(3 * once, axis=1), steps=POOL)


@EXPERTS
def test_one_expert_is_itself(kind):
    inputs = vectors([5])
    result = to_numpy(kind()(inputs))
    assert_close(result, log_softmax(inputs["text"], axis=1), steps=POOL)
    inputs = vectors([5, 5])
    alone = np.tile([[False, True]], (4, 1))  # image, text
    result = to_numpy(kind()(inputs, presence=alone))
    assert_close(result, log_softmax(inputs["text"], axis=1), steps=POOL)


@EXPERTS
@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_without_an_expert_all_classes_are_equal(kind, dtype):
    result = kind(dtype=dtype)(vectors([5, 5]), presence=np.zeros((4, 2), bool))
    assert_close(to_numpy(result), np.full((4, 5), -np.log(5)), steps=8)


def test_agreement_sharpens_a_product_and_not_a_mixture():
    vector = vectors([5])["text"]
    both = {"image": vector, "text": vector}
    alone = log_softmax(vector, axis=1).max(axis=1)
    assert (to_numpy(ProductOfExperts()(both)).max(axis=1) > alone).all()
    assert_close(to_numpy(MixtureOfExperts()(both)).max(axis=1), alone, steps=POOL)


@EXPERTS
def test_it_learns_not_to_trust_an_expert_who_guesses(kind, rng):
    labels = rng.integers(0, 3, size=64)
    knows = 2 * np.eye(3)[labels] + rng.normal(size=(64, 3))
    guesses = 3 * rng.normal(size=(64, 3))
    inputs = {"image": guesses.astype("float32"), "text": knows.astype("float32")}
    layer = kind()
    model = keras.Model(
        entrances := {name: keras.Input((3,), name=name) for name in inputs}, layer(entrances)
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss, run_eagerly=True)
    first = model.train_on_batch(inputs, labels)
    for _ in range(40):
        last = model.train_on_batch(inputs, labels)
    weights = layer.shares(inputs) if kind is MixtureOfExperts else layer.powers(inputs)
    guessing, knowing = to_numpy(weights).mean(axis=0)
    assert guessing < 0.5 * knowing
    assert last < 0.9 * first


@pytest.mark.parametrize("modalities", [1, 2, 6])
def test_experts_parameters(modalities):
    shapes = {name: (None, 5) for name in vectors([1] * modalities)}
    for kind, expected in (
        (MixtureOfExperts, modalities * (modalities * 5 + 1)),
        (ProductOfExperts, modalities),
    ):
        layer = kind()
        layer.build(shapes)
        assert sum(int(np.prod(w.shape)) for w in layer.weights) == expected


def test_experts_say_what_is_wrong():
    with pytest.raises(ValueError, match=r"inputs must hold logits of the same classes.*'text': 4"):
        MixtureOfExperts()(vectors([4, 5]))
