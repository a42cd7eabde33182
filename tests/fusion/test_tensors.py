"""Products of modalities against NumPy's einsum."""

import keras
import numpy as np
import pytest
from fusion_checks import vectors
from layer_checks import random_targets, to_model, to_numpy, train_one_step
from tolerance import assert_close, count_steps

from mmtutorial.fusion import LowRankTensorFusion, MultiplicativeFusion, TensorFusion

pytestmark = pytest.mark.backend


def count(layer):
    return sum(int(np.prod(weight.shape)) for weight in layer.weights)


def with_one(inputs):
    """Vectors with a 1 in front, in the order of the sorted names."""
    return [np.insert(inputs[name], 0, 1.0, axis=1) for name in sorted(inputs)]


OUTER = {1: "ba->ba", 2: "ba,bc->bac", 3: "ba,bc,bd->bacd", 4: "ba,bc,bd,be->bacde"}


# --- the full tensor


@pytest.mark.parametrize("modalities", OUTER)
def test_tensor_is_the_outer_product(modalities):
    inputs = vectors([3, 5, 2, 4][:modalities])
    expected = np.einsum(OUTER[modalities], *with_one(inputs)).reshape(4, -1)
    assert_close(to_numpy(TensorFusion()(inputs)), expected, steps=2 * modalities)


def test_tensor_begins_with_one_and_holds_each_vector_by_itself():
    inputs = vectors([3, 5])  # text, image
    tensor = to_numpy(TensorFusion()(inputs)).reshape(4, 6, 4)  # image first, by name
    np.testing.assert_array_equal(tensor[:, 0, 0], 1)
    np.testing.assert_array_equal(tensor[:, 1:, 0], inputs["image"])
    np.testing.assert_array_equal(tensor[:, 0, 1:], inputs["text"])


def test_what_is_absent_leaves_the_tensor_of_the_others():
    inputs = vectors([3, 5, 2])  # text, image, video
    presence = np.tile([[True, False, True]], (4, 1))  # image, text, video
    tensor = to_numpy(TensorFusion(4)(inputs, presence=presence)).reshape(4, 5, 5, 5)
    np.testing.assert_array_equal(tensor[:, :, 1:, :], 0)
    assert np.abs(tensor[:, 1:, 0, 1:]).max() > 0
    tensor = to_numpy(TensorFusion()(inputs, presence=presence)).reshape(4, 6, 4, 3)
    others = {name: inputs[name] for name in ("image", "video")}
    expected = np.einsum(OUTER[2], *with_one(others))
    assert_close(tensor[:, :, 0], expected, steps=4)


def test_tensor_with_units_projects_first():
    inputs = vectors([3, 5])
    layer = TensorFusion(2)
    result = to_numpy(layer(inputs))
    small = {}
    for name in inputs:
        kernel, bias = (to_numpy(w) for w in layer.maps[name].weights)
        small[name] = np.maximum(inputs[name] @ kernel + bias, 0)
    expected = np.einsum(OUTER[2], *with_one(small)).reshape(4, -1)
    assert_close(result, expected, steps=count_steps(layer, inputs))
    assert count(layer) == 2 * (3 + 1) + 2 * (5 + 1)
    assert count(TensorFusion()) == 0


def test_a_tensor_too_large_for_the_memory_is_refused():
    shapes = {name: (None, 128) for name in ("audio", "image", "text")}
    message = r"units must be smaller: of vectors of sizes .*'text': 128.* more than 1,048,576"
    with pytest.raises(ValueError, match=message):
        TensorFusion().build(shapes)
    TensorFusion(100).build(shapes)
    with pytest.raises(ValueError, match="units must be at least 1, got 0"):
        TensorFusion(0)


# --- low rank


@pytest.mark.parametrize("rank", [1, 3])
@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_low_rank_equals_its_formula(modalities, rank, rng):
    inputs = vectors([3, 5, 2, 4, 3, 1][:modalities])
    layer = LowRankTensorFusion(4, rank)
    layer(inputs)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    product = np.ones((rank, 4, 4))
    for vector, factor in zip(with_one(inputs), layer.factors, strict=True):
        product = product * np.einsum("bd,dur->rbu", vector, to_numpy(factor))
    expected = np.einsum("r,rbu->bu", to_numpy(layer.rank_weights), product)
    result = to_numpy(layer(inputs))
    assert_close(result, expected + to_numpy(layer.bias), steps=count_steps(layer, inputs))


