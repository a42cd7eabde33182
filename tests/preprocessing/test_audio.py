"""Resampling against closed forms; files of every kind, whole and broken; padding."""

import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.preprocessing import log_mel, pad_audio, read_audio, resample_audio

RATE = 16000


def tone(hertz, *, seconds=0.5, rate=RATE, amplitude=0.5):
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(
        np.float32
    )


def noise(samples, seed=0):
    return np.random.default_rng(seed).uniform(-0.5, 0.5, samples).astype(np.float32)


def loudest(wave, rate=RATE):
    """The frequency of the strongest bin of a whole recording, hertz."""
    return np.abs(np.fft.rfft(wave)).argmax() * rate / len(wave)


WRONG_WAVES = [
    (np.zeros((2, 100)), ValueError, r"wave must have shape \(samples,\), one channel, got \(2, 1"),
    (np.zeros(100, np.int16), TypeError, "must be floating point in -1..1, got int16"),
    (np.array([0, np.nan]), ValueError, "must hold finite numbers"),
]


@pytest.mark.parametrize(("wave", "error", "message"), WRONG_WAVES)
def test_what_is_no_wave_is_refused(wave, error, message):
    with pytest.raises(error, match=message):
        log_mel(wave, sample_rate=RATE)
    with pytest.raises(error, match=message):
        resample_audio(wave, RATE)
    with pytest.raises(error, match=message.replace("wave", r"waves\[1\]")):
        pad_audio([np.zeros(3), wave])


# --- resampling


@given(
    st.integers(0, 4000),
    st.sampled_from([8000, 11025, 22050, 44100, 48000]),
    st.sampled_from([8000, 16000, 22050]),
)
def test_resampled_length(samples, rate, to):
    assert len(resample_audio(np.zeros(samples), rate, to=to)) == -(-samples * to // rate)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
@pytest.mark.parametrize("hertz", [200, 1000, 3000])
def test_a_tone_keeps_its_pitch_and_its_loudness(rate, hertz):
    wave = resample_audio(tone(hertz, seconds=1, rate=rate), rate)
    assert loudest(wave) == pytest.approx(hertz, abs=1)
    inner = slice(1000, 15000)
    np.testing.assert_allclose(wave[inner], tone(hertz, seconds=1)[inner], atol=0.01)


@pytest.mark.parametrize("hertz", [2600, 3000, 5000, 7500])
def test_a_tone_above_the_new_limit_vanishes_where_decimation_invents_another(hertz):
    wave = tone(hertz, seconds=1)
    quiet = resample_audio(wave, RATE, to=4000)[100:-100]
    assert np.abs(quiet).max() < 0.01
    folded = wave[::4]
    assert np.abs(folded).max() > 0.3
    assert loudest(folded, 4000) == pytest.approx(abs(hertz - 4000 * round(hertz / 4000)), abs=1)


def test_there_and_back_again():
    wave = tone(700, seconds=1) + tone(1500, seconds=1) / 2
    back = resample_audio(resample_audio(wave, RATE, to=8000), 8000)
    np.testing.assert_allclose(back[500:-500], wave[500:-500], atol=0.01)


def test_the_same_rate_is_a_copy():
    wave = noise(100)
    same = resample_audio(wave, 16000)
    np.testing.assert_array_equal(same, wave)
    same[:] = 0
    assert wave.any()


# --- files


def encoded(wave, rate=RATE, **options):
    file = io.BytesIO()
    soundfile.write(file, wave, rate, **({"format": "WAV"} | options))
    return file.getvalue()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"format": "WAV"}, 1e-3),
        ({"format": "WAV", "subtype": "FLOAT"}, 0),
        ({"format": "AIFF"}, 1e-3),
        ({"format": "MP3"}, 0.1),
        ({"format": "FLAC"}, 1e-3),
        ({"format": "OGG", "subtype": "VORBIS"}, 0.1),
        ({"format": "OGG", "subtype": "OPUS"}, 0.1),
    ],
)
def test_read_what_was_written(options, error, tmp_path):
    wave = tone(440)
    content = encoded(wave, **options)
    (tmp_path / "sound").write_bytes(content)
    for source in (content, bytearray(content), tmp_path / "sound", str(tmp_path / "sound")):
        read = read_audio(source)
        assert read.dtype == np.float32
        assert len(read) == pytest.approx(len(wave), abs=400)
        inner = slice(1000, 7000)
        assert np.abs(read[inner] - wave[inner]).max() <= error


