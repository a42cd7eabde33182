"""The encoder that all models read pictures with: trained on single things, then frozen."""

from functools import cache
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from mmtutorial.applications._weights import load_weights, save_weights
from mmtutorial.encoders import GridCNN
from mmtutorial.tasks._grounding_things import Things, load_things
from mmtutorial.tasks._steps import warm_adamw
from mmtutorial.tasks.grounding import GroundingTask

ENCODER = Path(__file__).with_name("weights_encoder.npz")
FILTERS, WINDOW = (24, 48, 96, 128), 64  # pixels of a picture of one thing
EPOCHS, BATCH, RATE = 8, 32, 3e-3


def pretrain(seed: int = 0, *, epochs: int = EPOCHS, verbose: int = 0) -> GridCNN:
    """Train an encoder on single things on a background: colour, kind, a large network's features.

    The mean of its places tells all three. It sees no scene of several things, no description, and
    no mask.
    """
    keras.utils.set_random_seed(seed)
    things, rng = load_things("train"), np.random.default_rng(seed)
    targets = describe(things)
    images = layers.Input((WINDOW, WINDOW, 3))
    grid = GridCNN(FILTERS)
    seen = layers.GlobalAveragePooling1D()(grid(images))
    kept = layers.Dropout(0.2)(seen)
    heads = {
        "colour": layers.Dense(6, name="colour")(seen),
        "kind": layers.Dense(int(targets["kind"].max()) + 1, name="kind")(kept),
        "features": layers.Dense(256, name="features")(seen),
    }
    model, entropy = keras.Model(images, heads), keras.losses.SparseCategoricalCrossentropy
    model.compile(
        optimizer(RATE, epochs * (len(things) // BATCH)),
        loss={"colour": entropy(from_logits=True, ignore_class=-1),
              "kind": entropy(from_logits=True, ignore_class=-1), "features": "mse"},
        loss_weights={"colour": 1.0, "kind": 1.0, "features": 1.0},
    )  # fmt: skip
    for _ in range(epochs):
        order = rng.permutation(len(things))[: len(things) // BATCH * BATCH]
        alone = GroundingTask().show_alone("train", order, seed=rng, size=WINDOW)
        shown = {name: each[order] for name, each in targets.items()}
        model.fit(
            to_floats(alone.pictures), shown, batch_size=BATCH, shuffle=False, verbose=verbose
        )
    return grid


def describe(things: Things) -> dict[str, np.ndarray]:
    """Return what the encoder learns to tell of things: colour, kind (-1 for none), features."""
    names = sorted({kinds[0][0] for kinds in things.kinds if kinds})
    kinds = [names.index(kinds[0][0]) if kinds else -1 for kinds in things.kinds]
    features = things.features - things.features.mean(axis=0)
    return {
        "colour": things.colours,
        "kind": np.array(kinds),
        "features": features / features.std(),  # directions keep their weight: the first say most
    }


def to_floats(pictures: np.ndarray) -> np.ndarray:
    """Return bytes as numbers from 0 to 1, as encoders read them."""
    return pictures.astype(np.float32) / 255


def optimizer(rate: float, steps: int) -> keras.optimizers.Optimizer:
    """Return AdamW with a warm-up over the first tenth of the steps, and a cosine to zero."""
    return warm_adamw(rate, steps, weight_decay=0.01, clipnorm=1.0)


def save_encoder(encoder: GridCNN, path: Path = ENCODER) -> None:
    """Write the weights of an encoder, in half precision."""
    save_weights(path, encoder)


@cache
def load_encoder(path: Path = ENCODER) -> GridCNN:
    """Load the encoder: pictures ``(batch, 128, 128, 3)`` in 0..1 -> ``(batch, 64, 128)``.

    Raises ``DataError`` for a file that is missing or damaged.
    """
    encoder = GridCNN(FILTERS)
    encoder.build((None, 128, 128, 3))
    encoder.set_weights(load_weights(path)[0])
    encoder.trainable = False
    return encoder


def read_pictures(encoder: GridCNN, pictures: np.ndarray) -> np.ndarray:
    """Return the tokens of pictures of bytes, ``(pictures, places, size)`` of float32."""
    return np.concatenate([
        ops.convert_to_numpy(encoder(to_floats(pictures[start : start + 64]), training=False))
        for start in range(0, len(pictures), 64)
    ])  # fmt: skip
