"""The rules of the live figure are those of the package, and they go where the text says."""

import keras
import numpy as np
import pytest

from mmtutorial import multi_task
from mmtutorial.chapters.multi_task.balancing import compromise
from mmtutorial.chapters.multi_task.balancing.experiment import InverseLoss

STEPS = 3 * compromise.EPOCH + 5


def norms_at(shared, unit):
    far = np.linalg.norm(shared - compromise.WANTED, axis=1)
    return 2 * np.array([1.0, unit**2]) * far


def follow(weighting, unit, noise, *, learns=False):
    """Train the two numbers with a weighting of the package; return its weights, step by step."""
    shared, found, epoch = compromise.START.copy(), [], []
    optimizer = keras.optimizers.Adam(2e-3)
    for step in range(STEPS):
        losses = compromise.losses_at(shared, unit, noise)
        if step and step % compromise.EPOCH == 0:
            means = np.mean(epoch, axis=0)
            weighting.end_epoch(dict(zip("ab", map(float, means), strict=True)))
            epoch = []
        epoch.append(losses)
        named = dict(zip("ab", map(float, losses), strict=True))
        weighting(named)
        weights, _ = weighting.weigh(keras.ops.array(losses, "float32"), training=True)
        weights = keras.ops.convert_to_numpy(weights).astype(float)
        found.append(weights)
        if learns:  # the derivative of weight * loss + s / 2 by s
            slope = keras.ops.array(0.5 - weights * losses, "float32")
            optimizer.apply([slope], weighting.trainable_variables)
        norms = norms_at(shared, unit)
        weighting.update_weights(
            *(keras.ops.array(each, "float32") for each in (losses, norms)), None
        )
        counts = weights * [1.0, unit**2]
        best = counts @ compromise.WANTED / counts.sum()
        shared = shared + compromise.STEP * (best - shared)
    return np.array(found)


@pytest.mark.parametrize("unit", [1.0, 3.0])
@pytest.mark.parametrize(
    ("method", "make", "learns"),
    [
        ("equal", multi_task.EqualWeighting, False),
        ("uncertainty", lambda: multi_task.UncertaintyWeighting("regression"), True),
        ("inverse", InverseLoss, False),
        ("dynamic", multi_task.DynamicWeightAverage, False),
        ("gradnorm", multi_task.GradNorm, False),
    ],
)
def test_the_rules_are_those_of_the_package(method, make, learns, unit):
    weights, _, _ = compromise.settle(method, unit=unit, noise=2.0, steps=STEPS)
    steps = 40 if method == "gradnorm" and unit > 1 else STEPS  # it swings, and rounding grows
    there = follow(make(), unit, 2.0, learns=learns)
    np.testing.assert_allclose(weights[:steps], there[:steps], rtol=2e-3)


def test_random_weights_add_up_to_the_number_of_tasks():
    weights, _, _ = compromise.settle("random", steps=200)
    np.testing.assert_allclose(weights.sum(axis=1), 2)
    assert weights[:, 0].std() > 0.2
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.15)


def lean(method, steps=510, **where):
    weights, _, _ = compromise.settle(method, steps=steps, **where)
    return compromise.leaning(weights, where.get("unit", 1.0))[-100:].mean()


def test_equal_weights_follow_the_unit_and_inverse_losses_do_not():
    assert lean("equal", unit=10.0) == pytest.approx(100 / 101)
    assert lean("inverse", unit=10.0) == pytest.approx(0.5)
    assert lean("inverse", unit=10.0, noise=4.0) == pytest.approx(lean("inverse", noise=4.0))


def test_uncertainty_weighting_walks_to_the_inverse_of_the_loss():
    weights, losses, _ = compromise.settle("uncertainty", noise=4.0, steps=5000)
    np.testing.assert_allclose(weights[-1], 0.5 / losses[-1], rtol=1e-3)
    assert lean("uncertainty", unit=10.0) > 0.95  # after a short training it is not there


def test_noise_raises_one_weight_and_lowers_the_other():
    assert lean("inverse", noise=4.0) < 0.25
    assert lean("gradnorm", noise=4.0) > 0.65
    assert lean("dynamic", noise=4.0) == pytest.approx(0.5, abs=0.02)


def test_a_wrong_choice_is_named():
    with pytest.raises(ValueError, match="method must be one of"):
        compromise.settle("fair")
    with pytest.raises(ValueError, match="unit must be"):
        compromise.settle("equal", unit=0.0)
