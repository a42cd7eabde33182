"""What does a gate do when a picture or words are broken, and what if it saw that in training?"""

import keras
import numpy as np

from mmtutorial._checks import check_array, check_number
from mmtutorial.evaluation import shuffled_modality
from mmtutorial.tasks.emoji import EmojiTask

NOISE_STD = 3.0  # spread of the static, in spreads of real features


def gaussian_noise(shape, *, seed, loud=NOISE_STD):
    """Return noise in place of frozen features, as if the camera's cable were loose.

    >>> gaussian_noise((2, 256), seed=0).shape
    (2, 256)
    """
    return (loud * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def corrupted_inputs(inputs, *, seed):
    """Return the inputs as they are, and broken in six ways, by name.

    ``inputs`` are those of an `EmojiTask` with frozen features, ``{"image": (rows, 256), "text":
    (rows, tokens)}``.

    >>> task = EmojiTask(keywords=1)
    >>> list(corrupted_inputs(task.inputs("test", seed=0), seed=0))[:3]
    ['as it is', 'no words', "another emoji's words"]
    """
    shape = inputs["image"].shape
    return {
        "as it is": inputs,
        "no words": {**inputs, "text": np.zeros_like(inputs["text"])},
        "another emoji's words": shuffled_modality(inputs, "text", seed=seed),
        "no picture": {**inputs, "image": np.zeros_like(inputs["image"])},
        "another emoji's picture": shuffled_modality(inputs, "image", seed=seed),
        "faint static": {**inputs, "image": gaussian_noise(shape, seed=seed, loud=1.0)},
        "static": {**inputs, "image": gaussian_noise(shape, seed=seed)},
    }


class CorruptedTask(EmojiTask):
    """Emoji of which some are broken while a model trains; validation and test stay whole.

    Parameters
    ----------
    pictures : share of the pictures that become static, in 0..1, others in every epoch
    words : share of the other rows that get another emoji's words
    options : those of `EmojiTask`

    Raises ``ValueError`` for a share outside 0..1. Paper: Neverova et al. 2016, ModDrop (who drop
    modalities instead of breaking them).

    >>> task = CorruptedTask(pictures=1.0, keywords=1)
    >>> bool(task.inputs("train", seed=0, augment=0)["image"].std() > 2)
    True
    """

    def __init__(self, *, pictures=0.0, words=0.0, **options):
        for name, share in (("pictures", pictures), ("words", words)):
            check_number(name, share, least=0, most=1)
        super().__init__(**options)
        self.pictures, self.other_words = pictures, words

    def inputs(self, split, *, seed, augment=None):
        """Return a batch of a whole split, broken only where training asks for ``augment``."""
        inputs = super().inputs(split, seed=seed, augment=augment)
        if augment is None:
            return inputs
        rng = np.random.default_rng([augment, 1])  # not the numbers that draw the words
        image, text = (array.copy() for array in (inputs["image"], inputs["text"]))
        broken = rng.random(len(image)) < self.pictures
        image[broken] = gaussian_noise(image[broken].shape, seed=[augment, 2])
        swapped = ~broken & (rng.random(len(text)) < self.other_words)
        text[swapped] = rng.permutation(text)[swapped]
        return {"image": image, "text": text}


def _encode(model, inputs):
    if not hasattr(model.fusion, "gates"):
        raise TypeError(f"model must have a GatedFusion, got {type(model.fusion).__name__}")
    return {name: model.encoders[name](inputs[name], training=False) for name in inputs}


def image_gates(model, inputs):
    """Return how far each gate of a trained `GatedFusion` opens to the picture, ``(rows, units)``.

    0 takes all from the words, 1 all from the picture. Raises ``TypeError`` for another fusion.
    """
    vectors = _encode(model, inputs)
    return keras.ops.convert_to_numpy(model.fusion.gates(vectors)["image"])


def predict_with_fixed_gate(model, inputs, gate):
    """Return what a gated model believes if its gates are held, ``(rows, classes)``.

    ``gate`` is one number, one for each unit, or what `image_gates` returns; then nothing
    changes. Raises ``ValueError`` for a gate outside 0..1, ``TypeError`` for another fusion.
    """
    places = check_array("gate", gate)
    if ((places < 0) | (places > 1)).any():
        raise ValueError(f"gate must lie in 0..1, got {places.min():g} to {places.max():g}")
    vectors = _encode(model, inputs)
    image, text = (model.fusion.maps[name](vectors[name]) for name in ("image", "text"))
    fused = gate * image + (1 - gate) * text
    return keras.ops.convert_to_numpy(keras.ops.softmax(model.heads["fused"](fused)))


def gates_by_winner(model, inputs, truth):
    """Return the mean gate where only the picture would be right, and where only the words would.

    Each modality is asked by holding the gates at 1 or at 0. Raises ``TypeError`` for another
    fusion.
    """
    gate = image_gates(model, inputs).mean(axis=1)
    picture, words = (
        predict_with_fixed_gate(model, inputs, at).argmax(1) == truth for at in (1.0, 0.0)
    )
    return {"image": gate[picture & ~words].mean(), "text": gate[words & ~picture].mean()}
