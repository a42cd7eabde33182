"""Recipes that fail and cures: words drawn once stay, and each reflex changes what it says."""

import numpy as np
import pytest

from mmtutorial.chapters.fusion.which_fusion.experiment import (
    PLAIN,
    POOR_DEFAULTS,
    ablation_task,
    build_ablation_model,
)
from mmtutorial.tasks.training import predict_log_proba


@pytest.fixture(scope="module")
def task():
    return ablation_task(PLAIN, 1)


def weights(model, task):
    predict_log_proba(model, {name: rows[:2] for name, rows in task.inputs("test", seed=0).items()})
    return model.count_params()


def test_the_plain_task_has_three_artists_and_words_drawn_once(task):
    artists = task.dataset.classes["artist"]
    drawn = {artists[number] for number in task.dataset.train.targets["artist"]}
    assert drawn == {"noto", "twemoji", "openmoji"}
    np.testing.assert_array_equal(task.words("train", seed=1), task.words("train", seed=2))
    fresh = ablation_task(PLAIN.replace(fresh=True), 1)
    assert np.mean(fresh.words("train", seed=1) != fresh.words("train", seed=2)) > 0.5
    # What is tested on does not depend on who trains.
    np.testing.assert_array_equal(
        task.dataset.test.targets["concept"],
        ablation_task(PLAIN.replace(artists=5), 1).dataset.test.targets["concept"],
    )


def test_the_hidden_layer_stands_on_the_words_alone(task):
    size = PLAIN.units * (PLAIN.units + 1)
    for method, extra in (("concat", size), ("text", size), ("image", 0)):
        plain, reflex = (
            weights(build_ablation_model(task, method, r), task) for r in (PLAIN, POOR_DEFAULTS)
        )
        assert reflex - plain == extra


def test_losses_of_the_modalities_add_a_head_each_to_the_fusion_only(task):
    head = task.classes * (PLAIN.units + 1)
    plain = weights(build_ablation_model(task, "concat", PLAIN), task)
    both = build_ablation_model(
        task, "concat", POOR_DEFAULTS.replace(deep=False, auxiliary={"image": 1.0, "text": 2})
    )
    assert weights(both, task) - plain == 2 * head
    assert both.auxiliary == {"image": 1.0, "text": 2.0}
    assert not build_ablation_model(task, "image", PLAIN.replace(auxiliary=1.0)).auxiliary


def test_the_reflex_drops_half_of_both_and_its_own_layer(task):
    model = build_ablation_model(task, "concat", POOR_DEFAULTS)
    assert model.encoders["image"].dropout == 0.5
    assert model.encoders["text"].layers[0].dropout == 0.5
    assert model.encoders["text"].layers[-1].rate == 0.5


@pytest.mark.parametrize("artists", [0, 6])
def test_there_are_one_to_five_artists(artists):
    with pytest.raises(ValueError, match=f"artists must be 1 to 5, got {artists}"):
        ablation_task(PLAIN.replace(artists=artists), 1)
