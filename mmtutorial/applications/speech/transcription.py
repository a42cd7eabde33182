"""From a recording of any length to its text: cut at pauses, piece by piece, in little memory."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
from tqdm import tqdm

from mmtutorial._checks import check_choice, check_like, check_number, check_whole
from mmtutorial.applications.speech._languages import LANGUAGES, RATE
from mmtutorial.applications.speech._level import measure_level
from mmtutorial.applications.speech._pauses import Stretch, cut_at_pauses
from mmtutorial.preprocessing import AudioStream
from mmtutorial.preprocessing.audio import check_wave

TOGETHER = 8  # pieces that are heard at once
SILENT = 1e-3  # of the loudest that there can be: a recording without a louder sample is silent
MOST_HOURS = 12
SHOWN_FROM = 60  # seconds of sound from which progress is shown
BLOCK = 10 * RATE  # samples of an array that are cut at once


@dataclass(frozen=True)
class Piece:
    """What was said from ``start`` to ``end``, seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Transcript:
    """What was said in a recording of so many seconds: all of it, and piece by piece."""

    text: str
    pieces: tuple[Piece, ...]
    seconds: float

    def __str__(self):
        return self.text


def transcribe(
    sound: str | os.PathLike | bytes | np.ndarray,
    *,
    language: str = "cs",
    beam_width: int | None = 16,
    longest: float = 6.0,
    recognizer: Any = None,
) -> Transcript:
    """What was said in my recording? The text that the shipped recogniser hears.

    A recording is made as loud as the lines that the recogniser was trained on, with a mean of 0. A
    long one is cut where nobody speaks. It is read twice, and never held as a whole: an hour needs
    no more memory than a minute. From a minute on, a bar in the terminal shows how far it is.

    Parameters
    ----------
    sound : path, or the bytes of a file (WAV, AIFF, FLAC, Ogg, Opus, MP3), or a wave ``(samples,)``
        of floats in -1..1 with 16,000 samples per second
    language : ``"cs"`` (Czech) or ``"nl"`` (Dutch), as actors speak it in a game, of whose new
        lines it writes about a third of the letters wrong, in Dutch more; other voices and noise
        make it worse
    beam_width : beginnings that the search keeps; None writes the best letter of each step, which
        is quicker, without the language model
    longest : seconds of a piece, 1 to 30; it was trained on up to 6
    recognizer : another one, such as `load_recognizer` returns

    Returns a ``Transcript``. Where it hears no letter, there is no piece. Raises
    ``FileNotFoundError`` for a missing file, ``ValueError`` for one that is no sound, damaged,
    empty, silent or longer than 12 hours, and ``DataError`` if the recogniser's own files are
    damaged. Papers: those of `SpeechRecognizer` and `ctc_beam_decode`.

    >>> class Deaf:  # a recogniser that hears the same everywhere
    ...     def write(self, waves, **options):
    ...         return ["la"] * len(waves)
    >>> tone = np.sin(np.arange(16000) / 5)
    >>> song = np.concatenate([tone, np.zeros(100000), tone])
    >>> [(piece.start, piece.end) for piece in transcribe(song, recognizer=Deaf()).pieces]
    [(0.0, 1.15), (7.1, 8.25)]
    """
    check_number("longest", longest, least=1, most=30)
    if beam_width is not None:
        check_whole("beam_width", beam_width, least=1)
    check_choice("language", language, tuple(LANGUAGES))
    if recognizer is not None:
        check_like("recognizer", recognizer, "what load_recognizer returns", "write")
    name, blocks, seconds = _open(sound)
    if seconds > MOST_HOURS * 3600:
        raise ValueError(
            f"{name} must last at most {MOST_HOURS} hours, got {seconds / 3600:.1f}; cut it"
        )
    found = measure_level(blocks, sample_rate=RATE)
    if found.peak < SILENT:
        raise ValueError(
            f"{name} is silent: no sample is louder than {found.peak:.1g} of 1 (several channels "
            "are averaged); was the microphone on?"
        )
    recognizer = recognizer or _shipped(language)
    if (level := getattr(recognizer, "level", None)) is not None:
        blocks = (found.bring(block, level) for block in blocks)
    stretches = cut_at_pauses(blocks, sample_rate=RATE, longest=longest)
    pieces = tuple(_write(recognizer, _shown(stretches, seconds), beam_width))
    return Transcript(" ".join(piece.text for piece in pieces), pieces, round(seconds, 3))


def _open(sound):
    """Return what an error calls a sound, its wave in blocks, and the seconds that it lasts."""
    if isinstance(sound, (str, os.PathLike, bytes, bytearray, memoryview)):
        stream = AudioStream(sound, sample_rate=RATE)
        name = "sound" if isinstance(sound, (bytes, bytearray, memoryview)) else str(sound)
        return name, stream, stream.seconds
    wave = check_wave(sound, "sound")
    if not len(wave):
        raise ValueError("sound must hold samples, got none")
    blocks = [wave[start : start + BLOCK] for start in range(0, len(wave), BLOCK)]
    return "sound", blocks, len(wave) / RATE


@cache
def _shipped(language):
    """Load a shipped recogniser once."""
    # Here, because Keras takes seconds, and a file that is no sound is refused before.
    from mmtutorial.applications.speech.shipped import load_recognizer

    return load_recognizer(language)


def _shown(stretches: Iterable[Stretch], seconds: float) -> Iterator[Stretch]:
    """Pass stretches on, and show how much of a long recording they are."""
    disable = None if seconds > SHOWN_FROM else True  # None: where there is no terminal
    with tqdm(total=round(seconds), unit="s", disable=disable, desc="transcribe") as bar:
        done = 0
        for stretch in stretches:
            yield stretch
            end = round((stretch.start + len(stretch.wave)) / RATE)
            bar.update(end - done)
            done = end


def _write(recognizer, stretches, beam_width):
    """Yield the pieces in which something is heard."""
    speech = (stretch for stretch in stretches if not stretch.silent)
    while batch := list(islice(speech, TOGETHER)):
        texts = recognizer.write([each.wave for each in batch], beam_width=beam_width)
        for stretch, text in zip(batch, texts, strict=True):
            if text := text.strip():
                start = stretch.start / RATE
                yield Piece(round(start, 3), round(start + len(stretch.wave) / RATE, 3), text)
