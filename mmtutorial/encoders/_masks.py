"""What the encoders of sequences share, so that padding never changes a result."""

from typing import Any

from keras import ops

from mmtutorial.encoders._base import to_booleans


def check_mask(mask: Any, values: Any, name: str) -> Any:
    """Return ``mask`` as boolean ``(batch, time)``; say so if it does not fit ``values``."""
    mask = ops.convert_to_tensor(to_booleans("mask", mask))
    expected = tuple(values.shape[:2])
    pairs = zip(mask.shape, expected, strict=False)
    if len(mask.shape) != 2 or any(a != b for a, b in pairs if None not in (a, b)):
        raise ValueError(
            f"mask must have shape (batch, {name}) = {expected}, True where real; "
            f"got {tuple(mask.shape)}"
        )
    return mask


def apply_mask(values: Any, mask: Any) -> Any:
    """Put zeros where ``mask`` is False; a product would not do, since 0 x NaN is NaN."""
    mask = mask[(..., *[None] * (len(values.shape) - 2))]
    return ops.where(mask, values, ops.zeros_like(values))


def masked_mean(values: Any, mask: Any) -> Any:
    """Average ``(batch, time, dim)`` over the steps that are real; zeros where none is."""
    count = ops.sum(ops.cast(mask, values.dtype), axis=1, keepdims=True)
    return ops.sum(apply_mask(values, mask), axis=1) / ops.maximum(count, 1)
