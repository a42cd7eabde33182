"""Experts of the spoken caption and of the sound, fitted once and stored: listening takes long.

    python -m mmtutorial.chapters.fusion.missing_modalities.listeners

Each is a linear classifier of the mean and the spread over time of 64 log-mel bands, of the
training stamps of fold 0 that have the recording. Validation chose how strong its penalty is.
"""

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmtutorial._checks import check_like
from mmtutorial._checksums import read_checked, write_checked
from mmtutorial.data import load_stamps
from mmtutorial.preprocessing import log_mel_statistics
from mmtutorial.tasks.linear import Linear, fit_linear, log_frequencies, surprisal_bits

HEARD = ("speech", "sound")
WEIGHTS = Path(__file__).with_name("weights.npz")
REPAIR = "run python -m mmtutorial.chapters.fusion.missing_modalities.listeners"
PENALTIES = (10, 30, 100, 300, 1000, 3000)


class Listener(NamedTuple):
    """An expert of recordings, and the logarithms of the class frequencies it learnt from."""

    model: Linear  #: of 128 standardised numbers
    mean: np.ndarray  #: ``(128,)``, of the training recordings
    spread: np.ndarray  #: ``(128,)``
    frequencies: np.ndarray  #: ``(classes,)``

    def predict_log_proba(self, clips):
        """Return log-probabilities ``(clips, classes)`` of recordings that are there."""
        check_like("clips", clips, "AudioClips", "sample_rate", "__len__")
        numbers = (log_mel_statistics(clips) - self.mean) / self.spread
        return self.model.predict_log_proba(numbers)


def fit_listener(dataset, modality):
    """Fit the expert of ``"speech"`` or ``"sound"`` to the training stamps that have it."""
    numbers, targets = {}, {}
    for name in ("train", "validation"):
        split = getattr(dataset, name)
        there = split.presence[modality]
        numbers[name] = log_mel_statistics(split.inputs[modality][there])
        targets[name] = split.targets["group"][there]
    classes = len(dataset.classes["group"])
    mean, spread = numbers["train"].mean(axis=0), numbers["train"].std(axis=0) + 1e-6
    known, new = ((numbers[name] - mean) / spread for name in numbers)
    fitted = [
        fit_linear(known, targets["train"], classes=classes, penalty=penalty)
        for penalty in PENALTIES
    ]
    best = min(
        fitted,
        key=lambda model: surprisal_bits(
            model.predict_log_proba(new), targets["validation"]
        ).mean(),
    )
    return Listener(best, mean, spread, log_frequencies(targets["train"], classes))


def save_listeners(listeners, path=WEIGHTS):
    """Write ``{modality: Listener}`` as float32, and the checksum beside it."""
    arrays = {}
    for name, (model, *rest) in listeners.items():
        parts = zip(
            ("weights", "bias", "mean", "spread", "frequencies"), (*model, *rest), strict=True
        )
        arrays |= {f"{name}_{part}": array.astype("<f4") for part, array in parts}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_checked(path, buffer.getvalue(), REPAIR)


def load_listeners(path=WEIGHTS):
    """Return ``{modality: Listener}`` of fold 0; raises ``DataError`` for a damaged file."""
    with np.load(io.BytesIO(read_checked(path, REPAIR)), allow_pickle=False) as stored:
        found = {name: stored[name].astype(float) for name in stored.files}
    return {
        name: Listener(
            Linear(found[f"{name}_weights"], found[f"{name}_bias"]),
            *(found[f"{name}_{part}"] for part in ("mean", "spread", "frequencies")),
        )
        for name in HEARD
    }


if __name__ == "__main__":
    stamps = load_stamps(image="features")
    save_listeners({name: fit_listener(stamps, name) for name in HEARD})
