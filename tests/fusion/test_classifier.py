from itertools import pairwise

import keras
import numpy as np
import pytest
from keras import layers
from layer_checks import DICT_CHECKS, LAYER_CHECKS, to_numpy
from tolerance import SEED, assert_close, assert_differ, count_steps, make_rng, rounding_bound

from mmtutorial.encoders import DenseEncoder, ImageCNN, TextBag, TextRNN
from mmtutorial.fusion import ConcatFusion, FusionClassifier, LateFusion, SumFusion

pytestmark = pytest.mark.backend

RNG = make_rng()
SIZES = {"text": 5, "image": 6, "audio": 3, "video": 4}
VECTORS = {name: RNG.normal(size=(4, size)).astype("float32") for name, size in SIZES.items()}
PAIR = {"text": VECTORS["text"], "image": VECTORS["image"]}
LABELS = np.array([0, 1, 2, 0])


def dense_encoders(names=("text", "image"), units=8):
    return {name: DenseEncoder(units) for name in names}


FUSIONS = {
    "concat": lambda: "concat",
    "concat_units": lambda: ConcatFusion(7),
    "sum": lambda: "sum",
    "sum_units": lambda: SumFusion(7),
    "late": lambda: "late",
    "late_product": lambda: LateFusion({"image": 2, "text": 1}, pool="product"),
}


def classifier(fusion, **options):
    return FusionClassifier(dense_encoders(), FUSIONS[fusion](), 3, **options)


def compiled(model, *, rate=0.001, eager=True):
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
        run_eagerly=eager,
    )
    return model


