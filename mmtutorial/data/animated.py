"""The animated emoji data set: clips and keywords."""

import json
from collections.abc import Sequence
from functools import cache

import numpy as np

from mmtutorial._checks import check_choice, check_whole
from mmtutorial.data._emoji_files import catalogue, describe
from mmtutorial.data._files import read_file
from mmtutorial.data._options import check_names
from mmtutorial.data.dataset import Card, Dataset, Split, count_rows
from mmtutorial.data.emoji import GROUPS
from mmtutorial.data.keywords import SEPARATOR, draw_keywords
from mmtutorial.data.video_clips import VideoClips

FOLDER, ARCHIVE = "animated_emoji", "clips.zip"
LANGUAGES, SPLITS = ("en", "zh"), ("train", "validation", "test")
#: The groups with enough clips to learn from.
LARGE = ("smileys-emotion", "people-body", "animals-nature", "travel-places")
DRAWN = tuple(name for name in GROUPS if name != "symbols")


def load_animated_emoji(
    *,
    language: str = "en",
    keywords: int | None = None,
    seed: int = 0,
    groups: Sequence[str] | None = None,
) -> Dataset:
    """Load clips, words and classes of moving emoji, one clip per concept; test on unseen concepts.

    ``inputs["video"]`` is `VideoClips` of 16 frames, (16, 48, 48, 3) uint8 on white, taken at
    even steps through a loop; ``inputs["text"]`` joins an emoji's keywords by ``" | "``. Beside
    the classes, ``targets["motion"]`` says by how much neighbouring frames differ: the mean over
    pixels and channels, in levels of 255. A concept is in the split that `load_emoji` gives it.

    Parameters
    ----------
    language : {"en", "zh"}
        English or Chinese words.
    keywords : int, optional
        Draw that many keywords per row, by ``seed``; all by default.
    groups : sequence of str, optional
        Which classes to load: by default the four that have enough clips to learn from.

    Returns a ``Dataset``. Raises ``ValueError`` or ``TypeError`` for an option that does not
    exist or leaves a split empty, and ``DataError`` for a damaged file.

    >>> import mmtutorial as mm
    >>> mm.data.load_animated_emoji(keywords=2).train.inputs["video"][0].shape
    (16, 48, 48, 3)
    """
    check_choice("language", language, LANGUAGES)
    check_whole("seed", seed, least=0)
    if keywords is not None:
        check_whole("keywords", keywords, least=1)
    groups = check_names("groups", LARGE if groups is None else groups, DRAWN)

    entries = _entries()
    used = [entry for entry in entries if entry["group"] in groups]
    classes = {key: tuple(dict.fromkeys(e[key] for e in used)) for key in ("subgroup", "concept")}
    classes = {"group": groups, **classes}
    texts = [SEPARATOR.join(entry["keywords"][language]) for entry in entries]
    words = texts if keywords is None else draw_keywords(texts, keywords, seed=seed)
    clips = _clips(entries)
    splits = {}
    for side in SPLITS:
        rows = [row for row, e in enumerate(entries) if e["split"] == side and e["group"] in groups]
        if not rows:
            raise ValueError(f"{side} is empty: no clip of groups {groups} lies there")
        inputs = {"video": clips[rows], "text": np.array([words[row] for row in rows])}
        splits[side] = _split([entries[row] for row in rows], classes, inputs, language)
    return Dataset(**splits, card=_card(entries, splits, classes), classes=classes)


@cache
def _index():
    return json.loads(read_file(FOLDER, "clips.json"))


def _entries():
    """Join what the index says of a clip to what the catalogue says of its emoji."""
    emoji = {entry["hexcode"]: entry for entry in catalogue()["entries"]}
    return [{**emoji[clip["hexcode"]], **clip} for clip in _index()["clips"]]


def _clips(entries):
    index = _index()
    clips = VideoClips(
        read_file(FOLDER, ARCHIVE),
        [f"{entry['hexcode']}.webp" for entry in entries],
        [index["frames"]] * len(entries),
        [entry["frame_seconds"] for entry in entries],
        size=index["size"],
        source=f"{FOLDER}/{ARCHIVE}",
    )
    return clips._made_by("animated_emoji")


def _split(entries, classes, inputs, language):
    targets, info = describe(entries, classes, language)
    targets["motion"] = np.array([entry["motion"] for entry in entries], np.float32)
    return Split(inputs, targets, info)


def _card(entries, splits, classes):
    index = _index()
    words = catalogue()["text_sources"]
    sources = tuple(tuple(row) for row in index["source"] + words)
    return Card(
        name="animated emoji",
        title=index["title"],
        source=sources,
        licence=", ".join(dict.fromkeys(licence for _, _, licence in sources)),
        counts={
            "clips": len(entries),
            "frames per clip": index["frames"],
            "pixels per side": index["size"][0],
            "groups": len({entry["group"] for entry in entries}),
            "subgroups": len({entry["subgroup"] for entry in entries}),
        },
        split=count_rows(splits, "group", classes["group"]),
        flaws=tuple(index["flaws"]),
    )
