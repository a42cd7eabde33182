"""Speech recognition: lines of dialogue as spectrograms, and the letters of what was said."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from mmtutorial import data
from mmtutorial._checks import (
    check_choice,
    check_flag,
    check_like,
    check_number,
    check_seed,
    check_whole,
)
from mmtutorial.applications.speech import change_speed, spec_augment
from mmtutorial.data._options import check_names
from mmtutorial.data.dialogues import LANGUAGES, TESTS
from mmtutorial.preprocessing import log_mel
from mmtutorial.tasks._inputs import SPLITS, pick_split

RATE, BANDS = 16000, 64  # samples per second; of the spectrogram
SPEEDS = (0.9, 1.0, 1.1)
GAP = 18  # frames that a gap in time hides at most
LENGTH_NOISE = 30  # frames by which lengths are blurred before clips of one length are batched


def spell(text: str) -> str:
    """Write a text as it is spoken: lower-case letters, apostrophes, and single spaces.

    Raises ``TypeError`` for what is no text.

    >>> spell("Blé... To je -- 2krát hezké!")
    'blé to je krát hezké'
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a text, got {text!r}")
    text = unicodedata.normalize("NFC", text).lower().replace("’", "'")
    return " ".join(re.sub(r"[^\w\s']|[\d_]", " ", text).split())


