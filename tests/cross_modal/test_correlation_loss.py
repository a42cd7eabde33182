"""The loss of deep CCA: value and gradient against NumPy and PyTorch, and at its limits."""

import keras
import numpy as np
import pytest
from layer_checks import to_numpy
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import canonical_correlations, dcca_loss

pytestmark = pytest.mark.backend
EPS = float(np.finfo("float32").eps)


def check_close(found, expected, scale=None):
    """Compare in float32: sums over a batch, a factor, a decomposition, one behind the other."""
    assert_close(found, expected, steps=3000, scale=scale, eps=EPS)


def batches(items=200, dims=(5, 3), stream=0, dtype="float32"):
    """Two related batches of different width."""
    rng = make_rng(stream)
    a = rng.normal(size=(items, dims[0]))
    b = a @ rng.normal(size=dims) + rng.normal(size=(items, dims[1]))
    return a.astype(dtype), b.astype(dtype)


def value_and_gradients(a, b, **options):
    """Return the loss and its gradients with respect to both batches, by a step of training."""

    class Batches(keras.Model):
        def build(self, _=None):
            self.batches = [
                self.add_weight(x.shape, initializer=keras.initializers.Constant(x)) for x in (a, b)
            ]
            self.built = True

        def call(self, x):
            return x

        def compute_loss(self, *_, **__):
            return dcca_loss(*(keras.ops.convert_to_tensor(x) for x in self.batches), **options)

    model = Batches(dtype=str(a.dtype))
    model.build()
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    loss = model.train_on_batch(np.zeros((1, 1), a.dtype))
    return loss, [x - to_numpy(weight) for x, weight in zip((a, b), model.batches, strict=True)]


def reference(a, b, ridge):
    """Return loss and gradients as the paper's appendix writes them, in float64."""
    a, b = (x.astype("float64") - x.astype("float64").mean(axis=0) for x in (a, b))
    n = len(a) - 1
    roots = []
    for x in (a, b):
        size, vectors = np.linalg.eigh(x.T @ x / n + ridge * np.eye(x.shape[1]))
        roots.append(vectors / np.sqrt(size) @ vectors.T)
    left, right = roots
    u, d, vt = np.linalg.svd(left @ (a.T @ b / n) @ right, full_matrices=False)
    across = left @ u @ vt @ right
    within_a = -0.5 * left @ u * d @ u.T @ left
    within_b = -0.5 * right @ vt.T * d @ vt @ right
    gradients = [(2 * a @ within_a + b @ across.T) / n, (2 * b @ within_b + a @ across) / n]
    return -d.sum(), [-gradient for gradient in gradients]


@pytest.mark.parametrize("ridge", [1e-4, 1e-2, 1.0])
@pytest.mark.parametrize("dims", [(5, 3), (3, 5), (4, 4), (1, 1)])
def test_value_and_gradient_are_those_of_the_paper(dims, ridge):
    a, b = batches(dims=dims)
    loss, gradients = value_and_gradients(a, b, regularization=ridge)
    expected, slopes = reference(a, b, ridge)
    check_close(loss, expected)
    for found, slope in zip(gradients, slopes, strict=True):
        # what is found is a difference of numbers as large as the batch
        check_close(found, slope, scale=np.abs(a).max() * 0.01)
        assert np.abs(slope).max() > 1e-4  # a hundred times the bound


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="no float64 on torch in Keras")
@pytest.mark.parametrize("items", [40, 5])
def test_gradient_by_finite_differences_in_float64(items):
    a, b = batches(items=items, dtype="float64")
    _, gradients = value_and_gradients(a, b, regularization=1e-2)

    def loss(x, y):
        return float(dcca_loss(x, y, regularization=1e-2))

    for which, gradient in enumerate(gradients):
        for place in [(0, 0), (2, 1), (4, 2)]:
            up, down = ([a.copy(), b.copy()] for _ in range(2))
            up[which][place] += 1e-5
            down[which][place] -= 1e-5
            slope = (loss(*up) - loss(*down)) / 2e-5
            assert abs(gradient[place] - slope) < 1e-7, (which, place)


def test_it_agrees_with_pytorch():
    torch = pytest.importorskip("torch")
    a, b = batches(items=64, dims=(6, 4))
    x, y = (torch.tensor(each.astype("float64"), requires_grad=True) for each in (a, b))
    u, v = x - x.mean(0), y - y.mean(0)
    powers = []
    for each in (u, v):
        size, vectors = torch.linalg.eigh(each.T @ each / 63 + 1e-3 * torch.eye(each.shape[1]))
        powers.append(vectors @ torch.diag(size**-0.5) @ vectors.T)
    loss = -torch.linalg.matrix_norm(powers[0] @ u.T @ v @ powers[1] / 63, ord="nuc")
    loss.backward()
    found, gradients = value_and_gradients(a, b)
    assert abs(found - loss.item()) < 1e-5
    for gradient, each in zip(gradients, (x, y), strict=True):
        np.testing.assert_allclose(gradient, each.grad.numpy(), atol=1e-5)


