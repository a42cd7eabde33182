"""The learnt temperature: what it starts with, how it moves, and where it stops."""

import keras
import numpy as np
import pytest
from layer_checks import LAYER_CHECKS, LayerCase, pair, to_numpy
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import LogitScale
from mmtutorial.cross_modal._unit_projection import UnitProjection

pytestmark = pytest.mark.backend
COSINES = make_rng().uniform(-1, 1, size=(4, 6)).astype("float32")
CASES = {
    "clip": LayerCase(lambda **k: LogitScale(5.0, **k), COSINES),
    "siglip": LayerCase(lambda **k: LogitScale(10.0, bias=-10.0, maximum=None, **k), COSINES),
}


@pair(CASES, LAYER_CHECKS)
def test_layer(case, check):
    check(case.make, case.inputs)


def test_it_multiplies_and_adds():
    plain, with_bias = LogitScale(), LogitScale(10.0, bias=-10.0)
    assert_close(to_numpy(plain(COSINES)), COSINES / 0.07, steps=4)
    assert_close(to_numpy(with_bias(COSINES)), 10 * COSINES - 10, steps=4, scale=20.0)
    assert len(plain.weights) == 1
    assert len(with_bias.weights) == 2
    assert to_numpy(plain.bias) == 0
    assert_close(to_numpy(plain.scale), np.float32(1 / 0.07), steps=2)


def train(layer, sign, steps=3, rate=0.5):
    """Raise or lower all logits of cosines of 1."""

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.layer = layer

        def call(self, x):
            return self.layer(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return sign * keras.ops.mean(y_pred)

    model = Model()
    model.compile(keras.optimizers.SGD(rate), jit_compile=False, run_eagerly=True)
    for _ in range(steps):
        model.train_on_batch(np.ones((2, 2), "float32"))
    return float(to_numpy(layer.scale))


def test_the_scale_is_learnt_and_cut_off_at_its_maximum():
    assert train(LogitScale(5.0), 1) < 5
    assert 5 < train(LogitScale(5.0), -1, steps=1, rate=0.01) < 6
    layer = LogitScale(90.0)
    assert train(layer, -1) == pytest.approx(100, rel=1e-6)
    assert train(layer, 1, steps=1, rate=0.001) < 95  # and comes back from there
    assert train(LogitScale(90.0, maximum=None), -1, steps=1, rate=0.01) > 200


def test_the_scale_stays_in_float32_under_mixed_precision():
    layer = LogitScale(99.9, dtype="mixed_float16")
    layer.build()
    assert_close(to_numpy(layer.scale), np.float32(99.9), steps=4)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"initial": 0}, ValueError, "initial must be above 0"),
        ({"initial": 101.0}, ValueError, "initial must be .* at most 100, got 101"),
        ({"initial": "10"}, TypeError, "initial must be a number"),
        ({"maximum": 0}, ValueError, "maximum must be above 0"),
        ({"bias": np.nan}, ValueError, "bias must be"),
        ({"bias": "0"}, TypeError, "bias must be a number"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        LogitScale(**options)


# --- the projection behind each encoder

VECTORS = make_rng(1).normal(size=(4, 6)).astype("float32")


def test_projection_has_length_one_in_float32():
    for dtype in ("float32", "mixed_float16", "mixed_bfloat16"):
        layer = UnitProjection(3, dropout=0.5, dtype=dtype)
        found = layer(VECTORS)
        assert keras.backend.standardize_dtype(found.dtype) == "float32"
        lengths = np.linalg.norm(to_numpy(found), axis=1)
        assert_close(lengths, np.ones(4), steps=8)
        entrance = keras.Input((6,))
        assert keras.Model(entrance, layer(entrance)).output.dtype == "float32"


def test_projection_is_a_linear_map_brought_to_length_one():
    layer = UnitProjection(3)
    mapped = VECTORS @ to_numpy((layer(VECTORS), layer.project.kernel)[1])
    expected = mapped / np.linalg.norm(mapped, axis=1)[:, None]
    assert_close(to_numpy(layer(VECTORS)), expected, steps=30)
    assert not to_numpy(layer(np.zeros_like(VECTORS))).any()
    again = UnitProjection.from_config(layer.get_config())
    assert (again.units, again.dropout) == (3, 0.0)
