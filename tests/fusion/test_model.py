"""The doors of a classifier: what it is made of, compiled with, trained on, and exported as."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from fusion_checks import vectors
from layer_checks import to_numpy

from mmtutorial.encoders import DenseEncoder, ImageCNN, TextBag, TextTransformer
from mmtutorial.fusion import ConcatFusion, FusionClassifier

pytestmark = pytest.mark.backend

TENSORFLOW = keras.backend.backend() == "tensorflow"
RNG = np.random.default_rng(0)
IDS = np.array([[5, 1, 2], [3, 0, 0], [4, 4, 0], [8, 7, 6]], "int32")
INPUTS = {"image": RNG.random((4, 6), dtype="float32"), "text": IDS}
LABELS = np.array([0, 1, 2, 0])
PRESENCE = np.array([[1, 1], [1, 0], [0, 1], [1, 1]], bool)
BY_MODALITY = {"text": PRESENCE[:, 1], "image": PRESENCE[:, 0]}
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def classifier(fusion="concat", **options):
    parts = {"image": DenseEncoder(4), "text": TextBag(9, 4)}
    return FusionClassifier(parts, fusion, 3, **options)


def compiled(model, **options):
    model.compile(keras.optimizers.SGD(0.1), LOSS, jit_compile=False, **options)
    return model


# --- what it is made of


@pytest.mark.parametrize(
    ("parts", "fusion", "options", "message"),
    [
        ({}, None, {}, r"fusion must be a fusion layer or one of \['attention'.*, got None"),
        ({}, ConcatFusion, {}, r"got the class: write ConcatFusion\(\.\.\.\)"),
        ({}, keras.layers.Concatenate(), {}, "fusion must be a fusion layer or one of"),
        ({"image": "cnn"}, "concat", {}, r"encoders\['image'\] must be a Keras layer, got 'cnn'"),
        ({"image": ImageCNN}, "concat", {}, r"encoders\['image'\].* write ImageCNN\(\.\.\.\)"),
        ({"image": lambda x: x}, "concat", {}, "must be a Keras layer, got <function"),
        ({1: DenseEncoder(4)}, "concat", {}, "must be named by texts"),
        ({}, "concat", {"classes": 3.0}, "classes must be a whole number, got 3.0"),
        ({}, "concat", {"hidden": 8}, "hidden must be a tuple of whole numbers, got 8"),
        ({}, "concat", {"dropout": None}, "dropout must be a number, got None"),
        ({}, "concat", {"modality_dropout": "0.2"}, "modality_dropout must be a number"),
        ({}, "concat", {"auxiliary": "0.2"}, "auxiliary must be a number, got '0.2'"),
        ({}, "concat", {"auxiliary": {"text": None}}, r"auxiliary\['text'\] must be a number"),
        ({}, "concat", {"missing": ["zeros"]}, "missing must be one of"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named(parts, fusion, options, message):
    parts = {"text": DenseEncoder(4), **parts}
    with pytest.raises(TypeError, match=message):
        FusionClassifier(parts, fusion, **{"classes": 3, **options})


@keras.saving.register_keras_serializable(package="tests")
class WordsAlone(keras.layers.Layer):
    """A layer with `call` alone, whose inputs must be whole numbers."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.bag = TextBag(9, 4)

    def call(self, ids):
        return self.bag(keras.ops.bitwise_and(ids, 7))


@pytest.mark.parametrize("eager", [True, False])
def test_an_encoder_needs_no_more_than_call(eager, tmp_path):
    parts = {"image": DenseEncoder(4), "text": WordsAlone()}
    model = compiled(FusionClassifier(parts, "concat", 3), run_eagerly=eager)
    model.fit(INPUTS, LABELS, verbose=0)
    assert len(model.weights) == 5
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(again(INPUTS)), to_numpy(model(INPUTS)))


@pytest.mark.parametrize("fusion", ["late", "gated", "attention", "low_rank", "cross_attention"])
def test_modalities_may_have_any_name(fusion, tmp_path):
    """Names that Keras refuses for a layer go through training, saving and reloading."""
    inputs = dict(
        zip(["图像", "my image", "a/b", "_x"], vectors([3, 3, 3, 3]).values(), strict=True)
    )
    parts = {name: DenseEncoder(4) for name in inputs}
    options = {"missing": "learnt", "auxiliary": 0.5}
    model = compiled(FusionClassifier(parts, fusion, 3, **options), run_eagerly=False)
    model.fit(inputs, LABELS, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(again(inputs)), to_numpy(model(inputs)))
    model.save_weights(tmp_path / "model.weights.h5")
    other = FusionClassifier({name: DenseEncoder(4) for name in inputs}, fusion, 3, **options)
    other(inputs)
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(to_numpy(other(inputs)), to_numpy(model(inputs)))


