"""Losses, metrics and targets that fit a model which returns logits."""

import inspect
from typing import Any

import keras
import numpy as np

from mmtutorial._checks import check_labels

OF_PROBABILITIES = {  # functions, as losses or as metrics
    "kl_divergence",
    "poisson",
    "dice",
    "tversky",
    "categorical_generalized_cross_entropy",
    "binary_accuracy",
}
SHORT = {"crossentropy", "ce"}  # as a metric, Keras finds out which, and takes probabilities
CUTTING = (  # metrics that count what lies above thresholds
    *("BinaryAccuracy", "BinaryIoU", "FBetaScore", "Precision", "Recall"),
    *("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"),
    *("PrecisionAtRecall", "RecallAtPrecision"),
    *("SensitivityAtSpecificity", "SpecificityAtSensitivity"),
)


def cuts_probabilities(metric: Any) -> bool:
    """Say whether a metric of Keras has a threshold above 0; with ``top_k`` it only ranks.

    >>> cuts_probabilities(keras.metrics.Recall()), cuts_probabilities(keras.metrics.Recall(0))
    (True, False)
    """
    if not isinstance(metric, tuple(getattr(keras.metrics, name) for name in CUTTING)):
        return False
    thresholds = getattr(metric, "thresholds", getattr(metric, "threshold", None))
    return thresholds is not None and bool(np.max(thresholds) > 0)


def check_logits(name: str, given: Any) -> None:
    """Refuse a loss or metric, or several, that takes the logits of a model for probabilities."""
    find = keras.losses.get if name == "loss" else keras.metrics.get
    for each in keras.tree.flatten(given):
        try:
            found = find(each)
        except (ValueError, TypeError):
            found = each  # a short name; or a wrong one, which Keras refuses
        function = getattr(found, "fn", getattr(found, "_fn", found))
        of_logits = getattr(found, "from_logits", getattr(found, "_from_logits", None))
        if of_logits is None and inspect.isfunction(function):
            option = inspect.signature(function).parameters.get("from_logits")
            of_logits = None if option is None else option.default
        known = getattr(function, "__name__", "") in OF_PROBABILITIES
        short = isinstance(found, str) and found in SHORT
        if of_logits is False or short or known or cuts_probabilities(found):
            raise ValueError(
                f"{name} must take logits, which this model returns; {each!r} takes probabilities: "
                f"write keras.{'losses' if name == 'loss' else 'metrics'}."
                "SparseCategoricalCrossentropy(from_logits=True), or its like"
                + ("" if name == "loss" else ", or hand it the softmax of what `predict` returns")
            )


def check_classes(name: str, y: Any, loss: Any, classes: int | None) -> None:
    """Refuse targets, if they are an array, that are no class of a model with a sparse loss."""
    sparse = isinstance(loss, keras.losses.SparseCategoricalCrossentropy)
    if not sparse or classes is None or not isinstance(y, (np.ndarray, list, tuple)):
        return
    labels = check_labels(name, y)
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    labels = labels.astype(int) if labels.dtype.kind == "f" else labels
    ignored = getattr(loss, "ignore_class", None)
    check_labels(name, labels if ignored is None else labels[labels != ignored], classes=classes)
