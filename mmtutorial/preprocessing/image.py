"""Batches of images as NumPy arrays: resize, crop, scale, rotate, flip, augment.

Every function takes ``(batch, height, width, channels)``, never changes its input, and keeps
its type: ``uint8`` in 0..255 or floating point in 0..1.
"""

import numpy as np

from mmtutorial._checks import check_whole


def _check_images(images):
    images = np.asarray(images)
    if images.ndim != 4:
        raise ValueError(
            f"images must have shape (batch, height, width, channels), got {images.shape}; "
            "for a single image write images[None]"
        )
    if images.dtype != np.uint8 and not np.issubdtype(images.dtype, np.floating):
        raise TypeError(f"images must be uint8 or floating point, got {images.dtype}")
    return images


def _like(result, images):
    """Give ``result`` the type of ``images``: round and clip for uint8."""
    if images.dtype == np.uint8:
        return np.clip(np.rint(result), 0, 255).astype(np.uint8)
    return result.astype(images.dtype)


def _resize_weights(source, target):
    """Weights ``(target, source)`` of a linear filter, widened when it shrinks (antialias)."""
    scale = source / target
    reach = max(scale, 1.0)
    centres = (np.arange(target) + 0.5) * scale
    distance = np.abs(np.arange(source) + 0.5 - centres[:, None]) / reach
    weights = np.maximum(0.0, 1.0 - distance)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def resize_image(images, size):
    """Bring images to another size without jagged edges (antialiased linear filter).

    Parameters
    ----------
    images : array, ``(batch, height, width, channels)``
    size : int or (height, width), in pixels

    Raises ``ValueError`` if ``size`` is not positive, ``TypeError`` if it is not whole.

    >>> resize_image(np.ones((1, 64, 64, 3)), 32).shape
    (1, 32, 32, 3)
    """
    images = _check_images(images)
    sides = (size, size) if np.isscalar(size) else tuple(size)
    if len(sides) != 2 or not all(isinstance(side, (int, np.integer)) for side in sides):
        raise TypeError(f"size must be a whole number or (height, width), got {size!r}")
    if min(sides) < 1:
        raise ValueError(f"size must be at least one pixel, got {size}")
    height, width = sides
    rows = _resize_weights(images.shape[1], height)
    columns = _resize_weights(images.shape[2], width)
    wide = np.einsum("hy,byxc->bhxc", rows, images.astype(np.float32), optimize=True)
    return _like(np.einsum("wx,bhxc->bhwc", columns, wide, optimize=True), images)


def scale_image(images):
    """Scale bytes in 0..255 to ``float32`` in 0..1, the range in which networks train well.

    >>> float(scale_image(np.full((1, 2, 2, 3), 255, np.uint8)).max())
    1.0
    """
    images = _check_images(images)
    if images.dtype != np.uint8:
        raise TypeError(f"images must be uint8 in 0..255, got {images.dtype}: already scaled?")
    return images.astype(np.float32) / 255.0


def crop_image(images, *, top, left, height, width):
    """Cut the same window out of every image.

    Parameters
    ----------
    images : array, ``(batch, height, width, channels)``
    top, left : first row and first column of the window, pixels
    height, width : size of the window, pixels

    Returns ``(batch, height, width, channels)``, a copy. Raises ``ValueError`` if the window is
    empty or reaches over the edge, ``TypeError`` if a number is not whole.

    >>> crop_image(np.ones((1, 64, 64, 3)), top=0, left=16, height=32, width=48).shape
    (1, 32, 48, 3)
    """
    images = _check_images(images)
    for name, first, length, side in (
        ("top and height", top, height, images.shape[1]),
        ("left and width", left, width, images.shape[2]),
    ):
        for part, given in zip(name.split(" and "), (first, length), strict=True):
            check_whole(part, given)
        if first < 0 or length < 1 or first + length > side:
            raise ValueError(
                f"{name} must lie inside the image of {side} pixels, got {first} and {length}"
            )
    return images[:, top : top + height, left : left + width].copy()


