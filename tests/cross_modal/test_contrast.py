"""CLIP's and SigLIP's losses: closed forms, two other versions, invariants, chunks, bad input."""

import importlib
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from layer_checks import to_numpy
from loss_checks import finite_differences, value_and_gradients
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import clip_loss, same_item, siglip_loss

pytestmark = pytest.mark.backend
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TENSORFLOW = keras.backend.backend() == "tensorflow"
needs_float64 = pytest.mark.skipif(not TENSORFLOW, reason="no float64 on torch in Keras")
EPS = float(np.finfo("float32").eps)
ROWS, DIM, SCALE, BIAS = 13, 6, 9.0, -2.0
IDS = np.array([0, 1, 2, 0, 3, 4, 1, 5, 6, 7, 0, 8, 9])
SAME = IDS[:, None] == IDS
LEFT_OUT = SAME & ~np.eye(ROWS, dtype=bool)
BY = pytest.mark.parametrize("chunk_size", [None, 1, 4, 13, 50])
MATCHES = pytest.mark.parametrize("matches", [None, IDS, SAME, LEFT_OUT], ids=lambda m: (
    "none" if m is None else f"{m.dtype}-{np.sum(m)}"))  # fmt: skip


def clip(a, b, scale=SCALE, bias=None, **options):
    return clip_loss(a, b, logit_scale=scale, **options)


def siglip(a, b, scale=SCALE, bias=BIAS, **options):
    return siglip_loss(a, b, logit_scale=scale, logit_bias=bias, **options)


BOTH = pytest.mark.parametrize("loss", [clip, siglip])


def batches(rows=ROWS, dim=DIM, stream=0, dtype="float32"):
    """Two related batches."""
    rng = make_rng(stream)
    a = rng.normal(size=(rows, dim))
    return a.astype(dtype), (a + rng.normal(size=(rows, dim))).astype(dtype)


def check_close(found, expected, rows=ROWS, dim=DIM, scale=SCALE):
    """A product of matrices, a sum over the batch, some functions of it, and another sum."""
    assert_close(found, expected, steps=dim + 2 * rows + 16, scale=scale, eps=EPS)


def softplus(x):
    return np.logaddexp(0, x)


def reference(loss, a, b, left_out=None, scale=SCALE, bias=BIAS):
    """The formulas of the papers, pair by pair, in float64."""
    a, b = (x.astype("float64") / np.linalg.norm(x.astype("float64"), axis=1)[:, None]
            for x in (a, b))  # fmt: skip
    total, rows = 0.0, range(len(a))
    left_out = np.zeros((len(a), len(a)), bool) if left_out is None else left_out
    for i in rows:
        if loss is clip:
            of_a = [np.exp(scale * a[i] @ b[j]) for j in rows if not left_out[i, j]]
            of_b = [np.exp(scale * a[j] @ b[i]) for j in rows if not left_out[j, i]]
            total += (np.log(sum(of_a)) + np.log(sum(of_b))) / 2 - scale * a[i] @ b[i]
        else:
            signs = [(j, 1 if i == j else -1) for j in rows if not left_out[i, j]]
            total += sum(softplus(-sign * (scale * a[i] @ b[j] + bias)) for j, sign in signs)
    return total / len(a)


# --- the formulas


@BOTH
@BY
@MATCHES
def test_the_formula_of_the_paper(loss, chunk_size, matches):
    a, b = batches()
    found = float(loss(a, b, matches=matches, chunk_size=chunk_size))
    check_close(found, reference(loss, a, b, None if matches is None else LEFT_OUT))


@BOTH
@BY
def test_matches_need_not_be_symmetric(loss, chunk_size):
    """An image may fit a text that was not written for it, whose own image does not fit back."""
    a, b = batches()
    left_out = make_rng(5).random((ROWS, ROWS)) < 0.3
    np.fill_diagonal(left_out, False)
    found = float(loss(a, b, matches=left_out, chunk_size=chunk_size))
    check_close(found, reference(loss, a, b, left_out))
    assert abs(found - float(loss(a, b, matches=left_out.T))) > 1e-3


