"""What a model of several tasks does beside the steps of its training."""

import math
from typing import Any

import keras


def complain(task: str, value: float, where: str) -> FloatingPointError:
    """Return the error that says which task's loss is no number."""
    return FloatingPointError(
        f"the loss of task {task!r}, or its gradient, became {value:g} {where}: training stopped, "
        "and the model keeps the weights of the step before. A lower learning rate, or clipnorm in "
        "the optimizer, may help; or look at the labels"
    )


class Watch(keras.callbacks.Callback):
    """Stops at the first loss that is not finite, and tells the weighting how an epoch went."""

    def __init__(self, tasks: Any):
        super().__init__()
        self.tasks, self.epoch = list(tasks), 0

    def on_epoch_begin(self, epoch, logs=None):
        """Remember the number of the epoch."""
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Look at the loss of each task."""
        for task in self.tasks:
            value = float((logs or {}).get(f"{task}_loss", 0.0))
            if not math.isfinite(value):
                where = f"in step {batch + 1} of epoch {self.epoch + 1}"
                raise complain(task, value, where)

    def on_epoch_end(self, epoch, logs=None):
        """Hand the mean losses of the epoch to the weighting."""
        losses = {task: float(logs[f"{task}_loss"]) for task in self.tasks}
        self.model.weighting.end_epoch(losses)
