"""From a sound file to a wave: read, resample, pad.

A wave is ``(samples,)`` of floats in -1..1, one channel; a sample rate is samples per second.
"""

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import gcd
from typing import Any

import numpy as np

from mmtutorial._checks import check_array, check_whole
from mmtutorial.preprocessing._formats import read_file
from mmtutorial.preprocessing._sound_files import breaks_off, other_format, repair_stream

READABLE = ("WAV", "AIFF", "FLAC", "Ogg", "MP3")
_NAMES = ("WAV", "WAVEX", "RF64", "AIFF", "FLAC", "OGG", "MP3", "MPEG")  # libsndfile's
MAX_FRAMES_PER_BYTE = 10_000  # that a byte can stand for: a FLAC of silence has some 5,000
MAX_AMPLITUDE = 10.0  # beyond it, floats are samples that nobody has scaled, not a loud sound


def check_wave(wave: Any, name: str = "wave") -> np.ndarray:
    """Return a wave as float32; refuse what is none, and say why."""
    wave = check_array(name, wave)
    if wave.ndim != 1:
        raise ValueError(f"{name} must have shape (samples,), one channel, got {wave.shape}")
    if wave.dtype.kind != "f":
        raise TypeError(
            f"{name} must be floating point in -1..1, got {wave.dtype}; divide 16-bit samples "
            "by 32768"
        )
    if len(wave) and (peak := np.abs(wave).max()) > MAX_AMPLITUDE:
        raise ValueError(
            f"{name} must be in -1..1, got up to {peak:g}; divide 16-bit samples by 32768"
        )
    return wave.astype(np.float32, copy=False)


def check_rate(name: str, rate: Any) -> int:
    """Return a sample rate as int; refuse what is none, and say why."""
    return check_whole(name, rate, least=1)


def resample_audio(wave: np.ndarray, rate: int, *, to: int = 16000) -> np.ndarray:
    """Give a recording another sample rate, without aliasing.

    Frequencies above half the new rate are filtered out first; taking every n-th sample would fold
    them down to false ones. The filter is a polyphase Kaiser-windowed sinc of SciPy.

    Parameters
    ----------
    wave : ``(samples,)`` of floats in -1..1
    rate, to : samples per second, before and after

    Returns float32 ``(ceil(samples * to / rate),)``; between two loud samples the curve may rise
    a little above 1. Raises ``ValueError`` or ``TypeError`` for what is no wave or no rate, and for
    samples far beyond 1, which nobody has scaled.
    Paper: Crochiere and Rabiner 1981, Interpolation and Decimation of Digital Signals.

    >>> resample_audio(np.zeros(44100), 44100, to=16000).shape
    (16000,)
    """
    wave, rate, to = check_wave(wave), check_rate("rate", rate), check_rate("to", to)
    if rate == to or not len(wave):
        return wave.copy()
    from scipy.signal import resample_poly  # here, so that importing the package stays quick

    common = gcd(rate, to)
    return resample_poly(wave, to // common, rate // common).astype(np.float32)


def read_audio(
    source: str | os.PathLike | bytes | bytearray | memoryview, *, sample_rate: int = 16000
) -> np.ndarray:
    """Read a sound file as one channel at the sample rate that you want.

    Parameters
    ----------
    source : path, or the bytes of a file: WAV, AIFF, FLAC, Ogg (Vorbis, Opus), MP3
    sample_rate : samples per second to resample to

    Returns float32 ``(samples,)`` in -1..1: several channels are averaged, and what is louder, as a
    file of floats or a curve between two loud samples may be, is clipped. Raises
    ``FileNotFoundError`` for a missing file, ``TypeError`` for what is no path and no bytes, and
    ``ValueError`` for a file that is empty, no sound, in another format (its name is said), or
    breaks off early. A streamed WAV, and an MP3 without an index, do not say how long they are: of
    these one gets what there is. A streamed FLAC is refused.

    >>> import soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros(8000), 8000, format="WAV")
    >>> read_audio(file.getvalue()).shape
    (16000,)
    """
    sample_rate = check_rate("sample_rate", sample_rate)
    name, content = read_file(source, what="a sound file")
    if other := other_format(content):
        raise unreadable(name, other)
    repaired = repair_stream(content)
    with opened(name, io.BytesIO(repaired), len(repaired)) as file:
        wave, rate = file.read(dtype="float32", always_2d=True), file.samplerate
        short = len(wave) < file.frames
    if short or breaks_off(content):
        raise broken_off(name)
    if not len(wave):
        raise no_samples(name)
    wave = check_wave(wave.mean(axis=1), f"the sound of {name}")
    return np.clip(resample_audio(wave, rate, to=sample_rate), -1, 1)


def unreadable(name: str, format: str) -> ValueError:
    """Return the error for a file of sound in a format that libsndfile does not read."""
    return ValueError(
        f"{name} must be in a format that can be read ({', '.join(READABLE)}), got {format}; "
        "convert it, for example by: ffmpeg -i FILE sound.wav"
    )


def broken_off(name: str) -> ValueError:
    """Return the error for a file that ends too early."""
    return ValueError(f"{name}: the sound breaks off early; get the file again")


def no_samples(name: str) -> ValueError:
    """Return the error for a file of sound that has none."""
    return ValueError(f"{name} must hold sound, got no samples")


@contextmanager
def opened(name: str, file: str | io.BytesIO, size: int) -> Iterator[Any]:
    """Open a sound file of so many bytes; say in a sentence what is wrong with it."""
    import soundfile  # here, because it loads a C library

    try:
        with soundfile.SoundFile(file) as opened_file:
            if opened_file.format not in _NAMES:  # nothing would tell that one breaks off
                raise unreadable(name, opened_file.format)
            if opened_file.frames > MAX_FRAMES_PER_BYTE * size:  # libsndfile's "unknown", too
                raise ValueError(
                    f"{name} does not say how long it is; write it anew, for example by: "
                    "ffmpeg -i FILE sound.wav"
                )
            yield opened_file
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{name} must be a sound file ({error.error_string})") from error


def pad_audio(
    waves: Iterable[np.ndarray], *, length: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Stack recordings of unequal length: zeros at the end, and how long each really is.

    Parameters
    ----------
    waves : sequence of ``(samples,)`` of floats
    length : samples; longer recordings are cut. The longest unless told otherwise

    Returns float32 ``(batch, length)`` and the real lengths ``(batch,)`` of int. Raises
    ``ValueError`` if ``length`` is below one, ``TypeError`` if it is not whole; both for what is no
    wave.

    >>> pad_audio([np.ones(3), np.ones(1)])
    (array([[1., 1., 1.],
           [1., 0., 0.]], dtype=float32), array([3, 1]))
    """
    if isinstance(waves, (str, bytes, dict)) or not np.iterable(waves):
        raise TypeError(f"waves must be a sequence of recordings, got {waves!r}")
    waves = [check_wave(wave, f"waves[{i}]") for i, wave in enumerate(waves)]
    longest = max(map(len, waves), default=0)
    length = longest if length is None else check_whole("length", length, least=1)
    padded = np.zeros((len(waves), length), np.float32)
    for row, wave in zip(padded, waves, strict=True):
        row[: len(wave)] = wave[:length]
    return padded, np.array([min(len(wave), length) for wave in waves], dtype=int)
