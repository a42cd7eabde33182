"""Which drawing does a turned or mirrored one become? Emoji compared pixel by pixel."""

import numpy as np

from mmtutorial import data
from mmtutorial.preprocessing import flip_image, resize_image, rotate_image

TURNS = {
    "upside down": lambda images: rotate_image(images, 180),
    "mirrored": flip_image,
    "turned by 10°": lambda images: rotate_image(images, 10),
}

EXAMPLES = {  # name of an emoji -> the turn that makes another one of it
    "backhand index pointing up": "upside down",
    "five-thirty": "upside down",
    "first quarter moon face": "mirrored",
    "right arrow": "mirrored",
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


def nearest_drawing(images, among):
    """Return for each image the row of ``among`` whose 16 x 16 pixels are nearest to its own."""
    seen, known = (
        resize_image(pictures, 16).reshape(len(pictures), -1) / 255.0
        for pictures in (images, among)
    )
    distance = -2 * seen @ known.T + np.sum(known**2, axis=1)  # the image's own square is the same
    return distance.argmin(axis=1)


def find_neighbours(drawings, examples):
    """Turn drawings as ``examples`` says, and find the drawing that each resembles afterwards.

    Returns images before and after the turn, the images of their twins, and the twins' names.
    """
    images, names, _ = drawings
    before = np.stack([images[names == name][0] for name in examples])
    pairs = zip(before, examples.values(), strict=True)
    after = np.stack([TURNS[how](image[None])[0] for image, how in pairs])
    twins = nearest_drawing(after, images)
    return before, after, images[twins], names[twins].tolist()


def share_changed(drawings, turn):
    """Return the share of drawings that resemble another concept most once they are turned."""
    images, _, concepts = drawings
    small = resize_image(images, 32)  # quicker to turn
    return float(np.mean(concepts[nearest_drawing(turn(small), small)] != concepts))


def six_and_nine():
    """Return two drawings of keys: a 6 by the test artist, and a 9 by another."""
    emoji = data.load_emoji(artists=("noto",))
    six = emoji.test.inputs["image"][emoji.test.info["name"] == "keycap: 6"]
    nine = emoji.train.inputs["image"][emoji.train.info["name"] == "keycap: 9"]
    return six[0], nine[0]
