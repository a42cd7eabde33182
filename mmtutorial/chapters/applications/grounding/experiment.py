"""Models that find what a description names: what they learn from, and one way to train each."""

import math
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
from keras import ops

from mmtutorial.applications.grounding import GroundingModel, Scenes, scene_loss
from mmtutorial.chapters.applications.grounding.encoder import (
    load_encoder,
    optimizer,
    read_pictures,
)
from mmtutorial.tasks.grounding import GroundingTask, load_things

UNITS, SIDE, BATCH = 64, 8, 32
SCENES, TEXTS = 3000, 4  # training scenes, drawn once; and descriptions of each thing
EPOCHS, RATE, SEED = 5, 3e-3, 0
ALONE_EPOCHS = 6  # over pictures of one thing each
DROPPED = 0.1  # share of the words that are left out while training


@cache
def load_task() -> GroundingTask:
    """Load the task, once."""
    return GroundingTask()


class MeanOfPlaces(GroundingModel):
    """The same, trained with the mean of a scene's places where the soft maximum stands."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the loss of the scenes, each as good as its places on average."""
        places, phrases = self._embed(x, training)
        scores = ops.einsum("bpu,aku->akbp", places, phrases)
        whole = self._scale() * ops.mean(scores, axis=-1, keepdims=True)
        return scene_loss(whole, ops.any(x["text"] != 0, axis=(2, 3)))


@dataclass(frozen=True, eq=False)
class Bench:
    """What all models learn from: scenes that the encoder has read, and what they show.

    ``tokens`` is ``(scenes, 64, 128)`` of float16, ``words`` ``(TEXTS, scenes, things, words)``
    numbers the words of several descriptions of each thing, ``seen`` ``(scenes, things, 64)`` says
    which share of a place shows it. `scene_loss` does not look at the last.
    """

    tokens: np.ndarray
    words: np.ndarray
    seen: np.ndarray

    @classmethod
    def make(cls, task: GroundingTask, drawn: Scenes, seed: int = SEED) -> "Bench":
        """Read scenes of the training split once, and describe what they show, by masks."""
        texts = [task.describe("train", drawn, seed=(seed, number)) for number in range(TEXTS)]
        words = [task.number([text for row in rows for text in row]) for rows in texts]
        tokens = read_pictures(load_encoder(), drawn.pictures)
        return cls(
            tokens.astype(np.float16),
            np.stack(words).reshape(TEXTS, *drawn.rows.shape, -1),
            cover(drawn, math.isqrt(tokens.shape[1])),
        )


@cache
def load_scenes() -> Scenes:
    """Draw the scenes that the study trains on, once: they are the same for all seeds."""
    return load_task().draw_scenes("train", SCENES, seed=SEED)


@cache
def load_bench() -> Bench:
    """Make what the study trains on, once."""
    return Bench.make(load_task(), load_scenes())


@cache
def load_alone() -> Bench:
    """Make what `start` trains on, once: each thing of the training split alone."""
    task = load_task()
    rows = np.random.default_rng(SEED).permutation(len(load_things("train")))
    return Bench.make(task, task.show_alone("train", rows, seed=SEED), SEED + 1)


def cover(scenes, side: int = SIDE) -> np.ndarray:
    """Return which share of each place shows each thing, ``(scenes, things, side * side)``."""
    count, size = len(scenes), scenes.owner.shape[1] // side
    parts = [
        (scenes.owner == thing).reshape(count, side, size, side, size).mean(axis=(2, 4))
        for thing in range(scenes.rows.shape[1])
    ]
    return np.stack(parts, axis=1).reshape(count, len(parts), -1).astype(np.float32)


