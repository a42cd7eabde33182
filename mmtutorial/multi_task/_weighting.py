"""What every weighting shares: the losses of the tasks come in, the terms of their sum come out."""

from collections.abc import Mapping
from typing import Any

from keras import layers, ops

from mmtutorial.encoders._base import to_array, to_booleans
from mmtutorial.multi_task._tasks import check_tasks


class LossWeighting(layers.Layer):
    """Base class for a weighting of your own: ``weigh`` says what each loss counts.

    A weighting is a layer, because what it has learnt or counted is saved with the model. Write
    ``weigh``; if the weights depend on what happens in training also ``update_weights``, called
    after each step, or ``end_epoch``, called after each epoch. With options, write ``get_config``,
    and to save it, register the class with Keras.

    ``{task: loss}`` -> ``{task: term}``; the model minimises the sum of the terms. Called with
    ``present``, ``{task: boolean}``, the term of a task that has no label in the batch is 0. Raises
    ``ValueError`` for tasks other than those of the first call, and for a loss that is no number.

    >>> class Halves(LossWeighting):
    ...     def weigh(self, losses, training):
    ...         return 0.5 * ops.ones_like(losses), ops.zeros_like(losses)
    >>> {task: float(term) for task, term in Halves()({"group": 1.0, "hue": 3.0}).items()}
    {'group': 0.5, 'hue': 1.5}
    """

    needs_gradients = False  # whether `update_weights` looks at the norms of the tasks' gradients

    def __init__(self, **kwargs):
        super().__init__(**{"autocast": False, **kwargs})
        self.tasks = None

    def __call__(self, losses, *args, **kwargs):
        """Turn numbers into arrays, and check the names, before Keras does."""
        names = check_tasks("losses", losses, self.tasks)
        losses = _to_numbers("losses", losses, to_array)
        if kwargs.get("present") is not None:
            check_tasks("present", kwargs["present"], names, of="booleans")
            kwargs["present"] = _to_numbers("present", kwargs["present"], to_booleans)
        return super().__call__(losses, *args, **kwargs)

    def build(self, input_shape):
        """Remember the tasks and make the weights."""
        self.tasks = check_tasks("losses", dict(input_shape))
        self.build_weights()

    def build_weights(self) -> None:
        """Make what is learnt or counted, ``(tasks,)`` in the order of ``self.tasks``."""

    def add_numbers(self, name: str, start: str = "zeros", *, trainable: bool = False) -> Any:
        """Return a new variable of one number for each task."""
        shape = (len(self.tasks),)
        return self.add_weight(
            shape, start, "float32", trainable=trainable, autocast=False, name=name
        )

    def call(self, losses, training=None, present=None):
        """Return the term of each task."""
        each = [ops.cast(losses[task], "float32") for task in self.tasks]
        _, terms = self._weigh_present(each, _stack(present, self.tasks), training)
        return dict(zip(self.tasks, terms, strict=True))

    def _weigh_present(self, losses: list, present: Any, training: bool | None) -> tuple[Any, list]:
        """Return the weights ``(tasks,)`` and the terms; a task that is not ``present`` has term 0.

        Terms are apart, so that the gradient of one does not come through the losses of others.
        """
        weights, extra = self.weigh(ops.stop_gradient(ops.stack(losses)), training)
        terms = [weights[i] * loss + extra[i] for i, loss in enumerate(losses)]
        if present is None:
            return weights, terms
        nothing = ops.zeros_like(terms[0])
        return weights, [ops.where(present[i], term, nothing) for i, term in enumerate(terms)]

    def compute_output_shape(self, input_shape):
        """Return a number for each task."""
        return {task: () for task in input_shape}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, so that the layer survives save and reload; add your own."""
        return super().get_config()

    def weigh(self, losses: Any, training: bool | None) -> tuple[Any, Any]:
        """Return the weight of each loss and what is added to the product, both ``(tasks,)``."""
        raise NotImplementedError(f"{type(self).__name__} must say in weigh what a loss counts")

    def update_weights(self, losses: Any, norms: Any, present: Any) -> None:
        """Look at losses and norms of gradients after a step, ``(tasks,)``, not weighted."""

    def end_epoch(self, losses: Mapping[str, float]) -> None:
        """Look at the mean losses of an epoch, by task."""


def _to_numbers(name, given, convert):
    """Return one number for each task, in the order of their names."""
    found = {}
    for task in sorted(given):
        found[task] = convert(f"{name}[{task!r}]", given[task])
        if len(found[task].shape):
            raise ValueError(
                f"{name}[{task!r}] must be one number, got shape {tuple(found[task].shape)}"
            )
    return found


def _stack(present, tasks):
    """Return booleans ``(tasks,)``, or None."""
    if present is None:
        return None
    return ops.stack([ops.cast(present[task], "bool") for task in tasks])
