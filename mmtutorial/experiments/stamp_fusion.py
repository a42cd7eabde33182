"""The stamps as arrays for a fusion: photograph, caption, spoken caption and sound, with gaps."""

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np
from keras import layers

from mmtutorial import data, encoders, preprocessing
from mmtutorial.data._options import check_names
from mmtutorial.experiments import emoji
from mmtutorial.experiments.stamps import SPLITS, describe_parts, describe_sound
from mmtutorial.experiments.training import Recipe, fit_model, join
from mmtutorial.experiments.words import WordBags
from mmtutorial.fusion import LateFusion
from mmtutorial.fusion._names import fusion_by_name

MODALITIES = ("image", "text", "speech", "sound")
JOINED = ("early", "concat", "sum", *emoji.FUSIONS)
SMALL = {**emoji.SMALL, "tensor": {"units": 16}, "low_rank": {"units": 32, "rank": 4}}


@dataclass(frozen=True)
class StampRecipe(Recipe):
    """The choices of a training run on stamps: they are few, so models are small and cautious."""

    units: int = 64
    image_dropout: float = 0.5
    text_dropout: float = 0.5
    speech_dropout: float = 0.5
    sound_dropout: float = 0.5
    epochs: int = 30
    batch_size: int = 32


class StampFusionTask:
    """Some modalities of the stamps as arrays, ready for a model that is told who is absent.

    - ``"image"``: 256 numbers of a frozen network, ``(rows, 256)``;
    - ``"text"``: ids of the pieces of the caption's words, ``(rows, length)``;
    - ``"speech"``, ``"sound"``: mean and spread over time of the log-mel bands, ``(rows, 128)``,
      standardised by the training rows that have the recording.

    What is absent is 0. The ten groups of things are the classes.

    Parameters
    ----------
    fold : which fifth of the stamps is the test split, 0 to 4
    modalities : some of ``"image"``, ``"text"``, ``"speech"``, ``"sound"``
    language, speech : of the written and of the spoken caption
    by_token : whether a caption is its words, ``(rows, words, pieces)``, and a recording twenty
        parts of one length, ``(rows, 20, 64)``, as fusions of tokens need them
    words : how many words of a caption are kept, None for all
    pieces : how many pieces are known at most, two that stand for none and for others included

    >>> task = StampFusionTask()
    >>> {name: array.shape for name, array in sorted(task.inputs("test").items())}
    {'image': (129, 256), 'presence': (129, 3), 'speech': (129, 128), 'text': (129, 176)}
    """

    def __init__(
        self,
        *,
        fold=0,
        modalities=("image", "text", "speech"),
        language="en",
        speech="fr",
        by_token=False,
        words=None,
        pieces=10_000,
    ):
        self.modalities = tuple(sorted(check_names("modalities", modalities, MODALITIES)))
        self.by_token, self._language, self._speech = by_token, language, speech
        self._kept = words
        options = {"fold": fold, "language": language, "speech": speech}
        self.dataset = data.load_stamps(image="features", **options)
        self.classes = len(self.dataset.classes["group"])
        captions = [self._cut(split.inputs["text"]) for split in self._splits()]
        self.vocabulary = preprocessing.Vocabulary.fit(
            [list(itertools.chain(*each)) for each in captions[0]], max_size=pieces, min_count=2
        )
        make = {"image": self._see, "text": lambda: self._encode(captions)}
        made = {name: make.get(name, lambda n=name: self._hear(n))() for name in self.modalities}
        self._arrays = {
            split: {name: made[name][i] for name in made} for i, split in enumerate(SPLITS)
        }

    def targets(self, split):
        """Return the category of every row, ``(rows,)`` of int."""
        return getattr(self.dataset, split).targets["group"]

    def presence(self, split):
        """Say who is there, ``(rows, modalities)`` of bool, in the order of the sorted names."""
        there = getattr(self.dataset, split).presence
        return np.stack([there[name] for name in self.modalities], axis=1)

    def inputs(self, split, *, presence=None):
        """Return a whole split: an array for each modality, and ``"presence"`` beside them.

        ``presence``, boolean ``(rows, modalities)``, takes away more than the stamps lack by
        themselves. Without the key ``"presence"`` a model takes the zeros for what was measured.
        """
        there = self.presence(split)
        if presence is not None:
            presence = np.asarray(presence)
            if presence.dtype != bool or presence.shape != there.shape:
                raise ValueError(
                    f"presence must be boolean, of shape {there.shape}, a column for each of "
                    f"{self.modalities}; got {presence.dtype}, {presence.shape}"
                )
            there = there & presence
        arrays = {"presence": there}
        for name, here in zip(self.modalities, there.T, strict=True):
            array = self._arrays[split][name]
            arrays[name] = array * here.reshape(-1, *[1] * (array.ndim - 1)).astype(array.dtype)
        return arrays

    def _splits(self):
        return [getattr(self.dataset, split) for split in SPLITS]

    def _cut(self, captions):
        """Cut each caption into words, and each word into its pieces."""
        language = "zh" if self._language == "zh" else "en"  # the rest is cut like English

        def tokenize(text, unit):
            return preprocessing.tokenize(text, language=language, unit=unit)

        cut = [tokenize(text, "word")[: self._kept] for text in captions]
        return [[tokenize(word, "subword") for word in words] for words in cut]

    def _see(self):
        pictures = [split.inputs["image"] for split in self._splits()]
        return [rows / pictures[0].std() for rows in pictures]

    def _encode(self, pieces):
        """Turn the pieces of all splits into ids, in rows as long as the longest needs."""
        captions = list(itertools.chain(*pieces))
        most = max(len(piece) for words in captions for piece in words)
        words_most = max(map(len, captions))
        length = max(sum(map(len, words)) for words in captions)
        made = []
        for split in pieces:
            if self.by_token:
                ids = np.zeros((len(split), words_most, most), np.int32)
                for row, words in zip(ids, split, strict=True):
                    row[: len(words)] = self.vocabulary.encode(words, length=most)
            else:
                flat = [list(itertools.chain(*words)) for words in split]
                ids = self.vocabulary.encode(flat, length=length)
            made.append(ids)
        return made

    def _hear(self, name):
        """Standardise the recordings of all splits, each band by itself."""
        known = _listen_to_all(name, self._speech, self.by_token)
        rows = [np.stack([known[path] for path in split.info["path"]]) for split in self._splits()]
        heard = rows[0][self.dataset.train.presence[name]]
        axes = tuple(range(heard.ndim - 1))
        mean, spread = heard.mean(axis=axes), heard.std(axis=axes) + 1e-6
        return [(each - mean) / spread for each in rows]


