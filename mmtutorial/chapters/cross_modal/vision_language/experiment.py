"""A vision-language model in miniature: what reads, what is trained, stage by stage."""

from functools import cache

import keras
import numpy as np
from keras import layers, ops

from mmtutorial import data
from mmtutorial.cross_modal import VisionLanguageModel
from mmtutorial.cross_modal.vision_language import split_words
from mmtutorial.encoders import GridCNN
from mmtutorial.preprocessing import Vocabulary
from mmtutorial.tasks import VQATask
from mmtutorial.tasks._scenes import CELL, Scenes
from mmtutorial.tasks._steps import warm_adamw

UNITS, LAYERS, HEADS = 128, 2, 4
LENGTHS = {"question": 12, "answer": 5, "caption": 22}  # most tokens
MAX_LENGTH = 40  # image, question, begin, caption
BATCH = 32
SCENES = {"questions": 13_000, "captions": 2_000}  # to train on, drawn once per seed
STEPS = {"read": 8000, "align": 300, "instruct": 400, "all": 60}
RATES = {"read": 2e-3, "align": 5e-3, "instruct": 1e-3, "all": 5e-4}
EPOCHS = 8  # of the encoder, over single drawings
POOL, LOUD = 4, 5.0  # one token for each quarter of a scene; how loud its place is


@keras.saving.register_keras_serializable(package="mmtutorial")
class PlacedGrid(GridCNN):
    """A `GridCNN` with standardised numbers, whose tokens say in which row and column they stand.

    These are ``loud`` in the token's own row and column, and 0 in the others; `take_over` sets
    mean and spread of the others. ``(batch, height, width, channels)`` -> ``(batch, rows * columns,
    filters[-1] + rows + columns)``.
    """

    def __init__(self, *args, loud: float = LOUD, **kwargs):
        super().__init__(*args, **kwargs)
        self.loud = loud

    def build(self, input_shape):
        """Make the weights; mean and spread are 0 and 1 at first, and never train."""
        super().build(input_shape)
        fixed = {"shape": (self.filters[-1],), "trainable": False}
        self.mean = self.add_weight(name="mean", initializer="zeros", **fixed)
        self.spread = self.add_weight(name="spread", initializer="ones", **fixed)

    def take_over(self, grid: GridCNN, images: np.ndarray):
        """Copy a trained grid, and standardise what it makes of these images."""
        self.build((None, *images.shape[1:]))
        for own, trained in zip(
            (*self.convolutions, *self.norms), (*grid.convolutions, *grid.norms), strict=True
        ):
            own.set_weights(trained.get_weights())
        seen = read_pictures(self, images)[..., : self.filters[-1]]
        self.mean.assign(seen.mean(axis=(0, 1)))
        self.spread.assign(seen.std(axis=(0, 1)) + 1e-3)

    def call(self, images, training=None):
        """Return the tokens, what is seen in front, the place behind."""
        tokens = (super().call(images, training) - self.mean) / self.spread
        rows, columns = self._grid(images.shape)
        row, column = np.divmod(np.arange(rows * columns), columns)
        places = self.loud * np.concatenate([np.eye(rows)[row], np.eye(columns)[column]], axis=1)
        places = ops.cast(ops.convert_to_tensor(places), tokens.dtype)
        places = ops.broadcast_to(places[None], (ops.shape(tokens)[0], *places.shape))
        return ops.concatenate([tokens, places], axis=2)

    def _grid(self, shape):
        step = 2 ** len(self.filters) * self.pool
        return shape[1] // step, shape[2] // step

    def compute_output_shape(self, input_shape):
        """Return ``(batch, rows * columns, filters[-1] + rows + columns)``."""
        rows, columns = self._grid(input_shape)
        return (input_shape[0], rows * columns, self.filters[-1] + rows + columns)

    def get_config(self):
        """Return the arguments, so that the layer survives save and reload."""
        return {**super().get_config(), "loud": self.loud}


@cache
def load_task() -> VQATask:
    """Load the questions in both languages, once."""
    return VQATask(language="both")


def new_model(task: VQATask, encoder=None) -> VisionLanguageModel:
    """Return a model that knows the words of the task, and nothing else yet."""
    return VisionLanguageModel(
        Vocabulary.fit([split_words(text) for text in task.texts]), UNITS, encoder=encoder,
        num_layers=LAYERS, heads=HEADS, max_length=MAX_LENGTH,
    )  # fmt: skip


