import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_checks import LAYER_CHECKS, check_padded_steps, to_numpy, until
from tolerance import SEED, assert_close, assert_differ, count_steps, make_rng

from mmtutorial.encoders import ImageCNN, VideoEncoder

pytestmark = pytest.mark.backend

RNG = make_rng()
CLIPS = RNG.random((3, 5, 8, 8, 3), dtype="float32")
CNN = {"filters": (4, 6), "units": 7}


def make(temporal, **options):
    return VideoEncoder(8, frame_encoder=ImageCNN(**CNN), temporal=temporal, **options)


LAYERS = {
    "average": lambda **k: make("average", **k),
    "gru": lambda **k: make("gru", **k),
    "conv": lambda **k: make("conv", dropout=0.1, **k),
    "tokens": lambda **k: make("gru", sequence=True, **k),
}


@pytest.mark.parametrize("check", LAYER_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", LAYERS)
def test_layer(check, name):
    check(LAYERS[name], CLIPS)


@pytest.fixture(scope="module", params=["average", "gru", "conv"])
def temporal(request):
    return request.param


@pytest.fixture(scope="module")
def pair(temporal):
    """The same encoder twice: of one vector a clip, and of one a frame.

    Its batch normalisation has seen data and its biases are not 0, so that padding would show.
    """
    keras.utils.set_random_seed(SEED)
    vector, tokens = make(temporal), make(temporal, sequence=True)
    for _ in range(20):
        vector(CLIPS, training=True)
    for weight in vector.trainable_weights:
        if "bias" in weight.path or "beta" in weight.path:
            weight.assign(np.full(weight.shape, 0.5))
    tokens.build((None, *CLIPS.shape[1:]))
    tokens.set_weights(vector.get_weights())
    return vector, tokens


# --- written out


def test_clip_is_encoded_as_its_formulas_say(pair, temporal):
    vector, tokens = pair
    frames = np.stack([to_numpy(vector.frame_encoder(clip, training=False)) for clip in CLIPS])
    weights = [to_numpy(weight) for weight in vector.temporal_layer.weights]
    if temporal == "gru":
        again = keras.layers.GRU(8)
        again.build(frames.shape)
        again.set_weights(weights)
        expected = to_numpy(again(frames))
        last = to_numpy(tokens(CLIPS, training=False))[:, -1]
        assert_close(last, expected, steps=count_steps(tokens, CLIPS))
    else:
        kernel, bias = weights
        if temporal == "average":
            each = frames @ kernel
        else:  # each frame sees the one before and the one after
            around = np.pad(frames, ((0, 0), (1, 1), (0, 0)))
            each = sum(around[:, i : i + 5] @ kernel[i] for i in range(3))
        each = np.maximum(each + bias, 0)
        expected = each.mean(axis=1)
        assert_close(
            to_numpy(tokens(CLIPS, training=False)), each, steps=count_steps(tokens, CLIPS)
        )
    assert_close(
        to_numpy(vector(CLIPS, training=False)), expected, steps=count_steps(vector, CLIPS)
    )


def test_video_layer_has_the_weights_of_its_recipe(temporal):
    layer = make(temporal)
    layer.build((None, 5, 8, 8, 3))
    cnn = ImageCNN(**CNN)
    cnn.build((None, 8, 8, 3))
    over_time = {"average": 7 * 8 + 8, "conv": 3 * 7 * 8 + 8, "gru": 3 * (7 + 8 + 2) * 8}
    assert layer.count_params() == cnn.count_params() + over_time[temporal]
    plain = VideoEncoder(8)
    assert isinstance(plain.frame_encoder, ImageCNN)
    assert plain.frame_encoder.units == 8


# --- padding and order


@settings(max_examples=12)
@given(
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=3),
    padding=st.integers(0, 4),
    garbage=st.sampled_from([0.0, 1.0, -1e30, np.inf, np.nan]),
)
def test_padded_frames_never_matter(pair, lengths, padding, garbage):
    for layer in pair:
        check_padded_steps(layer, CLIPS[: len(lengths)], lengths, padding, garbage)


def test_what_stands_in_padded_frames_does_not_matter_in_training_either(temporal):
    """Batch normalisation counts them as black, not as the garbage that they hold."""
    mask = until([5, 3, 1], 5)[:, :, None, None, None]
    results = []
    for garbage in (0.0, np.nan):
        keras.utils.set_random_seed(SEED)
        layer = make(temporal)
        clips = np.where(mask, CLIPS, np.float32(garbage))
        results.append(to_numpy(layer(clips, mask=mask[:, :, 0, 0, 0], training=True)))
    assert np.isfinite(results[1]).all()
    assert_close(*results, steps=count_steps(layer, CLIPS))


def test_black_is_a_picture(pair):
    """Without a mask every frame counts, even one of zeros."""
    vector, _ = pair
    clips = np.concatenate([CLIPS, np.zeros_like(CLIPS)], axis=1)
    seen = to_numpy(vector(clips, training=False))
    hidden = to_numpy(vector(clips, mask=until([5] * 3, 10), training=False))
    assert_differ(seen, hidden, steps=count_steps(vector, clips))


