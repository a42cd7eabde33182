"""Pairs of emoji and words for experiments: from pixels or likenesses, shuffled, or as words."""

from functools import cache

import numpy as np
from scipy.linalg import eigh

from mmtutorial import data
from mmtutorial.chapters.cross_modal.contrast.encoders import RelativeEncoder
from mmtutorial.data.keywords import SEPARATOR
from mmtutorial.tasks import EmojiPairs
from mmtutorial.tasks.emoji_pairs import LENGTH

COMPONENTS = 256  # as many as there are frozen features
MOST_WORDS = 32  # that an emoji has, its name among them


@cache
def pixel_components():
    """Return the mean of the training drawings at 32 pixels, and their first components.

    ``(3072,)`` and ``(3072, 256)``; components are scaled so that a drawing has the mean length of
    frozen features.
    """
    return _find_components(_flat(data.load_emoji(size=32).train.inputs["image"]))


def _find_components(vectors):
    mean = vectors.mean(axis=0)
    numbers = vectors.shape[1]
    chosen = (numbers - COMPONENTS, numbers - 1)
    _, axes = eigh(np.cov(vectors - mean, rowvar=False), subset_by_index=chosen)
    axes = axes[:, ::-1].astype(np.float32)
    length = np.sqrt(np.mean(np.sum(((vectors - mean) @ axes) ** 2, axis=1)))
    return mean, axes * np.float32(LENGTH / length)


def _flat(pixels):
    return pixels.reshape(len(pixels), np.prod(pixels.shape[1:])).astype(np.float32) / 255


class PixelPairs(EmojiPairs):
    """Pairs whose images are principal components of their pixels: nothing pretrained saw them.

    ``options`` are those of `EmojiPairs`, without ``image``.
    """

    def __init__(self, **options):
        super().__init__(image="pixels", **options)
        self.image = "components"  # of which a dense encoder is made
        self._seen = {}

    def images(self, split, *, augment=None):
        """Return ``(rows, 256)``; there is nothing to augment."""
        pictures = self._split(split).inputs["image"]
        if (split, len(pictures)) not in self._seen:  # without its test split, it is another
            mean, axes = pixel_components()
            self._seen[split, len(pictures)] = (_flat(pictures) - mean) @ axes
        return self._seen[split, len(pictures)]


class LikenessPairs(PixelPairs):
    """Pairs whose images are their likenesses to known drawings, from pixels alone.

    The likenesses are those of relative representations, reduced to as many principal components as
    there are numbers of pixels. ``known`` is None, or the pairs whose training drawings are known.
    """

    def __init__(self, *, known=None, **options):
        super().__init__(**options)
        if known is None:
            drawings = super().images("train")
            alike = RelativeEncoder({"image": drawings, "text": drawings}, nearest=200, power=6.0)
            self._alike = alike
            self._reduce = _find_components(alike.encode({"image": drawings})["image"])
        else:
            self._alike, self._reduce = known._alike, known._reduce

    def images(self, split, *, augment=None):
        """Return ``(rows, 256)``; there is nothing to augment."""
        drawings, (mean, axes) = super().images(split), self._reduce
        key = "likenesses", split, len(drawings)
        if key not in self._seen:
            self._seen[key] = (self._alike.encode({"image": drawings})["image"] - mean) @ axes
        return self._seen[key]


class ShuffledPairs(EmojiPairs):
    """Pairs of which training sees the wrong ones: the words of another drawing, the same always.

    What a model finds nevertheless, it does not owe to the pairing.
    """

    def draw_epoch(self, epoch, *, seed):
        """Return inputs whose texts belong to other rows, and of which no two are one thing."""
        inputs, ids = super().draw_epoch(epoch, seed=seed)
        order = np.random.default_rng([5, seed]).permutation(len(ids))
        return {**inputs, "text": inputs["text"][order]}, np.arange(len(ids))


def every_pair(task):
    """Return the training pairs in each language, one below the other."""
    each = [task.inputs("train", language=language) for language in task.languages]
    return {name: np.concatenate([inputs[name] for inputs in each]) for name in each[0]}


@cache
def word_rows():
    """Return the row of each word of the emoji in a table, from 1 on: ``{word: row}``."""
    words = {}
    for language in ("en", "zh"):
        dataset = data.load_emoji(image="features", language=language)
        for split in (dataset.train, dataset.validation, dataset.test):
            for name, text in zip(split.info["name"], split.info["keywords"], strict=True):
                words.update(dict.fromkeys([name, *text.split(SEPARATOR)]))
    return {word: row for row, word in enumerate(words, start=1)}


class WordPairs(EmojiPairs):
    """Pairs whose texts are the rows of their words in a table, ``(rows, 32)`` int32, then 0."""

    def encode(self, texts, *, language):
        """Return the words' rows in the table of `word_rows`."""
        rows = np.zeros((len(texts), MOST_WORDS), np.int32)
        for row, text in zip(rows, texts, strict=True):
            words = [word_rows()[word] for word in text.split(SEPARATOR)]
            row[: len(words)] = words
        return rows

    def _find_scales(self):
        image, _ = super()._find_scales()
        return image, EmojiPairs(languages=self.languages).text_scales

    def draw_epoch(self, epoch, *, seed):
        """Return an epoch as `EmojiPairs` does; rows of a table are whole numbers."""
        inputs, ids = super().draw_epoch(epoch, seed=seed)
        return {**inputs, "text": inputs["text"].astype(np.int32)}, ids
