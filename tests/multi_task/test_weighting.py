"""What each weighting makes of losses: closed forms, fixed points, saving, wrong input."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_checks import to_numpy
from tolerance import assert_close, make_rng

from mmtutorial.multi_task import (
    DynamicWeightAverage,
    EqualWeighting,
    GradNorm,
    LinearScalarization,
    LossWeighting,
    RandomLossWeighting,
    UncertaintyWeighting,
)

pytestmark = pytest.mark.backend
LOSSES = {"hue": 3.0, "group": 1.0, "artist": 0.5}
TASKS = sorted(LOSSES)
STACKED = np.array([LOSSES[task] for task in TASKS], "float32")
MAKE = {
    "equal": EqualWeighting,
    "scalarization": lambda: LinearScalarization({"hue": 0.1, "group": 1.0, "artist": 0.0}),
    "random": lambda: RandomLossWeighting(seed=3),
    "uncertainty": lambda: UncertaintyWeighting("regression"),
    "average": lambda: DynamicWeightAverage(1.0),
    "gradnorm": lambda: GradNorm(alpha=0.5, learning_rate=0.1),
}
every = pytest.mark.parametrize("make", list(MAKE.values()), ids=list(MAKE))


def call(weighting, losses=LOSSES, **options):
    """Return the terms as an array, in the order of the sorted names."""
    terms = weighting(losses, **options)
    assert list(terms) == TASKS
    return np.array([float(to_numpy(terms[task])) for task in TASKS])


@every
def test_the_order_of_the_losses_does_not_matter(make):
    weighting = make()
    expected = call(weighting)
    np.testing.assert_array_equal(call(weighting, dict(reversed(LOSSES.items()))), expected)


@every
def test_a_task_without_a_label_has_no_term(make):
    weighting = make()
    terms = call(weighting, present={"hue": True, "group": False, "artist": True})
    assert terms[1] == 0
    assert (terms[[0, 2]] == call(weighting)[[0, 2]]).all()


@every
def test_it_comes_back_from_its_config_and_its_numbers(make):
    weighting = make()
    call(weighting)
    for number in weighting.weights:
        if number.dtype == "float32":
            number.assign(make_rng(1).uniform(0.5, 2.0, number.shape))
    again = type(weighting).from_config(weighting.get_config())
    call(again)
    again.set_weights(weighting.get_weights())
    np.testing.assert_array_equal(call(again, training=True), call(weighting, training=True))
    assert again.get_config() == weighting.get_config()


@every
@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ({"hue": 1.0, "group": 1.0}, "losses has a missing task 'artist'"),
        ({**LOSSES, "sound": 1.0}, "losses has an unexpected task 'sound'"),
        ([1.0, 2.0, 3.0], "losses must be a dict"),
        ({}, "losses must be named by texts, at least one"),
        ({**LOSSES, "hue": [1.0, 2.0]}, r"losses\['hue'\] must be one number"),
        ({**LOSSES, "hue": "1"}, r"losses\['hue'\] must be an array of numbers"),
    ],
)
def test_losses_of_other_tasks_are_refused(make, losses, message):
    weighting = make()
    call(weighting)
    with pytest.raises((ValueError, TypeError), match=message):
        weighting(losses)


def test_equal_weighting_changes_nothing():
    np.testing.assert_array_equal(call(EqualWeighting()), STACKED)


def test_scalarization_multiplies_by_what_was_chosen():
    chosen = {"hue": 0.25, "group": 2.0, "artist": 0.0}
    np.testing.assert_array_equal(call(LinearScalarization(chosen)), [0, 2, 0.75])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"hue": -1.0}, r"loss_weights\['hue'\] must be at least 0"),
        ({"hue": np.nan}, r"loss_weights\['hue'\] must be"),
        ({"hue": 0.0}, "loss_weights must not all be 0"),
        ({}, "loss_weights must be named by texts"),
        ([1.0], "loss_weights must be a dict"),
        ({1: 1.0}, "loss_weights must be named by texts"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights, message):
    with pytest.raises((ValueError, TypeError), match=message):
        LinearScalarization(weights)


def test_weights_that_do_not_match_the_tasks_are_refused():
    for weighting in (
        LinearScalarization({"hue": 1.0}),
        UncertaintyWeighting({"hue": "regression", "sound": "regression"}),
    ):
        with pytest.raises(ValueError, match=r"has an? .* task"):
            weighting(LOSSES)
    with pytest.raises(ValueError, match=r"kinds\['hue'\] must be one of"):
        UncertaintyWeighting({"hue": "ranking"})


def test_random_weights_are_1_on_average_and_sum_to_the_number_of_tasks():
    weighting = RandomLossWeighting(seed=0)
    ones = dict.fromkeys(TASKS, 1.0)
    drawn = np.array([call(weighting, ones, training=True) for _ in range(300)])
    assert_close(drawn.sum(axis=1), np.full(300, 3.0), steps=20, eps=1.2e-7)
    assert np.abs(drawn.mean(axis=0) - 1).max() < 0.2  # a deviation of 0.6 / sqrt(300), five times
    assert drawn.std(axis=0).min() > 0.3
    np.testing.assert_array_equal(call(weighting, ones, training=False), 1)
    again = np.array([call(RandomLossWeighting(seed=0), ones, training=True)])
    np.testing.assert_array_equal(again, drawn[:1])


@pytest.mark.parametrize(("kind", "factor"), [("classification", 1.0), ("regression", 0.5)])
def test_uncertainty_is_the_likelihood_of_the_paper(kind, factor):
    weighting = UncertaintyWeighting(kind)
    call(weighting)
    spread = np.array([0.5, 1.0, 2.0], "float32")
    weighting.log_variances.assign(2 * np.log(spread))
    expected = factor * STACKED / spread**2 + np.log(spread)
    assert_close(call(weighting), expected, steps=20, eps=1.2e-7, scale=10)


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_a_loss_that_stays_gets_a_weight_of_half_its_inverse(kind):
    """The minimum over the variances, found by training them; ours and the paper's agree in it."""
    weighting = UncertaintyWeighting(kind)

    class Sum(keras.Model):
        def build(self, _=None):
            self.weighting = weighting
            weighting.build(dict.fromkeys(TASKS, ()))
            self.built = True

        def call(self, x):
            return x

        def compute_loss(self, *_, **__):
            return sum(self.weighting(LOSSES, training=True).values())

    model = Sum()
    model.build()
    model.compile(keras.optimizers.SGD(0.5), jit_compile=False)
    model.fit(np.zeros((200, 1)), batch_size=1, verbose=0)
    weights, _ = weighting.weigh(ops.convert_to_tensor(STACKED), True)
    np.testing.assert_allclose(to_numpy(weights), 1 / (2 * STACKED), rtol=1e-3)


