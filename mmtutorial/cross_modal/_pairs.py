"""Two batches of embeddings whose rows belong together: what every contrastive loss begins with."""

from typing import Any

import keras
import numpy as np
from keras import ops

from mmtutorial._checks import check_number
from mmtutorial.encoders._base import to_array

LARGEST = 1e6  # a factor or a bias
NEVER = -1e30  # the logit of a pair that is left out: finite, so that gradients stay so


def to_float(name: str, given: Any) -> Any:
    """Return numbers as a tensor of float32, or of float64 where they came so."""
    tensor = ops.convert_to_tensor(to_array(name, given))
    double = keras.backend.standardize_dtype(tensor.dtype) == "float64"
    return ops.cast(tensor, "float64" if double else "float32")


def is_true(condition: Any) -> bool:
    """Say whether any entry is True; inside a compiled graph, where none can be seen, none is."""
    try:
        return bool(ops.any(condition))
    except (TypeError, RuntimeError):
        return False


def check_embeddings(**embeddings: Any) -> list[Any]:
    """Return batches ``(rows, dim)`` of one ``dim`` as float tensors.

    Refuse, where values can be seen, NaN and a row of zeros, which has no direction.
    """
    tensors = {name: to_float(name, given) for name, given in embeddings.items()}
    for name, tensor in tensors.items():
        if len(tensor.shape) != 2 or 0 in tuple(tensor.shape):
            raise ValueError(
                f"{name} must have shape (batch, dim), at least one pair, got {tuple(tensor.shape)}"
            )
        finite = ops.all(ops.isfinite(tensor), axis=1)
        for wrong, words in (
            (ops.logical_not(finite), "hold finite numbers"),
            (ops.all(ops.equal(tensor, 0), axis=1), "have a direction"),
        ):
            if is_true(wrong):
                row = int(ops.argmax(ops.cast(wrong, "int32")))
                numbers = np.array2string(ops.convert_to_numpy(tensor[row]), threshold=4)
                raise ValueError(f"{name} must {words}, but row {row} is {numbers}")
    check_same({name: tensor.shape[1] for name, tensor in tensors.items()}, "numbers per row")
    dtype = keras.backend.result_type(*(tensor.dtype for tensor in tensors.values()))
    return [ops.cast(tensor, dtype) for tensor in tensors.values()]


def check_same(counts: dict[str, int | None], what: str) -> None:
    """Refuse arguments that differ in a count; None is not known yet."""
    if len({count for count in counts.values() if count is not None}) > 1:
        raise ValueError(f"{' and '.join(counts)} must hold as many {what}, got {counts}")


def check_pairs(a: Any, b: Any) -> list[Any]:
    """Return two batches ``(batch, dim)`` of as many rows, of length 1."""
    a, b = check_embeddings(a=a, b=b)
    check_same({"a": a.shape[0], "b": b.shape[0]}, "rows")
    return [unit_length(a), unit_length(b)]


def check_scalar(name: str, given: Any, dtype: Any, *, above: float | None = None) -> Any:
    """Return a number, or a tensor or variable that holds one, as a tensor."""
    least = -LARGEST if above is None else None
    if isinstance(given, np.ndarray) and given.size == 1:
        given = given.item()
    if not ops.is_tensor(given) and not isinstance(given, keras.Variable):
        return ops.cast(check_number(name, given, above=above, most=LARGEST, least=least), dtype)
    if tuple(given.shape):
        raise ValueError(f"{name} must be one number, got shape {tuple(given.shape)}")
    return ops.cast(given, dtype)


def unit_length(vectors: Any) -> Any:
    """Divide each vector, ``(rows, dim)``, by its length; zeros stay, with a finite gradient.

    No square grows too large or vanishes, since the largest number of each row is 1 before.
    """
    peak = ops.stop_gradient(ops.max(ops.abs(vectors), axis=-1, keepdims=True))
    vectors = vectors / ops.where(peak > 0, peak, ops.ones_like(peak))
    squares = ops.sum(ops.square(vectors), axis=-1, keepdims=True)  # 0, or at least 1
    return vectors * ops.rsqrt(ops.maximum(squares, 0.5))


def check_matches(matches: Any, rows: int | None, columns: int | None, *, ids: bool = True) -> Any:
    """Return None, booleans ``(rows, columns)``, or, with ``ids``, the item of each pair."""
    if matches is None:
        return None
    matches = ops.convert_to_tensor(to_array("matches", matches))
    dtype, shape = keras.backend.standardize_dtype(matches.dtype), tuple(matches.shape)
    boolean = dtype == "bool" and len(shape) == 2
    whole = ids and keras.backend.is_int_dtype(dtype) and len(shape) == 1
    expected = (rows, columns) if boolean else (rows,)
    fits = all(a == b for a, b in zip(shape, expected, strict=False) if None not in (a, b))
    if not (boolean or whole) or not fits:
        or_ids = f", or whole numbers, one per item, of shape {(rows,)}" if ids else ""
        raise ValueError(
            f"matches must be boolean, of shape {rows, columns}{or_ids}; got {dtype}, {shape}"
        )
    return matches


def find_same(matches: Any, start: Any, stop: Any) -> Any:
    """Return which pairs are of one item as those from ``start`` to ``stop``, or None.

    Of checked matches; booleans ``(rows, columns)``.
    """
    if matches is None or len(matches.shape) == 2:
        return None if matches is None else matches[start:stop]
    return ops.equal(matches[start:stop, None], matches)


def mask_logits(logits: Any, same: Any, start: Any = 0, *, own: bool) -> Any:
    """Return logits ``(rows, columns)`` with `NEVER` for what is no negative.

    ``same`` says which pairs are of one item, ``(rows, columns)``, or is None. Pair ``i`` of the
    rows is pair ``start + i`` of the columns; its own logit stays, unless ``own`` is to go as well.
    """
    if same is None and not own:
        return logits
    rows, columns = ops.shape(logits)
    itself = ops.equal(ops.arange(rows)[:, None] + start, ops.arange(columns))
    if same is None:
        left_out = itself
    else:
        left_out = ops.logical_or(same, itself) if own else ops.logical_and(same, ~itself)
    return ops.where(left_out, ops.cast(NEVER, logits.dtype), logits)
