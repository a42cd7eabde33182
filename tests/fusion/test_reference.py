import keras
import numpy as np
import pytest
from keras import layers
from layer_checks import to_numpy
from tolerance import assert_differ, count_steps, make_rng

from mmtutorial.fusion import reference_model

pytestmark = pytest.mark.backend


@pytest.fixture(scope="module")
def model():
    return reference_model()


def test_counts(model):
    assert model.count_params() == 23_211_649
    joint = model.get_layer("joint")
    assert joint.count_params() == 22_159_488
    assert joint.count_params() / model.count_params() > 0.95


@pytest.mark.parametrize(("size", "expected"), [(32, 1_191_553), (64, 2_240_129)])
def test_counts_of_smaller_images(size, expected):
    assert reference_model(image_size=size).count_params() == expected


def test_layers_in_their_order(model):
    image = [
        (layers.Conv2D, {"filters": 64}),
        (layers.MaxPooling2D, {"pool_size": (2, 2)}),
        (layers.Conv2D, {"filters": 128}),
        (layers.MaxPooling2D, {"pool_size": (2, 2)}),
        (layers.Conv2D, {"filters": 256}),
        (layers.MaxPooling2D, {"pool_size": (2, 2)}),
        (layers.Flatten, {"name": "image_vector"}),
    ]
    text = [
        (layers.Embedding, {"input_dim": 10_000, "output_dim": 64}),
        (layers.LSTM, {"units": 64, "name": "text_vector"}),
    ]
    joint = [
        (layers.Concatenate, {}),
        (layers.Dense, {"units": 128, "activation": keras.activations.relu}),
        (layers.Dense, {"units": 64, "activation": keras.activations.relu}),
        (layers.Dense, {"units": 1, "activation": keras.activations.sigmoid}),
    ]

    def path(last):
        """The layers from an output back to an input, turned round."""
        found = []
        while not isinstance(last, layers.InputLayer):
            found.append(last)
            sources = last._inbound_nodes[0].parent_nodes
            if len(sources) != 1:
                break
            last = sources[0].operation
        return found[::-1]

    concat = model.get_layer("fusion")
    branches = [node.operation for node in concat._inbound_nodes[0].parent_nodes]
    for found, expected in [
        (path(branches[0]), image),
        (path(branches[1]), text),
        (path(model.get_layer("match")), joint),
    ]:
        assert [type(layer) for layer in found] == [kind for kind, _ in expected]
        for layer, (_, options) in zip(found, expected, strict=True):
            for name, value in options.items():
                assert getattr(layer, name) == value, layer.name
            if isinstance(layer, layers.Conv2D):
                assert layer.kernel_size == (3, 3)
                assert layer.padding == "valid"
                assert layer.activation is keras.activations.relu
    inner = len(image) + len(text) + len(joint)
    assert len(model.layers) == inner + 2  # and the two inputs


def test_inputs_and_compilation(model):
    assert {name: tensor.shape for name, tensor in model.input.items()} == {
        "image": (None, 224, 224, 3),
        "text": (None, 100),
    }
    assert model.output_shape == (None, 1)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert model.loss == "binary_crossentropy"
    assert model.get_compile_config()["metrics"] == ["accuracy"]


def test_training_lowers_the_loss_and_gives_probabilities():
    rng = make_rng()
    small = reference_model(image_size=32, vocabulary_size=50, text_length=6)
    inputs = {
        "text": rng.integers(1, 50, size=(8, 6)).astype("int32"),
        "image": rng.random((8, 32, 32, 3), dtype="float32"),
    }
    labels = np.arange(8) % 2
    chances = to_numpy(small(inputs))
    assert ((chances > 0) & (chances < 1)).all()
    before = small.evaluate(inputs, labels, verbose=0)[0]
    small.fit(inputs, labels, epochs=3, batch_size=8, verbose=0)
    assert small.evaluate(inputs, labels, verbose=0)[0] < before


