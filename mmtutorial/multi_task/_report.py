"""What training reports for each task: its loss, its weight, its metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from mmtutorial._logits import check_logits
from mmtutorial.multi_task._labels import hide_missing, kind_of
from mmtutorial.multi_task._tasks import check_tasks

ACCURACY = ("accuracy", "acc")


def by_task(name: str, given: Any, tasks: Sequence[str], *, partly: bool = False) -> dict[str, Any]:
    """Return what is given for each task; what comes alone is for all of them."""
    if not isinstance(given, dict):
        return dict.fromkeys(tasks, given)
    check_tasks(name, {**dict.fromkeys(tasks), **given} if partly else given, tasks, of=name)
    return {task: given.get(task) for task in tasks}


def find_losses(given: Any, tasks: Sequence[str]) -> dict[str, Any]:
    """Return the loss of each task, of logits."""
    losses = by_task("loss", given, tasks)
    for task, loss in losses.items():
        if loss is None:
            raise ValueError(f"loss must say how {task!r} is scored, such as 'mse', got None")
        check_logits("loss", loss)
    return {task: keras.losses.get(loss) for task, loss in losses.items()}


def find_metrics(given: Any, losses: Mapping[str, Any]) -> list[tuple[str, keras.metrics.Metric]]:
    """Return ``(task, metric)`` for each metric of each task, named after it."""
    found = []
    for task, metrics in by_task("metrics", given, list(losses), partly=True).items():
        metrics = metrics if isinstance(metrics, (list, tuple)) else [metrics]
        for metric in metrics:
            if metric is not None:
                found.append((task, _make_metric(task, metric, losses[task])))
    return found


def _make_metric(task, given, loss):
    """Return a metric of one task; ``"accuracy"`` is of what its loss takes."""
    if given in ACCURACY:
        kinds = {
            "classes": lambda: keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
            "binary": lambda: keras.metrics.BinaryAccuracy(name="accuracy", threshold=0),
            "numbers": lambda: keras.metrics.CategoricalAccuracy(name="accuracy"),
        }
        metric = kinds[kind_of(loss)]()
    else:
        check_logits("metrics", given)
        metric = keras.metrics.get(given)
        if isinstance(metric, keras.metrics.Metric):  # each task counts for itself
            metric = type(metric).from_config(metric.get_config())
        else:
            metric = keras.metrics.MeanMetricWrapper(metric)
    metric.name = f"{task}_{given if isinstance(given, str) else metric.name}"
    return metric


class Report:
    """Losses and metrics of the tasks, and their means over an epoch.

    It is no layer, so that Keras does not count it as a part of a model.
    """

    def __init__(self, tasks: Sequence[str], loss: Any, metrics: Any):
        self.tasks, self.chosen = list(tasks), {"loss": loss, "metrics": metrics}
        self.loss_of = find_losses(loss, self.tasks)
        self.losses = [keras.metrics.Mean(name=f"{task}_loss") for task in self.tasks]
        self.weights = [keras.metrics.Mean(name=f"{task}_weight") for task in self.tasks]
        self.of_tasks = find_metrics(metrics, self.loss_of)

    @property
    def metrics(self) -> list:
        """All of them, in the order of reporting."""
        return [*self.losses, *(metric for _, metric in self.of_tasks), *self.weights]

    def update_losses(self, losses: Any, counts: Any, weights: Any) -> None:
        """Take in a batch: ``(tasks,)`` of losses, of how many labels, and of weights."""
        for place in range(len(self.tasks)):
            self.losses[place].update_state(losses[place], sample_weight=counts[place])
            self.weights[place].update_state(weights[place])

    def update_metrics(self, y: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Take in the labels that are there, and what was said of them."""
        for task, metric in self.of_tasks:
            labels, known = hide_missing(y[task], outputs[task])
            metric.update_state(labels, outputs[task], sample_weight=ops.cast(known, "float32"))
