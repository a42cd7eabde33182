"""The things that scenes show: emoji and stamps cut out, and what can be said of each."""

import re
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import ndimage

from mmtutorial import data
from mmtutorial.applications.grounding import cut_out
from mmtutorial.data.keywords import SEPARATOR
from mmtutorial.preprocessing import resize_image
from mmtutorial.tasks._inputs import SPLITS
from mmtutorial.tasks._scenes import dominant_colours

CANVAS = 128  # pixels
TEXTURE = 40  # pixels of a stamp that a background shows at least
LONGEST = 45  # letters of a caption that still names a thing
KINDS = {  # begin of a subgroup, or group of stamps -> what it is, in English and Chinese
    "face-": ("face", "脸"),
    "heart": ("heart", "心"),
    "hand": ("hand", "手"),
    "person": ("person", "人"),
    "family": ("person", "人"),
    "people": ("person", "人"),
    "animal": ("animal", "动物"),
    "cat-face": ("animal", "动物"),
    "monkey-face": ("animal", "动物"),
    "plant": ("plant", "植物"),
    "food": ("food", "食物"),
    "transport-sign": ("sign", "标志"),
    "transport": ("vehicle", "交通工具"),
    "vehicles": ("vehicle", "交通工具"),
    "place-building": ("building", "建筑"),
    "place-religious": ("building", "建筑"),
    "cloth": ("clothing", "衣服"),
    "drink": ("drink", "饮料"),
    "time": ("clock", "钟"),
    "tool": ("tool", "工具"),
    "musical-instrument": ("instrument", "乐器"),
    "sport": ("sport", "运动"),
    "arrow": ("arrow", "箭头"),
}
FINER = {  # a subgroup that has a name of its own besides
    "food-fruit": ("fruit", "水果"),
    "food-vegetable": ("vegetable", "蔬菜"),
    "food-sweet": ("sweets", "甜食"),
    "animal-bird": ("bird", "鸟"),
    "animal-bug": ("bug", "虫子"),
    "animal-mammal": ("mammal", "哺乳动物"),
    "plant-flower": ("flower", "花"),
}
COLOUR_WORDS = {*("red", "yellow", "green", "blue", "purple", "grey", "gray", "black", "white"),
                "brown", "orange", "pink"}  # fmt: skip
