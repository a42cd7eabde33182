"""Emoji, stamps and the words that describe them: what a captioner reads, and is scored by."""

import re
from collections import Counter
from copy import copy
from functools import cached_property

import numpy as np

from mmtutorial import data
from mmtutorial._checks import check_choice, check_whole
from mmtutorial.data.keywords import SEPARATOR
from mmtutorial.preprocessing import Vocabulary, augment_image, tokenize
from mmtutorial.tasks._inputs import hide_test, pick_split

IMAGES = {"features": 64, "pixels": 32}  # pixels per side
STAMP_SIZES = {"features": 128, "pixels": 32}
SMALL = frozenset(
    {"a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with"}
)
LENGTH = 6  # words of a caption, at most
COPIES = 4  # augmented ones of the training pixels


def content_words(text: str) -> set[str]:
    """Return the words of a name or sentence, without articles and prepositions.

    >>> sorted(content_words("Bell with a slash."))
    ['bell', 'slash']
    """
    return {word for word in tokenize(text) if re.search(r"\w", word)} - SMALL


class CaptionTask:
    """What does the drawing show? A caption is its words, the most general one first.

    Words come from name and keywords, in English. Those of at least ``least`` training concepts are
    the vocabulary; the more concepts have a word, the further in front it stands, and the first six
    are the caption. Concepts of validation and test are new. ``image`` is ``"features"`` (frozen
    ResNet50, 256 numbers) or ``"pixels"`` (32x32).

    >>> task = CaptionTask()
    >>> dog = list(task.names("train")).index("dog face")
    >>> task.captions("train")[dog]
    'face animal adorbs dog pet'
    """

    def __init__(self, *, image: str = "features", least: int = 3):
        self.image = check_choice("image", image, tuple(IMAGES))
        self.least = check_whole("least", least, least=1)
        self.dataset = data.load_emoji(image=image, size=IMAGES[image])
        known = {}
        for concept, words in zip(self.concepts("train"), self.references("train"), strict=True):
            known.setdefault(concept, set()).update(words)
        self.counts = Counter(word for words in known.values() for word in words)
        self.scale, self._augmented = 255.0, {}
        if image == "features":
            self.scale = float(np.sqrt(np.mean(self.dataset.train.inputs["image"] ** 2)))

    def images(self, split: str) -> np.ndarray:
        """Return the drawings of a split, scaled: ``(rows, 256)``, or ``(rows, 32, 32, 3)``."""
        return self._scaled(pick_split(self.dataset, split).inputs["image"])

    def _scaled(self, images):
        return images.astype(np.float32) / np.float32(self.scale)

    def concepts(self, split: str) -> np.ndarray:
        """Return which concept each drawing shows, ``(rows,)`` of int."""
        return pick_split(self.dataset, split).targets["concept"]

    def names(self, split: str) -> np.ndarray:
        """Return the name of each drawing's emoji, ``(rows,)`` of str."""
        return pick_split(self.dataset, split).info["name"]

    def references(self, split: str) -> list[set[str]]:
        """Return all words of each drawing, known or not: those of its name and its keywords."""
        info = pick_split(self.dataset, split).info
        rows = zip(info["name"], info["keywords"], strict=True)
        return [content_words(name) | set(words.split(SEPARATOR)) - SMALL for name, words in rows]

    def say(self, words: set[str]) -> str:
        """Return a caption of some words: known ones, the most general first, six at most."""
        known = [word for word in words if self.counts[word] >= self.least]
        return " ".join(sorted(known, key=lambda word: (-self.counts[word], word))[:LENGTH])

    def captions(self, split: str) -> list[str]:
        """Return the caption of each drawing; ``""`` if none of its words is known."""
        return [self.say(words) for words in self.references(split)]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the training captions."""
        return Vocabulary.fit(text.split() for text in self.captions("train"))

    @cached_property
    def kept(self) -> np.ndarray:
        """The training rows that have a caption."""
        return np.flatnonzero([bool(text) for text in self.captions("train")])

    @cached_property
    def pairs(self) -> dict[str, np.ndarray]:
        """What a captioner trains on: images and ids of the rows that have a caption."""
        captions = [text.split() for text in self.captions("train")]
        ids = self.vocabulary.encode(captions, length=LENGTH)
        return {"image": self.images("train")[self.kept], "text": ids[self.kept]}

    def augmented(self, number: int) -> np.ndarray:
        """Return the images of `pairs`, pixels turned and shifted in one of four ways."""
        number %= COPIES
        if number not in self._augmented:
            bytes_ = (255 * self.pairs["image"]).round().astype(np.uint8)
            self._augmented[number] = self._scaled(augment_image(bytes_, seed=number))
        return self._augmented[number]

    @cached_property
    def stamps(self) -> tuple[np.ndarray, list[set[str]], np.ndarray]:
        """Photographs and pictures that no emoji is like: images, words and clusters of stamps."""
        image = "emoji-features" if self.image == "features" else "pixels"
        images, words, clusters = load_stamp_rows(image, STAMP_SIZES[self.image])
        return self._scaled(images), words, clusters

    def without_test(self) -> "CaptionTask":
        """Return the same task with an empty test split, for a search."""
        other = copy(self)
        other.dataset = hide_test(self.dataset)
        return other


def load_stamp_rows(
    image: str = "pixels", size: int = 64
) -> tuple[np.ndarray, list[set[str]], np.ndarray]:
    """Return images, words and clusters of all stamps that have a picture and a sentence."""
    stamps = data.load_stamps(image=image, size=size)
    images, words, clusters = [], [], []
    for split in (stamps.train, stamps.validation, stamps.test):
        told = [content_words(text) for text in split.inputs["text"]]
        kept = split.presence["image"] & np.array([bool(each) for each in told])
        images.append(split.inputs["image"][kept])
        words += [each for each, there in zip(told, kept, strict=True) if there]
        clusters.append(split.info["cluster"][kept])
    return np.concatenate(images), words, np.concatenate(clusters)
