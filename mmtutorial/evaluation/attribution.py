"""Which modality did the work?"""

import numpy as np


def shuffled_modality(inputs, modality, *, seed):
    """Give every item the ``modality`` of another item, and leave the rest in place.

    A model that scores the same on the result never listened to that modality. No item keeps
    its own row: the rows move one step along a random cycle.

    Parameters
    ----------
    inputs : dict of arrays, ``(batch, ...)`` each; modality : one of its keys
    seed : int or ``numpy.random.Generator``

    Returns a new dict; ``inputs`` is unchanged. Raises ``ValueError`` for an unknown modality
    or fewer than two items.

    >>> shuffled_modality({"a": np.array([1, 2]), "b": np.array([3, 4])}, "b", seed=0)["b"]
    array([4, 3])
    """
    if modality not in inputs:
        raise ValueError(f"modality must be one of {sorted(inputs)}, got {modality!r}")
    rows = np.asarray(inputs[modality])
    if len(rows) < 2:
        raise ValueError(f"inputs must hold at least two items to shuffle, got {len(rows)}")
    order = np.random.default_rng(seed).permutation(len(rows))
    source = np.empty_like(order)
    source[order] = np.roll(order, 1)
    return {**inputs, modality: rows[source]}
