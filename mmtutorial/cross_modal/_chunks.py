"""Contrastive losses over chunks of rows, so that the logits of all pairs never exist at once.

Value and gradient are those of the formulas in `mmtutorial.cross_modal.contrast`. What autodiff
would keep of each chunk for the way back is computed again there: one more product of matrices
beside three, and memory for ``chunk_size * batch`` logits instead of ``batch ** 2``. Cheng et al.
2024, Breaking the Memory Barrier, do the same with logits, and Gao et al. 2021, Scaling Deep
Contrastive Learning Batch Size under Memory Limited Setup, with encoders.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import ops

from mmtutorial._checks import check_whole
from mmtutorial.cross_modal._pairs import NEVER, find_same, mask_logits

MOST_ROWS = 2**30  # that a start in int32 may go beyond another


class Pairs(NamedTuple):
    """Two batches of vectors of length 1, and what makes logits of their cosines."""

    a: Any  # (rows, dim)
    b: Any  # (rows, dim)
    scale: Any
    bias: Any

    def logits(self, start: Any, stop: Any) -> Any:
        """Return the logits of some rows with all, ``(stop - start, rows)``."""
        rows = self.a[start:stop] * self.scale
        return ops.matmul(rows, ops.transpose(self.b)) + self.bias

    def positives(self) -> Any:
        """Return the logit of each pair, ``(rows,)``."""
        return self.scale * ops.sum(self.a * self.b, axis=1) + self.bias


def check_chunk_size(given: Any) -> int | None:
    """Return how many rows are held at once, or None for all."""
    return None if given is None else min(check_whole("chunk_size", given, least=1), MOST_ROWS)


def fold(step: Callable, *state: Any, rows: Any, size: int) -> tuple:
    """Return ``state`` after ``state = step(start, stop, *state)`` over chunks of ``size`` rows.

    TensorFlow begins up to ten rounds of a loop at once where only sums depend on the round before,
    and then holds ten chunks. So the next start waits for all of the state: no number is less than
    itself, but a compiler of floats cannot know.
    """

    def next_chunk(start, *state):
        state = step(start, ops.minimum(start + size, rows), *state)
        done = sum(ops.sum(ops.reshape(each, (-1,))[:1]) for each in state)
        return start + size + ops.cast(ops.less(done, done), "int32"), *state

    start = ops.zeros((), "int32")
    return ops.while_loop(lambda start, *_: start < rows, next_chunk, (start, *state))[1:]


def clip_by_chunks(pairs: Pairs, matches: Any, size: int) -> tuple:
    """Return `clip_loss`, and its slopes for `sum_gradients`."""
    rows = ops.shape(pairs.a)[0]
    count, positives = ops.cast(rows, pairs.a.dtype), pairs.positives()

    def logits(start, stop):
        same = find_same(matches, start, stop)
        return mask_logits(pairs.logits(start, stop), same, start, own=False)

    def add_rows(start, stop, of_a, of_b):
        each = logits(start, stop)
        of_b = ops.logaddexp(of_b, ops.logsumexp(each, axis=0))
        return of_a + ops.sum(ops.logsumexp(each, axis=1) - positives[start:stop]), of_b

    def slopes(start, stop):
        each = logits(start, stop)
        return (ops.softmax(each, axis=1) + ops.exp(each - of_b)) / (2 * count)

    nothing = ops.zeros_like(pairs.scale), ops.zeros_like(pairs.b[:, 0]) + NEVER
    of_a, of_b = fold(add_rows, *nothing, rows=rows, size=size)
    loss = (of_a + ops.sum(of_b - positives)) / (2 * count)
    return loss, slopes, -ops.ones_like(positives) / count


def siglip_by_chunks(pairs: Pairs, matches: Any, size: int) -> tuple:
    """Return `siglip_loss`, and its slopes for `sum_gradients`."""
    rows = ops.shape(pairs.a)[0]
    count, positives = ops.cast(rows, pairs.a.dtype), pairs.positives()

    def negatives(start, stop):
        same = find_same(matches, start, stop)
        return mask_logits(pairs.logits(start, stop), same, start, own=True)

    def add_rows(start, stop, total):
        return (total + ops.sum(ops.softplus(negatives(start, stop))),)

    (total,) = fold(add_rows, ops.zeros_like(pairs.scale), rows=rows, size=size)
    loss = (total + ops.sum(ops.softplus(-positives))) / count
    return (
        loss,
        lambda start, stop: ops.sigmoid(negatives(start, stop)) / count,
        -ops.sigmoid(-positives) / count,
    )


def sum_gradients(pairs: Pairs, slopes: Callable, own_slopes: Any, size: int) -> Pairs:
    """Return the gradients of a loss whose slope in each logit is known.

    ``slopes(start, stop)`` returns those of some rows with all, ``(stop - start, rows)``;
    ``own_slopes``, ``(rows,)``, are those of the positives, or what the others lack of it.
    """
    a, b, scale, _ = pairs

    def add_rows(start, stop, of_a, of_b, of_scale, of_bias):
        slope, rows = slopes(start, stop), a[start:stop]
        pull = ops.matmul(slope, b)
        return (
            ops.scatter_update(of_a, ops.arange(start, stop)[:, None], pull),
            of_b + ops.matmul(ops.transpose(slope), rows),
            of_scale + ops.sum(pull * rows),
            of_bias + ops.sum(slope),
        )

    nothing = map(ops.zeros_like, pairs)
    of_a, of_b, of_scale, of_bias = fold(add_rows, *nothing, rows=ops.shape(a)[0], size=size)
    own = own_slopes[:, None]
    return Pairs(
        scale * (of_a + own * b),
        scale * (of_b + own * a),
        of_scale + ops.sum(own * a * b),
        of_bias + ops.sum(own),
    )


def chunked_loss(by_chunks: Callable, pairs: Pairs, matches: Any, size: int) -> Any:
    """Return a loss by chunks; its gradient is summed up by chunks as well, when asked for."""

    @ops.custom_gradient
    def forward(*tensors):
        pairs = Pairs(*map(ops.stop_gradient, tensors))
        loss, slopes, own_slopes = by_chunks(pairs, matches, size)

        def backward(*args, upstream=None):  # TensorFlow gives it by place, PyTorch by name
            upstream = args[-1] if upstream is None else upstream
            gradients = sum_gradients(pairs, slopes, own_slopes, size)
            return tuple(upstream * each for each in gradients)

        return loss, backward

    scale, bias = ops.copy(pairs.scale), ops.copy(pairs.bias)  # TensorFlow takes no variables
    return forward(*pairs._replace(scale=scale, bias=bias))