def flip_image(images):
    """Mirror images left to right.

    >>> flip_image(np.arange(3.0).reshape(1, 1, 3, 1)).ravel()
    array([2., 1., 0.])
    """
    return _check_images(images)[:, :, ::-1].copy()


def _warp(images, inverse, shift, fill):
    """Look up, for every output pixel, its source: linear interpolation, ``fill`` outside.

    ``inverse`` is ``(batch, 2, 2)`` and ``shift`` ``(batch, 2)``, both in (row, column) pixels
    about the centre of the image.
    """
    batch, height, width, _ = images.shape
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    grid = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), -1)
    offset = grid - centre
    source = np.einsum("bij,hwj->bhwi", inverse, offset) + (centre + shift)[:, None, None]
    padded = np.pad(images.astype(np.float32), ((0, 0), (1, 1), (1, 1), (0, 0)),
                    constant_values=fill)  # fmt: skip
    limit = np.array([height, width], dtype=np.float32)
    source = np.clip(source.astype(np.float32) + 1, 0, limit + 1)
    low = np.minimum(np.floor(source), limit).astype(np.int32)
    part = source - low
    rows, columns = low[..., 0], low[..., 1]
    index = np.arange(batch)[:, None, None]
    down, right = part[..., :1], part[..., 1:]
    top = padded[index, rows, columns] * (1 - right) + padded[index, rows, columns + 1] * right
    bottom = (
        padded[index, rows + 1, columns] * (1 - right)
        + padded[index, rows + 1, columns + 1] * right
    )
    return top * (1 - down) + bottom * down


def _rotations(degrees, flips):
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([cos, sin * flips], -1), np.stack([-sin, cos * flips], -1)], -2)


def rotate_image(images, degrees, *, fill=None):
    """Turn images counter-clockwise about their centre; what comes in from outside is ``fill``.

    Parameters
    ----------
    images : array, ``(batch, height, width, channels)``
    degrees : float, or one for each image, ``(batch,)``
    fill : value of the new corners; white (255 or 1.0) unless told otherwise

    >>> rotate_image(np.eye(3).reshape(1, 3, 3, 1), 90).reshape(3, 3)[0]
    array([0., 0., 1.])
    """
    images = _check_images(images)
    degrees = np.asarray(degrees, dtype=float)
    if degrees.shape not in ((), (len(images),)):
        raise ValueError(
            f"degrees must be one number or one for each of {len(images)} images, "
            f"got shape {degrees.shape}"
        )
    degrees = np.broadcast_to(degrees, len(images))
    if not np.isfinite(degrees).all():
        raise ValueError("degrees must be finite numbers")
    fill = (255 if images.dtype == np.uint8 else 1.0) if fill is None else fill
    turned = _warp(images, _rotations(degrees, 1.0), np.zeros((len(images), 2)), fill)
    return _like(turned, images)


def augment_image(images, *, seed, max_rotation=10.0, max_shift=2.0, flip=True, fill=None):
    """Turn, shift and mirror every image a little, each by its own random amount.

    Parameters
    ----------
    images : array, ``(batch, height, width, channels)``
    seed : int or ``numpy.random.Generator``; the same seed gives the same images
    max_rotation : largest turn, degrees; max_shift : largest shift, pixels
    flip : whether half of the images are mirrored (wrong for text and for flags)

    Raises ``ValueError`` for a turn or a shift that is negative or not finite.

    >>> augment_image(np.ones((2, 8, 8, 3)), seed=0).shape
    (2, 8, 8, 3)
    """
    images = _check_images(images)
    for name, given in (("max_rotation", max_rotation), ("max_shift", max_shift)):
        if not 0 <= given < np.inf:
            raise ValueError(f"{name} must be finite and not negative, got {given}")
    rng = np.random.default_rng(seed)
    count = len(images)
    degrees = rng.uniform(-max_rotation, max_rotation, count)
    shift = rng.uniform(-max_shift, max_shift, (count, 2))
    flips = np.where(flip & (rng.random(count) < 0.5), -1.0, 1.0)
    fill = (255 if images.dtype == np.uint8 else 1.0) if fill is None else fill
    return _like(_warp(images, _rotations(degrees, flips), shift, fill), images)
