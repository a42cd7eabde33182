"""The pictures in a figure: what they may be, and how they are shown."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mmtutorial._checks import check_list
from mmtutorial._images import as_pixels, check_image

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def check_picture(name: str, image: Any) -> np.ndarray:
    """Return an image ``(height, width, channels)``; ``(height, width)`` is gray."""
    image = as_pixels(name, image)
    return check_image(name, image[..., None] if image.ndim == 2 else image)


def check_pictures(name: str, images: Any) -> list[np.ndarray]:
    """Return a list of images ``(height, width, channels)`` to show, which may differ in size.

    ``(height, width)`` in a list, or ``(count, height, width)``, are gray.
    """
    shape = np.shape(images) if hasattr(images, "shape") else ()
    if len(shape) == 2 or (len(shape) == 3 and shape[-1] in (1, 3, 4)):
        raise ValueError(
            f"{name} must hold several images, got one of shape {shape}: write {name}[None]"
        )
    images = check_list(name, images, "images")
    return [check_picture(f"{name}[{i}]", image) for i, image in enumerate(images)]


def show_picture(axis: "Axes", image: np.ndarray, interpolation: str | None = "nearest") -> None:
    """Draw an image that was checked: gray in gray, black for 0, white for 255 or 1.0."""
    most = 255 if image.dtype == np.uint8 else 1.0
    shown = image[..., 0] if image.shape[-1] == 1 else np.clip(image, 0, most)
    axis.spines[:].set_visible(False)
    axis.imshow(shown, cmap="gray", vmin=0, vmax=most, interpolation=interpolation)
