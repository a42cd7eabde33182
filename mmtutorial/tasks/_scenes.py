"""Pictures composed of several drawings, one in each corner at most, and what is in them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmtutorial._checks import check_array
from mmtutorial.preprocessing import resize_image

COLOURS = ("red", "yellow", "green", "blue", "purple", "grey")
HUES = (14, 68, 170, 250, 300)  # degrees: red ends, yellow ends, ...; red begins again
CORNERS = 4  # top left, top right, bottom left, bottom right
CANVAS, CELL = 128, 64  # pixels
SIZES = (40, 48, 56, 64)  # of a drawing, pixels
CLEAR = 0.5  # share of the drawing that its colour covers at least
AT_ONCE = 32  # drawings: as many as a processor's cache holds


def dominant_colours(images: np.ndarray) -> np.ndarray:
    """Tell which of `COLOURS` covers half of a drawing or more: its place, or -1 if none does.

    ``images`` is ``(rows, height, width, 3)`` of uint8 on white, which does not count. Red goes
    from pink to red, yellow from orange and brown to yellow; grey is all without a hue, black, too.

    >>> dominant_colours(np.full((1, 8, 8, 3), [30, 30, 200], np.uint8))
    array([3])
    """
    images = check_array("images", images, kinds="u")
    if images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(f"images must be (rows, height, width, 3), got shape {images.shape}")
    counts = in_parts(_count_colours, images)
    clear = counts.max(axis=1) >= CLEAR * np.maximum(counts.sum(axis=1), 1)
    return np.where(clear & counts.any(axis=1), counts.argmax(axis=1), -1)


def _count_colours(images):
    """Count the pixels of each colour in a few images, ``(rows, 6)``."""
    red, green, blue, most, least = split_pixels(images)
    spread = most - least
    some = np.maximum(spread, 1e-6)
    hue = np.select(  # in sixths of the circle, as in the HSV model
        [most == red, most == green],
        [(green - blue) / some % 6, (blue - red) / some + 2],
        (red - green) / some + 4,
    )
    kind = np.digitize(60 * hue, HUES) % len(HUES)
    kind[spread <= 0.2] = COLOURS.index("grey")
    kind[least >= 0.94] = -1  # white paper
    return np.stack([(kind == k).sum(axis=1) for k in range(len(COLOURS))], axis=1)


def in_parts(function: Callable, images: np.ndarray) -> np.ndarray:
    """Apply a function to a few images at a time, which is several times faster, and join."""
    starts = range(0, max(1, len(images)), AT_ONCE)
    return np.concatenate([function(images[start : start + AT_ONCE]) for start in starts])


def split_pixels(images: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return red, green, blue, the largest of them and the smallest, ``(rows, pixels)`` in 0..1.

    >>> [float(each[0, 0]) for each in split_pixels(np.full((1, 8, 8, 3), [0, 51, 255], np.uint8))]
    [0.0, 0.20000000298023224, 1.0, 1.0, 0.0]
    """
    rows, height, width, _ = images.shape
    pixels = images.reshape(rows, height * width, 3).astype(np.float32) / 255
    red, green, blue = np.moveaxis(pixels, -1, 0)
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return red, green, blue, most, least


@dataclass(frozen=True, eq=False)
class Scenes:
    """Some scenes: which drawing stands in which corner, how large, and where in it.

    ``rows`` ``(scenes, 4)`` numbers the drawings of a split, -1 is an empty corner; ``sizes``
    ``(scenes, 4)`` are in pixels, ``offsets`` ``(scenes, 4, 2)`` in pixels down and right.
    """

    rows: np.ndarray
    sizes: np.ndarray
    offsets: np.ndarray

    def __len__(self):
        return len(self.rows)

    @classmethod
    def place(cls, rows: np.ndarray, rng: np.random.Generator) -> "Scenes":
        """Draw how large each drawing is, and where in its corner it stands."""
        sizes = rng.choice(SIZES, rows.shape)
        room = CELL - sizes
        return cls(rows, sizes, rng.integers(0, room[..., None] + 1, (*rows.shape, 2)))

    def compose(self, drawings: np.ndarray) -> np.ndarray:
        """Compose the pictures, ``(scenes, 128, 128, 3)`` of uint8, from the split's drawings."""
        pictures = np.full((len(self), CANVAS, CANVAS, 3), 255, np.uint8)
        for size in SIZES:
            scenes, corners = np.nonzero((self.rows >= 0) & (self.sizes == size))
            parts = drawings[self.rows[scenes, corners]]
            parts = resize_image(parts, int(size)) if len(parts) else parts
            places = self.offsets[scenes, corners] + CELL * np.column_stack(np.divmod(corners, 2))
            for scene, part, (top, left) in zip(scenes, parts, places, strict=True):
                pictures[scene, top : top + size, left : left + size] = part
        return pictures
