"""One modality, one encoder, one dense layer on top: how far does it get by itself?"""

import keras
import numpy as np

from mmtutorial._checks import check_array, check_labels, check_number, check_whole
from mmtutorial.tasks.training import Recipe, fit


def train_alone(
    encoder, draw, targets, *, classes, epochs, seed, new=None, learning_rate=3e-3, batch_size=64
):
    """Train an encoder from its first random weights, with a linear classifier on top.

    Adam starts at ``learning_rate`` and slows down along a cosine to 0, so that the last epochs
    no longer jump about.

    Parameters
    ----------
    encoder : a function that makes the layer (or a list of layers), called once the seed is set
    draw : a function from the number of the epoch to the inputs ``(rows, ...)`` of that epoch
    targets : the true class of each row, ``(rows,)`` of int
    classes : how many classes there are
    new : inputs and targets that training never sees, to score after each epoch, or None

    Returns the model, a `keras.Sequential` that gives logits ``(rows, classes)``, and a dict with
    the accuracies ``"training"`` and ``"new"`` after each epoch. Raises ``ValueError`` if there
    are fewer rows than a batch holds, for a class that does not exist, for NaN and infinity, and
    if ``draw`` returns more or fewer rows than there are targets.
    """
    for name, number in (("classes", classes), ("epochs", epochs), ("batch_size", batch_size)):
        check_whole(name, number, least=1)
    targets = check_labels("targets", targets, classes=classes)
    if len(targets) < batch_size:
        raise ValueError(
            f"batch_size must be at most {len(targets)}, the training rows in targets, "
            f"got {batch_size}"
        )
    for name, function in (("encoder", encoder), ("draw", draw)):
        if not callable(function):
            raise TypeError(f"{name} must be a function, got {function!r}")
    check_number("learning_rate", learning_rate, above=0)
    if new is not None and (
        not isinstance(new, (list, tuple))
        or len(new) != 2
        or np.ndim(new[1]) != 1
        or len(new[0]) != len(new[1])
    ):
        raise ValueError("new must be inputs and as many targets, (inputs, targets), or None")
    if new is not None:
        new = check_array("new", new[0]), check_labels("new", new[1], classes=classes)
    steps = epochs * (len(targets) // batch_size)
    curve = []

    def build():
        layers = encoder()
        layers = layers if isinstance(layers, list) else [layers]
        model = keras.Sequential([*layers, keras.layers.Dense(classes)])
        model.compile(
            keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps)),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        return model

    def watch(epoch, model):
        if new is not None:
            curve.append(model.evaluate(*new, batch_size=1024, verbose=0)[1])

    recipe = Recipe(epochs=epochs, batch_size=batch_size)
    model = fit(build, lambda epoch: (draw(epoch), targets), recipe, seed=seed, on_epoch=watch)
    return model, {"training": model.history.history["accuracy"], "new": curve}
