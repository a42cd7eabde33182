import keras
import numpy as np
import pytest
from layer_checks import LAYER_CHECKS, TOKEN_CHECKS, check_gradients, to_model, to_numpy
from tolerance import assert_close, assert_differ, count_steps, make_rng

from mmtutorial.encoders import DenseEncoder, ImageCNN, TextBag, TextRNN

pytestmark = pytest.mark.backend

RNG = make_rng()
IMAGES = RNG.random((4, 16, 16, 3), dtype="float32")
FEATURES = RNG.normal(size=(4, 10)).astype("float32")
IDS = np.array([[5, 1, 9, 2], [3, 3, 0, 0], [7, 2, 4, 0], [8, 0, 0, 0]], dtype="int32")

SMALL = {"filters": (4, 6), "units": 8}
LAYERS = {
    "cnn": (lambda **k: ImageCNN(**SMALL, **k), IMAGES),
    "cnn_flat": (
        lambda **k: ImageCNN(**SMALL, kernel_size=5, pooling="flatten", batch_norm=False, **k),
        IMAGES,
    ),
    "dense": (lambda **k: DenseEncoder(12, dropout=0.2, **k), FEATURES),
    "lstm": (lambda **k: TextRNN(10, 8, embedding=6, **k), IDS),
    "gru": (lambda **k: TextRNN(10, 8, embedding=6, cell="gru", dropout=0.1, **k), IDS),
    "bag": (lambda **k: TextBag(10, 6, dropout=0.1, **k), IDS),
}
TEXT_LAYERS = ("lstm", "gru", "bag")


