"""Clips in which moving emoji cross parts of pictures, described by their keywords."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from mmtutorial import data
from mmtutorial._checks import check_choice, check_flag, check_whole
from mmtutorial.applications.grounding import cut_out
from mmtutorial.applications.video import Clips, compose_clips
from mmtutorial.preprocessing import resize_image

SPLITS = ("train", "validation", "test")
STREAM = {name: number for number, name in enumerate(SPLITS)}
SIZE, FRAMES = 64, 16
KEYWORDS = 3  # of a description, while training; all of them otherwise
PAPER, PLAIN, FLAT = 240, 0.02, 8.0  # what is white, how much of it is too much, least contrast
MOVING = 3  # how often a moving emoji stands among the stills that are trained on


@dataclass(frozen=True, eq=False)
class Things:
    """What clips of a split are composed of: cut-outs, their keywords, names and concepts.

    ``cutouts`` are ``(frames, height, width, 4)`` uint8 each; ``concepts`` ``(things,)`` of int.
    """

    cutouts: list
    texts: tuple[str, ...]
    names: tuple[str, ...]
    concepts: np.ndarray

    def __len__(self):
        return len(self.cutouts)


@cache
def load_things(split: str, *, stills: bool = False) -> Things:
    """Cut the moving emoji of a split out of their paper; with ``stills``, all drawings, too.

    Stills make a network know more concepts than the moving ones alone: they are the training
    drawings of `load_emoji`. Raises ``ValueError`` for an unknown split.
    """
    check_choice("split", split, SPLITS)
    parts = [_moving(split)]
    if check_flag("stills", stills):
        parts = parts * MOVING + [_stills(split)]
    cutouts, texts, names, concepts = (
        [each for part in parts for each in part[place]] for place in range(4)
    )
    return Things(cutouts, tuple(texts), tuple(names), np.unique(concepts, return_inverse=True)[1])


@cache
def _moving(split):
    clips = data.load_animated_emoji()
    part = getattr(clips, split)
    cutouts = [cut_out(frames) for frames in part.inputs["video"].array()]
    return cutouts, *_describe(part, clips)


def _stills(split):
    drawings = data.load_emoji()
    part = getattr(drawings, split)
    cutouts = list(cut_out(part.inputs["image"])[:, None])
    return cutouts, *_describe(part, drawings)


def _describe(part, dataset):
    concepts = [dataset.classes["concept"][number] for number in part.targets["concept"]]
    return list(part.inputs["text"]), list(part.info["name"]), concepts


@cache
def load_backgrounds(split: str) -> np.ndarray:
    """Return the middles of pictures that fill them: ``(n, 64, 64, 3)`` uint8, of each split.

    They are stamps, photographs and drawings: those whose inner half shows hardly any paper, and is
    not of one colour.
    """
    check_choice("split", split, SPLITS)
    pictures = getattr(data.load_stamps(), split).inputs["image"]
    edge = pictures.shape[1] // 4
    inner = pictures[:, edge:-edge, edge:-edge]
    paper = (inner.min(axis=-1) >= PAPER).mean(axis=(1, 2))
    contrast = inner.astype(np.float32).std(axis=(1, 2)).mean(axis=-1)
    return resize_image(inner[(paper < PLAIN) & (contrast > FLAT)], SIZE)


def draw_clips(
    split: str,
    event: str,
    count: int,
    *,
    seed: int,
    stills: bool = False,
    frames: int = FRAMES,
    **options,
) -> Clips:
    """Compose clips of one split: `compose_clips` with its things and backgrounds, and ``options``.

    >>> draw_clips("test", "direction", 2, seed=0)
    Clips(direction: 2 clips of 16 frames of 64 x 64 pixels, 4 things)
    """
    things = load_things(split, stills=stills)
    return compose_clips(
        things.cutouts, load_backgrounds(split), check_whole("count", count, least=1),
        event=event, frames=frames, size=SIZE, labels=things.concepts,
        seed=[check_whole("seed", seed, least=0), STREAM[split]], **options,
    )  # fmt: skip


def describe_things(
    split: str, *, stills: bool = False, keywords: int | None = None, seed: int = 0
) -> np.ndarray:
    """Return the mean of each thing's frozen word vectors, ``(things, 256)`` float32.

    ``keywords`` draws so many of each; all unless given.
    """
    texts = load_things(split, stills=stills).texts
    if keywords is not None:
        texts = data.draw_keywords(texts, keywords, seed=seed)
    return data.load_word_vectors().mean(texts)
