"""What encoders share: a look at what comes in, wherever there are values to see."""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_array

MAX_PIXEL = 16  # standardised pictures leave 0..1, but not by so much; bytes do
EXACT_INTEGERS = {"float16": 2**11, "bfloat16": 2**8}  # up to where these count without a gap


def to_array(name: str, given: Any) -> Any:
    """Return tensors as they are, all else as an array; refuse what holds no numbers."""
    if ops.is_tensor(given) or isinstance(given, keras.KerasTensor):
        return given
    if isinstance(given, (str, bytes, dict, type(None))):
        raise TypeError(f"{name} must be an array of numbers, got {given!r}")
    return check_array(name, given, finite=False)


def value_range(array: Any) -> tuple[float, float] | None:
    """Return the least and the greatest number; None for no numbers, or in a compiled graph."""
    if 0 in tuple(array.shape) or isinstance(array, keras.KerasTensor):
        return None
    if isinstance(array, np.ndarray):
        return float(array.min()), float(array.max())
    try:
        return float(ops.min(array)), float(ops.max(array))
    except (TypeError, RuntimeError):  # inside a compiled graph there are no values to see
        return None


def to_booleans(name: str, given: Any) -> Any:
    """Return booleans; refuse what is neither 0 nor 1, where values can be seen."""
    array = to_array(name, given)
    if keras.backend.standardize_dtype(array.dtype) == "bool":
        return array
    if isinstance(array, np.ndarray):
        booleans, binary = array.astype(bool), bool(np.isin(array, (0, 1)).all())
    elif isinstance(array, keras.KerasTensor):
        booleans, binary = ops.cast(array, "bool"), True
    else:
        booleans = ops.cast(array, "bool")
        try:
            binary = bool(ops.all(ops.equal(array, ops.cast(booleans, array.dtype))))
        except (TypeError, RuntimeError):  # inside a compiled graph there are no values to see
            binary = True
    if not binary:
        raise ValueError(f"{name} must hold True and False, or 1 and 0; got other numbers")
    return booleans


def check_ids_type(name: str, ids: Any, rows: int) -> None:
    """Refuse a type that cannot hold the ids of a table of so many rows.

    Floats come from ``keras.Sequential`` and ``keras.Input``, which make them of whole numbers;
    what a user hands over is a NumPy array, and holds whole numbers from the start.
    """
    dtype = keras.backend.standardize_dtype(ids.dtype)
    floats = keras.backend.is_float_dtype(dtype) and not isinstance(ids, np.ndarray)
    if floats and rows > EXACT_INTEGERS.get(dtype, 2**24):
        raise ValueError(
            f"{name} up to {rows - 1} do not fit into {dtype}: put keras.Input(..., dtype='int32') "
            "in front"
        )
    if not floats and not keras.backend.is_int_dtype(dtype):
        raise ValueError(
            f"{name} must be whole numbers, such as Vocabulary.encode returns; got {dtype}"
        )


def check_ids(name: str, ids: Any, rows: int) -> None:
    """Refuse ids that a table of so many rows does not hold, where values can be seen."""
    check_ids_type(name, ids, rows)
    seen = value_range(ids)
    if seen is None:
        return
    floats = keras.backend.is_float_dtype(keras.backend.standardize_dtype(ids.dtype))
    if floats and not bool(ops.all(ops.equal(ids, ops.floor(ids)))):
        raise ValueError(f"{name} must be whole numbers, got {seen[0]:g}..{seen[1]:g}")
    if seen[0] < 0 or seen[1] >= rows:
        raise ValueError(
            f"{name} must lie in 0..{rows - 1}, the rows of the embedding table; "
            f"got {seen[0]:.0f}..{seen[1]:.0f}"
        )


