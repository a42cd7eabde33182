"""The stamps data set: pictures, captions, speech and sounds, some of them missing."""

from collections.abc import Sequence

import numpy as np

from mmtutorial._checks import check_choice
from mmtutorial._credits import remember
from mmtutorial.data._emoji_files import halve, project_features
from mmtutorial.data._options import check_names
from mmtutorial.data._stamps_files import (
    TILE,
    catalogue,
    project_pca,
    read_features,
    read_pixels,
    read_recordings,
)
from mmtutorial.data._text_features import TEXTS, add_encoder, encode_texts
from mmtutorial.data.dataset import Card, Dataset, Split, count_rows

GROUPS = (
    "animals",
    "clothes",
    "food",
    "household",
    "people",
    "plants",
    "seasonal",
    "space",
    "town",
    "vehicles",
    "symbols",
    "hobbies",
    "medical",
    "military",
    "naturalforces",
    "sports",
)
IMAGES, SIZES, FOLDS = ("pixels", "features", "emoji-features"), (128, 64, 32), (0, 1, 2, 3, 4)
LANGUAGES, SPOKEN = ("en", "zh", "fr", "es"), ("en", "fr", "es")
ENCODED = ("en", "zh")  # the captions that have text features


def load_stamps(
    *,
    image: str = "pixels",
    size: int = TILE,
    text: str = "words",
    language: str = "en",
    speech: str = "fr",
    fold: int = 0,
    groups: Sequence[str] | None = None,
) -> Dataset:
    """Load pictures, captions, spoken captions and sounds of things; not every thing has each.

    ``split.presence`` says which inputs a row has: where it has none, the text is ``""`` (zeros as
    features), a recording has no samples, and a picture is white. Whatever is one thing twice (the
    same caption in some language, recording or picture) lies in one split, and has one number in
    ``info["cluster"]``.

    Parameters
    ----------
    image : {"pixels", "features", "emoji-features"}
        ``inputs["image"]`` is (n, size, size, 3) uint8 on white, or (n, 256) float32: what a
        frozen ImageNet ResNet50 (He et al., 2016) sees, reduced by a PCA of the training rows. It
        has fewer numbers than 256 where the chosen groups have no more training rows.
        ``"emoji-features"`` are reduced by the PCA of the emoji instead, so that a model of emoji
        can see stamps.
    size : {128, 64, 32}
        Pixels per side. A pixel at 64 is the mean of 2 x 2 at 128.
    text : {"words", "features"}
        ``inputs["text"]`` is (n,) strings, or (n, 256) float32: what a frozen text encoder (E5:
        Wang et al., 2024) makes of a caption, of English and Chinese ones alone.
    language : {"en", "zh", "fr", "es"}
        English, Chinese, French or Spanish captions.
    speech : {"fr", "es", "en"}
        The language of ``inputs["speech"]``, the caption read aloud; few are in English.
        ``inputs["sound"]`` is the sound that the thing makes. Both are 16 kHz `AudioClips`.
    fold : {0, 1, 2, 3, 4}
        Which fifth to test on; the next one validates, the others train.
    groups : sequence of str, optional
        Which classes to load: by default the ten groups of things with 20 stamps or more. The
        symbols (letters, digits, coins) are no things, and their captions give them away.

    Returns a ``Dataset``. Raises ``ValueError`` or ``TypeError`` for an option that does not
    exist or leaves a split empty, and ``DataError`` for a damaged file.

    >>> import mmtutorial as mm
    >>> split = mm.data.load_stamps(size=32).train
    >>> dog = list(split.info["path"]).index("animals/mammals/dogs/dog")
    >>> [str(split.info[code][dog]) for code in ("en", "zh", "fr", "es")]
    ['A dog.', '狗。', 'Un chien.', 'Un perro.']
    >>> {name: bool(there[dog]) for name, there in split.presence.items()}
    {'image': True, 'text': True, 'speech': True, 'sound': True}
    """
    check_choice("image", image, IMAGES)
    check_choice("size", size, SIZES)
    check_choice("text", text, TEXTS)
    check_choice("language", language, LANGUAGES)
    check_choice("speech", speech, SPOKEN)
    check_choice("fold", fold, FOLDS)
    if image != "pixels" and size != TILE:
        raise ValueError(f"size={size}: features were made from the pictures at {TILE} pixels")
    if text == "features" and language not in ENCODED:
        raise ValueError(f"language={language!r}: text features were made of {ENCODED} alone")
    groups = check_names("groups", GROUPS[:10] if groups is None else groups, GROUPS)

    entries = catalogue()["entries"]
    rows = _split_rows(entries, fold, groups)
    images = _read_images(image, size, rows["train"])
    recordings = {
        "speech": read_recordings("speech.zip", [row["speech"].get(speech) for row in entries]),
        "sound": read_recordings("sound.zip", [row["sound"] for row in entries]),
    }
    splits = {
        side: _split(entries, numbers, images, recordings, language, groups)
        for side, numbers in rows.items()
    }
    card = _card(splits, groups)
    if text == "features":
        splits = {side: encode_texts(split) for side, split in splits.items()}
        card = add_encoder(card)
    return Dataset(**splits, card=card, classes={"group": groups})


