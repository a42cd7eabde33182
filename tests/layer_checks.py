"""What every layer of the package must survive: one helper for all of them.

A test names a layer by a factory, ``make(**options)``, and gives example inputs: an array, or a
dict of arrays. Parametrise over `LAYER_CHECKS`, and over `DICT_CHECKS` (layers that take a dict)
or `TOKEN_CHECKS` (layers that take ids) as well; each check is called with both. Encoders of sound
and of moving pictures also go through `check_padded_steps`.
"""

import inspect
import json
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import tree


def to_numpy(tensor):
    """Return a tensor of any backend and any float type as a NumPy array."""
    if keras.backend.standardize_dtype(tensor.dtype) == "bfloat16":
        tensor = keras.ops.cast(tensor, "float32")
    return keras.ops.convert_to_numpy(tensor)


def to_entrance(array, name=None):
    return keras.Input(array.shape[1:], dtype=str(array.dtype), name=name)


def to_model(layer, inputs, *, front=False):
    """Wrap a layer in a functional model; ``front`` puts a dense layer before float inputs."""
    if isinstance(inputs, dict):
        entrances = {name: to_entrance(array, name) for name, array in inputs.items()}
    else:
        entrances = to_entrance(inputs)
    values = entrances
    if front:
        values = tree.map_structure(
            # no bias: a layer that standardises its input would take it out again
            lambda x: (
                keras.layers.Dense(x.shape[-1], use_bias=False)(x) if "float" in x.dtype else x
            ),
            entrances,
        )
    return keras.Model(entrances, layer(values))


def train_one_step(model, inputs, *, targets, eager=True):
    """Take one step of plain gradient descent; return each trainable weight's gradient.

    ``eager`` saves the second that TensorFlow takes to trace a graph.
    """
    optimizer = keras.optimizers.SGD(1.0)
    model.compile(optimizer=optimizer, loss="mse", jit_compile=False, run_eagerly=eager)
    before = [to_numpy(weight).copy() for weight in model.trainable_weights]
    loss = model.train_on_batch(inputs, targets)
    assert np.isfinite(loss)
    after = [to_numpy(weight) for weight in model.trainable_weights]
    return {
        weight.path: old - new
        for weight, old, new in zip(model.trainable_weights, before, after, strict=True)
    }


def random_targets(model, batch):
    return np.random.default_rng(1).normal(size=(batch, *model.output_shape[1:])).astype("float32")


def batch_size(inputs):
    return len(tree.flatten(inputs)[0])


def check_shape(make, inputs):
    """The shape that comes out is the one announced, known batch or not, built or not."""
    shapes = tree.map_structure(lambda a: a.shape, inputs)
    shapes = shapes if isinstance(inputs, dict) else inputs.shape
    announced = tuple(make().compute_output_shape(shapes))
    layer = make()
    assert tuple(layer(inputs).shape) == announced
    assert tuple(layer.compute_output_shape(shapes)) == announced
    assert to_model(make(), inputs).output_shape == (None, *announced[1:])


def check_config(make, inputs):
    """A layer is made again from its config, which holds every argument of the constructor."""
    layer = make()
    config = layer.get_config()
    arguments = inspect.signature(type(layer).__init__).parameters
    for name in set(arguments) - {"self", "args", "kwargs"}:
        assert name in config, f"get_config forgets {name!r}"
    again = type(layer).from_config(config)
    assert json.dumps(again.get_config(), default=repr) == json.dumps(config, default=repr)
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert tuple(restored(inputs).shape) == tuple(layer(inputs).shape)


def check_save_and_reload(make, inputs):
    """A trained model that holds the layer comes back from a .keras file bit for bit."""
    model = to_model(make(), inputs, front=True)
    train_one_step(model, inputs, targets=random_targets(model, batch_size(inputs)))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Keras only warns when it skips weights
        file = Path(folder) / "model.keras"
        model.save(file)
        again = keras.models.load_model(file)
    assert len(again.weights) == len(model.weights)
    for old, new in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(to_numpy(new), to_numpy(old), err_msg=old.path)
    np.testing.assert_array_equal(
        to_numpy(again(inputs, training=False)), to_numpy(model(inputs, training=False))
    )


def check_dtypes(make, inputs):
    """Under every dtype policy the result has the compute type and nearly the same values."""
    policies = ["mixed_bfloat16", "mixed_float16"]
    if keras.backend.backend() == "tensorflow":  # on torch, Keras turns float64 into float32
        policies.append("float64")
    exact = make()
    expected = to_numpy(exact(inputs))
    for name in policies:
        layer = make(dtype=name)
        assert to_model(layer, inputs).output.dtype == layer.compute_dtype
        layer.set_weights(exact.get_weights())
        result = layer(inputs)
        assert keras.backend.standardize_dtype(result.dtype) == layer.compute_dtype, name
        tolerance = 1e-5 if name == "float64" else 0.06
        np.testing.assert_allclose(
            to_numpy(result).astype("float64"), expected, rtol=tolerance, atol=tolerance
        )
        if name != "float64":
            assert {weight.dtype for weight in layer.weights} <= {"float32"}


def check_gradients(make, inputs):
    """One step moves every trainable weight, and every weight in front of the layer."""
    layer = make()
    model = to_model(layer, inputs, front=True)
    targets = random_targets(model, batch_size(inputs))
    gradients = train_one_step(model, inputs, targets=targets, eager=False)
    assert len(model.trainable_weights) >= len(layer.trainable_weights)
    assert gradients, "nothing here can be trained"
    for path, gradient in gradients.items():
        assert np.isfinite(gradient).all(), path
        assert np.abs(gradient).max() > 1e-7, f"{path} never moves"  # less is rounding


