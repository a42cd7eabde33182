"""The checks of a layer and of a fusion, for all of them; and each by its name in a classifier."""

import keras
import numpy as np
import pytest
from fusion_checks import (
    NAMES,
    PRESENCE_CHECKS,
    SEQUENCE_CHECKS,
    every_presence,
    sequences,
    vectors,
    with_absent,
)
from layer_checks import DICT_CHECKS, LAYER_CHECKS, to_numpy

from mmtutorial import fusion
from mmtutorial.encoders import DenseEncoder, ImageCNN, TextTransformer
from mmtutorial.fusion._names import BY_NAME, fusion_by_name

pytestmark = pytest.mark.backend

PAIR, TRIPLE, VOTES = vectors([3, 5]), vectors([3, 5, 2]), vectors([4, 4, 4])
SMALL = {"heads": 2, "hidden": 6}
LAYERS = {
    "gated": (fusion.GatedFusion, PAIR),
    "gated_three": (lambda **k: fusion.GatedFusion(6, **k), TRIPLE),
    "attention": (fusion.AttentionFusion, TRIPLE),
    "tensor": (fusion.TensorFusion, TRIPLE),
    "tensor_units": (lambda **k: fusion.TensorFusion(16, **k), PAIR),
    "low_rank": (fusion.LowRankTensorFusion, TRIPLE),
    "multiplicative": (lambda **k: fusion.MultiplicativeFusion(6, **k), TRIPLE),
    "cross_attention": (lambda **k: fusion.CrossAttentionFusion(4, **SMALL, **k), TRIPLE),
    "bottleneck": (lambda **k: fusion.BottleneckFusion(4, **SMALL, **k), TRIPLE),
    "bottleneck_one": (
        lambda **k: fusion.BottleneckFusion(6, bottlenecks=1, layers=3, dropout=0.1, **SMALL, **k),
        PAIR,
    ),
    "mixture": (fusion.MixtureFusion, VOTES),
    "product": (lambda **k: fusion.MixtureFusion("product", **k), VOTES),
}
PLAIN = {"concat": (fusion.ConcatFusion, PAIR), "late": (fusion.LateFusion, VOTES)}


@pytest.mark.parametrize(
    "check", [*LAYER_CHECKS, *DICT_CHECKS, *PRESENCE_CHECKS], ids=lambda check: check.__name__
)
@pytest.mark.parametrize("name", LAYERS)
def test_layer(check, name):
    check(*LAYERS[name])


