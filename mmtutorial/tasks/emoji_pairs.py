"""Emoji drawings and their words as pairs, to bring both into one space and to search."""

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

import numpy as np

from mmtutorial import data, preprocessing
from mmtutorial._checks import check_choice, check_flag, check_list, check_texts, check_whole
from mmtutorial.data.keywords import SEPARATOR
from mmtutorial.tasks._inputs import hide_test, pick_split
from mmtutorial.tasks._ngrams import HashedNgrams

LANGUAGES = ("en", "zh")
IMAGES, TEXTS = ("features", "pixels"), ("features", "ngrams", "both")
BUCKETS = 2048  # places of hashed n-grams
LENGTH = 16.0  # of a training text, as a root mean square: that of image features
AUGMENTED_COPIES = 4  # of the training pictures


class Captions(NamedTuple):
    """The words of each emoji of a split, once, however many drew it.

    ``texts`` ``(emoji,)`` holds keywords joined by ``" | "``; ``vectors`` ``(emoji, dim)`` is
    what a model takes of them; ``ids`` ``(emoji,)`` says which concept each is of.
    """

    texts: np.ndarray
    vectors: np.ndarray
    ids: np.ndarray


class EmojiPairs:
    """Each drawing of an emoji with its words, in one language or two: pairs to learn from.

    Training words can be drawn anew every epoch. Test pairs are of concepts, and by an artist, that
    training never saw. Several emoji may show one concept (a man, and a woman, who runs): they are
    no negatives of each other, and a search is right that finds any of them.

    Parameters
    ----------
    image : ``"features"`` (frozen ResNet50, 256 numbers) or ``"pixels"`` (32x32)
    text : ``"features"`` (frozen word vectors, 256 numbers, both languages in one space),
        ``"ngrams"`` (2,048 counts of hashed pieces of words, nothing learnt), or ``"both"``
    languages : ``("en",)``, ``("zh",)``, or both: each training row then draws its language anew
    keywords : how many words of a training row are drawn in each epoch, None for all
    names : whether the name of an emoji is one of its keywords, the first
    artists : None, or those whose drawings train

    >>> pairs = EmojiPairs(keywords=3)
    >>> inputs, concepts = pairs.draw_epoch(0, seed=0)
    >>> inputs["image"].shape, inputs["text"].shape, concepts.shape
    ((4360, 256), (4360, 256), (4360,))
    """

    def __init__(
        self,
        *,
        image: str = "features",
        text: str = "features",
        languages: Sequence[str] = ("en",),
        keywords: int | None = None,
        names: bool = True,
        artists: Sequence[str] | None = None,
    ):
        self.image = check_choice("image", image, IMAGES)
        self.text = check_choice("text", text, TEXTS)
        self.languages = tuple(check_list("languages", languages, "languages"))
        for place, language in enumerate(self.languages):
            check_choice(f"languages[{place}]", language, LANGUAGES)
        if keywords is not None:
            check_whole("keywords", keywords, least=1)
        self.keywords, self.names = keywords, check_flag("names", names)
        size = {"features": 64, "pixels": 32}[image]
        self.datasets = {
            language: data.load_emoji(image=image, size=size, language=language, artists=artists)
            for language in LANGUAGES
        }
        self._augmented = {}
        self._encoders = self._make_encoders()
        self.image_scale, self.text_scales = self._find_scales()

    def _make_encoders(self):
        """Return what makes numbers of texts: ``{language: {kind: function of texts}}``."""
        make = {
            "features": lambda language: data.load_word_vectors().mean,
            "ngrams": lambda language: HashedNgrams(BUCKETS, language).mean,
        }
        kinds = tuple(make) if self.text == "both" else (self.text,)
        return {each: {kind: make[kind](each) for kind in kinds} for each in LANGUAGES}

    def _find_scales(self):
        """Return what images, and each kind of text, are divided by: one number each."""
        pictures = self._split("train").inputs["image"]
        image = float(np.sqrt(np.mean(pictures**2))) if self.image == "features" else 255.0
        language = self.languages[0]
        words = self.words("train", language=language)
        texts = {}
        for kind, encode in self._encoders[language].items():
            texts[kind] = float(np.sqrt(np.mean(np.sum(encode(words) ** 2, axis=1)))) / LENGTH
        return image, texts

    def images(self, split: str, *, augment: int | None = None) -> np.ndarray:
        """Return a split's drawings, scaled: ``(rows, 256)``, or ``(rows, 32, 32, 3)`` in 0..1.

        ``augment`` is None, or the seed of one of four ways to turn and shift pixels.
        """
        pictures = self._split(split).inputs["image"]
        if augment is not None:
            number = check_whole("augment", augment, least=0) % AUGMENTED_COPIES
            if self.image == "pixels":
                if (split, number) not in self._augmented:
                    turned = preprocessing.augment_image(pictures, seed=number)
                    self._augmented[split, number] = turned
                pictures = self._augmented[split, number]
        return pictures.astype(np.float32) / np.float32(self.image_scale)

    def words(self, split: str, *, language: str, seed: int | None = None) -> np.ndarray:
        """Return the keywords of each drawing of a split, ``(rows,)`` of str.

        All of them; or, where there is a ``seed``, as many as ``keywords`` says, drawn by it.
        """
        info = self._split(split, language).info
        words = info["keywords"]
        if self.names:
            pairs = zip(info["name"], words, strict=True)
            words = np.array([SEPARATOR.join(pair) for pair in pairs], np.str_)
        if seed is None or self.keywords is None:
            return words
        return data.draw_keywords(words, self.keywords, seed=seed)

    def encode(self, texts: Sequence[str], *, language: str) -> np.ndarray:
        """Return what a model takes of texts, keywords joined by ``" | "``: ``(texts, dim)``.

        Raises ``ValueError`` for a word that has no frozen vector, if the texts are features.
        """
        check_choice("language", language, LANGUAGES)
        texts = check_texts("texts", texts)
        parts = [
            encode(texts) / np.float32(self.text_scales[kind])
            for kind, encode in self._encoders[language].items()
        ]
        return np.concatenate(parts, axis=1)

    def ids(self, split: str) -> np.ndarray:
        """Return the concept of each drawing, ``(rows,)`` of int."""
        return self._split(split).targets["concept"]

    def inputs(self, split: str, *, language: str, seed: int | None = None) -> dict:
        """Return a split, a row for each drawing: ``{"image": ..., "text": ...}``.

        ``seed`` as in `words`.
        """
        words = self.words(split, language=language, seed=seed)
        return {"image": self.images(split), "text": self.encode(words, language=language)}

    def draw_epoch(self, epoch: int, *, seed: int) -> tuple[dict, np.ndarray]:
        """Return inputs and concepts of a training epoch: words and languages drawn anew."""
        fresh = 1000 * check_whole("seed", seed, least=0) + check_whole("epoch", epoch, least=0)
        rng, rows = np.random.default_rng([2, fresh]), len(self.ids("train"))
        words = [self.words("train", language=each, seed=fresh) for each in self.languages]
        chosen = rng.integers(len(self.languages), size=rows)
        parts, order = [], np.argsort(chosen, kind="stable")
        for place, language in enumerate(self.languages):
            drawn = words[place][chosen == place]
            parts += [self.encode(drawn, language=language)] if len(drawn) else []
        text = np.empty((rows, parts[0].shape[1]), np.float32)
        text[order] = np.concatenate(parts)
        return {"image": self.images("train", augment=fresh), "text": text}, self.ids("train")

    def captions(self, split: str, *, language: str) -> Captions:
        """Return all words of each emoji of a split, once: what a search by image looks through."""
        part, words = self._split(split, language), self.words(split, language=language)
        _, first = np.unique(part.info["hexcode"], return_index=True)
        first.sort()
        words = words[first]
        vectors = self.encode(words, language=language)
        return Captions(words, vectors, part.targets["concept"][first])

    def without_test(self) -> "EmojiPairs":
        """Return the same pairs with an empty test split, for a search."""
        other = copy(self)
        other.datasets = {name: hide_test(each) for name, each in self.datasets.items()}
        return other

    def _split(self, split, language="en"):
        check_choice("language", language, LANGUAGES)
        return pick_split(self.datasets[language], split)
