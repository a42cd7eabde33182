"""The search box: the text half of a trained model in few bytes, and the pictures that it finds.

A word's vector comes down to `RANK` numbers, by the best approximation of the hidden layer's
matrix on the known words; numbers are stored as whole ones from -127 to 127, times a step for each
row or column. The page's JavaScript and `SearchBox` compute with the same ones.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmtutorial import data
from mmtutorial._checks import check_array, check_like, check_whole
from mmtutorial._checksums import read_checked, write_checked
from mmtutorial.chapters.cross_modal.retrieval.query import Piece, QueryParser

RANK = 64
WEIGHTS = Path(__file__).with_name("weights.npz")
REPAIR = (
    "in a clone of the book run `git checkout -- mmtutorial/chapters/cross_modal/retrieval`, or "
    "train again: `python -m mmtutorial.chapters.cross_modal.retrieval.write_box`"
)


class Levels(NamedTuple):
    """A matrix as int8 ``levels`` and float32 ``step``, ``(rows, 1)`` or ``(1, columns)``."""

    levels: np.ndarray
    step: np.ndarray

    def numbers(self) -> np.ndarray:
        """Return the matrix again, float64."""
        return self.levels * self.step.astype(float)


def quantize(matrix: np.ndarray, *, axis: int) -> Levels:
    """Return whole numbers from -127 to 127 and a step for each column (``axis=0``) or row (1).

    >>> levels, step = quantize(np.array([[1.0, -2.0], [0.5, 1.0]]), axis=1)
    >>> levels.tolist(), (levels * step.astype(float)).round(2).tolist()
    ([[64, -127], [64, 127]], [[1.01, -2.0], [0.5, 1.0]])
    """
    matrix = check_array("matrix", matrix)
    largest = np.abs(matrix).max(axis=axis, keepdims=True)
    step = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return Levels(np.rint(matrix / step).astype(np.int8), step)


class BoxWeights(NamedTuple):
    """What a search needs of a model, float32: words -> hidden layer -> a score for each picture.

    ``words`` is ``(dim, rank)``, ``hidden`` ``(rank, hidden)``, ``bias`` ``(hidden,)``, and
    ``pictures`` ``(pictures, hidden)``: a score is ``pictures @ relu(x @ words @ hidden + bias)``
    for the mean ``x`` of the vectors of a query's words.
    """

    words: np.ndarray
    hidden: np.ndarray
    bias: np.ndarray
    pictures: np.ndarray


def compress_text_half(model: Any, pairs: Any, *, rank: int = RANK) -> BoxWeights:
    """Return what a search of the test drawings needs of a trained `DualEncoder`.

    The length of a text's vector does not change the order of the pictures, so the last matrix and
    the pictures' vectors become one. ``rank`` is how many numbers are kept of a word. The product
    of two small matrices stands for the hidden one: that with the least squared error on the known
    words.
    """
    check_like("model", model, "a DualEncoder", "encoders", "projections", "encode")
    check_whole("rank", rank, least=1)
    dense = model.encoders["text"].dense
    hidden, bias = (np.asarray(weight, float) for weight in dense.get_weights())
    (output,) = (np.asarray(w, float) for w in model.projections["text"].get_weights())
    vectors = data.load_word_vectors().encode(known_words()) / pairs.text_scales["features"]
    _, _, directions = np.linalg.svd(vectors @ hidden, full_matrices=False)
    kept = directions[:rank]
    pictures = model.encode({"image": pairs.images("test")})["image"] @ output.T
    found = (hidden @ kept.T / pairs.text_scales["features"], kept, bias, pictures)
    return BoxWeights(*(each.astype(np.float32) for each in found))


def known_words() -> list[str]:
    """Return all keywords and names of emoji, English first, each once; flags are left out."""
    found = {}
    for language in ("en", "zh"):
        emoji = data.load_emoji(image="features", language=language)
        for split in (emoji.train, emoji.validation, emoji.test):
            for name, keywords in zip(split.info["name"], split.info["keywords"], strict=True):
                found |= dict.fromkeys([*keywords.split(data.keywords.SEPARATOR), str(name)])
    return list(found)


def save_weights(weights: BoxWeights, path: Path = WEIGHTS) -> None:
    """Write the weights, float16, and their checksum beside them."""
    buffer = io.BytesIO()
    arrays = {name: each.astype("<f2") for name, each in weights._asdict().items()}
    np.savez_compressed(buffer, **arrays)
    write_checked(path, buffer.getvalue(), REPAIR)


def load_weights(path: Path = WEIGHTS) -> BoxWeights:
    """Read the stored weights; raises ``DataError`` for a file that is missing or damaged."""
    with np.load(io.BytesIO(read_checked(path, REPAIR)), allow_pickle=False) as stored:
        return BoxWeights(*(stored[name].astype(np.float32) for name in BoxWeights._fields))


class SearchBox:
    """Find the test drawings that fit a query of the reader's own words.

    Parameters
    ----------
    weights : what `compress_text_half` returns

    >>> box = SearchBox(load_weights())
    >>> pieces, rows = box.search("a red heart", k=3)
    >>> [piece.word for piece in pieces], len(rows)
    (['red heart'], 3)
    """

    def __init__(self, weights: BoxWeights):
        check_like("weights", weights, "BoxWeights", *BoxWeights._fields)
        self.known = known_words()
        self.parser = QueryParser(self.known)
        vectors = data.load_word_vectors().encode(self.known)
        self.words = quantize(vectors @ weights.words, axis=0)
        self.hidden = quantize(weights.hidden, axis=0)
        self.pictures = quantize(weights.pictures, axis=1)
        self.bias = np.asarray(weights.bias, np.float32)
        self._places = {word: place for place, word in enumerate(self.known)}
        self._numbers = [each.numbers() for each in (self.words, self.hidden, self.pictures)]

    def scores(self, words: Sequence[str]) -> np.ndarray:
        """Return a score for each picture, ``(pictures,)``: higher fits the words better.

        ``words`` are one or more of ``known``.
        """
        vectors, hidden, pictures = self._numbers
        mean = vectors[[self._places[word] for word in words]].mean(axis=0)
        return pictures @ np.maximum(mean @ hidden + self.bias, 0)

    def search(self, query: str, k: int = 10) -> tuple[list[Piece], np.ndarray]:
        """Return how a query was read, and the numbers of the ``k`` best pictures, best first.

        Without a known word, or one like it, there are no pictures.
        """
        check_whole("k", k, least=1, most=len(self.pictures.levels))
        pieces = self.parser.parse(query)
        words = [piece.word for piece in pieces if piece.word]
        if not words:
            return pieces, np.empty(0, int)
        return pieces, np.argsort(-self.scores(words), kind="stable")[:k]
