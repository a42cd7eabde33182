"""Weights that bring the tasks' gradients to one length: all shall train at the same rate."""

from typing import Any

import keras
from keras import ops

from mmtutorial._checks import check_number
from mmtutorial.multi_task._weighting import LossWeighting

LEAST = 1e-3  # of a weight: at 0, a task would have no gradient to come back by


@keras.saving.register_keras_serializable(package="mmtutorial")
class GradNorm(LossWeighting):
    """Which gradient is too long? Change the weights until all tasks pull as they should.

    The weighted gradient of task ``i`` has the norm ``G_i = w_i |g_i|``. It should be the mean norm
    times ``r_i ** alpha``, where ``r_i`` is the task's loss, divided by its first one, over the
    mean of that for all tasks: the one behind may pull harder. After each step of training, the
    weights take a step of gradient descent on the sum of ``|G_i - target_i|``, in units of the mean
    norm; then they are scaled to the sum ``tasks``.

    Parameters
    ----------
    alpha : how much harder a task may pull that is behind; 0 asks for equal norms
    learning_rate : of the weights; it has no unit

    ``{task: loss}`` -> weight times loss. All weights begin at 1. The norms are of all weights that
    several tasks share; the paper takes the last shared layer, to save time, and another optimizer.
    A model with this weighting takes a gradient for each task, which needs the TensorFlow backend.
    Paper: Chen et al. 2018, GradNorm: Gradient Normalization for Adaptive Loss Balancing in Deep
    Multitask Networks.

    >>> weighting = GradNorm(alpha=0.0, learning_rate=0.1)
    >>> _ = weighting({"group": 1.0, "hue": 1.0})
    >>> weighting.update_weights(ops.array([1.0, 1.0]), ops.array([1.0, 3.0]), None)
    >>> weighting.task_weights.numpy().round(2)
    array([1.11, 0.89], dtype=float32)
    """

    needs_gradients = True

    def __init__(self, *, alpha: float = 1.5, learning_rate: float = 0.025, **kwargs):
        super().__init__(**kwargs)
        self.alpha = check_number("alpha", alpha, least=0, most=10)
        self.learning_rate = check_number("learning_rate", learning_rate, above=0, below=1)

    def build_weights(self):
        """Make the weights of the tasks and their first losses, 0 until there is one."""
        self.task_weights = self.add_numbers("task_weights", "ones")
        self.first_losses = self.add_numbers("first_losses")

    def weigh(self, losses, training):
        """Return the weights as they are."""
        return ops.convert_to_tensor(self.task_weights), ops.zeros_like(losses)

    def update_weights(self, losses: Any, norms: Any, present: Any) -> None:
        """Take a step on the weights; all ``(tasks,)``, and losses and norms not weighted."""
        present = ops.ones_like(losses, dtype="bool") if present is None else present
        here = ops.cast(present, "float32")
        first = ops.convert_to_tensor(self.first_losses)
        first = ops.where(ops.logical_and(first == 0, present), losses, first)
        weights = ops.convert_to_tensor(self.task_weights)

        def mean(values):
            return ops.sum(values * here) / ops.maximum(ops.sum(here), 1.0)

        ratios = losses / ops.where(first > 0, first, ops.ones_like(first))
        rates = ratios / ops.maximum(mean(ratios), 1e-30)
        pulls = weights * norms
        average = ops.maximum(mean(pulls), 1e-30)
        slopes = ops.sign(pulls - average * rates**self.alpha) * norms / average
        moved = weights - self.learning_rate * here * slopes
        moved = ops.clip(moved, LEAST, 1 / LEAST)
        moved = moved * len(self.tasks) / ops.sum(moved)
        fine = ops.all(ops.isfinite(moved))
        self.task_weights.assign(ops.where(fine, moved, weights))
        self.first_losses.assign(ops.where(fine, first, ops.convert_to_tensor(self.first_losses)))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "learning_rate": self.learning_rate,
        }
