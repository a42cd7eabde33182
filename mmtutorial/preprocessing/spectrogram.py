"""From a wave to a picture of its sound: power spectrogram, mel filters, log-mel.

Times are in seconds, frequencies and sample rates in hertz. Of silence come small numbers, never
minus infinity.
"""

import numpy as np

from mmtutorial._checks import check_number, check_whole
from mmtutorial.preprocessing.audio import check_rate, check_wave

MAX_WINDOW = 2**24  # in a window: nearly six minutes at 48 kHz
FLOOR = 1e-6  # the power that log_mel takes for silence; most recordings hum louder than that


def _frame_sizes(sample_rate, window, step):
    """Return the samples of a window and of a step, and the next power of two for the FFT."""
    sample_rate = check_rate("sample_rate", sample_rate)
    window, step = check_number("window", window, above=0), check_number("step", step, above=0)
    sizes = np.minimum([window * sample_rate, step * sample_rate], MAX_WINDOW + 1)
    width, hop = np.rint(sizes).astype(int).tolist()
    if not 2 <= width <= MAX_WINDOW or hop < 1:
        raise ValueError(
            f"window and step must last at least two samples and one, and window at most "
            f"{MAX_WINDOW}, got {window} and {step} seconds, sample_rate {sample_rate}"
        )
    return width, hop, 1 << (width - 1).bit_length()


def power_spectrogram(
    wave: np.ndarray, *, sample_rate: int, window: float = 0.025, step: float = 0.010
) -> np.ndarray:
    """Power spectrogram: the squared magnitude of the short-time Fourier transform.

    Each frame is a stretch of the wave under a Hann window, filled with zeros to the next power of
    two. A wave shorter than a window is filled to one frame, an empty one has none; at the end,
    samples that fill no whole window are left out.

    Parameters
    ----------
    wave : ``(samples,)`` of floats in -1..1
    sample_rate : samples per second
    window, step : seconds that a frame lasts, and from one frame's start to the next

    Returns float32 ``(frames, bins)``; bin k is the frequency ``k * sample_rate / fft_length``, and
    ``bins = fft_length // 2 + 1``. Raises ``ValueError`` or ``TypeError`` for what is no wave.
    Paper: Allen and Rabiner 1977, A Unified Approach to Short-Time Fourier Analysis and Synthesis.

    >>> power_spectrogram(np.zeros(16000), sample_rate=16000).shape
    (98, 257)
    """
    wave = check_wave(wave)
    width, hop, fft_length = _frame_sizes(sample_rate, window, step)
    if not len(wave):
        return np.zeros((0, fft_length // 2 + 1), np.float32)
    if len(wave) < width:
        wave = np.pad(wave, (0, width - len(wave)))
    frames = np.lib.stride_tricks.sliding_window_view(wave, width)[::hop]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(width) / width)
    spectrum = np.fft.rfft(frames * hann.astype(np.float32), n=fft_length)
    return (spectrum.real**2 + spectrum.imag**2).astype(np.float32)


def _mel(hertz):
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def mel_filters(
    *,
    sample_rate: int,
    bands: int = 64,
    fft_length: int = 512,
    low: float = 0.0,
    high: float | None = None,
) -> np.ndarray:
    """Mel filters: triangles that add up neighbouring frequencies, evenly spaced as we hear pitch.

    The scale is HTK's, mel = 2595 log10(1 + hertz / 700), and a triangle's height is 1: as in Kaldi
    and `keras.layers.MelSpectrogram`. (Slaney's variant, the default of librosa, is linear
    below 1 kHz and gives every triangle the same area; the two are not interchangeable.)

    Parameters
    ----------
    sample_rate : samples per second
    bands : number of bands
    fft_length : samples that the Fourier transform saw
    low, high : lower edge of the first band and upper edge of the last, hertz; ``high`` is half
        the sample rate unless told otherwise

    Returns float32 ``(fft_length // 2 + 1, bands)``. Raises ``ValueError`` unless 0 <= low < high
    <= sample_rate / 2, and if a band is so narrow that it falls between two bins; ``TypeError`` for
    a number of bands or samples that is not whole.
    Papers: Stevens, Volkmann and Newman 1937, A Scale for the Measurement of the Psychological
    Magnitude Pitch; Davis and Mermelstein 1980, Comparison of Parametric Representations.

    >>> mel_filters(sample_rate=16000, bands=40).shape
    (257, 40)
    """
    sample_rate = check_rate("sample_rate", sample_rate)
    bands = check_whole("bands", bands, least=1)
    fft_length = check_whole("fft_length", fft_length, least=2)
    low = check_number("low", low)
    high = sample_rate / 2 if high is None else check_number("high", high)
    if not 0 <= low < high <= sample_rate / 2:
        raise ValueError(
            f"low and high must satisfy 0 <= low < high <= {sample_rate / 2}, half the sample "
            f"rate, got {low} and {high}"
        )
    bins = _mel(np.fft.rfftfreq(fft_length, 1 / sample_rate))[:, None]
    edges = np.linspace(_mel(low), _mel(high), bands + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    filters = np.maximum(0, np.minimum(rising, falling))
    empty = np.flatnonzero(filters[1:].sum(axis=0) == 0)
    if len(empty):
        raise ValueError(
            f"bands must be fewer, or fft_length (the window) longer: {len(empty)} of {bands} "
            f"bands fall between two of the {len(bins)} bins"
        )
    return filters.astype(np.float32)


def log_mel(
    wave: np.ndarray,
    *,
    sample_rate: int,
    bands: int = 64,
    window: float = 0.025,
    step: float = 0.010,
    low: float = 0.0,
    high: float | None = None,
) -> np.ndarray:
    """Turn a recording into a picture: time to the right of it, pitch upwards, loudness as value.

    The natural logarithm of the power in each mel band; below `FLOOR` it is the floor's, about
    -13.8. Twice the amplitude adds log 4.

    Parameters
    ----------
    wave : ``(samples,)`` of floats in -1..1
    sample_rate, window, step : as in `power_spectrogram`
    bands, low, high : as in `mel_filters`

    Returns float32 ``(frames, bands)``. Papers and errors: those of the two.

    >>> log_mel(np.zeros(16000), sample_rate=16000).shape
    (98, 64)
    """
    power = power_spectrogram(wave, sample_rate=sample_rate, window=window, step=step)
    filters = mel_filters(
        sample_rate=sample_rate,
        bands=bands,
        fft_length=2 * (power.shape[1] - 1),
        low=low,
        high=high,
    )
    return np.log(np.maximum(power @ filters, np.float32(FLOOR)))
