"""The recipe of the fusion part: tell the group of an emoji."""

from copy import copy

import numpy as np
from keras import layers

from mmtutorial import data, encoders, preprocessing
from mmtutorial._checks import check_choice, check_flag, check_like, check_whole
from mmtutorial.encoders.words import WordBags
from mmtutorial.fusion._names import fusion_by_name
from mmtutorial.tasks._inputs import SPLITS, hide_test, pick_split
from mmtutorial.tasks.training import build_classifier

AUGMENTED_COPIES = 4  # of the training pictures; drawing new ones every epoch costs more time
MAX_SUBWORDS, MAX_KEYWORDS = 24, 16  # that a keyword is cut into, that an emoji has
METHODS = ("image", "text", "early", "concat", "sum")
TOKEN_FUSIONS = ("cross_attention", "bottleneck")
FUSIONS = ("gated", "attention", "tensor", "low_rank", "multiplicative", *TOKEN_FUSIONS,
           "mixture", "product")  # fmt: skip
FUSION_OPTIONS = {  # so that none has many more weights than another, or takes minutes per model
    "tensor": {"units": 32},
    "low_rank": {"units": 64, "rank": 4},
    "cross_attention": {"units": 32, "hidden": 64},
    "bottleneck": {"units": 32, "hidden": 64},
}


class EmojiTask:
    """Emoji images and words as arrays, ready for a model; words can be drawn afresh.

    Parameters
    ----------
    image : ``"features"`` (frozen ResNet50, 256 numbers) or ``"pixels"`` (32x32)
    keywords : how many words an image comes with, None for all
    language : ``"en"`` or ``"zh"``
    artists : None, or those whose drawings train
    fresh : whether training words are drawn anew for another seed, or once and for all
    length : tokens a text is padded to
    by_word : whether the tokens of each keyword stand in a row of their own, ``(rows, keywords,
        24)``, as fusions of tokens need them; then ``length`` says nothing
    dataset : None, or emoji split in another way, to use instead of loading them; then
        ``language`` must be theirs, and ``artists`` says nothing

    >>> task = EmojiTask(keywords=1)
    >>> sorted(task.inputs("test", seed=0))
    ['image', 'text']
    """

    def __init__(
        self,
        *,
        image="features",
        keywords=2,
        language="en",
        artists=None,
        fresh=True,
        length=None,
        by_word=False,
        dataset=None,
    ):
        check_choice("image", image, ("features", "pixels"))
        check_choice("language", language, ("en", "zh"))
        for name, flag in (("fresh", fresh), ("by_word", by_word)):
            check_flag(name, flag)
        if dataset is None:
            size = 64 if image == "features" else 32
            dataset = data.load_emoji(image=image, size=size, language=language, artists=artists)
        self.dataset = check_like("dataset", dataset, "a Dataset", "classes", *SPLITS)
        self.image, self.keywords, self.language, self.fresh = image, keywords, language, fresh
        if length is not None:
            check_whole("length", length, least=1)
        if keywords is not None:
            check_whole("keywords", keywords, least=1)
        self.length = length or {1: MAX_SUBWORDS, 2: 2 * MAX_SUBWORDS}.get(keywords, 160)
        self.by_word = by_word
        train = self.dataset.train
        self._ids, self._pieces, self._augmented = {}, {}, {}
        self.vocabulary = preprocessing.Vocabulary.fit(
            [self._tokenize(text) for text in np.unique(train.info["keywords"])], min_count=2
        )
        self.scale = float(train.inputs["image"].std()) if image == "features" else 255.0
        self.classes = len(self.dataset.classes["group"])

    def _tokenize(self, text):
        return preprocessing.tokenize(text, language=self.language, unit="subword")

    def words(self, split, *, seed):
        """Draw this task's number of keywords for every row of a split, ``(rows,)`` of str."""
        every = pick_split(self.dataset, split).info["keywords"]
        if self.keywords is None:
            return every
        once = split == "train" and not self.fresh
        return data.draw_keywords(every, self.keywords, seed=0 if once else seed)

    def encode(self, words):
        """Turn keyword strings into token ids, ``(rows, length)``, or by word."""
        if not isinstance(words, (list, tuple, np.ndarray)):
            raise TypeError(f"words must be a list of texts, such as [{words!r}], got no list")
        if wrong := [text for text in words if not isinstance(text, str)]:
            raise TypeError(f"words must be a list of texts, got {wrong[0]!r} in it")
        if self.by_word:
            return self._encode_by_word([text.split(" | ") for text in words])
        words = [str(text) for text in words]
        if new := [text for text in dict.fromkeys(words) if text not in self._ids]:
            tokens = [self._tokenize(text) for text in new]
            self._ids |= zip(new, self.vocabulary.encode(tokens, length=self.length), strict=True)
        rows = [self._ids[text] for text in words]
        return np.stack(rows) if rows else np.zeros((0, self.length), np.int32)

    def _encode_by_word(self, lists):
        ids = np.zeros((len(lists), self.keywords or MAX_KEYWORDS, MAX_SUBWORDS), np.int32)
        for row, words in zip(ids, lists, strict=True):
            for place, word in zip(row, words, strict=False):
                if word not in self._pieces:
                    tokens = [self._tokenize(word)]
                    self._pieces[word] = self.vocabulary.encode(tokens, length=MAX_SUBWORDS)[0]
                place[:] = self._pieces[word]
        return ids

    def images(self, split, *, augment=None):
        """Scale a split's images for a network; ``augment`` is None or a seed."""
        pictures = pick_split(self.dataset, split).inputs["image"]
        if augment is not None:
            check_whole("augment", augment, least=0)
        if augment is not None and self.image == "pixels":
            copy = augment % AUGMENTED_COPIES
            if (split, copy) not in self._augmented:
                self._augmented[split, copy] = preprocessing.augment_image(pictures, seed=copy)
            pictures = self._augmented[split, copy]
        return pictures.astype(np.float32) / self.scale

    def inputs(self, split, *, seed, augment=None):
        """Return a batch of a whole split: ``{"image": ..., "text": ids}``."""
        return {
            "image": self.images(split, augment=augment),
            "text": self.encode(self.words(split, seed=seed)),
        }

    def targets(self, split):
        """Return the group of every row, ``(rows,)`` of int."""
        return pick_split(self.dataset, split).targets["group"]

    def draw_epoch(self, epoch, *, seed):
        """Return inputs and targets of a training epoch: new words, the next augmented copy."""
        fresh = 1000 * seed + epoch
        return self.inputs("train", seed=fresh, augment=fresh), self.targets("train")

    def build(self, method, recipe):
        """Build a model, see `build_model`."""
        return build_model(self, method, recipe)

    def without_test(self):
        """Return the same task with an empty test split, for a search."""
        other = copy(self)
        other.dataset = hide_test(self.dataset)
        return other


