"""Multi-head attention against Keras' own layer, and what a mask must do."""

import keras
import numpy as np
import pytest
from layer_checks import to_numpy
from tolerance import assert_close, count_steps

from mmtutorial.encoders.attention import MultiHeadAttention

pytestmark = pytest.mark.backend


@pytest.fixture
def tokens(rng):
    return [rng.normal(size=(3, steps, 8)).astype("float32") for steps in (4, 6)]


@pytest.mark.parametrize("heads", [1, 2, 4])
@pytest.mark.parametrize("masked", [False, True])
def test_it_equals_the_layer_of_keras(heads, masked, tokens, rng):
    ours = MultiHeadAttention(heads, 8 // heads)
    theirs = keras.layers.MultiHeadAttention(heads, 8 // heads, use_bias=False)
    first, second = tokens
    mask = np.arange(6) < np.array([[6], [3], [1]]) if masked else None
    expected, expected_weights = theirs(
        first,
        second,
        attention_mask=None if mask is None else mask[:, None],
        return_attention_scores=True,
    )
    ours.build(first.shape)
    *split, mix = theirs.get_weights()
    ours.set_weights([*(kernel.reshape(8, 8) for kernel in split), mix.reshape(8, 8)])
    result, weights = ours.attend(first, second, mask)
    steps = count_steps(ours, {"tokens": first, "others": second})
    assert_close(to_numpy(result), to_numpy(expected), steps=steps)
    assert_close(to_numpy(weights), to_numpy(expected_weights), steps=steps)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_what_is_masked_weighs_exactly_nothing(policy, tokens):
    first, second = tokens
    layer = MultiHeadAttention(2, 4, dtype=policy)
    mask = np.arange(6) < np.array([[6], [3], [1]])
    layer(first, second, mask)
    first, second = (keras.ops.cast(each, layer.compute_dtype) for each in tokens)
    weights = to_numpy(layer.attend(first, second, mask)[1]).astype("float32")
    assert not weights[~np.broadcast_to(mask[:, None, None], weights.shape)].any()
    assert np.isfinite(to_numpy(layer(first, second, np.zeros_like(mask)))).all()


def test_its_weights_start_as_those_of_keras(tokens):
    """The spread of the first weights decides how even the first attention is."""
    first, second = (np.tile(each, (1, 1, 8)) for each in tokens)  # 64 numbers a token
    ours, theirs = MultiHeadAttention(4, 16), keras.layers.MultiHeadAttention(4, 16, use_bias=False)
    ours(first, second)
    theirs(first, second)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert mine.size == other.size
        # 4,096 draws each: the two spreads differ by more than 10 % once in many millions
        assert abs(mine.std() / other.std() - 1) < 0.1


@pytest.mark.parametrize("heads", [0, 2.0, None])
def test_heads_are_counted(heads):
    with pytest.raises((TypeError, ValueError), match="heads must be"):
        MultiHeadAttention(heads, 4)
