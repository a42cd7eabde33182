"""What every fusion must survive, beside the checks of a layer.

`PRESENCE_CHECKS` and `SEQUENCE_CHECKS` are called as those in `layer_checks` are: with a factory
``make(**options)`` and a dict of vectors.
"""

import keras
import numpy as np
import pytest
from layer_checks import random_targets, to_numpy, train_one_step
from tolerance import assert_close, assert_differ, count_steps, make_rng

NAMES = ("text", "image", "video", "audio", "touch", "depth")  # on purpose not in sorted order


def vectors(sizes, batch=4, seed=0):
    """Draw ``{modality: (batch, size)}``, one for each size."""
    rng = make_rng(seed)
    return {
        name: rng.normal(size=(batch, size)).astype("float32")
        for name, size in zip(NAMES, sizes, strict=False)
    }


def sequences(inputs, seed=1):
    """Draw sequences of the same sizes, each of another length, and masks with padding."""
    rng = make_rng(seed)
    tokens, masks = {}, {}
    for time, (name, vector) in enumerate(inputs.items(), start=3):
        batch, size = vector.shape
        tokens[name] = rng.normal(size=(batch, time, size)).astype("float32")
        masks[name] = np.arange(time) < rng.integers(1, time + 1, size=(batch, 1))
        masks[name][0] = True
        masks[name][1] = np.arange(time) == time - 1  # padding in front, too
    return tokens, masks


def every_presence(inputs):
    """Repeat the first row once for every pattern of presence, the last of all absent."""
    count = len(inputs)
    patterns = [[bool(i >> j & 1) for j in range(count)] for i in range(2**count)]
    rows = {name: np.repeat(v[:1], len(patterns), axis=0) for name, v in inputs.items()}
    return rows, np.array(patterns[::-1])


def with_absent(inputs, presence, content):
    """Write ``content`` wherever a modality is absent."""
    changed = {name: array.copy() for name, array in inputs.items()}
    for column, name in enumerate(sorted(inputs)):
        changed[name][~presence[:, column]] = content
    return changed


@keras.saving.register_keras_serializable(package="tests")
class Shift(keras.layers.Layer):
    """Add a trainable array: its gradient is the gradient of what comes out."""

    def build(self, shape):
        self.shift = self.add_weight(shape=shape, initializer="zeros", name="shift")

    def call(self, x):
        return x + self.shift


def check_absent_content(make, inputs):
    """What stands in an absent modality, even NaN, changes nothing, and nothing is infinite."""
    rows, presence = every_presence(inputs)
    layer = make()
    expected = to_numpy(layer(rows, presence=presence))
    assert np.isfinite(expected).all()
    for content in (np.nan, np.inf, 1e30):
        result = layer(with_absent(rows, presence, content), presence=presence)
        np.testing.assert_array_equal(to_numpy(result), expected)


def check_presence_matters(make, inputs):
    """To take a modality away, any of them, changes the result."""
    layer = make()
    expected = to_numpy(layer(inputs))
    for column in range(len(inputs)):
        presence = np.ones((4, len(inputs)), bool)
        presence[:, column] = False
        result = to_numpy(layer(inputs, presence=presence))
        assert_differ(result, expected, steps=count_steps(layer, inputs))


def check_absent_gradient(make, inputs):
    """No gradient reaches what is absent; where NaN stands there, all others stay finite."""
    rows, presence = every_presence(inputs)
    shifts = {name: Shift(name=f"of_{name}") for name in rows}
    entrances = {k: keras.Input(batch_shape=v.shape, name=k) for k, v in rows.items()}
    here = keras.Input(batch_shape=presence.shape, dtype="bool", name="presence")
    shifted = {name: shifts[name](entrance) for name, entrance in entrances.items()}
    model = keras.Model({**entrances, "presence": here}, make()(shifted, presence=here))
    batch = {**with_absent(rows, presence, np.nan), "presence": presence}
    gradients = train_one_step(model, batch, targets=random_targets(model, len(presence)))
    for path, gradient in gradients.items():
        assert np.isfinite(gradient).all(), path
    for column, name in enumerate(sorted(rows)):
        gradient = np.abs(gradients[shifts[name].shift.path]).max(axis=1)
        assert gradient[~presence[:, column]].max() == 0, name
        assert gradient[presence.all(axis=1)].min() > 0, name