@BOTH
@MATCHES
@pytest.mark.parametrize("chunk_size", [None, 5])
def test_plain_pytorch_gives_the_same_value_and_gradients(loss, matches, chunk_size, monkeypatch):
    torch = pytest.importorskip("torch", reason="PyTorch is an extra")
    monkeypatch.syspath_prepend(BENCHMARKS)
    theirs = getattr(importlib.import_module("_contrast_torch"), loss.__name__)
    numbers = [*batches(40, 24), np.float32(SCALE), np.float32(BIAS)]
    if matches is not None:
        matches = np.arange(40) % 30 if matches.ndim == 1 else np.eye(40, k=3, dtype=bool)
    value, gradients = value_and_gradients(
        lambda *x: loss(*x, matches=matches, chunk_size=chunk_size) + 0 * x[-1], *numbers
    )
    left_out = None
    if matches is not None:
        left_out = to_numpy(same_item(matches)) if matches.ndim == 1 else matches
        left_out = torch.tensor(left_out & ~np.eye(40, dtype=bool))
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in numbers]
    expected = theirs(*tensors, left_out=left_out)
    slopes = torch.autograd.grad(expected, tensors, materialize_grads=True)
    assert abs(value - expected.item()) < 1e-5
    for found, slope in zip(gradients, slopes, strict=True):
        np.testing.assert_allclose(found, slope.numpy(), rtol=0, atol=1e-5)
    assert all(np.abs(slope).max() > 1e-3 for slope in gradients[:3])


@needs_float64
@BOTH
@pytest.mark.parametrize("chunk_size", [None, 2])
def test_gradient_by_finite_differences_in_float64(loss, chunk_size):
    numbers = [*batches(5, 3, dtype="float64"), np.float64(SCALE), np.float64(BIAS)]

    def of(a, b, scale, bias):
        scale, bias = (ops.convert_to_tensor(x) for x in (scale, bias))
        return loss(a, b, scale, bias, matches=IDS[:5], chunk_size=chunk_size) + 0 * bias

    _, gradients = value_and_gradients(of, *numbers)
    for found, slope in zip(gradients, finite_differences(of, *numbers), strict=True):
        np.testing.assert_allclose(found, slope, rtol=0, atol=1e-8)


@BOTH
@pytest.mark.parametrize("eager", [True, False])
@pytest.mark.parametrize("chunk_size", [1, 7, 64, 300])
def test_chunks_change_neither_value_nor_gradient(loss, chunk_size, eager):
    numbers = [*batches(150, 32), np.float32(14.3), np.float32(-10.0)]
    ids = np.arange(150) % 140

    def of(size):
        return lambda *x: loss(*x, matches=ids, chunk_size=size) + 0 * x[-1]

    value, gradients = value_and_gradients(of(None), *numbers)
    again, others = value_and_gradients(of(chunk_size), *numbers, eager=eager)
    assert abs(again - value) < 1e-6 * max(1, abs(value))
    for found, other in zip(gradients, others, strict=True):
        np.testing.assert_allclose(other, found, rtol=0, atol=1e-6 * max(1, np.abs(found).max()))
    assert all(np.abs(slope).max() > 1e-3 for slope in gradients[:3])  # a thousand times the bound


# --- closed forms


@BY
@pytest.mark.parametrize("rows", [1, 2, 7])
def test_where_all_embeddings_are_alike_clip_knows_nothing(rows, chunk_size):
    same = np.ones((rows, 3), "float32")
    found = float(clip(same, same, chunk_size=chunk_size))
    check_close(found, np.log(rows), rows)
    # of pairs that are known to be of one item, only one is a candidate
    known = clip(same, same, matches=np.zeros(rows, int), chunk_size=chunk_size)
    check_close(float(known), 0.0, rows)


@BY
def test_two_orthogonal_pairs(chunk_size):
    a = np.eye(2, dtype="float32")
    check_close(float(clip(a, a, chunk_size=chunk_size)), np.log1p(np.exp(-SCALE)))
    expected = softplus(-(SCALE + BIAS)) + softplus(BIAS)
    check_close(float(siglip(a, a, chunk_size=chunk_size)), expected)
    check_close(float(clip(a, a[::-1], chunk_size=chunk_size)), np.log1p(np.exp(SCALE)))