@pytest.mark.parametrize("sizes", [[3, 5], [2, 4, 3]])
def test_at_full_rank_it_is_any_linear_layer_on_the_tensor(sizes, rng):
    """Built by hand: all but the last factor pick one entry, the last holds its weights."""
    inputs, units = vectors(sizes), 3
    tensor = TensorFusion()(inputs)
    dense = keras.layers.Dense(units)
    expected = to_numpy(dense(tensor))
    *front, last = [vector.shape[1] for vector in with_one(inputs)]
    rank = int(np.prod(front))
    layer = LowRankTensorFusion(units, rank)
    layer(inputs)
    places = np.unravel_index(np.arange(rank), front)
    for factor, size, place in zip(layer.factors[:-1], front, places, strict=True):
        factor.assign(np.repeat(np.eye(size)[:, None, place], units, axis=1))
    weights = to_numpy(dense.kernel).reshape(rank, last, units)
    layer.factors[-1].assign(weights.transpose(1, 2, 0))
    layer.rank_weights.assign(np.ones(rank))
    layer.bias.assign(rng.normal(size=units))
    result = to_numpy(layer(inputs)) - to_numpy(layer.bias)
    assert_close(result + to_numpy(dense.bias), expected, steps=count_steps(layer, inputs))


def test_rank_one_of_ones_is_the_product_of_the_sums():
    inputs = vectors([3, 5])
    layer = LowRankTensorFusion(2, rank=1)
    layer(inputs)
    layer.set_weights([np.ones(w.shape) for w in layer.weights[:-1]] + [np.zeros(2)])
    expected = (1 + inputs["image"].sum(axis=1)) * (1 + inputs["text"].sum(axis=1))
    assert_close(to_numpy(layer(inputs))[:, 0], expected, steps=count_steps(layer, inputs))


@pytest.mark.parametrize("modalities", [2, 3, 6])
def test_every_rank_of_every_factor_moves(modalities):
    """Two known implementations forget to register the factors, which then never train."""
    inputs = vectors([3, 5, 2, 4, 3, 1][:modalities], batch=16)
    layer = LowRankTensorFusion(4, rank=3)
    model = to_model(layer, inputs)
    gradients = train_one_step(model, inputs, targets=random_targets(model, 16))
    assert len(layer.trainable_weights) == modalities + 2
    for factor in layer.factors:
        assert np.abs(gradients[factor.path]).max(axis=0).min() > 1e-7, factor.path
    assert np.abs(gradients[layer.rank_weights.path]).min() > 1e-7
    assert np.abs(gradients[layer.bias.path]).min() > 1e-7


@pytest.mark.parametrize("modalities", [1, 2, 6])
@pytest.mark.parametrize("units", [None, 7])
def test_low_rank_parameters(modalities, units):
    sizes = [3, 5, 2, 4, 9, 1][:modalities]
    layer = LowRankTensorFusion(units, rank=5)
    layer.build({name: vector.shape for name, vector in vectors(sizes).items()})
    u = units or max(sizes)
    assert count(layer) == 5 * u * sum(size + 1 for size in sizes) + 5 + u


@pytest.mark.parametrize("modalities", [2, 4, 6])
def test_low_rank_starts_at_a_useful_size(modalities):
    """Its numbers neither vanish nor explode when modalities are added."""
    inputs = vectors([64] * modalities, batch=64)
    assert 0.3 < np.std(to_numpy(LowRankTensorFusion(64, rank=4)(inputs))) < 3


def test_rank_must_be_positive():
    with pytest.raises(ValueError, match="rank must be at least 1, got 0"):
        LowRankTensorFusion(4, rank=0)


# --- the product of projections


def test_without_activation_the_product_is_a_bilinear_form(rng):
    inputs = vectors([3, 5])
    layer = MultiplicativeFusion(6, activation=None)
    layer(inputs)
    (u, _), (v, _) = ([to_numpy(w) for w in layer.maps[n].weights] for n in ("image", "text"))
    head = rng.normal(size=6).astype("float32")
    form = np.einsum("ik,jk,k->ij", u, v, head)
    expected = np.einsum("bi,ij,bj->b", inputs["image"], form, inputs["text"])
    assert_close(to_numpy(layer(inputs)) @ head, expected, steps=count_steps(layer, inputs))


@pytest.mark.parametrize("modalities", [1, 2, 3, 6])
def test_product_of_projections(modalities, rng):
    sizes = [3, 5, 2, 4, 3, 1][:modalities]
    inputs = vectors(sizes)
    layer = MultiplicativeFusion(4)
    layer(inputs)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    presence = rng.random((4, modalities)) > 0.4
    expected = np.ones((4, 4))
    for column, name in enumerate(sorted(inputs)):
        kernel, bias = (to_numpy(w) for w in layer.maps[name].weights)
        projected = np.tanh(inputs[name] @ kernel + bias)
        expected = expected * np.where(presence[:, [column]], projected, 1)
    assert_close(
        to_numpy(layer(inputs, presence=presence)), expected, steps=count_steps(layer, inputs)
    )
    assert count(layer) == 4 * sum(size + 1 for size in sizes)


def test_multiplicative_says_what_is_wrong():
    with pytest.raises(ValueError, match="units must be at least 1, got -1"):
        MultiplicativeFusion(-1)
    with pytest.raises(ValueError, match="bend"):
        MultiplicativeFusion(4, activation="bend").build({"a": (None, 2), "b": (None, 3)})
