"""Methods on the gradients of several tasks: closed forms, optimality, independent solvers."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from layer_checks import to_numpy
from scipy.optimize import minimize
from tolerance import assert_close, make_rng

from mmtutorial.multi_task import cagrad, gradient_cosine, imtl_g, mgda, pcgrad

pytestmark = pytest.mark.backend
METHODS = (pcgrad, mgda, cagrad, imtl_g)
TWO = np.array([[3.0, 0.0], [-1.0, 2.0]])
STEPS = 2000  # a sum over the weights, twice, and a table solved


def draw(tasks, params=40, stream=0, shared=0.0):
    """Draw gradients that have a direction in common, or against each other, of unlike length."""
    rng = make_rng(stream)
    common = shared * rng.normal(size=params)
    lengths = np.exp(rng.normal(size=(tasks, 1)))
    return ((rng.normal(size=(tasks, params)) + common) * lengths).astype("float32")


CASES = {
    f"{tasks} tasks, {what}": draw(tasks, 40, stream, shared)
    for stream, (tasks, what, shared) in enumerate(
        (tasks, what, shared)
        for tasks in (1, 2, 3, 6, 10)
        for what, shared in (("apart", 0.0), ("alike", 1.0))
    )
} | {"2 tasks, opposed": draw(2, 40, 50) + np.array([[5], [-5]], "float32")}
every_case = pytest.mark.parametrize("grads", list(CASES.values()), ids=list(CASES))


def scale_of(grads):
    return float(np.linalg.norm(grads, axis=1).max())


def hull_weights(objective, tasks):
    """Minimise over weights that sum to 1, by an independent solver from several starts."""
    starts = [np.full(tasks, 1 / tasks), *np.eye(tasks)[:3]]
    found = [
        minimize(
            objective,
            start,
            method="SLSQP",
            bounds=[(0, 1)] * tasks,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            options={"ftol": 1e-14, "maxiter": 500},
        )
        for start in starts
    ]
    return min(found, key=lambda each: each.fun).x


# --- gradient_cosine


@every_case
def test_cosines_are_those_of_numpy(grads):
    units = grads / np.linalg.norm(grads, axis=1, keepdims=True)
    found = to_numpy(gradient_cosine(grads))
    assert found.dtype == "float32"
    assert_close(found, units @ units.T, steps=STEPS, scale=1)


def test_a_gradient_of_zeros_has_no_cosine():
    found = to_numpy(gradient_cosine([[0.0, 0.0], [1.0, 1.0]]))
    np.testing.assert_allclose(found, [[0, 0], [0, 1]], atol=1e-6)


# --- pcgrad


def project_by_loop(grads, order):
    """The paper's algorithm 1, line by line."""
    grads = grads.astype("float64")
    total = np.zeros(grads.shape[1])
    for i, own in enumerate(grads):
        left = own.copy()
        for j in order[i]:
            if j != i and left @ grads[j] < 0:
                left -= left @ grads[j] / (grads[j] @ grads[j]) * grads[j]
        total += left
    return total


@every_case
def test_pcgrad_is_the_algorithm_of_the_paper_in_every_order(grads):
    tasks = len(grads)
    rng = make_rng(9)
    one = rng.permutation(tasks)
    each = np.array([rng.permutation(tasks) for _ in range(tasks)])
    scale = scale_of(grads) * tasks
    for given_order, order in ((None, [range(tasks)] * tasks), (one, [one] * tasks), (each, each)):
        found = to_numpy(pcgrad(grads, order=given_order))
        assert_close(found, project_by_loop(grads, order), steps=STEPS, scale=scale)


def test_no_gradient_meets_itself_not_even_when_little_of_it_is_left():
    """Two projections turn the first one by more than a right angle from where it was."""
    angles, order = np.deg2rad([0, 135, 195]), [1, 2, 0]
    grads = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    found = to_numpy(pcgrad(grads, order=order))
    assert_close(found, project_by_loop(grads, [order] * 3), steps=STEPS, eps=1.2e-7)
    left = grads[0] - grads[0] @ grads[1] * grads[1]
    assert grads[0] @ (left - left @ grads[2] * grads[2]) < -0.05


def test_of_two_tasks_pcgrad_has_a_closed_form_and_no_order():
    first, second = TWO
    inner = first @ second
    expected = first - inner / (second @ second) * second + second - inner / (first @ first) * first
    for order in (None, [0, 1], [1, 0]):
        found = to_numpy(pcgrad(TWO, order=order))
        assert_close(found, expected, steps=STEPS, eps=1.2e-7)
    assert (TWO @ found >= 0).all()


def test_without_conflict_pcgrad_is_the_sum():
    grads = np.abs(draw(4))
    assert_close(to_numpy(pcgrad(grads)), grads.sum(axis=0), steps=STEPS)


@pytest.mark.parametrize(
    "order", [[0, 0], [0], [0, 1, 2], [1, 2], [[0, 1]], [[0, 1], [1, 1]], 1, [], [0.0, 1.0]]
)
def test_an_order_that_does_not_name_each_task_once_is_refused(order):
    with pytest.raises((ValueError, TypeError), match="order must"):
        pcgrad(TWO, order=order)


