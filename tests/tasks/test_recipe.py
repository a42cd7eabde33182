"""A recipe that cannot be is refused when it is written, not after an hour of training."""

import pytest

from mmtutorial.chapters.fusion.attention.experiment import scene_inputs
from mmtutorial.tasks.stamps import StampRecipe
from mmtutorial.tasks.training import Recipe


@pytest.mark.parametrize("kind", [Recipe, StampRecipe])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"epochs": -1}, "epochs must be at least 0, got -1"),
        ({"dropout": "no"}, "dropout must be a number, got 'no'"),
        ({"image_dropout": 1.0}, "image_dropout must be at least 0 and below 1"),
        ({"hidden": 8}, "hidden must be a tuple of sizes"),
        ({"missing": "learned"}, "missing must be one of .*'learnt'.* got 'learned'"),
        ({"auxiliary": {"image": -1}}, r"auxiliary\['image'\] must be at least 0"),
        ({"learning_rate": float("inf")}, "learning_rate must be"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(kind, wrong, message):
    for make in (kind, kind().replace):
        with pytest.raises((TypeError, ValueError), match=message):
            make(**wrong)


def test_what_can_be_is_kept():
    recipe = StampRecipe(hidden=[8, 4], auxiliary={"image": 0.5}).replace(sound_dropout=0.25)
    assert (recipe.hidden, recipe.auxiliary, recipe.sound_dropout) == ((8, 4), {"image": 0.5}, 0.25)


def test_a_misspelt_method_gets_no_inputs():
    with pytest.raises(ValueError, match=r"method must be one of .* got 'tolld'"):
        scene_inputs("tolld", None)
