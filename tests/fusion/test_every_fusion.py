"""The checks of a layer and of a fusion, for all of them; and each by its name in a classifier."""

import keras
import numpy as np
import pytest
from fusion_checks import (
    PRESENCE_CHECKS,
    SEQUENCE_CHECKS,
    check_absent_gradient,
    every_presence,
    sequences,
    vectors,
    with_absent,
)
from layer_checks import (
    DICT_CHECKS,
    LAYER_CHECKS,
    LayerCase,
    check_dict_order,
    check_gradients,
    check_wrong_keys,
    pair,
    to_numpy,
)
from tolerance import SEED, assert_close, assert_differ, count_steps, make_rng

from mmtutorial import fusion
from mmtutorial.encoders import DenseEncoder, ImageCNN, TextTransformer
from mmtutorial.fusion._names import BY_NAME, fusion_by_name

pytestmark = pytest.mark.backend

PAIR, TRIPLE, LOGITS = vectors([3, 5]), vectors([3, 5, 2]), vectors([4, 4, 4])
SMALL = {"heads": 2, "hidden": 6}
CASES = {
    "gated": LayerCase(fusion.GatedFusion, PAIR),
    "gated_three": LayerCase(lambda **k: fusion.GatedFusion(6, **k), TRIPLE),
    "attention": LayerCase(fusion.AttentionFusion, TRIPLE),
    "tensor": LayerCase(fusion.TensorFusion, TRIPLE),
    "tensor_units": LayerCase(lambda **k: fusion.TensorFusion(16, **k), PAIR),
    "low_rank": LayerCase(fusion.LowRankTensorFusion, TRIPLE),
    "multiplicative": LayerCase(lambda **k: fusion.MultiplicativeFusion(6, **k), TRIPLE),
    "cross_attention": LayerCase(lambda **k: fusion.CrossAttentionFusion(4, **SMALL, **k), TRIPLE),
    "bottleneck": LayerCase(lambda **k: fusion.BottleneckFusion(4, **SMALL, **k), TRIPLE),
    "bottleneck_one": LayerCase(
        lambda **k: fusion.BottleneckFusion(
            6, bottlenecks=1, num_layers=3, dropout=0.1, **SMALL, **k
        ),
        PAIR,
    ),
    "mixture": LayerCase(fusion.MixtureOfExperts, LOGITS),
    "product": LayerCase(fusion.ProductOfExperts, LOGITS),
    "guided": LayerCase(  # with one token to attend to, queries and keys have no gradient
        lambda **k: fusion.GuidedAttention(4, **k),
        PAIR,
        skip=(check_gradients, check_absent_gradient),
    ),
}
SEQUENCE_CASES = {
    name: LayerCase(CASES[name].make, sequences(CASES[name].inputs)[0])
    for name in ("cross_attention", "bottleneck", "gated", "guided")
}
# in their own tests, tests/fusion/test_fusion_layers.py, these pass the checks of a layer
PLAIN_CASES = {
    "concat": LayerCase(fusion.ConcatFusion, PAIR),
    "late": LayerCase(fusion.LateFusion, LOGITS),
}


@pair(CASES, [*LAYER_CHECKS, *DICT_CHECKS, *PRESENCE_CHECKS])
def test_layer(case, check):
    check(case.make, case.inputs)


@pair({**CASES, **PLAIN_CASES}, SEQUENCE_CHECKS)
def test_layer_with_masks(case, check):
    check(case.make, case.inputs)


@pair(SEQUENCE_CASES, [*LAYER_CHECKS, check_dict_order, check_wrong_keys])
def test_layer_built_for_sequences(case, check):
    check(case.make, case.inputs)


# --- one of your own


@keras.saving.register_keras_serializable(package="tests")
class MeanFusion(fusion.Fusion):
    """Average those who are present: all that a fusion without weights or options must write."""

    def fuse(self, vectors, present):
        return sum(vectors) / keras.ops.maximum(sum(present), 1)

    def compute_output_shape(self, input_shape):
        batch, *_, dim = next(iter(input_shape.values()))
        return (batch, dim)


OWN = {"mean": LayerCase(MeanFusion, vectors([3, 3, 3]), skip=(check_gradients,))}  # no weights


@pair(OWN, [*LAYER_CHECKS, *DICT_CHECKS, *PRESENCE_CHECKS, *SEQUENCE_CHECKS])
def test_own_fusion(case, check):
    """A fusion of your own is as good as ours."""
    check(case.make, case.inputs)


