"""Does the described thing appear in a clip, when, where, and what does it do there?"""

from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_choice, check_whole
from mmtutorial.applications.video.frames import SHAPE
from mmtutorial.applications.video.motion import ANSWERS
from mmtutorial.encoders._base import to_array
from mmtutorial.encoders.transformer import TransformerBlock, sinusoidal_positions

TEMPORAL = ("frame", "average", "conv", "transformer")
QUESTIONS = tuple(ANSWERS)
KNOWN = 3  # numbers of each cell, of `compare`
SHARP = 10.0  # what a likeness is multiplied by before shares are made of it
RARE = -3.0  # the logit of the map at first: few cells hold the thing


@keras.saving.register_keras_serializable(package="mmtutorial")
class VideoGrounder(keras.Model):
    """Where is what these words describe, in each frame; and which way does it go, how fast, when?

    Parameters
    ----------
    temporal : what a frame learns of the others. ``"frame"``: nothing; ``"average"``: the mean over
        all, which forgets their order; ``"conv"``: 3-D convolutions, which see three frames in a
        row; ``"transformer"``: each frame is a token that attends to all others
    width, hidden : numbers of each cell, and of each frame, while it computes
    num_layers : convolutions, or transformer blocks

    ``(batch, time, rows, columns, 3)``, which `compare` makes of a clip's grids and a description
    -> ``{"map": (batch, time, rows, columns), "answers": (batch, 3)}``, logits: that the described
    thing is there, and that it goes to the right, is the fast one, comes first. It never sees the
    thing itself, so that it may not matter which things it learnt from. ``fit`` takes ``{"map": 0
    or 1, "answers": 0 or 1, -1 where nothing is asked}``. A model is made for grids of one size.
    Raises ``ValueError`` for inputs of another shape.
    Papers: Karpathy et al. 2014 (pooling); Tran et al. 2015 (3-D convolution); Bertasius et al.
    2021 (attention over time).

    >>> out = VideoGrounder(temporal="conv")(ops.ones((2, 5, 4, 4, 3)))
    >>> out["map"].shape, out["answers"].shape
    (TensorShape([2, 5, 4, 4]), TensorShape([2, 3]))
    """

    def __init__(
        self,
        *,
        temporal: str = "transformer",
        width: int = 8,
        hidden: int = 64,
        num_layers: int = 2,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.temporal = check_choice("temporal", temporal, TEMPORAL)
        self.width = check_whole("width", width, least=1)
        self.hidden = check_whole("hidden", hidden, least=4)
        self.num_layers = check_whole("num_layers", num_layers, least=1)
        span = 3 if temporal == "conv" else 1
        self.convolutions = [
            layers.Conv3D(width, (span, 3, 3), padding="same", activation="relu")
            for _ in range(1 if temporal == "transformer" else num_layers)
        ]
        self.read = layers.Dense(self.hidden, activation="relu")
        if temporal == "average":
            self.over_time = layers.Dense(self.hidden, activation="relu")
        self.blocks = []
        if temporal == "transformer":
            self.blocks = [
                TransformerBlock(self.hidden, 4, 2 * self.hidden, 0.0) for _ in range(num_layers)
            ]
        start = keras.initializers.Constant(RARE)
        self.to_map = layers.Dense(1, bias_initializer=start)
        self.decide = layers.Dense(self.hidden, activation="relu")
        self.to_answers = layers.Dense(len(QUESTIONS))

    def build(self, input_shape):
        """Make the weights for grids of this size."""
        batch, time, rows, columns, _ = _check_shape(input_shape)
        cells = (batch, time, rows, columns)
        shape = (*cells, KNOWN)
        for convolution in self.convolutions:
            convolution.build(shape)
            shape = (*cells, self.width)
        self.read.build((batch, time, columns * (self.width + 2 * KNOWN)))
        frames = (batch, time, self.hidden)
        if self.temporal == "average":
            self.over_time.build(frames)
        for block in self.blocks:
            block.build(frames)
        self.place = layers.Dense(rows * columns)
        self.place.build(frames)
        self.to_map.build((*cells, self.width + KNOWN))
        self.decide.build((batch, 2 * self.hidden))
        self.to_answers.build((batch, self.hidden))
        self.grid = rows, columns
        self.built = True

    def __call__(self, maps: Any, *args, **kwargs) -> Any:
        """Turn lists into arrays, and look at them, before Keras does."""
        maps = to_array("maps", maps)
        shape = _check_shape(maps.shape)
        if self.built and shape[2:4] != self.grid:
            raise ValueError(f"maps must be of a grid of {self.grid}, as when built, got {shape}")
        return super().__call__(maps, *args, **kwargs)

    def call(self, maps: Any, training=None):
        """Return the map and the answers."""
        _check_shape(maps.shape)
        cells = maps
        for convolution in self.convolutions:
            cells = convolution(cells)
        frames = self._look_over_time(self.read(columns_of(maps, cells)))
        found = self.to_map(ops.concatenate([maps, cells], axis=-1))[..., 0]
        found = found + ops.reshape(self.place(frames), ops.shape(found))
        told = self.to_answers(self.decide(mean_and_spread(frames)))
        return {"map": found, "answers": told}

    def _look_over_time(self, frames: Any) -> Any:
        """Return a vector for each frame, ``(batch, time, hidden)``, that knows of the others."""
        if self.temporal == "average":
            frames = frames + self.over_time(ops.mean(frames, axis=1, keepdims=True))
        if self.blocks:
            length = frames.shape[1]
            frames = frames + ops.convert_to_tensor(sinusoidal_positions(length, self.hidden))
            mask = ops.ones(ops.shape(frames)[:2], "bool")
            for block in self.blocks:
                frames = block(frames, mask)
        return frames

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the cross-entropy of the map's cells plus that of the answers, nats."""
        cells = ops.cast(y["map"], "float32")
        each = ops.binary_crossentropy(cells, y_pred["map"], from_logits=True)
        loss = 10 * ops.mean(each)
        asked = ops.cast(y["answers"] >= 0, "float32")
        right = ops.cast(y["answers"] > 0, "float32")
        each = ops.binary_crossentropy(right, y_pred["answers"], from_logits=True)
        return loss + ops.sum(each * asked) / (ops.sum(asked) + 1e-6)

    def get_config(self):
        """Return the arguments, so that the model survives save and reload."""
        names = ("temporal", "width", "hidden", "num_layers")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def mean_and_spread(frames: Any) -> Any:
    """Return the mean and the standard deviation over time: ``(batch, 2 * numbers)``.

    Both forget the order. What is in many places has a larger spread than what stays.
    """
    mean = ops.mean(frames, axis=1)
    variance = ops.mean(ops.square(frames - mean[:, None]), axis=1)
    return ops.concatenate([mean, ops.sqrt(variance + 1e-3)], axis=-1)


def columns_of(maps: Any, cells: Any) -> Any:
    """Return what stands in each column of each frame, in one row: ``(batch, time, numbers)``.

    Of each column the mean of all numbers of its cells, and the greatest of those of the map: what
    moves goes from column to column.
    """
    every = ops.concatenate([maps, cells], axis=-1)
    columns = ops.concatenate([ops.mean(every, axis=2), ops.max(maps, axis=2)], axis=-1)
    return ops.reshape(columns, (*ops.shape(columns)[:2], -1))


def compare(grids: ArrayLike, texts: ArrayLike) -> np.ndarray:
    """How much does each cell look like the words, and how much like any thing?

    ``grids (clips, time, rows, columns, units + 5)`` and ``texts (clips, units)`` are what a
    `FrameGrounder` makes. Returns ``(clips, time, rows, columns, 3)`` float32: the cosine times 5;
    whether a thing is there, from -1 to 1; and, when both are taken together, the cell's share of
    its frame, times 8. Raises ``ValueError`` for arrays that do not fit.

    >>> compare(np.ones((2, 5, 4, 4, 13)), np.ones((2, 8))).shape
    (2, 5, 4, 4, 3)
    """
    grids = check_array("grids", grids, finite=False).astype(np.float32, copy=False)
    texts = check_array("texts", texts, most=1e6).astype(np.float32, copy=False)
    if (
        grids.ndim != 5
        or 0 in grids.shape[1:4]
        or texts.shape != (len(grids), grids.shape[-1] - SHAPE)
    ):
        raise ValueError(
            "grids must be (clips, time, rows, columns, units + 5) beside texts (clips, units), "
            f"got {grids.shape} and {texts.shape}"
        )
    units = texts.shape[1]
    features = grids[..., :units].reshape(len(grids), -1, units)
    likeness = (features @ texts[..., None]).reshape(grids.shape[:-1])
    thing = grids[..., units]
    both = SHARP * likeness - np.logaddexp(0, -thing)
    share = np.exp(both - both.max(axis=(2, 3), keepdims=True))
    share /= share.sum(axis=(2, 3), keepdims=True)
    return np.stack([5 * likeness, np.tanh(thing / 3), 8 * share], axis=-1)


def _check_shape(shape):
    if len(shape) != 5 or shape[-1] != KNOWN or 0 in shape[1:4]:
        raise ValueError(
            f"maps must have shape (batch, time, rows, columns, {KNOWN}), as compare makes them, "
            f"got {tuple(shape)}"
        )
    return tuple(shape)
