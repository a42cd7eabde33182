"""From a sound file to a wave: read, resample, pad.

A wave is ``(samples,)`` of floats in -1..1, one channel; a sample rate is samples a second.
"""

import io
from math import gcd

import numpy as np

from mmtutorial._checks import check_whole


def check_wave(wave, name="wave"):
    """Return a wave as float32; refuse what is none, and say why."""
    wave = np.asarray(wave)
    if wave.ndim != 1:
        raise ValueError(f"{name} must have shape (samples,), one channel, got {wave.shape}")
    if not np.issubdtype(wave.dtype, np.floating):
        raise TypeError(
            f"{name} must be floating point in -1..1, got {wave.dtype}; divide 16-bit samples "
            "by 32768"
        )
    if not np.isfinite(wave).all():
        raise ValueError(f"{name} must hold finite numbers, got NaN or infinity")
    return wave.astype(np.float32, copy=False)


def check_rate(name, rate):
    """Return a sample rate as int; refuse what is none, and say why."""
    check_whole(name, rate, least=1)
    return int(rate)


def resample_audio(wave, rate, *, to=16000):
    """Give a recording another sample rate, without aliasing.

    Frequencies above half the new rate are filtered out first; taking every n-th sample would fold
    them down to false ones. The filter is a polyphase Kaiser-windowed sinc of SciPy.

    Parameters
    ----------
    wave : ``(samples,)`` of floats
    rate, to : samples a second, before and after

    Returns float32 ``(ceil(samples * to / rate),)``. Raises ``ValueError`` or ``TypeError`` for
    what is no wave or no rate.
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


def read_audio(source, *, sample_rate=16000):
    """Read a sound file as one channel at the sample rate that you want.

    Parameters
    ----------
    source : path, or the bytes of a file: WAV, AIFF, FLAC, Ogg (Vorbis, Opus), MP3
    sample_rate : samples a second to resample to

    Returns float32 ``(samples,)`` in -1..1; several channels are averaged. Raises
    ``FileNotFoundError`` for a missing file, and ``ValueError`` for one that is empty, no sound, or
    breaks off early. A streamed WAV, and an MP3 without an index, do not say how long they are:
    of these one gets what there is.

    >>> import soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros(8000), 8000, format="WAV")
    >>> read_audio(file.getvalue()).shape
    (16000,)
    """
    import soundfile  # here, because it loads a C library

    sample_rate = check_rate("sample_rate", sample_rate)
    name = "the bytes" if isinstance(source, (bytes, bytearray, memoryview)) else f"{source}"
    if name == "the bytes":
        content = bytes(source)
    else:
        with open(source, "rb") as file:
            content = file.read()
    if not content:
        raise ValueError(f"{name} must be a sound file, got an empty one")
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            wave, rate = file.read(dtype="float32", always_2d=True), file.samplerate
            short = len(wave) < file.frames
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{name} must be a sound file ({error.error_string})") from error
    if short or _breaks_off(content):
        raise ValueError(f"{name}: the sound breaks off early; get the file again")
    if not len(wave):
        raise ValueError(f"{name} must hold sound, got no samples")
    return resample_audio(wave.mean(axis=1), rate, to=sample_rate)


def _breaks_off(content):
    """Whether a WAV or AIFF is shorter than its header says, or an Ogg lacks its last page."""
    if content.startswith(b"RIFF"):
        size = int.from_bytes(content[4:8], "little")
        return size < 2**32 - 1 and len(content) < 8 + size  # the largest number means a stream
    if content.startswith(b"FORM"):
        return len(content) < 8 + int.from_bytes(content[4:8], "big")
    if content.startswith(b"OggS"):
        page = content[content.rfind(b"OggS") :]  # byte 5: flags, 4 is "the last page"; then sizes
        pieces = page[27 : 27 + page[26]] if len(page) > 26 else b""
        return len(page) < 28 or len(page) < 27 + len(pieces) + sum(pieces) or not page[5] & 4
    return False


def pad_audio(waves, *, length=None):
    """Stack recordings of unequal length: zeros at the end, and how long each really is.

    Parameters
    ----------
    waves : sequence of ``(samples,)`` of floats
    length : samples; longer recordings are cut. The longest unless told otherwise

    Returns float32 ``(batch, length)`` and the real lengths ``(batch,)`` of int. Raises
    ``ValueError`` if ``length`` is below one, ``TypeError`` if it is not whole.

    >>> pad_audio([np.ones(3), np.ones(1)])
    (array([[1., 1., 1.],
           [1., 0., 0.]], dtype=float32), array([3, 1]))
    """
    waves = [check_wave(wave, f"waves[{i}]") for i, wave in enumerate(waves)]
    longest = max(map(len, waves), default=0)
    if length is not None:
        check_whole("length", length, least=1)
    length = longest if length is None else length
    padded = np.zeros((len(waves), length), np.float32)
    for row, wave in zip(padded, waves, strict=True):
        row[: len(wave)] = wave[:length]
    return padded, np.array([min(len(wave), length) for wave in waves], dtype=int)
