"""Read the stamps' captions, pictures, features and recordings from the shipped files."""

import io
import json
from collections.abc import Sequence
from functools import cache

import numpy as np

from mmtutorial.data._files import read_file
from mmtutorial.data.clips import AudioClips

TILE, LEVELS, OUTPUT = 128, 63, 256


@cache
def catalogue() -> dict:
    """Read what every stamp is called and has, in the order of the pictures."""
    return json.loads(read_file("stamps", "stamps.json"))


def read_pixels() -> np.ndarray:
    """Cut the sheet into (stamps, 128, 128, 3) uint8."""
    from PIL import Image

    sheet = np.asarray(Image.open(io.BytesIO(read_file("stamps", "images.webp"))).convert("RGB"))
    tiles = sheet.reshape(-1, TILE, catalogue()["columns"], TILE, 3).swapaxes(1, 2)
    return tiles.reshape(-1, TILE, TILE, 3)


def read_features() -> np.ndarray:
    """Read (stamps, 2048) float32 features, stored as levels between 0 and each column's peak."""
    content = read_file("stamps", "features.npz")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        return np.square(stored["levels"] / np.float32(LEVELS)) * stored["peak"]


def project_pca(features: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Project features to at most 256 numbers, by a PCA that is fitted to ``rows`` alone."""
    if len(rows) < 2:
        raise ValueError(
            "image='features' needs at least two training rows for its PCA, "
            f"got {len(rows)}: choose more groups"
        )
    mean = features[rows].mean(axis=0)
    centred = features[rows] - mean
    # Fewer rows than columns: their small matrix of products has the same components.
    values, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64))
    kept = min(OUTPUT, len(rows) - 1)
    directions = centred.T @ vectors[:, ::-1][:, :kept] / np.sqrt(values[::-1][:kept])
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(kept)]
    return ((features - mean) @ (directions * np.sign(largest))).astype(np.float32)


def read_recordings(archive: str, entries: Sequence[Sequence | None]) -> AudioClips:
    """Return the clips of an archive; ``entries`` has (member, seconds) or None for every row."""
    names = [entry[0] if entry else "" for entry in entries]
    seconds = [entry[1] if entry else 0.0 for entry in entries]
    clips = AudioClips(
        read_file("stamps", archive), names, seconds, source=f"files/stamps/{archive}"
    )
    return clips._made_by("stamps_sound")
