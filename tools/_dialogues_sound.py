"""Cut the silence around a recording, and measure what is left."""

import numpy as np

RATE = 16000
FRAME = RATE // 100
QUIET = 40
KEPT = 0.15
PITCH = (RATE // 450, RATE // 65)


def loudness(wave):
    """Return the power of each 10 ms in decibels below a full-scale square wave: (frames,)."""
    frames = wave[: len(wave) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    return 10 * np.log10((frames**2).mean(axis=1) + 1e-10)


def trim(wave):
    """Cut what is 40 dB below the speech off both ends, but for 0.15 s; no silence within.

    A recording of nothing comes back empty.
    """
    power = loudness(wave)
    if not len(power) or not np.any(wave):
        return wave[:0]
    loud = np.flatnonzero(power > np.percentile(power, 95) - QUIET)
    margin = int(KEPT * RATE)
    return wave[max(0, loud[0] * FRAME - margin) : (loud[-1] + 1) * FRAME + margin]


def measure(wave):
    """Describe a trimmed wave: ``speech`` in seconds, ``decibels`` of level, and so on."""
    power = loudness(wave)
    top = np.percentile(power, 95)
    loud = np.flatnonzero(power > top - QUIET)
    inside = power[loud[0] : loud[-1] + 1]
    return {
        "speech": len(inside) / 100,
        "decibels": float(top),
        "silent": float((inside < top - 30).mean()),
        "clipped": int((np.abs(wave) >= 0.99).sum()),
        "pitch": pitch(wave),
    }


def pitch(wave):
    """Return the median pitch in hertz of a clip's voiced frames, by autocorrelation; or nan."""
    found = []
    for start in range(0, min(len(wave), 4 * RATE) - 1024, 640):
        frame = wave[start : start + 1024] - wave[start : start + 1024].mean()
        if (frame**2).mean() < 1e-3:
            continue
        spectrum = np.abs(np.fft.rfft(frame * np.hanning(1024), 2048)) ** 2
        likeness = np.fft.irfft(spectrum)[: PITCH[1]]
        lag = PITCH[0] + int(likeness[PITCH[0] :].argmax())
        if likeness[lag] > 0.5 * likeness[0]:
            found.append(RATE / lag)
    return float(np.median(found)) if len(found) > 5 else float("nan")
