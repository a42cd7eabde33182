"""A sound file of any length, block by block: what is held does not grow with it."""

import io
import os
from collections.abc import Iterator
from math import gcd
from mmap import ACCESS_READ, mmap
from pathlib import Path

import numpy as np

from mmtutorial._checks import check_number
from mmtutorial.preprocessing._formats import read_file
from mmtutorial.preprocessing._sound_files import breaks_off, other_format, repair_stream
from mmtutorial.preprocessing.audio import (
    broken_off,
    check_rate,
    check_wave,
    no_samples,
    opened,
    unreadable,
)

MAX_RATE = 768_000  # samples per second; what says it has more is no recording
MAX_BLOCK = 2**20  # samples of a channel that are decoded at once


class AudioStream:
    """Can I read an hour of sound without holding all of it? One channel, block by block.

    Iterating opens the file and gives float32 ``(samples,)`` in -1..1, about ``block`` seconds
    each: together what `read_audio` returns at once. One can iterate several times. ``seconds`` is
    how long the file says it is.

    Parameters
    ----------
    source : path, or the bytes of a file: WAV, AIFF, FLAC, Ogg (Vorbis, Opus), MP3
    sample_rate : samples per second to resample to
    block : seconds at once; what is held at a time grows with it

    Raises the errors of `read_audio`: all but a break-off inside of a FLAC or MP3 before the first
    block. Paper: Crochiere and Rabiner 1981, Interpolation and Decimation of Digital Signals.

    >>> import soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros(8000 * 60), 8000, format="WAV")
    >>> stream = AudioStream(file.getvalue())
    >>> stream.seconds, sum(len(block) for block in stream)
    (60.0, 960000)
    """

    def __init__(
        self,
        source: str | os.PathLike | bytes | bytearray | memoryview,
        *,
        sample_rate: int = 16000,
        block: float = 10.0,
    ):
        self.sample_rate = check_rate("sample_rate", sample_rate)
        self.block = check_number("block", block, above=0, most=600)
        self._name, self._source, self._size = _look_at(source)
        with opened(self._name, self._file(), self._size) as file:
            if not file.frames:
                raise no_samples(self._name)
            if file.samplerate > MAX_RATE:
                raise ValueError(
                    f"{self._name} must have at most {MAX_RATE} samples per second, got "
                    f"{file.samplerate}: is it damaged?"
                )
            self.seconds = file.frames / file.samplerate

    def _file(self):
        return io.BytesIO(self._source) if isinstance(self._source, bytes) else self._source

    def __iter__(self) -> Iterator[np.ndarray]:
        with opened(self._name, self._file(), self._size) as file:
            resampler = _Resampler(file.samplerate, self.sample_rate)
            count = min(max(1, round(self.block * file.samplerate)), MAX_BLOCK)
            missing = file.frames
            while len(part := file.read(count, dtype="float32", always_2d=True)):
                missing -= len(part)
                wave = check_wave(part.mean(axis=1), f"the sound of {self._name}")
                if len(resampled := resampler.add(wave)):
                    yield np.clip(resampled, -1, 1)
            if missing > 0:
                raise broken_off(self._name)
            if len(resampled := resampler.finish()):
                yield np.clip(resampled, -1, 1)


def _look_at(source):
    """Return name, path or bytes, and size of a sound file that is whole, as far as it tells."""
    if isinstance(source, (str, os.PathLike)) and (path := Path(source)).is_file():
        if not path.stat().st_size:
            read_file(source, what="a sound file")  # which says so
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            found = _check_bytes(str(source), content)
            return str(source), str(path) if found is content else found, len(content)
    name, content = read_file(source, what="a sound file")
    return name, _check_bytes(name, content), len(content)


def _check_bytes(name, content):
    """Return the bytes of a sound file, repaired where they must be to be read."""
    if other := other_format(content):
        raise unreadable(name, other)
    if breaks_off(content):
        raise broken_off(name)
    return repair_stream(content)


class _Resampler:
    """Resamples block by block as SciPy would resample the whole.

    The filter reaches some samples to both sides: so many are kept of what is done, and so many
    wait for what follows. Both are multiples of ``down``, so that each block begins on a sample.
    """

    def __init__(self, rate: int, to: int):
        self.up, self.down = to // gcd(rate, to), rate // gcd(rate, to)
        reach = 10 * max(self.up, self.down) // self.up + 1  # of SciPy's filter
        self.margin = -(-reach // self.down) * self.down
        self.held, self.done = np.zeros(0, np.float32), 0

    def add(self, wave: np.ndarray) -> np.ndarray:
        """Return what follows of the resampled wave."""
        if self.up == self.down:
            return wave
        self.held = np.concatenate([self.held, wave])
        ready = (len(self.held) - self.done - self.margin) // self.down * self.down
        if ready <= 0:
            return self.held[:0]
        end = self.done + ready
        found = self._resample(self.held[: end + self.margin], ready * self.up // self.down)
        kept = min(self.margin, end)
        self.held, self.done = self.held[end - kept :].copy(), kept
        return found

    def finish(self) -> np.ndarray:
        """Return the end of the resampled wave."""
        return self._resample(self.held) if len(self.held) > self.done else self.held[:0]

    def _resample(self, wave, count=None):
        from scipy.signal import resample_poly  # here, so that importing the package stays quick

        start = self.done * self.up // self.down
        end = None if count is None else start + count
        return resample_poly(wave, self.up, self.down)[start:end].astype(np.float32)