def test_both_modalities_reach_the_answer():
    rng = make_rng()
    small = reference_model(image_size=32, vocabulary_size=50, text_length=6)
    inputs = {
        "image": rng.random((4, 32, 32, 3), dtype="float32"),
        "text": rng.integers(1, 50, size=(4, 6)).astype("int32"),
    }
    answer = to_numpy(small(inputs))
    for name in inputs:
        changed = {**inputs, name: inputs[name][::-1].copy()}
        assert_differ(to_numpy(small(changed)), answer, steps=count_steps(small, inputs))


def test_a_missing_modality_is_refused():
    small = reference_model(image_size=32)
    with pytest.raises(ValueError, match="image"):
        small({"text": np.ones((1, 100), "int32")})


@pytest.fixture(scope="module")
def small():
    return reference_model(image_size=32, vocabulary_size=10, text_length=5)


PAIRS = {
    "image": np.full((4, 32, 32, 3), 0.5, "float32"),
    "text": np.arange(20, dtype="int32").reshape(4, 5) % 10,
}
MATCH = np.array([0, 1, 0, 1])


@pytest.mark.parametrize(
    "door",
    [
        lambda model, x, y: model.fit(x, y, verbose=0),
        lambda model, x, y: model.fit(PAIRS, MATCH, validation_data=(x, y), verbose=0),
        lambda model, x, y: model.evaluate(x, y, verbose=0),
        lambda model, x, y: model.predict(x, verbose=0),
        lambda model, x, y: model.train_on_batch(x, y),
        lambda model, x, y: model.test_on_batch(x, y),
        lambda model, x, y: model.predict_on_batch(x),
        lambda model, x, y: model(x),
    ],
    ids=["fit", "validation", "evaluate", "predict", "train", "test", "predict_batch", "call"],
)
def test_every_door_looks_at_values(small, door, request):
    door(small, PAIRS, MATCH)
    for name, wrong, message in (
        ("image", PAIRS["image"] * 510, r"image must hold floats in 0\.\.1, .*divide bytes by 255"),
        (
            "image",
            np.zeros((4, 32, 32, 3), "uint8"),
            r"image must hold floats in 0\.\.1, got uint8",
        ),
        ("text", PAIRS["text"] + 1, r"text must lie in 0\.\.9, the rows .*got 1\.\.10"),
        ("text", PAIRS["text"] + 0.5, "text must be whole numbers"),
        ("text", PAIRS["text"][:2], "inputs must hold as many rows in each modality"),
    ):
        if (name, len(wrong)) == ("text", 2) and request.node.callspec.id == "call":
            continue  # there, the layers themselves find out
        with pytest.raises(ValueError, match=message):
            door(small, {**PAIRS, name: wrong}, MATCH)
    with pytest.raises(ValueError, match="missing modality 'text'"):
        door(small, {"image": PAIRS["image"]}, MATCH)


def test_targets_are_pairs_or_none(small):
    for wrong in ([0, 1, 2, 1], [0, -1, 0, 1]):
        with pytest.raises(ValueError, match="y must hold 1 for a pair and 0 for none, got"):
            small.fit(PAIRS, np.array(wrong), verbose=0)
    with pytest.raises(ValueError, match="y must hold finite numbers, got nan"):
        small.evaluate(PAIRS, np.array([0, np.nan, 0, 1]), verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_size": 21}, "image_size must be at least 22, got 21"),
        ({"image_size": 32, "vocabulary_size": 1}, "vocabulary_size must be at least 2"),
        ({"image_size": 32, "text_length": 0}, "text_length must be at least 1, got 0"),
    ],
)
def test_reference_model_says_which_option_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        reference_model(**options)


def test_the_smallest_image_works():
    smallest = reference_model(image_size=22, vocabulary_size=10, text_length=2)
    inputs = {"image": np.zeros((1, 22, 22, 3), "float32"), "text": np.ones((1, 2), "int32")}
    assert tuple(smallest(inputs).shape) == (1, 1)


@pytest.mark.backend
def test_an_extra_modality_and_a_list_are_refused():
    model = reference_model(image_size=32, text_length=5)
    image = np.zeros((1, 32, 32, 3), "float32")
    text = np.zeros((1, 5), "int32")
    with pytest.raises(ValueError, match="unexpected modality 'zebra'"):
        model({"image": image, "text": text, "zebra": text})
    with pytest.raises(TypeError, match="inputs must be a dict"):
        model([image, text])