@pytest.mark.parametrize("check", LAYER_CHECKS + DICT_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("fusion", ["concat", "sum_units", "late_product"])
def test_classifier_passes_the_checks_of_a_layer(check, fusion):
    hidden = () if fusion == "late_product" else (16,)
    check(lambda **k: classifier(fusion, hidden=hidden, modality_dropout=0.2, **k), PAIR)


def parameters(*sizes):
    """Weights and biases of dense layers of these sizes, one after the other."""
    return sum(a * b + b for a, b in pairwise(sizes))


@pytest.mark.parametrize(
    ("fusion", "heads", "expected"),
    [
        ("concat", ["fused"], parameters(16, 10, 3)),
        ("concat_units", ["fused"], parameters(16, 7, 10, 3)),
        ("sum", ["fused"], parameters(8, 10, 3)),
        ("sum_units", ["fused"], 2 * 8 * 7 + parameters(7, 10, 3)),
        ("late", ["image", "text"], 2 * parameters(8, 10, 3)),
        ("late_product", ["image", "text"], 2 * parameters(8, 10, 3)),
    ],
)
def test_the_level_of_the_fusion_decides_where_the_heads_are(fusion, heads, expected):
    model = classifier(fusion, hidden=(10,), dropout=0.1)
    model(PAIR)
    assert list(model.heads) == heads
    assert model.count_params() == parameters(5, 8) + parameters(6, 8) + expected


@pytest.mark.parametrize("modalities", [1, 2, 3, 4])
@pytest.mark.parametrize("fusion", ["concat", "sum", "late"])
def test_one_to_four_modalities(fusion, modalities):
    inputs = {name: VECTORS[name] for name in list(SIZES)[:modalities]}
    model = FusionClassifier(dense_encoders(inputs), fusion, 3)
    assert tuple(model(inputs).shape) == (4, 3)
    assert model.modalities == sorted(inputs)
    alone = [to_numpy(model(inputs))]
    for name in inputs:  # every modality is heard
        louder = {**inputs, name: inputs[name] + 1}
        alone.append(to_numpy(model(louder)))
    for result in alone[1:]:
        assert_differ(result, alone[0], steps=count_steps(model, inputs))


def test_intermediate_fusion_is_encode_join_classify():
    model = classifier("concat", hidden=(10,))
    result = to_numpy(model(PAIR))
    joined = np.concatenate(
        [to_numpy(model.encoders[name](PAIR[name])) for name in ("image", "text")], axis=1
    )
    first, first_bias, second, second_bias = (to_numpy(w) for w in model.heads["fused"].weights)
    expected = np.maximum(joined @ first + first_bias, 0) @ second + second_bias
    assert_close(result, expected, steps=count_steps(model, PAIR))


@pytest.mark.parametrize("pool", ["mean", "product"])
def test_late_fusion_is_the_pool_of_the_single_models(pool):
    weights = {"image": 3, "text": 1}
    fusion = LateFusion(weights, pool=pool)
    model = FusionClassifier(dense_encoders(), fusion, 3, hidden=(10,))
    result = to_numpy(model(PAIR))
    votes = {}
    for name in PAIR:
        single = FusionClassifier({name: DenseEncoder(8)}, "late", 3, hidden=(10,))
        single({name: PAIR[name]})
        single.encoders[name].set_weights(model.encoders[name].get_weights())
        single.heads[name].set_weights(model.heads[name].get_weights())
        votes[name] = single({name: PAIR[name]})
    pooled = LateFusion(weights, pool=pool)(votes)
    assert_close(result, to_numpy(pooled), steps=count_steps(model, PAIR))


@pytest.mark.parametrize("fusion", FUSIONS)
def test_content_of_an_absent_modality_cannot_matter(fusion):
    """Not even NaN, neither to the result nor to what is learnt."""
    presence = np.array([[True, True], [True, False], [False, True], [True, False]])
    after = []
    for content in (0.0, 5.0, np.nan):
        keras.utils.set_random_seed(SEED)
        model = classifier(fusion)
        entrances = {name: keras.Input(v.shape[1:], name=name) for name, v in PAIR.items()}
        here = keras.Input((2,), dtype="bool", name="here")
        whole = compiled(keras.Model({**entrances, "here": here}, model(entrances, presence=here)))
        inputs = {name: vector.copy() for name, vector in PAIR.items()}
        for column, name in enumerate(sorted(inputs)):
            inputs[name][~presence[:, column]] = content
        whole.train_on_batch({**inputs, "here": presence}, LABELS)
        logits = to_numpy(model(inputs, presence=presence))
        assert np.isfinite(logits).all()
        after.append([logits, *(to_numpy(weight) for weight in model.weights)])
    for other in after[1:]:
        for expected, array in zip(after[0], other, strict=True):
            np.testing.assert_array_equal(array, expected)


def test_an_absent_image_cannot_reach_batch_statistics():
    images = RNG.random((4, 8, 8, 3), dtype="float32")
    ids = np.array([[1, 2], [3, 0], [4, 4], [2, 0]], "int32")
    presence = np.array([[True, True], [False, True], [True, False], [True, True]])
    moving = []
    for content in (0.0, np.nan):
        keras.utils.set_random_seed(SEED)
        encoders = {"image": ImageCNN(8, filters=(4,)), "text": TextBag(9, 8)}
        model = FusionClassifier(encoders, "concat", 3)
        changed = images.copy()
        changed[1] = content
        model({"image": changed, "text": ids}, presence=presence, training=True)
        moving.append([to_numpy(w) for w in model.non_trainable_weights if "moving" in w.path])
    assert len(moving[0]) == 2
    for expected, array in zip(*moving, strict=True):
        np.testing.assert_array_equal(array, expected)


def test_modality_dropout_drops_never_both():
    """In training each row is one of three: both modalities, image alone, text alone."""
    rows, rate = 600, 0.3
    model = FusionClassifier(dense_encoders(), "concat", 3, modality_dropout=rate)
    inputs = {name: np.repeat(vector[:1], rows, axis=0) for name, vector in PAIR.items()}
    trained = to_numpy(model(inputs, training=True))
    shares = []
    for pattern in ([True, True], [True, False], [False, True], [False, False]):
        result = to_numpy(model(inputs, presence=np.tile([pattern], (rows, 1))))
        bound = rounding_bound(trained, result, steps=count_steps(model, inputs))
        shares.append(np.mean(np.abs(trained - result).max(axis=1) <= bound))
    assert sum(shares) == pytest.approx(1)
    assert shares[3] == 0
    expected = np.array([0.58, 0.21, 0.21])
    assert (np.abs(shares[:3] - expected) < 5 * np.sqrt(expected * (1 - expected) / rows)).all()
    calm = to_numpy(model(inputs))  # and nothing outside training
    assert_close(calm, np.repeat(calm[:1], rows, axis=0), steps=count_steps(model, inputs))


def test_modality_dropout_respects_presence():
    model = FusionClassifier(dense_encoders(), "sum", 3, modality_dropout=0.5)
    presence = np.tile([[True, False]], (4, 1))
    result = to_numpy(model(PAIR, presence=presence, training=True))
    assert_close(result, to_numpy(model(PAIR, presence=presence)), steps=count_steps(model, PAIR))


@pytest.mark.parametrize("fusion", ["concat", "sum_units", "late_product"])
def test_a_trained_model_of_images_and_words_survives_save_and_reload(fusion, tmp_path):
    """Bit for bit, and so do the optimiser's moments: training goes on as if nothing happened."""
    inputs = {
        "text": RNG.integers(0, 20, size=(4, 6)).astype("int32"),
        "image": RNG.random((4, 8, 8, 3), dtype="float32"),
    }
    encoders = {"text": TextRNN(20, 8, embedding=4), "image": ImageCNN(8, filters=(4,))}
    model = compiled(FusionClassifier(encoders, FUSIONS[fusion](), 3, hidden=(6,)))
    model.train_on_batch(inputs, LABELS)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert type(again) is type(model)
    np.testing.assert_array_equal(to_numpy(again(inputs)), to_numpy(model(inputs)))
    for each in (model, again):
        each.train_on_batch(inputs, LABELS)
    for old, new in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(to_numpy(new), to_numpy(old), err_msg=old.path)


def test_weights_fit_whatever_the_order_of_the_encoders(tmp_path):
    """Encoders of one class and shape, whose weights could be swapped without an error."""
    inputs = {"text": VECTORS["image"] + 1, "image": VECTORS["image"]}
    model = FusionClassifier(dense_encoders(("text", "image")), "concat", 3)
    expected = to_numpy(model(inputs))
    model.save_weights(tmp_path / "model.weights.h5")
    again = FusionClassifier(dense_encoders(("image", "text")), "concat", 3)
    again(inputs)
    again.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(to_numpy(again(inputs)), expected)


def test_a_trained_encoder_keeps_its_weights():
    """An encoder may come trained; building the model must not start it afresh."""
    encoder = DenseEncoder(8)
    encoder(PAIR["image"])
    before = [to_numpy(weight).copy() for weight in encoder.weights]
    model = FusionClassifier({"image": encoder, "text": DenseEncoder(8)}, "concat", 3)
    model(PAIR)
    for old, new in zip(before, model.encoders["image"].weights, strict=True):
        np.testing.assert_array_equal(old, to_numpy(new))


@pytest.mark.parametrize("fusion", ["concat", "late"])
@pytest.mark.parametrize("where", ["encoders", "heads"])
def test_dropout_acts_in_training_alone(fusion, where):
    share = 0.5 if where == "encoders" else 0.0
    encoders = {name: DenseEncoder(32, dropout=share) for name in PAIR}
    model = FusionClassifier(encoders, fusion, 3, hidden=(32,), dropout=0.5 - share)
    calm = [to_numpy(model(PAIR, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*calm)
    wild = [to_numpy(model(PAIR, training=True)) for _ in range(2)]
    assert np.abs(wild[0] - wild[1]).max() > 1e-3


def test_fit_and_predict_check_the_keys():
    model = compiled(classifier("concat"), eager=False)
    history = model.fit(PAIR, LABELS, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert model.predict(PAIR, verbose=0).shape == (4, 3)
    with pytest.raises(ValueError, match="unexpected modality 'zebra'"):
        model.predict({**PAIR, "zebra": PAIR["text"]}, verbose=0)
    with pytest.raises(ValueError, match="missing modality 'image'"):
        classifier("concat").predict({"text": PAIR["text"]}, verbose=0)
    with pytest.raises(TypeError, match="inputs must be a dict"):
        classifier("concat").predict(list(PAIR.values()), verbose=0)


def test_only_fusion_before_the_decision_learns_exclusive_or():
    """The label is whether the two modalities disagree: no sum of single votes can tell."""
    bits = RNG.integers(0, 2, size=(256, 2))
    labels = bits[:, 0] ^ bits[:, 1]
    inputs = {
        name: np.eye(2, dtype="float32")[bits[:, column]]
        for column, name in enumerate(("image", "text"))
    }
    scores = {}
    for fusion in ("concat", "late"):
        encoders = {name: layers.Flatten() for name in inputs}
        model = FusionClassifier(encoders, fusion, 2, hidden=(32,))
        compiled(model, rate=0.1)
        for _ in range(10):
            model.train_on_batch(inputs, labels)
        scores[fusion] = np.mean(to_numpy(model(inputs)).argmax(axis=1) == labels)
    assert scores["concat"] > 0.98
    assert scores["late"] < 0.85


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("mean", 3), {}, r"fusion must be one of \['attention', .*'tensor'\], got 'mean'"),
        (("concat", 1), {}, "classes must be at least 2, got 1"),
        (("concat", 3), {"dropout": 1.0}, "^dropout must be at least 0 and below 1, got 1.0"),
        (
            ("concat", 3),
            {"modality_dropout": -0.2},
            "modality_dropout must be at least 0 and below 1",
        ),
    ],
)
def test_classifier_says_which_option_is_wrong(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        FusionClassifier(dense_encoders(), *arguments, **options)


def test_classifier_says_that_encoders_are_no_dict():
    with pytest.raises(TypeError, match=r"must be a dict of layers keyed by modality.*got list"):
        FusionClassifier([DenseEncoder(8)], "concat", 3)
    with pytest.raises(ValueError, match="must hold at least one modality"):
        FusionClassifier({}, "concat", 3)


def test_presence_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="presence must have shape"):
        classifier("concat")(PAIR, presence=np.ones((4, 3), bool))