# --- compile


def name_of(loss):
    """Name a loss or a metric alike in every process: no address in memory."""
    ours = isinstance(loss, (keras.Loss, keras.Metric))
    return f"a {type(loss).__name__}" if ours else repr(loss).split(" at ")[0]


@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        "categorical_crossentropy",
        "binary_crossentropy",
        "kl_divergence",
        ["sparse_categorical_crossentropy"],
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.CategoricalFocalCrossentropy(),
        keras.losses.BinaryCrossentropy(),
        keras.losses.KLDivergence(),
        keras.losses.categorical_crossentropy,
        *("poisson", "dice", "tversky", "Poisson"),
        keras.losses.Poisson(),
        keras.losses.Dice(),
        keras.losses.Tversky(),
        keras.losses.tversky,
        keras.losses.CategoricalGeneralizedCrossEntropy(),
    ],
    ids=name_of,
)
def test_a_loss_of_probabilities_is_refused(loss):
    with pytest.raises(ValueError, match=r"loss must take logits, .*\(from_logits=True\)"):
        classifier().compile("adam", loss)
    with pytest.raises(ValueError, match="loss must take logits"):
        classifier().compile(loss=loss)


@pytest.mark.parametrize(
    "loss",
    [
        LOSS,
        keras.losses.CategoricalCrossentropy(from_logits=True),
        keras.losses.BinaryCrossentropy(from_logits=True),
        "mse",
        None,
        lambda truth, logits: keras.ops.mean(logits),
    ],
    ids=name_of,
)
def test_a_loss_of_logits_is_taken(loss):
    classifier().compile(
        "adam", loss, metrics=["accuracy", keras.metrics.TopKCategoricalAccuracy()]
    )


METRICS = keras.metrics


@pytest.mark.parametrize("kind", ["metrics", "weighted_metrics"])
@pytest.mark.parametrize(
    "wrong",
    [
        *("ce", "sparse_categorical_crossentropy", "poisson", "kl_divergence"),
        *("AUC", "Precision", "Recall", "binary_accuracy", "BinaryAccuracy", "TruePositives"),
        METRICS.CategoricalCrossentropy(),
        METRICS.AUC(),
        METRICS.Precision(thresholds=[0, 0.3]),
        METRICS.Precision(thresholds=0.5, top_k=1),
        METRICS.F1Score(threshold=0.5),
        METRICS.BinaryIoU(),
        METRICS.PrecisionAtRecall(0.5),
        METRICS.SensitivityAtSpecificity(0.5, num_thresholds=1),
        METRICS.Poisson(),
    ],
    ids=name_of,
)
def test_a_metric_of_probabilities_is_refused(kind, wrong):
    way = r"write keras\.metrics\.Sparse.*\(from_logits=True\), .*softmax of what `predict` returns"
    with pytest.raises(ValueError, match=f"^{kind} must take logits.*{way}"):
        classifier().compile("adam", LOSS, **{kind: ["accuracy", wrong]})
    place = [None, None][: kind == "weighted_metrics"]  # by place as by name
    with pytest.raises(ValueError, match=f"^{kind} must take logits"):
        classifier().compile("adam", LOSS, None, *place, [wrong])


@pytest.mark.parametrize(
    "right",
    [
        *("accuracy", "mse", "CategoricalAccuracy"),
        METRICS.SparseCategoricalCrossentropy(from_logits=True),
        METRICS.AUC(from_logits=True),
        METRICS.Precision(top_k=1),
        METRICS.Recall(thresholds=0),
        METRICS.F1Score(average="macro"),
        METRICS.OneHotMeanIoU(num_classes=3),
    ],
    ids=name_of,
)
def test_a_metric_of_logits_is_taken(right):
    classifier().compile("adam", LOSS, metrics=[right], weighted_metrics=[right])