@BY
def test_one_pair_has_no_negative(chunk_size):
    a, b = batches(1)
    check_close(float(clip(a, b, chunk_size=chunk_size)), 0.0)
    cosine = (a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b)
    expected = softplus(-(SCALE * cosine + BIAS))
    check_close(float(siglip(a, b, chunk_size=chunk_size)), expected)


@BY
@pytest.mark.parametrize("cosine", [-0.05, 0.0, 0.5, 1.0])
def test_all_negatives_equally_near(cosine, chunk_size):
    """Vectors of which any two have one cosine, each its own partner."""
    gram = np.full((ROWS, ROWS), cosine) + (1 - cosine) * np.eye(ROWS)
    values, vectors = np.linalg.eigh(gram)
    a = (vectors * np.sqrt(np.maximum(values, 0))).astype("float32")
    expected = np.log1p((ROWS - 1) * np.exp(SCALE * (cosine - 1)))
    check_close(float(clip(a, a, chunk_size=chunk_size)), expected, dim=ROWS)
    expected = softplus(-(SCALE + BIAS)) + (ROWS - 1) * softplus(SCALE * cosine + BIAS)
    found = float(siglip(a, a, chunk_size=chunk_size))
    check_close(found, expected, dim=ROWS, scale=SCALE * ROWS)


# --- invariants


@BOTH
@pytest.mark.parametrize("chunk_size", [None, 4])
def test_neither_order_nor_side_nor_length_nor_rotation_matter(loss, chunk_size):
    a, b = batches()
    expected = float(loss(a, b, matches=IDS, chunk_size=chunk_size))
    order = make_rng(1).permutation(ROWS)
    turn = np.linalg.qr(make_rng(2).normal(size=(DIM, DIM)))[0].astype("float32")
    lengths = make_rng(3).uniform(0.01, 100, size=(ROWS, 1)).astype("float32")
    for x, y, ids in (
        (a[order], b[order], IDS[order]),
        (b, a, IDS),
        (lengths * a, b[:, ::-1] @ np.eye(DIM, dtype="float32")[::-1] * 3, IDS),
        (a @ turn, b @ turn, IDS),
        (a, b, 100 - IDS),
    ):
        check_close(float(loss(x, y, matches=ids, chunk_size=chunk_size)), expected, dim=3 * DIM)
    assert abs(float(loss(a, b[order], chunk_size=chunk_size)) - expected) > 0.01


@BOTH
@pytest.mark.parametrize("chunk_size", [None, 2])
def test_known_duplicates_do_not_repel_each_other(loss, chunk_size):
    """Two drawings of one concept: each gradient is that of its own pair alone."""
    a, b = batches(2)
    _, gradients = value_and_gradients(
        lambda x, y: loss(x, y, matches=[4, 4], chunk_size=chunk_size), a, b
    )
    for i in range(2):
        _, alone = value_and_gradients(loss, a[i : i + 1], b[i : i + 1])
        for found, expected in zip(gradients, alone, strict=True):
            check_close(found[i], expected[0] / 2)


@BOTH
@pytest.mark.parametrize("chunk_size", [None, 4])
@pytest.mark.parametrize("factor", [1e-30, 1e30])
def test_vectors_of_any_length_give_finite_numbers(loss, factor, chunk_size):
    a, b = (np.float32(factor) * x for x in batches())
    expected = float(loss(*batches(), chunk_size=chunk_size))
    value, gradients = value_and_gradients(lambda x, y: loss(x, y, chunk_size=chunk_size), a, b)
    check_close(value, expected, dim=2 * DIM)
    assert all(np.isfinite(each).all() for each in gradients)


@BOTH
@pytest.mark.parametrize("chunk_size", [None, 4])
def test_the_largest_scale_gives_finite_numbers(loss, chunk_size):
    a = np.eye(ROWS, dtype="float32")
    for b in (a, -a):
        value, gradients = value_and_gradients(
            lambda x, y: loss(x, y, 100.0, chunk_size=chunk_size), a, b
        )
        assert np.isfinite(value)
        assert all(np.isfinite(each).all() for each in gradients)
    assert float(clip(a, -a, 100.0)) > 99