class SpeechTask:
    """Can you write down what was said? Unseen levels of a game, or an unseen voice.

    Parameters
    ----------
    languages : some of ``"cs"`` and ``"nl"``
    test : ``"level"`` or ``"speaker"``, as in `load_dialogues`
    minutes : None, or how many minutes of training speech to keep, drawn by ``seed``
    seed : of that draw
    dataset : None, or dialogues to use instead of loading them

    ``letters`` are those of the training texts, ``texts`` holds ``{split: texts}`` as `spell`
    writes them. A spectrogram is what `log_mel` makes of the wave, with 64 bands; training clips
    also come at nine and at eleven tenths of their speed. Raises ``ValueError`` for a language,
    test or number of minutes that does not exist.

    >>> task = SpeechTask(["nl"])
    >>> task.texts["test"][0], task.spectrogram("test", 0).shape[1]
    ('wat is dit voor raar schip', 64)
    """

    def __init__(
        self,
        languages: Sequence[str] = ("cs",),
        *,
        test: str = "level",
        minutes: float | None = None,
        seed: int = 0,
        dataset: data.Dataset | None = None,
    ):
        self.languages = tuple(check_names("languages", languages, LANGUAGES))
        check_choice("test", test, TESTS)
        only = self.languages[0] if len(set(self.languages)) == 1 else None
        dataset = data.load_dialogues(language=only, test=test) if dataset is None else dataset
        self.dataset = check_like("dataset", dataset, "a Dataset", *SPLITS)
        self.rows = {name: np.arange(len(self._texts(name))) for name in SPLITS}
        if minutes is not None:
            self.rows["train"] = self._draw_minutes(minutes, check_seed("seed", seed))
        self.texts = {
            name: [spell(text) for text in self._texts(name)[self.rows[name]]] for name in SPLITS
        }
        self.letters = "".join(sorted(set("".join(self.texts["train"]))))
        self._seen: dict[tuple, np.ndarray] = {}

    def _texts(self, name):
        return getattr(self.dataset, name).inputs["text"]

    def _draw_minutes(self, minutes, rng):
        check_number("minutes", minutes, above=0)
        seconds = self.dataset.train.inputs["speech"].seconds
        order = rng.permutation(len(seconds))
        count = np.searchsorted(np.cumsum(seconds[order]), 60 * minutes, side="right")
        if not 0 < count < len(order):
            raise ValueError(
                f"minutes must hold a clip and be less than {seconds.sum() / 60:.0f}, got {minutes}"
            )
        return np.sort(order[:count])

    @property
    def minutes(self) -> float:
        """How many minutes of speech it trains on."""
        return float(self.clips("train").seconds.sum() / 60)

    def clips(self, split: str) -> data.AudioClips:
        """Return the recordings of a split."""
        return pick_split(self.dataset, split).inputs["speech"][self.rows[split]]

    def of(self, split: str, name: str) -> np.ndarray:
        """Return what is known of each clip of a split: a target, or a field of ``info``."""
        picked = pick_split(self.dataset, split)
        known = {**picked.targets, **picked.info}
        return known[check_choice("name", name, tuple(known))][self.rows[split]]

    def spectrogram(self, split: str, place: int, speed: float = 1.0) -> np.ndarray:
        """Return the log-mel spectrogram of a clip, ``(frames, 64)``; it is made once."""
        check_number("speed", speed, least=0.5, most=2)
        most = len(self.clips(split)) - 1
        key = (split, check_whole("place", place, least=0, most=most), speed)
        if key not in self._seen:
            wave = self.clips(split)[place]
            wave = wave if speed == 1 else change_speed(wave, speed)
            self._seen[key] = log_mel(wave, sample_rate=RATE, bands=BANDS).astype(np.float16)
        return self._seen[key].astype(np.float32)

    def batches(self, split: str, size: int = 32):
        """Return places and padded spectrograms of a split, clips of one length together."""
        order = np.argsort(self.clips(split).seconds, kind="stable")
        starts = range(0, len(order), check_whole("size", size, least=1))
        parts = (order[start : start + size] for start in starts)
        return (
            (places, pad_spectrograms([self.spectrogram(split, i) for i in places.tolist()]))
            for places in parts
        )

    def draw_epoch(
        self, epoch: int, *, seed: int, size: int, augment: bool = True, shift: int = 0
    ) -> list:
        """Draw the batches of an epoch: ``[(spectrograms, texts), ...]``, of some ``size`` clips.

        The same epoch and seed draw the same. Clips of about one length come together, in a random
        order of batches. With ``augment`` each has one of three speeds, and gaps, and begins up to
        ``shift`` frames later: what a stride of the convolutions skips is another frame then.
        """
        check_whole("size", size, least=1)
        check_whole("shift", shift, least=0)
        check_flag("augment", augment)
        rng = check_seed(
            "seed", [check_whole("epoch", epoch, least=0), check_whole("seed", seed, least=0)]
        )
        rows = len(self.texts["train"])
        speeds = rng.choice(SPEEDS, rows) if augment else np.ones(rows)
        lengths = self.clips("train").seconds * 100 / speeds + rng.normal(0, LENGTH_NOISE, rows)
        order = np.argsort(lengths)
        batches = [order[start : start + size] for start in range(0, rows, size)]
        gaps = rng.spawn(len(batches))
        return [
            _Draw(self, batches[place], speeds, gaps[place] if augment else None, shift)
            for place in rng.permutation(len(batches))
        ]


class _Draw:
    """A batch that is made when it is asked for."""

    def __init__(self, task, places, speeds, rng, shift):
        self.task, self.places, self.speeds = task, places, speeds
        self.rng, self.shift = rng, shift

    @property
    def texts(self):
        return [self.task.texts["train"][place] for place in self.places]

    def spectrograms(self):
        seen = [
            self.task.spectrogram("train", int(place), float(self.speeds[place]))
            for place in self.places
        ]
        if self.rng is not None:
            seen = [self.change(each) for each in seen]
        return pad_spectrograms(seen)

    def change(self, spectrogram):
        most = min(self.shift, len(spectrogram) - 1)
        late = spectrogram[self.rng.integers(most + 1) :]
        return spec_augment(late, seed=self.rng, time_width=GAP)


def pad_spectrograms(spectrograms: Sequence[np.ndarray]) -> np.ndarray:
    """Stack spectrograms of unequal length ``(frames, bands)``, with frames of zeros behind."""
    padded = np.zeros((len(spectrograms), max(map(len, spectrograms)), BANDS), np.float32)
    for row, each in zip(padded, spectrograms, strict=True):
        row[: len(each)] = each
    return padded
