"""What the chapter "The title" trains."""

import numpy as np
from scipy.special import log_softmax

import mmtutorial as mm

ARTISTS = ("openmoji", "twemoji")  # whose drawings it trains on: two of five, to be quick
METHODS = {"image": ("image",), "text": ("text",), "concat": ("image", "text")}


def load_inputs(seed):
    """Return ``{split: (inputs, target)}`` of emoji with two keywords each, drawn by ``seed``.

    ``inputs["image"]`` holds the 256 features of a frozen network, ``inputs["text"]`` a one for
    each token that occurs, each row a unit vector; ``target`` is the group, 0 to 7.
    """
    emoji = mm.data.load_emoji(image="features", keywords=2, seed=seed, artists=ARTISTS)
    tokenize = mm.preprocessing.tokenize
    vocabulary = mm.preprocessing.Vocabulary.fit(map(tokenize, emoji.train.inputs["text"]))
    found = {}
    for name in ("train", "validation", "test"):
        split = getattr(emoji, name)
        ids = vocabulary.encode(list(map(tokenize, split.inputs["text"])), length=10)
        occurs = np.zeros((len(split), len(vocabulary)), np.float32)
        np.put_along_axis(occurs, ids, 1, axis=1)
        occurs[:, 0] = 0  # that is padding
        inputs = {"image": _to_unit(split.inputs["image"]), "text": _to_unit(occurs)}
        found[name] = inputs, split.targets["group"]
    return found


def _to_unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _join(inputs, method):
    """Return the vectors of a method's modalities side by side, ``(items, numbers)``."""
    return np.concatenate([inputs[name] for name in METHODS[method]], axis=1)


def train_linear(inputs, target, method, *, steps=40, rate=16.0):
    """Fit softmax regression by gradient descent; return its weights and the loss of each step.

    >>> inputs = {"image": np.eye(2), "text": np.ones((2, 1))}
    >>> weights, losses = train_linear(inputs, np.array([0, 1]), "concat")
    >>> weights.shape, bool(losses[-1] < losses[0])
    ((3, 2), True)
    """
    rows = _join(inputs, method)
    truth = np.eye(target.max() + 1, dtype=rows.dtype)[target]
    weights, losses = np.zeros((rows.shape[1], truth.shape[1]), rows.dtype), []
    for _ in range(steps):
        log_probabilities = log_softmax(rows @ weights, axis=1)
        losses.append(float(-np.mean(np.sum(truth * log_probabilities, axis=1))))
        weights += rate * rows.T @ (truth - np.exp(log_probabilities)) / len(rows)
    return weights, losses


def predict(weights, inputs, method):
    """Return the most probable class of each item."""
    return (_join(inputs, method) @ weights).argmax(axis=1)