def test_read_averages_channels_and_resamples():
    both = np.stack([tone(440, rate=44100, seconds=1), np.zeros(44100)], axis=1)
    wave = read_audio(encoded(both, 44100))
    assert wave.shape == (16000,)
    np.testing.assert_allclose(wave[500:-500], tone(440, seconds=1)[500:-500] / 2, atol=0.01)
    assert len(read_audio(encoded(both, 44100), sample_rate=8000)) == 8000


def test_read_refuses_what_is_no_sound(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing"):
        read_audio(tmp_path / "nothing.wav")
    (tmp_path / "empty.wav").touch()
    with pytest.raises(ValueError, match=r"empty\.wav must be a sound file, got an empty one"):
        read_audio(tmp_path / "empty.wav")
    with pytest.raises(ValueError, match="the bytes must be a sound file"):
        read_audio(b"this is a text, not a sound")
    with pytest.raises(ValueError, match="the bytes must hold sound, got no samples"):
        read_audio(encoded(np.zeros(0)))


@pytest.mark.parametrize("options", [
    {"format": "WAV"}, {"format": "AIFF"}, {"format": "FLAC"}, {"format": "MP3"},
    {"format": "OGG", "subtype": "VORBIS"}, {"format": "OGG", "subtype": "OPUS"},
])  # fmt: skip
@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused_not_silently_shorter(options, share):
    content = encoded(noise(48000), **options)
    with pytest.raises(ValueError, match=r"breaks off early|must be a sound file"):
        read_audio(content[: int(share * len(content))])


def test_an_ogg_without_its_last_byte_or_its_last_page_is_refused():
    content = encoded(noise(48000), format="OGG", subtype="OPUS")
    for cut in (
        content[:-1],
        content[: content.rfind(b"OggS")],
        content[: content.rfind(b"OggS") + 9],
    ):
        with pytest.raises(ValueError, match="breaks off early"):
            read_audio(cut)


def test_a_wav_of_too_large_a_claim_is_refused():
    content = bytearray(encoded(noise(1000)))
    content[4:8] = struct.pack("<I", 10_000_000)
    with pytest.raises(ValueError, match="breaks off early"):
        read_audio(content)


def test_a_streamed_wav_is_read_to_its_end():
    """Who writes to a pipe does not know the sizes, and writes the largest number."""
    wave = noise(1000)
    content = bytearray(encoded(wave, subtype="FLOAT"))
    size = content.index(b"data") + 4
    content[4:8] = content[size : size + 4] = b"\xff" * 4
    np.testing.assert_array_equal(read_audio(content), wave)


def test_the_rate_is_checked_by_its_name_before_anything_is_read():
    for wrong, error in ((0, ValueError), (-8000, ValueError), (16000.0, TypeError)):
        with pytest.raises(error, match=f"sample_rate must be .*, got {wrong}"):
            read_audio("nothing.wav", sample_rate=wrong)


# --- padding


@given(st.lists(st.integers(0, 50), max_size=6), st.one_of(st.none(), st.integers(1, 60)))
def test_padding_only_cuts_and_fills(sizes, length):
    waves = [noise(size, seed=size) for size in sizes]
    padded, lengths = pad_audio(waves, length=length)
    assert padded.shape == (len(sizes), length or max(sizes, default=0))
    assert padded.dtype == np.float32
    for row, wave, kept in zip(padded, waves, lengths, strict=True):
        assert kept == min(len(wave), padded.shape[1])
        np.testing.assert_array_equal(row[:kept], wave[:kept])
        assert not row[kept:].any()


def test_padding_needs_a_length():
    with pytest.raises(ValueError, match="length must be at least 1, got 0"):
        pad_audio([np.ones(3)], length=0)
    for wrong in (2.0, True, "3"):
        with pytest.raises(TypeError, match="length must be a whole number, got"):
            pad_audio([np.ones(3)], length=wrong)
    assert pad_audio([np.ones(3)], length=np.int64(2))[0].shape == (1, 2)