@pytest.mark.parametrize("check", SEQUENCE_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", [*LAYERS, *PLAIN])
def test_layer_on_sequences(check, name):
    check(*{**LAYERS, **PLAIN}[name])


@pytest.mark.parametrize(
    "check", [*LAYER_CHECKS, *DICT_CHECKS[:2]], ids=lambda check: check.__name__
)
@pytest.mark.parametrize("name", ["cross_attention", "bottleneck", "gated"])
def test_layer_made_for_sequences(check, name):
    make, inputs = LAYERS[name]
    check(make, sequences(inputs)[0])


# --- one of your own


@keras.saving.register_keras_serializable(package="tests")
class MeanFusion(fusion.Fusion):
    """Average those who are present: all that a fusion without weights or options must write."""

    def fuse(self, vectors, present):
        return sum(vectors) / keras.ops.maximum(sum(present), 1)

    def compute_output_shape(self, input_shape):
        batch, *_, dim = next(iter(input_shape.values()))
        return (batch, dim)


OWN = [check for check in LAYER_CHECKS if check.__name__ != "check_gradients"]  # it has no weights


@pytest.mark.parametrize(
    "check", [*OWN, *DICT_CHECKS, *PRESENCE_CHECKS, *SEQUENCE_CHECKS], ids=lambda c: c.__name__
)
def test_a_fusion_of_your_own_is_as_good_as_ours(check):
    check(MeanFusion, vectors([3, 3, 3]))


def test_a_fusion_of_your_own_goes_into_a_classifier():
    inputs = sequences(vectors([3, 3]))[0]
    layers = {name: keras.layers.Dense(4) for name in inputs}
    assert fusion.FusionClassifier(layers, MeanFusion(), 5)(inputs).shape == (4, 5)


def test_a_fusion_must_say_how_it_fuses():
    with pytest.raises(NotImplementedError, match="must say in fuse how to fuse"):
        fusion.Fusion()(vectors([3, 3]))


# --- by name, in a classifier


@pytest.mark.parametrize("modalities", [2, 3, 4, 6])
@pytest.mark.parametrize("name", BY_NAME)
def test_two_to_six_modalities_by_name(name, modalities):
    inputs = vectors([3, 5, 2, 4, 6, 3][:modalities])
    model = fusion.FusionClassifier({key: DenseEncoder(4) for key in inputs}, name, 3)
    result = to_numpy(model(inputs))
    assert result.shape == (4, 3)
    np.testing.assert_array_equal(to_numpy(model(dict(reversed(inputs.items())))), result)
    for key in inputs:  # every modality is heard
        louder = to_numpy(model({**inputs, key: inputs[key] + 1}))
        assert np.abs(louder - result).max() > 1e-6, key


@pytest.mark.parametrize("name", BY_NAME)
def test_absent_modalities_cannot_matter_in_a_classifier(name):
    """Whatever stands there, all twelve say and learn the same, with an auxiliary loss too."""
    inputs = vectors([3, 5])
    rows, presence = every_presence(inputs)
    labels = np.array([0, 1, 2, 0])
    after = []
    for content in (0.0, np.nan):
        keras.utils.set_random_seed(0)
        model = fusion.FusionClassifier(
            {key: DenseEncoder(4) for key in inputs}, name, 3, auxiliary=0.5
        )
        model.compile(
            optimizer=keras.optimizers.SGD(0.1),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            run_eagerly=True,
        )
        batch = {**with_absent(rows, presence, content), "presence": presence}
        loss = model.train_on_batch(batch, labels)
        after.append([np.array(loss), to_numpy(model(batch)), *map(to_numpy, model.weights)])
    for zeros, garbage in zip(*after, strict=True):
        assert np.isfinite(zeros).all()
        np.testing.assert_array_equal(garbage, zeros)


@pytest.mark.parametrize("name", ["cross_attention", "bottleneck", "gated", "mixture"])
def test_words_as_tokens_and_an_image_survive_save_and_reload(name, tmp_path):
    rng = np.random.default_rng(0)
    inputs = {
        "text": np.array([[5, 1, 2], [3, 0, 0], [4, 4, 0], [0, 0, 0]], "int32"),
        "image": rng.random((4, 8, 8, 3), dtype="float32"),
    }
    encoders = {
        "text": TextTransformer(9, 4, layers=1, heads=2, sequence=True),
        "image": ImageCNN(6, filters=(4,)),
    }
    options = {"auxiliary": {"text": 0.3}, "missing": "learnt", "modality_dropout": 0.4}
    model = fusion.FusionClassifier(encoders, name, 3, **options)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss, run_eagerly=True)
    labels = np.array([0, 1, 2, 0])
    model.train_on_batch(inputs, labels)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_config()["auxiliary"] == {"text": 0.3}
    np.testing.assert_array_equal(to_numpy(again(inputs)), to_numpy(model(inputs)))
    assert len(again.weights) == len(model.weights)
    # padding stays out of it, through the encoder's mask
    longer = {**inputs, "text": np.pad(inputs["text"], ((0, 0), (0, 4)))}
    np.testing.assert_allclose(to_numpy(model(longer)), to_numpy(model(inputs)), atol=1e-5)


@pytest.mark.parametrize("name", ["cross_attention", "bottleneck", "gated", "product"])
def test_sequences_with_absent_modalities_train_in_a_compiled_graph(name, rng):
    """With all options at once; NaN where a modality is absent."""
    presence = rng.random((20, 3)) > 0.3
    inputs = {
        "audio": rng.random((20, 3), dtype="float32"),
        "image": rng.random((20, 6, 5), dtype="float32"),
        "text": rng.integers(0, 9, (20, 4)).astype("int32"),
    }
    for column, key in enumerate(("audio", "image")):
        inputs[key][~presence[:, column]] = np.nan
    encoders = {
        "audio": DenseEncoder(4),
        "image": keras.layers.Dense(6),
        "text": TextTransformer(9, 4, layers=1, heads=2, sequence=True),
    }
    options = {"auxiliary": 0.3, "missing": "learnt", "modality_dropout": 0.3}
    model = fusion.FusionClassifier(encoders, name, 3, **options)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, jit_compile=False)
    labels = rng.integers(0, 3, 20)
    history = model.fit({**inputs, "presence": presence}, labels, batch_size=8, verbose=0)
    assert 1 < history.history["loss"][0] < 6
    assert all(np.isfinite(to_numpy(weight)).all() for weight in model.weights)


def test_every_fusion_has_one_name_and_every_name_a_fusion():
    made = {name: fusion_by_name(name) for name in BY_NAME}
    kinds = {type(layer).__name__ for layer in made.values()}
    assert kinds == {name for name in fusion.__all__ if name.endswith("Fusion")} - {"Fusion"}
    assert made["product"].pool == "product"
    for name in NAMES[:1]:
        with pytest.raises(ValueError, match=f"fusion must be one of .*, got '{name}'"):
            fusion_by_name(name)
