"""Labels of several tasks, some of them missing: what is looked at, and the loss of what is there.

Missing is -1 where labels are classes, and NaN where they are numbers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from mmtutorial._checks import check_array
from mmtutorial.multi_task._tasks import check_tasks

SPARSE = ("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy")
BINARY = (
    *("BinaryCrossentropy", "binary_crossentropy"),
    *("BinaryFocalCrossentropy", "binary_focal_crossentropy"),
)


def kind_of(loss: Any) -> str:
    """Return whether labels are ``"classes"``, ``"binary"``, or ``"numbers"`` of any kind."""
    name = getattr(loss, "__name__", type(loss).__name__)
    return "classes" if name in SPARSE else "binary" if name in BINARY else "numbers"


def check_labels_of(task: str, given: Any, kind: str, classes: int | None) -> np.ndarray:
    """Return labels of one task as they go into training; refuse what is out of range."""
    name = f"y[{task!r}]"
    labels = check_array(name, given, finite=False)
    if not labels.ndim or not len(labels):
        raise ValueError(f"{name} must hold a label for each row, got shape {labels.shape}")
    if kind == "numbers":
        labels = labels.astype("float32")
        if np.isinf(labels).any():
            raise ValueError(f"{name} must hold numbers, or NaN where one is missing, got infinity")
        return labels
    if labels.dtype.kind == "f":
        labels = np.where(np.isnan(labels), -1, labels)
    most = 1 if kind == "binary" else None if classes is None else classes - 1
    whole = labels == np.rint(labels)
    if not whole.all() or labels.min() < -1 or (most is not None and labels.max() > most):
        wrong = labels[~whole | (labels < -1) | (labels > (np.inf if most is None else most))]
        raise ValueError(
            f"{name} must hold whole numbers from 0 to {most}, or -1 where a label is missing; got "
            f"{wrong.flat[0]:g}"
        )
    return labels.astype("int32")


def check_targets(
    y: Any, tasks: Sequence[str], losses: Mapping[str, Any], classes: Mapping[str, int | None]
) -> dict[str, np.ndarray]:
    """Return labels by task, all of as many rows."""
    check_tasks("y", y, tasks, of="labels")
    labels = {
        task: check_labels_of(task, y[task], kind_of(losses[task]), classes[task]) for task in tasks
    }
    rows = {task: len(array) for task, array in labels.items()}
    if len(set(rows.values())) > 1:
        raise ValueError(f"y must hold as many labels for each task, got {rows}")
    return labels


def known_rows(labels: Any) -> Any:
    """Return which rows have a label, booleans ``(rows,)``; for NumPy arrays and tensors."""
    whole = "int" in keras.backend.standardize_dtype(labels.dtype)
    known = labels >= 0 if whole else ops.isfinite(labels)
    return ops.all(ops.reshape(known, (ops.shape(known)[0], -1)), axis=1)


def hide_missing(labels: Any, outputs: Any) -> tuple[Any, Any]:
    """Return labels of the rank of ``outputs``, 0 where one is missing, and which are there."""
    labels = ops.convert_to_tensor(labels)
    if len(outputs.shape) == len(labels.shape) + 1 and outputs.shape[-1] == 1:
        labels = labels[..., None]
    known = known_rows(labels)
    each = ops.reshape(known, (-1, *[1] * (len(labels.shape) - 1)))
    return ops.where(each, labels, ops.zeros_like(labels)), known


def mean_loss(loss: Any, labels: Any, outputs: Any) -> tuple[Any, Any]:
    """Return the mean loss over the rows that have a label, and how many these are.

    A row without one has no part in it, not even as a zero; without any, the loss is 0.
    """
    labels, known = hide_missing(labels, outputs)
    function = loss.call if isinstance(loss, keras.losses.Loss) else loss
    each = ops.cast(function(labels, outputs), "float32")
    each = ops.mean(ops.reshape(each, (ops.shape(known)[0], -1)), axis=1)
    count = ops.sum(ops.cast(known, "float32"))
    total = ops.sum(ops.where(known, each, ops.zeros_like(each)))
    return total / ops.maximum(count, 1.0), count
