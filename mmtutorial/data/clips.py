"""Lazily decoded recordings: they stay packed in an archive until one is indexed."""

import io
import os
import zipfile
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_text, check_whole
from mmtutorial._credits import remember
from mmtutorial.data._files import REPAIR
from mmtutorial.data.dataset import DataError

MAX_SAMPLES = 2**31 - 1  # in one clip: more than twelve hours at 48 kHz


class Clips:
    """A sequence of recordings in one ZIP archive; indexing an entry decodes it, nothing else does.

    Several rows choose a part: ``clips[2:5]``, ``clips[[7, 1]]`` and ``clips[mask]`` are clips
    again. ``archive`` is the ZIP's bytes, with its members stored, not compressed; ``names`` has
    the member of each row, or ``""`` where a row has no recording; ``source`` is what an error
    calls the archive. Clips can be copied and sent to another process. A kind of recording adds
    what `_decode` and `_take` do with it.
    """

    _maker: str | None = None  # whose they are, if known: a key of `mmtutorial._credits.SOURCES`

    def __init__(
        self,
        archive: bytes | bytearray | memoryview,
        names: Sequence[str],
        *,
        source: str | os.PathLike = "the archive",
    ):
        if not isinstance(archive, (bytes, bytearray, memoryview)):
            raise TypeError(f"archive must be the bytes of a ZIP, got {type(archive).__name__}")
        self._source = (
            str(source) if isinstance(source, os.PathLike) else check_text("source", source)
        )
        if not self._source:
            raise ValueError("source must name the archive, got an empty text")
        self._names = _check_names(names)
        self._content = archive
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(archive))
        except (zipfile.BadZipFile, ValueError) as error:
            raise DataError(f"{source} is damaged ({error}). To repair: {REPAIR}") from error
        if missing := set(self._names.tolist()) - {"", *self._archive.namelist()}:
            raise DataError(f"{source} lacks {min(missing)!r}. To repair: {REPAIR}")

    def __getstate__(self):
        return {key: value for key, value in vars(self).items() if key != "_archive"}

    def __setstate__(self, state):
        vars(self).update(state)
        self._archive = zipfile.ZipFile(io.BytesIO(self._content))

    def __len__(self):
        return len(self._names)

    def __iter__(self):
        return (self[row] for row in range(len(self)))

    def __getitem__(self, key):
        rows = np.arange(len(self))[key]
        if rows.ndim == 0:
            decoded = self._decode(int(rows))
            if self._maker and len(decoded):
                parts = np.atleast_2d(decoded)  # one wave, or the frames
                remember(parts, [self._maker] * len(parts))
            return decoded
        if rows.ndim > 1:
            raise TypeError(f"clips have one axis; index them by rows, got {key!r}")
        part = object.__new__(type(self))
        vars(part).update(vars(self), _names=self._names[rows])
        part._take(rows)
        return part

    def encoded(self, row: int) -> bytes:
        """Return the bytes of one row's file as it lies in the archive, ``b""`` if it is absent."""
        row = check_whole("row", row)
        if not -len(self) <= row < len(self):
            raise ValueError(f"row must be one of {len(self)} clips, got {row}")
        name = str(self._names[row])
        try:
            return self._archive.read(name) if name else b""
        except (zipfile.BadZipFile, EOFError, ValueError) as error:
            raise self._damaged(row, str(error)) from error

    def _made_by(self, source):
        """Say whose they are, and return them: each is remembered when it is decoded."""
        self._maker = source
        return self

    def _damaged(self, row, reason):
        name = f"{self._names[row]!s} in {self._source}"
        return DataError(f"{name} is damaged: {reason}. To repair: {REPAIR}")

    def _decode(self, row):
        raise NotImplementedError

    def _take(self, rows):
        """Keep the rows of what a subclass stores beside the names."""