def check_zeros(make, inputs):
    """Inputs of nothing but zeros give finite numbers, forwards and backwards."""
    zeros = tree.map_structure(np.zeros_like, inputs)
    model = to_model(make(), zeros, front=True)
    assert np.isfinite(to_numpy(model(zeros))).all()
    gradients = train_one_step(model, zeros, targets=random_targets(model, batch_size(inputs)))
    for path, gradient in gradients.items():
        assert np.isfinite(gradient).all(), path


def check_rows(make, inputs):
    """At inference a row's result does not depend on the other rows of its batch."""
    layer = make()
    together = to_numpy(layer(inputs, training=False))
    alone = to_numpy(layer(tree.map_structure(lambda a: a[1:2], inputs), training=False))
    np.testing.assert_allclose(alone[0], together[1], rtol=1e-5, atol=1e-6)


def check_dict_order(make, inputs):
    """The order of the dict matters neither when weights are made nor when they are used."""
    backwards = dict(reversed(inputs.items()))
    assert list(backwards) != list(inputs)
    forth, back = make(), make()
    expected = to_numpy(forth(inputs))
    back(backwards)
    back.set_weights(forth.get_weights())
    np.testing.assert_array_equal(to_numpy(forth(backwards)), expected)
    np.testing.assert_array_equal(to_numpy(back(inputs)), expected)
    np.testing.assert_array_equal(to_numpy(to_model(forth, backwards)(inputs)), expected)


def check_wrong_keys(make, inputs):
    """A modality too many, too few, or of another name is refused by its name."""
    layer = make()
    layer(inputs)
    some = next(iter(inputs))
    takes = " and ".join(repr(name) for name in sorted(inputs))
    without = {name: array for name, array in inputs.items() if name != some}
    with pytest.raises(ValueError, match=f"missing modality '{some}'; this model takes {takes}"):
        layer(without)
    with pytest.raises(ValueError, match=f"unexpected modality 'zebra'; this model takes {takes}"):
        layer({**inputs, "zebra": inputs[some]})
    with pytest.raises(ValueError, match="unexpected modality 'zebra'"):
        layer({**without, "zebra": inputs[some]})


def check_list_refused(make, inputs):
    """A list instead of a dict could swap the modalities, so it is refused, built or not."""
    layer = make()
    with pytest.raises(TypeError, match=r"must be a dict of arrays keyed by modality.*got list"):
        layer(list(inputs.values()))
    layer = make()
    layer(inputs)
    with pytest.raises(TypeError, match=r"must be a dict of arrays keyed by modality.*got list"):
        layer(list(inputs.values()))


def check_padding(make, inputs):
    """More padding, at the end, in front or in between, changes nothing."""
    layer = make()
    expected = to_numpy(layer(inputs))
    batch = len(inputs)
    zeros = np.zeros((batch, 5), dtype=inputs.dtype)
    between = np.insert(inputs, range(1, inputs.shape[1]), 0, axis=1)
    for padded in ([inputs, zeros], [zeros, inputs], [zeros, between, zeros]):
        longer = to_numpy(layer(np.concatenate(padded, axis=1)))
        np.testing.assert_allclose(longer, expected, rtol=0, atol=1e-6)


def check_padding_alone(make, inputs):
    """A text of padding alone is the same finite vector at every length, trained or not."""
    layer = make()
    layer(inputs)
    # Not the table's row 0 but the mask has to do it: give that row, which training may
    # move through an initializer or a reload, a value that would show.
    for weight in layer.weights:
        if "embedding" in weight.path:
            table = to_numpy(weight).copy()
            table[0] = 100.0
            weight.assign(table)
    short = to_numpy(layer(np.zeros((2, 1), dtype=inputs.dtype)))
    long = to_numpy(layer(np.zeros((2, 9), dtype=inputs.dtype)))
    assert np.isfinite(short).all()
    np.testing.assert_array_equal(short, long)
    check_padding(lambda: layer, inputs)


def until(lengths, steps):
    """Return the mask of sequences that are real for so many steps and then padded."""
    return np.arange(steps) < np.asarray(lengths)[:, None]


def check_padded_steps(layer, steps, lengths, padding, garbage, output_length=int):
    """However much padding there is and whatever it holds: each row comes out as if alone."""
    mask = until(lengths, steps.shape[1] + padding)
    padded = np.pad(steps, [(0, 0), (0, padding)] + [(0, 0)] * (steps.ndim - 2))
    real = mask.reshape(mask.shape + (1,) * (steps.ndim - 2))
    together = to_numpy(
        layer(np.where(real, padded, np.float32(garbage)), mask=mask, training=False)
    )
    assert np.isfinite(together).all()
    for row, each, length in zip(together, steps, lengths, strict=True):
        if layer.sequence:
            assert not row[output_length(length) :].any()
            row = row[: output_length(length)]
        if not length:
            assert not row.any()
            continue
        alone = to_numpy(layer(each[None, :length], training=False))[0]
        np.testing.assert_allclose(row, alone, atol=1e-5)


LAYER_CHECKS = (
    check_shape,
    check_config,
    check_save_and_reload,
    check_dtypes,
    check_gradients,
    check_zeros,
    check_rows,
)
DICT_CHECKS = (check_dict_order, check_wrong_keys, check_list_refused)
TOKEN_CHECKS = (check_padding, check_padding_alone)
