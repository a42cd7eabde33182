"""Voices as waves: what a wrong rate does to them, and to a classifier."""

import numpy as np

from mmtutorial import data
from mmtutorial._checks import check_counts, check_dict, check_labels, check_list, check_whole
from mmtutorial.preprocessing import log_mel, resample_audio
from mmtutorial.preprocessing.audio import check_rate, check_wave
from mmtutorial.tasks.linear import fit_linear


def voice_features(wave, rate):
    """What does somebody sound like? Mean and spread over time of each of 32 log-mel bands.

    ``wave`` is ``(samples,)`` of floats in -1..1, at least one; ``rate`` is in hertz. Returns
    ``(64,)``. Raises ``ValueError`` or ``TypeError`` as `log_mel` does.
    """
    check_rate("rate", rate)
    if not len(check_wave(wave)):
        raise ValueError("wave must hold at least one sample, got none")
    bands = log_mel(wave, sample_rate=rate, bands=32)
    return np.concatenate([bands.mean(axis=0), bands.std(axis=0)])


SAMPLE_RATE_ERRORS = {  # a wave of 16,000 samples a second -> how it sounds at 4,000
    "resampled": lambda wave: voice_features(resample_audio(wave, 16_000, to=4000), 4000),
    "every fourth sample": lambda wave: voice_features(wave[::4], 4000),
    # A file of 22,000 taken for one of 16,000 is longer and deeper, and so 5,500 for 4,000.
    "22,000 taken for 16,000": lambda wave: voice_features(
        resample_audio(wave, 16_000, to=5500), 4000
    ),
}
TRAININGS = ("resampled", "every fourth sample")  # ways that a classifier is trained in


def load_voices(*, seed, count=300):
    """Draw Czech lines of both fish, ``count`` to learn from and at most as many to test on.

    The test lines are of other levels of the game. Returns ``{side: (waves, role)}``; role 0 is
    the small fish, 1 the big one. Raises ``ValueError`` if there are fewer lines.
    """
    seed, count = check_whole("seed", seed, least=0), check_whole("count", count, least=1)
    dialogues, voices = data.load_dialogues(language="cs", max_seconds=3), {}
    for side in ("train", "test"):
        split = getattr(dialogues, side)
        fish = np.flatnonzero(split.targets["role"] < 2)
        if side == "train" and count > len(fish):
            raise ValueError(f"count must be at most {len(fish)}, the {side} lines, got {count}")
        rows = np.random.default_rng(seed).permutation(fish)[:count]
        voices[side] = list(split.inputs["speech"][rows]), split.targets["role"][rows]
    return voices


def describe_voices(voices):
    """Describe the lines of `load_voices` in all ways of `SAMPLE_RATE_ERRORS`.

    Returns ``{side: {way: (lines, 64)}}``.
    """
    return {
        side: {
            name: np.stack([hear(wave) for wave in waves])
            for name, hear in SAMPLE_RATE_ERRORS.items()
        }
        for side, (waves, _) in voices.items()
    }


def predict_voices(heard, roles, training):
    """Train a linear classifier on lines heard in one way; say which fish speaks, heard in all.

    ``heard`` is what `describe_voices` returns, ``roles`` are those of the training lines.
    Returns ``{way: (test lines,)}``, 0 for the small fish and 1 for the big one.
    """
    known = heard["train"][training]
    mean, spread = known.mean(axis=0), known.std(axis=0)
    spread = np.where(spread > 0, spread, 1)  # a number that is the same in all lines says nothing
    model = fit_linear((known - mean) / spread, roles, classes=2, penalty=10)
    return {
        name: model.predict_log_proba((numbers - mean) / spread).argmax(axis=1)
        for name, numbers in heard["test"].items()
    }


def classify_voices(voices):
    """Tell the two fish apart by a linear classifier, heard in one way, tested in all.

    ``voices`` are as `load_voices` returns them. Returns ``{training: {test: (accuracy, share
    called the big fish)}}`` for `SAMPLE_RATE_ERRORS`.
    """
    for side in ("train", "test"):
        given = check_dict("voices", voices, "load_voices returns").get(side)
        if not isinstance(given, (tuple, list)) or len(given) != 2:
            raise ValueError(f"voices[{side!r}] must be (waves, roles), got {given!r}")
        names = [f"voices[{side!r}][{place}]" for place in (0, 1)]
        waves, roles = check_list(names[0], given[0], "waves"), given[1]
        roles = check_labels(names[1], roles, classes=2)
        check_counts(dict(zip(names, (waves, roles), strict=True)))
    heard, truth = describe_voices(voices), voices["test"][1]
    return {
        training: {
            name: (float(np.mean(said == truth)), float(said.mean()))
            for name, said in predict_voices(heard, voices["train"][1], training).items()
        }
        for training in TRAININGS
    }
