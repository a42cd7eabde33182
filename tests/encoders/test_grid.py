"""A grid of tokens: each is what its part of the picture makes, wherever it stands."""

import numpy as np
import pytest
from layer_checks import LAYER_CHECKS, LayerCase, pair, to_numpy
from tolerance import assert_close, assert_differ, count_steps, make_rng

from mmtutorial.encoders import GridCNN

pytestmark = pytest.mark.backend
IMAGES = make_rng(1).random((4, 16, 32, 3), dtype="float32")
CASES = {
    "grid": LayerCase(lambda **o: GridCNN((4, 6), kernel_size=3, **o), IMAGES),
    "pooled": LayerCase(lambda **o: GridCNN((4, 6), pool=2, **o), IMAGES),
}


@pair(CASES, LAYER_CHECKS)
def test_layer(case, check):
    check(case.make, case.inputs)


@pytest.fixture
def layer(rng):
    made = GridCNN((4, 6))
    made(IMAGES)
    made.set_weights([np.abs(rng.normal(size=w.shape)) * 0.3 for w in made.weights])
    return made


def test_pooled_tokens_are_averages_of_their_neighbours(layer):
    pooled = GridCNN((4, 6), pool=2)
    pooled(IMAGES)
    pooled.set_weights(layer.get_weights())
    grid = to_numpy(layer(IMAGES)).reshape(4, 2, 2, 4, 2, 6)
    expected = grid.mean(axis=(2, 4)).reshape(4, 8, 6)
    assert_close(to_numpy(pooled(IMAGES)), expected, steps=count_steps(layer, IMAGES))


def test_tokens_stand_row_by_row_and_see_their_surroundings_alone(layer):
    """A token of two stages, 5 and 3 wide, sees 9 pixels: its own four, and its neighbours."""
    before = to_numpy(layer(IMAGES)).reshape(4, 4, 8, 6)
    changed = IMAGES.copy()
    changed[:, 9, 22] += 0.5
    after = to_numpy(layer(changed)).reshape(4, 4, 8, 6)
    seen = np.zeros((4, 8), bool)
    seen[1:4, 4:7] = True  # more than it sees, and less than all
    assert_close(after[:, ~seen], before[:, ~seen], steps=count_steps(layer, IMAGES))
    assert_differ(after[:, 2, 5], before[:, 2, 5], steps=count_steps(layer, IMAGES))


def test_a_larger_picture_has_more_tokens_of_the_same_kind(layer):
    twice = np.concatenate([IMAGES, IMAGES], axis=1)
    inner = to_numpy(layer(twice)).reshape(4, 8, 8, 6)[:, 1:3]
    expected = to_numpy(layer(IMAGES)).reshape(4, 4, 8, 6)[:, 1:3]
    assert_close(inner[:, :1], expected[:, :1], steps=count_steps(layer, twice))


def test_it_says_what_is_wrong(layer):
    with pytest.raises(ValueError, match="images must be multiples of 4 pixels wide and high"):
        layer(np.zeros((1, 18, 16, 3), "float32"))
    with pytest.raises(ValueError, match="images must be multiples of 8 pixels wide and high"):
        GridCNN((4, 6), pool=2)(np.zeros((1, 4, 16, 3), "float32"))
    with pytest.raises(ValueError, match="divide bytes by 255"):
        layer(np.zeros((1, 16, 16, 3), np.uint8))
    with pytest.raises(ValueError, match=r"images must have shape \(batch, height, width"):
        layer(np.zeros((16, 16, 3), "float32"))
    with pytest.raises(ValueError, match=r"images must have shape \(None, None, None, 3\)"):
        layer(np.zeros((1, 16, 16, 1), "float32"))
