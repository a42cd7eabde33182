import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_checks import LAYER_CHECKS, check_padded_steps, to_numpy, until
from tolerance import SEED, assert_close, assert_differ, count_steps, make_rng

from mmtutorial.encoders import AudioConvRNN, AudioSeparableRNN

pytestmark = pytest.mark.backend

RNG = make_rng()
SOUNDS = RNG.normal(-3, 2, size=(3, 9, 6)).astype("float32")
SOUNDS[1, 5:] = 0
SOUNDS[2, 1:] = 0
LENGTHS = np.array([9, 5, 1])
SMALL = {"filters": (3, 4), "kernel_size": 3}
LAYERS = {
    "vector": lambda **k: AudioConvRNN(8, **SMALL, dropout=0.1, **k),
    "sequence": lambda **k: AudioConvRNN(8, **SMALL, time_strides=(2, 1), sequence=True, **k),
    "blocks": lambda **k: AudioSeparableRNN(8, width=5, blocks=2, **SMALL, dropout=0.1, **k),
    "blocks of a sequence": lambda **k: AudioSeparableRNN(
        8, width=5, blocks=2, block_kernel=3, **SMALL, sequence=True, **k
    ),
}


@pytest.mark.parametrize("check", LAYER_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", LAYERS)
def test_layer(check, name):
    check(LAYERS[name], SOUNDS)


# --- written out


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_in_numpy(steps, kernel, recurrent, bias):
    """Return the state after every step, ``(time, units)``."""
    state, states = np.zeros(len(recurrent)), []
    for step in steps:
        of_input = np.split(step @ kernel + bias[0], 3)
        of_state = np.split(state @ recurrent + bias[1], 3)
        keep, reset = (sigmoid(of_input[i] + of_state[i]) for i in (0, 1))
        state = keep * state + (1 - keep) * np.tanh(of_input[2] + reset * of_state[2])
        states.append(state)
    return np.array(states)


def convolve_in_numpy(maps, kernel, stride):
    """Slide windows over ``(time, bands, channels)``; beyond the border is nothing but 0."""
    size = len(kernel)
    padded = np.pad(maps, [(size // 2,) * 2] * 2 + [(0, 0)])
    out = np.zeros((-(-len(maps) // stride), -(-maps.shape[1] // 2), kernel.shape[-1]))
    for time, band in np.ndindex(*out.shape[:2]):
        window = padded[time * stride :, band * 2 :][:size, :size]
        out[time, band] = np.einsum("tbc,tbcf->f", window, kernel)
    return out


def blocks_in_numpy(steps, layer):
    """Look over time, mix and add, ``(time, width)``; beyond both ends is nothing but 0."""

    def dense(x, of):
        return x @ to_numpy(of.kernel) + to_numpy(of.bias)

    def norm(x, of):
        centred = x - x.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt(x.var(axis=1, keepdims=True) + 1e-3)
        return scaled * to_numpy(of.gamma) + to_numpy(of.beta)

    steps = dense(steps, layer.project)
    for block in layer.blocks:
        kernel = to_numpy(block.look.kernel)[..., 0]
        padded = np.pad(norm(steps, block.norm), [(len(kernel) // 2,) * 2, (0, 0)])
        windows = [padded[i : i + len(kernel)] for i in range(len(steps))]
        seen = np.sum(windows * kernel, axis=1) + to_numpy(block.look.bias)
        hidden = dense(seen, block.expand)
        steps = steps + dense(hidden * sigmoid(hidden), block.shrink)
    return norm(steps, layer.last_norm)


@pytest.mark.parametrize("name", LAYERS)
def test_sound_is_encoded_as_its_formulas_say(name, rng):
    """Standardise, convolve twice, read both ways: in NumPy, over the real frames alone."""
    layer = LAYERS[name]()
    layer(SOUNDS)
    for weight in layer.weights:
        if "variance" in weight.path:
            weight.assign(rng.uniform(5, 15, size=weight.shape))
        elif "seed" not in weight.path:  # small, or all states would be saturated and alike
            weight.assign(rng.normal(0, 0.4, size=weight.shape))
    result = to_numpy(layer(SOUNDS))
    assert 0.05 < np.abs(result[0]).mean() < 0.8

    def norm(x, layer):
        centred = (x - to_numpy(layer.moving_mean)) / np.sqrt(
            to_numpy(layer.moving_variance) + 1e-3
        )
        scaled = [to_numpy(w) for w in (layer.gamma, layer.beta) if w is not None]
        return centred * scaled[0] + scaled[1] if scaled else centred

    for row, sound, length in zip(result, SOUNDS, LENGTHS, strict=True):
        maps = norm(sound[:length], layer.standardise)[..., None]
        stages = zip(layer.convolutions, layer.norms, layer.time_strides, strict=True)
        for convolution, batch_norm, stride in stages:
            maps = convolve_in_numpy(maps, to_numpy(convolution.kernel), stride)
            maps = np.maximum(norm(maps, batch_norm), 0)
        steps = maps.reshape(len(maps), -1)
        if name.startswith("blocks"):
            steps = blocks_in_numpy(steps, layer)
        assert len(steps) == layer.output_length(length)
        forth = gru_in_numpy(steps, *map(to_numpy, layer.rnn.forward_layer.weights))
        back = gru_in_numpy(steps[::-1], *map(to_numpy, layer.rnn.backward_layer.weights))[::-1]
        if name in ("vector", "blocks"):
            expected = np.concatenate([forth[-1], back[0]])
        else:
            expected = np.zeros((layer.output_length(9), 8))
            expected[: len(steps)] = np.concatenate([forth, back], axis=1)
        assert_close(row, expected, steps=count_steps(layer, SOUNDS))


def test_audio_layer_has_the_weights_of_its_recipe():
    layer = AudioConvRNN(8, filters=(3, 4), kernel_size=5)
    layer.build((None, None, 10))
    convolutions = 5 * 5 * 3 + 2 * 3 + 5 * 5 * 3 * 4 + 2 * 4
    steps = 3 * 4  # 10 bands, then 5, then 3, of 4 filters each
    rnn = 2 * 3 * (steps + 4 + 2) * 4
    assert sum(int(np.prod(w.shape)) for w in layer.trainable_weights) == convolutions + rnn
    statistics = [w for w in layer.non_trainable_weights if "moving" in w.path]
    assert sum(int(np.prod(w.shape)) for w in statistics) == 2 * (10 + 3 + 4)


@pytest.mark.parametrize("strides", [(2, 2), (1, 1), (2, 1), (3, 2)])
def test_output_length_is_that_of_what_comes_out(strides):
    layer = AudioConvRNN(2, filters=(1, 1), kernel_size=3, time_strides=strides, sequence=True)
    lengths = np.arange(1, 14)
    for length in lengths:
        sound = np.ones((1, length, 4), "float32")
        assert to_numpy(layer(sound)).shape[1] == layer.output_length(int(length))
    sounds = until(lengths, 13)[:, :, None] * np.ones(4, "float32")
    real = to_numpy(layer.compute_mask(keras.ops.convert_to_tensor(sounds)))
    np.testing.assert_array_equal(real.sum(axis=1), layer.output_length(lengths))
    assert layer.output_length(0) == 0
    assert layer.compute_output_shape((None, None, 4)) == (None, None, 2)


# --- padding


@pytest.fixture(scope="module", params=["vector", "sequence", "blocks"])
def settled(request):
    """A layer whose batch normalisation has seen data, so that padding would show behind it."""
    keras.utils.set_random_seed(SEED)
    layer = LAYERS[request.param]()
    for _ in range(20):
        layer(SOUNDS, training=True)
    for norm in layer.norms:
        norm.beta.assign(np.ones(norm.beta.shape))
    return layer


@settings(max_examples=12)
@given(
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=3),
    padding=st.integers(0, 5),
    garbage=st.sampled_from([0.0, 1.0, -1e30, np.inf, np.nan]),
)
def test_padded_frames_never_matter_if_the_mask_says_so(settled, lengths, padding, garbage):
    sounds = np.resize(SOUNDS[:1], (len(lengths), 9, 6))
    check_padded_steps(settled, sounds, lengths, padding, garbage, settled.output_length)


def test_frames_of_zeros_are_padding_without_a_mask(settled):
    """So is what a Masking layer in front says, or a mask by hand."""
    expected = to_numpy(settled(SOUNDS, training=False))
    by_hand = to_numpy(settled(SOUNDS, mask=until(LENGTHS, 9), training=False))
    np.testing.assert_array_equal(by_hand, expected)
    marked = keras.layers.Masking(mask_value=7.0)(np.where(SOUNDS == 0, np.float32(7), SOUNDS))
    np.testing.assert_array_equal(to_numpy(settled(marked, training=False)), expected)
    heard = to_numpy(settled(SOUNDS, mask=np.ones((3, 9), bool), training=False))
    # zeros that are said to be real
    assert_differ(heard[1], expected[1], steps=count_steps(settled, SOUNDS))


def test_padding_does_not_matter_in_training_either():
    """Batch normalisation counts real frames alone, so even its statistics stay the same."""
    layers = [AudioConvRNN(8, **SMALL) for _ in range(2)]
    longer = np.pad(SOUNDS, ((0, 0), (0, 11), (0, 0)))
    for layer in layers:
        layer.build((None, None, 6))
    layers[1].set_weights(layers[0].get_weights())
    results = [
        to_numpy(layer(sounds, training=True))
        for layer, sounds in zip(layers, (SOUNDS, longer), strict=True)
    ]
    assert_close(*results, steps=count_steps(layers[0], longer))
    before, after = ([to_numpy(w) for w in layer.weights] for layer in layers)
    for short, long in zip(before, after, strict=True):
        assert_close(short, long, steps=count_steps(layers[0], longer))
    real = SOUNDS[SOUNDS.any(axis=-1)]
    mean = to_numpy(layers[0].standardise.moving_mean)
    assert_close(mean, 0.1 * real.mean(axis=0), steps=count_steps(layers[0], SOUNDS))


def test_sequence_tells_the_layers_behind_which_steps_are_real():
    entrances = {
        "sound": keras.Input((None, 6), name="sound"),
        "mask": keras.Input((None,), dtype="bool", name="mask"),
    }
    steps = LAYERS["sequence"]()(entrances["sound"], mask=entrances["mask"])
    model = keras.Model(entrances, keras.layers.GlobalAveragePooling1D()(steps))
    inputs = {"sound": SOUNDS, "mask": until(LENGTHS, 9)}
    longer = {
        "sound": np.pad(SOUNDS, ((0, 0), (0, 8), (0, 0)), constant_values=np.nan),
        "mask": until(LENGTHS, 17),
    }
    expected = to_numpy(model(inputs, training=False))
    assert expected.std() > 1e-3
    assert_close(
        to_numpy(model(longer, training=False)), expected, steps=count_steps(model, longer)
    )


# --- learning, and what it refuses


def tones(rng, count):
    """Return tones that rise, and the same ones backwards: each band is as loud in both."""
    place = np.arange(12)[None, :, None] * rng.uniform(0.5, 0.9, (count, 1, 1)) + 1
    rising = -3 * np.abs(np.arange(12) - place) + rng.normal(0, 0.3, (count, 12, 12)) - 5
    rising = rising.astype("float32")
    sounds = np.concatenate([rising, rising[:, ::-1]])
    return np.pad(sounds, ((0, 0), (0, 4), (0, 0))), np.repeat([1.0, 0.0], count)


def test_tones_that_rise_and_fall_have_one_average(rng):
    mean = tones(rng, 80)[0].mean(axis=1)
    assert_close(mean[:80], mean[80:], steps=2 * 16)


def test_audio_layer_learns_whether_a_tone_rises(rng):
    """The average over time is the same for both answers, so it could not tell."""
    sounds, answers = tones(rng, 80)
    model = keras.Sequential([AudioConvRNN(8, **SMALL), keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss, jit_compile=False)
    model.fit(sounds, answers, epochs=8, verbose=0)
    sounds, answers = tones(rng, 50)
    votes = to_numpy(model(sounds, training=False))[:, 0] > 0
    assert np.mean(votes == answers) > 0.95


def test_dropout_acts_in_training_alone():
    layer = AudioConvRNN(64, **SMALL, dropout=0.5)
    calm = [to_numpy(layer(SOUNDS, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*calm)
    wild = [to_numpy(layer(SOUNDS, training=True)) for _ in range(2)]
    assert np.abs(wild[0] - wild[1]).max() > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 7}, "units must be even, half for each direction, got 7"),
        ({"units": 0}, "units must be at least 2, got 0"),
        ({"kernel_size": 4}, "kernel_size must be odd, got 4"),
        ({"filters": ()}, "filters must hold at least 1 numbers"),
        ({"filters": (8,)}, r"one number for every convolution; got \(8,\) and \(2, 2\)"),
        ({"time_strides": (2, 0)}, r"time_strides\[1\] must be at least 1, got 0"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
    ],
)
@pytest.mark.parametrize("encoder", [AudioConvRNN, AudioSeparableRNN])
def test_audio_layer_says_which_option_is_wrong(encoder, options, message):
    with pytest.raises(ValueError, match=message):
        encoder(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width must be at least 1, got 0"),
        ({"blocks": -1}, "blocks must be at least 0, got -1"),
        ({"block_kernel": 4}, "block_kernel must be odd, got 4"),
    ],
)
def test_blocks_say_which_option_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        AudioSeparableRNN(**options)


def test_audio_layer_says_which_input_is_wrong():
    layer = AudioConvRNN(8, **SMALL)
    with pytest.raises(ValueError, match=r"spectrograms must have shape \(batch, frames, bands\)"):
        layer(SOUNDS[0])
    layer(SOUNDS)
    with pytest.raises(ValueError, match=r"spectrograms must have shape \(batch, frames, 6\)"):
        layer(SOUNDS[:, :, :5])
    with pytest.raises(ValueError, match=r"spectrograms must have shape \(batch, frames, 6\)"):
        layer(SOUNDS[0])
    for wrong in (np.ones((3, 8), bool), np.ones((2, 9), bool), np.ones((3, 9, 6), bool)):
        with pytest.raises(ValueError, match=r"mask must have shape \(batch, frames\) = \(3, 9\)"):
            layer(SOUNDS, mask=wrong)
