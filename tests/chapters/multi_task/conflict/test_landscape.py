"""The landscape has the slopes that it should, and two tasks' weights are those of the package."""

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial import multi_task
from mmtutorial.chapters.multi_task.conflict import landscape

OF_PACKAGE = {
    "PCGrad": multi_task.pcgrad,
    "MGDA": multi_task.mgda,
    "CAGrad": multi_task.cagrad,
    "IMTL-G": multi_task.imtl_g,
}


def test_gradients_are_the_slopes_of_the_losses():
    for x, y in make_rng().uniform(-9, 9, (50, 2)):
        step = 1e-6
        along_x = np.subtract(*(landscape.look(x + s, y, 3.0)[0] for s in (step, -step)))
        along_y = np.subtract(*(landscape.look(x, y + s, 3.0)[0] for s in (step, -step)))
        slopes = np.stack([along_x, along_y], axis=1) / (2 * step)
        np.testing.assert_allclose(landscape.look(x, y, 3.0)[1], slopes, rtol=1e-4, atol=1e-5)


def test_a_scale_is_that_of_the_second_task_alone():
    (one, two), (g1, g2) = landscape.look(2.0, 3.0)
    (same, scaled), (h1, h2) = landscape.look(2.0, 3.0, 10.0)
    assert (same, h1) == (one, g1)
    assert scaled == pytest.approx(10 * two)
    np.testing.assert_allclose(h2, 10 * np.array(g2))


def test_the_lowest_points_lie_where_the_drawing_says():
    places, losses = landscape.draw_losses(count=81)
    for task, x in ((0, 7), (1, -7)):
        row, column = np.unravel_index(losses[:, :, task].argmin(), losses.shape[:2])
        assert abs(places[column] - x) < 0.3
        assert abs(places[row] + 8.33) < 0.3


@pytest.mark.parametrize("method", OF_PACKAGE)
def test_the_form_for_two_tasks_is_the_package_s(method):
    rng = make_rng()
    for scale in (0.1, 1.0, 7.0):
        grads = rng.normal(size=(2, 5)) * [[1.0], [scale]]
        expected = np.asarray(OF_PACKAGE[method](grads), float)
        found = landscape.direction(grads, method)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", landscape.METHODS)
def test_gradients_of_zero_and_equal_ones_are_no_trouble(method):
    for grads in ([[0.0, 0.0], [1.0, 2.0]], [[0.0, 0.0]] * 2, [[1.0, 1.0]] * 2):
        assert np.isfinite(landscape.direction(np.array(grads), method)).all()


def test_the_direction_of_imtl_g_does_not_depend_on_a_unit_and_that_of_the_sum_does():
    grads = np.array([[1.0, 0.2, 0.0], [-0.3, 1.0, 0.5]])
    for method, same in (("IMTL-G", True), ("sum", False), ("MGDA", False)):
        found = [landscape.direction(grads * [[1.0], [s]], method) for s in (1.0, 50.0)]
        cosine = found[0] @ found[1] / np.linalg.norm(found[0]) / np.linalg.norm(found[1])
        assert bool(cosine > 1 - 1e-12) is same


def test_shares_of_the_first_task():
    assert landscape.share_of_first("sum", -0.3, ratio=5.0) == 0.5
    assert landscape.share_of_first("MGDA", 0.9, ratio=5.0) == 0.0
    with pytest.raises(ValueError, match="method must be one of"):
        landscape.share_of_first("SGD", 0.0, ratio=1.0)


def test_a_walk_is_adam():
    import keras

    start = np.array([3.0, -4.0], np.float32)
    place = keras.Variable(start)
    adam = keras.optimizers.Adam(0.05, epsilon=1e-8)
    adam.build([place])
    for _ in range(20):
        grads = np.array(landscape.look(*np.array(place).tolist())[1])
        adam.apply([grads.sum(axis=0).astype(np.float32)])
    path = landscape.walk(start, "sum", rate=0.05, steps=20)
    assert path.shape == (21, 2)
    np.testing.assert_allclose(path[-1], np.array(place), atol=1e-3)


def test_the_papers_case_at_a_low_rate_and_at_a_high_one():
    low = landscape.walk_all((-8.5, 7.5), rate=0.005)
    assert list(low) == list(landscape.METHODS)
    assert landscape.is_stuck(low["sum"])
    assert not landscape.is_stuck(low["MGDA"])
    assert not landscape.is_stuck(landscape.walk((-8.5, 7.5), "sum", rate=0.05))


def test_a_walk_refuses_what_it_cannot_walk():
    for wrong, name in (({"start": (1.0,)}, "start"), ({"rate": 0.0}, "rate"),
                        ({"scale": -1.0}, "scale"), ({"steps": 0}, "steps"),
                        ({"method": "Adam"}, "method")):  # fmt: skip
        with pytest.raises(ValueError, match=name):
            landscape.walk(**{"start": (1.0, 2.0), "method": "sum", **wrong})
