import keras
import numpy as np
import pytest
from layer_checks import DICT_CHECKS, LAYER_CHECKS, to_numpy, train_one_step
from scipy.special import log_softmax, logsumexp
from tolerance import assert_close, count_steps, make_rng

from mmtutorial.fusion import ConcatFusion, LateFusion, ModalityDropout, SumFusion

pytestmark = pytest.mark.backend

# The steps of a pool: softmax over five classes, a weighted sum over six modalities at most, the
# logarithm, and the norm over classes, with powers and products between.
POOL = 64

NAMES = ("image", "text", "audio", "video")  # on purpose not in sorted order


def vectors(sizes, batch=4, seed=0):
    rng = make_rng(seed)
    return {
        name: rng.normal(size=(batch, size)).astype("float32")
        for name, size in zip(NAMES, sizes, strict=False)
    }


WEIGHTS = {"image": 3.0, "text": 1.0, "audio": 0.5}
LAYERS = {
    "concat": (ConcatFusion, vectors([3, 5])),
    "concat_units": (lambda **k: ConcatFusion(32, **k), vectors([3, 5, 2, 4])),
    "sum": (SumFusion, vectors([4, 4, 4])),
    "sum_units": (lambda **k: SumFusion(7, **k), vectors([3, 5, 2])),
    "late": (LateFusion, vectors([4, 4])),
    "late_weights": (lambda **k: LateFusion(WEIGHTS, **k), vectors([4, 4, 4])),
    "late_product": (lambda **k: LateFusion(WEIGHTS, pool="product", **k), vectors([4, 4, 4])),
}


@pytest.mark.parametrize("check", LAYER_CHECKS + DICT_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", LAYERS)
def test_layer(check, name):
    check(*LAYERS[name])


def test_an_empty_dict_is_refused():
    with pytest.raises(ValueError, match="inputs must hold at least one modality"):
        ConcatFusion().build({})


# --- concatenation and sum


def test_concat_stands_in_the_order_of_the_names():
    inputs = {"text": np.array([[3.0, 4.0]]), "image": np.array([[1.0, 2.0]]), "audio": [[0.0]]}
    inputs = {name: np.asarray(vector, "float32") for name, vector in inputs.items()}
    np.testing.assert_array_equal(to_numpy(ConcatFusion()(inputs)), [[0, 1, 2, 3, 4]])


def test_concat_with_units_mixes_the_concatenation():
    inputs = vectors([3, 5])
    layer = ConcatFusion(6)
    result = to_numpy(layer(inputs))
    kernel, bias = (to_numpy(weight) for weight in layer.weights)
    joined = np.concatenate([inputs["image"], inputs["text"]], axis=1)
    assert_close(result, np.maximum(joined @ kernel + bias, 0), steps=count_steps(layer, inputs))
    assert result.min() == 0  # the ReLU had something to do


def test_sum_adds():
    inputs = vectors([4, 4, 4])
    expected = inputs["image"] + inputs["text"] + inputs["audio"]
    assert_close(to_numpy(SumFusion()(inputs)), expected, steps=2)


@pytest.mark.parametrize("modalities", [1, 2, 3, 4])
def test_sum_of_maps_is_one_map_of_the_concatenation(modalities):
    inputs = vectors([3, 5, 2, 4][:modalities])
    layer = SumFusion(6)
    result = to_numpy(layer(inputs))
    maps = {name: to_numpy(layer.maps[name].kernel) for name in inputs}
    names = sorted(inputs)
    joined = np.concatenate([inputs[name] for name in names], axis=1)
    stacked = np.concatenate([maps[name] for name in names], axis=0)
    assert_close(result, joined @ stacked, steps=count_steps(layer, inputs))
    assert len(layer.weights) == modalities  # no bias: the maps' biases would be one


def test_sum_of_several_sizes_needs_units():
    with pytest.raises(ValueError, match=r"units must be given .*'image': 3, 'text': 5"):
        SumFusion()(vectors([3, 5]))


@pytest.mark.parametrize("layer", [ConcatFusion, SumFusion])
def test_units_must_be_positive(layer):
    with pytest.raises(ValueError, match="units must be at least 1, got 0"):
        layer(0)


# --- presence

ALL = sorted(LAYERS)


def some_present(inputs, seed=3):
    """Every pattern of presence but none, one a row."""
    count = len(inputs)
    patterns = np.array([[bool(i >> j & 1) for j in range(count)] for i in range(1, 2**count)])
    rows = {name: np.repeat(v[:1], len(patterns), axis=0) for name, v in inputs.items()}
    return rows, patterns


def with_absent(inputs, presence, content):
    changed = {name: vector.copy() for name, vector in inputs.items()}
    for column, name in enumerate(sorted(inputs)):
        changed[name][~presence[:, column]] = content
    return changed


@pytest.mark.parametrize("content", [np.nan, np.inf, 1e30])
@pytest.mark.parametrize("name", ALL)
def test_content_of_an_absent_modality_cannot_matter(name, content):
    make, inputs = LAYERS[name]
    rows, presence = some_present(inputs)
    layer = make()
    expected = to_numpy(layer(rows, presence=presence))
    assert np.isfinite(expected).all()
    result = layer(with_absent(rows, presence, content), presence=presence)
    np.testing.assert_array_equal(to_numpy(result), expected)


@keras.saving.register_keras_serializable(package="tests")
class Offset(keras.layers.Layer):
    """Add a trainable array: its gradient is the gradient of what comes out."""

    def build(self, shape):
        self.offset = self.add_weight(shape=(7, shape[-1]), initializer="zeros", name="offset")

    def call(self, x):
        return x + self.offset


@pytest.mark.parametrize("name", ["concat_units", "sum_units", "late_weights", "late_product"])
def test_gradient_of_an_absent_modality_is_zero_and_of_others_finite(name):
    make, inputs = LAYERS[name]
    inputs = {key: inputs[key] for key in list(inputs)[:3]}
    rows, presence = some_present(inputs)
    layer = make()
    offsets = {key: Offset(name=f"of_{key}") for key in rows}
    entrances = {key: keras.Input(batch_shape=v.shape, name=key) for key, v in rows.items()}
    here = keras.Input(batch_shape=presence.shape, dtype="bool", name="presence")
    moved = {key: offsets[key](entrance) for key, entrance in entrances.items()}
    model = keras.Model({**entrances, "presence": here}, layer(moved, presence=here))
    batch = {**with_absent(rows, presence, np.nan), "presence": presence}
    targets = make_rng().normal(size=(len(presence), *model.output_shape[1:]))
    gradients = train_one_step(model, batch, targets=targets.astype("float32"))
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())
    for column, key in enumerate(sorted(rows)):
        gradient = np.abs(gradients[offsets[key].offset.path]).max(axis=1)
        np.testing.assert_array_equal(gradient > 0, presence[:, column], err_msg=key)


