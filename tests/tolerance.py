"""How near two computations of one number must come, on whatever processor they run.

A float operation returns its exact result times ``1 + d`` with ``|d| <= eps / 2``. Processors add
up a sum in different orders, with wider or narrower instructions, fused or not, so no tolerance can
be read off one machine. What holds on all of them: at the end of n operations, one behind the other
(a sum of n terms counts n, in whatever order), the roundings have added up to at most ``n`` halves
of eps, and because they point up as often as down, with near certainty to no more than a few times
``sqrt(n)`` (Higham and Mary, A new approach to probabilistic rounding error analysis, SIAM J. Sci.
Comput. 41, 2019). So two computations of one number may differ by

    |result - expected| <= 8 * sqrt(steps) * eps * scale

Half of the eight is sqrt(2), for there are two computations, times more than five standard
deviations. The other half is for what the rule leaves out: a norm that divides by a small deviation
makes every rounding before it larger. With twenty seeds, no layer here uses more than a third of
the bound, and most use a twentieth. A bug is no rounding: what leaks from padding or an absent
modality by 1e-4 breaks the bound of every layer.

Arrays that are equal to the last bit are asked for (`numpy.testing.assert_array_equal`) only where
the very same operations run on the very same shapes, or where nothing rounds: integers, copies,
masks, sums of few small whole numbers.
"""

import math
import os

import numpy as np

SEED = int(os.environ.get("MMT_SEED", "0"))  # `make test-numerics` runs the tests with other seeds
WIDEST = 0.25  # a bound of more than a quarter of what is expected would prove nothing
closest = {}  # how much of its bound each test used, at most: what `make test-numerics` shows


def make_rng(stream=0):
    """Return a generator; for each ``stream`` others, and for each ``MMT_SEED`` others again."""
    return np.random.default_rng(1000 * SEED + stream)


def count_steps(layer, inputs):
    """Return how many roundings stand one behind the other in a built layer, or more than that.

    A kernel adds up a product for each of its rows; an average or a softmax adds up time steps,
    pixels or modalities. An embedding is looked up and adds nothing. After each weight there may
    follow a norm, an activation, a softmax, a mask: eight operations.
    """
    arrays = list(inputs.values()) if isinstance(inputs, dict) else [inputs]
    kernels = [w.shape[:-1] for w in layer.weights if "embedding" not in w.path]
    summed = [np.shape(array)[1:-1] for array in arrays]
    return 16 + sum(8 + math.prod(shape) for shape in kernels) + sum(map(math.prod, summed))


def rounding_bound(result, expected, *, steps, scale=None, eps=None):
    """Return what rounding alone can explain: ``8 * sqrt(steps) * eps * scale``.

    ``scale`` is the largest number on the way, by default the largest that is expected; where
    nothing but zeros is, zeros must come. ``eps`` is by default that of the coarser of both types.
    """
    result, expected = np.asarray(result), np.asarray(expected)
    if eps is None:
        floats = [array.dtype for array in (result, expected) if array.dtype.kind == "f"]
        eps = max(float(np.finfo(kind).eps) for kind in floats)
    if scale is None:
        scale = np.abs(expected.astype("float64")).max(initial=0)
    assert np.isfinite(scale), "nothing is near to what is not finite"
    relative = 8 * math.sqrt(steps) * eps
    assert relative <= WIDEST, f"{steps} steps of {eps:.1e} would let anything pass"
    return relative * scale


def distance(result, expected):
    """Return the largest difference of two arrays."""
    result, expected = (np.asarray(array, "float64") for array in (result, expected))
    return np.abs(result - expected).max(initial=0)


def assert_close(result, expected, *, steps, scale=None, eps=None):
    """Assert that no entry differs by more than rounding explains in so many ``steps``."""
    bound = rounding_bound(result, expected, steps=steps, scale=scale, eps=eps)
    if bound:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" ", 1)[0]
        closest[test] = max(closest.get(test, 0.0), distance(result, expected) / bound)
    np.testing.assert_allclose(result, expected, rtol=0, atol=bound)


def assert_differ(result, other, *, steps, scale=None):
    """Assert that some entry differs by more than rounding explains: what changed does matter."""
    off, bound = distance(result, other), rounding_bound(result, other, steps=steps, scale=scale)
    assert off > bound, f"they differ by {off:.1e}, which rounding alone may do, up to {bound:.1e}"
