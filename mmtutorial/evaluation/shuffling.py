"""Does the model listen to a modality? Give it that of another item, and see what it costs.

Beside the modalities may stand ``"presence"``, booleans ``(batch, modalities)`` in the order of
the sorted names.
"""

import numpy as np

from mmtutorial.evaluation.metrics import accuracy


def is_packed(rows):
    """Whether rows are clips, each decoded when one asks for it."""
    return hasattr(rows, "encoded")


def shuffled_modality(inputs, modality, *, seed):
    """Give every item the ``modality`` of another item, and leave the rest in place.

    A model that scores the same on the result never listened to that modality. No item keeps
    its own row: the rows move one step along a random cycle. Whether a modality is there (its
    column of ``"presence"``) moves along with it.

    Parameters
    ----------
    inputs : dict of arrays, ``(batch, ...)`` each, or of clips, which stay packed; modality : a key
    seed : int or ``numpy.random.Generator``

    Returns a new dict; ``inputs`` is unchanged. Raises ``ValueError`` for an unknown modality,
    fewer than two items, or a presence of another shape.

    >>> shuffled_modality({"a": np.array([1, 2]), "b": np.array([3, 4])}, "b", seed=0)["b"]
    array([4, 3])
    """
    names = sorted(inputs.keys() - {"presence"})
    if modality not in names:
        raise ValueError(f"modality must be one of {names}, got {modality!r}")
    rows = inputs[modality] if is_packed(inputs[modality]) else np.asarray(inputs[modality])
    if len(rows) < 2:
        raise ValueError(f"inputs must hold at least two items to shuffle, got {len(rows)}")
    order = np.random.default_rng(seed).permutation(len(rows))
    source = np.empty_like(order)
    source[order] = np.roll(order, 1)
    if "presence" not in inputs:
        return {**inputs, modality: rows[source]}
    presence, column = np.array(inputs["presence"]), names.index(modality)
    expected = (len(rows), len(names))
    if presence.shape != expected:
        raise ValueError(f"presence must have shape {expected}, {names}, got {presence.shape}")
    presence[:, column] = presence[source, column]
    return {**inputs, modality: rows[source], "presence": presence}


def shuffled_drop(predict, inputs, y_true, *, metric=accuracy, seeds=range(5)):
    """How much does the score fall when one modality comes from another item? All in turn.

    Parameters
    ----------
    predict : model, ``{modality: (batch, ...)} -> (batch, classes)``
    inputs : dict, as in `shuffled_modality`; y_true : true classes, ``(batch,)``
    metric : ``metric(y_true, y_pred) -> number``
    seeds : one shuffle for each

    Returns ``{modality: (seeds,)}``, the score on ``inputs`` minus the score on the shuffled
    ones. Raises ``ValueError`` without a seed and as `shuffled_modality` does. Papers: Breiman
    2001, Random Forests, section 10; Gat et al. 2021, Perceptual Score.

    >>> ask = {"a": np.eye(4), "b": np.ones((4, 4))}
    >>> drop = shuffled_drop(lambda x: x["a"] + x["b"], ask, np.arange(4), seeds=[0])
    >>> float(drop["a"][0]), float(drop["b"][0])
    (1.0, 0.0)
    """
    seeds = list(seeds)
    if not seeds:
        raise ValueError("seeds must hold at least one seed, got none")

    def score(given):
        return metric(y_true, np.asarray(predict(given)).argmax(axis=1))

    whole = score(inputs)
    return {
        name: np.array([whole - score(shuffled_modality(inputs, name, seed=s)) for s in seeds])
        for name in inputs
        if name != "presence"
    }
