"""The doors of a model of several tasks: training, prediction, export."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_counts, check_seed, check_whole
from mmtutorial._doors import ExportDoors
from mmtutorial.multi_task._labels import check_targets, known_rows
from mmtutorial.multi_task._training import Watch
from mmtutorial.multi_task.sampling import TaskBatches, check_shares

NO_DATASET = (dict, list, tuple, np.ndarray, str, bytes, type(None))
WEIGHTS_OF_ROWS = ("sample_weight", "class_weight")


class TaskDoors(ExportDoors, keras.Model):
    """Base of a model with an ``architecture``: looks at NumPy arrays on their way in."""

    def __call__(self, inputs, *args, **kwargs):
        """Turn lists into arrays, and check the names, before Keras does."""
        inputs = self.architecture._to_arrays(inputs)
        self._remember(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def _look_at(self, inputs):
        """Return inputs for a compiled graph, after a look at those that are NumPy arrays."""
        if not isinstance(inputs, NO_DATASET) and not ops.is_tensor(inputs):
            return inputs
        arrays = self.architecture._to_arrays(inputs)
        if all(isinstance(array, np.ndarray) for array in arrays.values()):
            self.architecture.check_values(arrays)
        return arrays

    def _look_at_targets(self, y):
        """Return labels by task, after a look whether each is one."""
        if y is None or not isinstance(y, NO_DATASET):
            return y
        if self.report is None:
            raise ValueError("y cannot be looked at yet: call compile(optimizer, loss) first")
        if isinstance(y, dict) and any(map(ops.is_tensor, y.values())):
            return y
        heads = self.architecture.heads
        classes = {
            task: head.units if isinstance(head, layers.Dense) else None
            for task, head in heads.items()
        }
        return check_targets(y, self.tasks, self.report.loss_of, classes)

    def _look_at_batch(self, x, y):
        """Return arrays and labels of as many rows, each task with a label at least."""
        x, y = self._look_at(x), self._look_at_targets(y)
        if y is None:
            raise ValueError("y must be a dict of labels keyed by task, got None")
        counted = {
            **{f"x[{n!r}]": a for n, a in x.items()},
            **{f"y[{n!r}]": a for n, a in y.items()},
        }
        check_counts(counted)
        for task, labels in y.items():
            if not np.asarray(known_rows(labels)).any():
                raise ValueError(f"y[{task!r}] must hold at least one label, but all are missing")
        return x, y

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        *,
        batch_size: int | None = None,
        task_sampling: Mapping[str, float] | None = None,
        seed: int = 0,
        callbacks: Sequence | None = None,
        **kwargs,
    ) -> keras.callbacks.History:
        """Train as Keras does.

        ``x`` is as in a call, ``y`` is ``{task: labels}``, with -1 or NaN for what is missing.
        ``task_sampling`` is ``{task: share}``: each row of a batch is drawn for a task, the first
        with such a probability, then among the rows that have a label of it; ``seed`` draws. None
        goes through all rows in random order. Further arguments are those of ``keras.Model.fit``.
        Raises ``ValueError`` for a task without a label, labels out of range, arrays of several
        lengths and weights of rows, ``FloatingPointError`` if a loss is no number any more.
        """
        for name in WEIGHTS_OF_ROWS:
            if kwargs.get(name) is not None:
                raise ValueError(f"{name} must not be given: leave labels out, or weigh tasks")
        if isinstance(x, NO_DATASET):
            x, y = self._look_at_batch(x, y)
        if task_sampling is not None:
            if not isinstance(x, dict):
                raise ValueError("task_sampling must come with arrays: a data set brings its order")
            shares = check_shares(task_sampling, self.tasks)
            size = check_whole("batch_size", 32 if batch_size is None else batch_size, least=1)
            x, y = TaskBatches(x, y, shares, size, check_seed("seed", seed)), None
            batch_size, kwargs["shuffle"] = None, False
        callbacks = [Watch(self.tasks), *(callbacks or ())]
        return super().fit(x, y, batch_size=batch_size, callbacks=callbacks, **kwargs)

    def compute_output_shape(self, input_shape):
        """Return the shape of each task's logits."""
        return self.architecture.compute_output_shape(input_shape)