def test_metrics_that_are_taken_see_the_same_in_logits_and_probabilities():
    """Else one of them would have to be refused."""
    logits, truth = RNG.normal(size=(30, 3)) * 3 + 2, np.eye(3)[RNG.integers(0, 3, 30)]
    for make in (
        lambda: METRICS.Precision(top_k=1),
        lambda: METRICS.Recall(top_k=2, class_id=1),
        lambda: METRICS.F1Score(average="macro"),
        lambda: METRICS.OneHotMeanIoU(num_classes=3),
    ):
        scores = []
        for outputs in (logits, keras.ops.softmax(logits)):
            metric = make()
            metric.update_state(truth, outputs)
            scores.append(float(metric.result()))
        assert scores[0] == pytest.approx(scores[1])


# --- values


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model = compiled(classifier("gated"))
    model.fit(INPUTS, LABELS, verbose=0)
    return model


DOORS = {
    "call": lambda model, x: model(x),
    "unimodal_logits": lambda model, x: model.unimodal_logits(x),
    "fit": lambda model, x: model.fit(x, LABELS, verbose=0),
    "validation": lambda m, x: m.fit(INPUTS, LABELS, validation_data=(x, LABELS), verbose=0),
    "evaluate": lambda model, x: model.evaluate(x, LABELS, verbose=0),
    "predict": lambda model, x: model.predict(x, verbose=0),
    "train_on_batch": lambda model, x: model.train_on_batch(x, LABELS),
    "test_on_batch": lambda model, x: model.test_on_batch(x, LABELS),
    "predict_on_batch": lambda model, x: model.predict_on_batch(x),
}


def changed(name, row, value):
    array = INPUTS[name].copy()
    array[row, 0] = value
    return {**INPUTS, name: array}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (changed("text", 0, 9), r"token ids must lie in 0\.\.8, .*; got 0\.\.9"),
        (changed("text", 0, -1), r"token ids must lie in 0\.\.8, .*; got -1\.\.8"),
        ({**INPUTS, "text": IDS + 0.5}, "token ids must be whole numbers, .*got (float64|0.5)"),
        ({**INPUTS, "text": IDS[:1]}, "inputs must hold as many rows in each modality"),
        ({**INPUTS, "presence": PRESENCE * 0.3}, "presence must hold True and False"),
        ({**INPUTS, "presence": PRESENCE[:1]}, "inputs must hold as many rows in each modality"),
        (
            {**INPUTS, "presence": {"text": PRESENCE[:, 1]}},
            "presence must be of 'image' and 'text'",
        ),
        ({**INPUTS, "text": [["cat"]] * 4}, r"inputs\['text'\] must hold numbers, got <U3"),
    ],
)
def test_every_door_looks_at_values(trained, door, inputs, message):
    with pytest.raises((ValueError, TypeError), match=message):
        DOORS[door](trained, inputs)


@pytest.mark.parametrize("door", DOORS)
def test_every_door_takes_presence_by_name_lists_and_garbage_in_what_is_absent(trained, door):
    hidden = changed("text", 1, -7)  # the second row has no text
    hidden["image"] = hidden["image"].tolist()
    DOORS[door](trained, {**hidden, "presence": BY_MODALITY})
    DOORS[door](trained, {**hidden, "presence": PRESENCE})


def test_presence_by_name_is_presence_in_columns(trained):
    expected = to_numpy(trained(INPUTS, presence=PRESENCE))
    by_name = {**INPUTS, "presence": BY_MODALITY}
    np.testing.assert_array_equal(to_numpy(trained(INPUTS, presence=BY_MODALITY)), expected)
    np.testing.assert_array_equal(to_numpy(trained(by_name)), expected)
    columns = trained.predict({**INPUTS, "presence": PRESENCE}, verbose=0)
    np.testing.assert_array_equal(trained.predict(by_name, verbose=0), columns)


@pytest.mark.skipif(not TENSORFLOW, reason="tf.data is TensorFlow's")
def test_a_stream_takes_presence_by_name_and_unknown_ids_for_never_seen(trained):
    import tensorflow as tf

    wrong = {**changed("text", 0, 1000), "presence": BY_MODALITY}
    right = {**changed("text", 0, 1), "presence": BY_MODALITY}
    stream = tf.data.Dataset.from_tensor_slices((wrong, LABELS)).batch(2)
    expected = trained.predict(right, batch_size=2, verbose=0)
    np.testing.assert_array_equal(trained.predict(stream, verbose=0), expected)
    assert np.isfinite(trained.evaluate(stream, verbose=0))


