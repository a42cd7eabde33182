"""What fusions refuse: rows, names, masks, presence and sizes that do not fit."""

import keras
import numpy as np
import pytest
from fusion_checks import Shift, sequences, vectors
from layer_checks import to_numpy, train_one_step
from scipy.special import log_softmax
from tolerance import assert_close, count_steps

from mmtutorial import fusion
from mmtutorial.fusion import (
    ConcatFusion,
    LateFusion,
    LowRankTensorFusion,
    MissingTokens,
    MixtureOfExperts,
    ModalityDropout,
    ProductOfExperts,
    SumFusion,
)
from mmtutorial.fusion._inputs import layer_names, split_presence, stack_presence
from mmtutorial.fusion._names import BY_NAME, fusion_by_name

pytestmark = pytest.mark.backend

PAIR = vectors([4, 4])
NAMES = ["image", "text"]
BY_NAMES = pytest.mark.parametrize("name", BY_NAME)
PRESENCE = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], bool)
BY_MODALITY = {"text": PRESENCE[:, 1], "image": PRESENCE[:, 0]}


# --- options


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SumFusion("8"), "units must be a whole number, got '8'"),
        (lambda: ConcatFusion(8.0), "units must be a whole number, got 8.0"),
        (lambda: fusion.GatedFusion(True), "units must be a whole number, got True"),
        (lambda: LowRankTensorFusion(4, rank=2.5), "rank must be a whole number, got 2.5"),
        (lambda: fusion.MultiplicativeFusion(4, activation=3), "activation must be the name"),
        (lambda: LateFusion({"image": "1"}), r"weights\['image'\] must be a number, got '1'"),
        (lambda: LateFusion(pool=["mean"]), "pool must be one of"),
        (lambda: fusion.CrossAttentionFusion("8"), "units must be a whole number, got '8'"),
        (
            lambda: fusion.BottleneckFusion(8, num_layers=2.5),
            "num_layers must be a whole number, got 2.5",
        ),
        (lambda: fusion.BottleneckFusion(8, dropout="0"), "dropout must be a number, got '0'"),
        (lambda: ModalityDropout("0.2"), "rate must be a number, got '0.2'"),
        (lambda: ModalityDropout(seed="one"), "seed must be a whole number, got 'one'"),
        (lambda: fusion.reference_model(image_size=None), "image_size must be a whole number"),
        (lambda: fusion.gradient_blend([1], [2]), "before must be a dict such as"),
        (lambda: fusion.gradient_blend({"a": (1, "2")}, {"a": (1, 2)}), r"before\['a'\] must be"),
    ],
)
def test_an_option_of_the_wrong_kind_is_named(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def test_gradient_blend_takes_pairs_and_a_finite_floor():
    good, after = {"a": (2.0, 2.0)}, {"a": (1.0, 1.5)}
    for wrong in (2.0, (1.0, 2.0, 3.0), "ab"):
        with pytest.raises(ValueError, match=r"before\['a'\] must be \(training loss, validation"):
            fusion.gradient_blend({"a": wrong}, after)
    with pytest.raises(ValueError, match=r"floor must be at least 1e-100 and .*got nan"):
        fusion.gradient_blend(good, after, floor=np.nan)
    with pytest.raises(ValueError, match=r"floor must be at least 1e-100 and .*got inf"):
        fusion.gradient_blend(good, after, floor=np.inf)


# --- arrays


@BY_NAMES
def test_lists_are_as_good_as_arrays(name):
    layer = fusion_by_name(name)
    expected = to_numpy(layer(PAIR, presence=PRESENCE))
    lists = {key: vector.tolist() for key, vector in PAIR.items()}
    np.testing.assert_array_equal(to_numpy(layer(lists, presence=PRESENCE.tolist())), expected)


@pytest.mark.parametrize("wrong", [None, "cat", [["cat"]], [[1.0], [1.0, 2.0]]])
def test_what_holds_no_numbers_is_refused(wrong):
    with pytest.raises((TypeError, ValueError), match=r"^inputs\['text'\] must (be|hold)"):
        SumFusion()({**PAIR, "text": wrong})


@pytest.mark.parametrize("wrong", [{1: PAIR["text"]}, {"": PAIR["text"]}, {"a": 1, 2: 3}])
def test_names_are_texts(wrong):
    with pytest.raises(TypeError, match="must be named by texts"):
        SumFusion()(wrong)


@BY_NAMES
@pytest.mark.parametrize("built", [False, True])
def test_rows_must_be_as_many_in_each_modality(name, built):
    """One row must not serve a whole batch."""
    layer = fusion_by_name(name)
    if built:
        layer(PAIR)
    for rows in (1, 3):
        fewer = {**PAIR, "text": PAIR["text"][:rows]}
        with pytest.raises(ValueError, match="inputs must hold as many rows in each modality"):
            layer(fewer)
        with pytest.raises(ValueError, match="inputs must hold as many rows in each modality"):
            layer(PAIR, presence=PRESENCE[:rows])
    with pytest.raises(ValueError, match="inputs must hold as many rows in each modality"):
        MissingTokens()(PAIR, presence=PRESENCE[:1])


@BY_NAMES
def test_another_size_than_the_first_is_refused(name):
    layer = fusion_by_name(name)
    layer(PAIR)
    message = r"'text' must have shape \(batch, 4\) or \(batch, time, 4\), got \(4, 5\)"
    with pytest.raises(ValueError, match=message):
        layer({**PAIR, "text": np.ones((4, 5), "float32")})
    with pytest.raises(ValueError, match=r"'text' must have shape .* got \(4,\)"):
        layer({**PAIR, "text": np.ones(4, "float32")})


# --- masks


def test_a_mask_of_no_modality_is_refused():
    tokens, masks = sequences(PAIR)
    for layer in (ConcatFusion(), fusion.BottleneckFusion(4, heads=2)):
        with pytest.raises(
            ValueError, match="mask of unexpected modality 'imgae'; this model takes"
        ):
            layer(tokens, mask={"imgae": masks["image"]})
        with pytest.raises(TypeError, match=r"mask must be a dict of boolean .*, got list"):
            layer(tokens, mask=[masks["image"], masks["text"]])
    layer = MissingTokens()
    layer(tokens)
    with pytest.raises(ValueError, match="mask of unexpected modality 'imgae'"):
        layer.masks(tokens, PRESENCE, {"imgae": masks["image"]})
    wrong = {"image": np.where(masks["image"], 0.5, 0)}
    with pytest.raises(ValueError, match="mask must hold True and False, or 1 and 0"):
        ConcatFusion()(tokens, mask=wrong)


@BY_NAMES
def test_a_sequence_of_no_steps_is_absent(name):
    """Forwards, and backwards in a compiled graph where the number of steps is not known."""
    tokens, _ = sequences(PAIR)
    layer = fusion_by_name(name)
    layer(tokens)
    presence = np.tile([[True, False]], (4, 1))
    expected = to_numpy(layer({**tokens, "text": PAIR["text"]}, presence=presence))
    none = {**tokens, "text": np.zeros((4, 0, 4), "float32")}
    result = to_numpy(layer(none))
    assert np.isfinite(result).all()
    assert_close(result, expected, steps=count_steps(layer, tokens))
    entrances = {key: keras.Input((None, 4), name=key) for key in tokens}
    front = {key: keras.layers.Dense(4, name=f"to_{key}")(x) for key, x in entrances.items()}
    model = keras.Model(entrances, layer(front))
    targets = np.ones((4, *model.output_shape[1:]), "float32")
    for gradient in train_one_step(model, none, targets=targets, eager=False).values():
        assert np.isfinite(gradient).all()


# --- presence


@BY_NAMES
def test_presence_by_name_is_presence_in_columns(name):
    layer = fusion_by_name(name)
    expected = to_numpy(layer(PAIR, presence=PRESENCE))
    np.testing.assert_array_equal(to_numpy(layer(PAIR, presence=BY_MODALITY)), expected)
    lists = {key: column.astype(int).tolist() for key, column in BY_MODALITY.items()}
    np.testing.assert_array_equal(to_numpy(layer(PAIR, presence=lists)), expected)


def test_presence_by_name_in_a_functional_model():
    entrances = {key: keras.Input((4,), name=key) for key in PAIR}
    here = {key: keras.Input((), dtype="bool", name=f"{key}_here") for key in PAIR}
    model = keras.Model([entrances, here], ConcatFusion()(entrances, presence=here))
    expected = to_numpy(ConcatFusion()(PAIR, presence=PRESENCE))
    np.testing.assert_array_equal(to_numpy(model([PAIR, BY_MODALITY])), expected)


@pytest.mark.parametrize(
    ("presence", "message"),
    [
        ({"image": PRESENCE[:, 0]}, r"presence must be of 'image' and 'text', got \['image'\]"),
        ({**BY_MODALITY, "sound": PRESENCE[:, 0]}, "presence must be of 'image' and 'text', got"),
        ({**BY_MODALITY, "text": PRESENCE}, r"presence\['text'\] must have shape \(batch,\), got"),
        ({**BY_MODALITY, "text": PRESENCE[:2, 1]}, "as many rows in each modality"),
        ({**BY_MODALITY, "text": [1, 0, 2, 1]}, r"presence\['text'\] must hold True and False"),
        (np.array([[np.nan, 1]] * 4), "presence must hold True and False, or 1 and 0"),
        (np.array([[0.3, 1]] * 4), "presence must hold True and False, or 1 and 0"),
        (np.array([["yes", "no"]] * 4), "presence must hold numbers, got <U3"),
    ],
)
@pytest.mark.parametrize("make", [ConcatFusion, MissingTokens])
def test_presence_that_does_not_fit_is_refused(make, presence, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()(PAIR, presence=presence)


def test_modality_dropout_takes_lists_and_refuses_numbers():
    assert to_numpy(ModalityDropout(0.5)([[True, False]])).tolist() == [[True, False]]
    with pytest.raises(ValueError, match="presence must hold True and False, or 1 and 0"):
        ModalityDropout(0.5)(np.array([[0.3, np.nan]]))


def test_columns_of_presence_by_name():
    columns = split_presence(BY_MODALITY, NAMES)
    assert list(columns) == NAMES
    np.testing.assert_array_equal(to_numpy(stack_presence(BY_MODALITY, NAMES)), PRESENCE)
    assert stack_presence(None, NAMES) is None


# --- names


def test_names_of_layers_are_valid_and_unique():
    assert layer_names(["image", "text_2", "a.b-c"]) == {n: n for n in ["image", "text_2", "a.b-c"]}
    assert layer_names(["a b", "input_0", "文本"]) == {
        "a b": "input_0_",
        "input_0": "input_0",
        "文本": "input_2",
    }
    names = layer_names(["input_1", "图像", "a/b", "_x", "input_1_"])
    assert len(set(names.values())) == 5
    assert names["图像"] == "input_1__"


# --- decisions without a say


INFINITE = {
    "image": np.array([[0, -np.inf]], "float32"),
    "text": np.array([[-1, -0.5]], "float32"),
}


@pytest.mark.parametrize("pool", ["mean", "product"])
def test_a_weight_of_zero_takes_away_even_a_certain_vote(pool):
    layer = LateFusion({"image": 0, "text": 1}, pool=pool)
    alone = log_softmax(INFINITE["text"].astype("float64"), axis=-1)
    assert_close(to_numpy(layer(INFINITE)), alone, steps=16)
    nothing = {**INFINITE, "image": np.array([[np.nan, np.nan]], "float32")}
    assert_close(to_numpy(layer(nothing)), alone, steps=16)


@pytest.mark.parametrize(
    "make",
    [
        lambda: LateFusion(pool="mean"),
        lambda: LateFusion(pool="product"),
        lambda: LateFusion({"image": 0, "text": 1}, pool="product"),
        MixtureOfExperts,
        ProductOfExperts,
    ],
)
def test_infinite_logits_give_probabilities_and_finite_gradients(make):
    """A class that one of them rules out; and in the second row every class."""
    votes = {
        "image": np.array([[0, -np.inf], [0, -np.inf]], "float32"),
        "text": np.array([[-1, -0.5], [-np.inf, 0]], "float32"),
    }
    chances = np.exp(to_numpy(make()(votes)))
    assert_close(chances.sum(axis=1), np.ones(2, "float32"), steps=16)
    layer = make()
    entrances = {key: keras.Input(batch_shape=(2, 2), name=key) for key in votes}
    moved = {key: Shift(name=f"of_{key}")(entrance) for key, entrance in entrances.items()}
    model = keras.Model(entrances, layer(moved))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
    assert np.isfinite(model.train_on_batch(votes, np.array([0, 0])))
    assert all(np.isfinite(to_numpy(weight)).all() for weight in model.weights)