@pytest.mark.parametrize("check", LAYER_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", LAYERS)
def test_layer(check, name):
    check(*LAYERS[name])


@pytest.mark.parametrize("check", TOKEN_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", TEXT_LAYERS)
def test_text_layer(check, name):
    check(*LAYERS[name])


def test_checks_catch_a_weight_that_never_trains():
    """The helper itself must be able to fail."""

    class Idle(keras.layers.Layer):
        def build(self, shape):
            self.used = self.add_weight(shape=(shape[-1], 2))
            self.idle = self.add_weight(shape=(3,), name="idle")

        def call(self, x):
            return keras.ops.matmul(x, self.used) + 0 * keras.ops.sum(self.idle)

    with pytest.raises(AssertionError, match=r"idle.* never moves"):
        check_gradients(Idle, FEATURES)


# --- images


def count(layer):
    return sum(int(np.prod(weight.shape)) for weight in layer.weights)


def test_cnn_has_the_weights_of_its_recipe():
    layer = ImageCNN(8, filters=(4, 6), kernel_size=3)
    layer.build((None, 16, 16, 3))
    stages = 3 * 3 * 3 * 4 + 4 * 4 + 3 * 3 * 4 * 6 + 4 * 6
    assert count(layer) == stages + 6 * 8 + 8
    flat = ImageCNN(8, filters=(4, 6), kernel_size=3, pooling="flatten", batch_norm=False)
    flat.build((None, 16, 16, 3))
    assert count(flat) == 3 * 3 * 3 * 4 + 4 + 3 * 3 * 4 * 6 + 6 + (4 * 4 * 6) * 8 + 8


def test_cnn_with_average_pooling_takes_any_size():
    layer = ImageCNN(8, filters=(4, 6))
    small, large = layer(IMAGES), layer(np.tile(IMAGES, (1, 2, 2, 1)))
    assert tuple(small.shape) == tuple(large.shape)


def test_cnn_average_of_a_constant_image_does_not_depend_on_its_size():
    """One stage, one pixel wide: every position is the same, so is their average."""
    layer = ImageCNN(8, filters=(4,), kernel_size=1)
    small = to_numpy(layer(np.full((1, 4, 4, 3), 0.3, "float32")))
    large = to_numpy(layer(np.full((1, 32, 16, 3), 0.3, "float32")))
    assert_close(small, large, steps=count_steps(layer, np.ones((1, 32, 16, 3))))


def test_cnn_equals_the_same_layers_written_out():
    layer = ImageCNN(8, filters=(4, 6), batch_norm=False)
    layer(IMAGES)
    again = keras.Sequential(
        [
            keras.layers.Conv2D(4, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(6, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(8, activation="relu"),
        ]
    )
    again.build((None, 16, 16, 3))
    again.set_weights([to_numpy(weight) for weight in layer.weights])
    assert_close(to_numpy(layer(IMAGES)), to_numpy(again(IMAGES)), steps=count_steps(layer, IMAGES))


def test_cnn_batch_norm_learns_its_statistics_in_training_alone():
    layer = ImageCNN(8, filters=(4,))
    layer(IMAGES)
    fixed = {w.path: to_numpy(w).copy() for w in layer.non_trainable_weights}
    moving = [path for path in fixed if "moving" in path]
    layer(IMAGES, training=False)
    assert all(
        np.array_equal(fixed[w.path], to_numpy(w))
        for w in layer.non_trainable_weights
        if w.path in moving
    )
    layer(IMAGES, training=True)
    assert len(moving) == 2
    assert not any(
        np.array_equal(fixed[w.path], to_numpy(w))
        for w in layer.non_trainable_weights
        if w.path in moving
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pooling": "max"}, r"pooling must be one of .*'average', 'flatten'.*got 'max'"),
        ({"units": 0}, "units must be at least 1, got 0"),
        ({"filters": ()}, "filters must hold at least 1 numbers"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
        ({"dropout": -0.1}, "dropout must be at least 0 and below 1"),
    ],
)
def test_cnn_says_which_option_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        ImageCNN(**options)


def test_cnn_says_which_image_is_too_small():
    with pytest.raises(ValueError, match="images must be at least 8 pixels wide and high for 3"):
        ImageCNN(8)(np.ones((1, 7, 16, 3), "float32"))
    ImageCNN(8)(np.ones((1, 8, 8, 3), "float32"))
    with pytest.raises(ValueError, match="images must have shape"):
        ImageCNN(8)(np.ones((16, 16, 3), "float32"))


# --- text


def test_bag_is_the_mean_of_the_embeddings():
    layer = TextBag(10, 6)
    result = to_numpy(layer(IDS))
    (table,) = (to_numpy(weight) for weight in layer.weights)
    assert table.shape == (10, 6)
    for row, ids in zip(result, IDS, strict=True):
        mean = np.mean([table[i] for i in ids if i], axis=0)
        assert_close(row, mean, steps=count_steps(layer, IDS))
    nothing = to_numpy(layer(np.zeros((2, 5), "int32")))
    np.testing.assert_array_equal(nothing, np.zeros((2, 6)))


def test_bag_forgets_the_order_and_rnn_does_not():
    turned = np.array([[9, 1, 5, 2]], dtype="int32")
    original = np.array([[5, 1, 9, 2]], dtype="int32")
    bag, rnn = LAYERS["bag"][0](), LAYERS["lstm"][0]()
    assert_close(to_numpy(bag(turned)), to_numpy(bag(original)), steps=count_steps(bag, original))
    assert_differ(to_numpy(rnn(turned)), to_numpy(rnn(original)), steps=count_steps(rnn, original))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_rnn_of_padding_alone_is_zero(cell):
    result = to_numpy(TextRNN(10, 8, cell=cell)(np.zeros((2, 5), "int32")))
    np.testing.assert_array_equal(result, np.zeros((2, 8)))


def test_rnn_equals_the_last_state_of_a_loop():
    """An LSTM written out in NumPy, over the real tokens alone."""
    layer = TextRNN(10, 8, embedding=6)
    result = to_numpy(layer(IDS))
    table, kernel, recurrent, bias = (to_numpy(weight) for weight in layer.weights)

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    for row, ids in zip(result, IDS, strict=True):
        state, memory = np.zeros(8), np.zeros(8)
        for token in ids[ids > 0]:
            gates = table[token] @ kernel + state @ recurrent + bias
            into, forget, new, out = np.split(gates, 4)
            memory = sigmoid(forget) * memory + sigmoid(into) * np.tanh(new)
            state = sigmoid(out) * np.tanh(memory)
        assert_close(row, state, steps=count_steps(layer, IDS))


def test_gru_and_lstm_differ_in_size():
    weights = {}
    for cell in ("lstm", "gru"):
        layer = TextRNN(10, 8, embedding=6, cell=cell)
        layer(IDS)
        weights[cell] = count(layer)
    assert weights == {"lstm": 60 + 4 * (6 + 8 + 1) * 8, "gru": 60 + 3 * (6 + 8 + 2) * 8}


def test_padding_row_of_the_table_never_trains():
    """The gradient of a masked token is exactly zero, even where every row is padded."""
    for name in TEXT_LAYERS:
        layer = LAYERS[name][0]()
        model = to_model(layer, IDS)
        before = to_numpy(layer.table.embeddings).copy()
        model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse", jit_compile=False)
        model.train_on_batch(IDS, np.ones((4, *model.output_shape[1:]), "float32"))
        moved = np.abs(to_numpy(layer.table.embeddings) - before).max(axis=1)
        assert moved[0] == 0, name
        assert (moved[[5, 9, 2]] > 0).all(), name
        assert moved[6] == 0, name  # a token that the batch does not hold


@pytest.mark.parametrize("layer", [TextRNN, TextBag])
@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((1,), {}, "vocabulary_size must be at least 2"),
        ((9, 0), {}, "units must be at least 1, got 0"),
        ((9,), {"dropout": 1}, "dropout must be at least 0 and below 1"),
    ],
)
def test_text_layers_say_which_option_is_wrong(layer, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        layer(*arguments, **options)


def test_text_layers_say_what_else_is_wrong():
    with pytest.raises(ValueError, match=r"cell must be one of .*'lstm', 'gru'.*got 'rnn'"):
        TextRNN(9, cell="rnn")
    with pytest.raises(ValueError, match="embedding must be at least 1, got 0"):
        TextRNN(9, embedding=0)
    with pytest.raises(ValueError, match="token ids must have shape"):
        TextBag(9)(np.ones((2, 3, 4), "int32"))
    with pytest.raises(ValueError, match="token ids must have shape"):
        TextRNN(9)(np.ones((2, 3, 4), "int32"))


# --- features


def test_dense_encoder_is_a_relu_layer():
    layer = DenseEncoder(12)
    result = to_numpy(layer(FEATURES))
    kernel, bias = (to_numpy(weight) for weight in layer.weights)
    assert_close(
        result, np.maximum(FEATURES @ kernel + bias, 0), steps=count_steps(layer, FEATURES)
    )


@pytest.mark.parametrize(
    ("make", "inputs"),
    [
        (lambda: DenseEncoder(64, dropout=0.5), FEATURES),
        (lambda: TextBag(10, 64, dropout=0.5), IDS),
        (lambda: TextRNN(10, 64, dropout=0.5), IDS),
        (lambda: ImageCNN(64, filters=(4,), dropout=0.5), IMAGES),
    ],
    ids=["dense", "bag", "rnn", "cnn"],
)
def test_dropout_acts_in_training_alone(make, inputs):
    layer = make()
    calm = [to_numpy(layer(inputs, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*calm)
    wild = [to_numpy(layer(inputs, training=True)) for _ in range(2)]
    assert np.abs(wild[0] - wild[1]).max() > 0


def test_dense_encoder_says_which_option_is_wrong():
    with pytest.raises(ValueError, match="units must be at least 1, got 0"):
        DenseEncoder(0)
    with pytest.raises(ValueError, match="dropout must be at least 0 and below 1"):
        DenseEncoder(4, dropout=1.5)
