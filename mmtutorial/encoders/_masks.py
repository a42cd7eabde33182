"""What the encoders of sequences share, so that padding never changes a result."""

from keras import ops


def check_mask(mask, values, name):
    """Return ``mask`` as boolean ``(batch, time)``; say so if it does not fit ``values``."""
    mask = ops.cast(ops.convert_to_tensor(mask), "bool")
    expected = tuple(values.shape[:2])
    pairs = zip(mask.shape, expected, strict=False)
    if len(mask.shape) != 2 or any(a != b for a, b in pairs if None not in (a, b)):
        raise ValueError(
            f"mask must have shape (batch, {name}) = {expected}, True where real; "
            f"got {tuple(mask.shape)}"
        )
    return mask


def hide_padding(values, mask):
    """Put zeros where ``mask`` is False; a product would not do, since 0 x NaN is NaN."""
    mask = mask[(..., *[None] * (len(values.shape) - 2))]
    return ops.where(mask, values, ops.zeros_like(values))


def average(values, mask):
    """Average ``(batch, time, dim)`` over the real steps; zeros where there is none."""
    count = ops.sum(ops.cast(mask, values.dtype), axis=1, keepdims=True)
    return ops.sum(hide_padding(values, mask), axis=1) / ops.maximum(count, 1)