def _check_names(names):
    """Return the members' names as an array; what is no string would be made one."""
    if isinstance(names, (str, bytes)) or not np.iterable(names):
        raise TypeError(f"names must be a sequence of strings, got {names!r}")
    names = list(names)
    if wrong := [name for name in names if not isinstance(name, str)]:
        raise TypeError(f"names must be strings, got {wrong[0]!r}")
    return np.array(names, dtype=np.str_)


class AudioClips(Clips):
    """Recordings of one channel, each decoded when you index it.

    ``clips[i]`` is a (samples,) float32 array in [-1, 1]; an absent clip has no samples.
    ``clips[rows]`` is `AudioClips`, and ``clips.encoded(i)`` are the bytes of the file (Ogg Opus).
    Beside what `Clips` takes, ``seconds`` gives each clip's length to the sample (0 where absent):
    ``clips.seconds`` then costs no decoding, and a clip that was cut short is known from a whole
    one. ``sample_rate`` is in hertz. Raises ``DataError`` for a clip that is empty, cut short,
    damaged, or of another rate or number of channels, and ``ValueError`` for seconds or a rate that
    cannot be.

    >>> import mmtutorial as mm
    >>> clips = mm.data.load_dialogues(language="cs").validation.inputs["speech"]
    >>> clips[0].dtype, clips[:3]
    (dtype('float32'), AudioClips(3 clips, 0.1 minutes at 16000 Hz))
    """

    def __init__(
        self,
        archive: bytes | bytearray | memoryview,
        names: Sequence[str],
        seconds: ArrayLike,
        *,
        sample_rate: int = 16000,
        source: str | os.PathLike = "the archive",
    ):
        super().__init__(archive, names, source=source)
        self.sample_rate = check_whole("sample_rate", sample_rate, least=1)
        seconds = check_array("seconds", seconds, kinds="iuf").astype(np.float64)
        if seconds.min(initial=0) < 0:
            raise ValueError(f"seconds must not be negative, got {seconds.min()}")
        samples = np.rint(seconds * self.sample_rate)
        if (most := samples.max(initial=0)) > MAX_SAMPLES:
            raise ValueError(
                f"seconds times sample_rate must be at most {MAX_SAMPLES} samples, got {most:g}"
            )
        self._samples = samples.astype(np.int64)
        if self._samples.shape != self._names.shape:
            lengths = f"{self._names.shape} names and {self._samples.shape} seconds"
            raise ValueError(f"every clip needs a name and its seconds, got {lengths}")
        if wrong := np.flatnonzero((self._samples > 0) != (self._names != "")).tolist():
            reason = f"row {wrong[0]} has only one (at sample_rate {self.sample_rate})"
            raise ValueError(f"a clip lasts where it has a name, but {reason}")

    @property
    def seconds(self) -> np.ndarray:
        """Return how long each clip is: (n,) float32, 0 where it is absent."""
        return (self._samples / self.sample_rate).astype(np.float32)

    def __repr__(self):
        present = np.count_nonzero(self._samples)
        absent = f", {len(self) - present:,} absent" if present < len(self) else ""
        minutes = self._samples.sum() / self.sample_rate / 60
        return (
            f"AudioClips({len(self):,} clips{absent}, {minutes:.1f} minutes "
            f"at {self.sample_rate} Hz)"
        )

    def _take(self, rows):
        self._samples = self._samples[rows]

    def _decode(self, row):
        import soundfile

        if not self._names[row]:
            return np.zeros(0, np.float32)
        try:
            wave, rate = soundfile.read(io.BytesIO(self.encoded(row)), dtype="float32")
        except soundfile.LibsndfileError as error:
            raise self._damaged(row, f"it is no sound that can be read ({error})") from error
        if rate != self.sample_rate or wave.ndim != 1:
            found = f"{1 if wave.ndim == 1 else wave.shape[1]} channel(s) at {rate} Hz"
            raise self._damaged(row, f"it has {found}, expected one at {self.sample_rate} Hz")
        if len(wave) != self._samples[row]:
            reason = f"it has {len(wave)} samples, the index says {self._samples[row]}"
            raise self._damaged(row, reason)
        return np.clip(wave, -1, 1)