SMALL_WORDS = {"a", "an", "the", "of", "in", "on", "with", "and", "or", "to", "for", "is", "its",
               "it", "your", "you", "this", "that", "at", "by", "from", "one", "two", "three",
               "pair", "big", "small", "large", "little"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Things:
    """Some things: ``cutouts`` with alpha, and what is known of each, all lists of one length.

    ``names`` and ``keywords`` are ``{"en": ..., "zh": ...}``; ``colours`` numbers one of `COLOURS`
    or is -1; ``kinds`` is what it is, one or two pairs of English and Chinese words, or none;
    ``concepts`` tells what is the same thing drawn twice, ``stamps`` what is a stamp, and no emoji.
    ``features`` ``(things, 256)`` is what a frozen large network sees.
    """

    cutouts: list
    names: dict
    keywords: dict
    colours: np.ndarray
    kinds: list
    concepts: np.ndarray
    stamps: np.ndarray
    features: np.ndarray
    backgrounds: np.ndarray | None = None

    def __len__(self):
        return len(self.cutouts)

    @classmethod
    def join(cls, first, second):
        """Return the things of both."""
        return cls(
            first.cutouts + second.cutouts,
            *({code: own + getattr(second, part)[code]
               for code, own in getattr(first, part).items()}
              for part in ("names", "keywords")),
            np.concatenate([first.colours, second.colours]),
            first.kinds + second.kinds,
            *(np.concatenate([getattr(first, part), getattr(second, part)])
              for part in ("concepts", "stamps", "features")),
        )  # fmt: skip


@cache
def load_things(split: str) -> Things:
    """Return the things of a split, with its backgrounds.

    No concept of the emoji is in two splits, and test emoji are by an artist of their own. A stamp
    stays only if no other split names what it shows, in the emoji's names or another stamp's
    caption; of training stamps those go that test or validation emoji name.
    """
    emoji, stamps, features = _load_sources()
    own = getattr(stamps, split)
    stamps_seen = getattr(features, split).inputs["image"]
    named = {s: _named(getattr(emoji["en"], s).info["name"]) for s in SPLITS}
    others = named["validation"] | named["test"]
    if split != "train":
        others = named["train"] | _named(stamps.train.info["en"])
    rows = _stamps_without(own, others)
    drawn = _of_emoji(
        {code: getattr(each, split) for code, each in emoji.items()},
        getattr(emoji["zh"], split).inputs["image"],
        emoji["en"].classes["subgroup"],
    )
    stamped = _of_stamps(own.take(rows), stamps_seen[rows], stamps.classes["group"])
    return replace(Things.join(drawn, stamped), backgrounds=make_backgrounds(own))


@cache
def _load_sources():
    """Return the emoji in both languages, the Chinese with features; and the stamps, twice."""
    emoji = {
        "en": data.load_emoji(size=64),
        "zh": data.load_emoji(image="features", language="zh"),  # the same rows
    }
    return emoji, data.load_stamps(), data.load_stamps(image="emoji-features")


def kinds_of(name: str) -> tuple[tuple[str, str], ...]:
    """Return what a subgroup or group is, in English and Chinese, the finer word last.

    >>> kinds_of("food-fruit")
    (('food', '食物'), ('fruit', '水果'))
    """
    begins = [begin for begin in KINDS if name.startswith(begin)]
    found = [KINDS[max(begins, key=len)]] if begins else []
    return (*found, *([FINER[name]] if name in FINER else []))


def _of_emoji(splits, features, subgroups):
    english = splits["en"]
    pictures = english.inputs["image"]
    return Things(
        list(cut_out(pictures)),
        {code: split.info["name"].tolist() for code, split in splits.items()},
        {
            code: [text.split(SEPARATOR) for text in split.info["keywords"]]
            for code, split in splits.items()
        },
        dominant_colours(pictures),
        [kinds_of(subgroups[place]) for place in english.targets["subgroup"]],
        np.array([f"emoji {number}" for number in english.targets["concept"]]),
        np.zeros(len(english), bool),
        features,
    )


def _of_stamps(split, features, groups):
    pictures = split.inputs["image"]
    names = {
        code: [text.rstrip(".。!！") for text in split.info[code].tolist()] for code in ("en", "zh")
    }
    return Things(
        list(cut_out(pictures)),
        names,
        {code: [[name] for name in names[code]] for code in names},
        dominant_colours(pictures),
        [kinds_of(groups[place]) for place in split.targets["group"]],
        np.array([f"stamp {number}" for number in split.info["cluster"]]),
        np.ones(len(split), bool),
        features,
    )


def _stamps_without(split, others):
    """Number the stamps with a picture and a short caption that names nothing of others."""
    return np.array([
        row
        for row, caption in enumerate(split.info["en"])
        if split.presence["image"][row]
        and len(caption) <= LONGEST
        and not _content(caption) & others
    ], int)  # fmt: skip


def _named(texts):
    return set().union(*map(_content, texts))


def _content(text):
    """Return the words of a name that tell what it is, without the s of a plural."""
    words = set(re.findall("[a-z]+", text.lower())) - SMALL_WORDS - COLOUR_WORDS
    return {word[:-1] if word.endswith("s") and len(word) > 3 else word for word in words}


def make_backgrounds(split, *, each: int = 3) -> np.ndarray:
    """Enlarge parts of stamps that show no paper, ``(backgrounds, 128, 128, 3)`` of uint8.

    Up to ``each`` per stamp, a photograph or a drawing, from the largest square within the thing.
    """
    rng, found = np.random.default_rng(0), []
    for picture in split.inputs["image"]:
        inside = cut_out(picture[None])[0, ..., 3] == 255
        reach = ndimage.distance_transform_cdt(np.pad(inside, 1), metric="chessboard")[1:-1, 1:-1]
        half = int(reach.max()) - 1
        if 2 * half < TEXTURE:
            continue
        down, across = np.unravel_index(reach.argmax(), reach.shape)
        for _ in range(each):
            side = int(rng.integers(TEXTURE, 2 * half + 1))
            top, left = (
                int(c) - half + int(rng.integers(2 * half - side + 1)) for c in (down, across)
            )
            found.append(picture[top : top + side, left : left + side])
    return np.concatenate([resize_image(part[None], CANVAS) for part in found])