def cover_boxes(scenes, side: int = SIDE) -> np.ndarray:
    """Return which share of each place lies in the box of each thing, shaped as `cover`."""
    size = scenes.owner.shape[1]
    pixels, boxes = np.arange(size), scenes.boxes[..., None]
    down, across = (
        ((boxes[..., first, :] <= pixels) & (pixels < boxes[..., first + 2, :]))
        .reshape(*scenes.rows.shape, side, size // side)
        .mean(axis=-1)
        for first in (0, 1)
    )
    shares = down[..., :, None] * across[..., None, :]
    return shares.reshape(*scenes.rows.shape, -1).astype(np.float32)


class Batches(keras.utils.PyDataset):
    """The scenes in batches, in an order of their own, each time with one of their texts."""

    def __init__(self, bench: Bench, words, *, epochs: int, seed: int):
        super().__init__()
        rng, count = np.random.default_rng(seed), len(bench.tokens) // BATCH * BATCH
        order = [rng.permutation(len(bench.tokens))[:count] for _ in range(epochs)]
        self.order = np.concatenate(order).reshape(-1, BATCH)
        self.bench, self.words, self.rng = bench, words, rng

    def __len__(self):
        return len(self.order)

    def __getitem__(self, step):
        rows = self.order[step]
        texts = self.bench.words[self.rng.integers(TEXTS, size=BATCH), rows]
        several = (texts > 0).sum(axis=-1, keepdims=True) > 1
        dropped = several & (self.rng.random(texts.shape) < DROPPED)
        inputs = {
            "image": self.bench.tokens[rows].astype(np.float32),
            "text": self.words.look_up(np.where(dropped, 0, texts)),
            "seen": self.bench.seen[rows],
        }
        return (inputs,)


def train(
    model: GroundingModel,
    bench: Bench,
    supervision: str,
    *,
    seed: int,
    epochs: int = EPOCHS,
    rate: float = RATE,
    parts: int = 5,
) -> list[float]:
    """Train a model of tokens on the scenes of a bench; return the mean loss of each part."""
    batches, losses = Batches(bench, load_task().words, epochs=epochs, seed=seed), []
    model.compile(optimizer(rate, len(batches)), supervision=supervision)
    model.optimizer.build(model.trainable_variables)  # or the first step would be traced twice
    for part in np.array_split(batches.order, min(parts, len(batches))):
        batches.order = part
        history = model.fit(batches, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    return losses


def new_model(seed: int, *, context: int = 1, kind=GroundingModel) -> GroundingModel:
    """Return a model of tokens that knows nothing yet."""
    keras.utils.set_random_seed(seed)
    model = kind(UNITS, context=context)
    dim = load_task().words.dim
    model.build({"image": (None, SIDE * SIDE, 128), "text": (None, None, None, dim)})
    return model


def join(model: GroundingModel) -> GroundingModel:
    """Return encoder and model of tokens as one, which reads pictures; both are copies."""
    encoder = load_encoder()
    copy = type(encoder).from_config(encoder.get_config())
    whole = GroundingModel(model.units, encoder=copy, context=model.context)
    whole.build({"image": (None, 128, 128, 3), "text": (None, None, None, load_task().words.dim)})
    copy.set_weights(encoder.get_weights())
    for name in ("places", "words"):
        getattr(whole, name).set_weights(getattr(model, name).get_weights())
    for own, trained in zip((*whole.convolutions, *whole.norms),
                            (*model.convolutions, *model.norms), strict=True):  # fmt: skip
        own.set_weights(trained.get_weights())
    whole.log_scale.assign(model.log_scale)
    return whole


def start(bench: Bench, seed: int, kind=GroundingModel) -> GroundingModel:
    """Train a dual encoder of single things: which picture does a phrase belong to?

    With it all others begin. It never sees a scene of several things, and no mask.
    """
    model = new_model(seed, kind=kind)
    train(model, bench, "scenes", seed=seed, epochs=ALONE_EPOCHS)
    return model


def window_maps(maps: np.ndarray, side: int = 3) -> np.ndarray:
    """Return the mean of the window round each place, ``(batch, rows, columns)``: sliding windows.

    A window reads as many places as it is wide, and at the edge those that there are. One pass of
    the encoder serves all windows, since its map of a part is nearly that part of its map.

    >>> window_maps(np.eye(3)[None])[0, 1, 1].round(3)
    np.float64(0.333)
    """
    padded = np.pad(maps, ((0, 0), (side // 2,) * 2, (side // 2,) * 2))
    there = np.pad(np.ones(maps.shape[1:]), side // 2)
    sums = [
        np.lib.stride_tricks.sliding_window_view(each, (side, side), axis=(-2, -1)).sum((-2, -1))
        for each in (padded, there)
    ]
    return sums[0] / sums[1]
