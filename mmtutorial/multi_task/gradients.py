"""Two tasks pull at the same weights: which way to go? Methods on one gradient for each task."""

from typing import Any

import numpy as np
from keras import ops

from mmtutorial._checks import check_array, check_number
from mmtutorial.multi_task._rows import EXACT, TINY, at_least, product, to_rows
from mmtutorial.multi_task._simplex import minimise_on_simplex

MOST_C = 1e6


def gradient_cosine(grads: Any) -> Any:
    """Do two tasks agree? The cosine between their gradients; below 0 they conflict.

    ``grads`` is ``(tasks, params)``, one gradient per row. Returns ``(tasks, tasks)``, in -1..1,
    with 0 for a gradient of zeros, which has no direction. Raises ``ValueError`` for another shape
    and, outside compiled graphs, for what is not finite. Paper: Yu et al. 2020, Gradient Surgery
    for Multi-Task Learning.

    >>> gradient_cosine([[1.0, 0.0], [-1.0, 1.0]]).numpy().round(2)
    array([[ 1.  , -0.71],
           [-0.71,  1.  ]])
    """
    rows = to_rows(grads)
    return ops.cast(rows.cosines, rows.grads.dtype)


def pcgrad(grads: Any, *, order: Any = None) -> Any:
    """What if two gradients conflict? Each gives up the part that points against the other.

    Task by task, each gradient meets those of the others; if their inner product is negative, it is
    projected onto the plane that is orthogonal to the other. What is left of all is added up. For
    more than two tasks it matters which is met first: the paper draws an order for each task anew
    in every step, as `MultiTaskModel` does, from its seed. A function that returns the same for the
    same arguments cannot draw, so here you say the order.

    Parameters
    ----------
    grads : ``(tasks, params)``, one gradient per row
    order : what a task meets first, second, ...: the numbers of the tasks, ``(tasks,)``, or one
        such row for each task, ``(tasks, tasks)``. None stands for 0, 1, 2, ... It may hold the
        task itself, which it does not meet

    Returns ``(params,)``: the sum, so without conflicts that of plain training. Raises
    ``ValueError`` for another shape, an order that does not name each task once and, outside
    compiled graphs, numbers that are not finite. Paper: Yu et al. 2020, Gradient Surgery for
    Multi-Task Learning.

    >>> pcgrad([[1.0, 0.0], [-1.0, 1.0]]).numpy()
    array([0.5, 1.5])
    """
    rows = to_rows(grads)
    tasks = ops.shape(rows.grads)[0]
    order = _check_order(order, rows.grads.shape[0])
    places = ops.arange(tasks, dtype="int32")
    order = places[None] + 0 * places[:, None] if order is None else order
    order = order if len(order.shape) == 2 else order[None] + 0 * places[:, None]
    gram = rows.gram
    relative = gram / at_least(TINY, ops.diagonal(gram))[:, None]  # inner product over square
    meets = ops.cast(order[:, :, None] == places, EXACT)  # (tasks, turns, tasks), one 1 per row
    other = ops.cast(order != places[:, None], EXACT)[:, :, None]  # 0 where it is the task itself
    inner = ops.take(relative, order, axis=0) * other

    def meet(turn, parts):
        """Project all tasks at once, each off the one that it meets in this turn."""
        conflict = ops.clip(ops.sum(parts * inner[:, turn], axis=1), -np.inf, 0.0)
        return parts - conflict[:, None] * meets[:, turn]

    # row i holds how much of each gradient is in what is left of gradient i
    parts = ops.fori_loop(0, tasks, meet, ops.cast(places[:, None] == places, EXACT))
    return rows.combine(ops.sum(parts, axis=0))


def _check_order(order, tasks):
    """Return whole numbers ``(tasks,)`` or ``(tasks, tasks)``; refuse what names no task once."""
    if order is None:
        return None
    if not ops.is_tensor(order):
        order = check_array("order", order, kinds="iu")
        each = np.sort(order, axis=-1) if order.ndim else order
        shapes = ((tasks,), (tasks, tasks))
        if order.shape not in shapes or not (each == np.arange(tasks)).all():
            raise ValueError(
                f"order must name each of the {tasks} tasks once, 0 to {tasks - 1}, in shape "
                f"{shapes[0]} or {shapes[1]}; got {order.tolist()}"
            )
    return ops.cast(ops.convert_to_tensor(order), "int32")


