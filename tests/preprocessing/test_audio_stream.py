"""A file block by block is the file at once; what is held does not grow with its length."""

import io
import tracemalloc

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.preprocessing import AudioStream, read_audio

RNG = np.random.default_rng(0)


def encoded(wave, rate=16000, **options):
    file = io.BytesIO()
    soundfile.write(file, wave, rate, **({"format": "WAV"} | options))
    return file.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {"format": "WAV"},
        {"format": "AIFF"},
        {"format": "FLAC"},
        {"format": "MP3"},
        {"format": "OGG", "subtype": "VORBIS"},
        {"format": "OGG", "subtype": "OPUS"},
    ],
    ids=lambda options: options.get("subtype", options["format"]),
)
@pytest.mark.parametrize("kind", ["path", "bytes"])
def test_the_blocks_are_what_is_read_at_once(options, kind, tmp_path):
    content = encoded(RNG.uniform(-0.9, 0.9, (3 * 24000, 2)), 24000, **options)
    (tmp_path / "sound").write_bytes(content)
    stream = AudioStream(tmp_path / "sound" if kind == "path" else content, block=0.7)
    blocks = list(stream)
    assert len(blocks) >= 4
    assert {block.dtype for block in blocks} == {np.dtype("float32")}
    np.testing.assert_allclose(np.concatenate(blocks), read_audio(content), atol=1e-5)
    assert stream.seconds == pytest.approx(3, abs=0.1)
    assert sum(map(len, stream)) == sum(map(len, blocks)), "one can iterate twice"


@given(
    st.integers(1, 3000),
    st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000, 15999]),
    st.sampled_from([8000, 16000]),
    st.integers(1, 700),
)
def test_every_rate_and_size_of_block_gives_the_same_wave(samples, rate, to, block):
    content = encoded(RNG.uniform(-0.5, 0.5, samples), rate)
    stream = AudioStream(content, sample_rate=to, block=block / rate)
    whole = read_audio(content, sample_rate=to)
    np.testing.assert_allclose(np.concatenate(list(stream)), whole, atol=1e-5)


def test_ten_minutes_need_the_memory_of_a_block(tmp_path):
    path, minute = tmp_path / "long.flac", RNG.uniform(-0.5, 0.5, 60 * 22050)
    with soundfile.SoundFile(path, "w", 22050, 1, format="FLAC") as file:
        for _ in range(10):
            file.write(minute)
    peaks = []
    for stream in (AudioStream(encoded(minute, 22050)), AudioStream(path)):
        tracemalloc.start()
        samples = sum(map(len, stream))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert samples == 600 * 16000
    assert peaks[1] < 1.5 * peaks[0]


def test_what_is_no_whole_sound_is_refused_before_the_first_block(tmp_path):
    path, whole = tmp_path / "sound.wav", encoded(np.zeros(9000))
    with pytest.raises(FileNotFoundError, match="sound"):
        AudioStream(path)
    with pytest.raises(IsADirectoryError):
        AudioStream(tmp_path)
    for content, message in (
        (b"", r"sound\.wav must be a sound file, got an empty file"),
        (b"this is a text, not a sound", r"sound\.wav must be a sound file"),
        (b"\x1a\x45\xdf\xa3" + bytes(90), "got WebM or Matroska; convert it"),
        (whole[:-100], "the sound breaks off early"),
        (encoded(np.zeros(0)), "must hold sound, got no samples"),
        (encoded(np.zeros(9), 2_000_000), "at most 768000 samples per second, got 2000000"),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            AudioStream(path)
    with pytest.raises(TypeError, match="source must be a path or the bytes of a file, got 3"):
        AudioStream(3)


def test_a_wav_from_a_pipe_is_read_to_its_end(tmp_path):
    content = bytearray(encoded(RNG.uniform(-0.5, 0.5, 9000)))
    content[4:8] = content[40:44] = b"\0" * 4
    (tmp_path / "pipe.wav").write_bytes(content)
    assert sum(map(len, AudioStream(tmp_path / "pipe.wav"))) == 9000


def test_a_flac_that_is_damaged_inside_is_refused_while_it_is_read(tmp_path):
    content = bytearray(encoded(RNG.uniform(-0.5, 0.5, 90_000), format="FLAC"))
    del content[len(content) // 2 :]
    with pytest.raises(ValueError, match="the bytes"):
        list(AudioStream(bytes(content)))
