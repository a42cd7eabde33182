"""Refuse an array that holds no images: name it, what was given, and how to put it right."""

from typing import Any

import numpy as np

from mmtutorial._checks import check_array, check_whole

#: Noise, sharpening and cubic filters overshoot 0..1 a little; bytes, standardized pixels a lot.
LEAST, MOST = -0.5, 1.5
#: What to do with 2 or 4 channels: gray with alpha, RGBA, CMYK.
CONVERT = "read the file with read_image, or convert it: Pillow's image.convert('RGB')"


def check_images(images: Any, *, name: str = "images", axis: str = "batch") -> np.ndarray:
    """Return ``(batch, height, width, channels)`` of bytes, or of floats in 0..1; refuse the rest.

    Channels are 1 or 3, sides at least 1. ``name`` and ``axis`` say what the error calls the array
    and its first axis. Only the range of floats costs a look at every number.
    """
    if isinstance(images, (list, tuple)):
        parts = [as_pixels(f"{name}[{i}]", image) for i, image in enumerate(images)]
        _check_alike(name, parts)
        images = np.stack(parts) if parts else np.zeros(0)
    images = as_pixels(name, images)
    _check_shape(name, images.shape, axis)
    return _check_range(name, images)


def check_image(name: str, image: Any) -> np.ndarray:
    """Return one image, ``(height, width, channels)``; refuse what `check_images` would."""
    image = as_pixels(name, image)
    if image.ndim != 3:
        hint = f"; for gray write {name}[..., None]" if image.ndim == 2 else ""
        raise ValueError(
            f"{name} must have shape (height, width, channels), got {image.shape}{hint}"
        )
    _check_shape(name, (1, *image.shape), "batch")
    return _check_range(name, image)


def as_pixels(name: str, image: Any) -> np.ndarray:
    """Return an array of bytes or floats, of whatever shape; refuse other types of numbers."""
    if getattr(image, "mode", "RGB") != "RGB":  # a Pillow image: a palette's would be its indices
        raise TypeError(f"{name} must be RGB, got mode {image.mode}: write image.convert('RGB')")
    image = check_array(name, image, finite=False)
    if image.dtype != np.uint8 and image.dtype.kind != "f":
        hint = "; whole numbers in 0..255 become bytes by .astype(np.uint8)"
        hint = hint if image.dtype.kind in "iu" else ""
        raise TypeError(f"{name} must be uint8 or floating point, got {image.dtype}{hint}")
    return image


def check_one_type(name: str, images: list[np.ndarray]) -> None:
    """Refuse bytes beside floats: stacked, 255 and 1.0 would both be white."""
    types = list(dict.fromkeys(str(image.dtype) for image in images))
    if len(types) > 1:
        raise TypeError(f"{name} must be of one type, got {types[0]} and {types[1]}")


def check_size(size: Any) -> tuple[int, int]:
    """Return ``(height, width)`` in pixels; one whole number is a square."""
    sides = size if isinstance(size, (tuple, list, np.ndarray)) else (size, size)
    if len(sides) != 2 or any(isinstance(side, (bool, np.bool_)) for side in sides):
        raise TypeError(f"size must be a whole number or (height, width), got {size!r}")
    try:
        height, width = (check_whole("size", side) for side in sides)
    except TypeError as error:
        raise TypeError(f"size must be a whole number or (height, width), got {size!r}") from error
    if min(height, width) < 1:
        raise ValueError(f"size must be at least one pixel, got {size}")
    return height, width


def _check_alike(name, images):
    shapes = list(dict.fromkeys(image.shape for image in images))
    if len(shapes) > 1:
        raise ValueError(
            f"{name} must be of one size, got {shapes[0]} and {shapes[1]}: resize each first; "
            "resize_image takes a list of several sizes"
        )
    check_one_type(name, images)


def _check_shape(name, shape, axis):
    good = len(shape) == 4 and shape[-1] in (1, 3) and min(shape[1:3]) > 0
    if not good:
        raise ValueError(
            f"{name} must have shape ({axis}, height, width, channels) with 1 or 3 channels and "
            f"sides of at least 1, got {shape}{_shape_hint(name, shape, axis)}"
        )


def _shape_hint(name, shape, axis):
    """Say what an array of this shape is likely to be, and how it becomes a batch of images."""
    if len(shape) == 5:
        several = f"{name}.reshape(-1, *{name}.shape[2:])" if axis == "batch" else f"{name}[0]"
        return f"; for several clips write {several}"
    if len(shape) == 4 and shape[1] in (1, 3):
        return f"; for channels first write np.moveaxis({name}, 1, -1)"
    if len(shape) in (3, 4) and shape[-1] in (2, 4):
        return f"; {CONVERT}"
    if len(shape) == 3 and shape[-1] in (1, 3):
        return f"; for a single image write {name}[None]"
    if len(shape) == 3:
        first = f", for channels first np.moveaxis({name}, 0, -1)[None]" if shape[0] == 3 else ""
        return f"; for gray images write {name}[..., None]{first}"
    if len(shape) == 2:
        return f"; for a single gray image write {name}[None, ..., None]"
    return ""


def _check_range(name, images):
    if images.dtype == np.uint8 or not images.size:
        return images
    low, high = float(images.min()), float(images.max())  # NaN, if there is one, is both
    if not np.isfinite([low, high]).all():
        raise ValueError(f"{name} must hold finite numbers, got NaN or infinity")
    if low >= LEAST and MOST < high <= 255.5:
        raise ValueError(f"{name} must hold floats in 0..1, got up to {high:g}: divide by 255")
    if low < LEAST or high > MOST:
        raise ValueError(
            f"{name} must hold floats in 0..1, got {low:g} to {high:g}: bring them into 0..1, and "
            "standardize afterwards"
        )
    return images
