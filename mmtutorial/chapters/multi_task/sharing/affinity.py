"""Affinity while a model trains: what a step for one task would do to the loss of each other."""

import numpy as np

from mmtutorial._checks import check_whole
from mmtutorial.multi_task import task_affinity

LOOKS, TRIED_RATE = 3, 0.05  # batches per epoch whose affinity is measured, and the step tried


class MeasureAffinity:
    """After each epoch, measure how a step for each task would change the loss of each other.

    ``values`` grows to ``(epochs, tasks, tasks)``, see `mm.multi_task.task_affinity`.
    """

    def __init__(self, task, *, seed=0, batch_size=128):
        self.task, self.seed, self.batch_size = task, check_whole("seed", seed, least=0), batch_size
        self.values = []

    def __call__(self, epoch, model):
        """Measure it on a few batches."""
        inputs, labels = self.task.draw_epoch(epoch, seed=self.seed)
        order = np.random.default_rng([self.seed, epoch]).permutation(len(labels[model.tasks[0]]))
        found = []
        for look in range(LOOKS):
            rows = order[look * self.batch_size : (look + 1) * self.batch_size]
            batch = [{n: array[rows] for n, array in part.items()} for part in (inputs, labels)]
            found.append(task_affinity(model, *batch, learning_rate=TRIED_RATE))
        self.values.append(np.mean(found, axis=0))