def check_all_present(make, inputs):
    """That all is present is the default."""
    layer = make()
    expected = to_numpy(layer(inputs))
    for kind in (bool, "int32", "float32"):
        presence = np.ones((4, len(inputs)), dtype=kind)
        result = to_numpy(layer(inputs, presence=presence))
        assert_close(result, expected, steps=count_steps(layer, inputs))


def check_presence_shape(make, inputs):
    """Presence of another shape is refused."""
    takes = " and ".join(repr(name) for name in sorted(inputs))
    for shape in [(4, len(inputs) + 1), (4,), (4, len(inputs), 1)]:
        with pytest.raises(ValueError, match=f"one column for each of {takes}"):
            make()(inputs, presence=np.ones(shape, bool))


def check_padding(make, inputs):
    """Padding, however much and whatever stands in it, changes nothing."""
    tokens, masks = sequences(inputs)
    layer = make()
    expected = to_numpy(layer(tokens, mask=masks))
    for content in (0.0, np.nan):
        longer, longer_masks = {}, {}
        for name in tokens:
            padded = np.pad(tokens[name], ((0, 0), (0, 3), (0, 0)))
            longer_masks[name] = np.pad(masks[name], ((0, 0), (0, 3)))
            longer[name] = np.where(longer_masks[name][..., None], padded, np.float32(content))
        result = to_numpy(layer(longer, mask=longer_masks))
        assert_close(result, expected, steps=count_steps(layer, longer))
    # padding was there to be heard
    assert_differ(to_numpy(layer(tokens)), expected, steps=count_steps(layer, tokens))


def check_one_token(make, inputs):
    """A vector and a sequence of it alone are the same."""
    layer = make()
    expected = to_numpy(layer(inputs))
    tokens = {name: vector[:, None] for name, vector in inputs.items()}
    assert_close(to_numpy(layer(tokens)), expected, steps=count_steps(layer, tokens))


def check_no_real_token(make, inputs):
    """A sequence of padding alone is as good as an absent one."""
    tokens, masks = sequences(inputs)
    layer = make()
    for column, name in enumerate(sorted(inputs)):
        presence = np.ones((4, len(inputs)), bool)
        presence[:, column] = False
        expected = to_numpy(layer(tokens, presence=presence, mask=masks))
        empty = {**masks, name: np.zeros_like(masks[name])}
        result = to_numpy(layer(tokens, mask=empty))
        assert_close(result, expected, steps=count_steps(layer, tokens))


def check_keras_mask(make, inputs):
    """The mask that a layer before leaves counts as well, with presence and without."""
    tokens, masks = sequences(inputs)
    hidden = {name: np.where(masks[name][..., None], tokens[name], 0) for name in tokens}
    layer = make()
    for options in ({}, {"presence": np.tile([True] * (len(inputs) - 1) + [False], (4, 1))}):
        expected = to_numpy(layer(tokens, mask=masks, **options))
        masked = {name: keras.layers.Masking()(array) for name, array in hidden.items()}
        result = to_numpy(layer(masked, **options))
        assert_close(result, expected, steps=count_steps(layer, tokens))


def check_mask_shape(make, inputs):
    """A mask of another shape is refused, and so is an array that is neither."""
    tokens, masks = sequences(inputs)
    name = sorted(inputs)[0]
    with pytest.raises(ValueError, match=r"mask must have shape \(batch, time\)"):
        make()(tokens, mask={**masks, name: masks[name][:, :-1]})
    with pytest.raises(ValueError, match=f"'{name}' must have shape .batch, dim. or"):
        make()({**inputs, name: np.ones((4, 2, 2, 2), "float32")})


PRESENCE_CHECKS = (
    check_absent_content,
    check_presence_matters,
    check_absent_gradient,
    check_all_present,
    check_presence_shape,
)
SEQUENCE_CHECKS = (
    check_padding,
    check_one_token,
    check_no_real_token,
    check_keras_mask,
    check_mask_shape,
)
