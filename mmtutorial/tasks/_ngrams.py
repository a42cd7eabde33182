"""Keywords as counts of hashed pieces: what a text is without a pretrained encoder."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from scipy.sparse import csr_array

from mmtutorial import preprocessing
from mmtutorial.data.keywords import SEPARATOR


class HashedNgrams:
    """Count the words and character n-grams of each keyword, in ``buckets`` places by their hash.

    A piece never seen in training still has its place, and so has a word with known pieces. English
    words give trigrams, Chinese ones characters and pairs. Paper: Weinberger et al. 2009, Feature
    Hashing for Large Scale Multitask Learning.
    """

    def __init__(self, buckets: int, language: str):
        self.dim, self.language = buckets, language
        self._places = {}

    def mean(self, texts: Sequence[str]) -> np.ndarray:
        """Return the mean over each text's keywords, ``(texts, buckets)`` float32.

        The counts of one keyword are brought to length 1 before.
        """
        rows = [text.split(SEPARATOR) for text in texts]
        places = [self._find(word) for row in rows for word in row]
        shares = np.repeat([1 / len(row) for row in rows], [len(row) for row in rows])
        counts = [len(each) for each in places]
        weights = np.repeat(shares / np.sqrt(counts), counts)
        ends = np.cumsum([0] + [sum(len(self._find(word)) for word in row) for row in rows])
        matrix = (weights, np.concatenate([*places, np.empty(0, np.intp)]), ends)
        return csr_array(matrix, shape=(len(rows), self.dim)).toarray().astype(np.float32)

    def _find(self, word):
        """Return the places of a keyword's pieces, at least one."""
        if word not in self._places:
            pieces = preprocessing.tokenize(word, language=self.language, unit="subword") or [word]
            hashes = [crc32(f"{self.language} {piece}".encode()) % self.dim for piece in pieces]
            self._places[word] = np.array(hashes, np.intp)
        return self._places[word]
