"""Stamps have a row for each recording, and their scores are what they say."""

import numpy as np
import pytest

from mmtutorial.chapters.multi_task.balancing.experiment import history_of, train
from mmtutorial.chapters.multi_task.balancing.stamps import HEADS, StampTasks


@pytest.fixture(scope="module")
def task():
    return StampTasks(fold=1)


def test_a_stamp_lies_in_one_split_with_both_languages(task):
    clusters = {split: set(task.clusters(split)) for split in ("train", "validation", "test")}
    assert not clusters["train"] & clusters["test"]
    assert not clusters["train"] & clusters["validation"]
    labels, inputs = task.labels("train"), task.inputs("train")
    assert sorted(labels) == sorted(HEADS)
    assert all(len(each) == len(inputs["image"]) for each in (*labels.values(), *inputs.values()))
    assert 0.45 < labels["language"].mean() < 0.55
    np.testing.assert_allclose(inputs["speech"].mean(axis=0), 0, atol=1e-4)


def test_scores_of_the_right_answers_are_1_and_chance_counts_classes(task):
    labels = task.labels("test")
    right = {name: np.eye(HEADS[name])[labels[name]] for name in HEADS}
    assert task.score(right, "test") == dict.fromkeys(HEADS, 1.0)
    silent = {**right, "sound": np.eye(2)[np.zeros(len(labels["sound"]), int)]}
    assert task.score(silent, "test")["sound"] == 0.5


def test_a_task_alone_has_its_labels_and_the_same_inputs(task):
    alone = task.alone("sound").without_test()
    assert alone.heads == {"sound": 2}
    assert list(alone.labels("train")) == ["sound"]
    assert len(alone.inputs("test")["image"]) == len(alone.labels("test")["sound"]) == 0
    assert len(task.labels("test")["sound"]) > 100
    config = {"learning_rate": 2e-3, "dropout": 0.3, "epochs": 1}
    model = train(alone, "equal", config, seed=0, units=4)
    assert list(history_of(model, "loss")) == ["sound"]
