"""A classifier of one modality, and the classes that `FusionClassifier` chooses from."""

import keras
import numpy as np
import pytest
from fusion_checks import vectors
from layer_checks import DICT_CHECKS, LAYER_CHECKS, LayerCase, pair, to_numpy

from mmtutorial.encoders import DenseEncoder, TextBag
from mmtutorial.fusion import ConcatFusion, FusionClassifier, LateFusion, UnimodalClassifier
from mmtutorial.fusion.classifier import DecisionClassifier, RepresentationClassifier

pytestmark = pytest.mark.backend

IMAGE = vectors([3, 5])["image"]
LABELS = np.array([0, 1, 2, 0])
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
CASES = {
    "bare": LayerCase(lambda **k: UnimodalClassifier(DenseEncoder(4), 3, **k), IMAGE),
    "named": LayerCase(
        lambda **k: UnimodalClassifier({"image": DenseEncoder(4)}, 3, hidden=(5,), **k),
        {"image": IMAGE},
    ),
}


@pair(CASES, LAYER_CHECKS)
def test_layer(case, check):
    check(case.make, case.inputs)


@pair({"named": CASES["named"]}, DICT_CHECKS[1:])  # a dict of one has one order
def test_layer_of_a_dict(case, check):
    check(case.make, case.inputs)


def trained(make, inputs):
    keras.utils.set_random_seed(0)
    model = make()
    model.compile(keras.optimizers.Adam(0.01), LOSS, jit_compile=False)
    model.fit(inputs, LABELS, epochs=2, batch_size=2, verbose=0)
    return model


def test_unimodal_is_a_concatenation_of_one(tmp_path):
    """Bit for bit, with a name or without, at every door."""
    options = {"hidden": (5,), "dropout": 0.2}
    joint = trained(
        lambda: FusionClassifier({"image": DenseEncoder(4)}, "concat", 3, **options),
        {"image": IMAGE},
    )
    named = trained(
        lambda: UnimodalClassifier({"image": DenseEncoder(4)}, 3, **options), {"image": IMAGE}
    )
    bare = trained(lambda: UnimodalClassifier(DenseEncoder(4), 3, **options), IMAGE)
    for model in (named, bare):
        for one, other in zip(model.get_weights(), joint.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
    expected = joint.predict({"image": IMAGE}, verbose=0)
    np.testing.assert_array_equal(bare.predict(IMAGE, verbose=0), expected)
    bare.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(IMAGE, verbose=0), expected)


def test_unimodal_checks_values_at_its_doors():
    ids = np.array([[5, 1], [3, 0], [4, 4], [8, 7]], "int32")
    model = trained(lambda: UnimodalClassifier(TextBag(9, 4), 3), ids)
    for enter in (model.predict, lambda x: model.fit(x, LABELS), model):
        with pytest.raises(ValueError, match=r"token ids must lie in 0\.\.8"):
            enter(ids + 1)


def test_unimodal_takes_one_encoder():
    two = {"image": DenseEncoder(4), "text": DenseEncoder(4)}
    with pytest.raises(ValueError, match="encoder must be that of one modality"):
        UnimodalClassifier(two, 3)
    with pytest.raises(TypeError, match="got the class: write DenseEncoder"):
        UnimodalClassifier(DenseEncoder, 3)


@pytest.mark.parametrize(
    ("fusion", "kind"),
    [
        ("concat", RepresentationClassifier),
        ("late", DecisionClassifier),
        ("product", DecisionClassifier),
        (ConcatFusion(), RepresentationClassifier),
        (LateFusion(), DecisionClassifier),
    ],
)
def test_the_level_of_the_fusion_chooses_the_class(fusion, kind):
    encoders = {"image": DenseEncoder(4), "text": DenseEncoder(4)}
    model = FusionClassifier(encoders, fusion, 3)
    assert type(model) is kind
    assert isinstance(model, FusionClassifier)
    assert type(kind.from_config(model.get_config())) is kind
    assert type(FusionClassifier(encoders=encoders, fusion="late", classes=3)) is DecisionClassifier


def test_auxiliary_logits_go_to_the_loss_and_nowhere_else():
    """In training alone; a model around the classifier gets the fused logits."""
    inputs = vectors([3, 5])
    encoders = {name: DenseEncoder(4) for name in inputs}
    model = FusionClassifier(encoders, "concat", 3, auxiliary={"text": 0.5})
    fused, auxiliary = model(inputs, training=True)
    assert list(auxiliary) == ["text"]
    np.testing.assert_array_equal(to_numpy(model(inputs)), to_numpy(fused))
    expected = to_numpy(model.unimodal_logits(inputs)["text"])
    np.testing.assert_array_equal(to_numpy(auxiliary["text"]), expected)
    entries = {name: keras.Input(array.shape[1:], name=name) for name, array in inputs.items()}
    around = keras.Model(entries, model(entries))
    np.testing.assert_array_equal(to_numpy(around(inputs, training=True)), to_numpy(fused))
    around.compile(keras.optimizers.SGD(0.1), LOSS, run_eagerly=True)
    assert np.isfinite(around.train_on_batch(inputs, LABELS))