def place_alone(drawings: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw each drawing alone, as large and where a scene may have it: ``(drawings, 64, 64, 3)``.

    >>> drawings = np.zeros((2, 64, 64, 3), np.uint8)
    >>> place_alone(drawings, np.random.default_rng(0)).shape
    (2, 64, 64, 3)
    """
    rows = np.full((len(drawings), 4), -1)
    rows[:, 0] = np.arange(len(drawings))
    return Scenes.place(rows, rng).compose(drawings)[:, :CELL, :CELL]


def pretrain_encoder(task: VQATask, seed: int, *, epochs: int = EPOCHS) -> PlacedGrid:
    """Train an encoder on single drawings: their colour, group, and a large network's features.

    The mean of the first `GridCNN` tokens tells all three. No question and no scene is used. The
    features are the emoji's frozen ones, so that a small network learns from a large one what
    drawings have in common (distillation).
    """
    rng, split = np.random.default_rng(seed), task.dataset.train
    features = data.load_emoji(image="features").train.inputs["image"]
    features = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    targets = {"colour": task._attributes["train"]["colour"],
               "group": split.targets["group"], "features": features}  # fmt: skip
    images = layers.Input((CELL, CELL, 3))
    grid = GridCNN(pool=2)
    seen = layers.GlobalAveragePooling1D()(grid(images))
    kept = layers.Dropout(0.3)(seen)
    heads = {
        "colour": layers.Dense(6, name="colour")(seen),
        "group": layers.Dense(8, name="group")(kept),
        "features": layers.Dense(features.shape[1], name="features")(seen),
    }
    entropy = keras.losses.SparseCategoricalCrossentropy
    model = keras.Model(images, heads)
    model.compile(
        optimizer(3e-3, epochs * (len(features) // BATCH)),
        loss={"colour": entropy(from_logits=True, ignore_class=-1),
              "group": entropy(from_logits=True), "features": "mse"},
        loss_weights={"colour": 1.0, "group": 1.0, "features": 0.3},
    )  # fmt: skip
    for _ in range(epochs):
        order = rng.permutation(len(features))
        pictures = place_alone(split.inputs["image"][order], rng)
        mirrored = rng.random(len(pictures)) < 0.5
        pictures[mirrored] = pictures[mirrored, :, ::-1]
        shown = {name: each[order] for name, each in targets.items()}
        model.fit(to_floats(pictures), shown, batch_size=BATCH, shuffle=False, verbose=0)
    encoder = PlacedGrid(pool=POOL)
    scenes = task.draw_captions("train", 500, seed=seed).scenes
    encoder.take_over(grid, task.pictures("train", scenes))
    return encoder


def to_floats(pictures: np.ndarray) -> np.ndarray:
    """Return bytes as numbers from 0 to 1, as encoders read them."""
    return pictures.astype(np.float32) / 255


def optimizer(rate: float, steps: int) -> keras.optimizers.Optimizer:
    """Return AdamW with a warm-up over the first tenth of the steps, and a cosine to zero."""
    return warm_adamw(rate, steps, weight_decay=0.01, clipnorm=1.0)


class Batches(keras.utils.PyDataset):
    """Rows of some inputs in batches, each row as often as another, in an order of their own."""

    def __init__(self, inputs: dict, steps: int, seed: int):
        super().__init__()
        rng, count = np.random.default_rng(seed), len(inputs["image"])
        rounds = -(-steps * BATCH // count)
        order = np.concatenate([rng.permutation(count) for _ in range(rounds)])
        self.inputs, self.order = inputs, order[: steps * BATCH].reshape(steps, BATCH)

    def __len__(self):
        return len(self.order)

    def __getitem__(self, step):
        batch = {name: each[self.order[step]] for name, each in self.inputs.items()}
        if batch["image"].dtype == np.uint8:
            batch["image"] = to_floats(batch["image"])
        return (batch,)


def train_stage(model, stage, inputs, *, steps, rate, seed, parts=5) -> list[float]:
    """Take some steps of one stage of `VisionLanguageModel`; return the loss of each part of them.

    An image may be bytes; they are made numbers batch by batch. The loss is a mean over its part.
    """
    model.compile(optimizer(rate, steps), stage=stage)
    if model.built:
        model.optimizer.build(model.trainable_variables)  # or the first step would be traced twice
    batches, losses = Batches(inputs, steps, seed), []
    for part in np.array_split(batches.order, min(parts, steps)):
        batches.order = part
        history = model.fit(batches, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    return losses


def read_pictures(encoder: PlacedGrid, pictures: np.ndarray) -> np.ndarray:
    """Return the tokens of pictures of bytes, ``(pictures, 4, size)`` of float32."""
    return np.concatenate([
        ops.convert_to_numpy(encoder(to_floats(pictures[place : place + BATCH])))
        for place in range(0, len(pictures), BATCH)
    ])  # fmt: skip
