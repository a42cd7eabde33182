"""Fixed-size features of a recording: statistics of its log-mel bands, by segment or over all."""

from collections.abc import Sequence

import numpy as np

from mmtutorial._checks import check_like, check_number, check_whole
from mmtutorial.preprocessing.spectrogram import log_mel


def log_mel_statistics(
    clips: Sequence[np.ndarray], *, bands: int = 64, quietest: float | None = None
) -> np.ndarray:
    """Describe each clip by mean and standard deviation over time of its log-mel bands.

    ``clips`` is an `AudioClips` or any sequence of waves with ``sample_rate``; ``quietest`` keeps
    that share of the frames, those of least power, None all. What is said is lost: the order of
    the frames does not count. Returns ``(clips, 2 * bands)``, 0 for an absent clip.

    >>> import mmtutorial as mm
    >>> clips = mm.data.load_stamps().test.inputs["sound"][:3]
    >>> log_mel_statistics(clips, bands=8).shape
    (3, 16)
    """
    check_like("clips", clips, "AudioClips, or a sequence of waves", "sample_rate", "__len__")
    check_whole("bands", bands, least=1)
    if quietest is not None:
        check_number("quietest", quietest, above=0, most=1)
    rows = np.zeros((len(clips), 2 * bands))
    for row, wave in zip(rows, clips, strict=True):
        if len(wave):
            frames = log_mel(wave, sample_rate=clips.sample_rate, bands=bands)
            if quietest is not None:
                power = frames.mean(axis=1)
                frames = frames[power <= np.quantile(power, quietest)]
            row[:] = np.concatenate([frames.mean(axis=0), frames.std(axis=0)])
    return rows


def log_mel_segments(
    clips: Sequence[np.ndarray], *, parts: int = 20, bands: int = 64
) -> np.ndarray:
    """Cut each clip into parts of one length, and describe each by its mean log-mel bands.

    ``clips`` as in `log_mel_statistics`. Unlike there the order of what is said is kept. Returns
    ``(clips, parts, bands)``, 0 for an absent clip; in a clip of fewer frames some serve twice.

    >>> import mmtutorial as mm
    >>> clips = mm.data.load_stamps().test.inputs["sound"][:3]
    >>> log_mel_segments(clips, parts=5, bands=8).shape
    (3, 5, 8)
    """
    check_like("clips", clips, "AudioClips, or a sequence of waves", "sample_rate", "__len__")
    for name, count in (("parts", parts), ("bands", bands)):
        check_whole(name, count, least=1)
    rows = np.zeros((len(clips), parts, bands))
    for row, wave in zip(rows, clips, strict=True):
        if len(wave):
            frames = log_mel(wave, sample_rate=clips.sample_rate, bands=bands)
            starts = np.arange(parts) * len(frames) // parts
            lengths = np.maximum(np.diff(starts, append=len(frames)), 1)
            row[:] = np.add.reduceat(frames, starts) / lengths[:, None]
    return rows
