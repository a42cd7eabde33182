"""What every layer of the package must survive: one helper for all of them.

A test names a layer by a factory, ``make(**options)``, and gives example inputs: an array, or a
dict of arrays. Parametrise over `LAYER_CHECKS`, and over `DICT_CHECKS` (layers that take a dict)
or `TOKEN_CHECKS` (layers that take ids) as well; each check is called with both. Many layers at
once are named as `LayerCase`s, and `pair` makes the parameters. Encoders of sound
and of moving pictures also go through `check_padded_steps`.
"""

import inspect
import json
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import tree
from tolerance import assert_close, count_steps, make_rng


@dataclass(frozen=True)
class LayerCase:
    """A layer to check: how it is made, what it takes, and which checks are not for it."""

    make: Callable
    inputs: object
    skip: tuple = ()


def pair(cases, checks):
    """Parametrise a test by ``case`` and ``check``: each of the cases with each of its checks."""
    return pytest.mark.parametrize(
        ("case", "check"),
        [
            pytest.param(case, check, id=f"{name}-{check.__name__}")
            for name, case in cases.items()
            for check in checks
            if check not in case.skip
        ],
    )


def to_numpy(tensor):
    """Return a tensor of any backend and any float type as a NumPy array."""
    if keras.backend.standardize_dtype(tensor.dtype) == "bfloat16":
        tensor = keras.ops.cast(tensor, "float32")
    return keras.ops.convert_to_numpy(tensor)


def to_keras_input(array, name=None):
    """Return the symbolic input that takes arrays like this one."""
    return keras.Input(array.shape[1:], dtype=str(array.dtype), name=name)


def to_model(layer, inputs, *, trainable_front=False):
    """Wrap a layer in a functional model, behind a dense layer a float input if asked to."""
    if isinstance(inputs, dict):
        entries = {name: to_keras_input(array, name) for name, array in inputs.items()}
    else:
        entries = to_keras_input(inputs)
    values = entries
    if trainable_front:
        values = tree.map_structure(
            # no bias: a layer that standardises its input would take it out again
            lambda x: (
                keras.layers.Dense(x.shape[-1], use_bias=False)(x) if "float" in x.dtype else x
            ),
            entries,
        )
    return keras.Model(entries, layer(values))


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
    return make_rng(1).normal(size=(batch, *model.output_shape[1:])).astype("float32")


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
    model = to_model(make(), inputs, trainable_front=True)
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
    # each with half of its eps: of the two computations, only one rounds so coarsely
    policies = {"mixed_bfloat16": 2.0**-8, "mixed_float16": 2.0**-11}
    if keras.backend.backend() == "tensorflow":  # on torch, Keras turns float64 into float32
        policies["float64"] = 2.0**-23  # what is expected is float32
    exact = make()
    expected = to_numpy(exact(inputs))
    for name, eps in policies.items():
        layer = make(dtype=name)
        assert to_model(layer, inputs).output.dtype == layer.compute_dtype
        layer.set_weights(exact.get_weights())
        result = layer(inputs)
        assert keras.backend.standardize_dtype(result.dtype) == layer.compute_dtype, name
        steps = count_steps(layer, inputs)
        if name != "float64":  # sums are added up in float32 and rounded once
            steps = 4 + sum(len(weight.shape) > 1 for weight in layer.weights)
        assert_close(to_numpy(result).astype("float64"), expected, steps=steps, eps=eps)
        if name != "float64":
            assert {weight.dtype for weight in layer.weights} <= {"float32"}


def check_gradients(make, inputs):
    """One step moves every trainable weight, and every weight in front of the layer."""
    layer = make()
    model = to_model(layer, inputs, trainable_front=True)
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
    model = to_model(make(), zeros, trainable_front=True)
    assert np.isfinite(to_numpy(model(zeros))).all()
    gradients = train_one_step(model, zeros, targets=random_targets(model, batch_size(inputs)))
    for path, gradient in gradients.items():
        assert np.isfinite(gradient).all(), path


def check_rows(make, inputs):
    """At inference a row's result does not depend on the other rows of its batch."""
    layer = make()
    together = to_numpy(layer(inputs, training=False))
    alone = to_numpy(layer(tree.map_structure(lambda a: a[1:2], inputs), training=False))
    assert_close(alone[0], together[1], steps=count_steps(layer, inputs))


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
        longer = np.concatenate(padded, axis=1)
        assert_close(to_numpy(layer(longer)), expected, steps=count_steps(layer, longer))


def check_padding_alone(make, inputs):
    """A text of padding alone is the same finite vector at every length, trained or not."""
    layer = make()
    layer(inputs)
    # Not the table's row 0 but the mask has to do it: give that row, which training may
    # move through an initializer or a reload, a value that would show.
    table = to_numpy(layer.table.embeddings).copy()
    table[0] = 100.0
    layer.table.embeddings.assign(table)
    short, long = (np.zeros((2, length), dtype=inputs.dtype) for length in (1, 9))
    expected = to_numpy(layer(short))
    assert_close(to_numpy(layer(long)), expected, steps=count_steps(layer, long))
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
        assert_close(row, alone, steps=count_steps(layer, padded))


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