def test_own_fusion_in_a_classifier():
    inputs = sequences(vectors([3, 3]))[0]
    layers = {name: keras.layers.Dense(4) for name in inputs}
    assert fusion.FusionClassifier(layers, MeanFusion(), 5)(inputs).shape == (4, 5)


def test_fuse_must_be_written():
    with pytest.raises(NotImplementedError, match="must say in fuse how to fuse"):
        fusion.Fusion()(vectors([3, 3]))


# --- by name, in a classifier


@pytest.mark.parametrize("modalities", [2, 3, 4, 6])
@pytest.mark.parametrize("name", BY_NAME)
def test_two_to_six_modalities_by_name(name, modalities):
    inputs = vectors([3, 5, 2, 4, 6, 3][:modalities])
    # no ReLU: where it gives nothing but zeros, a product with the other modalities is zero, too
    model = fusion.FusionClassifier({key: keras.layers.Dense(4) for key in inputs}, name, 3)
    result = to_numpy(model(inputs))
    assert result.shape == (4, 3)
    np.testing.assert_array_equal(to_numpy(model(dict(reversed(inputs.items())))), result)
    rows = {  # four rows as they are, and four more for each modality that is louder by 1
        key: np.concatenate([vector + (key == louder) for louder in (None, *inputs)])
        for key, vector in inputs.items()
    }
    usual, *changed = np.split(to_numpy(model(rows)), 1 + modalities)
    for each in changed:  # every modality is heard
        assert_differ(each, usual, steps=count_steps(model, inputs))


@pytest.mark.parametrize("name", BY_NAME)
def test_absent_content_in_a_classifier(name):
    """Whatever stands there, all twelve say and learn the same, with an auxiliary loss too."""
    inputs = vectors([3, 5])
    rows, presence = every_presence(inputs)
    labels = np.array([0, 1, 2, 0])
    after = []
    for content in (0.0, np.nan):
        keras.utils.set_random_seed(SEED)
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


def words_and_images():
    inputs = {
        "text": np.array([[5, 1, 2], [3, 0, 0], [4, 4, 0], [0, 0, 0]], "int32"),
        "image": make_rng().random((4, 8, 8, 3), dtype="float32"),
    }
    encoders = {
        "text": TextTransformer(9, 4, num_layers=1, heads=2, sequence=True),
        "image": ImageCNN(6, filters=(4,)),
    }
    return inputs, encoders


@pytest.mark.parametrize("name", ["cross_attention", "bottleneck", "gated", "mixture"])
def test_tokens_survive_reload(name, tmp_path):
    inputs, encoders = words_and_images()
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


@pytest.mark.parametrize("name", ["cross_attention", "bottleneck", "gated", "mixture"])
def test_encoder_mask_reaches_the_fusion(name):
    inputs, encoders = words_and_images()
    model = fusion.FusionClassifier(encoders, name, 3)
    expected = to_numpy(model(inputs))
    longer = {**inputs, "text": np.pad(inputs["text"], ((0, 0), (0, 4)))}
    assert_close(to_numpy(model(longer)), expected, steps=count_steps(model, longer))


@pytest.mark.parametrize("name", ["cross_attention", "bottleneck", "gated", "product"])
def test_absent_sequences_in_a_graph(name, rng):
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
        "text": TextTransformer(9, 4, num_layers=1, heads=2, sequence=True),
    }
    options = {"auxiliary": 0.3, "missing": "learnt", "modality_dropout": 0.3}
    model = fusion.FusionClassifier(encoders, name, 3, **options)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, jit_compile=False)
    labels = rng.integers(0, 3, 20)
    history = model.fit({**inputs, "presence": presence}, labels, batch_size=8, verbose=0)
    assert 1 < history.history["loss"][0] < 6
    assert all(np.isfinite(to_numpy(weight)).all() for weight in model.weights)


def test_every_fusion_has_one_name():
    made = {name: fusion_by_name(name) for name in BY_NAME}
    public = {name for name in fusion.__all__ if name.endswith(("Fusion", "OfExperts"))}
    assert {type(layer).__name__ for layer in made.values()} == public - {"Fusion"}
    with pytest.raises(ValueError, match=r"fusion must be one of .*, got 'sun'"):
        fusion_by_name("sun")