@cache
def _listen_to_all(name, speech, by_token):
    """Describe every recording once, for all folds: ``{path of the stamp: array}``."""
    dataset, found = data.load_stamps(image="features", speech=speech), {}
    for split in (dataset.train, dataset.validation, dataset.test):
        describe = describe_parts if by_token else describe_sound
        rows = describe(split.inputs[name]).astype(np.float32)
        found |= dict(zip(split.info["path"], rows, strict=True))
    return found


def build_stamp_model(task, method, recipe):
    """Build a modality alone, by its name, or a fusion: ``"early"``, ``"concat"``, ``"gated"``, ...

    As `build_model` does for emoji: early fusion joins what comes in (numbers, and which pieces
    occur) and needs a hidden layer, the others join what an encoder makes of each modality.
    `OF_TOKENS` need a task with ``by_token=True``. Late fusion trains nothing of its own: train
    each modality alone, then `pool_votes`. Raises ``ValueError`` for an unknown method or a task
    of the wrong kind.
    """
    if method not in task.modalities + JOINED:
        raise ValueError(f"method must be one of {task.modalities + JOINED}, got {method!r}")
    if (method in emoji.OF_TOKENS) != task.by_token:
        raise ValueError(f"task must have by_token={not task.by_token} for {method!r}")
    if method == "early":
        recipe = recipe.but(hidden=(recipe.units, *recipe.hidden))
        words = layers.CategoryEncoding(len(task.vocabulary), output_mode="multi_hot")
        parts = {m: words if m == "text" else layers.Flatten() for m in task.modalities}
    else:
        names = (method,) if method in task.modalities else task.modalities
        parts = {name: _encoder(task, name, recipe) for name in names}
    sizes = {"sum": {"units": recipe.units}, **SMALL}.get(method, {})
    name = method if method in emoji.FUSIONS or method == "sum" else "concat"
    return join(parts, fusion_by_name(name, **sizes), task.classes, recipe)


def _encoder(task, name, recipe):
    rate = getattr(recipe, f"{name}_dropout")
    if name == "text":
        read = WordBags if task.by_token else encoders.TextBag
        return read(len(task.vocabulary), recipe.units, dropout=rate)
    return encoders.DenseEncoder(recipe.units, dropout=rate)


def train_stamp_model(task, method, recipe, *, seed, presence=None, on_epoch=None):
    """Train one model; it is told who is absent. Returns it.

    ``presence``, boolean ``(training rows, modalities)``, takes away more than the stamps lack.
    ``on_epoch(epoch, model)`` is called after each epoch, if given.
    """
    inputs = task.inputs("train", presence=presence)
    return fit_model(
        lambda: build_stamp_model(task, method, recipe),
        lambda epoch: inputs,
        task.targets("train"),
        recipe,
        seed=seed,
        on_epoch=on_epoch,
    )


def pool_votes(votes, weights, *, presence=None):
    """Late fusion of models trained alone: a weighted product of what those present believe.

    ``votes`` and ``weights`` are dicts by modality, of log-probabilities ``(rows, classes)`` and
    of numbers; ``presence`` is ``(rows, modalities)``. Returns ``(rows, classes)``.
    """
    return np.asarray(LateFusion(weights, pool="product")(votes, presence=presence))


def choose_weights(votes, truth, *, presence=None, steps=10):
    """Try all weights in steps of a tenth that sum to 1; return the best, and its accuracy.

    Of those with as many right answers, the one that is less surprised by the truth is better.
    """
    names, best = sorted(votes), ((-1.0,), None)
    for counts in itertools.product(range(steps + 1), repeat=len(names)):
        if sum(counts) == steps:
            weights = {name: n / steps for name, n in zip(names, counts, strict=True)}
            pooled = pool_votes(votes, weights, presence=presence)
            right = float(np.mean(pooled.argmax(axis=1) == truth))
            surprise = float(-pooled[np.arange(len(truth)), truth].mean())
            best = max(best, ((right, -surprise), weights), key=lambda pair: pair[0])
    return best[1], best[0][0]
