"""Captions that no decoder writes: that of the nearest training image, and a linear probe."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._vectors import check_vectors, normalize
from mmtutorial.tasks import fit_ridge_map


def nearest_rows(images: ArrayLike, known: ArrayLike) -> np.ndarray:
    """Return for each image the row of the known one with the highest cosine, ``(images,)``.

    >>> nearest_rows([[2.0, 0.1]], [[0.0, 1.0], [1.0, 0.0]])
    array([1])
    """
    known = check_vectors("known", known)
    images = check_vectors("images", images, dim=known.shape[1])
    return (normalize(images) @ normalize(known).T).argmax(axis=1)


def nearest_captions(images: ArrayLike, known: ArrayLike, captions: Sequence[str]) -> list[str]:
    """Return for each image the caption of the known image nearest to it."""
    return [captions[row] for row in nearest_rows(images, known)]


def most_frequent_caption(captions: Sequence[str]) -> str:
    """Return the caption that stands most often; of equally frequent ones, the first.

    >>> most_frequent_caption(["dog", "cat", "cat"])
    'cat'
    """
    return Counter(filter(None, captions)).most_common(1)[0][0]


class WordProbe:
    """Ridge regression of 0 and 1 for each word: which ``count`` words score highest?

    It knows nothing of order, or of which words go together. ``pairs`` as `CaptionTask.pairs`
    holds them. `caption` returns a caption for each image, its words by their scores.
    """

    def __init__(self, pairs, vocabulary, *, penalty: float = 1e3, count: int = 3):
        self.vocabulary, self.count = vocabulary, count
        there = np.zeros((len(pairs["text"]), len(vocabulary)))
        np.put_along_axis(there, pairs["text"], 1, axis=1)
        self.map = fit_ridge_map(pairs["image"], there, penalty=penalty)

    def caption(self, images: ArrayLike) -> list[str]:
        """Return the words with the highest scores of each image."""
        scores = self.map.predict(images)
        scores[:, :2] = -np.inf  # padding and unknown
        best = np.argsort(-scores, axis=1, kind="stable")[:, : self.count]
        return [" ".join(words) for words in self.vocabulary.decode(best)]