def mgda(grads: Any) -> Any:
    """Is there a step that helps every task? The shortest mixture of the gradients is one.

    Of all weighted averages of the gradients (weights of 0 or more that sum to 1), this is the one
    nearest to zero: the minimum-norm point of their convex hull. Its inner product with each
    gradient is at least its own square, so a small step against it lowers every loss. If it is 0,
    no step helps one task without hurting another: the point is Pareto stationary. It leans
    to the shorter gradients.

    ``grads`` is ``(tasks, params)``, one gradient per row. Returns ``(params,)``. It is exact for
    two tasks; for more, pairs of weights are improved until none helps. Raises as `gradient_cosine`
    does. Papers: Désidéri 2012, Multiple-Gradient Descent Algorithm (MGDA); Sener and Koltun 2018,
    Multi-Task Learning as Multi-Objective Optimization.

    >>> mgda([[2.0, 0.0], [0.0, 1.0]]).numpy().round(4)
    array([0.4, 0.8])
    """
    rows = to_rows(grads)
    nothing = ops.zeros_like(rows.lengths)
    return rows.combine(minimise_on_simplex(rows.gram, nothing, 1.0))


def cagrad(grads: Any, *, c: float = 0.5) -> Any:
    """Can the average be kept, and the worst task helped? Look around the average gradient.

    Within a ball around the average gradient ``g0``, of radius ``c`` times its length, this is the
    direction that lowers most the loss of the task that it lowers least: it maximises the smallest
    inner product with a gradient. With ``c = 0`` it is the average; the larger ``c``, the more it
    leans to `mgda`.

    Parameters
    ----------
    grads : ``(tasks, params)``, one gradient per row
    c : radius of the ball in lengths of the average; below 1, the average loss still falls

    Returns ``(params,)``, ``g0 + c |g0| g_w / |g_w|``, where ``g_w`` is the mixture of gradients
    that minimises ``g_w . g0 + c |g0| |g_w|``. Raises as `gradient_cosine` does, and for ``c``
    below 0. Paper: Liu et al. 2021, Conflict-Averse Gradient Descent for Multi-Task Learning.

    >>> cagrad([[1.0, 0.0], [-1.0, 1.0]], c=0.5).numpy().round(3)
    array([0.25, 0.5 ])
    """
    c = check_number("c", c, least=0, most=MOST_C)
    rows = to_rows(grads)
    gram = rows.gram
    average = ops.ones_like(rows.lengths) / ops.cast(ops.shape(gram)[0], EXACT)
    linear = product(gram, average)
    radius = c * ops.sqrt(at_least(0.0, ops.sum(linear * average)))
    weights = minimise_on_simplex(gram, linear, at_least(TINY, radius))
    length = ops.sqrt(at_least(0.0, ops.sum(weights * product(gram, weights))))
    share = ops.where(length > TINY, radius / at_least(TINY, length), ops.zeros_like(radius))
    return rows.combine(average + share * weights)


def imtl_g(grads: Any) -> Any:
    """Which step is equally far for every task? The one with equal projections on all gradients.

    A weighted sum of the gradients, whose weights sum to 1, with the same inner product with each
    gradient of length 1. So neither a long gradient nor a short one gains by its length. Weights
    may be negative: no more than equality is promised, and where gradients conflict strongly and
    differ in length, the common projection itself may be negative.

    ``grads`` is ``(tasks, params)``, one gradient per row. Returns ``(params,)``. Where gradients
    depend on each other, the smallest of all solutions is taken; a gradient of zeros has no
    direction and no weight. Raises as `gradient_cosine` does. Paper: Liu et al. 2021, Towards
    Impartial Multi-task Learning (the gradients' part; IMTL-L balances losses).

    >>> imtl_g([[2.0, 0.0], [0.0, 1.0]]).numpy().round(4)
    array([0.6667, 0.6667])
    """
    rows = to_rows(grads)
    there = rows.lengths > 0
    lengths = ops.where(there, rows.lengths, ops.ones_like(rows.lengths))
    used = ops.cast(there, EXACT)
    # Unknown are x, the weights times the lengths, and p, the common projection:
    # cosines x - p = 0 for each task, and sum(x / lengths) = 1, written in units of the shortest.
    shortest = ops.min(lengths)
    inverse = shortest / lengths
    empty = ops.diag(1 - used)  # where there is no gradient: x = 0
    top = ops.concatenate([rows.cosines + empty, -used[:, None]], axis=1)
    bottom = ops.concatenate([inverse, ops.zeros_like(inverse[:1])])[None]
    wanted = ops.concatenate([ops.zeros_like(inverse), ops.ones_like(inverse[:1])])
    found = ops.lstsq(ops.concatenate([top, bottom]), wanted[:, None], rcond=rows.rounding)[:-1, 0]
    return rows.combine(ops.where(there, found * shortest / lengths, ops.zeros_like(found)))
