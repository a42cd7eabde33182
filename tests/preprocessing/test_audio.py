"""Resampling against closed forms; files of every kind, whole and broken; padding."""

import io
import os
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
    (np.full(800, 1e39), ValueError, "wave must be in -1..1, got up to 1e[+]39"),  # inf in float32
    (np.full(800, 12000.0), ValueError, "got up to 12000; divide 16-bit samples by 32768"),
    (np.zeros(9, bool), TypeError, "must be floating point in -1..1, got bool"),
    (np.zeros(9, complex), TypeError, "wave must hold numbers, got complex128"),
    (["a", "b"], TypeError, "wave must hold numbers, got"),
    ([[0.0], [0.0, 1.0]], ValueError, "wave must be one array: its rows differ"),
    (None, TypeError, "wave must hold numbers, got object"),
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
    with pytest.raises(ValueError, match=r"empty\.wav must be a sound file, got an empty file"):
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
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", 2002)
    with pytest.raises(ValueError, match="breaks off early"):
        read_audio(content)


@pytest.mark.parametrize("options", [{"format": "WAV"}, {"format": "RF64"}, {"format": "AIFF"},
                                     {"format": "WAV", "endian": "BIG"}])  # fmt: skip
@pytest.mark.parametrize("samples", [1000, 1001])
def test_the_size_of_the_sound_decides_not_that_of_the_file(options, samples):
    """Of 8-bit samples an odd number is followed by a byte that fills up, if the writer cares."""
    subtype = "PCM_S8" if options["format"] == "AIFF" else "PCM_U8"
    wave = noise(samples)
    content = bytearray(encoded(wave, subtype=subtype, **options))
    big = content[:4] in (b"FORM", b"RIFX")
    at = content.index(b"SSND" if content[:4] == b"FORM" else b"data") + 8
    end = at + int.from_bytes(content[at - 4 : at], "big" if big else "little")
    if content[:4] == b"RF64":
        end = at + samples
    assert len(content) - end in (0, 1)
    expected = read_audio(bytes(content))
    assert len(expected) - samples in (0, 1)  # libsndfile makes the number even in an AIFF
    notes = b"LIST" + struct.pack(">I" if big else "<I", 100) + b"broken off"
    for size in (len(content), len(content) - 2, 10_000_000, 2**32 - 1):
        for ending in (content[end:], b"", content[end:] + notes, bytes(64)):
            file = content[:end] + ending
            if content[:4] != b"RF64":
                file[4:8] = size.to_bytes(4, "big" if big else "little")
            np.testing.assert_array_equal(read_audio(file), expected)
    with pytest.raises(ValueError, match="breaks off early"):
        read_audio(content[: end - 1])


def test_the_sound_is_found_behind_notes_of_odd_size():
    content = encoded(noise(1000))
    at = content.index(b"data")
    content = content[:at] + b"note" + struct.pack("<I", 3) + b"abc\0" + content[at:]
    assert len(read_audio(content)) == 1000
    with pytest.raises(ValueError, match="breaks off early"):
        read_audio(content[:-2])


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 2**31 - 1, 2**32 - 37, 2**32 - 1])
def test_a_streamed_wav_is_read_to_its_end(size):
    """Who writes to a pipe does not know the sizes, and writes the largest number, or 0."""
    wave = noise(1000)
    content = bytearray(encoded(wave, subtype="FLOAT"))
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = size.to_bytes(4, "little")
    np.testing.assert_array_equal(read_audio(content), wave)


@pytest.mark.parametrize("total", [0, 2**36 - 1])
def test_a_flac_that_does_not_say_how_long_it_is(total):
    content = bytearray(encoded(noise(1000), format="FLAC"))
    known = int.from_bytes(content[18:26], "big")
    content[18:26] = ((known >> 36 << 36) + total).to_bytes(8, "big")  # 36 bits; 0 is "unknown"
    with pytest.raises(ValueError, match=r"does not say how long it is; write it anew, .*ffmpeg"):
        read_audio(content)


def test_a_long_silence_in_a_short_flac_is_read():
    assert len(read_audio(encoded(np.zeros(3_000_000), format="FLAC"))) == 3_000_000


@pytest.mark.parametrize("format", ["W64", "AU", "CAF", "VOC", "NIST"])
def test_formats_whose_end_nobody_checks_are_refused(format):
    with pytest.raises(ValueError, match=rf"can be read \(WAV, .*\), got {format}; convert it"):
        read_audio(encoded(noise(100), format=format))


@pytest.mark.parametrize(("begin", "named"), [
    (b"\0\0\0\x20ftypM4A ", "MP4 or M4A"), (b"\0\0\0\x18ftypmp42", "MP4 or M4A"),
    (b"\0\0\0\x18ftyp3gp4", "3GP"), (b"#!AMR\n", "AMR"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"),
    (b"\x1a\x45\xdf\xa3", "WebM"), (b"\xff\xf1\x50\x80", "AAC"), (b"RIFF\0\0\0\0AVI LIST", "AVI"),
])  # fmt: skip
def test_what_phones_and_browsers_write_is_named_with_the_way_out(begin, named, tmp_path):
    (tmp_path / "memo.m4a").write_bytes(begin + bytes(1000))
    with pytest.raises(ValueError, match=rf"memo\.m4a must .* got {named}.*; convert it, .*ffmpeg"):
        read_audio(tmp_path / "memo.m4a")


@pytest.mark.parametrize("wrong", [1, 0, True, None, 2.5, ["a.wav"], io.BytesIO(b""), np.zeros(4)])
def test_what_is_no_source_is_refused_and_no_stream_is_closed(wrong):
    with pytest.raises(TypeError, match="source must be a path or the bytes of a file, got"):
        read_audio(wrong)
    os.fstat(1)  # raises where standard output is closed


# --- the range


def test_what_is_louder_than_one_is_clipped():
    wave = np.array([0, 0.5, -0.5, 3.0, -3.0, 1.0], np.float32)
    read = read_audio(encoded(wave, subtype="FLOAT"))
    np.testing.assert_array_equal(read, [0, 0.5, -0.5, 1, -1, 1])


@pytest.mark.parametrize("rate", [8000, 44100])
def test_a_curve_between_loud_samples_stays_within_one(rate):
    square = np.sign(np.sin(np.arange(rate) / 7)).astype(np.float32)
    assert np.abs(resample_audio(square, rate)).max() > 1.01
    assert np.abs(read_audio(encoded(square, rate))).max() == 1


def test_samples_that_nobody_has_scaled_are_refused():
    wave = np.array([0, 20000, -3], np.float32)
    with pytest.raises(
        ValueError, match=r"the sound of the bytes must be in -1\.\.1, got up to 20000"
    ):
        read_audio(encoded(wave, subtype="FLOAT"))
    with pytest.raises(ValueError, match="the sound of the bytes must hold finite numbers"):
        read_audio(encoded(wave * np.float32(np.nan), subtype="FLOAT"))


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


@pytest.mark.parametrize("wrong", [None, 3, "ab", {0: np.ones(3)}])
def test_recordings_come_in_a_sequence(wrong):
    with pytest.raises(TypeError, match="waves must be a sequence of recordings, got"):
        pad_audio(wrong)
