"""The triplet loss: what belongs together must be nearer than what does not, by a margin."""

from typing import Any

from keras import ops

from mmtutorial._checks import check_choice, check_number
from mmtutorial.cross_modal._pairs import NEVER, check_matches, check_pairs, find_same

MINING = ("semi-hard", "hardest", "all")


def triplet_loss(
    a: Any, b: Any, *, margin: float = 0.2, mining: str = "semi-hard", matches: Any = None
) -> Any:
    """Is the right partner nearer than a wrong one, by a margin? Which wrong one, ``mining`` says.

    Parameters
    ----------
    a, b : embeddings ``(batch, dim)``; row ``i`` of ``a`` belongs to row ``i`` of ``b``. They are
        brought to length 1 here
    margin : by how much the cosine of a pair must exceed that of a negative. Between vectors of
        length 1 a cosine is 1 minus half of the squared distance, so 0.2 here is a margin of 0.4
        in squared distances, as FaceNet counts
    mining : which negatives of a row count. ``"all"``: the terms of all are added up;
        ``"hardest"``: the one with the largest cosine (Faghri et al. 2018); ``"semi-hard"``: the
        hardest among those that are farther than the partner, or the easiest of all if none is
        (Schroff et al. 2015)
    matches : as in `clip_loss`: which pairs are no negatives of each other

    Returns a scalar: the mean over both directions and all rows of
    ``max(0, margin - cosine of the pair + cosine of the negative)``, in float32 or better; a row
    without a negative counts 0. Raises as `clip_loss` does. Papers: Schroff et al. 2015, FaceNet;
    Faghri et al. 2018, VSE++.

    >>> a = ops.eye(3)
    >>> float(triplet_loss(a, a))
    0.0
    >>> round(float(triplet_loss(a, a[::-1], mining="hardest")), 3)
    0.8
    """
    a, b = check_pairs(a, b)
    margin = check_number("margin", margin, least=0, most=2)
    check_choice("mining", mining, MINING)
    matches = check_matches(matches, a.shape[0], a.shape[0])
    return triplet_of_units(a, b, margin, mining, matches)


def triplet_of_units(a: Any, b: Any, margin: float, mining: str, matches: Any) -> Any:
    """Return `triplet_loss` of vectors of length 1, without another look at them."""
    cosines = ops.matmul(a, ops.transpose(b))
    allowed = ops.logical_not(ops.eye(ops.shape(a)[0], dtype="bool"))
    if matches is not None:
        allowed = ops.logical_and(allowed, ops.logical_not(find_same(matches, None, None)))
    positives = ops.sum(a * b, axis=1)
    of_a = _hinges(cosines, positives, allowed, margin, mining)
    of_b = _hinges(ops.transpose(cosines), positives, ops.transpose(allowed), margin, mining)
    return ops.mean(of_a + of_b) / 2


def _hinges(cosines, positives, allowed, margin, mining):
    """Return the term of each row, ``(rows,)``; ``allowed`` says which cosines are of negatives."""
    positives = positives[:, None]
    if mining == "all":
        each = ops.relu(margin - positives + cosines)
        return ops.sum(ops.where(allowed, each, ops.zeros_like(each)), axis=1)
    never = ops.cast(NEVER, cosines.dtype)
    wanted = allowed
    if mining == "semi-hard":
        wanted = ops.logical_and(allowed, cosines < positives)
    negative = ops.max(ops.where(wanted, cosines, never), axis=1, keepdims=True)
    if mining == "semi-hard":
        easiest = ops.min(ops.where(allowed, cosines, -never), axis=1, keepdims=True)
        easiest = ops.where(ops.any(allowed, axis=1, keepdims=True), easiest, never)
        negative = ops.where(ops.any(wanted, axis=1, keepdims=True), negative, easiest)
    return ops.relu(margin - positives + negative)[:, 0]