def _split_rows(entries, fold, groups):
    """Number the rows of each side that belong to the chosen groups."""
    sides = {fold: "test", (fold + 1) % len(FOLDS): "validation"}
    rows = {"train": [], "validation": [], "test": []}
    for number, entry in enumerate(entries):
        if entry["group"] in groups:
            rows[sides.get(entry["fold"], "train")].append(number)
    for side, numbers in rows.items():
        if not numbers:
            raise ValueError(f"{side} is empty: fold {fold} has no stamp of groups {groups}")
    return {side: np.array(numbers) for side, numbers in rows.items()}


def _read_images(image, size, training_rows):
    if image == "features":
        return project_pca(read_features(), training_rows)
    if image == "emoji-features":
        return project_features(read_features())
    images = read_pixels()
    while images.shape[1] > size:
        images = halve(images)
    remember(images, ["stamps"] * len(images))
    return images


def _split(entries, rows, images, recordings, language, groups):
    chosen = [entries[row] for row in rows]
    inputs = {
        "image": images[rows],
        "text": np.array([entry["captions"][language] for entry in chosen]),
        **{name: clips[rows] for name, clips in recordings.items()},
    }
    presence = {
        "image": np.array([entry["visible"] for entry in chosen]),
        "text": inputs["text"] != "",
        **{name: inputs[name].seconds > 0 for name in recordings},
    }
    info = {name: np.array([entry[name] for entry in chosen]) for name in ("path", "cluster")}
    info |= {code: np.array([entry["captions"][code] for entry in chosen]) for code in LANGUAGES}
    targets = {"group": np.array([groups.index(entry["group"]) for entry in chosen])}
    return Split(inputs, targets, info, presence)


def _card(splits, groups):
    data = catalogue()
    entries = data["entries"]
    texts = {"English": "en", "Chinese": "zh", "French": "fr", "Spanish": "es"}
    counts = {"stamps": len(entries), "groups": len({entry["group"] for entry in entries})}
    for name, code in texts.items():
        counts[f"{name} captions"] = sum(bool(entry["captions"][code]) for entry in entries)
    for name, code in texts.items():
        if code in SPOKEN:
            counts[f"{name} spoken captions"] = sum(code in entry["speech"] for entry in entries)
    counts["sounds"] = sum(bool(entry["sound"]) for entry in entries)
    return Card(
        name="stamps",
        title=data["title"],
        source=tuple(tuple(row) for row in data["source"]),
        licence=data["source"][0][2],
        counts=counts,
        split=count_rows(splits, "group", groups),
        flaws=tuple(data["flaws"]),
    )
