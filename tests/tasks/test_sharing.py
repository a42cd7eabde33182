"""The plainest model for several tasks has the sizes of its recipe, and learns its tasks."""

import keras
import numpy as np

from mmtutorial.tasks import Recipe
from mmtutorial.tasks._sharing import build_hard_sharing

RECIPE = Recipe(units=6, hidden=(5,), dropout=0.0, learning_rate=0.02)


def test_sizes_and_rate_are_those_of_the_recipe():
    keras.utils.set_random_seed(0)
    model = build_hard_sharing(["image", "speech"], {"one": 2, "two": 3}, RECIPE, seed=0)
    rng = np.random.default_rng(0)
    inputs = {name: rng.normal(size=(64, 4)).astype(np.float32) for name in ("image", "speech")}
    labels = {"one": (inputs["image"][:, 0] > 0).astype(int), "two": rng.integers(0, 3, 64)}
    losses = model.fit(inputs, labels, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]
    assert float(model.optimizer.learning_rate) == np.float32(0.02)
    outputs = model(inputs, training=False)
    assert {name: each.shape for name, each in outputs.items()} == {"one": (64, 2), "two": (64, 3)}
    encoders, shared, heads = 2 * (4 + 1) * 6, (6 + 1) * 5, (5 + 1) * (2 + 3)
    assert model.architecture.count_params() == encoders + shared + heads