# --- mgda


def test_of_two_tasks_mgda_has_a_closed_form():
    for stream in range(10):
        first, second = draw(2, 30, stream, shared=stream / 3).astype("float64")
        apart = first - second
        share = np.clip(-apart @ second / (apart @ apart), 0, 1)
        expected = share * first + (1 - share) * second
        found = to_numpy(mgda(np.stack([first, second])))
        assert_close(found, expected, steps=STEPS, eps=1.2e-7, scale=scale_of([first, second]))


@every_case
def test_mgda_is_the_point_of_the_hull_nearest_to_zero(grads):
    """Its inner product with each gradient is its own square, or more: only the nearest has it."""
    found = to_numpy(mgda(grads)).astype("float64")
    square, inner = found @ found, grads @ found
    slack = 1e-5 * scale_of(grads) ** 2
    assert (inner >= square - slack).all()
    weights = np.linalg.lstsq(grads.T, found, rcond=None)[0]
    assert weights.min() > -1e-5
    assert abs(weights.sum() - 1) < 1e-5
    wide = grads.astype("float64")
    gram = wide @ wide.T / scale_of(grads) ** 2
    other = hull_weights(lambda w: w @ gram @ w, len(grads)) @ grads
    assert np.sqrt(square) <= np.linalg.norm(other) + 1e-5 * scale_of(grads)


def test_where_no_step_helps_both_mgda_stands_still():
    for grads in ([[2.0, 1.0], [-4.0, -2.0]], [[0.0, 0.0], [1.0, 3.0]], np.eye(3) - 1 / 3):
        assert np.abs(to_numpy(mgda(grads))).max() < 1e-6


# --- cagrad


@every_case
@pytest.mark.parametrize("c", [0.2, 0.5, 0.9])
def test_cagrad_is_the_best_direction_around_the_average(grads, c):
    """An independent solver of the dual finds no larger smallest inner product."""
    wide = grads.astype("float64")
    average = wide.mean(axis=0)
    radius = c * np.linalg.norm(average)
    found = to_numpy(cagrad(grads, c=c)).astype("float64")
    scale = scale_of(grads)
    assert_close(np.linalg.norm(found - average), radius, steps=STEPS, scale=scale, eps=1.2e-7)

    def bound(weights):  # the dual: what no direction in the ball exceeds
        mixed = weights @ wide
        return (mixed @ average + radius * np.linalg.norm(mixed)) / scale**2

    best = bound(hull_weights(bound, len(grads)))
    assert (wide @ found).min() / scale**2 >= best - 1e-5


def test_cagrad_of_gradients_that_are_nearly_the_same_is_the_best_too():
    """Between two of them the slope is too steep for a minimum: all of a weight moves, or none."""
    rng = np.random.default_rng(325)
    apart = rng.normal(size=(3, 6))
    grads = np.vstack([apart, apart[:2] + 1e-3 * rng.normal(size=(2, 6))])
    average, scale = grads.mean(axis=0), scale_of(grads)
    radius = 0.5 * np.linalg.norm(average)

    def bound(weights):
        mixed = weights @ grads
        return (mixed @ average + radius * np.linalg.norm(mixed)) / scale**2

    found = to_numpy(cagrad(grads, c=0.5))
    gap = bound(hull_weights(bound, len(grads))) - (grads @ found).min() / scale**2
    assert gap < 2e-6


def test_without_a_ball_cagrad_is_the_average():
    grads = draw(5)
    assert_close(to_numpy(cagrad(grads, c=0)), grads.mean(axis=0), steps=STEPS)


def test_in_a_large_ball_cagrad_points_where_mgda_does():
    grads = draw(3, shared=1.0)
    found, nearest = to_numpy(cagrad(grads, c=1e4)), to_numpy(mgda(grads))
    cosine = found @ nearest / np.linalg.norm(found) / np.linalg.norm(nearest)
    assert cosine > 1 - 1e-5


@pytest.mark.parametrize("c", [-0.1, np.nan, np.inf, None, "0.5", [0.5]])
def test_a_radius_that_is_none_is_refused(c):
    with pytest.raises((ValueError, TypeError), match="c must be"):
        cagrad(TWO, c=c)


# --- imtl_g


@every_case
def test_imtl_g_has_equal_projections_on_all_gradients(grads):
    found = to_numpy(imtl_g(grads)).astype("float64")
    units = grads / np.linalg.norm(grads, axis=1, keepdims=True)
    projections = units @ found
    assert np.ptp(projections) < 1e-4 * max(np.linalg.norm(found), scale_of(grads))
    weights = np.linalg.lstsq(grads.T.astype("float64"), found, rcond=None)[0]
    assert abs(weights.sum() - 1) < 1e-4 * np.abs(weights).max()


def test_imtl_g_is_the_formula_of_the_paper():
    grads = draw(4, shared=1.0).astype("float64")
    units = grads / np.linalg.norm(grads, axis=1, keepdims=True)
    apart, turned = grads[0] - grads[1:], units[0] - units[1:]
    others = grads[0] @ turned.T @ np.linalg.inv(apart @ turned.T)
    expected = (1 - others.sum()) * grads[0] + others @ grads[1:]
    assert_close(to_numpy(imtl_g(grads)), expected, steps=STEPS, eps=1.2e-7, scale=scale_of(grads))


