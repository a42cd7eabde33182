"""Batches of images as NumPy arrays: resize, crop, scale, rotate, flip, augment.

Every function takes ``(batch, height, width, channels)``, never changes its input, and keeps
its type: ``uint8`` in 0..255 or floating point in 0..1. Channels are 1 or 3. Another shape or
range, NaN and infinity raise ``ValueError``, another type ``TypeError``. Floats up to half of the
range beyond 0..1 pass: noise and some filters overshoot.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from mmtutorial._checks import check_array, check_flag, check_number, check_seed, check_whole
from mmtutorial._images import check_image, check_images, check_one_type, check_size


def _pixels(images):
    """Return pixels of a type that Pillow and SciPy know: bytes, or else float32."""
    return images if images.dtype == np.uint8 else images.astype(np.float32)


def resize_image(
    images: ArrayLike | Sequence[ArrayLike], size: int | tuple[int, int]
) -> np.ndarray:
    """Bring images to another size without jagged edges: Pillow's antialiased linear filter.

    Parameters
    ----------
    images : array, ``(batch, height, width, channels)``; or a list of images
        ``(height, width, channels)``, which may differ in size
    size : int or (height, width), in pixels

    Returns one batch, ``(batch, *size, channels)``. What is not as wide as ``size`` is stretched or
    squeezed. Raises ``ValueError`` if ``size`` is not positive, ``TypeError`` if it is not whole.

    >>> resize_image(np.ones((1, 64, 64, 3)), 32).shape
    (1, 32, 32, 3)
    >>> resize_image([np.ones((64, 64, 3)), np.ones((48, 90, 3))], 32).shape
    (2, 32, 32, 3)
    """
    height, width = check_size(size)
    if isinstance(images, (list, tuple)) and images:
        images = [check_image(f"images[{i}]", image)[None] for i, image in enumerate(images)]
        check_one_type("images", images)
        if len({image.shape[-1] for image in images}) > 1:
            raise ValueError("images must all have 1 channel or all have 3, got both")
        if len({image.shape for image in images}) > 1:
            return np.concatenate([resize_image(image, (height, width)) for image in images])
        images = np.concatenate(images)
    images = check_images(images)
    resized = np.empty((len(images), height, width, images.shape[-1]), images.dtype)
    for row, image in zip(resized, _pixels(images), strict=True):
        for channel in range(image.shape[-1]):
            picture = Image.fromarray(image[..., channel])  # of bytes, or of floats (mode "F")
            row[..., channel] = picture.resize((width, height), Image.Resampling.BILINEAR)
    return resized


def scale_image(images: ArrayLike) -> np.ndarray:
    """Scale bytes in 0..255 to ``float32`` in 0..1, the range in which networks train well.

    >>> float(scale_image(np.full((1, 2, 2, 3), 255, np.uint8)).max())
    1.0
    """
    images = check_images(images)  # floats in 0..255 are refused here: "divide by 255"
    if images.dtype != np.uint8:
        raise TypeError(
            f"images must be uint8 in 0..255, got {images.dtype} in 0..1: they are scaled already"
        )
    return images.astype(np.float32) / 255.0


def crop_image(images: ArrayLike, *, top: int, left: int, height: int, width: int) -> np.ndarray:
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
    images = check_images(images)
    for names, first, length, side in (
        (("top", "height"), top, height, images.shape[1]),
        (("left", "width"), left, width, images.shape[2]),
    ):
        check_whole(names[0], first)
        check_whole(names[1], length)
        if first < 0 or length < 1 or first + length > side:
            raise ValueError(
                f"{names[0]} and {names[1]} must lie inside the image of {side} pixels, "
                f"got {first} and {length}"
            )
    return images[:, top : top + height, left : left + width].copy()


def flip_image(images: ArrayLike) -> np.ndarray:
    """Mirror images left to right.

    >>> flip_image(np.array([0.0, 0.5, 1.0]).reshape(1, 1, 3, 1)).ravel()
    array([1. , 0.5, 0. ])
    """
    return check_images(images)[:, :, ::-1].copy()


def _affine(images, degrees, shift, mirrored, fill):
    """Turn, mirror and shift each image about its centre: linear interpolation, ``fill`` outside.

    ``degrees`` and the booleans ``mirrored`` are ``(batch,)``, ``shift`` is ``(batch, 2)``, in
    (row, column) pixels.
    """
    from scipy.ndimage import affine_transform  # here, so that importing the package stays quick

    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle).round(15), np.sin(angle).round(15)  # right angles move whole pixels
    sign = np.where(mirrored, -1, 1)
    to_source = np.stack([cos, sin * sign, -sin, cos * sign], axis=1).reshape(-1, 2, 2)
    centre = (np.array(images.shape[1:3]) - 1) / 2
    offset = centre + shift - to_source @ centre
    moved = np.empty_like(_pixels(images))
    for row, image, matrix, start in zip(moved, _pixels(images), to_source, offset, strict=True):
        for channel in range(image.shape[-1]):
            affine_transform(
                image[..., channel], matrix, start, output=row[..., channel], order=1,
                mode="grid-constant", cval=fill,
            )  # fmt: skip
    return moved.astype(images.dtype, copy=False)


def _check_fill(images, fill):
    """Return the value of new pixels: white unless told otherwise, in the range of the images."""
    white = 255.0 if images.dtype == np.uint8 else 1.0
    return white if fill is None else check_number("fill", fill, least=0, most=white)


def rotate_image(images: ArrayLike, degrees: ArrayLike, *, fill: float | None = None) -> np.ndarray:
    """Turn images counter-clockwise about their centre; what comes in from outside is ``fill``.

    Parameters
    ----------
    images : array, ``(batch, height, width, channels)``
    degrees : float, or one for each image, ``(batch,)``
    fill : value of the new corners in all channels; white (255 or 1.0) unless told otherwise

    Raises ``ValueError`` for angles that are not finite, or a ``fill`` out of the images' range.

    >>> rotate_image(np.eye(3).reshape(1, 3, 3, 1), 90).reshape(3, 3)[0]
    array([0., 0., 1.])
    """
    images = check_images(images)
    fill = _check_fill(images, fill)
    degrees = check_array("degrees", degrees, kinds="iuf").astype(float)
    if degrees.shape not in ((), (len(images),)):
        raise ValueError(
            f"degrees must be one number or one for each of {len(images)} images, "
            f"got shape {degrees.shape}"
        )
    degrees = np.broadcast_to(degrees, len(images))
    return _affine(images, degrees, np.zeros((len(images), 2)), np.zeros(len(images), bool), fill)


def augment_image(
    images: ArrayLike,
    *,
    seed: int | Sequence[int] | np.random.Generator,
    max_rotation: float = 10.0,
    max_shift: float = 2.0,
    flip: bool = True,
    fill: float | None = None,
) -> np.ndarray:
    """Turn, shift and mirror every image a little, each by its own random amount.

    Parameters
    ----------
    images : array, ``(batch, height, width, channels)``
    seed : int or ``numpy.random.Generator``; the same seed gives the same images
    max_rotation : largest turn, degrees; max_shift : largest shift, pixels
    flip : whether half of the images are mirrored (wrong for text and for flags)
    fill : value of what comes in from outside, as for `rotate_image`

    Raises ``ValueError`` for a turn or a shift that is negative, not finite or beyond 360 degrees
    or a million pixels, and for a ``fill`` out of the images' range; ``TypeError`` for no seed.

    >>> augment_image(np.ones((2, 8, 8, 3)), seed=0).shape
    (2, 8, 8, 3)
    """
    images = check_images(images)
    fill = _check_fill(images, fill)
    max_rotation = check_number("max_rotation", max_rotation, least=0, most=360)
    max_shift = check_number("max_shift", max_shift, least=0, most=1e6)  # more than any side
    flip = check_flag("flip", flip)
    rng = check_seed("seed", seed)
    count = len(images)
    degrees = rng.uniform(-max_rotation, max_rotation, count)
    shift = rng.uniform(-max_shift, max_shift, (count, 2))
    mirrored = flip & (rng.random(count) < 0.5)
    return _affine(images, degrees, shift, mirrored, fill)
