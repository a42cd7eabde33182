"""The trained recogniser that comes with the package: its files, and how it is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import mmtutorial.encoders  # noqa: F401 - so that Keras knows the encoder's class
from mmtutorial._checks import check_choice, check_dict, check_list, check_number
from mmtutorial.applications._weights import (
    load_arrays,
    load_weights,
    repair,
    save_arrays,
    save_weights,
)
from mmtutorial.applications.speech._languages import LANGUAGES, LEVEL, RATE
from mmtutorial.applications.speech.beam import ctc_beam_decode
from mmtutorial.applications.speech.language_model import CharacterLM
from mmtutorial.applications.speech.recognizer import SpeechRecognizer
from mmtutorial.data.dataset import DataError
from mmtutorial.preprocessing import log_mel
from mmtutorial.preprocessing.audio import check_wave

FILES = Path(__file__).with_name("files")
FRONT_END = ("bands", "window", "step", "low", "high")  # options of log_mel
OPTIONS = ("weight", "letter_bonus", "threshold")  # of the beam search, chosen on validation


@dataclass(frozen=True, eq=False)
class Recognizer:
    """A recogniser with all that it takes from a wave to a text.

    ``model`` takes what `log_mel` makes of a wave of 16,000 samples a second with the options
    ``front_end``, such as ``{"bands": 64}``; ``language_model`` may be None; ``beam`` are options
    of `ctc_beam_decode`; ``about`` holds what else is known, such as the scores. ``level`` is how
    loud its training lines were, the root mean square of what is not a pause: `transcribe` brings
    a recording to it, and leaves it as it is for None. Raises ``TypeError`` or ``ValueError`` for
    other parts, and for other letters of the two.
    """

    model: SpeechRecognizer
    language_model: CharacterLM | None = None
    front_end: Mapping[str, Any] = field(default_factory=lambda: {"bands": 64})
    beam: Mapping[str, float] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    level: float | None = None

    def __post_init__(self):
        if self.level is not None:
            check_number("level", self.level, above=0, most=1)
        if not isinstance(self.model, SpeechRecognizer):
            raise TypeError(f"model must be a SpeechRecognizer, got {self.model!r}")
        _check_language_model(self.language_model, self.model.letters)
        front_end = check_dict("front_end", self.front_end, '{"bands": 64}')
        for name in front_end:
            check_choice("front_end", name, FRONT_END)
        for name in check_dict("beam", self.beam, '{"weight": 0.5}'):
            check_choice("beam", name, OPTIONS)
        log_mel(np.zeros(1, np.float32), sample_rate=RATE, **front_end)  # which looks at values
        ctc_beam_decode(np.zeros((1, 1, len(self.model.letters) + 1)), **self.beam)
        check_dict("about", self.about, '{"cer": 0.3}')

    def hear(self, waves: Sequence[np.ndarray]) -> np.ndarray:
        """Return what the model takes: spectrograms, ``(waves, frames, bands)``, 0 behind each.

        Raises ``ValueError`` or ``TypeError`` for what is no wave, and for an empty one.
        """
        waves = check_list("waves", waves, "recordings")
        waves = [check_wave(wave, f"waves[{place}]") for place, wave in enumerate(waves)]
        seen = [log_mel(wave, sample_rate=RATE, **self.front_end) for wave in waves]
        if empty := [place for place, each in enumerate(seen) if not len(each)]:
            raise ValueError(f"waves must hold samples, got none in waves[{empty[0]}]")
        padded = np.zeros((len(seen), max(map(len, seen)), seen[0].shape[1]), np.float32)
        for row, each in zip(padded, seen, strict=True):
            row[: len(each)] = each
        return padded

    def write(self, waves: Sequence[np.ndarray], *, beam_width: int | None = 16) -> list[str]:
        """Return the text of each wave; without ``beam_width``, by the best letter of each step.

        Raises the errors of `hear`, and of `ctc_beam_decode`.
        """
        options = {} if beam_width is None else {**self.beam, "language_model": self.language_model}
        return self.model.transcribe(self.hear(waves), beam_width=beam_width, **options)


def _check_language_model(model, letters):
    if model is not None and not isinstance(model, CharacterLM):
        raise TypeError(f"language_model must be a CharacterLM or None, got {model!r}")
    if model is not None and model.letters != letters:
        raise ValueError(
            f"language_model must have the letters of model, {letters!r}, got {model.letters!r}"
        )


def load_recognizer(language: str = "cs", *, folder: Path = FILES) -> Recognizer:
    """Load the trained recogniser that comes with the package: no training, no network.

    ``language`` is ``"cs"`` (Czech) or ``"nl"`` (Dutch), of the game's dialogues; ``folder`` holds
    the files. Each call returns a model of its own, which may be trained on. Raises ``ValueError``
    for another language, ``DataError`` for a file that is missing or damaged.
    """
    names = LANGUAGES[check_choice("language", language, tuple(LANGUAGES))]
    path = Path(folder) / names.recognizer
    weights, about = load_weights(path)
    try:
        model = SpeechRecognizer.from_config(about.pop("model"))
        model.build((None, None, about["front_end"]["bands"]))
        model.set_weights(weights)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"it holds the weights of another model ({error})"
        raise DataError(f"{path} is damaged: {reason}. To repair: {repair(path)}") from error
    language_model = load_language_model(Path(folder) / names.language_model)
    return Recognizer(
        model, language_model, about.pop("front_end"), about.pop("beams")[language], about, LEVEL
    )


def save_recognizer(
    path: Path, model: SpeechRecognizer, *, front_end: Mapping, beams: Mapping, **about: Any
) -> None:
    """Write a trained recogniser, as `load_recognizer` reads it.

    ``front_end`` are the options of `log_mel`, ``beams`` those of the search, for each language:
    ``{"cs": {"weight": 0.5, "letter_bonus": 1.0}}``. ``about`` must survive JSON.
    """
    for language, options in beams.items():
        check_choice("beams", language, tuple(LANGUAGES))
        for name in options:
            check_choice(f"beams[{language!r}]", name, OPTIONS)
    config = model.get_config()
    save_weights(path, model, model=config, front_end=front_end, beams=beams, **about)


def save_language_model(path: Path, model: CharacterLM, **about: Any) -> None:
    """Write the counts of a language model, as `load_language_model` reads it."""
    contexts = sorted(model.counts)
    found = [np.flatnonzero(model.counts[context]) for context in contexts]
    counts = [model.counts[context][each] for context, each in zip(contexts, found, strict=True)]
    arrays = {
        "contexts": np.array(contexts, str),
        "kinds": np.array([len(each) for each in found], "<u2"),
        "next": np.concatenate([*found, []]).astype("<u2"),
        "counts": np.concatenate([*counts, []]).astype("<u4"),
    }
    save_arrays(path, arrays, letters=model.letters, order=model.order, **about)


def load_language_model(path: Path) -> CharacterLM:
    """Return the language model of a file. Errors: those of `load_recognizer`."""
    arrays, about = load_arrays(path)
    model = CharacterLM(about["letters"], order=about["order"])
    ends = np.cumsum(arrays["kinds"])
    for context, kinds, end in zip(
        arrays["contexts"].tolist(), arrays["kinds"].tolist(), ends.tolist(), strict=True
    ):
        counts = model.counts[context] = np.zeros(len(model.letters) + 1)
        counts[arrays["next"][end - kinds : end]] = arrays["counts"][end - kinds : end]
    return model