def test_imtl_g_of_gradients_that_depend_on_each_other():
    np.testing.assert_allclose(to_numpy(imtl_g([[1.0, 2.0], [1.0, 2.0]])), [1, 2], atol=1e-5)
    np.testing.assert_allclose(to_numpy(imtl_g([[1.0, 0.0], [-3.0, 0.0]])), [0, 0], atol=1e-5)
    np.testing.assert_allclose(to_numpy(imtl_g([[0.0, 0.0], [1.0, 3.0]])), [1, 3], atol=1e-5)
    assert np.abs(to_numpy(imtl_g(np.zeros((2, 3))))).max() == 0


# --- all of them


@pytest.mark.parametrize("method", METHODS, ids=lambda f: f.__name__)
def test_one_task_has_its_way(method):
    grads = draw(1)
    options = {"c": 0.0} if method is cagrad else {}
    assert_close(to_numpy(method(grads, **options)), grads[0], steps=STEPS)


@pytest.mark.parametrize("method", METHODS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("factor", [1e-25, 1e-6, 1e6, 1e25])
def test_gradients_k_times_as_long_give_a_step_k_times_as_long(method, factor):
    grads = draw(4, shared=0.5)
    assert_close(
        to_numpy(method(grads * np.float32(factor))) / factor,
        to_numpy(method(grads)),
        steps=STEPS,
        scale=scale_of(grads),
        eps=1.2e-7,
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda f: f.__name__)
def test_no_task_comes_first(method):
    grads = draw(2, shared=0.5) if method is pcgrad else draw(5, shared=0.5)
    turned = to_numpy(method(grads[::-1].copy()))
    assert_close(turned, to_numpy(method(grads)), steps=STEPS, scale=scale_of(grads))


whole = arrays("float64", (3, 4), elements=st.integers(-9, 9).map(float))
factors = arrays("float64", (3, 1), elements=st.sampled_from([0.125, 0.5, 1.0, 4.0, 64.0]))


@given(whole, factors)
def test_a_longer_gradient_turns_neither_cosines_nor_imtl_g(grads, by):
    cosines, longer = to_numpy(gradient_cosine(grads)), to_numpy(gradient_cosine(grads * by))
    np.testing.assert_allclose(longer, cosines, atol=1e-5)
    lengths = np.linalg.norm(grads, axis=1)
    if lengths.min() and np.linalg.svd(grads / lengths[:, None])[1].min() > 0.1:
        one, other = to_numpy(imtl_g(grads)), to_numpy(imtl_g(grads * by))
        size = np.linalg.norm(one) * np.linalg.norm(other)
        assert abs(abs(one @ other) / size - 1) < 1e-3


@given(whole)
def test_whatever_the_gradients_no_step_is_beyond_them(grads):
    """The sums and averages stay finite and bounded; mgda is never longer than the shortest."""
    lengths = np.linalg.norm(grads, axis=1)
    nearest = to_numpy(mgda(grads))
    assert np.linalg.norm(nearest) <= lengths.min() + 1e-4
    assert (grads @ nearest >= nearest @ nearest - 1e-3).all()
    assert np.linalg.norm(to_numpy(pcgrad(grads))) <= lengths.sum() + 1e-4
    assert np.linalg.norm(to_numpy(cagrad(grads))) <= 1.5 * np.linalg.norm(grads.mean(0)) + 1e-4
    assert np.isfinite(to_numpy(imtl_g(grads))).all()


@pytest.mark.parametrize("method", [gradient_cosine, *METHODS], ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "wrong",
    [None, 1.0, "grads", [1.0, 2.0], [], [[]], np.ones((2, 3, 4)), np.ones((0, 3)),
     [[1.0, np.nan], [1.0, 2.0]], [[1.0, np.inf], [1.0, 2.0]], [[1.0, 1e36], [1.0, 2.0]],
     [[1.0], [1.0, 2.0]], [["a", "b"]], {"a": 1}],
)  # fmt: skip
def test_what_is_no_table_of_gradients_is_refused(method, wrong):
    with pytest.raises((ValueError, TypeError), match="grads must"):
        method(wrong)


def test_the_task_whose_gradient_is_not_finite_is_named():
    with pytest.raises(ValueError, match="task 1 has nan"):
        mgda([[1.0, 2.0], [np.nan, 1.0], [1.0, 1.0]])


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a graph of TensorFlow")
@pytest.mark.parametrize("method", METHODS, ids=lambda f: f.__name__)
def test_in_a_graph_that_does_not_know_the_number_of_tasks_it_is_the_same(method):
    import tensorflow as tf

    specs = [tf.TensorSpec((None, 40))]
    graph = tf.function(method, autograph=False, input_signature=specs)
    for tasks in (1, 3):
        grads = draw(tasks)
        assert_close(graph(grads).numpy(), to_numpy(method(grads)), steps=STEPS)
