"""Contrastive losses over several replicas: each has some rows of a batch, and all as negatives."""

from typing import Any

from keras import ops

from mmtutorial._checks import check_whole
from mmtutorial.cross_modal._pairs import (
    check_embeddings,
    check_matches,
    check_same,
    check_scalar,
    mask_logits,
    unit_length,
)


def global_clip_loss(
    a: Any,
    b: Any,
    all_a: Any,
    all_b: Any,
    *,
    logit_scale: Any,
    offset: Any,
    matches: Any = None,
) -> Any:
    """What does one of several replicas contribute to `clip_loss` of the batch of all?

    Parameters
    ----------
    a, b : embeddings ``(rows, dim)`` of this replica's pairs
    all_a, all_b : those of all replicas, ``(batch, dim)``, gathered in the order of the replicas,
        by a gather through which gradients go back
    logit_scale : as in `clip_loss`
    offset : where this replica's rows begin among all
    matches : None, or booleans ``(rows, batch)``, True for pairs of one item, as
        ``same_item(ids, all_ids)`` returns

    Returns a scalar. Over replicas with as many rows each, its mean is `clip_loss` of the whole
    batch, and so is that of the gradients, while a replica holds ``rows * batch`` logits. Raises
    ``ValueError`` as `clip_loss` does, and for rows that do not lie within all. The same is called
    local loss in OpenCLIP. Paper: Radford et al. 2021, Learning Transferable Visual Models From
    Natural Language Supervision.

    >>> import keras
    >>> from mmtutorial.cross_modal import clip_loss
    >>> a, b = (keras.random.normal((4, 8), seed=seed) for seed in (0, 1))
    >>> parts = [
    ...     global_clip_loss(a[i : i + 2], b[i : i + 2], a, b, logit_scale=10.0, offset=i)
    ...     for i in (0, 2)
    ... ]
    >>> whole = clip_loss(a, b, logit_scale=10.0)
    >>> bool(abs(sum(parts) / 2 - whole) < 1e-5)
    True
    """
    a, b, all_a, all_b = map(unit_length, check_embeddings(a=a, b=b, all_a=all_a, all_b=all_b))
    check_same({"a": a.shape[0], "b": b.shape[0]}, "rows")
    check_same({"all_a": all_a.shape[0], "all_b": all_b.shape[0]}, "rows")
    scale = check_scalar("logit_scale", logit_scale, a.dtype, above=0)
    offset = _check_offset(offset, a, all_a)
    matches = check_matches(matches, a.shape[0], all_a.shape[0], ids=False)
    total = 0.0
    for rows, columns in ((a, all_b), (b, all_a)):
        logits = ops.matmul(scale * rows, ops.transpose(columns))
        total = total + ops.logsumexp(mask_logits(logits, matches, offset, own=False), axis=1)
    return ops.mean(total / 2 - scale * ops.sum(a * b, axis=1))


def global_siglip_loss(
    a: Any,
    all_b: Any,
    *,
    logit_scale: Any,
    logit_bias: Any,
    offset: Any,
    matches: Any = None,
) -> Any:
    """What does one of several replicas contribute to `siglip_loss` of the batch of all?

    Parameters
    ----------
    a : embeddings ``(rows, dim)`` of one modality, of this replica's pairs
    all_b : those of the other modality, of all replicas, ``(batch, dim)``
    logit_scale, logit_bias : as in `siglip_loss`
    offset, matches : as in `global_clip_loss`

    Returns a scalar, whose mean over replicas is `siglip_loss` of the whole batch. Raises as
    `global_clip_loss` does. Paper: Zhai et al. 2023, Sigmoid Loss for Language Image Pre-Training.

    >>> from mmtutorial.cross_modal import siglip_loss
    >>> a = ops.eye(4)
    >>> options = {"logit_scale": 20.0, "logit_bias": -10.0}
    >>> parts = [global_siglip_loss(a[i : i + 2], a, offset=i, **options) for i in (0, 2)]
    >>> bool(abs(sum(parts) / 2 - siglip_loss(a, a, **options)) < 1e-5)
    True
    """
    a, all_b = map(unit_length, check_embeddings(a=a, all_b=all_b))
    scale = check_scalar("logit_scale", logit_scale, a.dtype, above=0)
    bias = check_scalar("logit_bias", logit_bias, a.dtype)
    offset = _check_offset(offset, a, all_b)
    matches = check_matches(matches, a.shape[0], all_b.shape[0], ids=False)
    logits = ops.matmul(scale * a, ops.transpose(all_b)) + bias
    b = all_b[offset : offset + ops.shape(a)[0]]
    positives = scale * ops.sum(a * b, axis=1) + bias
    negatives = mask_logits(logits, matches, offset, own=True)
    return ops.mean(ops.sum(ops.softplus(negatives), axis=1) + ops.softplus(-positives))


def _check_offset(given, rows, columns):
    """Return where the rows begin, if they lie within all."""
    if ops.is_tensor(given):
        return ops.cast(given, "int32")
    offset = check_whole("offset", given, least=0)
    within = (rows.shape[0], columns.shape[0])
    if None not in within and offset + within[0] > within[1]:
        raise ValueError(
            f"offset must leave room for {within[0]} rows among all {within[1]}, got {offset}"
        )
    return offset
