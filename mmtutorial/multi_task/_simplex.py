"""Which mixture of gradients is best? Weight moves between two tasks at a time, exactly."""

from typing import Any

import numpy as np
from keras import ops

from mmtutorial.multi_task._rows import TINY, at_least, product

STEPS = 1000  # at most; twenty will do for ten tasks
GAIN = 1e-14  # of a step, in units of the longest gradient; less is rounding
SAME = 1e-20  # squared distance of two gradients, in units of the longest one's square


def minimise_on_simplex(gram: Any, linear: Any, factor: Any) -> Any:
    """Return the weights that minimise ``linear . w + factor * sqrt(w . gram w)``.

    They are 0 or more and sum to 1. Both sums are convex, so to improve one pair of tasks at a time
    leads to the minimum: each step looks at all pairs, and moves weight from one task to another by
    as much, and where, it helps most. Between two tasks the best amount has a closed form.

    ``gram`` is ``(tasks, tasks)``, ``linear`` ``(tasks,)``, ``factor`` a number above 0.
    """
    tasks = ops.shape(gram)[0]
    own = ops.diagonal(gram)
    apart = at_least(0.0, own[:, None] + own - 2 * gram)  # squared distances
    differ = apart > SAME * ops.max(own)
    apart = ops.where(differ, apart, ops.ones_like(apart))
    slope = linear - linear[:, None]  # [i, j]: from task i to task j
    steep = slope / at_least(TINY, factor * ops.sqrt(apart))
    lean = steep / ops.sqrt(at_least(TINY, 1 - steep**2))
    # Where the slope is too steep for a minimum between, all of the weight moves, or none.
    flat = ops.logical_and(differ, ops.abs(steep) < 1)
    all_moves = ops.logical_and(differ, steep <= -1)
    nothing, infinite = ops.zeros_like(steep), ops.full_like(steep, np.inf)
    lean = ops.where(flat, lean, nothing)
    most = ops.where(flat, nothing, ops.where(all_moves, infinite, -infinite))

    def moves(weights):
        """Return how much to move from i to j, and what that changes; both ``(tasks, tasks)``."""
        inner = product(gram, weights)
        square = at_least(0.0, ops.sum(weights * inner))
        half = inner - inner[:, None]
        share = half / apart
        rest = ops.sqrt(at_least(0.0, square / apart - share**2))
        amount = ops.minimum(at_least(0.0, most - share - lean * rest), weights[:, None])
        after = at_least(0.0, square + (2 * half + apart * amount) * amount)
        return amount, slope * amount + factor * (ops.sqrt(after) - ops.sqrt(square))

    def step(weights, _):
        amount, change = (ops.reshape(each, (-1,)) for each in moves(weights))
        best = ops.argmin(change)
        amount = ops.where(change[best] < -GAIN * factor * ops.sqrt(ops.max(own)), amount[best], 0)
        places = ops.arange(tasks, dtype=best.dtype)
        gives, takes = places == best // tasks, places == best % tasks
        moved = ops.cast(takes, weights.dtype) - ops.cast(gives, weights.dtype)
        return weights + amount * moved, amount > 0

    start = ops.ones_like(own) / ops.cast(tasks, own.dtype)
    loop = ops.while_loop(
        lambda _, moved: moved, step, (start, ops.convert_to_tensor(True)), maximum_iterations=STEPS
    )
    return loop[0]
