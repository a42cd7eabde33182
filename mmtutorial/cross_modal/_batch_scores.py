"""How good is retrieval within a batch, and how good would chance be? The metrics of training."""

from typing import Any

from keras import ops

from mmtutorial.cross_modal._chunks import fold
from mmtutorial.cross_modal._pairs import NEVER, find_same, mask_logits

TIE = 1e-6  # two cosines as near as that differ by rounding alone


def score_batch(a: Any, b: Any, ids: Any, size: int | None) -> tuple[Any, Any, Any]:
    """Return top-1 retrieval, that of chance, and the contrastive loss of chance.

    ``a`` and ``b``, ``(rows, dim)``, have length 1; ``ids``, ``(rows,)`` or None, says which item
    each pair is of, and other pairs of one item are no candidates. Top-1 is the share of rows, over
    both directions, whose partner is nearer than all other candidates: a tie counts against it.
    Chance has one of ``n`` candidates, and the cross-entropy ``log n``. ``size`` rows are looked at
    at once, None for all.
    """
    rows = ops.shape(a)[0]
    positives = ops.sum(a * b, axis=1)

    def look(start, stop, hits, best_of_b, chance, log_candidates):
        same = find_same(ids, start, stop)
        cosines = ops.matmul(a[start:stop], ops.transpose(b))
        cosines = mask_logits(cosines, same, start, own=True)
        best = ops.max(cosines, axis=1)
        others = ops.sum(ops.cast(cosines > NEVER / 2, a.dtype), axis=1)
        return (
            hits + count_above(positives[start:stop], best),
            ops.maximum(best_of_b, ops.max(cosines, axis=0)),
            chance + ops.sum(1 / (1 + others)),
            log_candidates + ops.sum(ops.log1p(others)),
        )

    zero = ops.zeros((), a.dtype)
    state = zero, ops.zeros_like(positives) + NEVER, zero, zero
    whole = look(0, rows, *state) if size is None else fold(look, *state, rows=rows, size=size)
    hits, best_of_b, chance, log_candidates = whole
    count = ops.cast(rows, a.dtype)
    top_1 = (hits + count_above(positives, best_of_b)) / (2 * count)
    return top_1, chance / count, log_candidates / count


def count_above(cosines: Any, others: Any) -> Any:
    """Return how many are larger, by more than rounding."""
    return ops.sum(ops.cast(cosines > others + TIE, cosines.dtype))
