"""Contrastive losses: each row of one batch belongs to the same row of the other, to no other."""

from typing import Any

from keras import ops

from mmtutorial.cross_modal._chunks import (
    Pairs,
    check_chunk_size,
    chunked_loss,
    clip_by_chunks,
    siglip_by_chunks,
)
from mmtutorial.cross_modal._pairs import (
    check_matches,
    check_pairs,
    check_scalar,
    find_same,
    mask_logits,
)
from mmtutorial.encoders._base import to_array


def same_item(ids: Any, other: Any = None) -> Any:
    """Which pairs are of the same thing, and so no negatives of each other?

    ``ids``, ``(rows,)``, says which item each pair is of, in whole numbers; ``other``,
    ``(columns,)``, the same of the pairs it is compared with, by default itself. Returns booleans
    ``(rows, columns)``. Raises ``ValueError`` for what are no whole numbers.

    >>> same_item([7, 3, 7]).numpy().astype(int)
    array([[1, 0, 1],
           [0, 1, 0],
           [1, 0, 1]])
    """
    ids = _check_ids("ids", ids)
    other = ids if other is None else _check_ids("other", other)
    return ops.equal(ids[:, None], other)


def _check_ids(name, given):
    ids = ops.convert_to_tensor(to_array(name, given))
    if "int" not in str(ids.dtype) or len(ids.shape) != 1:
        raise ValueError(
            f"{name} must be whole numbers, (pairs,), got {ids.dtype}, shape {tuple(ids.shape)}"
        )
    return ids


def clip_loss(
    a: Any, b: Any, *, logit_scale: Any, matches: Any = None, chunk_size: int | None = None
) -> Any:
    """Which text belongs to which image? The cross-entropy of that question, asked both ways.

    Parameters
    ----------
    a, b : embeddings ``(batch, dim)``; row ``i`` of ``a`` belongs to row ``i`` of ``b``. They are
        brought to length 1 here
    logit_scale : what cosines are multiplied by, one number above 0: 1 / temperature
    matches : pairs that are known to be of one item, and so no negatives of each other: None, or
        booleans ``(batch, batch)``, or whole numbers ``(batch,)`` that say which item each pair is
        of, see `same_item`
    chunk_size : rows whose logits are held at once, None for all. The result is the same; memory
        grows with ``chunk_size * batch`` and no longer with ``batch ** 2``

    Returns a scalar, in nats: the mean over both directions and all rows of
    ``-log softmax(logit_scale * cosine)`` at the right place, in float32 or better. Where all
    embeddings are alike it is ``log(batch)``, for a single pair 0. Raises ``ValueError`` for what
    are no two batches of as many vectors and, outside compiled graphs, for NaN and for a vector of
    zeros, which has no direction. Papers: Radford et al. 2021, Learning Transferable Visual Models
    From Natural Language Supervision; van den Oord et al. 2018, Representation Learning with
    Contrastive Predictive Coding (InfoNCE).

    >>> a = ops.eye(4)
    >>> round(float(clip_loss(a, a, logit_scale=10.0)), 5)
    0.00014
    >>> round(float(clip_loss(a, a[::-1], logit_scale=10.0)), 3)
    10.0
    """
    a, b = check_pairs(a, b)
    scale = check_scalar("logit_scale", logit_scale, a.dtype, above=0)
    matches = check_matches(matches, a.shape[0], a.shape[0])
    return clip_of_units(a, b, scale, matches, check_chunk_size(chunk_size))


def clip_of_units(a: Any, b: Any, scale: Any, matches: Any, chunk_size: int | None) -> Any:
    """Return `clip_loss` of vectors of length 1, without another look at them."""
    pairs = Pairs(a, b, scale, ops.zeros_like(scale))
    if chunk_size is not None:
        return chunked_loss(clip_by_chunks, pairs, matches, chunk_size)
    logits = ops.matmul(scale * a, ops.transpose(b))
    logits = mask_logits(logits, find_same(matches, None, None), own=False)
    of_both = ops.logsumexp(logits, axis=1) + ops.logsumexp(logits, axis=0)
    return ops.mean(of_both / 2 - pairs.positives())


def siglip_loss(
    a: Any,
    b: Any,
    *,
    logit_scale: Any,
    logit_bias: Any,
    matches: Any = None,
    chunk_size: int | None = None,
) -> Any:
    """Does this text belong to this image? One yes or no for each pair of rows, all apart.

    Parameters
    ----------
    a, b, matches, chunk_size : as in `clip_loss`
    logit_scale : what cosines are multiplied by, one number above 0; the paper begins with 10
    logit_bias : what is added to them, since most pairs do not belong together; the paper begins
        with -10

    Returns a scalar, in nats: the binary cross-entropy of ``logit_scale * cosine + logit_bias``,
    summed over all pairs of rows and divided by the batch, in float32 or better. No row competes
    with another, so it needs no sum over the batch. Raises as `clip_loss` does. Paper: Zhai et al.
    2023, Sigmoid Loss for Language Image Pre-Training.

    >>> a = ops.eye(4)
    >>> round(float(siglip_loss(a, a, logit_scale=20.0, logit_bias=-10.0)), 5)
    0.00018
    """
    a, b = check_pairs(a, b)
    scale = check_scalar("logit_scale", logit_scale, a.dtype, above=0)
    bias = check_scalar("logit_bias", logit_bias, a.dtype)
    matches = check_matches(matches, a.shape[0], a.shape[0])
    return siglip_of_units(a, b, scale, bias, matches, check_chunk_size(chunk_size))


def siglip_of_units(
    a: Any, b: Any, scale: Any, bias: Any, matches: Any, chunk_size: int | None
) -> Any:
    """Return `siglip_loss` of vectors of length 1, without another look at them."""
    pairs = Pairs(a, b, scale, bias)
    if chunk_size is not None:
        return chunked_loss(siglip_by_chunks, pairs, matches, chunk_size)
    logits = ops.matmul(scale * a, ops.transpose(b)) + bias
    negatives = mask_logits(logits, find_same(matches, None, None), own=True)
    of_negatives = ops.sum(ops.softplus(negatives), axis=1)
    return ops.mean(of_negatives + ops.softplus(-pairs.positives()))