@given(order=st.permutations(range(5)))
@settings(max_examples=12)
def test_order_matters_but_to_the_average(pair, temporal, order):
    vector, _ = pair
    turned = to_numpy(vector(CLIPS[:, order], training=False))
    expected, steps = to_numpy(vector(CLIPS, training=False)), count_steps(vector, CLIPS)
    if temporal == "average" or order == sorted(order):
        assert_close(turned, expected, steps=steps)
    elif temporal == "gru" or (order[0], order[-1]) != (0, 4):
        # where its ReLU cuts nothing off, the average of a convolution hangs on both ends alone
        assert_differ(turned, expected, steps=steps)


def test_sequence_tells_the_layers_behind_which_frames_are_real(pair):
    _, tokens = pair
    lengths = np.array([5, 3, 1])
    result = keras.layers.GlobalAveragePooling1D()(
        tokens(CLIPS, mask=until(lengths, 5), training=False)
    )
    for row, clip, length in zip(to_numpy(result), CLIPS, lengths, strict=True):
        alone = to_numpy(tokens(clip[None, :length], training=False))[0]
        assert_close(row, alone.mean(axis=0), steps=count_steps(tokens, CLIPS))


# --- learning, and what it refuses


def walks(rng, count):
    """Return clips of a bright square that walks to the right, and the same ones backwards."""
    clips = rng.normal(0.2, 0.05, (count, 5, 12, 12, 1))
    for clip, top, left in zip(clips, *rng.integers(0, (8, 3), (count, 2)).T, strict=True):
        for step, frame in enumerate(clip):
            frame[top : top + 4, left + step : left + step + 4] += 0.7
    clips = clips.astype("float32")
    return np.concatenate([clips, clips[:, ::-1]]), np.repeat([1.0, 0.0], count)


def test_the_average_cannot_tell_a_clip_from_its_reverse(rng):
    clips, _ = walks(rng, 100)
    average = make("average")
    forth, back = (to_numpy(average(half)) for half in np.split(clips, 2))
    assert_close(forth, back, steps=count_steps(average, clips))


@pytest.mark.parametrize("temporal", ["gru", "conv"])
def test_video_layer_learns_which_way_something_moves(temporal, rng):
    """A clip and its reverse have the same frames, so that their average could not tell."""
    clips, answers = walks(rng, 100)
    frames = keras.Sequential([keras.layers.AveragePooling2D(2), keras.layers.Flatten()])
    encoder = VideoEncoder(16, frame_encoder=frames, temporal=temporal)
    model = keras.Sequential([encoder, keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    model.fit(clips, answers, epochs=15, verbose=0)
    clips, answers = walks(rng, 50)
    votes = to_numpy(model(clips, training=False))[:, 0] > 0
    assert np.mean(votes == answers) > 0.95


def test_dropout_acts_in_training_alone():
    layer = make("average", dropout=0.5)
    layer.frame_encoder.trainable = False  # else its batch normalisation changes, too
    calm = [to_numpy(layer(CLIPS, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*calm)
    wild = [to_numpy(layer(CLIPS, training=True)) for _ in range(2)]
    assert np.abs(wild[0] - wild[1]).max() > 0
    calm = make("average")
    calm.frame_encoder.trainable = False
    assert_close(
        to_numpy(calm(CLIPS, training=True)),
        to_numpy(calm(CLIPS, training=False)),
        steps=count_steps(calm, CLIPS),
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 0}, "units must be at least 1, got 0"),
        ({"temporal": "lstm"}, r"temporal must be one of .*'gru', 'conv'.*got 'lstm'"),
        ({"dropout": -0.1}, "dropout must be at least 0 and below 1"),
    ],
)
def test_video_layer_says_which_option_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        VideoEncoder(**options)


def test_video_layer_says_which_input_is_wrong():
    layer = make("average")
    shape = r"clips must have shape \(batch, frames, height, width, channels\)"
    with pytest.raises(ValueError, match=shape):
        layer(CLIPS[0])
    layer(CLIPS)
    with pytest.raises(ValueError, match=shape):
        layer(CLIPS[0])
    with pytest.raises(ValueError, match=r"must hold floats in 0\.\.1, got .*uint8.*divide bytes"):
        layer((CLIPS * 255).astype("uint8"))
    for wrong in (np.ones((3, 4), bool), np.ones((3, 5, 1), bool)):
        with pytest.raises(ValueError, match=r"mask must have shape \(batch, frames\) = \(3, 5\)"):
            layer(CLIPS, mask=wrong)
    maps = VideoEncoder(8, frame_encoder=keras.layers.MaxPooling2D())
    with pytest.raises(ValueError, match=r"frame_encoder must give \(batch, dim\), got \(None, 4"):
        maps(CLIPS)
