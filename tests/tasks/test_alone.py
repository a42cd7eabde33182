"""One encoder, trained alone: it learns, it repeats, and it is scored on what it never saw."""

import keras
import numpy as np
import pytest

from mmtutorial.tasks.alone import train_alone

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(400, 3)).astype("float32")
SIDES = (POINTS[:, 0] > 0).astype(int)


def train(*, seed=0, epochs=4, new=None, encoder=lambda: [], draw=lambda epoch: POINTS, **options):
    options = {"batch_size": 20, "learning_rate": 0.05} | options
    return train_alone(
        encoder, draw, SIDES, classes=2, epochs=epochs, seed=seed, new=new, **options
    )


def test_it_learns_what_a_line_can_separate():
    model, curves = train(new=(POINTS[:100], SIDES[:100]))
    logits = model.predict(POINTS, verbose=0)
    assert logits.shape == (400, 2)
    assert np.mean(logits.argmax(axis=1) == SIDES) > 0.95
    assert curves["new"][-1] > 0.95
    assert curves["training"][-1] > curves["training"][0]


def test_new_rows_are_scored_against_their_own_targets():
    _, curves = train(new=(POINTS, 1 - SIDES))
    assert curves["new"][-1] < 0.05


def test_the_seed_is_set_before_the_encoder_is_made():
    def encoder():
        return keras.layers.Dense(4)  # draws its first weights from Keras's own generator

    first, second, other = (train(seed=seed, epochs=1, encoder=encoder)[0] for seed in (1, 1, 2))
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        assert np.array_equal(a, b)
    assert not np.allclose(first.get_weights()[0], other.get_weights()[0])


def test_every_epoch_draws_its_inputs():
    asked = []

    def draw(epoch):
        asked.append(epoch)
        return POINTS

    _, curves = train(epochs=3, draw=draw)
    assert asked == [0, 1, 2]
    assert len(curves["training"]) == 3
    assert curves["new"] == []


def test_the_learning_rate_comes_to_rest():
    model, _ = train(epochs=2)
    rate = model.optimizer.learning_rate
    assert float(keras.ops.convert_to_numpy(rate)) < 1e-6


def test_a_batch_larger_than_the_data_is_refused():
    with pytest.raises(ValueError, match="batch_size must be at most 400, the training rows"):
        train(batch_size=401)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"new": (POINTS * np.nan, SIDES)}, "new must hold finite numbers, got nan"),
        ({"new": (POINTS, SIDES + 6)}, "new must hold whole numbers from 0 to 1, .*got 6 to 7"),
        ({"new": (POINTS, SIDES[:3])}, "new must be inputs and as many targets"),
        ({"draw": lambda epoch: POINTS * np.nan}, "inputs must hold finite numbers, got nan"),
        ({"draw": lambda epoch: POINTS[:6]}, "draw must return as many rows .*400; got .* 6"),
    ],
)
def test_an_accuracy_of_nan_or_of_other_classes_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        train(epochs=1, **options)
