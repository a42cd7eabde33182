"""One gradient for each task: the one module that needs TensorFlow's gradient tape."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf


class Step(NamedTuple):
    """What a batch says: outputs, what its losses count, and gradients.

    ``of_tasks`` is a list by task of lists by weight, or None if only the sum was asked for.
    ``of_sum`` has one entry for each weight, of what belongs to no task where tasks stand apart.
    """

    outputs: dict
    weighed: Any
    of_tasks: list | None
    of_sum: list


def take_gradients(model: Any, x: Any, y: Any, *, apart: bool) -> Step:
    """Return the gradients of the weighted losses, for each task ``apart`` or of their sum."""

    def scale(loss):
        return model.optimizer.scale_loss(loss) if model.optimizer is not None else loss

    with tf.GradientTape(persistent=apart) as tape:
        outputs = model(x, training=True)
        weighed = model._weigh_losses(y, outputs, training=True)
        terms = [scale(term) for term in weighed.terms]
        extra = [scale(tf.cast(each, "float32")) for each in model.losses]
        total = tf.add_n(extra if apart else [*terms, *extra]) if (extra or not apart) else None
    variables = model.trainable_variables  # the first call has made them
    sources = [variable.value for variable in variables]
    of_sum = [None] * len(sources) if total is None else tape.gradient(total, sources)
    of_tasks = [tape.gradient(term, sources) for term in terms] if apart else None
    return Step(outputs, weighed, of_tasks, of_sum)


def find_shared(of_tasks: Sequence[Sequence]) -> list[int]:
    """Return the places of the weights on which the losses of several tasks depend."""
    return [
        place
        for place in range(len(of_tasks[0]))
        if sum(gradients[place] is not None for gradients in of_tasks) > 1
    ]


def to_matrix(of_tasks: Sequence[Sequence], places: Sequence[int], variables: Sequence) -> Any:
    """Return the gradients of some weights, ``(tasks, params)``; 0 where a task has none."""
    parts = [
        tf.zeros(tf.size(variables[i].value)) if gradients[i] is None
        else tf.reshape(tf.cast(tf.convert_to_tensor(gradients[i]), "float32"), [-1])
        for gradients in of_tasks
        for i in places
    ]  # fmt: skip
    return tf.reshape(tf.concat(parts, axis=0), (len(of_tasks), -1))


def merge(model: Any, step: Step, method: Callable | None) -> tuple[list, Any]:
    """Return one gradient for each weight, and the gradients of the shared ones as a matrix.

    What several tasks share is merged by ``method``, from the rows of the tasks that have a label
    in the batch; all else is the sum, and so is all without a method. What is not finite stays so:
    such a step is not taken.
    """
    variables = model.trainable_variables
    of_weighting = {variable.path for variable in model.weighting.trainable_variables}
    places = find_shared(step.of_tasks)
    places = [i for i in places if variables[i].path not in of_weighting]
    matrix = to_matrix(step.of_tasks, places, variables) if places else None
    merged = {}
    if method is not None and places:
        here = step.weighed.counts > 0
        usable = tf.reduce_any(here) & tf.reduce_all(tf.math.is_finite(matrix))
        rows = tf.cond(tf.reduce_all(here), lambda: matrix, lambda: tf.boolean_mask(matrix, here))
        whole = tf.cond(usable, lambda: method(rows), lambda: tf.reduce_sum(matrix, axis=0))
        sizes = [variables[i].shape.num_elements() for i in places]
        for i, part in zip(places, tf.split(whole, sizes), strict=True):
            merged[i] = tf.cast(tf.reshape(part, variables[i].shape), variables[i].dtype)
    gradients = []
    for i in range(len(variables)):
        each = [merged[i]] if i in merged else [row[i] for row in step.of_tasks]
        each = [tf.convert_to_tensor(g) for g in (*each, step.of_sum[i]) if g is not None]
        gradients.append(tf.add_n(each) if each else None)
    return gradients, matrix


def train_step(model: Any, x: Any, y: Any, *, method: Callable | None, apart: bool) -> Any:
    """Take a step of training, unless a loss or a gradient is not finite; return the outputs.

    A loss that is not finite is reported as it is, and one whose gradient is not, as NaN; the
    weights are then left as they were.
    """
    step = take_gradients(model, x, y, apart=apart)
    variables = model.trainable_variables
    if not model.optimizer.built:  # which cannot be done in one branch alone
        model.optimizer.build(variables)
    losses, terms = tf.stack(step.weighed.losses), tf.stack(step.weighed.terms)
    counts, weights = step.weighed.counts, step.weighed.weights
    matrix = None
    if apart:
        gradients, matrix = merge(model, step, method)
        sound = [_all_finite(row) for row in step.of_tasks]
    else:
        gradients = step.of_sum
        sound = [_all_finite(gradients)] * len(model.tasks)
    if isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer):
        sound = [tf.constant(True)] * len(model.tasks)  # which leaves such steps out by itself
    sound = tf.logical_and(tf.stack(sound), tf.math.is_finite(losses))
    fine = tf.logical_and(tf.reduce_all(sound), tf.reduce_all(tf.math.is_finite(terms)))
    pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]

    def update():
        model.optimizer.apply(*zip(*pairs, strict=True))
        if model.weighting.needs_gradients and matrix is not None:
            norms = tf.norm(matrix, axis=1) / tf.maximum(weights, 1e-30)
            model.weighting.update_weights(losses, norms, counts > 0)
        return True

    tf.cond(fine, update, lambda: False)
    shown = tf.where(tf.logical_or(sound, ~tf.math.is_finite(losses)), losses, float("nan"))
    model.report.update_losses(shown, tf.where(sound, counts, 1.0), weights)
    return step.outputs, tf.reduce_sum(terms)


def _all_finite(gradients):
    """Say whether all numbers in a list of gradients, some of them None, are finite."""
    there = [tf.convert_to_tensor(g) for g in gradients if g is not None]
    each = [tf.reduce_all(tf.math.is_finite(g)) for g in there]
    return tf.reduce_all(tf.stack(each)) if each else tf.constant(True)


def loss_gradients(model: Any, x: Any, y: Any) -> tuple[Any, list, list]:
    """Return the losses, the weights that several tasks share, and a matrix of gradients for each.

    Losses are not weighted, and nothing is dropped out; a matrix is ``(tasks, size)``.
    """
    with tf.GradientTape(persistent=True) as tape:
        losses = model._weigh_losses(y, model(x, training=False), training=False).losses
    variables = model.architecture.trainable_variables
    of_tasks = [tape.gradient(loss, [v.value for v in variables]) for loss in losses]
    places = find_shared(of_tasks)
    matrices = [to_matrix(of_tasks, [place], variables) for place in places]
    return tf.stack(losses), [variables[place] for place in places], matrices
