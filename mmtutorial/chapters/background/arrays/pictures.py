"""Pictures as numbers: scaled as in training, or in one of the ways in which that goes wrong."""

import numpy as np

from mmtutorial import data, encoders
from mmtutorial._checks import (
    check_array,
    check_callable,
    check_flag,
    check_labels,
    check_like,
    check_whole,
)
from mmtutorial.preprocessing import (
    augment_image,
    crop_image,
    flip_image,
    resize_image,
    rotate_image,
    scale_image,
)
from mmtutorial.tasks.alone import train_alone

SIDE, COPIES = 32, 3  # pixels; augmented copies of the training pictures


def _squeeze(images):
    """Make a wide picture fit by squeezing it to half its width, white left and right."""
    narrow = resize_image(images, (SIDE, SIDE // 2))
    sides = ((0, 0), (0, 0), (SIDE // 4, SIDE // 4), (0, 0))
    return np.pad(narrow, sides, constant_values=255)


def _cut_middle(images):
    quarter = SIDE // 4
    window = crop_image(images, top=quarter, left=quarter, height=2 * quarter, width=2 * quarter)
    return resize_image(window, SIDE)


PREPROCESSING_ERRORS = {  # bytes (pictures, 32, 32, 3) -> what the model gets
    "as in training": scale_image,
    "not scaled: 0 to 255": lambda images: images.astype(np.float32),
    "blue for red": lambda images: scale_image(images[..., ::-1]),
    "mirrored": lambda images: scale_image(flip_image(images)),
    "turned by 90°": lambda images: scale_image(rotate_image(images, 90)),
    "squeezed": lambda images: scale_image(_squeeze(images)),
    "8 pixels, enlarged": lambda images: scale_image(resize_image(resize_image(images, 8), SIDE)),
    "middle half, enlarged": lambda images: scale_image(_cut_middle(images)),
}


def load_pictures():
    """Load emoji of 32 pixels: three artists to learn from, an unseen one to test on."""
    return data.load_emoji(size=SIDE, artists=("noto", "twemoji", "openmoji"))


def train_pictures(emoji, *, seed, epochs=10, scale=scale_image, max_rotation=10, batch_norm=True):
    """Learn the group of an emoji from its picture: `ImageCNN` from its first random weights.

    Parameters
    ----------
    emoji : what `load_pictures` returns
    scale : turns bytes into what the model gets, in training
    max_rotation : largest turn of an augmented picture, degrees
    batch_norm : whether the network rescales what its filters find

    Returns the model, which gives logits, and the curves of `train_alone`: accuracy on training
    and on validation pictures.
    """
    check_like("emoji", emoji, "emoji such as load_pictures returns", "train", "validation")
    check_whole("seed", seed, least=0)
    check_whole("epochs", epochs, least=1)
    check_callable("scale", scale)
    check_flag("batch_norm", batch_norm)
    pictures, new = emoji.train.inputs["image"], emoji.validation
    copies = [
        scale(augment_image(pictures, seed=[seed, copy], max_rotation=max_rotation))
        for copy in range(COPIES)
    ]
    return train_alone(
        lambda: encoders.ImageCNN(128, filters=(16, 32, 64), batch_norm=batch_norm),
        lambda epoch: copies[epoch % COPIES],
        emoji.train.targets["group"],
        classes=len(emoji.classes["group"]),
        epochs=epochs,
        seed=seed,
        new=(scale(new.inputs["image"]), new.targets["group"]),
        batch_size=128,
    )


def score(model, inputs, target):
    """Return the share of rows whose largest logit is that of the true class.

    ``model`` has a ``predict`` that gives logits ``(rows, classes)``; ``target`` is ``(rows,)`` of
    int. Raises ``ValueError`` for NaN, another number of rows, and a class that does not exist.
    """
    check_like("model", model, "a model such as train_pictures returns", "predict")
    # Compiled: where it can see values, the encoder would refuse pictures of 0 to 255.
    logits = model.predict(inputs, batch_size=512, verbose=0)
    logits = check_array("what model predicts of inputs", logits)
    if logits.ndim != 2 or not logits.size:
        raise ValueError(f"model must predict (rows, classes), got shape {logits.shape}")
    target = check_labels("target", target, classes=logits.shape[1])
    if len(target) != len(logits):
        raise ValueError(f"target must hold {len(logits)} classes, one per row, got {len(target)}")
    return float(np.mean(logits.argmax(axis=1) == target))
