"""Cut a recording of any length where nobody speaks, while it is read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

HOP = 0.010  # seconds of a frame, whose level is measured
PAUSE = 0.3  # seconds; what is shorter belongs to the sentence
REMEMBERED = 30.0  # seconds from which one knows how loud noise and speech are
QUIETEST = -60.0  # decibels; below it, all is quiet
RANGE = 40.0  # decibels below speech at which noise is looked for, at most
SHARE = 0.35  # of the way from noise to speech: below is quiet
LEAST = 5  # frames of sound in a stretch that is not silent


@dataclass(frozen=True, eq=False)
class Stretch:
    """A part of a recording: its first sample, its wave, and whether nobody speaks in it."""

    start: int
    wave: np.ndarray
    silent: bool


def cut_at_pauses(
    blocks: Iterable[np.ndarray], *, sample_rate: int = 16000, longest: float = 6.0
) -> Iterator[Stretch]:
    """Cut a wave, given in blocks, into stretches of at most ``longest`` seconds.

    Together they are the wave. What is not longer stays whole. A frame is quiet if its level is
    nearer to that of the noise around it than to that of the speech. A stretch ends in a pause if
    there is one, else where it is quietest in its second half; of a long pause, what is not beside
    speech is a silent stretch. How the wave is cut into blocks changes nothing.
    """
    cutter = _Cutter(max(1, round(HOP * sample_rate)), int(longest / HOP + 1e-6))
    for block in blocks:
        cutter.add(block)
        while cutter.enough:
            yield cutter.take()
    cutter.end()
    while len(cutter.wave):
        yield cutter.take(whole=not cutter.start and len(cutter.levels) <= cutter.longest)


class _Cutter:
    """What is read and not yet cut: a wave, and the level of each of its frames, decibels."""

    def __init__(self, hop: int, longest: int):
        self.hop, self.longest, self.pause = hop, longest, round(PAUSE / HOP)
        self.start = 0
        self.wave, self.rest = np.zeros(0, np.float32), np.zeros(0, np.float32)
        self.levels = self.heard = np.zeros(0)

    @property
    def enough(self) -> bool:
        """Whether the end of the next stretch is to be seen."""
        return len(self.levels) >= self.longest + self.pause

    def add(self, block: np.ndarray) -> None:
        """Append what was read, in whole frames; what is left waits."""
        wave = np.concatenate([self.rest, block])
        whole = len(wave) // self.hop * self.hop
        self._append(wave[:whole])
        self.rest = wave[whole:]

    def end(self) -> None:
        """Take what fills no frame as the last one."""
        if len(self.rest):
            self._append(self.rest)

    def _append(self, wave):
        frames = np.pad(wave, (0, -len(wave) % self.hop)).reshape(-1, self.hop)
        power = np.square(frames.astype(float)).mean(axis=1)
        self.levels = np.concatenate([self.levels, 10 * np.log10(power + 1e-10)])
        self.wave = np.concatenate([self.wave, wave])

    def take(self, *, whole: bool = False) -> Stretch:
        """Return the next stretch, or all that there is, and forget it."""
        levels = self.levels[: self.longest + self.pause]
        quiet = levels < self._threshold(levels)
        count = len(quiet) if whole else self._find_end(levels, quiet)
        silent = np.count_nonzero(~quiet[:count]) < LEAST
        found = Stretch(self.start, self.wave[: count * self.hop].copy(), bool(silent))
        kept = round(REMEMBERED / HOP)
        self.heard = np.concatenate([self.heard, levels[:count]])[-kept:]
        self.levels, self.wave = self.levels[count:], self.wave[count * self.hop :]
        self.start += len(found.wave)
        return found

    def _threshold(self, levels):
        """Return the level below which a frame is quiet, by what was and will be heard."""
        noise, speech = np.quantile(np.concatenate([self.heard, levels]), [0.1, 0.95])
        noise = max(noise, speech - RANGE)
        return max(noise + SHARE * (speech - noise), QUIETEST)

    def _find_end(self, levels, quiet):
        """Return of how many frames the next stretch is."""
        beside = self.pause // 2  # frames of a pause that stay with the speech
        loud = np.flatnonzero(~quiet)
        if not len(loud):
            return min(len(quiet), self.longest)
        if loud[0] >= self.pause:  # it begins with a pause
            return min(int(loud[0]) - beside, self.longest)
        for before, after in zip(loud, [*loud[1:], len(quiet)], strict=True):
            if after - before > self.pause and before + 1 + beside <= self.longest:
                return int(before) + 1 + beside
        if len(quiet) <= self.longest:
            return len(quiet)
        half = self.longest // 2
        around = np.convolve(levels[: self.longest + 5], np.ones(11) / 11, "same")
        return half + int(around[half : self.longest].argmin())
