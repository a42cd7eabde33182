"""What comes into fusions: arrays by modality, presence, and masks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import layers, ops

from mmtutorial.encoders._base import to_array, to_booleans


def check_modalities(
    inputs: Any, expected: Sequence[str] | None = None, *, name: str = "inputs", of: str = "arrays"
) -> list[str]:
    """Return the sorted names of ``inputs``; say what is wrong if they are not ``expected``.

    ``name`` is what the caller calls them, and ``of`` what they are.
    """
    if not isinstance(inputs, dict):
        raise TypeError(
            f"{name} must be a dict of {of} keyed by modality, such as "
            f"{{'image': ..., 'text': ...}}; got {type(inputs).__name__}"
        )
    if not all(isinstance(modality, str) and modality for modality in inputs):
        raise TypeError(f"{name} must be named by texts, got {list(inputs)}")
    names = sorted(inputs)
    if expected is None:
        if not names:
            raise ValueError(f"{name} must hold at least one modality, got an empty dict")
        return names
    takes = " and ".join(repr(name) for name in expected)
    for name in names:
        if name not in expected:
            raise ValueError(f"unexpected modality {name!r}; this model takes {takes}")
    for name in expected:
        if name not in inputs:
            raise ValueError(f"missing modality {name!r}; this model takes {takes}")
    return names


def to_arrays(inputs: Any, expected: Sequence[str] | None = None) -> dict[str, Any]:
    """Return a dict of arrays; lists become arrays, since Keras takes none."""
    check_modalities(inputs, expected)
    return {name: to_array(f"inputs[{name!r}]", array) for name, array in inputs.items()}


def to_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a call, its presence and masks as arrays, since Keras mixes none."""
    options = dict(options)
    for name in ("presence", "mask"):
        given = options.get(name)
        if isinstance(given, dict):
            options[name] = {
                key: value if value is None else to_array(f"{name}[{key!r}]", value)
                for key, value in given.items()
            }
        elif given is not None:
            options[name] = to_array(name, given) if name == "presence" else check_masks(given, ())
    return options


def check_shape(name: str, shape: tuple, size: int | None = None) -> None:
    """Refuse what is neither vector nor sequence, or of another size than when it was built."""
    if len(shape) not in (2, 3) or (size is not None and shape[-1] != size):
        dim = "dim" if size is None else size
        raise ValueError(
            f"{name!r} must have shape (batch, {dim}) or (batch, time, {dim}), got {shape}"
        )


def check_rows(arrays: Mapping[str, Any]) -> None:
    """Refuse arrays of several lengths; one row would otherwise serve a whole batch."""
    rows = {name: array.shape[0] for name, array in arrays.items() if len(array.shape)}
    if len({count for count in rows.values() if count is not None}) > 1:
        raise ValueError(f"inputs must hold as many rows in each modality, got {rows}")


def take_presence(inputs: Any, presence: Any = None) -> tuple[Any, Any]:
    """Return the modalities and their presence, which may stand among the inputs."""
    if not isinstance(inputs, dict) or "presence" not in inputs:
        return inputs, presence
    if presence is not None:
        raise ValueError("presence must be given once: among the inputs, or by name")
    inputs = dict(inputs)
    return inputs, inputs.pop("presence")


def fill_left_out(
    inputs: Any, presence: Any, modalities: Sequence[str], seen: Mapping[str, Any]
) -> tuple[Any, Any]:
    """Put zeros for each modality that is left out; return the inputs and their presence.

    Left out is a modality that is None, or that is not among the inputs while ``presence``, if its
    values can be seen, is False in every row. ``seen`` has the shape and the type of each modality
    from the first call of the model. Everything else stays as it is, and is checked elsewhere.
    """
    if not isinstance(inputs, dict) or not set(inputs) <= set(modalities):
        return inputs, presence
    left_out = [name for name in modalities if inputs.get(name) is None]
    if not left_out:
        return inputs, presence
    given = {name: array for name, array in inputs.items() if array is not None}
    if presence is None:
        if not given or not set(left_out) <= set(inputs):
            return inputs, presence
        name, array = next(iter(given.items()))
        rows = next(iter(to_array(f"inputs[{name!r}]", array).shape), None)
        if rows is None:  # no array of rows; or a symbolic one
            return inputs, presence
        presence = {name: np.full(rows, name in given) for name in modalities}
    columns = split_presence(presence, modalities)
    for name in left_out:
        if not is_all_false(columns[name]):
            if name in inputs:
                raise ValueError(f"{name!r} is None, but presence does not say that it is absent")
            return inputs, presence
        if name not in seen:
            raise ValueError(
                f"{name!r} cannot be left out before the model was called once with all modalities"
            )
        (_, *shape), dtype = seen[name]
        given[name] = np.zeros((columns[name].shape[0], *shape), dtype)
    return given, presence