def replace_unknown_ids(ids: Any, rows: int) -> Any:
    """Put 1, "unknown", for what is no id; without, some backends take another word."""
    whole = ops.cast(ids, "int64")
    known = ops.logical_and(whole >= 0, whole < rows)
    if keras.backend.is_float_dtype(keras.backend.standardize_dtype(ids.dtype)):
        known = ops.logical_and(known, ops.equal(ids, ops.floor(ids)))
    return ops.where(known, whole, ops.ones_like(whole))


def check_pictures_type(name: str, pictures: Any) -> None:
    """Refuse bytes."""
    dtype = keras.backend.standardize_dtype(pictures.dtype)
    if not keras.backend.is_float_dtype(dtype):
        raise ValueError(f"{name} must hold floats in 0..1, got {dtype}; divide bytes by 255")


def check_pictures(name: str, pictures: Any) -> None:
    """Refuse bytes, and floats as large as bytes, where values can be seen."""
    check_pictures_type(name, pictures)
    seen = value_range(pictures)
    if seen is not None and (seen[0] < -MAX_PIXEL or seen[1] > MAX_PIXEL):
        raise ValueError(
            f"{name} must hold floats in 0..1, got {seen[0]:g}..{seen[1]:g}; divide bytes by 255"
        )


def check_channels_last(name: str, shape: tuple) -> None:
    """Refuse pictures whose colours stand in front of height and width."""
    if shape[-3] in (1, 3) and (shape[-1] or 0) > 4:
        raise ValueError(
            f"{name} must end in (height, width, channels), got {tuple(shape)}: the channels seem "
            "to stand in front; move them with numpy.moveaxis(images, -3, -1)"
        )


def check_fit(name: str, shape: tuple, first: tuple, axes: tuple[int, ...]) -> None:
    """Refuse a shape that differs, on these axes, from the one the weights were made for."""
    if any(None not in (shape[i], first[i]) and shape[i] != first[i] for i in axes):
        wanted = tuple(size if i in axes else None for i, size in enumerate(first))
        raise ValueError(f"{name} must have shape {wanted}, as when it was built; got {shape}")


def check_layer(name: str, given: Any) -> layers.Layer:
    """Return ``given``, if it is a Keras layer; a class or a function is none."""
    if isinstance(given, type):
        raise TypeError(f"{name} must be a layer, got the class: write {given.__name__}(...)")
    if not isinstance(given, layers.Layer):
        raise TypeError(f"{name} must be a Keras layer, got {given!r}")
    return given


def build_layer(layer: layers.Layer, shape: tuple, dtype: str | None = None) -> tuple:
    """Make a layer's weights, unless it comes with them; return the shape of what comes out."""
    if type(layer).compute_output_shape is layers.Layer.compute_output_shape:
        # A layer with `call` alone: a dry run makes its weights and finds the shape.
        return tuple(layer(keras.KerasTensor(shape, dtype=dtype or "float32")).shape)
    if not layer.built:
        layer.build(shape)
    return tuple(layer.compute_output_shape(shape))


class Encoder(layers.Layer):
    """What every encoder shares: it takes lists too, and says so if it cannot take what comes."""

    def __call__(self, inputs: Any, *args, **kwargs) -> Any:
        """Look at the kind and the shape of what comes in, before Keras does."""
        inputs = to_array("inputs", inputs)
        if kwargs.get("mask") is not None:
            kwargs["mask"] = to_array("mask", kwargs["mask"])
        self.check_type(inputs)
        self.check_shape(tuple(inputs.shape))
        if inputs.shape[0] == 0:  # kernels fail on nothing: encode one row, and leave it out
            row = ops.zeros((1, *inputs.shape[1:]), keras.backend.standardize_dtype(inputs.dtype))
            return super().__call__(row, training=False)[:0]
        return super().__call__(inputs, *args, **kwargs)

    def check_type(self, inputs: Any) -> None:
        """Refuse another kind of numbers."""

    def check_shape(self, shape: tuple) -> None:
        """Refuse another shape than the encoder takes, or was built for."""

    def check_values(self, inputs: Any) -> None:
        """Refuse numbers out of range, where values can be seen."""