@pytest.mark.parametrize("name", ALL)
def test_everything_present_is_the_default(name):
    make, inputs = LAYERS[name]
    layer = make()
    expected = to_numpy(layer(inputs))
    for kind in (bool, "int32", "float32"):
        presence = np.ones((4, len(inputs)), dtype=kind)
        result = to_numpy(layer(inputs, presence=presence))
        assert_close(result, expected, steps=POOL)


@pytest.mark.parametrize("name", ALL)
def test_nothing_present_is_finite(name):
    make, inputs = LAYERS[name]
    presence = np.zeros((4, len(inputs)), dtype=bool)
    result = to_numpy(make()(inputs, presence=presence))
    assert np.isfinite(result).all()
    assert_close(result, np.repeat(result[:1], 4, axis=0), steps=POOL)


def test_columns_of_presence_are_in_the_order_of_the_names():
    inputs = vectors([2, 2])
    first = np.tile([[True, False]], (4, 1))
    result = to_numpy(ConcatFusion()(inputs, presence=first))
    np.testing.assert_array_equal(result, np.hstack([inputs["image"], np.zeros((4, 2))]))
    result = to_numpy(SumFusion()(inputs, presence=~first))
    np.testing.assert_array_equal(result, inputs["text"])


@pytest.mark.parametrize("shape", [(4, 1), (4, 3), (4,), (4, 2, 1)])
def test_presence_of_another_shape_is_refused(shape):
    message = r"presence must have shape \(batch, 2\), one column for each of 'image' and 'text'"
    with pytest.raises(ValueError, match=message):
        SumFusion()(vectors([4, 4]), presence=np.ones(shape, bool))


# --- late fusion


