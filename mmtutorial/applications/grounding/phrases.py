"""From a description to the words that are known of it, and to their vectors."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_text, check_texts, check_whole
from mmtutorial.preprocessing import normalize_text

MOST = 12  # words of a description that are read
LONGEST = 8  # words in English, characters in Chinese, that one entry of a table spans at most
CHINESE = re.compile(r"[\u3400-\u9fff]")
TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['’\-][^\W_]+)*")
SILENT = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "with",
        "and",
        "or",
        "to",
        "for",
        "is",
        "are",
        "it",
        "its",
        "this",
        "that",
        "的",
        "了",
        "和",
        "是",
        "个",
        "只",
    ]
)


class WordTable:
    """Which words does it know, and what does each mean? Words with a vector each.

    Parameters
    ----------
    words : what can be read, each once: single words, and phrases such as "hot dog"
    vectors : ``(words, dim)`` of floats, a row for each

    Raises ``ValueError`` for words that are twice there, and another number of vectors.

    >>> table = WordTable(["red", "hot dog", "dog"], np.eye(3))
    >>> table.split("The red hot-dog there!")
    (['red', 'hot dog'], ['there'])
    """

    def __init__(self, words: Sequence[str], vectors: ArrayLike):
        words = check_texts("words", words)
        vectors = check_array("vectors", vectors).astype(np.float32)
        if vectors.ndim != 2 or len(vectors) != len(words) or not vectors.shape[1]:
            raise ValueError(
                f"vectors must be (words, dim), for {len(words)} words, got {vectors.shape}"
            )
        if len(set(words)) < len(words):
            raise ValueError("words must each be there once, got one twice")
        self.words, self.vectors = tuple(words), vectors
        self._rows = {}
        for row, word in enumerate(words):
            self._rows.setdefault(_key(_tokens(word)), row)

    def __len__(self):
        return len(self.words)

    @property
    def dim(self) -> int:
        """How many numbers a word has."""
        return self.vectors.shape[1]

    def split(self, text: str) -> tuple[list[str], list[str]]:
        """Return the known words of a description, the longest first from the left; and the rest.

        Case, punctuation and articles do not matter. Chinese needs no spaces. Raises ``TypeError``
        for what is no text.
        """
        tokens, known, unknown = _tokens(check_text("text", text)), [], []
        while tokens:
            for length in range(min(LONGEST, len(tokens)), 0, -1):
                row = self._rows.get(_key(tokens[:length]))
                if row is not None and not (length == 1 and tokens[0] in SILENT):
                    known.append(self.words[row])
                    break
            else:
                length = 1
                unknown += [] if tokens[0] in SILENT else tokens[:1]
            tokens = tokens[length:]
        return known[:MOST], unknown

    def number(self, texts: Sequence[str], *, length: int | None = None) -> np.ndarray:
        """Return the rows of the known words of each text, from 1 on, ``(texts, length)`` of int.

        0 stands where a text has no more words. ``length`` is as long as the longest needs, unless
        given. Raises as `split` does, and for no texts.
        """
        rows = [
            [self._rows[_key(_tokens(word))] + 1 for word in self.split(text)[0]]
            for text in check_texts("texts", texts)
        ]
        longest = max(1, *map(len, rows))
        length = longest if length is None else check_whole("length", length, least=1)
        numbers = np.zeros((len(rows), length), np.int32)
        for place, row in enumerate(rows):
            numbers[place, : len(row[:length])] = row[:length]
        return numbers

    def encode(self, texts: Sequence[str], *, length: int | None = None) -> np.ndarray:
        """Return the vectors of the known words of each text, ``(texts, length, dim)`` of float32.

        Zeros stand where a text has no more words: all of them, if none of its words is known.
        """
        return self.look_up(self.number(texts, length=length))

    def look_up(self, numbers: ArrayLike) -> np.ndarray:
        """Return the vectors of rows that `number` gave, ``(..., dim)`` of float32, zeros for 0."""
        numbers = check_array("numbers", numbers, kinds="iu").astype(np.intp)
        if numbers.size and not 0 <= numbers.min() <= numbers.max() <= len(self):
            raise ValueError(
                f"numbers must be from 0 to {len(self)}, got {numbers.min()} to {numbers.max()}"
            )
        return self.vectors[numbers - 1] * (numbers > 0)[..., None]


def _tokens(text):
    return TOKEN.findall(normalize_text(text).lower().replace("-", " "))


def _key(tokens):
    """Return what two spellings of one phrase share: Chinese characters stand without spaces."""
    chinese = any(CHINESE.match(token) for token in tokens)
    return ("" if chinese else " ").join(tokens)
