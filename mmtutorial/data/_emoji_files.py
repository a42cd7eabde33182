"""Read the emoji's words, drawings and numbers from the shipped files."""

import io
import json
from functools import cache

import numpy as np

from mmtutorial.data._files import read_file

TILE = 64


@cache
def catalogue():
    """Read names, words and classes; add the place of each drawing in its artist's files."""
    data = json.loads(read_file("emoji", "emoji.json"))
    for artist in data["artists"].values():
        artist["entries"] = np.array(artist["entries"])
    return data


def read_pixels(artist):
    """Cut an artist's sheet into (drawings, 64, 64, 3) uint8."""
    from PIL import Image

    sheet = np.asarray(Image.open(io.BytesIO(read_file("emoji", f"{artist}.webp"))).convert("RGB"))
    columns = catalogue()["columns"]
    tiles = sheet.reshape(-1, TILE, columns, TILE, 3)
    entries = catalogue()["artists"][artist]["entries"]
    return tiles[entries // columns, :, entries % columns]


def read_features(artist):
    """Read an artist's (drawings, 256) numbers, stored as float16."""
    content = read_file("emoji", f"{artist}.npy")
    return np.load(io.BytesIO(content), allow_pickle=False).astype(np.float32)


def halve(images):
    """Average squares of 2 x 2 pixels, rounding halves up."""
    total = images[:, ::2, ::2].astype(np.uint16)
    for top, left in ((0, 1), (1, 0), (1, 1)):
        total += images[:, top::2, left::2]
    return ((total + 2) // 4).astype(np.uint8)
