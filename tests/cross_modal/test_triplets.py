"""The triplet loss: each mining against two other versions, closed forms, invariants, bad input."""

import importlib
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from loss_checks import finite_differences, value_and_gradients
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import triplet_loss
from mmtutorial.cross_modal.triplets import _hinges

pytestmark = pytest.mark.backend
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
EPS = float(np.finfo("float32").eps)
ROWS, DIM = 9, 4
IDS = np.array([0, 1, 2, 0, 3, 4, 1, 5, 0])
LEFT_OUT = (IDS[:, None] == IDS) & ~np.eye(ROWS, dtype=bool)
MINING = pytest.mark.parametrize("mining", ["semi-hard", "hardest", "all"])


def batches(dtype="float32", stream=0):
    rng = make_rng(stream)
    a = rng.normal(size=(ROWS, DIM))
    return a.astype(dtype), (a + rng.normal(size=(ROWS, DIM))).astype(dtype)


def check_close(found, expected, scale=1.0):
    assert_close(found, expected, steps=DIM + 2 * ROWS + 16, scale=scale, eps=EPS)


def reference(a, b, margin, mining, left_out):
    """Anchor by anchor, in float64."""
    a, b = (x.astype("float64") / np.linalg.norm(x.astype("float64"), axis=1)[:, None]
            for x in (a, b))  # fmt: skip
    total = 0.0
    for cosines, blocked in ((a @ b.T, left_out), (b @ a.T, left_out.T)):
        for i, row in enumerate(cosines):
            negatives = [c for j, c in enumerate(row) if j != i and not blocked[i, j]]
            if mining == "hardest":
                negatives = [max(negatives)]
            elif mining == "semi-hard":
                negatives = [max((c for c in negatives if c < row[i]), default=min(negatives))]
            total += sum(max(0.0, margin - row[i] + c) for c in negatives)
    return total / (2 * len(a))


@MINING
@pytest.mark.parametrize("margin", [0.0, 0.2, 1.5])
@pytest.mark.parametrize("matches", [None, IDS, LEFT_OUT], ids=["none", "ids", "booleans"])
def test_the_formula_of_the_papers(mining, margin, matches):
    a, b = batches()
    left_out = np.zeros_like(LEFT_OUT) if matches is None else LEFT_OUT
    found = float(triplet_loss(a, b, margin=margin, mining=mining, matches=matches))
    check_close(found, reference(a, b, margin, mining, left_out), scale=2.0 * ROWS)


@MINING
@pytest.mark.parametrize("matches", [None, IDS], ids=["none", "ids"])
def test_plain_pytorch_gives_the_same_value_and_gradients(mining, matches, monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch is an extra")
    monkeypatch.syspath_prepend(BENCHMARKS)
    theirs = importlib.import_module("_contrast_torch").triplet
    a, b = batches()
    value, gradients = value_and_gradients(
        lambda x, y: triplet_loss(x, y, margin=0.5, mining=mining, matches=matches), a, b
    )
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b)]
    left_out = None if matches is None else torch.tensor(LEFT_OUT)
    expected = theirs(*tensors, 0.5, mining, left_out)
    assert abs(value - expected.item()) < 1e-5
    slopes = torch.autograd.grad(expected, tensors)
    for found, slope in zip(gradients, slopes, strict=True):
        np.testing.assert_allclose(found, slope.numpy(), rtol=0, atol=1e-5)
        assert np.abs(found).max() > 1e-2


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="no float64 on torch in Keras")
@MINING
def test_gradient_by_finite_differences_in_float64(mining):
    numbers = batches("float64")

    def loss(a, b):
        return triplet_loss(a, b, margin=0.5, mining=mining, matches=IDS)

    _, gradients = value_and_gradients(loss, *numbers)
    for found, slope in zip(gradients, finite_differences(loss, *numbers, step=1e-6), strict=True):
        np.testing.assert_allclose(found, slope, rtol=0, atol=1e-7)


@MINING
def test_pairs_that_are_far_enough_from_all_others_cost_nothing(mining):
    a = np.eye(ROWS, dtype="float32")
    check_close(float(triplet_loss(a, a, margin=0.9, mining=mining)), 0.0)
    expected = 0.5 * (ROWS - 1 if mining == "all" else 1)  # the margin exceeds the gap by as much
    check_close(float(triplet_loss(a, a, margin=1.5, mining=mining)), expected, scale=ROWS)


@MINING
def test_where_all_are_alike_each_negative_costs_the_margin(mining):
    same = np.ones((ROWS, 3), "float32")
    expected = 0.3 * (ROWS - 1 if mining == "all" else 1)
    check_close(float(triplet_loss(same, same, margin=0.3, mining=mining)), expected, scale=ROWS)


@MINING
def test_without_a_negative_there_is_no_loss(mining):
    a, b = batches()
    assert float(triplet_loss(a[:1], b[:1], mining=mining)) == 0
    value, gradients = value_and_gradients(
        lambda x, y: triplet_loss(x, y, mining=mining, matches=np.zeros(ROWS, int)), a, b
    )
    assert value == 0
    assert not any(each.any() for each in gradients)


@pytest.mark.parametrize(
    ("mining", "costs"), [("hardest", [0.9]), ("semi-hard", [0.4]), ("all", [0.9, 0.4])]
)
def test_which_negatives_of_an_anchor_count(mining, costs):
    """Its partner has cosine .5; the negative at -.2 is farther than the margin."""
    cosines = ops.convert_to_tensor([[0.5, 0.9, 0.4, -0.2]])
    allowed = ops.convert_to_tensor([[False, True, True, True]])
    found = float(_hinges(cosines, cosines[:, 0], allowed, 0.2, mining)[0])
    check_close(found, sum(0.2 - 0.5 + cost for cost in costs))
    # where no negative is farther than the partner, semi-hard takes the easiest
    found = float(_hinges(cosines, ops.convert_to_tensor([-0.3]), allowed, 0.2, "semi-hard")[0])
    check_close(found, 0.2 + 0.3 - 0.2)


def test_hardest_costs_at_least_as_much_as_semi_hard_and_all_as_much_as_hardest():
    for stream in range(5):
        a, b = batches(stream=stream)
        semi, hardest, every = (
            float(triplet_loss(a, b, mining=mining)) for mining in ("semi-hard", "hardest", "all")
        )
        assert semi <= hardest <= every
        assert semi < every


@MINING
def test_neither_order_nor_side_nor_length_matters(mining):
    a, b = batches()
    expected = float(triplet_loss(a, b, mining=mining, matches=IDS))
    order = make_rng(1).permutation(ROWS)
    for x, y, ids in ((a[order], b[order], IDS[order]), (b, a, IDS), (7 * a, 0.1 * b, IDS)):
        found = float(triplet_loss(x, y, mining=mining, matches=ids))
        check_close(found, expected, scale=ROWS)


@MINING
def test_half_precision_is_not_computed_in(mining):
    a, b = (ops.cast(x, "float16") for x in batches())
    found = triplet_loss(a, b, mining=mining)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"mining": "hard"}, ValueError, "mining must be one of"),
        ({"mining": None}, ValueError, "mining must be one of"),
        ({"margin": -0.1}, ValueError, "margin must be at least 0"),
        ({"margin": 3}, ValueError, "margin must be .* at most 2"),
        ({"margin": "0.2"}, TypeError, "margin must be a number"),
        ({"matches": IDS[1:]}, ValueError, "matches must be boolean"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        triplet_loss(*batches(), **options)
