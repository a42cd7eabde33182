"""Labels are shuffled as asked, searches are of one size, weights are read as they were."""

import keras
import numpy as np
import pytest

from mmtutorial import multi_task
from mmtutorial.chapters.multi_task.balancing import experiment
from mmtutorial.tasks import EmojiTasks


def test_a_share_of_the_labels_changes_places_and_none_is_lost():
    labels = np.arange(100)
    found = experiment.shuffle_share(labels, 0.3)
    assert np.sum(found != labels) == 30
    np.testing.assert_array_equal(np.sort(found), labels)
    np.testing.assert_array_equal(experiment.shuffle_share(labels, 0.0), labels)


def test_noise_is_in_training_alone_and_the_same_in_each_epoch():
    task, clean = experiment.NoisyTasks(noise=0.5), EmojiTasks(experiment.TASKS)
    first, second = (task.draw_epoch(epoch, seed=0)[1] for epoch in (0, 1))
    np.testing.assert_array_equal(first["group"], second["group"])
    truth = clean.labels("train")
    assert 0.3 < np.mean(first["group"] != truth["group"]) < 0.5  # some fall on their own class
    np.testing.assert_array_equal(first["artist"], truth["artist"])
    for split in ("validation", "test"):
        np.testing.assert_array_equal(task.labels(split)["group"], clean.labels(split)["group"])
    with pytest.raises(ValueError, match="noisy must be one of"):
        experiment.NoisyTasks(noisy="nothing")
    alone = experiment.NoisyTasks(("artist",), noise=0.5)  # whose labels stay as they are
    np.testing.assert_array_equal(alone.draw_epoch(0, seed=0)[1]["artist"], truth["artist"])


@pytest.fixture(scope="module")
def task():
    return experiment.NoisyTasks(scale=experiment.PER_CENT).without_test()


def propose(name, task):
    """All that a method tries, if each later one is better on validation."""
    tried = []
    for config in experiment.propose(name, task, tried):
        tried.append((len(tried), {**config, "epochs": 3}))
    return [{key: config[key] for key in config if key != "epochs"} for _, config in tried]


@pytest.mark.parametrize("name", [*experiment.WEIGHTINGS, experiment.BEGUN])
def test_every_method_tries_as_many_from_the_same_recipes(name, task):
    found = propose(name, task)
    recipes = [(each["learning_rate"], each["dropout"]) for each in propose("equal", task)]
    assert len(found) == len(recipes) == experiment.TRIALS
    for one in found:
        assert (one["learning_rate"], one["dropout"]) in recipes
        made = experiment.make_weighting(name, experiment.TASKS, one["options"])
        assert isinstance(made, multi_task.LossWeighting)
        terms = made(dict.fromkeys(experiment.TASKS, 2.0), training=True)
        assert sorted(terms) == list(experiment.TASKS)


def test_a_latin_hypercube_tries_each_part_of_a_range_once():
    drawn = [each["options"]["alpha"] for each in experiment.draw_candidates("gradnorm")]
    low, high, _ = experiment.RANGES["alpha"]
    parts = np.floor((np.array(drawn) - low) / (high - low) * experiment.TRIALS)
    assert sorted(parts) == list(range(experiment.TRIALS))


def test_fixed_weights_begin_where_all_losses_of_a_constant_are_1(task):
    found, losses = propose("fixed", task), experiment.constant_losses(task)
    assert losses["lightness"] == pytest.approx(experiment.PER_CENT**2, rel=0.1)
    assert losses["artist"] < np.log(5)
    for each in found[:3]:
        for name, weight in each["options"].items():
            assert weight * losses[name] == pytest.approx(1)
    best = found[2]  # of the first three, the last was best
    for name, each in zip(experiment.TASKS, found[3:], strict=True):
        changed = {one for one in best["options"] if each["options"][one] != best["options"][one]}
        assert changed == {name}
        assert each["learning_rate"] == best["learning_rate"]


def test_begun_well_means_the_weights_of_a_constant_answer(task):
    losses = experiment.constant_losses(task)
    (options,) = {tuple(each["options"].items()) for each in propose(experiment.BEGUN, task)}
    assert dict(options) == losses
    begun = experiment.make_weighting(experiment.BEGUN, experiment.TASKS, losses)
    found = begun.weigh(keras.ops.zeros(3), training=True)[0]
    expected = [1 / (2 * losses[name]) for name in begun.tasks]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_inverse_loss_is_where_uncertainty_weighting_is_least():
    losses = keras.ops.array([0.25, 4.0])
    weights, extra = experiment.InverseLoss().weigh(losses, training=True)
    np.testing.assert_allclose(weights, [2.0, 0.125])
    np.testing.assert_allclose(extra, 0)
    for kind, factor in (("classification", 1.0), ("regression", 0.5)):
        layer = multi_task.UncertaintyWeighting(kind)
        layer({"a": 0.25, "b": 4.0})

        def total(s, layer=layer):
            layer.log_variances.assign(s)
            return float(sum(layer({"a": 0.25, "b": 4.0}).values()))

        best = np.log(factor * 2 * np.array([0.25, 4.0]))
        here = total(best)
        assert all(total(best + step) > here for step in ([0.1, 0], [-0.1, 0], [0, 0.1], [0, -0.1]))


def test_training_keeps_losses_and_weights_of_each_epoch(task):
    config = {"learning_rate": 2e-3, "dropout": 0.3, "epochs": 2}
    model = experiment.train(task, "equal", config, seed=0, units=8)
    assert model.count_params() < 5000
    weights, losses = (experiment.history_of(model, what) for what in ("weight", "loss"))
    assert sorted(weights) == list(experiment.TASKS)
    np.testing.assert_allclose(weights["group"], [1, 1])
    assert losses["lightness"][0] > 50 > 3 > losses["group"][1]
    outputs = experiment.predict(model, task.inputs("validation"))
    assert outputs["lightness"].shape == (len(task.labels("validation")["lightness"]), 1)
