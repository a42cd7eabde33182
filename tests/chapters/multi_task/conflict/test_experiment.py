"""Models that are compared are of one size, and get what their setting says."""

import keras
import numpy as np
import pytest

from mmtutorial import multi_task
from mmtutorial.chapters.multi_task.conflict import experiment, speech
from mmtutorial.data import load_emoji
from mmtutorial.tasks import EmojiTasks
from mmtutorial.tasks._scenes import COLOURS


@pytest.fixture(scope="module")
def task():
    return EmojiTasks(experiment.TASKS)


def size_of(task, recipe, **options):
    model = experiment.build(task, recipe, **options)
    model({name: array[:2] for name, array in task.inputs("validation").items()})
    return model.architecture.count_params()


def test_all_models_have_the_same_number_of_weights(task):
    recipe = experiment.base_recipe()
    joint = size_of(task, recipe)
    small = recipe.replace(units=experiment.APART, hidden=(experiment.APART,))
    sizes = {
        "mmoe": size_of(task, recipe, architecture="mmoe"),
        "apart": sum(size_of(EmojiTasks((name,)), small) for name in task.tasks),
    }
    for name in ("image", "text"):
        alone = EmojiTasks(experiment.TASKS, modalities=(name,))
        sizes[name] = size_of(alone, recipe)
    assert {name: round(size / joint, 2) for name, size in sizes.items()} == dict.fromkeys(sizes, 1)


def test_shuffled_words_are_those_of_other_drawings(task):
    recipe = experiment.base_recipe(epochs=1, units=4, hidden=(4,))
    models = [experiment.train(task, recipe, seed=0, shuffled=each) for each in (False, True)]
    weights = [model.get_weights()[0] for model in models]
    assert np.abs(weights[0] - weights[1]).max() > 1e-5


def test_a_weighting_is_what_its_name_says():
    assert experiment.weighting_of("equal") == "equal"
    fixed = experiment.weighting_of("fixed", {"group": 2.0, "era": 1.0})
    assert fixed.loss_weights == {"group": 2.0, "era": 1.0}
    with pytest.raises(ValueError, match="name must be one of"):
        experiment.weighting_of("equally")


def test_a_solved_task_is_added_and_not_scored(task):
    more = experiment.WithSolvedTask(task)
    assert more.tasks == sorted([*task.tasks, "solved"])
    inputs, labels = more.draw_epoch(0, seed=0)
    assert set(labels) == set(more.heads) == set(more.tasks)
    assert not labels["solved"].any()
    assert len(labels["solved"]) == len(inputs["image"])
    outputs = {name: keras.ops.zeros((955, size)) for name, size in task.heads.items()}
    assert more.score(outputs, "test") == task.score(outputs, "test")


def test_a_drawing_is_described_by_its_labels(task):
    assert experiment.COLOURS == COLOURS
    said = experiment.describe(load_emoji(size=32), task, 3005)
    assert said.splitlines()[0] == "grinning cat"
    assert said.splitlines()[1] == "noto_v1, yellow, of 2010"
    assert said.splitlines()[2:] == ["group smileys-emotion", "subgroup cat-face"]


def test_the_clock_counts_steps(task):
    recipe = experiment.base_recipe(units=4, hidden=(4,))
    assert 0 < experiment.seconds_per_step(task, recipe, epochs=2) < 5


@pytest.fixture
def lines(monkeypatch):
    """Spoken lines as few random rows, so that no clip is decoded."""
    rng = np.random.default_rng(0)
    rows = {name: rng.normal(size=(300, 6)).astype(np.float32) for name in
            ("train", "validation", "test")}  # fmt: skip
    labels = {
        name: {task: rng.integers(0, size, 300) for task, size in speech.HEADS.items()}
        for name in rows
    }
    monkeypatch.setattr(speech, "_load", lambda: (rows, labels))
    return speech.SpeechTasks()


def test_spoken_lines_train_and_are_scored(lines):
    model = speech.train(lines, speech.base_recipe(epochs=1), seed=0, aggregator="pcgrad")
    found = speech.score(model, lines, "test")
    assert set(found) == set(speech.TASKS)
    assert all(0 <= value <= 1 for value in found.values())
    assert "test" not in lines.without_test().splits
    with pytest.raises(ValueError, match="tasks must be one of"):
        speech.SpeechTasks(("words",))


def test_the_word_is_scored_by_its_ranking(lines):
    truth = lines.labels("test")
    outputs = {task: np.eye(size)[truth[task]] for task, size in speech.HEADS.items()}
    assert lines.score(outputs, "test") == dict.fromkeys(speech.TASKS, 1.0)
    nothing = {task: np.zeros((300, size)) for task, size in speech.HEADS.items()}
    scores = lines.score(nothing, "test")
    assert scores["word"] == 0.5
    assert scores["role"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("name", ["mgda", "imtl_g"])
def test_a_step_can_keep_its_direction_and_have_the_length_of_the_mean(name):
    grads = np.array([[3.0, 0.0, 1.0], [-0.6, 0.8, 0.0], [0.0, 1e-6, 0.0]], "float32")
    own = np.asarray(getattr(multi_task, name)(grads))
    found = np.asarray(experiment.with_length_of_mean(name)(grads))
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(grads.mean(axis=0)), rel=1e-4)
    assert found @ own == pytest.approx(np.linalg.norm(found) * np.linalg.norm(own), rel=1e-4)
    with pytest.raises(ValueError, match="name must be one of"):
        experiment.with_length_of_mean("sum")
