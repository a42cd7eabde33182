"""Models weigh what they may, rows have the labels that they should, and scores are the task's."""

import numpy as np
import pytest

from mmtutorial.chapters.multi_task.sharing import experiment
from mmtutorial.tasks import EmojiTasks, Recipe


def test_the_width_is_the_largest_that_fits():
    task = EmojiTasks(["artist", "group"])
    weights = experiment.share("artist", "group")
    for architecture in ("hard", "mmoe"):
        width = experiment.find_width(task, weights, architecture)
        counts = [experiment.count_weights(task, width + k, architecture) for k in (0, 1)]
        assert counts[0] <= weights < counts[1]


def test_a_share_is_that_of_a_network_of_each_task():
    one = experiment.count_weights(EmojiTasks(["group"]), experiment.WIDTH)
    assert experiment.share("group") == one
    assert experiment.share("group", "artist") == one + experiment.share("artist")


def test_image_and_text_read_one_modality_each_and_have_the_same_labels():
    task = experiment.ImageAndText(labelled={"image_group": 50})
    labels = task.labels("train")
    assert np.sum(labels["image_group"] >= 0) == 50
    there = labels["image_group"] >= 0
    np.testing.assert_array_equal(labels["image_group"][there], labels["text_group"][there])
    assert (labels["text_group"] >= 0).all()
    model = experiment.build(task, Recipe(units=4, hidden=(4,)))
    inputs = {name: rows[:3] for name, rows in task.inputs("validation").items()}
    before = model(inputs)
    after = model({**inputs, "text": -inputs["text"]})
    np.testing.assert_array_equal(before["image_group"], after["image_group"])
    assert np.any(np.asarray(before["text_group"]) != np.asarray(after["text_group"]))
    alone = experiment.make_task(["image_group"])
    assert list(alone.inputs("test")) == ["image"]


def test_without_test_image_and_text_keep_all_else():
    task = experiment.ImageAndText()
    blind = task.without_test()
    for split in ("train", "validation"):
        for name, labels in task.labels(split).items():
            np.testing.assert_array_equal(blind.labels(split)[name], labels)
    for part in (blind.inputs("test"), blind.labels("test")):
        assert {len(rows) for rows in part.values()} == {0}
    assert not len(blind.splits["test"])
    assert len(task.splits["test"]) == len(task.labels("test")["text_group"]) > 0


def test_half_of_the_rows_have_the_label_that_is_rare():
    task = EmojiTasks(["artist", "group"], labelled={"group": 40})
    inputs, labels = experiment.draw_with_few(task.draw_epoch, "group")(0, seed=1)
    rows = len(task.labels("train")["group"])
    assert len(labels["group"]) == len(labels["artist"]) == len(inputs["image"]) == rows
    assert rows / 2 <= np.sum(labels["group"] >= 0) < 0.52 * rows
    alone = EmojiTasks(["group"], labelled={"group": 40})
    inputs, labels = experiment.draw_with_few(alone.draw_epoch, "group")(0, seed=1)
    assert (labels["group"] >= 0).all()
    assert len(np.unique(inputs["image"], axis=0)) <= 40


def test_shuffled_labels_are_those_of_another_concept_and_others_stay():
    task = EmojiTasks(["group", "subgroup"])
    _, right = task.draw_epoch(0, seed=0)
    _, wrong = experiment.draw_shuffled(task, "subgroup", seed=0)(0, seed=0)
    np.testing.assert_array_equal(right["group"], wrong["group"])
    concepts = task.splits["train"].targets["concept"]
    given = {}
    for concept, label in zip(concepts.tolist(), wrong["subgroup"].tolist(), strict=True):
        assert given.setdefault(concept, label) == label
    assert np.mean(right["subgroup"] == wrong["subgroup"]) < 0.1


def test_a_shuffled_text_is_that_of_another_row():
    task = EmojiTasks(["group"])
    model = experiment.build(task, Recipe(units=4, hidden=(4,)))
    rows = len(task.labels("validation")["group"])
    same = experiment.predict(model, task, "validation", text_from=np.arange(rows))
    plain = experiment.predict(model, task, "validation")
    np.testing.assert_array_equal(same["group"], plain["group"])
    other = experiment.predict(model, task, "validation", text_from=np.roll(np.arange(rows), 1))
    assert np.any(other["group"] != plain["group"])


def test_what_is_right_is_counted_where_there_is_a_label():
    task = EmojiTasks(["colour", "era", "lightness"])
    labels = task.labels("validation")["colour"]
    outputs = {"colour": np.eye(task.heads["colour"])[np.maximum(labels, 0)]}
    found = experiment.say_right(task, outputs, "validation")
    assert list(found) == ["colour"]
    assert found["colour"].all()
    assert len(found["colour"]) == np.sum(labels >= 0)


def test_a_search_returns_a_recipe_of_the_width_that_was_asked(monkeypatch):
    short = [Recipe(epochs=3, learning_rate=rate) for rate in (1e-6, 1e-2)]
    monkeypatch.setattr(experiment, "CANDIDATES", short)
    task = EmojiTasks(["group"])
    few = EmojiTasks(["group"], labelled={"group": 300})
    found = experiment.search(task, 8, draw=experiment.draw_with_few(few.draw_epoch, "group"))
    assert found["config"]["hidden"] == (8,)
    assert found["config"]["learning_rate"] == 1e-2
    assert 0.2 < found["validation"] <= 1
    assert found["config"]["epochs"] == 2  # the middle of the only three epochs


@pytest.mark.parametrize("architecture", ["hard", "cross_stitch", "mmoe", "ple"])
def test_every_architecture_is_built_for_all_tasks(architecture):
    task = EmojiTasks(["artist", "lightness"])
    model = experiment.build(task, Recipe(units=4, hidden=(4,)), architecture)
    outputs = experiment.predict(model, task, "validation")
    assert {name: rows.shape[1] for name, rows in outputs.items()} == task.heads
