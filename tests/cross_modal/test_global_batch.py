"""What several replicas compute of one batch adds up to what one would, and so do gradients."""

import numpy as np
import pytest
from keras import ops
from loss_checks import value_and_gradients
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import (
    clip_loss,
    global_clip_loss,
    global_siglip_loss,
    same_item,
    siglip_loss,
)

pytestmark = pytest.mark.backend
EPS = float(np.finfo("float32").eps)
ROWS, DIM, SCALE, BIAS = 12, 5, 9.0, -2.0
IDS = np.arange(ROWS) % 9
RNG = make_rng()
A = RNG.normal(size=(ROWS, DIM)).astype("float32")
B = (A + RNG.normal(size=(ROWS, DIM))).astype("float32")
NUMBERS = [A, B, np.float32(SCALE), np.float32(BIAS)]


def clip(a, b, scale, bias, matches=None):
    return clip_loss(a, b, logit_scale=scale, matches=matches) + 0 * bias


def siglip(a, b, scale, bias, matches=None):
    return siglip_loss(a, b, logit_scale=scale, logit_bias=bias, matches=matches)


def part_of(loss, a, b, scale, bias, start, stop, ids):
    """What the replica computes that has the rows from ``start`` to ``stop``."""
    matches = None if ids is None else same_item(ids[start:stop], ids)
    options = {"logit_scale": scale, "offset": start, "matches": matches}
    if loss is clip:
        return global_clip_loss(a[start:stop], b[start:stop], a, b, **options) + 0 * bias
    return global_siglip_loss(a[start:stop], b, logit_bias=bias, **options)


@pytest.mark.parametrize("loss", [clip, siglip])
@pytest.mark.parametrize("replicas", [1, 2, 3, 12])
@pytest.mark.parametrize("ids", [None, IDS], ids=["all differ", "some the same"])
def test_the_mean_over_replicas_is_the_loss_of_the_whole_batch(loss, replicas, ids):
    size = ROWS // replicas

    def in_parts(*numbers):
        starts = range(0, ROWS, size)
        return sum(part_of(loss, *numbers, i, i + size, ids) for i in starts) / replicas

    value, gradients = value_and_gradients(lambda *x: loss(*x, matches=ids), *NUMBERS)
    again, others = value_and_gradients(in_parts, *NUMBERS)
    steps = DIM + 2 * ROWS + 16
    assert_close(again, value, steps=steps, scale=SCALE, eps=EPS)
    for found, other in zip(gradients, others, strict=True):
        assert_close(other, found, steps=steps, scale=1.0)
    assert all(np.abs(slope).max() > 0.03 for slope in gradients[:3])


@pytest.mark.parametrize("loss", [clip, siglip])
def test_a_replica_alone_has_all_others_as_negatives(loss):
    """Its loss is no mean of its own rows: the wrong offset gives another."""
    right, wrong, alone = (
        float(part_of(loss, A, B, SCALE, BIAS, *rows, None)) for rows in ((4, 8), (0, 4), (0, 12))
    )
    assert len({right, wrong, alone}) == 3
    own = float(loss(A[4:8], B[4:8], SCALE, BIAS))
    assert right > own + 0.01


def test_the_offset_may_be_a_tensor():
    """The number of a replica is known only while it runs."""
    expected = float(global_clip_loss(A[4:8], B[4:8], A, B, logit_scale=SCALE, offset=4))
    offset = ops.convert_to_tensor(4, dtype="int32")
    found = float(global_clip_loss(A[4:8], B[4:8], A, B, logit_scale=SCALE, offset=offset))
    assert found == expected
    options = {"logit_scale": SCALE, "logit_bias": BIAS}
    expected = float(global_siglip_loss(A[4:8], B, offset=4, **options))
    assert float(global_siglip_loss(A[4:8], B, offset=offset, **options)) == expected


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"offset": 9}, ValueError, "offset must leave room for 4 rows among all 12, got 9"),
        ({"offset": -1}, ValueError, "offset must be at least 0"),
        ({"offset": 1.5}, TypeError, "offset must be a whole number"),
        ({"b": B[:3]}, ValueError, "a and b must hold as many rows"),
        ({"all_b": B[:-1]}, ValueError, "all_a and all_b must hold as many rows"),
        ({"all_a": A[:, :4]}, ValueError, "must hold as many numbers per row"),
        ({"matches": IDS}, ValueError, r"matches must be boolean, of shape \(4, 12\); got"),
        ({"matches": np.eye(12, dtype=bool)}, ValueError, r"of shape \(4, 12\)"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong, error, message):
    good = {"a": A[:4], "b": B[:4], "all_a": A, "all_b": B, "logit_scale": SCALE, "offset": 0}
    with pytest.raises(error, match=message):
        global_clip_loss(**{**good, **wrong})
    if not {"b", "all_a", "all_b"} & set(wrong):
        good = {"a": A[:4], "all_b": B, "logit_scale": SCALE, "logit_bias": BIAS, "offset": 0}
        with pytest.raises(error, match=message):
            global_siglip_loss(**{**good, **wrong})
