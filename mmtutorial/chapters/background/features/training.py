"""One encoder and a linear layer on top, for pictures or words alone; recipes made by hand."""

from functools import cache

import keras
import numpy as np

from mmtutorial import encoders, preprocessing
from mmtutorial.data.emoji import ARTISTS
from mmtutorial.tasks import EmojiTask, train_alone

LENGTH = 28  # the longest row of two words with their pieces has 26
QUICK, SLOW = {"batch_size": 64}, {"batch_size": 128}
FROZEN = dict(epochs=10, learning_rate=2e-3, **QUICK)
CONVOLUTION = dict(epochs=6, learning_rate=3e-3, **QUICK)
BAG = dict(epochs=8, learning_rate=5e-3, **QUICK)
RECIPES = {  # chosen by hand on the validation split
    "linear on pixels": dict(epochs=8, learning_rate=5e-4, **QUICK),
    "CNN, random filters kept": CONVOLUTION,
    "CNN": CONVOLUTION,
    "linear on frozen features": FROZEN,
    "linear on frozen features, labels shuffled": FROZEN,
    "linear on ids": dict(epochs=8, learning_rate=3e-3, **QUICK),
    "RNN": dict(epochs=4, learning_rate=5e-3, **SLOW),
    "RNN, whole words": dict(epochs=4, learning_rate=5e-3, **SLOW),
    "transformer": dict(epochs=4, learning_rate=3e-3, **SLOW),
    "bag": BAG,
    "bag, labels shuffled": BAG,
}
PICTURES = tuple(name for name in RECIPES if "pixels" in name or "CNN" in name or "frozen" in name)


class Pictures:
    """Pictures as pixels or as frozen features, drawn by all training artists or without one.

    Validation has the pictures of all artists, whoever trained.
    """

    def __init__(self, image, left_out=None):
        artists = None if left_out is None else tuple(a for a in ARTISTS if a != left_out)
        self.emoji = EmojiTask(image=image, artists=artists)
        self._everyone = self.emoji if left_out is None else load_source(image).emoji
        self.artist = self._everyone.dataset.validation.targets["artist"]

    def _of(self, split):
        return self._everyone if split == "validation" else self.emoji

    def draw(self, epoch):
        """Return the training pictures of an epoch: mirrored in every second one."""
        pictures = self.inputs("train", 0)
        return pictures[:, :, ::-1] if pictures.ndim == 4 and epoch % 2 else pictures

    def inputs(self, split, seed):
        """Return the pictures of a split; the seed does not matter."""
        return self._of(split).images(split)

    def targets(self, split):
        """Return the group of every picture."""
        return self._of(split).targets(split)


class Words:
    """Two keywords of each picture, as subwords or whole words, drawn anew for each epoch."""

    def __init__(self, unit="subword"):
        self.emoji, self._unit = EmojiTask(keywords=2, length=LENGTH), unit
        self.vocabulary = self.emoji.vocabulary
        if unit == "word":
            texts = map(self._cut, np.unique(self.emoji.dataset.train.info["keywords"]))
            self.vocabulary = preprocessing.Vocabulary.fit(texts, min_count=2)

    def _cut(self, text):
        return preprocessing.tokenize(text, unit=self._unit)

    def inputs(self, split, seed):
        """Return rows of ids."""
        words = self.emoji.words(split, seed=seed)
        if self._unit == "subword":
            return self.emoji.encode(words)
        return self.vocabulary.encode(map(self._cut, words), length=12)

    def draw(self, epoch):
        """Return the training rows of an epoch."""
        return self.inputs("train", 1000 + epoch)

    def targets(self, split):
        """Return the group of every row."""
        return self.emoji.targets(split)


@cache
def load_source(kind, left_out=None):
    """Load each source once: ``"pixels"``, ``"features"``, ``"subword"`` or ``"word"``."""
    return Words(kind) if kind in ("subword", "word") else Pictures(kind, left_out)


def source_of(method):
    """Return the kind of source that a method learns from.

    >>> source_of("RNN, whole words")
    'word'
    """
    if method in PICTURES:
        return "features" if "frozen" in method else "pixels"
    return "word" if "whole" in method else "subword"


def make_cnn(*, learn):
    """Make the CNN of the chapter; unless they may learn, its filters stay as drawn at first."""
    cnn = encoders.ImageCNN(64, filters=(16, 32, 64), kernel_size=5, dropout=0.2)
    if not learn:
        cnn.build((None, 32, 32, 3))
        for layer in cnn.stages:
            layer.trainable = not isinstance(layer, keras.layers.Conv2D)
    return cnn


def make_encoder(method, source):
    """Make the layer, or a list of layers, below the linear one."""
    if method.startswith("CNN"):
        return make_cnn(learn="kept" not in method)
    if method in PICTURES:
        return [keras.layers.Flatten()]
    size = len(source.vocabulary)
    if "ids" in method:
        return [keras.layers.Rescaling(1 / size)]
    if method.startswith("RNN"):
        return encoders.TextRNN(size, 64, embedding=32, dropout=0.2)
    if method.startswith("bag"):
        return encoders.TextBag(size, 64, dropout=0.2)
    return encoders.TextTransformer(size, 64, num_layers=2, heads=4, dropout=0.2, max_length=LENGTH)


def train_encoder(method, source, *, seed):
    """Train a method of `RECIPES` on a source; labels are shuffled where its name says so."""
    targets = source.targets("train")
    if "shuffled" in method:
        targets = np.random.default_rng(seed).permutation(targets)
    model, _ = train_alone(
        lambda: make_encoder(method, source),
        source.draw,
        targets,
        classes=source.emoji.classes,
        seed=seed,
        **RECIPES[method],
    )
    return model
