"""Cosines, weights and layers are those of the model's own gradients."""

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial import multi_task
from mmtutorial.chapters.multi_task.conflict import experiment, gauge
from mmtutorial.tasks import EmojiTasks


@pytest.fixture(scope="module")
def task():
    return EmojiTasks(("artist", "era", "group"))


@pytest.fixture(scope="module")
def looked(task):
    recipe = experiment.base_recipe(epochs=2, units=8, hidden=(8,), learning_rate=1e-2)
    watch = gauge.Gauge(task, aggregator="mgda", epochs=(2,), seed=0, batches=2)
    model = experiment.train(task, recipe, seed=0, aggregator="mgda", on_epoch=watch)
    return model, watch


def test_layers_hold_every_shared_weight_once(task, looked):
    model, _ = looked
    inputs, labels = task.draw_epoch(0, seed=5)
    rows = np.arange(64)
    batch = gauge.take(inputs, rows), gauge.take(labels, rows)
    layers = gauge.layer_gradients(model, *batch)
    assert list(layers) == ["image encoder", "shared layer", "text encoder"]
    assert layers["image encoder"].shape == (3, 257 * 8)
    assert layers["shared layer"].shape == (3, 9 * 8)
    whole = np.hstack(list(multi_task.task_gradients(model, *batch).values()))
    assert sum(each.shape[1] for each in layers.values()) == whole.shape[1]
    np.testing.assert_allclose(
        sum(np.sum(each**2) for each in layers.values()), np.sum(whole**2), rtol=1e-5
    )


def test_a_look_has_all_that_it_says(looked):
    _, watch = looked
    assert list(watch.looks) == [2]
    assert watch.seconds > 0
    look = watch.looks[2]
    assert set(look["whole"]) == {"image encoder", "shared layer", "text encoder", "together"}
    for table in (*look["whole"].values(), look["batch"]):
        np.testing.assert_allclose(np.diag(table), 1, atol=1e-4)
        np.testing.assert_allclose(table, table.T, atol=1e-5)
    assert ((look["negative"] >= 0) & (look["negative"] <= 1)).all()
    assert look["weights"].sum() == pytest.approx(3)
    assert (look["again"] <= 1).all()


def test_rows_name_each_task_and_each_pair(looked):
    _, watch = looked
    rows = watch.rows()
    assert [row["task"] for row in rows if "task" in row] == ["artist", "era", "group"]
    pairs = ["artist and era", "artist and group", "era and group"]
    assert [row["pair"] for row in rows if "pair" in row] == pairs
    curves = gauge.pair_curves(watch, ["artist and group"])
    assert curves["shared layer"]["artist and group"] == [
        watch.looks[2]["whole"]["shared layer"][0, 2]
    ]


@pytest.mark.parametrize("aggregator", [None, *gauge.AGGREGATORS])
def test_weights_make_the_direction_again(aggregator):
    grads = make_rng().normal(size=(4, 30))
    weights = gauge.weigh_tasks(grads, aggregator, np.random.default_rng(0))
    assert weights.sum() == pytest.approx(4)
    if aggregator in ("mgda", "cagrad", "imtl_g"):
        merged = np.asarray(gauge.AGGREGATORS[aggregator](grads), float)
        cosine = weights @ grads @ merged
        cosine /= np.linalg.norm(weights @ grads) * np.linalg.norm(merged)
        assert cosine == pytest.approx(1, abs=1e-4)
    if aggregator is None:
        np.testing.assert_array_equal(weights, np.ones(4))


def test_orthogonal_gradients_are_left_alone_by_pcgrad():
    grads = np.eye(3, 8) * [[1.0], [5.0], [0.2]]
    weights = gauge.weigh_tasks(grads, "pcgrad", np.random.default_rng(0))
    np.testing.assert_allclose(weights, 1, atol=1e-5)