@BOTH
@pytest.mark.parametrize("chunk_size", [None, 4])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_comes_in_and_is_not_computed_in(loss, dtype, chunk_size):
    a, b = (ops.cast(x, dtype) for x in batches())
    found = loss(a, b, chunk_size=chunk_size)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    exact = float(loss(*(to_numpy(x).astype("float32") for x in (a, b))))
    check_close(float(found), exact)


@needs_float64
@BOTH
def test_float64_stays(loss):
    a, b = batches(dtype="float64")
    found = loss(a, b, matches=IDS, chunk_size=3)
    assert keras.backend.standardize_dtype(found.dtype) == "float64"
    assert abs(float(found) - reference(loss, a, b, LEFT_OUT)) < 1e-12


@BOTH
@pytest.mark.skipif(not TENSORFLOW, reason="PyTorch has no compiled graph here")
@pytest.mark.parametrize("chunk_size", [None, 4])
def test_a_vector_of_zeros_in_a_compiled_graph_gives_finite_gradients(loss, chunk_size):
    a, b = batches()
    a[2] = 0
    value, gradients = value_and_gradients(
        lambda x, y: loss(x, y, chunk_size=chunk_size), a, b, eager=False
    )
    assert np.isfinite(value)
    assert all(np.isfinite(each).all() for each in gradients)
    assert np.abs(gradients[0][2]).max() > 0  # it can learn a direction


# --- items


def test_same_item():
    np.testing.assert_array_equal(to_numpy(same_item(IDS)), SAME)
    np.testing.assert_array_equal(to_numpy(same_item(IDS[:3], IDS)), SAME[:3])
    for wrong in ([0.5, 1.0], [[1, 2]], [True, False]):
        with pytest.raises(ValueError, match="ids must be whole numbers"):
            same_item(wrong)
        with pytest.raises(ValueError, match="other must be whole numbers"):
            same_item([1, 2], wrong)


# --- what is refused


@BOTH
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"a": np.ones((12, DIM))}, r"a and b must hold as many rows, got \{'a': 12, 'b': 13\}"),
        ({"a": np.ones((ROWS, 5))}, "a and b must hold as many numbers per row, got"),
        ({"a": np.ones(ROWS)}, r"a must have shape \(batch, dim\)"),
        ({"b": np.ones((0, DIM))}, r"b must have shape .*at least one pair, got \(0, 6\)"),
        ({"matches": IDS[:-1]}, r"matches must be boolean, of shape \(13, 13\), or whole numbers"),
        ({"matches": SAME[:-1]}, r"matches must be boolean, .* got bool, \(12, 13\)"),
        ({"matches": SAME.astype("float32")}, "matches must be boolean, .* got float32"),
        ({"matches": IDS > 2}, r"matches must be boolean, .* got bool, \(13,\)"),
        ({"chunk_size": 0}, "chunk_size must be at least 1, got 0"),
        ({"scale": 0.0}, "logit_scale must be above 0"),
        ({"scale": np.nan}, "logit_scale must be"),
        ({"scale": ops.ones((2,))}, r"logit_scale must be one number, got shape \(2,\)"),
    ],
)
def test_what_cannot_be_meant_is_refused(loss, wrong, message):
    a, b = batches()
    arguments = {"a": a, "b": b, **wrong}
    with pytest.raises(ValueError, match=message):
        loss(**arguments)


@BOTH
@pytest.mark.parametrize("name", ["a", "b"])
def test_a_row_without_direction_is_named(loss, name):
    for value, message in ((0, "have a direction"), (np.nan, "hold finite numbers")):
        a, b = batches()
        (a if name == "a" else b)[4] = value
        with pytest.raises(ValueError, match=f"{name} must {message}, but row 4 is"):
            loss(a, b)


def test_a_bias_is_one_finite_number():
    a, b = batches()
    with pytest.raises(ValueError, match="logit_bias must be"):
        siglip(a, b, bias=np.inf)
    with pytest.raises(TypeError, match="logit_bias must be a number, got '1'"):
        siglip(a, b, bias="1")