@pytest.mark.parametrize("dim", [1, 4, 30])
def test_a_batch_and_itself_reach_minus_dim_as_far_as_the_regularization_lets_them(dim):
    """Each correlation is s / (s + r) for the eigenvalues s of the covariance."""
    a, _ = batches(dims=(dim, 1), items=100)
    for ridge in (1e-6, 1e-3, 1.0):
        variances = np.linalg.eigvalsh(np.cov(a.T.astype("float64")).reshape(dim, dim))
        expected = -np.sum(variances / (variances + ridge))
        found = float(dcca_loss(a, a, regularization=ridge))
        # the smallest variance is known only as well as the largest allows
        check_close(found, expected, scale=dim * variances.max() / variances.min())
        assert -dim <= found * (1 - 1e-5)
    assert expected > -0.6 * dim


def test_it_is_minus_the_sum_of_the_canonical_correlations():
    a, b = batches()
    for ridge in (1e-6, 0.1):
        expected = -canonical_correlations(a, b, regularization=ridge).sum()
        check_close(float(dcca_loss(a, b, regularization=ridge)), expected)


def test_invertible_maps_change_nothing_but_what_the_regularization_does(rng):
    a, b = batches()
    moved = 50 * a @ (np.eye(5) + 0.2 * rng.normal(size=(5, 5))) + 3
    moved = moved.astype("float32")
    expected = float(dcca_loss(a, b, regularization=1e-6))
    found = float(dcca_loss(moved, b, regularization=1e-6))
    check_close(found, expected, scale=100.0)
    assert abs(found + 2) > 0.1


def test_shifting_and_scaling_the_ridge_with_the_batch_is_exact():
    a, b = batches()
    expected = float(dcca_loss(a, b, regularization=0.5))
    found = float(dcca_loss(8 * a, 8 * b, regularization=32.0))
    check_close(found, expected)


@pytest.mark.parametrize("items", [2, 3, 5, 6])
def test_value_and_gradient_are_finite_at_batches_as_small_as_the_dimension(items):
    a, b = batches(items=items)
    loss, gradients = value_and_gradients(a, b)
    assert -3 <= loss < 0
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    if items <= 5:  # as many correlations of 1 as there are degrees of freedom
        assert loss < -0.8 * min(items - 1, 3)


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-3, 1e4, 1e30])
def test_value_and_gradient_are_finite_at_any_size_of_the_numbers(scale):
    a, b = batches()
    loss, gradients = value_and_gradients((scale * a).astype("float32"), b)
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    if scale < 1e-20:
        assert abs(loss) < 1e-6  # nothing but the regularization is left
    if scale >= 1e4:
        check_close(loss, float(dcca_loss(1e4 * a, b)))


def test_collapsed_outputs_count_once_and_have_a_finite_gradient():
    a, b = batches()
    a[:, 1:] = a[:, :1]
    loss, gradients = value_and_gradients(a, b)
    assert -1.01 < loss < -0.1
    assert all(np.isfinite(gradient).all() for gradient in gradients)


DTYPES = ["float16", "bfloat16", "int32", *["float64"] * (keras.backend.backend() != "torch")]


@pytest.mark.parametrize("dtype", DTYPES)  # Keras on torch knows no float64
def test_it_computes_in_float32_or_better(dtype):
    a, b = batches()
    a, b = np.round(4 * a), np.round(4 * b)  # whole numbers are the same in all types
    expected = float(dcca_loss(a, b))
    found = dcca_loss(*(keras.ops.cast(x, dtype) for x in (a, b)))
    kind = keras.backend.standardize_dtype(found.dtype)
    assert kind == ("float64" if dtype == "float64" else "float32")
    check_close(float(found), expected)


def test_it_says_what_is_wrong():
    a, b = batches()
    with pytest.raises(ValueError, match="a and b must hold as many rows, got 200 and 199"):
        dcca_loss(a, b[1:])
    with pytest.raises(ValueError, match=r"a must have shape \(batch, dim\), at least two rows"):
        dcca_loss(a[0], b)
    with pytest.raises(ValueError, match=r"b must have shape \(batch, dim\), at least two rows"):
        dcca_loss(a, b[:1])
    with pytest.raises(ValueError, match="b must hold finite numbers, got nan"):
        dcca_loss(a, np.where(b > 1, np.nan, b))
    with pytest.raises(ValueError, match="regularization must be above 0 and at most"):
        dcca_loss(a, b, regularization=0)
