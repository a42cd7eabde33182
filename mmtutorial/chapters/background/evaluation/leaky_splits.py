"""Two mistakes made on purpose, each beside its honest twin, so that the leak can be measured."""

from dataclasses import replace

import numpy as np

from mmtutorial._checks import check_choice, check_number, check_seed
from mmtutorial.data import load_emoji
from mmtutorial.data.dataset import Split


def designer_leak_splits(replaced, *, image="features"):
    """Swap one training artist for the designers of the test artist, and change nothing else.

    ``replaced`` is the artist who makes room, such as ``"openmoji"``. Returns two data sets,
    honest and leaking: their training splits hold as many drawings of the same emoji, their
    tests are one and the same. Raises ``ValueError`` for an unknown artist.
    """
    honest = load_emoji(image=image)
    *artists, _ = honest.classes["artist"]  # the last is the test artist
    check_choice("replaced", replaced, artists)
    stay = [name for name in artists if name != replaced]
    leaking = load_emoji(image=image, artists=(*stay, "fluent_flat"), leak=True)

    drawn = {}  # which emoji each of the two drew
    for data, artist in ((honest, replaced), (leaking, "fluent_flat")):
        theirs = data.train.targets["artist"] == data.classes["artist"].index(artist)
        drawn[artist] = theirs, data.train.info["hexcode"][theirs]
    both = np.intersect1d(*(emoji for _, emoji in drawn.values()))
    return tuple(
        replace(data, train=data.train.take(~theirs | np.isin(data.train.info["hexcode"], both)))
        for data, (theirs, _) in zip((honest, leaking), drawn.values(), strict=True)
    )


def concept_leak_splits(*, seed, image="features", share=0.2):
    """Hold out rows at random, as one does by habit, or whole concepts, as one should.

    All five artists stand on both sides of either split. Returns two data sets, honest and
    leaking, whose ``test`` is about ``share`` of all rows; ``validation`` is in both the honest
    test of `load_emoji`, new concepts by a new artist. Raises ``ValueError`` for a share outside
    0..1.
    """
    check_number("share", share, above=0, below=1)
    rng = check_seed("seed", seed)
    data = load_emoji(image=image)
    rows = concat_splits(data.train, data.validation)
    concepts = rng.permutation(np.unique(rows.targets["concept"]))
    by_concept = np.isin(rows.targets["concept"], concepts[: round(share * len(concepts))])
    by_row = rng.permutation(by_concept)  # as many rows, whatever their concept
    return tuple(
        replace(data, train=rows.take(~held), validation=data.test, test=rows.take(held))
        for held in (by_concept, by_row)
    )


def concat_splits(*splits):
    """Put the rows of several splits below each other."""
    first = splits[0]
    return Split(
        **{
            part: {
                key: np.concatenate([getattr(split, part)[key] for split in splits])
                for key in getattr(first, part)
            }
            for part in ("inputs", "targets", "info")
        }
    )