def build_model(task, method, recipe):
    """Build one of `METHODS` or `FUSIONS`: a modality alone, or two joined early, midway or late.

    Early fusion joins what comes in (features or pixels, and which tokens occur) and needs a
    hidden layer; the others join what their encoders make of it. Tensor fusion brings each vector
    to 32 numbers first: the product then has 33 x 33 numbers and not 129 x 129, and the model
    about as many weights as the others. In `TOKEN_FUSIONS` tokens attend to tokens: each keyword is
    one, the image is a single one, and each is brought to 32 numbers; they need a task with
    ``by_word=True``. Raises ``ValueError`` for an unknown method or a task of the wrong kind.
    """
    check_like("task", task, "an EmojiTask", "vocabulary", "classes", "image", "by_word")
    check_like("recipe", recipe, "a Recipe", "units", "hidden", "replace")
    check_choice("method", method, METHODS + FUSIONS)
    if (method in TOKEN_FUSIONS) != task.by_word:
        raise ValueError(f"task must have by_word={not task.by_word} for {method!r}")
    if method == "early":
        parts = {
            "image": layers.Flatten(),
            "text": layers.CategoryEncoding(len(task.vocabulary), output_mode="multi_hot"),
        }
        hidden = (recipe.units, *recipe.hidden)
    else:
        parts = {"image": _see(task, recipe), "text": _read(task, method, recipe)}
        hidden = recipe.hidden
    if method in parts:
        parts = {method: parts[method]}
    sizes = {"sum": {"units": recipe.units}, **FUSION_OPTIONS}.get(method, {})
    name = method if method in FUSIONS or method == "sum" else "concat"
    return build_classifier(
        parts, fusion_by_name(name, **sizes), task.classes, recipe.replace(hidden=hidden)
    )


def _see(task, recipe):
    """Return the encoder of images: a convolution for pixels, a dense layer for features."""
    if task.image == "pixels":
        return encoders.ImageCNN(recipe.units, filters=(16, 32, 64), dropout=recipe.image_dropout)
    return encoders.DenseEncoder(recipe.units, dropout=recipe.image_dropout)


def _read(task, method, recipe):
    """Return the encoder of words: an average of embeddings, or one for each keyword."""
    read = WordBags if method in TOKEN_FUSIONS else encoders.TextBag
    return read(len(task.vocabulary), recipe.units, dropout=recipe.text_dropout)
