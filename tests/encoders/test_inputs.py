"""What encoders refuse, and what they do with lists, empty texts and ids of no word."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_checks import to_numpy

from mmtutorial.encoders import (
    AudioConvRNN,
    DenseEncoder,
    ImageCNN,
    TextBag,
    TextRNN,
    TextTransformer,
    VideoEncoder,
)
from mmtutorial.encoders._base import (
    build_layer,
    replace_unknown_ids,
    to_array,
    to_booleans,
    value_range,
)

pytestmark = pytest.mark.backend

RNG = np.random.default_rng(0)
IMAGES = RNG.random((2, 8, 8, 3), dtype="float32")
IDS = np.array([[5, 1, 2], [3, 0, 0]], "int32")
SMALL = {"num_layers": 1, "heads": 2}
ENCODERS = {
    "dense": (lambda: DenseEncoder(4), IMAGES[:, 0, 0]),
    "cnn": (lambda: ImageCNN(4, filters=(2,)), IMAGES),
    "bag": (lambda: TextBag(9, 4), IDS),
    "lstm": (lambda: TextRNN(9, 4), IDS),
    "gru": (lambda: TextRNN(9, 4, cell="gru"), IDS),
    "transformer": (lambda: TextTransformer(9, 4, **SMALL), IDS),
    "audio": (lambda: AudioConvRNN(4, filters=(2,), time_strides=(2,)), IMAGES[..., 0]),
    "video": (lambda: VideoEncoder(4, frame_encoder=ImageCNN(4, filters=(2,))), IMAGES[:, None]),
}
TEXTS = ("bag", "lstm", "gru", "transformer")
OF_TEXTS = pytest.mark.parametrize("name", TEXTS)


# --- options


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DenseEncoder("8"), "units must be a whole number, got '8'"),
        (lambda: DenseEncoder(True), "units must be a whole number, got True"),
        (lambda: DenseEncoder(8, dropout=None), "dropout must be a number, got None"),
        (lambda: ImageCNN(8.0), "units must be a whole number, got 8.0"),
        (lambda: ImageCNN(8, filters=32), "filters must be a tuple of whole numbers, got 32"),
        (lambda: ImageCNN(8, filters=(4, 2.5)), r"filters\[1\] must be a whole number, got 2.5"),
        (lambda: ImageCNN(8, kernel_size=None), "kernel_size must be a whole number, got None"),
        (lambda: ImageCNN(8, pooling=["average"]), "pooling must be one of"),
        (lambda: ImageCNN(8, batch_norm="no"), "batch_norm must be True or False, got 'no'"),
        (lambda: TextBag("9"), "vocabulary_size must be a whole number, got '9'"),
        (lambda: TextRNN(9, embedding=2.5), "embedding must be a whole number, got 2.5"),
        (lambda: TextTransformer(9, "8"), "units must be a whole number, got '8'"),
        (lambda: TextTransformer(9, 8, heads=2.0), "heads must be a whole number, got 2.0"),
        (lambda: TextTransformer(9, 8, sequence=1), "sequence must be True or False, got 1"),
        (lambda: AudioConvRNN(8, time_strides=2), "time_strides must be a tuple"),
        (lambda: AudioConvRNN(8, kernel_size="3"), "kernel_size must be a whole number"),
        (lambda: VideoEncoder(8, sequence="yes"), "sequence must be True or False, got 'yes'"),
        (lambda: VideoEncoder(8, frame_encoder="cnn"), "frame_encoder must be a Keras layer"),
        (lambda: VideoEncoder(8, frame_encoder=ImageCNN), r"got the class: write ImageCNN\(\.\.\."),
        (
            lambda: VideoEncoder(8, frame_encoder=lambda x: x),
            "must be a Keras layer, got <function",
        ),
    ],
)
def test_an_option_of_the_wrong_kind_is_named(make, message):
    with pytest.raises(TypeError, match=message):
        make()


# --- arrays


@pytest.mark.parametrize("name", ENCODERS)
def test_a_list_is_as_good_as_an_array(name):
    make, inputs = ENCODERS[name]
    layer = make()
    expected = to_numpy(layer(inputs))
    np.testing.assert_array_equal(to_numpy(layer(inputs.tolist())), expected)
    np.testing.assert_array_equal(to_numpy(layer(ops.convert_to_tensor(inputs))), expected)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("wrong", [None, "cat", b"cat", {"text": [1]}, [["cat"]], [[1], [1, 2]]])
def test_what_holds_no_numbers_is_refused(name, wrong):
    with pytest.raises((TypeError, ValueError), match=r"^inputs must (be|hold)"):
        ENCODERS[name][0]()(wrong)
    with pytest.raises(TypeError, match="inputs must hold numbers, got <U3"):
        ENCODERS[name][0]()(np.array([["cat"]]))


@pytest.mark.parametrize("name", ENCODERS)
def test_no_rows_give_no_rows(name):
    make, inputs = ENCODERS[name]
    layer = make()
    layer(inputs)
    assert tuple(layer(inputs[:0]).shape) == (0, 4)


@OF_TEXTS
def test_a_text_of_no_tokens_is_zero(name):
    layer = ENCODERS[name][0]()
    layer(IDS)
    np.testing.assert_array_equal(to_numpy(layer(IDS[:, :0])), np.zeros((2, 4)))


def test_sounds_and_clips_must_have_a_frame():
    for name, wrong in (("audio", IMAGES[:, :0, :, 0]), ("video", IMAGES[:, None][:, :0])):
        with pytest.raises(ValueError, match="must hold at least one frame, got shape"):
            ENCODERS[name][0]()(wrong)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("dense", IMAGES[:, 0, 0, :2]),
        ("cnn", IMAGES[..., :1]),
        ("audio", IMAGES[:, :, :5, 0]),
        ("video", IMAGES[:, None, ..., :1]),
    ],
)
def test_another_size_than_the_first_is_refused(name, other):
    make, inputs = ENCODERS[name]
    layer = make()
    layer(inputs)
    with pytest.raises(ValueError, match=r"must have shape .*; got|must have shape .*, got"):
        layer(other)
    flat = ImageCNN(4, filters=(2,), pooling="flatten")
    flat(IMAGES)
    with pytest.raises(
        ValueError, match=r"must have shape \(None, 8, 8, 3\), as when it was built"
    ):
        flat(IMAGES[:, :6])


def test_a_picture_too_small_is_refused_after_a_large_one_too():
    """Pooled to nothing, it would be the average of nothing: NaN."""
    layer = ImageCNN(4, filters=(2, 2))
    layer(IMAGES)
    with pytest.raises(ValueError, match="images must be at least 4 pixels wide and high"):
        layer(IMAGES[:, :2, :2])
    with pytest.raises(ValueError, match="images must be at least 4 pixels wide and high"):
        ImageCNN(4, filters=(2, 2))(IMAGES[:, :0])


@pytest.mark.parametrize("name", ["cnn", "video"])
def test_pictures_must_be_floats_of_about_one(name):
    make, inputs = ENCODERS[name]
    layer = make()
    for built in (False, True):
        for kind in ("uint8", "int64", "bool"):
            with pytest.raises(
                ValueError, match=rf"floats in 0\.\.1, got {kind}; divide bytes by 255"
            ):
                layer((inputs * 255).astype(kind))
        if not built:
            layer(inputs)
    for wrong in (inputs * 255, -inputs * 255):
        with pytest.raises(ValueError, match=r"floats in 0\.\.1, got .*; divide bytes by 255"):
            layer(wrong)
    layer((inputs - 0.5) / 0.1)  # standardised, which is no fault


def test_channels_in_front_are_refused():
    first = np.moveaxis(IMAGES, -1, 1)
    with pytest.raises(ValueError, match="the channels seem to stand in front"):
        ImageCNN(4, filters=(2,))(first)
    with pytest.raises(ValueError, match="the channels seem to stand in front"):
        VideoEncoder(4)(first[:, None])


def test_spectrograms_must_be_floats():
    with pytest.raises(ValueError, match="spectrograms must hold floats, such as log_mel gives"):
        ENCODERS["audio"][0]()(np.ones((2, 9, 6), "int16"))


@pytest.mark.parametrize("name", ["audio", "video"])
def test_a_mask_holds_true_and_false(name):
    make, inputs = ENCODERS[name]
    layer = make()
    mask = np.ones(inputs.shape[:2])
    np.testing.assert_array_equal(to_numpy(layer(inputs, mask=mask)), to_numpy(layer(inputs)))
    for wrong in (0.3, np.nan, 2):
        mask[0, 0] = wrong
        with pytest.raises(ValueError, match="mask must hold True and False, or 1 and 0"):
            layer(inputs, mask=mask)


# --- ids


@OF_TEXTS
@pytest.mark.parametrize("kind", ["float32", "float64", "bool"])
def test_ids_in_an_array_of_another_kind_are_refused(name, kind):
    with pytest.raises(ValueError, match=f"token ids must be whole numbers, .* got {kind}"):
        ENCODERS[name][0]()(IDS.astype(kind))


@OF_TEXTS
def test_fractions_are_refused_and_whole_floats_are_not(name):
    """Keras itself makes floats of ids, in front of a `keras.Sequential`."""
    layer = ENCODERS[name][0]()
    expected = to_numpy(layer(IDS))
    floats = ops.convert_to_tensor(IDS.astype("float32"))
    np.testing.assert_array_equal(to_numpy(layer(floats)), expected)
    np.testing.assert_array_equal(to_numpy(keras.Sequential([layer])(IDS)), expected)
    for wrong in (floats + 0.5, floats * np.float32("nan")):
        with pytest.raises(ValueError, match="token ids must be whole numbers, got"):
            layer(wrong)


def test_floats_too_short_for_the_table_are_refused():
    """In float16, 2049 is 2048: another word."""
    with pytest.raises(ValueError, match="token ids up to 2999 do not fit into float16"):
        TextBag(3000, 4)(keras.Input((3,), dtype="float16"))
    layer = TextBag(3000, 4, dtype="mixed_float16")
    ids = np.array([[2049], [2048]], "int32")
    assert np.abs(np.diff(to_numpy(layer(ids)), axis=0)).max() > 0
    floats = ops.convert_to_tensor(ids.astype("float32"))
    np.testing.assert_array_equal(to_numpy(layer(floats)), to_numpy(layer(ids)))


@pytest.mark.parametrize("kind", ["int32", "int64", "uint8", "float32"])
def test_what_is_no_id_becomes_never_seen(kind):
    ids = np.array([[0, 1, 8, 9, 200]])
    expected = [[0, 1, 8, 1, 1]]
    if kind != "uint8":
        ids[0, 0] = -1
        expected[0][0] = 1
    result = replace_unknown_ids(ops.convert_to_tensor(ids.astype(kind)), 9)
    np.testing.assert_array_equal(to_numpy(result), expected)
    fractions = ops.convert_to_tensor(np.array([[0.5, 2.9, 3.0, np.nan, np.inf]], "float32"))
    np.testing.assert_array_equal(to_numpy(replace_unknown_ids(fractions, 9)), [[1, 1, 3, 1, 1]])


@OF_TEXTS
def test_a_compiled_model_takes_an_unknown_id_for_never_seen(name):
    """It never becomes another word, nor NaN; where values can be seen it is refused."""
    entrance = keras.Input((3,), dtype="int32")
    model = keras.Model(entrance, ENCODERS[name][0]()(entrance))
    expected = model.predict(np.array([[5, 1, 2]], "int32"), verbose=0)
    for wrong in (-1, 9, 2**31 - 1):
        ids = np.array([[5, wrong, 2]], "int32")
        if keras.backend.backend() == "tensorflow":
            np.testing.assert_array_equal(model.predict(ids, verbose=0), expected)
        else:  # PyTorch compiles no graph, so that values can be seen
            with pytest.raises(ValueError, match=r"token ids must lie in 0\.\.8"):
                model.predict(ids, verbose=0)
        with pytest.raises(ValueError, match=r"token ids must lie in 0\.\.8, .* got"):
            model(ids)


# --- helpers


def test_helpers():
    assert value_range(np.zeros((2, 0))) is None
    assert value_range(np.array([[3, -1]])) == (-1, 3)
    assert value_range(keras.Input((3,))) is None
    assert to_array("x", IMAGES) is IMAGES
    np.testing.assert_array_equal(to_numpy(to_booleans("x", [1, 0])), [True, False])
    with pytest.raises(ValueError, match="x must hold True and False, or 1 and 0"):
        to_booleans("x", [1, 2])


@keras.saving.register_keras_serializable(package="tests")
class CallAlone(keras.layers.Layer):
    """What Keras asks of a layer, and no more."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(4)

    def call(self, x):
        return self.dense(x)


def test_a_layer_with_call_alone_is_built_and_its_shape_found():
    layer = CallAlone()
    assert build_layer(layer, (None, 3)) == (None, 4)
    assert len(layer.weights) == 2
    frames = keras.Sequential([keras.layers.Flatten(), CallAlone()])
    assert tuple(VideoEncoder(5, frame_encoder=frames)(IMAGES[:, None]).shape) == (2, 5)
