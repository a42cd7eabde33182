"""The dialogues data set: lines of a game in two languages, spoken, written and translated."""

import json
from functools import cache

import numpy as np

from mmtutorial._checks import check_choice, check_number
from mmtutorial.data._files import FOLDER, read_file
from mmtutorial.data.clips import AudioClips
from mmtutorial.data.dataset import Card, Dataset, Split, count_rows

LANGUAGES, TESTS = ("cs", "nl"), ("level", "speaker")
ROLES = ("small fish", "big fish", "other")
SPLITS = ("train", "validation", "test")


def load_dialogues(
    *, language: str | None = None, test: str = "level", max_seconds: float | None = None
) -> Dataset:
    """Load spoken lines with transcript, translation and role; test on unseen levels or voices.

    ``inputs`` are ``"speech"`` (`AudioClips` at 16 kHz, up to 6 seconds each), ``"text"``, the
    transcript as the game writes it, and ``"translation"``, the line in English. ``targets`` are
    codes of ``"role"`` (small fish, big fish, other), ``"level"`` and ``"language"``; ``info`` has
    the line's ``"id"``, the ``"speaker"`` and the ``"level_title"``. No sentence, in its
    language or in English, is in two splits.

    Parameters
    ----------
    language : {"cs", "nl"}, optional
        Czech or Dutch; both by default.
    test : {"level", "speaker"}
        Whether to test on levels of the game that training has not seen (known voices say new
        lines), or on a voice that it has not heard. Then the small fish trains, the other Czech
        voices validate, and the big fish tests; Dutch has only the two fish, so its small fish
        validates, on lines of its own.
    max_seconds : float, optional
        Leave out clips that last longer; by default none.

    Returns a ``Dataset``; nothing is decoded before you index a clip. Raises ``ValueError`` or
    ``TypeError`` for an option that does not exist or leaves a split empty, and ``DataError`` for
    a damaged file.

    >>> import mmtutorial as mm
    >>> data = mm.data.load_dialogues(language="cs", max_seconds=2)
    >>> data.train.inputs["speech"][0].ndim, data.classes["role"]
    (1, ('small fish', 'big fish', 'other'))
    """
    if language is not None:
        check_choice("language", language, LANGUAGES)
    check_choice("test", test, TESTS)
    if max_seconds is not None:
        check_number("max_seconds", max_seconds, above=0)
    data, table = _index()
    wanted = np.isin(table["language"], LANGUAGES if language is None else [language])
    if max_seconds is not None:
        wanted &= table["seconds"] <= max_seconds
    rows = {side: np.flatnonzero(wanted & (table[f"{test} split"] == side)) for side in SPLITS}
    if empty := [side for side in SPLITS if not len(rows[side])]:
        raise ValueError(f"{empty[0]} is empty: no clip is as short as max_seconds={max_seconds}")
    classes = {"role": ROLES, "level": tuple(data["levels"]), "language": LANGUAGES}
    clips = _clips(table)
    splits = {side: _split(data, table, clips, classes, rows[side]) for side in SPLITS}
    return Dataset(**splits, card=_card(data, splits, classes), classes=classes)


@cache
def _index():
    """Read what is known of every clip: the notes, and {field: (clips,) array}."""
    data = json.loads(read_file("dialogues", "dialogues.json"))
    columns = zip(*data.pop("rows"), strict=True)
    return data, {name: np.array(c) for name, c in zip(data["fields"], columns, strict=True)}


def _clips(table):
    columns = (table[name].tolist() for name in ("language", "level", "id"))
    names = ["/".join(parts) + ".opus" for parts in zip(*columns, strict=True)]
    archive, source = read_file("dialogues", "speech.zip"), FOLDER / "dialogues" / "speech.zip"
    return AudioClips(archive, names, table["seconds"], source=source)._made_by("dialogues")


def _split(data, table, clips, classes, rows):
    titles = {code: title for code, (title, _) in data["levels"].items()}
    inputs = {
        "speech": clips[rows],
        "text": table["text"][rows],
        "translation": table["english"][rows],
    }
    targets = {
        name: np.array([names.index(value) for value in table[name][rows]])
        for name, names in classes.items()
    }
    info = {
        "id": table["id"][rows],
        "speaker": table["speaker"][rows],
        "level_title": np.array([titles[level] for level in table["level"][rows].tolist()]),
    }
    return Split(inputs, targets, info)


def _card(data, splits, classes):
    parts = list(splits.values())
    languages = np.concatenate([part.targets["language"] for part in parts])
    seconds = np.concatenate([part.inputs["speech"].seconds for part in parts])
    counts = {"clips": len(languages)}
    for code, name in enumerate(classes["language"]):
        if here := int(np.sum(languages == code)):
            counts[f"clips in {data['languages'][name]}"] = here
            counts[f"minutes in {data['languages'][name]}"] = round(
                float(seconds[languages == code].sum()) / 60
            )
    counts["levels"] = len(set(np.concatenate([part.targets["level"] for part in parts]).tolist()))
    speakers = [set(part.info["speaker"].tolist()) for part in parts]
    counts["speakers, as far as the game tells"] = len(set.union(*speakers))
    return Card(
        name="dialogues",
        title=data["title"],
        source=tuple(tuple(row) for row in data["sources"]),
        licence=data["licence"],
        counts=counts,
        split=count_rows(splits, "role", classes["role"]),
        flaws=tuple(data["flaws"]),
    )
