"""Do two tasks help each other? Their gradients, and what a step for one does to another."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from mmtutorial._checks import check_number
from mmtutorial.multi_task._tasks import check_tasks
from mmtutorial.multi_task.model import MultiTaskModel


def task_gradients(
    model: MultiTaskModel, inputs: Any, labels: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """Where in the network do tasks conflict? The gradient of each task, weight by weight.

    Parameters
    ----------
    model : compiled, so that it has a loss for each task; it stays as it is
    inputs, labels : a batch, as in ``fit``

    Returns ``{path of the weight: (tasks, size)}`` for the weights that several tasks share, of
    losses that are not weighted, without dropout. Rows are the tasks by name, sorted, as
    ``model.tasks`` is. Hand an entry to `gradient_cosine` or `pcgrad`; ``np.hstack`` of all is the
    gradient of the whole. Needs the TensorFlow backend. Raises ``ValueError`` as ``fit`` does.
    Paper: Yu et al. 2020, Gradient Surgery for Multi-Task Learning.

    >>> from mmtutorial.multi_task import HardSharing
    >>> model = MultiTaskModel(HardSharing(keras.layers.Dense(2), {"group": 3, "hue": 1}))
    >>> model.compile("sgd", "mse")
    >>> labels = {"group": np.ones((4, 3)), "hue": np.ones(4)}
    >>> [each.shape for each in task_gradients(model, np.ones((4, 5)), labels).values()]
    [(2, 10), (2, 2)]
    """
    _, variables, matrices = _gradients(model, inputs, labels)
    return {v.path: m.numpy() for v, m in zip(variables, matrices, strict=True)}


def task_affinity(
    model: MultiTaskModel, inputs: Any, labels: Mapping[str, Any], *, learning_rate: float
) -> np.ndarray:
    """Does a step for one task help another? Take it, look at all losses, and take it back.

    ``Z[i, j] = 1 - loss_j(after a step of gradient descent for task i) / loss_j(before)``, where
    the step changes only the weights that several tasks share. Above 0, task ``i`` helps task ``j``
    in this step; on the diagonal, itself. One batch says little: average over many, and over the
    course of training.

    Parameters
    ----------
    model : compiled, so that it has a loss for each task; it stays as it is
    inputs, labels : a batch, as in ``fit``
    learning_rate : of the step that is tried

    Returns ``(tasks, tasks)`` in the order of ``model.tasks``. Needs the TensorFlow backend. Raises
    ``ValueError`` as ``fit`` does, and for a task whose loss is 0. Paper: Fifty et al. 2021,
    Efficiently Identifying Task Groupings for Multi-Task Learning (inter-task affinity).

    >>> from mmtutorial.multi_task import HardSharing
    >>> model = MultiTaskModel(HardSharing(keras.layers.Dense(2), {"group": 1, "hue": 1}))
    >>> model.compile("sgd", "mse")
    >>> labels = {"group": np.ones(4), "hue": np.ones(4)}
    >>> task_affinity(model, np.ones((4, 5)), labels, learning_rate=0.01).shape
    (2, 2)
    """
    rate = check_number("learning_rate", learning_rate, above=0, most=1e6)
    before, variables, matrices = _gradients(model, inputs, labels)
    before = ops.convert_to_numpy(before)
    for task, loss in zip(model.tasks, before, strict=True):
        if not 0 < loss < np.inf:
            raise ValueError(
                f"inputs and labels must give task {task!r} a finite loss above 0, got {loss}"
            )
    kept = [ops.convert_to_numpy(variable) for variable in variables]
    arrays, y = model._look_at_batch(inputs, labels)
    after = []
    try:
        for task in range(len(model.tasks)):
            for variable, start, matrix in zip(variables, kept, matrices, strict=True):
                step = np.reshape(ops.convert_to_numpy(matrix[task]), start.shape)
                variable.assign(start - rate * step)
            outputs = model(arrays, training=False)
            losses = model._weigh_losses(y, outputs, training=False).losses
            after.append([float(loss) for loss in losses])
    finally:
        for variable, start in zip(variables, kept, strict=True):
            variable.assign(start)
    return 1 - np.array(after) / before


def _gradients(model, inputs, labels):
    """Return the losses, the shared weights, and a matrix of gradients for each of them."""
    if not isinstance(model, MultiTaskModel):
        raise TypeError(f"model must be a MultiTaskModel, got {type(model).__name__}")
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "model must run on TensorFlow, where the gradients of tasks can be taken apart; Keras "
            f"runs on {keras.backend.backend()}: set KERAS_BACKEND=tensorflow"
        )
    check_tasks("labels", labels, model.tasks, of="labels")
    inputs = model.architecture._to_arrays(inputs)
    from mmtutorial.multi_task import _tape

    return _tape.loss_gradients(model, *model._look_at_batch(inputs, labels))
