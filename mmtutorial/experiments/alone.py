"""One modality, one encoder, one dense layer on top: how far does it get by itself?"""

import keras


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
    are fewer rows than a batch holds.
    """
    if len(targets) < batch_size:
        raise ValueError(
            f"batch_size must be at most {len(targets)}, the training rows, got {batch_size}"
        )
    keras.utils.set_random_seed(seed)
    layers = encoder()
    layers = layers if isinstance(layers, list) else [layers]
    model = keras.Sequential([*layers, keras.layers.Dense(classes)])
    steps = epochs * -(-len(targets) // batch_size)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps)),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    curves = {"training": [], "new": []}
    for epoch in range(epochs):
        found = model.fit(draw(epoch), targets, batch_size=batch_size, verbose=0).history
        curves["training"] += found["accuracy"]
        if new is not None:
            curves["new"].append(model.evaluate(*new, batch_size=1024, verbose=0)[1])
    return model, curves