def pool_by_hand(inputs, weights, pool):
    """The two pools of Kittler et al., in probabilities."""
    total = sum(weights.values())
    chances = {name: np.exp(log_softmax(v.astype(float), axis=1)) for name, v in inputs.items()}
    if pool == "mean":
        pooled = sum(weights[name] / total * chances[name] for name in inputs)
    else:
        pooled = np.prod([chances[name] ** (weights[name] / total) for name in inputs], axis=0)
    return np.log(pooled / pooled.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("pool", ["mean", "product"])
@pytest.mark.parametrize("modalities", [1, 2, 3, 4])
def test_late_fusion_pools_probabilities(pool, modalities):
    inputs = vectors([5] * modalities, batch=6)
    weights = dict(zip(inputs, [3.0, 0.25, 1.0, 2.0], strict=False))
    result = to_numpy(LateFusion(weights, pool=pool)(inputs))
    assert_close(result, pool_by_hand(inputs, weights, pool), steps=POOL)
    equal = to_numpy(LateFusion(pool=pool)(inputs))
    expected = pool_by_hand(inputs, dict.fromkeys(inputs, 1.0), pool)
    assert_close(equal, expected, steps=POOL)


@pytest.mark.parametrize("pool", ["mean", "product"])
def test_late_fusion_gives_log_probabilities_of_any_logits(pool):
    inputs = {name: 300 * vector for name, vector in vectors([5, 5]).items()}
    result = to_numpy(LateFusion(pool=pool)(inputs))
    assert np.isfinite(result).all()
    assert_close(logsumexp(result, axis=1), 0, steps=POOL, scale=np.abs(result).max())
    shifted = {name: vector + 7 for name, vector in inputs.items()}
    assert_close(to_numpy(LateFusion(pool=pool)(shifted)), result, steps=POOL)


@pytest.mark.parametrize("pool", ["mean", "product"])
@pytest.mark.parametrize("scale", [1e-12, 0.1, 1e12])
def test_only_the_ratio_of_weights_counts(pool, scale):
    inputs = vectors([5, 5])
    once = LateFusion({"image": 3, "text": 1}, pool=pool)(inputs)
    again = LateFusion({"image": 3 * scale, "text": scale}, pool=pool)(inputs)
    assert_close(to_numpy(again), to_numpy(once), steps=POOL)


@pytest.mark.parametrize("pool", ["mean", "product"])
def test_a_modality_with_all_the_weight_decides_alone(pool):
    inputs = vectors([5, 5])
    inputs["image"] = 100 * inputs["image"]  # far tails too
    result = to_numpy(LateFusion({"image": 2, "text": 0}, pool=pool)(inputs))
    assert_close(result, log_softmax(inputs["image"], axis=1), steps=POOL)


@pytest.mark.parametrize("pool", ["mean", "product"])
def test_weights_of_absent_modalities_go_to_those_present(pool):
    inputs = vectors([5, 5, 5])
    weights = {"image": 3.0, "text": 1.0, "audio": 2.0}
    layer = LateFusion(weights, pool=pool)
    presence = np.tile([[True, True, False]], (4, 1))  # audio, image, text
    expected = pool_by_hand(
        {name: inputs[name] for name in ("audio", "image")}, {"audio": 2.0, "image": 3.0}, pool
    )
    assert_close(to_numpy(layer(inputs, presence=presence)), expected, steps=POOL)
    presence = np.tile([[False, False, True]], (4, 1))
    alone = to_numpy(layer(inputs, presence=presence))
    assert_close(alone, log_softmax(inputs["text"], axis=1), steps=POOL)


@pytest.mark.parametrize("pool", ["mean", "product"])
@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_without_a_vote_all_classes_are_equal(pool, dtype):
    inputs = vectors([5, 5])
    layer = LateFusion({"image": 1, "text": 0}, pool=pool, dtype=dtype)
    even = np.full((4, 5), -np.log(5))
    for presence in ([False, False], [False, True]):  # nobody, or nobody whose vote counts
        result = to_numpy(layer(inputs, presence=np.tile([presence], (4, 1))))
        assert_close(result, even, steps=8)


@pytest.mark.parametrize("pool", ["mean", "product"])
def test_agreement_of_two_is_kept_by_the_mean_and_sharpened_by_no_weighting(pool):
    """Two equal votes are that vote: weights sum to 1, so nothing is counted twice."""
    vector = vectors([5])["image"]
    result = to_numpy(LateFusion(pool=pool)({"image": vector, "text": vector}))
    assert_close(result, log_softmax(vector, axis=1), steps=POOL)


def test_one_veto_counts_in_the_product_and_not_in_the_mean():
    inputs = {
        "image": np.array([[0.0, 0.0, -20.0]], "float32"),
        "text": np.array([[-20.0, 0.0, 0.0]], "float32"),
    }
    mean = np.exp(to_numpy(LateFusion()(inputs)))[0]
    product = np.exp(to_numpy(LateFusion(pool="product")(inputs)))[0]
    geometric = np.exp([-10, 0, -10])  # the veto of either
    assert_close(mean, [0.25, 0.5, 0.25], steps=POOL)
    assert_close(product, geometric / geometric.sum(), steps=POOL)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({}, "weights must not be all zero"),
        ({"image": 0, "text": 0}, "weights must not be all zero"),
        ({"image": 2, "text": -1}, r"weights\['text'\] must be at least 0, got -1"),
        ({"image": float("nan"), "text": 1}, r"weights\['image'\] must be at least 0, got nan"),
        ({"image": float("inf"), "text": 1}, r"weights\['image'\] must be .* finite, got inf"),
    ],
)
def test_weights_must_make_sense(weights, message):
    with pytest.raises(ValueError, match=message):
        LateFusion(weights)


