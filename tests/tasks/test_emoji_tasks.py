"""Seven labels of each emoji: whose they are, what is missing, how they are scored."""

import keras
import numpy as np
import pytest

from mmtutorial import data
from mmtutorial.tasks import EmojiTasks, Recipe, build_emoji_tasks, fit
from mmtutorial.tasks._emoji_labels import TASKS
from mmtutorial.tasks.emoji_tasks import ARCHITECTURES

SPLITS = ("train", "validation", "test")
SMALL = Recipe(units=8, hidden=(4,), epochs=1, batch_size=512)


@pytest.fixture(scope="module")
def every():
    return EmojiTasks()


def known(labels):
    return np.isfinite(labels) & ((labels >= 0) | (labels.dtype.kind == "f"))


def test_no_concept_is_in_two_splits(every):
    concepts = {name: set(part.targets["concept"]) for name, part in every.splits.items()}
    assert not concepts["train"] & concepts["validation"]
    assert not concepts["train"] & concepts["test"]
    assert not concepts["validation"] & concepts["test"]


def test_the_test_split_is_an_unseen_artist_but_for_the_label_of_the_artist(every):
    labels, part = every.labels("test"), every.splits["test"]
    strange = part.targets["artist"] == data.load_emoji().classes["artist"].index("fluent_3d")
    assert strange.sum() == 382
    for task in set(TASKS) - {"colour"}:
        np.testing.assert_array_equal(known(labels[task]), strange != (task == "artist"))
    assert not (known(labels["colour"]) & ~strange).any()  # and of the others, not all have one
    assert set(labels["artist"]) == {-1, 0, 1, 2, 3, 4}


def test_each_head_has_a_number_for_each_class(every):
    for split in SPLITS:
        for task, labels in every.labels(split).items():
            if task != "lightness":
                assert set(labels) <= set(range(-1, every.heads[task]))


def test_lightness_is_near_a_mean_of_0_and_a_spread_of_1_and_follows_its_unit(every):
    labels = every.labels("train")["lightness"]
    assert (labels.mean(), labels.std()) == pytest.approx((0, 1), abs=0.05)
    scaled = EmojiTasks(["lightness"], scale=12).labels("train")["lightness"]
    np.testing.assert_allclose(scaled, 12 * labels, rtol=1e-6)


def test_labels_are_taken_away_from_all_but_the_rows_asked_for(every):
    few = EmojiTasks(["group", "lightness"], labelled={"group": 40, "lightness": 7})
    kept = {task: known(labels) for task, labels in few.labels("train").items()}
    assert {task: rows.sum() for task, rows in kept.items()} == {"group": 40, "lightness": 7}
    for task, rows in kept.items():
        np.testing.assert_array_equal(
            few.labels("train")[task][rows], every.labels("train")[task][rows]
        )
        np.testing.assert_array_equal(few.labels("test")[task], every.labels("test")[task])
    other = EmojiTasks(["group"], labelled={"group": 40}, seed=1).labels("train")["group"]
    assert (known(other) != kept["group"]).any()
    assert known(every.labels("train")["group"]).all()  # what was loaded once stays as it is


def test_a_perfect_answer_scores_1_and_that_of_the_largest_class_its_share(every):
    labels = every.labels("test")
    perfect = {
        task: np.nan_to_num(each)[:, None]
        if task == "lightness"
        else np.eye(every.heads[task])[each]
        for task, each in labels.items()
    }
    assert every.score(perfect, "test") == pytest.approx(dict.fromkeys(TASKS, 1.0))
    one = {task: np.tile(np.arange(every.heads[task])[::-1], (955, 1)) for task in TASKS}
    one["lightness"] = np.full((955, 1), np.nanmean(labels["lightness"]))
    scores = every.score(one, "test")
    group = labels["group"][known(labels["group"])]
    assert scores["group"] == pytest.approx(np.mean(group == 0))
    assert scores["gender"] == pytest.approx(1 / 3)  # all classes count the same
    assert scores["lightness"] == pytest.approx(0, abs=1e-6)


def test_words_are_drawn_anew_in_each_epoch_and_by_each_seed(every):
    first, second = (every.draw_epoch(epoch, seed=0)[0] for epoch in (0, 1))
    again, other = (every.draw_epoch(0, seed=seed)[0] for seed in (0, 1))
    np.testing.assert_array_equal(first["text"], again["text"])
    np.testing.assert_array_equal(first["image"], second["image"])
    for each in (second, other):
        assert np.mean(np.all(first["text"] == each["text"], axis=1)) < 0.5


def test_a_search_sees_no_test_split(every):
    hidden = every.without_test()
    assert all(len(labels) == 0 for labels in hidden.labels("test").values())
    assert len(hidden.inputs("test")["image"]) == 0
    assert len(every.labels("test")["group"]) == 955


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_trains_on_some_tasks_with_labels_that_are_missing(architecture):
    tasks = EmojiTasks(["artist", "lightness"], labelled={"artist": 600})
    model = fit(
        lambda: build_emoji_tasks(tasks, SMALL, architecture=architecture),
        lambda epoch: tasks.draw_epoch(epoch, seed=0),
        SMALL,
        seed=0,
    )
    scores = tasks.score(model.predict(tasks.inputs("validation"), verbose=0), "validation")
    assert scores.keys() == {"artist", "lightness"}
    assert np.isfinite(list(scores.values())).all()


def test_a_model_of_one_modality_takes_no_other():
    tasks = EmojiTasks(["group"], modalities=["text"])
    assert list(tasks.inputs("test")) == ["text"]
    model = build_emoji_tasks(tasks, SMALL)
    assert tasks.score(model.predict(tasks.inputs("test"), verbose=0), "test").keys() == {"group"}


def test_a_task_that_reads_the_image_alone_does_not_see_the_words():
    tasks = EmojiTasks(["colour", "group"])
    model = build_emoji_tasks(tasks, SMALL, reads={"colour": "image", "group": "text"})
    batch = {name: array[:3] for name, array in tasks.inputs("test").items()}
    before = model(batch)
    after = model({**batch, "text": 1 + batch["text"]})
    same = {task: np.array_equal(*map(keras.ops.convert_to_numpy, (before[task], after[task])))
            for task in before}  # fmt: skip
    assert same == {"colour": True, "group": False}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tasks": ["hue"]}, "hue"),
        ({"labelled": {"hue": 3}}, "hue"),
        ({"labelled": {"colour": 4000}}, "at most 3865"),
        ({"labelled": {"colour": 0}}, "at least 1"),
        ({"scale": 0}, "scale"),
    ],
)
def test_what_does_not_exist_is_refused_by_its_name(options, says):
    with pytest.raises(ValueError, match=says):
        EmojiTasks(**options)


def test_outputs_of_other_tasks_or_rows_are_refused():
    tasks = EmojiTasks(["group"])
    for outputs in ({"hue": np.ones((955, 8))}, {"group": np.ones((3, 8))}):
        with pytest.raises(ValueError, match="'group'"):
            tasks.score(outputs, "test")
