"""What a training is given is looked at in every epoch, before a wrong number comes out."""

import numpy as np
import pytest

from mmtutorial.encoders import DenseEncoder
from mmtutorial.fusion import FusionClassifier
from mmtutorial.tasks import EpochData, Recipe, fit

RNG = np.random.default_rng(0)
BOTH = {name: RNG.random((8, 3), dtype="float32") for name in ("image", "text")}
LABELS = np.arange(8) % 2
RECIPE = Recipe(epochs=2, batch_size=4)


def build():
    return FusionClassifier({name: DenseEncoder(4) for name in BOTH}, "concat", 2)


def spoilt(value, row=2):
    array = BOTH["text"].copy()
    array[row] = value
    return {**BOTH, "text": array}


@pytest.mark.parametrize(
    ("drawn", "message"),
    [
        (
            (spoilt(np.nan), LABELS),
            r"inputs\['text'\] must hold finite numbers, got nan \(3 in all\)",
        ),
        ((spoilt(np.inf), LABELS), r"inputs\['text'\] must hold finite numbers, got inf"),
        ((BOTH, LABELS + 1), "targets must hold whole numbers from 0 to 1, .*got 1 to 2"),
        ((BOTH, LABELS - 1), "targets must hold whole numbers from 0 to 1, .*got -1 to 0"),
        ((BOTH, LABELS[:6]), "draw must return as many rows of inputs as targets, 6; got"),
        (({**BOTH, "text": BOTH["text"][:6]}, LABELS), "draw must return as many rows .*'text': 6"),
        (({"text": BOTH["text"]}, LABELS), r"inputs must hold .*, but lack \['image'\]"),
        (({**BOTH, "presence": np.ones((8, 3))}, LABELS), "presence must have a column for each"),
        (({**BOTH, "presence": np.full((8, 2), 0.3)}, LABELS), "presence must hold True and False"),
        (BOTH["text"], r"draw must return inputs and targets, \(inputs, targets\), got"),
    ],
)
@pytest.mark.parametrize("wrong_epoch", [0, 1])
def test_what_does_not_fit_is_refused_in_every_epoch(drawn, message, wrong_epoch):
    with pytest.raises((ValueError, TypeError), match=message):
        fit(build, lambda epoch: drawn if epoch == wrong_epoch else (BOTH, LABELS), RECIPE, seed=0)


def test_what_is_absent_may_be_anything():
    there = np.ones((8, 2), bool)
    there[2, 1] = False
    model = fit(build, lambda e: ({**spoilt(np.nan), "presence": there}, LABELS), RECIPE, seed=0)
    assert all(np.isfinite(weights).all() for weights in model.get_weights())
    there[3, 1], there[2, 1] = False, True
    with pytest.raises(ValueError, match="got nan"):
        fit(build, lambda e: ({**spoilt(np.nan), "presence": there}, LABELS), RECIPE, seed=0)


def test_what_the_model_does_not_take_is_left_alone():
    drawn = {**BOTH, "sound": [None] * 3}, LABELS
    data = EpochData(lambda epoch: drawn, batch_size=4, seed=0, modalities=["image"])
    assert list(data[0][0]) == ["image"]


def test_lists_are_arrays():
    data = EpochData(lambda epoch: (BOTH["text"].tolist(), [0, 1] * 4), batch_size=4, seed=0)
    inputs, targets = data[0]
    assert inputs.shape == (4, 3)
    assert targets.shape == (4,)
