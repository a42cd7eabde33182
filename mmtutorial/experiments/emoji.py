"""The recipe of the fusion part: tell the group of an emoji."""

from dataclasses import dataclass, replace

import keras
import numpy as np
from keras import layers

from mmtutorial import data, encoders, fusion, preprocessing

AUGMENTED = 4  # copies of the training pictures; drawing new ones every epoch costs more time
METHODS = ("image", "text", "early", "concat", "sum")


@dataclass(frozen=True)
class Recipe:
    """Every choice of a training run; defaults are where the search on validation begins."""

    units: int = 128
    hidden: tuple[int, ...] = ()
    dropout: float = 0.0  # in the head, behind each hidden layer
    image_dropout: float = 0.0
    text_dropout: float = 0.0
    modality_dropout: float = 0.0
    epochs: int = 12
    batch_size: int = 128
    learning_rate: float = 2e-3

    def but(self, **changes):
        """Return the same recipe with some choices changed."""
        return replace(self, **changes)


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
        dataset=None,
    ):
        self.dataset = dataset or data.load_emoji(
            image=image,
            size=64 if image == "features" else 32,
            language=language,
            artists=artists,
        )
        self.image, self.keywords, self.language, self.fresh = image, keywords, language, fresh
        self.length = length or {1: 24, 2: 48}.get(keywords, 160)
        train = self.dataset.train
        self._tokens, self._augmented = {}, {}
        self.vocabulary = preprocessing.Vocabulary.fit(
            [self._tokenize(text) for text in np.unique(train.info["keywords"])], min_count=2
        )
        self.scale = float(train.inputs["image"].std()) if image == "features" else 255.0
        self.classes = len(self.dataset.classes["group"])

    def _tokenize(self, text):
        if text not in self._tokens:
            self._tokens[text] = preprocessing.tokenize(
                text, language=self.language, unit="subword"
            )
        return self._tokens[text]

    def words(self, split, *, seed):
        """Draw this task's number of keywords for every row of a split, ``(rows,)`` of str."""
        every = getattr(self.dataset, split).info["keywords"]
        if self.keywords is None:
            return every
        once = split == "train" and not self.fresh
        return data.draw_keywords(every, self.keywords, seed=0 if once else seed)

    def encode(self, words):
        """Turn keyword strings into token ids, ``(rows, length)``."""
        return self.vocabulary.encode([self._tokenize(w) for w in words], length=self.length)

    def images(self, split, *, augment=None):
        """Scale a split's images for a network; ``augment`` is None or a seed."""
        pictures = getattr(self.dataset, split).inputs["image"]
        if augment is not None and self.image == "pixels":
            copy = augment % AUGMENTED
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
        return getattr(self.dataset, split).targets["group"]


def build_model(task, method, recipe):
    """Build one of `METHODS` for a task: a modality alone, or two joined early or in the middle.

    Early fusion joins what comes in (features or pixels, and which tokens occur) and needs a
    hidden layer; the others join what their encoders make of it. Raises ``ValueError`` for an
    unknown method.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {METHODS}, got {method!r}")
    size = len(task.vocabulary)
    if method == "early":
        parts = {
            "image": layers.Flatten(),
            "text": layers.CategoryEncoding(size, output_mode="multi_hot"),
        }
        hidden = (recipe.units, *recipe.hidden)
    else:
        pixels = task.image == "pixels"
        see = encoders.ImageCNN if pixels else encoders.DenseEncoder
        size_of_cnn = {"filters": (16, 32, 64)} if pixels else {}
        parts = {
            "image": see(recipe.units, dropout=recipe.image_dropout, **size_of_cnn),
            "text": encoders.TextBag(size, recipe.units, dropout=recipe.text_dropout),
        }
        hidden = recipe.hidden
    parts = {name: part for name, part in parts.items() if method in (name, *METHODS[2:])}
    return fusion.FusionClassifier(
        parts,
        fusion.SumFusion(recipe.units) if method == "sum" else "concat",
        task.classes,
        hidden=hidden,
        dropout=recipe.dropout,
        modality_dropout=recipe.modality_dropout,
    )


def train_model(task, method, recipe, *, seed, on_epoch=None, build=build_model):
    """Train one model; every epoch draws its words afresh and takes the next augmented copy.

    ``on_epoch(epoch, model)`` is called after each epoch, if given; ``build(task, method,
    recipe)`` makes the model. Returns it, trained.
    """
    targets = task.targets("train")
    if recipe.batch_size > len(targets):
        raise ValueError(
            f"batch_size must be at most {len(targets)}, the training rows, got {recipe.batch_size}"
        )
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build(task, method, recipe)
    model.compile(
        optimizer=keras.optimizers.Adam(recipe.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    for epoch in range(recipe.epochs):
        fresh = 1000 * seed + epoch
        inputs = task.inputs("train", seed=fresh, augment=fresh)
        order = rng.permutation(len(targets))
        for start in range(0, len(order) - recipe.batch_size + 1, recipe.batch_size):
            rows = order[start : start + recipe.batch_size]
            batch = {name: inputs[name][rows] for name in model.modalities}
            model.train_on_batch(batch, targets[rows])
        if on_epoch is not None:
            on_epoch(epoch, model)
    return model


def log_probabilities(model, inputs):
    """Return what a model believes of each class, ``(rows, classes)``."""
    inputs = {name: inputs[name] for name in model.modalities}
    return keras.ops.convert_to_numpy(keras.ops.log_softmax(model(inputs, training=False)))
