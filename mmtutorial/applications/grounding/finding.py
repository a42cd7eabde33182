"""Find in one picture, array or file, what a description names: the model that ships, in a call."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from mmtutorial._checks import check_like, check_text, check_texts
from mmtutorial._images import check_image
from mmtutorial.applications.grounding.maps import (
    average_region,
    box_at,
    check_region,
    enlarge_maps,
    point_at,
)
from mmtutorial.applications.grounding.phrases import WordTable
from mmtutorial.preprocessing import read_image, resize_image

SIZE = 128  # pixels that the longer side of a picture gets
MOST_LETTERS = 200  # of a description


@dataclass(frozen=True, eq=False)
class Found:
    """What was found: where, how well it fits, and what was read of the description.

    ``point`` is row and column, ``box`` top, left, bottom, right, in pixels of the picture, the
    last two outside. ``score`` is the cosine of phrase and place at the point, -1 to 1: it ranks
    places and pictures, and is no probability. ``map`` ``(height, width)`` are the cosines of all
    pixels, ``words`` maps each word that was read to a map of its own, ``unknown`` lists the
    others.
    """

    point: tuple[int, int]
    box: tuple[int, int, int, int]
    score: float
    map: np.ndarray
    words: dict[str, np.ndarray]
    unknown: tuple[str, ...]


class Finder:
    """A model that reads pictures, and a table of words in the space of its places.

    Parameters
    ----------
    model : a `GroundingModel` with an encoder
    table : a `WordTable`, whose vectors are what the model makes of each word: ``units`` numbers

    Raises ``TypeError`` for other things, ``ValueError`` for a table of another width.
    """

    def __init__(self, model, table: WordTable):
        self.model = check_like("model", model, "a GroundingModel", "embed_image", "units")
        self.table = check_like("table", table, "a WordTable", "split", "encode", "dim")
        if table.dim != model.units:
            raise ValueError(f"table must have {model.units} numbers per word, got {table.dim}")

    def embed(self, picture: np.ndarray) -> np.ndarray:
        """Return a vector of length 1 for each place of a picture, ``(rows, columns, units)``.

        ``picture`` is ``(height, width, 3)`` of uint8; where it is no square, it lies on a square
        of its own mean colour.
        """
        small = _to_square(picture).astype(np.float32) / 255
        places = ops.convert_to_numpy(self.model.embed_image(small[None], training=False))[0]
        side = round(len(places) ** 0.5)
        return places.reshape(side, side, -1)

    def read(self, text: str) -> tuple[np.ndarray, list[str], np.ndarray, list[str]]:
        """Return a description's vector, its words, their vectors, and the words not known.

        Raises ``ValueError`` for a description without a word that is known.
        """
        if len(check_text("text", text)) > MOST_LETTERS:
            raise ValueError(f"text must have at most {MOST_LETTERS} letters, got {len(text)}")
        words, unknown = self.table.split(text)
        if not words:
            told = f"none of {unknown} is known" if unknown else "there is no word in it"
            raise ValueError(f"text must name something, such as 'the red fruit': {told}")
        vectors = self.table.encode([text])[0]
        return _unit(vectors.sum(axis=0)), words, _unit(vectors), unknown

    def find(self, picture, text: str) -> Found:
        """Find in a picture what a text describes, as `find` does."""
        image = _read(picture)
        whole, words, each, unknown = self.read(text)
        maps = np.einsum("hwu,ku->khw", self.embed(image), np.concatenate([whole[None], each]))
        side, part = max(image.shape[:2]), _part(image.shape)
        large = enlarge_maps(maps, side, part=part)
        point, box = point_at(maps[:1], side, part=part)[0], box_at(maps[:1], side, part=part)[0]
        return Found(
            point=tuple(map(int, point)),
            box=tuple(map(int, box)),
            score=float(large[0].max()),
            map=large[0],
            words=dict(zip(words, large[1:], strict=True)),
            unknown=tuple(unknown),
        )

    def recognize(
        self, picture, names: Sequence[str], *, at: ArrayLike | None = None
    ) -> dict[str, float]:
        """Rank names by how well they fit what a picture shows, as `recognize` does."""
        image = _read(picture)
        names = check_texts("names", names)
        if len(set(names)) < len(names):
            raise ValueError("names must each be there once, got one twice")
        phrases = np.stack([self.read(name)[0] for name in names])
        grid = self.embed(image)
        if at is None:
            maps = np.einsum("hwu,ku->khw", grid, phrases)[:, None]
            side, part = max(image.shape[:2]), _part(image.shape)
            scores = np.array([enlarge_maps(each, side, part=part).max() for each in maps])
        else:
            region = check_region("at", at, image.shape[:2])
            region = region + np.resize(_margins(image.shape), len(region))
            scores = phrases @ average_region(grid, max(image.shape[:2]), region)
        return {names[place]: float(scores[place]) for place in np.argsort(-scores)}


def find(picture: np.ndarray | str | os.PathLike | bytes, text: str) -> Found:
    """Where is what these words name? Point and box in a picture of your own.

    The model that ships has learnt from drawings and cut-out photographs on parts of both, of 128
    pixels; it reads yours at that size. It always points somewhere: the score tells how well the
    words fit there.

    Parameters
    ----------
    picture : ``(height, width, 3)`` of uint8, or a file that `read_image` reads: its path, or bytes
    text : a description in English or Chinese, such as "the red fruit"

    Returns `Found`. Raises ``ValueError`` for a file that is no picture, is empty or damaged, and
    for a description of which no word is known; ``FileNotFoundError`` for a missing file.

    >>> picture = np.full((64, 64, 3), 255, np.uint8)
    >>> picture[8:40, 4:36] = [200, 0, 0]
    >>> find(picture, "the red thing").unknown
    ('thing',)
    """
    return load_finder().find(picture, text)


def recognize(
    picture: np.ndarray | str | os.PathLike | bytes,
    names: Sequence[str],
    *,
    at: ArrayLike | None = None,
) -> dict[str, float]:
    """What is there, of all that you could name? Names in order, the one that fits best first.

    The names are no classes that were trained: any of which a word is known may be asked, also one
    that no training picture showed. With ``at`` the score is the mean of a name's map there;
    without it is the peak of the map, as `find` returns it. It ranks names, and is no probability.

    Parameters
    ----------
    picture : as for `find`
    names : what it might be, in English or Chinese, each once
    at : a point ``(row, column)`` or a box ``(top, left, bottom, right)`` in pixels of the picture,
        the last two outside, such as `Found` holds; the whole picture, unless given

    Returns ``{name: score}``. Raises ``ValueError`` as `find` does, for a name of which no word is
    known, and for a place outside of the picture. Papers: Frome et al. 2013, DeViSE: A Deep
    Visual-Semantic Embedding Model; Radford et al. 2021 (CLIP).

    >>> picture = np.full((64, 64, 3), 255, np.uint8)
    >>> picture[8:40, 4:36] = [200, 0, 0]
    >>> list(recognize(picture, ["blue", "red"], at=(24, 20)))
    ['red', 'blue']
    """
    return load_finder().recognize(picture, names, at=at)


@cache
def load_finder() -> Finder:
    """Load the model that ships, and its words. Raises ``DataError`` for a damaged file."""
    from mmtutorial.applications.grounding.weights import load_weights

    return Finder(*load_weights())


def _read(picture):
    if isinstance(picture, (str, bytes, bytearray, memoryview, os.PathLike)):
        return read_image(picture)
    image = check_image("picture", picture)
    if image.dtype != np.uint8 or image.shape[2] != 3:
        raise ValueError(
            f"picture must be (height, width, 3) of uint8, got {image.dtype} of shape "
            f"{image.shape}; from floats in 0..1, write (255 * picture).astype(np.uint8)"
        )
    return image


def _margins(shape):
    """Return how far from the top and the left of its square a picture lies, in its pixels."""
    side = max(shape[:2])
    return (side - shape[0]) // 2, (side - shape[1]) // 2


def _part(shape):
    """Return which part of its square a picture is: top, left, bottom, right."""
    top, left = _margins(shape)
    return top, left, top + shape[0], left + shape[1]


def _to_square(image):
    side, (top, left) = max(image.shape[:2]), _margins(image.shape)
    square = np.empty((side, side, 3), np.uint8)
    square[:] = image.reshape(-1, 3).mean(axis=0).round()
    square[top : top + image.shape[0], left : left + image.shape[1]] = image
    return resize_image(square[None], SIZE)[0]


def _unit(vectors):
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-9)
