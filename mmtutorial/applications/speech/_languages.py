"""The languages of the shipped recogniser, and the files of each."""

from typing import NamedTuple

RATE = 16_000  # samples per second of all that it hears
LEVEL = 0.15  # of the speech in a usual training line, as `measure_level` measures it


class Files(NamedTuple):
    """The names of a language's files."""

    recognizer: str
    language_model: str


LANGUAGES = {
    "cs": Files("recognizer_cs.npz", "language_model_cs.npz"),
    "nl": Files("recognizer_nl.npz", "language_model_nl.npz"),
}
