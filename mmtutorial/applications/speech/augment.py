"""Speech that sounds a little different: faster or slower, or with parts of it hidden."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_array, check_number, check_seed, check_whole
from mmtutorial.preprocessing import resample_audio


def change_speed(wave: np.ndarray, factor: float) -> np.ndarray:
    """What if it was said faster? Play a recording at another speed, which moves its pitch, too.

    ``wave`` is ``(samples,)`` of floats in -1..1; ``factor`` from 0.5 to 2, of which hundredths
    count: at 1.1 it takes a tenth less time. Returns float32 ``(ceil(samples / factor),)``. Raises
    ``ValueError`` for another factor and for what is no wave. Paper: Ko et al. 2015, Audio
    Augmentation for Speech Recognition.

    >>> change_speed(np.zeros(16000), 1.25).shape
    (12800,)
    """
    check_number("factor", factor, least=0.5, most=2)
    return resample_audio(wave, round(100 * factor), to=100)


def spec_augment(
    spectrogram: ArrayLike,
    *,
    seed: int | Sequence[int] | np.random.Generator,
    time_masks: int = 2,
    time_width: int = 30,
    band_masks: int = 2,
    band_width: int = 12,
) -> np.ndarray:
    """Can it be read with gaps? Hide some stretches of time, and some bands, of a spectrogram.

    Each gap begins at a random place, has a random width of 0 to ``time_width`` frames (at most a
    fifth of all) or ``band_width`` bands, and gets the mean of the spectrogram.

    ``spectrogram`` is ``(frames, bands)`` of floats, without padding; ``seed`` draws. Returns a
    float32 copy of the same shape. Raises ``ValueError`` for numbers below 0. Paper: Park et al.
    2019, SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition (without
    its time warping).

    >>> hidden = spec_augment(np.eye(50), seed=0)
    >>> hidden.shape, bool((hidden != np.eye(50)).any())
    ((50, 50), True)
    """
    spectrogram = check_array("spectrogram", spectrogram).astype(np.float32)
    if spectrogram.ndim != 2 or 0 in spectrogram.shape:
        raise ValueError(f"spectrogram must be (frames, bands), got shape {spectrogram.shape}")
    frames, bands = spectrogram.shape
    check_whole("time_masks", time_masks, least=0, most=1000)
    check_whole("time_width", time_width, least=0)
    check_whole("band_masks", band_masks, least=0, most=1000)
    check_whole("band_width", band_width, least=0)
    rng, mean = check_seed("seed", seed), spectrogram.mean()
    for _ in range(time_masks):
        spectrogram[_gap(rng, min(time_width, frames // 5), frames)] = mean
    for _ in range(band_masks):
        spectrogram[:, _gap(rng, min(band_width, bands), bands)] = mean
    return spectrogram


def _gap(rng, width, size):
    """Return a random stretch of at most so many places."""
    width = rng.integers(width + 1)
    start = rng.integers(size - width + 1)
    return slice(start, start + width)
