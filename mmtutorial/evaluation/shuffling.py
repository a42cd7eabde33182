"""Permutation importance: the cost of taking a modality from another item (shuffled-modality test).

Beside the modalities may stand ``"presence"``, booleans ``(batch,)`` by modality, or ``(batch,
modalities)`` in the order of the sorted names.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_callable, check_labels, check_seed
from mmtutorial.evaluation._inputs import check_outputs, check_rows, check_seeds
from mmtutorial.evaluation.metrics import accuracy


def shuffled_modality(
    inputs: dict, modality: str, *, seed: int | Sequence[int] | np.random.Generator
) -> dict:
    """Give every item the ``modality`` of another item, and leave the rest in place.

    A score that falls shows that the model uses that modality. One that stays does not show the
    opposite: the probabilities may change and no answer with them. No item keeps its own row:
    the rows move one step along a random cycle. Whether a modality is there (its
    column of ``"presence"``) moves along with it.

    Parameters
    ----------
    inputs : dict of arrays, ``(batch, ...)`` each, or of clips, which stay packed; modality : a key
    seed : int or ``numpy.random.Generator``

    Returns a new dict; ``inputs`` is unchanged. Raises ``ValueError`` for an unknown modality,
    fewer than two items, modalities of unequal rows, or a presence of another shape.

    >>> shuffled_modality({"a": np.array([1, 2]), "b": np.array([3, 4])}, "b", seed=0)["b"]
    array([4, 3])
    """
    checked_rows = check_rows("inputs", inputs, lazy=True)
    names = sorted(inputs.keys() - {"presence"})
    if modality not in names:
        raise ValueError(f"modality must be one of {names} in inputs, got {modality!r}")
    rows = checked_rows[modality]
    if len(rows) < 2:
        raise ValueError(f"inputs must hold at least two items to shuffle, got {len(rows)}")
    order = check_seed("seed", seed).permutation(len(rows))
    source = np.empty_like(order)
    source[order] = np.roll(order, 1)
    if "presence" not in inputs:
        return {**inputs, modality: rows[source]}
    if isinstance(inputs["presence"], dict):
        there = inputs["presence"]
        moved = {**there, modality: np.asarray(there[modality])[source]}
        return {**inputs, modality: rows[source], "presence": moved}
    presence, column = np.array(inputs["presence"]), names.index(modality)
    expected = (len(rows), len(names))
    if presence.shape != expected:
        raise ValueError(f"presence must have shape {expected}, {names}, got {presence.shape}")
    presence[:, column] = presence[source, column]
    return {**inputs, modality: rows[source], "presence": presence}


def permutation_importance(
    predict: Callable[[dict], ArrayLike],
    inputs: dict,
    y_true: ArrayLike,
    *,
    metric: Callable[[np.ndarray, np.ndarray], float] = accuracy,
    seeds: Iterable[int] = range(5),
) -> dict[str, np.ndarray]:
    """Permutation importance: how much the score falls when a modality is shuffled, each in turn.

    Parameters
    ----------
    predict : model, ``{modality: (batch, ...)} -> (batch, classes)``
    inputs : dict, as in `shuffled_modality`; y_true : true classes, ``(batch,)``
    metric : ``metric(y_true, y_pred) -> number``
    seeds : one shuffle for each

    Returns ``{modality: (seeds,)}``, the score on ``inputs`` minus the score on the shuffled
    ones. Raises ``ValueError`` without a seed, as `shuffled_modality` does, and if the model's
    outputs or the metric are not finite or not of the right shape. Papers: Breiman 2001, Random
    Forests, section 10; Gat et al. 2021, Perceptual Score.

    >>> ask = {"a": np.eye(4), "b": np.ones((4, 4))}
    >>> drop = permutation_importance(lambda x: x["a"] + x["b"], ask, np.arange(4), seeds=[0])
    >>> float(drop["a"][0]), float(drop["b"][0])
    (1.0, 0.0)
    """
    seeds, model = check_seeds(seeds), check_outputs(predict)
    check_callable("metric", metric)
    y_true = check_labels("y_true", y_true)
    inputs = check_rows("inputs", inputs, lazy=True)

    def score(given):
        outputs = model(given)
        if outputs.ndim != 2 or y_true.shape != outputs.shape[:1]:
            raise ValueError(
                "predict must return (rows, classes), and y_true hold a class for each row, "
                f"got shapes {outputs.shape} and {y_true.shape}"
            )
        truth = check_labels("y_true", y_true, classes=outputs.shape[1])
        found = check_array("what metric returns", metric(truth, outputs.argmax(axis=1)))
        if found.ndim:
            raise ValueError(f"metric must return one number, got shape {found.shape}")
        return found.astype(float)

    whole = score(inputs)
    return {
        name: np.array([whole - score(shuffled_modality(inputs, name, seed=s)) for s in seeds])
        for name in inputs
        if name != "presence"
    }
