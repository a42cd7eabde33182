"""Log-mel and its parts against closed forms, SciPy, Keras and TensorFlow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tolerance import SEED, assert_close

from mmtutorial.preprocessing import log_mel, mel_filters, power_spectrogram
from mmtutorial.preprocessing.spectrogram import FLOOR

RATE = 16000
FFT = 4 * 9 + 4  # nine rounds of a butterfly for 512 samples, the window and the square


def tone(hertz, *, seconds=0.5, amplitude=0.5):
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(
        np.float32
    )


def noise(samples, seed=0):
    return np.random.default_rng([SEED, seed]).uniform(-0.5, 0.5, samples).astype(np.float32)


# --- the power spectrogram


def test_power_spectrogram_is_scipys():
    from scipy.signal import ShortTimeFFT, get_window

    wave = noise(4000)
    transform = ShortTimeFFT(get_window("hann", 400), 160, RATE, mfft=512)
    theirs = np.abs(transform.stft(wave, p0=2, p1=24).T) ** 2  # its frame p is centred at p * 160
    ours = power_spectrogram(wave[2 * 160 - 200 :], sample_rate=RATE)
    assert ours.shape == theirs.shape == (22, 257)
    assert_close(ours, theirs, steps=FFT)


def test_power_spectrogram_is_tensorflows():
    tensorflow = pytest.importorskip("tensorflow")
    wave = noise(7000)
    theirs = tensorflow.abs(tensorflow.signal.stft(wave, 400, 160, fft_length=512)) ** 2
    ours = power_spectrogram(wave, sample_rate=RATE)
    assert_close(ours, theirs.numpy(), steps=FFT)


@given(st.integers(400, 3000), st.integers(0, 20))
def test_parseval_no_power_is_lost(samples, seed):
    """The power of all frequencies of a frame is the power of its samples under the window."""
    wave = noise(samples, seed)
    power = power_spectrogram(wave, sample_rate=RATE).astype(float)
    both_sides = power.sum(axis=1) * 2 - power[:, 0] - power[:, -1]
    hann = np.hanning(401)[:-1]
    framed = [wave[i : i + 400] * hann for i in range(0, samples - 399, 160)]
    expected = np.square(framed).sum(axis=1)
    assert_close((both_sides / 512).astype(np.float32), expected, steps=FFT + 257)


@given(st.integers(0, 5000), st.sampled_from([8000, 16000, 22050, 44100]))
def test_number_of_frames_and_bins(samples, rate):
    width, hop = round(0.025 * rate), round(0.01 * rate)
    shape = power_spectrogram(np.zeros(samples), sample_rate=rate).shape
    frames = 1 + max(0, (samples - width) // hop) if samples else 0
    assert shape[0] == frames
    assert width <= 2 * (shape[1] - 1) < 2 * width


def test_a_short_wave_is_one_frame_filled_with_zeros():
    wave = noise(100)
    filled = np.pad(wave, (0, 300))
    np.testing.assert_array_equal(
        power_spectrogram(wave, sample_rate=RATE), power_spectrogram(filled, sample_rate=RATE)
    )


def test_zeros_behind_a_wave_change_none_of_its_frames():
    wave = noise(4000)
    alone = log_mel(wave, sample_rate=RATE)
    padded = log_mel(np.pad(wave, (0, 3000)), sample_rate=RATE)
    # BLAS adds 257 products in its own order; what is relative becomes absolute in a logarithm
    assert_close(padded[: len(alone)], alone, steps=FFT + 257, scale=1.0 + np.abs(alone).max())


# --- mel filters


@pytest.mark.parametrize(("bands", "low", "high"), [(64, 0, 8000), (40, 80, 7600), (23, 300, 4000)])
def test_mel_filters_are_tensorflows(bands, low, high):
    tensorflow = pytest.importorskip("tensorflow")
    theirs = tensorflow.signal.linear_to_mel_weight_matrix(bands, 257, RATE, low, high).numpy()
    theirs[0] = mel_filters(sample_rate=RATE, bands=bands, low=low, high=high)[0]  # leaves out 0 Hz
    ours = mel_filters(sample_rate=RATE, bands=bands, low=low, high=high)
    # in float32 a place on the mel scale is off by eps times up to that many triangles
    assert_close(ours, theirs, steps=64, scale=1.0 + bands)


def test_neighbouring_triangles_add_up_to_one():
    filters = mel_filters(sample_rate=RATE, bands=30, fft_length=4096)
    hertz = np.linspace(0, RATE / 2, 2049)
    peaks = hertz[filters.argmax(axis=0)]
    inside = (hertz >= peaks[0] + 4) & (hertz <= peaks[-1] - 4)
    assert_close(filters[inside].sum(axis=1), np.ones(inside.sum()), steps=30)
    assert filters.min() >= 0
    assert filters.max() <= 1


def test_bands_are_evenly_spaced_in_mel_and_1000_hertz_is_1000_mel():
    filters = mel_filters(sample_rate=RATE, bands=20, fft_length=1 << 16)
    centres = filters.argmax(axis=0) * RATE / (1 << 16)
    mel = 2595 * np.log10(1 + centres / 700)
    np.testing.assert_allclose(np.diff(mel), np.diff(mel).mean(), atol=0.5)  # a bin is 0.25 hertz
    assert 2595 * np.log10(1 + 1000 / 700) == pytest.approx(1000, abs=0.1)
    assert (np.diff(np.diff(centres)) > 0).all()  # wider and wider in hertz


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"low": -1}, r"0 <= low < high <= 8000.0"),
        ({"low": 500, "high": 400}, r"0 <= low < high"),
        ({"high": 8001}, "half the sample rate, got 0.0 and 8001"),
        ({"bands": 0}, "bands must be at least 1, got 0"),
        ({"bands": 200}, "of 200 bands fall between two of the 257 bins"),
    ],
)
def test_mel_filters_say_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        mel_filters(sample_rate=RATE, **options)


# --- log-mel


def test_log_mel_is_that_of_keras():
    keras = pytest.importorskip("keras")
    wave = noise(8000)
    layer = keras.layers.MelSpectrogram(
        fft_length=512, sequence_stride=160, sequence_length=400, sampling_rate=RATE,
        num_mel_bins=64, min_freq=20, max_freq=7600, power_to_db=False, mag_exp=2.0,
    )  # fmt: skip
    theirs = keras.ops.convert_to_numpy(layer(wave[None]))[0].T
    # Keras centres its frames on a wave mirrored at its ends; 512 samples hold each window of 400.
    centred = np.pad(wave, 256, mode="reflect")[56:-56]
    ours = np.exp(log_mel(centred, sample_rate=RATE, low=20, high=7600))
    assert ours.shape == theirs.shape
    # the rounded filters of above: a part of 1e-4 of a triangle, and the low ones hold one bin each
    np.testing.assert_allclose(ours, theirs, rtol=5e-3, atol=1e-4)


@pytest.mark.parametrize("hertz", [150, 440, 1000, 3000, 6500])
def test_a_tone_lights_up_the_band_that_holds_it(hertz):
    picture = log_mel(tone(hertz), sample_rate=RATE)
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 66) / 2595) - 1)
    band = picture.mean(axis=0).argmax()
    assert edges[band] < hertz < edges[band + 2]
    far = np.abs(np.arange(64) - band) > 12
    assert (picture[:, band].min() - picture[:, far].max()) > 6


def test_a_band_of_a_tone_has_the_power_of_the_closed_form():
    """A tone on a bin: amplitude a gives (a * width / 4)^2 there, through a Hann window."""
    hertz = 64 * RATE / 512
    power = power_spectrogram(tone(hertz, amplitude=0.8), sample_rate=RATE)
    np.testing.assert_allclose(power[:, 64], (0.8 * 400 / 4) ** 2, rtol=1e-3)


def test_silence_is_the_floor_and_is_finite():
    picture = log_mel(np.zeros(8000, np.float32), sample_rate=RATE)
    assert_close(picture, np.full(picture.shape, np.log(FLOOR)), steps=4)
    assert picture.dtype == np.float32


@given(st.floats(0.1, 10))
def test_a_louder_wave_is_the_same_picture_and_a_constant(factor):
    wave = noise(2000)
    difference = log_mel(factor * wave, sample_rate=RATE) - log_mel(wave, sample_rate=RATE)
    np.testing.assert_allclose(difference, 2 * np.log(factor), atol=1e-3)


def test_a_wave_and_its_negative_sound_the_same():
    wave = noise(3000)
    np.testing.assert_array_equal(log_mel(wave, sample_rate=RATE), log_mel(-wave, sample_rate=RATE))


def test_the_type_of_the_wave_does_not_matter():
    wave = noise(3000)
    same = log_mel(wave.astype(float), sample_rate=RATE)
    np.testing.assert_array_equal(same, log_mel(wave, sample_rate=RATE))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sample_rate": 0}, ValueError, "sample_rate must be at least 1"),
        ({"sample_rate": 16000.0}, TypeError, "sample_rate must be a whole number"),
        ({"sample_rate": 16000, "step": 0}, ValueError, "step must be above 0, got 0"),
        ({"sample_rate": 16000, "step": 1e-5}, ValueError, "window and step must last"),
        ({"sample_rate": 16000, "window": 1e300}, ValueError, "window at most 16777216, got 1e"),
        ({"sample_rate": 2**70}, ValueError, f"0.01 seconds, sample_rate {2**70}"),
        ({"sample_rate": 16000, "window": 1e-5}, ValueError, "window and step must last"),
    ],
)
def test_wrong_rates_and_windows_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        power_spectrogram(np.zeros(1000), **options)


@pytest.mark.parametrize("fft_length", [511, 512])
def test_a_pure_bin_falls_where_its_frequency_lies(fft_length):
    """Bin k is k * rate / fft_length hertz, also where the length is odd: there is no last half."""
    low, high, bands = 100.0, 7000.0, 20
    filters = mel_filters(sample_rate=16000, bands=bands, fft_length=fft_length, low=low, high=high)
    assert filters.shape == (fft_length // 2 + 1, bands)
    edges = np.linspace(*(2595 * np.log10(1 + np.array([low, high]) / 700)), bands + 2)
    for number, row in enumerate(filters):
        mel = 2595 * np.log10(1 + number * 16000 / fft_length / 700)
        expected = [np.interp(mel, edges[band : band + 3], [0, 1, 0]) for band in range(bands)]
        assert_close(row, expected, steps=4, scale=1.0)


@pytest.mark.parametrize("wrong", [64.0, True, "64"])
def test_bands_and_samples_are_counted_in_whole_numbers(wrong):
    for name in ("bands", "fft_length"):
        with pytest.raises(TypeError, match=f"{name} must be a whole number, got {wrong!r}"):
            mel_filters(sample_rate=16000, **{name: wrong})
    with pytest.raises(TypeError, match="bands must be a whole number"):
        log_mel(np.zeros(800), sample_rate=16000, bands=wrong)


@pytest.mark.parametrize("option", ["window", "step"])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_window_and_a_step_are_finite(option, wrong):
    for function in (log_mel, power_spectrogram):
        with pytest.raises(ValueError, match=rf"{option} must be above 0.*, got {wrong}"):
            function(np.zeros(800), sample_rate=16000, **{option: wrong})


@pytest.mark.parametrize("option", ["window", "step", "low", "high"])
@pytest.mark.parametrize("wrong", ["1", True, [0.1], None])
def test_seconds_and_hertz_are_numbers(option, wrong):
    if option == "high" and wrong is None:  # half the sample rate
        return
    with pytest.raises(TypeError, match=f"{option} must be a number, got"):
        log_mel(np.zeros(800), sample_rate=16000, **{option: wrong})
