"""An architecture, a weighting and a method on the gradients, put together and trained."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers, ops

from mmtutorial._checks import check_number, check_whole
from mmtutorial.multi_task._architecture import Architecture
from mmtutorial.multi_task._labels import mean_loss
from mmtutorial.multi_task._report import Report
from mmtutorial.multi_task._task_doors import TaskDoors
from mmtutorial.multi_task._tasks import check_tasks
from mmtutorial.multi_task._training import complain
from mmtutorial.multi_task._weighting import LossWeighting
from mmtutorial.multi_task.gradients import cagrad, imtl_g, mgda, pcgrad
from mmtutorial.multi_task.gradnorm import GradNorm
from mmtutorial.multi_task.weighting import (
    DynamicWeightAverage,
    EqualWeighting,
    RandomLossWeighting,
    UncertaintyWeighting,
)

WEIGHTINGS = {
    "dynamic": DynamicWeightAverage,
    "equal": EqualWeighting,
    "gradnorm": GradNorm,
    "random": RandomLossWeighting,
    "uncertainty": UncertaintyWeighting,
}
AGGREGATORS = ("cagrad", "imtl_g", "mgda", "pcgrad")


class Weighed(NamedTuple):
    """Of a batch: losses and terms to add up, a list each; counts of labels and weights, arrays."""

    losses: list
    counts: Any
    weights: Any
    terms: list


@keras.saving.register_keras_serializable(package="mmtutorial")
class MultiTaskModel(TaskDoors):
    """How do I train one model for several tasks? Choose what is shared, what counts, what yields.

    The three choices are free of each other: any architecture, any weighting of the losses, any
    method that makes one gradient of those of the tasks. ``compile`` takes a loss of logits for
    each task, ``fit`` labels for each task, and the history has ``<task>_loss``, ``<task>_weight``
    and metrics such as ``<task>_accuracy``.

    Parameters
    ----------
    architecture : `HardSharing`, `CrossStitch`, `MMoE` or `PLE`
    weighting : a weighting such as `LinearScalarization`, or the name of one with its default
        options: ``"equal"``, ``"random"``, ``"uncertainty"``, ``"dynamic"``, ``"gradnorm"``
    aggregator : what makes one gradient of several, for the weights that several tasks share:
        ``"pcgrad"``, ``"mgda"``, ``"cagrad"``, ``"imtl_g"``, a function ``(tasks, params) ->
        (params,)``, or None for the sum. It gets the gradients of the weighted losses, of the tasks
        that have a label in the batch
    c : of ``"cagrad"``, see `cagrad`
    seed : draws the order in which ``"pcgrad"`` lets tasks meet, anew in each step

    Inputs and outputs are those of the architecture. Labels are ``{task: (rows,)}`` or ``(rows,
    size)``; where one is missing, it is -1 for classes and NaN for numbers. The loss of a task is
    the mean over the rows that have a label: what is missing is no zero. An aggregator, and a
    weighting that looks at gradients, needs the TensorFlow backend, and takes one backward pass for
    each task. Raises ``ValueError`` for weights of other tasks, a task without labels, labels out
    of range, a loss of probabilities, and what the architecture refuses; ``FloatingPointError`` if
    a loss is no number any more: training stops, and the weights of the step before stay.

    >>> from mmtutorial.multi_task import HardSharing
    >>> model = MultiTaskModel(HardSharing(layers.Flatten(), {"group": 3, "hue": 1}), "uncertainty")
    >>> cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> model.compile("adam", {"group": cross_entropy, "hue": "mse"}, {"group": "accuracy"})
    >>> labels = {"group": np.array([0, 2, -1]), "hue": np.array([0.5, np.nan, 0.1])}
    >>> history = model.fit(np.ones((3, 4)), labels, verbose=0).history
    >>> sorted(history)
    ['group_accuracy', 'group_loss', 'group_weight', 'hue_loss', 'hue_weight', 'loss']
    """

    def __init__(
        self,
        architecture: layers.Layer,
        weighting: LossWeighting | str = "equal",
        aggregator: str | Callable | None = None,
        *,
        c: float = 0.5,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not isinstance(architecture, Architecture):
            made = architecture.__name__ if isinstance(architecture, type) else repr(architecture)
            raise TypeError(f"architecture must be one such as HardSharing(...), got {made}")
        self.architecture, self.tasks = architecture, architecture.tasks
        self.weighting = _to_weighting(weighting)
        self.aggregator = _check_aggregator(aggregator)
        self.c = check_number("c", c, least=0, most=1e6)
        self.seed = check_whole("seed", seed, least=0, most=2**32 - 1)
        self.random = keras.random.SeedGenerator(self.seed)
        self.takes_gradients = aggregator is not None or self.weighting.needs_gradients
        if self.takes_gradients and keras.backend.backend() != "tensorflow":
            name = self.weighting.name if aggregator is None else aggregator
            raise ValueError(
                f"{name} needs a gradient for each task, which this model takes on TensorFlow "
                f"alone, and Keras runs on {keras.backend.backend()}: set KERAS_BACKEND=tensorflow"
            )
        if self.weighting.tasks is None:
            self.weighting.build(dict.fromkeys(self.tasks, ()))
        check_tasks("weighting", dict.fromkeys(self.weighting.tasks), self.tasks)
        self.report = None
        self.supports_jit = False  # tasks without a label change shapes from batch to batch

    def build(self, input_shape):
        """Make all weights for inputs of these shapes."""
        if not self.architecture.built:
            self.architecture._types = {name: dtype for name, (_, dtype) in self._seen.items()}
            self.architecture.build(input_shape)
        self.built = True

    def call(self, inputs, training=None):
        """Return ``{task: logits}``."""
        return self.architecture(inputs, training=training)

    def compile(self, optimizer="rmsprop", loss=None, metrics=None, **kwargs):
        """Compile with a loss, and metrics if you like, for all tasks or as ``{task: loss}``.

        Further arguments are those of ``keras.Model.compile``. Raises ``ValueError`` for a loss or
        a metric of probabilities, for those of other tasks, and for ``loss_weights``.
        """
        for name in ("loss_weights", "weighted_metrics"):
            if kwargs.pop(name, None) is not None:
                raise ValueError(f"{name} must not be given: the weighting of this model weighs")
        self.report = Report(self.tasks, loss, metrics)
        super().compile(optimizer, None, **kwargs)

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile_from_config` needs."""
        chosen = self.report.chosen if self.report else {}
        chosen = {k: keras.saving.serialize_keras_object(v) for k, v in chosen.items()}
        return {**super().get_compile_config(), **chosen}

    @property
    def metrics(self) -> list:
        """The total loss, and what is reported of each task."""
        return [*super().metrics, *(self.report.metrics if getattr(self, "report", None) else [])]

    def _weigh_losses(self, y, outputs, *, training):
        """Return the losses of the tasks in a batch, and what they count."""
        losses = self.report.loss_of
        each = [mean_loss(losses[task], y[task], outputs[task]) for task in self.tasks]
        each, counts = zip(*each, strict=True)
        counts = ops.stack(counts)
        weights, terms = self.weighting._weigh_present(list(each), counts > 0, training)
        return Weighed(list(each), counts, weights, terms)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the weighted sum of the losses, and what layers add to it."""
        weighed = self._weigh_losses(y, y_pred, training=training)
        self.report.update_losses(*weighed[:3])
        if training and keras.backend.backend() == "torch":
            for task, value in zip(self.tasks, weighed.losses, strict=True):
                value = float(value)
                if not np.isfinite(value):
                    raise complain(task, value, "in a step")
        extra = [ops.cast(each, "float32") for each in self.losses]
        return sum([*weighed.terms, *extra])

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Update the metrics, each by the labels that are there."""
        self.report.update_metrics(y, y_pred)
        return self.get_metrics_result()

    def train_step(self, *args):
        """Take a step of training; on TensorFlow, with a gradient for each task if asked for."""
        if keras.backend.backend() != "tensorflow":
            return super().train_step(*args)
        from mmtutorial.multi_task import _tape

        x, y, _ = keras.utils.unpack_x_y_sample_weight(args[0])
        outputs, total = _tape.train_step(
            self, x, y, method=self._method(), apart=self.takes_gradients
        )
        self._loss_tracker.update_state(total, sample_weight=ops.shape(y[self.tasks[0]])[0])
        return self.compute_metrics(x, y, outputs)

    def _method(self):
        """Return the function that makes one gradient of several, or None for the sum."""
        named = {"mgda": mgda, "imtl_g": imtl_g, "cagrad": lambda rows: cagrad(rows, c=self.c)}
        return self._pcgrad if self.aggregator == "pcgrad" else named.get(
            self.aggregator, self.aggregator
        )  # fmt: skip

    def _pcgrad(self, rows):
        tasks = ops.shape(rows)[0]
        drawn = keras.random.uniform((tasks, tasks), seed=self.random)
        return pcgrad(rows, order=ops.argsort(drawn, axis=1))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the model survives save and reload."""
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "architecture": serialize(self.architecture),
            "weighting": serialize(self.weighting),
            "aggregator": serialize(self.aggregator),
            "c": self.c,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "MultiTaskModel":
        """Make the model again from what `get_config` returned."""
        restore = keras.saving.deserialize_keras_object
        parts = {key: restore(config[key]) for key in ("architecture", "weighting", "aggregator")}
        return cls(**{**config, **parts})


def _to_weighting(given):
    """Return a weighting, made by its name where it is named."""
    if isinstance(given, str) and given in WEIGHTINGS:
        return WEIGHTINGS[given]()
    if isinstance(given, type) and issubclass(given, LossWeighting):
        raise TypeError(
            f"weighting must be a weighting, got the class: write {given.__name__}(...)"
        )
    if not isinstance(given, LossWeighting):
        kind = ValueError if isinstance(given, str) else TypeError
        raise kind(f"weighting must be a weighting or one of {sorted(WEIGHTINGS)}, got {given!r}")
    return given


def _check_aggregator(given):
    """Return None, the name of a method, or a function."""
    named = isinstance(given, str) and given in AGGREGATORS
    if given is None or named or (callable(given) and not isinstance(given, type)):
        return given
    kind = ValueError if isinstance(given, str) else TypeError
    raise kind(f"aggregator must be one of {AGGREGATORS}, a function or None, got {given!r}")
