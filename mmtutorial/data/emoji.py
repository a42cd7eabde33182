"""The emoji data set: pictures by several artists, and keywords in two languages."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mmtutorial._checks import check_choice, check_flag, check_whole
from mmtutorial._credits import remember
from mmtutorial.data._emoji_files import (
    TILE,
    catalogue,
    describe,
    halve,
    read_features,
    read_pixels,
)
from mmtutorial.data._options import check_names
from mmtutorial.data._text_features import TEXTS, add_encoder, encode_texts
from mmtutorial.data.dataset import Card, Dataset, Split, count_rows
from mmtutorial.data.keywords import SEPARATOR, draw_keywords

ARTISTS = ("noto", "twemoji", "openmoji", "noto_v1", "emojione")
TEST_ARTIST, SIBLING = "fluent_3d", "fluent_flat"
HELD_BACK = {
    TEST_ARTIST: "it is the artist that we test on",
    SIBLING: "the designers of the test artist drew it, so the score would leak; to measure by how "
    "much, pass leak=True",
}
GROUPS = (
    "smileys-emotion",
    "people-body",
    "animals-nature",
    "food-drink",
    "travel-places",
    "activities",
    "objects",
    "symbols",
    "flags",
)
READERS = {"pixels": read_pixels, "features": read_features}
SIZES, LANGUAGES = (64, 32), ("en", "zh")


def load_emoji(
    *,
    image: str = "pixels",
    size: int = 64,
    text: str = "words",
    language: str = "en",
    keywords: int | None = None,
    seed: int = 0,
    artists: Sequence[str] | None = None,
    validation_artists: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    leak: bool = False,
) -> Dataset:
    """Load pictures, words and classes of emoji; test on unseen concepts by an unseen artist.

    Parameters
    ----------
    image : {"pixels", "features"}
        ``inputs["image"]`` is (n, size, size, 3) uint8 on white, or (n, 256) float32: what a
        frozen ImageNet ResNet50 (He et al., 2016) sees, reduced by a PCA of the training rows.
    size : {64, 32}
        Pixels per side. 32 is the mean of 2 x 2 pixels of 64.
    text : {"words", "features"}
        ``inputs["text"]`` is (n,) strings, an emoji's keywords joined by ``" | "``, or (n, 256)
        float32: the mean of what a frozen text encoder (E5: Wang et al., 2024) makes of them. To
        draw keywords afresh, give those in ``info`` to ``load_word_vectors().mean``.
    language : {"en", "zh"}
        English or Chinese words; their features lie in one space.
    keywords : int, optional
        Draw that many keywords per row, by ``seed``; all by default. Every drawing of a concept
        gets a draw of its own, whatever the other options are.
    artists, validation_artists : sequence of str, optional
        Whose drawings to train and to validate on: by default all five, and ``artists``.
    groups : sequence of str, optional
        Which classes to load: by default the eight without flags, which their names give away.
    leak : bool
        Let ``artists`` name ``"fluent_flat"``, by the designers of the test artist: then you see
        what a score is worth whose test is not out of distribution. Refused otherwise.

    Returns a ``Dataset``. Raises ``ValueError`` or ``TypeError`` for an option that does not
    exist or leaves a split empty, and ``DataError`` for a damaged file.

    >>> import mmtutorial as mm
    >>> mm.data.load_emoji(image="features", keywords=2).train.inputs["image"].shape[1]
    256
    """
    check_choice("image", image, tuple(READERS))
    check_choice("size", size, SIZES)
    check_choice("text", text, TEXTS)
    check_choice("language", language, LANGUAGES)
    check_flag("leak", leak)
    if image == "features" and size != TILE:
        raise ValueError(f"size={size}: features were made from the drawings at {TILE} pixels")
    check_whole("seed", seed, least=0)
    if keywords is not None:
        check_whole("keywords", keywords, least=1)
    artists = _check_artists("artists", ARTISTS if artists is None else artists, leak)
    tuned_on = artists if validation_artists is None else validation_artists
    tuned_on = _check_artists("validation_artists", tuned_on, leak)
    groups = check_names("groups", GROUPS[:-1] if groups is None else groups, GROUPS)

    data = catalogue()
    classes = _classes(data, groups, leak)
    sides = {"train": artists, "validation": tuned_on, "test": (TEST_ARTIST,)}
    rows = {side: _split_rows(data, names, side, groups) for side, names in sides.items()}
    used = list(dict.fromkeys(name for side in sides.values() for name in side))
    # Sheets are decoded side by side. Arrays are not: np.load parses their headers by ast, which
    # CPython 3.11 sometimes refuses in two threads at once (python/cpython#106905).
    with ThreadPoolExecutor(None if image == "pixels" else 1) as pool:
        pictures = dict(zip(used, pool.map(READERS[image], used), strict=True))
    words = {name: _words(data, name, language, keywords, seed) for name in used}
    splits = {
        side: _split(data, classes, numbers, pictures, words, language, size)
        for side, numbers in rows.items()
    }
    card = _card(data, splits, classes)
    if text == "features":
        splits = {side: encode_texts(split) for side, split in splits.items()}
        card = add_encoder(card)
    return Dataset(**splits, card=card, classes=classes)


def _check_artists(name, given, leak):
    refused = {artist: why for artist, why in HELD_BACK.items() if not (leak and artist == SIBLING)}
    return check_names(name, given, (*ARTISTS, SIBLING) if leak else ARTISTS, refused=refused)


def _classes(data, groups, leak):
    entries = [entry for entry in data["entries"] if entry["group"] in groups]
    named = {key: dict.fromkeys(entry[key] for entry in entries) for key in ("subgroup", "concept")}
    return {
        "group": groups,
        "subgroup": tuple(named["subgroup"]),
        "artist": (*ARTISTS, SIBLING, TEST_ARTIST) if leak else (*ARTISTS, TEST_ARTIST),
        "concept": tuple(named["concept"]),
    }


def _words(data, artist, language, keywords, seed):
    """Join, and perhaps draw, the keywords of every entry for one artist."""
    texts = [SEPARATOR.join(entry["keywords"][language]) for entry in data["entries"]]
    if keywords is None:
        return np.array(texts)
    number = list(data["artists"]).index(artist)
    return draw_keywords(texts, keywords, seed=[seed, number])


def _split_rows(data, artists, side, groups):
    rows = {name: _rows(data, name, side, groups) for name in artists}
    if not any(map(len, rows.values())):
        raise ValueError(f"{side} is empty: artists {artists} drew nothing of groups {groups}")
    return rows


def _rows(data, artist, side, groups):
    """Number the artist's drawings that belong to one side and the chosen groups."""
    entries = data["entries"]
    return np.array(
        [
            row
            for row, number in enumerate(data["artists"][artist]["entries"])
            if entries[number]["split"] == side and entries[number]["group"] in groups
        ],
        dtype=np.intp,
    )