TAKE_TARGETS = {
    "fit": lambda model, y: model.fit(INPUTS, y, verbose=0),
    "validation": lambda m, y: m.fit(INPUTS, LABELS, validation_data=(INPUTS, y), verbose=0),
    "evaluate": lambda model, y: model.evaluate(INPUTS, y, verbose=0),
    "train_on_batch": lambda model, y: model.train_on_batch(INPUTS, y),
    "test_on_batch": lambda model, y: model.test_on_batch(INPUTS, y),
}


@pytest.mark.parametrize("door", TAKE_TARGETS)
def test_every_door_looks_at_targets(trained, door):
    for wrong, message in (
        ([0, 1, 2, 3], "y must hold whole numbers from 0 to 2, one of the classes, got 0 to 3"),
        ([0, 1, 2, -1], "y must hold whole numbers from 0 to 2, one of the classes, got -1 to 2"),
        ([0, 1, 2, 0.5], "y must hold class labels, whole numbers or texts, got 0.5"),
        ([0, 1, 2, np.nan], "y must hold class labels, whole numbers or texts, got nan"),
        (["a", "b", "c", "a"], "y must hold whole numbers from 0 to 2, .*got <U1, such as a"),
        (np.eye(4), r"y must be class indices, \(items,\), got shape \(4, 4\)"),
    ):
        with pytest.raises(ValueError, match=message):
            TAKE_TARGETS[door](trained, np.array(wrong))
    TAKE_TARGETS[door](trained, LABELS.astype("float32"))


def test_a_column_of_targets_is_one_for_each_row():
    compiled(classifier()).evaluate(INPUTS, LABELS[:, None], verbose=0)


