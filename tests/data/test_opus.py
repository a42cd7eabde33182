"""Speech is packed small, whole, and into the same bytes each time."""

import io

import _opus
import numpy as np
import pytest
import soundfile

WAVE = (0.3 * np.sin(2 * np.pi * 440 * np.arange(20001) / 16000)).astype(np.float32)


def test_the_sound_comes_back():
    decoded, rate = soundfile.read(io.BytesIO(_opus.encode_opus(WAVE)), dtype="float32")
    assert rate == 16000
    assert decoded.shape == WAVE.shape
    assert np.corrcoef(decoded, WAVE)[0, 1] > 0.99


def test_equal_sound_gives_equal_bytes():
    """libsndfile alone does not: it numbers each file by the clock."""
    first, second = _opus.encode_opus(WAVE), _opus.encode_opus(WAVE)
    assert first == second
    assert first[14:18] == (1).to_bytes(4, "little")


def test_checksums_are_those_of_ogg():
    """Sealing a page that libsndfile wrote, with its own number, gives libsndfile's checksum."""
    buffer = io.BytesIO()
    soundfile.write(buffer, WAVE, 16000, format="OGG", subtype="OPUS")
    pages = list(_opus._pages(buffer.getvalue()))
    assert len(pages) >= 3
    for head, body in pages:
        blank = head[:22] + bytes(4) + head[26:] + body
        assert _opus._crc(blank).to_bytes(4, "little") == head[22:26]


@pytest.mark.parametrize("kilobits", [9, 12, 24])
def test_the_rate_is_about_what_was_asked(kilobits):
    noise = np.random.default_rng(0).normal(0, 0.1, 64000)
    spent = len(_opus.encode_opus(noise, kilobits=kilobits)) * 8 / 4 / 1000
    assert 0.8 * kilobits < spent < 1.3 * kilobits + 1


def test_read_wave_makes_one_channel_at_16_khz():
    stereo = np.stack([WAVE, np.zeros_like(WAVE)], axis=1)
    buffer = io.BytesIO()
    soundfile.write(buffer, stereo, 32000, format="WAV", subtype="FLOAT")
    wave = _opus.read_wave(buffer.getvalue())
    assert wave.shape == (10001,)
    np.testing.assert_allclose(wave[100:-100], 0.5 * WAVE[::2][100:-100], atol=2e-3)