def _split(data, classes, numbers, pictures, words, language, size):
    images = np.concatenate([pictures[name][rows] for name, rows in numbers.items()])
    if size != TILE:
        images = halve(images)
    places = {name: data["artists"][name]["entries"][rows] for name, rows in numbers.items()}
    entries = [data["entries"][place] for rows in places.values() for place in rows]
    targets, info = describe(entries, classes, language)
    artists = [np.full(len(rows), classes["artist"].index(name)) for name, rows in numbers.items()]
    targets["artist"] = np.concatenate(artists)
    if images.dtype == np.uint8:  # pixels, not features
        remember(images, [classes["artist"][code] for code in targets["artist"]])
    targets["version"] = np.array([entry["version"] for entry in entries], np.float32)
    text = np.concatenate([words[name][rows] for name, rows in places.items()])
    return Split({"image": images, "text": text}, targets, info)


def _card(data, splits, classes):
    drawn = {name: len(artist["entries"]) for name, artist in data["artists"].items()}
    counts = {
        "emoji": len(data["entries"]),
        "concepts": len({entry["concept"] for entry in data["entries"]}),
        "groups": len({entry["group"] for entry in data["entries"]}),
        "subgroups": len({entry["subgroup"] for entry in data["entries"]}),
        **{f"drawings by {name}": count for name, count in drawn.items()},
    }
    sources = [tuple(row) for row in data["text_sources"]]
    sources += [(a["package"], a["version"], a["licence"]) for a in data["artists"].values()]
    return Card(
        name="emoji",
        title=data["title"],
        source=tuple(sources),
        licence=", ".join(dict.fromkeys(licence for _, _, licence in sources)),
        counts=counts,
        split=count_rows(splits, "group", classes["group"]),
        flaws=tuple(data["flaws"]),
    )