def test_late_fusion_says_what_else_is_wrong():
    with pytest.raises(TypeError, match=r"weights must be a dict such as .*, got list"):
        LateFusion([1, 2])
    with pytest.raises(ValueError, match=r"pool must be one of .*'mean', 'product'.*got 'max'"):
        LateFusion(pool="max")
    with pytest.raises(ValueError, match="inputs must hold logits of the same classes"):
        LateFusion()(vectors([4, 5]))
    with pytest.raises(ValueError, match=r"weights must be of \['image', 'text'\], got \['image'"):
        LateFusion({"image": 1, "sound": 1})(vectors([4, 4]))
    with pytest.raises(ValueError, match=r"weights must be of .*got \['image'\]"):
        LateFusion({"image": 1})(vectors([4, 4]))


# --- modality dropout


def test_modality_dropout_drops_each_as_often_as_asked_and_never_all():
    rate, rows = 0.3, 20_000
    layer = ModalityDropout(rate, seed=0)
    kept = to_numpy(layer(np.ones((rows, 2), bool), training=True))
    assert kept.dtype == bool
    assert kept.any(axis=1).all()
    share = {pattern: np.mean((kept == pattern).all(axis=1)) for pattern in [(0, 1), (1, 0)]}
    for observed in share.values():  # four standard errors
        assert abs(observed - rate * (1 - rate)) < 4 * np.sqrt(0.21 * 0.79 / rows)
    kept = to_numpy(layer(np.ones((rows, 3), bool), training=True))
    expected = rate - rate**3  # where all three would go, none does
    assert np.abs((~kept).mean(axis=0) - expected).max() < 4 * np.sqrt(0.25 / rows)


def test_modality_dropout_never_brings_back_what_is_absent():
    presence = np.tile([[True, False, True], [False, True, False], [False] * 3], (500, 1))
    kept = to_numpy(ModalityDropout(0.6, seed=0)(presence, training=True))
    assert not kept[~presence].any()
    np.testing.assert_array_equal(kept.any(axis=1), presence.any(axis=1))
    assert (kept != presence).any()


def test_modality_dropout_acts_in_training_alone_and_by_its_seed():
    presence = make_rng().random((200, 3)) > 0.3
    layer = ModalityDropout(0.5, seed=1)
    np.testing.assert_array_equal(to_numpy(layer(presence)), presence)
    np.testing.assert_array_equal(to_numpy(layer(presence, training=False)), presence)
    first = to_numpy(layer(presence, training=True))
    again = to_numpy(ModalityDropout(0.5, seed=1)(presence, training=True))
    np.testing.assert_array_equal(first, again)
    assert (first != to_numpy(layer(presence, training=True))).any()
    never = to_numpy(ModalityDropout(0)(presence, training=True))
    np.testing.assert_array_equal(never, presence)


def test_modality_dropout_config_and_symbolic_type():
    layer = ModalityDropout(0.4, seed=7)
    again = ModalityDropout.from_config(layer.get_config())
    assert (again.rate, again.seed) == (0.4, 7)
    announced = layer(keras.Input((3,), dtype="bool"))
    assert (announced.shape, announced.dtype) == ((None, 3), "bool")
    assert layer.compute_output_shape((5, 3)) == (5, 3)


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5])
def test_modality_dropout_says_that_its_rate_is_wrong(rate):
    with pytest.raises(ValueError, match="rate must be at least 0 and below 1"):
        ModalityDropout(rate)