def test_targets_of_another_loss_are_the_matter_of_that_loss():
    model, ignoring = classifier(), classifier()
    model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
    model.fit(INPUTS, np.eye(3)[LABELS], verbose=0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    ignoring.compile("sgd", loss)
    ignoring.fit(INPUTS, np.array([0, 1, 2, -1]), verbose=0)
    with pytest.raises(ValueError, match="y must hold whole numbers from 0 to 2"):
        ignoring.fit(INPUTS, np.array([0, 1, 2, -2]), verbose=0)


def test_pictures_in_bytes_are_refused_at_every_door():
    images = RNG.random((4, 8, 8, 3), dtype="float32")
    parts = {"image": ImageCNN(4, filters=(2,)), "text": TextBag(9, 4)}
    model = compiled(FusionClassifier(parts, "concat", 3))
    model({"image": images, "text": IDS})
    for door, enter in DOORS.items():
        for wrong in ((images * 255).astype("uint8"), images * 255):
            if door != "validation":
                with pytest.raises(
                    ValueError, match=r"floats in 0\.\.1, got .*divide bytes by 255"
                ):
                    enter(model, {"image": wrong, "text": IDS})


def test_without_a_step_a_modality_votes_by_zeros():
    parts = {"image": DenseEncoder(4), "text": TextTransformer(9, 4, heads=2, sequence=True)}
    for fusion in ("late", "concat"):
        model = FusionClassifier(parts, fusion, 3, auxiliary=0.5)
        logits = model({**INPUTS, "text": IDS[:, :0]}, training=True)
        for result in (logits.fused, *logits.auxiliary.values()):
            assert np.isfinite(to_numpy(result)).all()


# --- a modality that no row has

NO_TEXT = {"image": np.ones(4, bool), "text": np.zeros(4, bool)}
LEFT_OUT = {
    "none": {"image": INPUTS["image"], "text": None},
    "none_by_presence": {"image": INPUTS["image"], "text": None, "presence": NO_TEXT},
    "left_out": {"image": INPUTS["image"], "presence": NO_TEXT},
    "columns": {"image": INPUTS["image"], "presence": np.tile([[True, False]], (4, 1))},
}


@pytest.mark.parametrize("inputs", LEFT_OUT.values(), ids=LEFT_OUT)
@pytest.mark.parametrize("reloaded", [False, True])
def test_a_modality_may_be_left_out(trained, inputs, reloaded, tmp_path):
    model = trained
    if reloaded:
        trained.save(tmp_path / "model.keras")
        model = keras.models.load_model(tmp_path / "model.keras")
    whole = {**INPUTS, "presence": NO_TEXT}
    expected = to_numpy(model(whole))
    np.testing.assert_array_equal(to_numpy(model(inputs)), expected)
    beside = {name: array for name, array in inputs.items() if name != "presence"}
    np.testing.assert_array_equal(to_numpy(model(beside, presence=NO_TEXT)), expected)
    np.testing.assert_array_equal(model.predict(inputs, verbose=0), model.predict(whole, verbose=0))
    score = compiled(model).evaluate(whole, LABELS, verbose=0)
    assert model.evaluate(inputs, LABELS, verbose=0) == score


def test_fit_without_a_modality_is_fit_with_zeros():
    after = []
    for inputs in (LEFT_OUT["left_out"], {**INPUTS, "presence": NO_TEXT}):
        keras.utils.set_random_seed(0)
        model = compiled(classifier("gated", missing="learnt", auxiliary=0.5))
        model(INPUTS)
        model.fit(inputs, LABELS, verbose=0, validation_data=(inputs, LABELS))
        after.append(model.get_weights())
    for left_out, whole in zip(*after, strict=True):
        np.testing.assert_array_equal(left_out, whole)


@pytest.mark.parametrize("door", DOORS)
def test_a_modality_is_missed_unless_presence_says_that_it_is_absent(trained, door):
    some = {"image": np.ones(4, bool), "text": PRESENCE[:, 1]}
    alone = {"image": INPUTS["image"]}
    for wrong in (alone, {**alone, "presence": some}):
        with pytest.raises(ValueError, match="missing modality 'text'"):
            DOORS[door](trained, wrong)
    with pytest.raises(ValueError, match="'text' is None, but presence does not say that it is ab"):
        DOORS[door](trained, {**alone, "text": None, "presence": some})
    with pytest.raises(TypeError, match=r"inputs\['image'\] must be an array of numbers, got None"):
        DOORS[door](trained, {"image": None, "text": None})


def test_a_model_must_have_seen_what_is_left_out():
    with pytest.raises(ValueError, match="'text' cannot be left out before the model was called"):
        classifier()(LEFT_OUT["left_out"])


# --- quantising and exporting


@pytest.mark.parametrize("called", [True, False])
@pytest.mark.parametrize("fusion", ["late", "gated", "cross_attention", "bottleneck"])
def test_a_classifier_can_be_quantised(fusion, called):
    """Also one that was built and never called: no layer in it may be forgotten."""
    parts = {
        "image": DenseEncoder(8),
        "text": TextTransformer(9, 8, num_layers=1, heads=2, sequence=True),
    }
    model = FusionClassifier(parts, fusion, 3, hidden=(8,), missing="learnt", auxiliary=0.5)
    model.build({name: (None, *array.shape[1:]) for name, array in INPUTS.items()})
    before = to_numpy(model(INPUTS)) if called else None
    model.quantize("int8")
    assert any(weight.dtype == "int8" for weight in model.weights)
    after = to_numpy(model(INPUTS))
    assert np.isfinite(after).all()
    assert not called or np.abs(after - before).max() < 0.2


SERVE = """
import sys
import numpy as np
import tensorflow as tf
stored = np.load(sys.argv[2])
inputs = {name: tf.constant(stored[name]) for name in stored if name != "expected"}
model = tf.saved_model.load(sys.argv[1])
served = model.serve(inputs).numpy()
assert np.abs(served - stored["expected"]).max() < 1e-6, served
"""


@pytest.mark.skipif(not TENSORFLOW, reason="a saved model is TensorFlow's")
@pytest.mark.parametrize("presence", [None, PRESENCE], ids=["all", "some"])
@pytest.mark.parametrize("reloaded", [False, True])
def test_another_process_serves_what_was_exported(presence, reloaded, tmp_path):
    """With ids as whole numbers and presence as booleans, as the model was trained on."""
    inputs = INPUTS if presence is None else {**INPUTS, "presence": presence}
    model = compiled(classifier("gated"))
    given = inputs if presence is None else {**INPUTS, "presence": BY_MODALITY}
    model.fit(given, LABELS, verbose=0)
    if reloaded:
        model.save(tmp_path / "model.keras")
        model = keras.models.load_model(tmp_path / "model.keras")
    model.export(tmp_path / "served", verbose=False)
    expected = model.predict(inputs, verbose=0)
    np.savez(tmp_path / "inputs.npz", expected=expected, **inputs)
    done = subprocess.run(
        [sys.executable, "-c", SERVE, tmp_path / "served", tmp_path / "inputs.npz"],
        env=os.environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
