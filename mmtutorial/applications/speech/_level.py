"""How loud is the speech in a recording? Measured while it is read, so that it can be set."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

HOP = 0.1  # seconds of a frame, whose power is measured
GATE = 0.1  # of the mean power: what is ten decibels below it is a pause


@dataclass(frozen=True)
class Level:
    """How loud a recording is: of all its samples, and of those in which somebody speaks.

    ``mean`` is the mean of its samples, which should be 0; ``peak`` how far the furthest sample
    lies from it; ``speech`` the root mean square of its loud parts.
    """

    mean: float
    peak: float
    speech: float

    def bring(self, wave: np.ndarray, to: float) -> np.ndarray:
        """Return a part of the recording as loud as if its speech had the level ``to``."""
        louder = (wave - np.float32(self.mean)) * np.float32(to / max(self.speech, 1e-9))
        return np.clip(louder, -1, 1)


def measure_level(blocks: Iterable[np.ndarray], *, sample_rate: int = 16000) -> Level:
    """Measure a wave, given in blocks: how it is cut into them changes nothing.

    Loud are the frames of a tenth of a second whose power is at least a tenth of the mean power of
    all. Paper: ITU-R BS.1770 (the same gate, behind a filter).

    >>> tone = np.sin(np.arange(16000)).astype("float32")
    >>> level = measure_level([0.1 * tone, np.zeros(160000, "float32")])
    >>> round(level.peak, 3), round(level.speech, 3)
    (0.1, 0.071)
    """
    hop, rest, powers = max(1, round(HOP * sample_rate)), np.zeros(0, np.float32), []
    total, count, low, high = 0.0, 0, np.inf, -np.inf
    for block in blocks:
        if not len(block):
            continue
        total, count = total + float(block.sum(dtype=np.float64)), count + len(block)
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        wave = np.concatenate([rest, block])
        whole = len(wave) // hop * hop
        powers.append(wave[:whole].reshape(-1, hop).var(axis=1, dtype=np.float64))
        rest = wave[whole:]
    if not count:
        return Level(0.0, 0.0, 0.0)
    if len(rest) and count < hop:  # the end of a longer recording is too short to tell
        powers.append(rest.var(dtype=np.float64, keepdims=True))
    powers, mean = np.concatenate(powers), total / count
    loud = powers[powers >= GATE * powers.mean()]
    return Level(mean, max(high - mean, mean - low), float(np.sqrt(loud.mean())))


def level_wave(wave: np.ndarray, to: float, *, sample_rate: int = 16000) -> np.ndarray:
    """Return a whole recording whose speech has the level ``to``."""
    return measure_level([wave], sample_rate=sample_rate).bring(wave, to)