def is_all_false(booleans: Any) -> bool:
    """Say whether all are False; inside a compiled graph, where no value can be seen, they aren't.

    >>> is_all_false(np.array([[False], [False]]))
    True
    """
    try:
        return not bool(ops.any(booleans))
    except (TypeError, RuntimeError):
        return False


def split_presence(presence: Any, names: Sequence[str]) -> dict[str, Any]:
    """Split ``presence`` into one boolean ``(batch, 1)`` per modality.

    It is a dict of ``(batch,)``, or an array, ``(batch, modalities)`` in the order of ``names``.
    """
    takes = " and ".join(repr(name) for name in names)
    if not isinstance(presence, dict):
        presence = to_booleans("presence", presence)
        if len(presence.shape) != 2 or presence.shape[-1] != len(names):
            raise ValueError(
                f"presence must have shape (batch, {len(names)}), one column for each of "
                f"{takes}; got {tuple(presence.shape)}"
            )
        return {name: presence[:, i : i + 1] for i, name in enumerate(names)}
    if set(presence) != set(names):
        raise ValueError(f"presence must be of {takes}, got {list(presence)}")
    columns = {name: to_booleans(f"presence[{name!r}]", presence[name]) for name in names}
    for name, column in columns.items():
        if len(column.shape) != 1:
            raise ValueError(
                f"presence[{name!r}] must have shape (batch,), got {tuple(column.shape)}"
            )
    check_rows(columns)
    return {name: column[:, None] for name, column in columns.items()}


def stack_presence(presence: Any, names: Sequence[str]) -> Any:
    """Return ``presence`` as one array, ``(batch, modalities)``, or None."""
    if presence is None:
        return None
    columns = list(split_presence(presence, names).values())
    arrays = all(isinstance(column, np.ndarray) for column in columns)
    return (np if arrays else ops).concatenate(columns, axis=1)


def hide_absent(inputs: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    """Put zeros where a modality is absent; a product would not do, since 0 x NaN is NaN."""
    hidden = {}
    for name, column in present.items():
        array = ops.convert_to_tensor(inputs[name])
        column = ops.reshape(column, (-1, *[1] * (len(array.shape) - 1)))
        hidden[name] = ops.where(column, array, ops.zeros_like(array))
    return hidden


def check_masks(mask: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return a dict of masks; refuse those of no modality."""
    if mask is None:
        return {}
    if not isinstance(mask, dict):
        raise TypeError(
            "mask must be a dict of boolean (batch, time) keyed by modality, got "
            f"{type(mask).__name__}"
        )
    for name in mask:
        if name not in names:
            takes = " and ".join(map(repr, names))
            raise ValueError(f"mask of unexpected modality {name!r}; this model takes {takes}")
    return mask


def find_mask(array: Any, given: Any = None) -> Any:
    """Return the mask given or, failing that, the one that the layer before left, or None."""
    return getattr(array, "_keras_mask", None) if given is None else given


def layer_names(modalities: Sequence[str]) -> dict[str, str]:
    """Return for each modality a name that Keras takes for a layer: its own, where that will do."""
    names = {}
    for i, modality in enumerate(modalities):
        name = modality if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", modality) else f"input_{i}"
        while name != modality and (name in modalities or name in names.values()):
            name += "_"
        names[modality] = name
    return names


class ModalityLayer(layers.Layer):
    """Base of the layers that take a dict of arrays by modality."""

    modalities = None

    def __call__(self, inputs, *args, **kwargs):
        """Turn lists into arrays, and check the names, before Keras does."""
        inputs = to_arrays(inputs, self.modalities)
        return super().__call__(inputs, *args, **to_options(kwargs))