def test_the_dynamic_average_is_the_softmax_of_the_paper():
    weighting = DynamicWeightAverage(2.0)
    ones = dict.fromkeys(TASKS, 1.0)
    np.testing.assert_array_equal(call(weighting, ones), 1)
    weighting.end_epoch(LOSSES)
    np.testing.assert_array_equal(call(weighting, ones), 1)
    now = np.array([0.5, 0.2, 3.0])
    weighting.end_epoch(dict(zip(TASKS, now, strict=True)))
    shares = np.exp(now / STACKED / 2)
    assert_close(call(weighting, ones), 3 * shares / shares.sum(), steps=30, eps=1.2e-7)
    weighting.end_epoch(dict.fromkeys(TASKS, 0.0))  # no labels at all
    np.testing.assert_allclose(call(weighting, ones), 1, rtol=1e-6)


@pytest.mark.parametrize("losses", [{"hue": 1.0}, {**LOSSES, "hue": np.nan}, None])
def test_losses_of_an_epoch_that_cannot_be_are_refused(losses):
    weighting = DynamicWeightAverage()
    with pytest.raises(ValueError, match="losses must come after a first call"):
        weighting.end_epoch(LOSSES)
    call(weighting)
    with pytest.raises((ValueError, TypeError), match="losses"):
        weighting.end_epoch(losses)


def test_gradnorm_brings_weighted_gradients_to_one_length():
    weighting = GradNorm(alpha=0.0, learning_rate=0.01)
    call(weighting)
    norms = np.array([0.5, 1.0, 4.0], "float32")
    for _ in range(400):
        weighting.update_weights(ops.array(STACKED), ops.array(norms), None)
    weights = to_numpy(weighting.task_weights)
    expected = 3 / norms / np.sum(1 / norms)
    np.testing.assert_allclose(weights, expected, atol=0.05)  # it goes to and fro by one step
    assert abs(weights.sum() - 3) < 1e-5


def test_gradnorm_lets_the_task_that_is_behind_pull_harder():
    """With losses at 1/4, 1/2 and 1 of the first, norms shall be as these to the power alpha."""
    weighting = GradNorm(alpha=1.0, learning_rate=0.01)
    call(weighting)
    norms = ops.ones(3)
    weighting.update_weights(ops.array(STACKED), norms, None)
    for _ in range(400):
        weighting.update_weights(ops.array(STACKED * [0.25, 0.5, 1.0], "float32"), norms, None)
    expected = 3 * np.array([1, 2, 4]) / 7
    np.testing.assert_allclose(to_numpy(weighting.task_weights), expected, atol=0.05)


def test_gradnorm_takes_one_step_as_the_paper_writes_it():
    weighting = GradNorm(alpha=0.7, learning_rate=0.02)
    call(weighting)
    norms = np.array([1.0, 2.0, 0.5], "float32")
    weighting.update_weights(ops.array(STACKED), ops.ones(3), None)
    start = to_numpy(weighting.task_weights).astype("float64")
    ratios = np.array([0.9, 0.5, 0.7])
    weighting.update_weights(ops.array(STACKED * ratios, "float32"), ops.array(norms), None)
    pulls = start * norms
    targets = pulls.mean() * (ratios / ratios.mean()) ** 0.7
    moved = start - 0.02 * np.sign(pulls - targets) * norms / pulls.mean()
    found = to_numpy(weighting.task_weights)
    assert_close(found, 3 * moved / moved.sum(), steps=60, eps=1.2e-7)


def test_gradnorm_leaves_a_task_without_labels_alone():
    weighting = GradNorm(learning_rate=0.1)
    call(weighting)
    present = ops.array([True, True, False])
    weighting.update_weights(ops.array(STACKED), ops.array([1.0, 3.0, 0.0]), present)
    weights, first = to_numpy(weighting.task_weights), to_numpy(weighting.first_losses)
    assert first[2] == 0
    assert (first[:2] == STACKED[:2]).all()
    assert weights[0] > weights[1]
    weighting.update_weights(ops.array(STACKED), ops.array([1.0, np.nan, 1.0]), None)
    np.testing.assert_array_equal(to_numpy(weighting.task_weights), weights)


def test_whoever_writes_a_weighting_must_say_what_a_loss_counts():
    with pytest.raises(NotImplementedError, match="LossWeighting must say in weigh"):
        LossWeighting()(LOSSES)
