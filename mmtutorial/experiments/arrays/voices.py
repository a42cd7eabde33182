"""Voices as waves: what a wrong rate does to them, and to a classifier."""

import numpy as np

from mmtutorial import data
from mmtutorial.experiments.linear import fit_linear
from mmtutorial.preprocessing import log_mel, resample_audio


def voice(wave, rate):
    """What does somebody sound like? Mean and spread over time of each of 32 log-mel bands."""
    bands = log_mel(wave, sample_rate=rate, bands=32)
    return np.concatenate([bands.mean(axis=0), bands.std(axis=0)])


HEARINGS = {  # a wave of 16,000 samples a second -> how it sounds at 4,000
    "resampled": lambda wave: voice(resample_audio(wave, 16_000, to=4000), 4000),
    "every fourth sample": lambda wave: voice(wave[::4], 4000),
    # A file of 22,000 taken for one of 16,000 is longer and deeper, and so 5,500 for 4,000.
    "22,000 taken for 16,000": lambda wave: voice(resample_audio(wave, 16_000, to=5500), 4000),
}


def load_voices(*, seed, count=300):
    """Draw Czech lines of both fish, ``count`` to learn from and as many to test on.

    The test lines are of other levels of the game. Returns ``{side: (waves, role)}``; role 0 is
    the small fish, 1 the big one.
    """
    dialogues, voices = data.load_dialogues(language="cs", max_seconds=3), {}
    for side in ("train", "test"):
        split = getattr(dialogues, side)
        fish = np.flatnonzero(split.targets["role"] < 2)
        rows = np.random.default_rng(seed).permutation(fish)[:count]
        voices[side] = list(split.inputs["speech"][rows]), split.targets["role"][rows]
    return voices


def tell_voices(voices):
    """Tell the two fish apart by a linear classifier, heard in one way, tested in all.

    Returns ``{training: {test: (accuracy, share called the big fish)}}`` for `HEARINGS`.
    """
    heard = {
        side: {name: np.stack([hear(wave) for wave in waves]) for name, hear in HEARINGS.items()}
        for side, (waves, _) in voices.items()
    }
    found = {}
    for training in ("resampled", "every fourth sample"):
        known = heard["train"][training]
        mean, spread = known.mean(axis=0), known.std(axis=0)
        model = fit_linear((known - mean) / spread, voices["train"][1], classes=2, penalty=10)
        said = {
            name: model.log_probabilities((numbers - mean) / spread).argmax(axis=1)
            for name, numbers in heard["test"].items()
        }
        found[training] = {
            name: (float(np.mean(roles == voices["test"][1])), float(roles.mean()))
            for name, roles in said.items()
        }
    return found
