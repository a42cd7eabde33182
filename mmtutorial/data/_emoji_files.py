"""Read the emoji's words, drawings and numbers from the shipped files."""

import io
import json
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from mmtutorial.data._files import read_file
from mmtutorial.data.keywords import SEPARATOR

TILE = 64


@cache
def catalogue() -> dict:
    """Read names, words and classes; add the place of each drawing in its artist's files."""
    data = json.loads(read_file("emoji", "emoji.json"))
    for artist in data["artists"].values():
        artist["entries"] = np.array(artist["entries"])
    return data


def describe(
    entries: Sequence[dict], classes: Mapping[str, Sequence[str]], language: str
) -> tuple[dict, dict]:
    """Return what is known of some emoji: the codes of their classes, and their names."""
    targets = {}
    for key in ("group", "subgroup", "concept"):
        codes = {name: code for code, name in enumerate(classes[key])}
        targets[key] = np.array([codes[entry[key]] for entry in entries])
    info = {
        "emoji": np.array([entry["emoji"] for entry in entries]),
        "name": np.array([entry["name"][language] for entry in entries]),
        "keywords": np.array([SEPARATOR.join(entry["keywords"][language]) for entry in entries]),
        "hexcode": np.array([entry["hexcode"] for entry in entries]),
    }
    return targets, info


def read_pixels(artist: str) -> np.ndarray:
    """Cut an artist's sheet into (drawings, 64, 64, 3) uint8."""
    from PIL import Image

    sheet = np.asarray(Image.open(io.BytesIO(read_file("emoji", f"{artist}.webp"))).convert("RGB"))
    columns = catalogue()["columns"]
    tiles = sheet.reshape(-1, TILE, columns, TILE, 3)
    entries = catalogue()["artists"][artist]["entries"]
    return tiles[entries // columns, :, entries % columns]


def read_features(artist: str) -> np.ndarray:
    """Read an artist's (drawings, 256) numbers, stored as float16."""
    content = read_file("emoji", f"{artist}.npy")
    return np.load(io.BytesIO(content), allow_pickle=False).astype(np.float32)


def project_features(features: np.ndarray) -> np.ndarray:
    """Project (n, 2048) numbers of the network that saw the emoji to the emoji's 256."""
    with np.load(io.BytesIO(read_file("emoji", "pca.npz")), allow_pickle=False) as stored:
        mean, directions = stored["mean"], stored["directions"].astype(np.float32)
    return (features - mean) @ directions


def halve(images: np.ndarray) -> np.ndarray:
    """Average squares of 2 x 2 pixels, rounding halves up."""
    total = images[:, ::2, ::2].astype(np.uint16)
    for top, left in ((0, 1), (1, 0), (1, 1)):
        total += images[:, top::2, left::2]
    return ((total + 2) // 4).astype(np.uint8)
