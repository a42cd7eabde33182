"""Which drawing does a turned or mirrored one become? Emoji compared pixel by pixel."""

import numpy as np

from mmtutorial import data
from mmtutorial.preprocessing import flip_image, resize_image, rotate_image

TURNS = {
    "upside down": lambda images: rotate_image(images, 180),
    "mirrored": flip_image,
    "turned by 10°": lambda images: rotate_image(images, 10),
}


def load_drawings(artist="noto"):
    """Load an artist's drawings of training and validation concepts: images, names, concepts.

    >>> images, names, concepts = load_drawings()
    >>> images.shape[1:], len(images) == len(names) == len(concepts)
    ((64, 64, 3), True)
    """
    emoji = data.load_emoji(artists=(artist,))
    sides = (emoji.train, emoji.validation)
    return (
        np.concatenate([side.inputs["image"] for side in sides]),
        np.concatenate([side.info["name"] for side in sides]),
        np.concatenate([side.targets["concept"] for side in sides]),
    )


def most_similar(images, among):
    """Return for each image the row of ``among`` whose 16 x 16 pixels are nearest to its own."""
    seen, known = (
        resize_image(pictures, 16).reshape(len(pictures), -1) / 255.0
        for pictures in (images, among)
    )
    distance = -2 * seen @ known.T + np.sum(known**2, axis=1)  # the image's own square is the same
    return distance.argmin(axis=1)
