"""The stamps as arrays for a fusion: photograph, caption, spoken caption and sound, with gaps."""

import itertools
from copy import copy
from dataclasses import dataclass
from functools import cache

import numpy as np
from keras import layers

from mmtutorial import data, encoders, preprocessing
from mmtutorial._checks import check_choice, check_flag, check_like, check_whole
from mmtutorial._presence import check_presence
from mmtutorial.data._options import check_names
from mmtutorial.encoders.words import WordBags
from mmtutorial.fusion._names import fusion_by_name
from mmtutorial.preprocessing.audio_features import log_mel_segments, log_mel_statistics
from mmtutorial.tasks import emoji
from mmtutorial.tasks._inputs import SPLITS, hide_test, pick_split
from mmtutorial.tasks.training import Recipe, build_classifier

MODALITIES = ("image", "text", "speech", "sound")
FUSION_METHODS = ("early", "concat", "sum", *emoji.FUSIONS)
FUSION_OPTIONS = {
    **emoji.FUSION_OPTIONS,
    "tensor": {"units": 16},
    "low_rank": {"units": 32, "rank": 4},
}


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


class StampTask:
    """Some modalities of the stamps as arrays, ready for a model that is told what is absent.

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

    >>> task = StampTask()
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
        check_flag("by_token", by_token)
        check_whole("pieces", pieces, least=3)
        if words is not None:
            check_whole("words", words, least=1)
        self.by_token, self._language, self._speech = by_token, language, speech
        self._kept, self._train_presence = words, True
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
        return pick_split(self.dataset, split).targets["group"]

    def presence(self, split):
        """Say what is there, ``(rows, modalities)`` of bool, in the order of the sorted names."""
        there = pick_split(self.dataset, split).presence
        there = np.stack([there[name] for name in self.modalities], axis=1)
        return there & self._train_presence if split == "train" else there

    def mask_train(self, presence):
        """Return the same task, whose training stamps lack more than they do by themselves.

        ``presence`` is boolean, ``(training rows,)`` by modality, or ``(training rows,
        modalities)`` in the order of the sorted names.
        """
        other, rows = copy(self), len(self.targets("train"))
        other._train_presence = check_presence(presence, rows=rows, modalities=self.modalities)
        return other

    def without_test(self):
        """Return the same task with an empty test split, for a search."""
        other = copy(self)
        other.dataset = hide_test(self.dataset)
        empty = {name: array[:0] for name, array in self._arrays["test"].items()}
        other._arrays = {**self._arrays, "test": empty}
        return other

    def draw_epoch(self, epoch, *, seed):
        """Return inputs and targets of a training epoch, the same in each."""
        return self.inputs("train"), self.targets("train")

    def build(self, method, recipe):
        """Build a model, see `build_stamp_model`."""
        return build_stamp_model(self, method, recipe)

    def inputs(self, split, *, presence=None):
        """Return a whole split: an array for each modality, and ``"presence"`` beside them.

        ``presence``, boolean ``(rows,)`` by modality or ``(rows, modalities)``, takes away more
        than the stamps lack by themselves. Without the key ``"presence"`` a model takes the zeros
        for what was measured.
        """
        there = self.presence(split)
        if presence is not None:
            names = self.modalities
            there = there & check_presence(presence, rows=len(there), modalities=names)
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
        describe = log_mel_segments if by_token else log_mel_statistics
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
    check_like("task", task, "a StampFusionTask", "modalities", "vocabulary", "by_token")
    check_like("recipe", recipe, "a StampRecipe", "units", "speech_dropout", "sound_dropout")
    check_choice("method", method, task.modalities + FUSION_METHODS)
    if (method in emoji.TOKEN_FUSIONS) != task.by_token:
        raise ValueError(f"task must have by_token={not task.by_token} for {method!r}")
    if method == "early":
        recipe = recipe.replace(hidden=(recipe.units, *recipe.hidden))
        words = layers.CategoryEncoding(len(task.vocabulary), output_mode="multi_hot")
        parts = {m: words if m == "text" else layers.Flatten() for m in task.modalities}
    else:
        names = (method,) if method in task.modalities else task.modalities
        parts = {name: _encoder(task, name, recipe) for name in names}
    sizes = {"sum": {"units": recipe.units}, **FUSION_OPTIONS}.get(method, {})
    name = method if method in emoji.FUSIONS or method == "sum" else "concat"
    return build_classifier(parts, fusion_by_name(name, **sizes), task.classes, recipe)


def _encoder(task, name, recipe):
    rate = getattr(recipe, f"{name}_dropout")
    if name == "text":
        read = WordBags if task.by_token else encoders.TextBag
        return read(len(task.vocabulary), recipe.units, dropout=rate)
    return encoders.DenseEncoder(recipe.units, dropout=rate)
