"""What it names, and what makes it fail: things that are not there, pictures without colour."""

import numpy as np

from mmtutorial.applications.grounding import enlarge_maps, point_at
from mmtutorial.applications.grounding.maps import average_region
from mmtutorial.chapters.applications.grounding.encoder import to_floats
from mmtutorial.evaluation import (
    Interval,
    chance_recall_at_k,
    hits_at_k,
    paired_bootstrap,
    pointing_hits,
)
from mmtutorial.tasks.grounding import load_things


def embed_all(finder, pictures: np.ndarray) -> np.ndarray:
    """Return a vector for each place of pictures of 128 pixels, ``(pictures, 8, 8, units)``."""
    places = [
        np.asarray(finder.model.embed_image(to_floats(pictures[at : at + 64]), training=False))
        for at in range(0, len(pictures), 64)
    ]
    return np.concatenate(places).reshape(len(pictures), 8, 8, -1)


def read_all(finder, texts) -> np.ndarray:
    """Return the vector of each description, ``(texts, units)``."""
    return np.stack([finder.read(text)[0] for text in texts])


def similarity_maps(places, vectors) -> np.ndarray:
    """Return how similar each place of a scene is to its description, ``(scenes, rows, columns)``.

    ``places`` is ``(scenes, rows, columns, units)``, ``vectors`` ``(scenes, units)``.
    """
    return np.einsum("bhwu,bu->bhw", places, vectors)


def clearness(places, vectors) -> np.ndarray:
    """Return how far the peak of each map lies above its median, ``(scenes,)``.

    ``places`` is ``(scenes, rows, columns, units)``, ``vectors`` ``(scenes, units)``.
    """
    maps = enlarge_maps(similarity_maps(places, vectors), 128)
    return maps.max(axis=(1, 2)) - np.median(maps, axis=(1, 2))


def name_things(places, scenes, names, vectors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how well each name fits the box of each thing of test scenes, and which is right.

    ``places`` is ``(scenes, rows, columns, units)``, ``vectors`` ``(names, units)``. Returns
    similarities and matches, ``(things, names)``, and the concept of each thing.
    """
    things, size = load_things("test"), scenes.owner.shape[1]
    shown = np.argwhere((scenes.rows >= 0) & (scenes.areas() > 0))
    seen = [average_region(places[s], size, scenes.boxes[s, thing]) for s, thing in shown]
    rows = scenes.rows[tuple(shown.T)]
    right = np.array(things.names["en"])[rows][:, None] == np.array(names)
    return np.stack(seen) @ vectors.T, right, things.concepts[rows]


def recall_columns(similarities: dict, matches, groups) -> dict[str, dict]:
    """Return R@1 and R@10 of some similarities ``(things, names)``, and of chance, for `Table`.

    The intervals are those of a bootstrap that draws the groups of things anew.
    """
    found = {}
    for k in (1, 10):
        column = found.setdefault(f"R@{k}", {})
        for name, each in similarities.items():
            hits = hits_at_k(each, k, matches=matches)
            column[name] = Interval(*paired_bootstrap(hits, 0 * hits, groups=groups)[:3])
        chance = chance_recall_at_k(k, np.shape(matches)[1])
        column["chance"] = Interval(chance, chance, chance)
    return found


def fits(described, text: int, row: int, *, colour: bool = True, kind: bool = True) -> bool:
    """Say whether a description of test scenes may also mean the thing of a row.

    By name, things of one concept or one name fit; by colour and kind those that share both, or, if
    one of them is False, the other. What has no clear colour may have any.
    """
    things, meant = load_things("test"), described.scenes.rows[text, described.targets[text]]
    if described.ways[text] != "colour":
        names = things.names["en"]
        return things.concepts[row] == things.concepts[meant] or names[row] == names[meant]
    likely = things.colours[row] in (-1, things.colours[meant])
    shared = {*things.kinds[row]} & {*things.kinds[meant]}
    return bool((likely or not colour) and (shared or not kind))


def absent_scores(places, phrases, described, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return how well each description fits its own scene, and one dealt to it by chance.

    ``places`` is ``(scenes, rows, columns, units)``, ``phrases`` ``(scenes, units)``. Both are the
    cosines at the peaks, ``(scenes,)``; of the second those are left out that show such a thing.
    """
    dealt = np.random.default_rng(seed).permutation(len(places))
    absent = [
        not any(fits(described, text, row) for row in described.scenes.rows[scene] if row >= 0)
        for text, scene in enumerate(dealt)
    ]
    own, other = (
        similarity_maps(each, phrases).max(axis=(1, 2)) for each in (places, places[dealt])
    )
    return own, other[absent]


def auc(present: np.ndarray, absent: np.ndarray) -> float:
    """How often does what is there get the higher score? The area under the ROC curve, 0 to 1.

    >>> auc(np.array([0.9, 0.4]), np.array([0.4, 0.1]))
    0.875
    """
    higher = (present[:, None] > absent).mean()
    return float(higher + (present[:, None] == absent).mean() / 2)


def changed_hits(finder, described) -> dict[str, np.ndarray]:
    """Return whether it points right when pictures or words are changed, ``(scenes,)`` of bool.

    A kind or a colour alone is asked only where it fits one thing of the scene, and beside it the
    whole description in the same scenes.
    """
    ways, pictures = np.array(described.ways), described.scenes.pictures
    gray = np.repeat(pictures.mean(axis=-1, keepdims=True).round().astype(np.uint8), 3, axis=-1)
    seen = {"": embed_all(finder, pictures), ", in gray": embed_all(finder, gray)}

    def point(rows, change="", part=slice(None)):
        said = [" ".join(described.texts[row].split()[part]) for row in rows]
        maps = similarity_maps(seen[change][rows], read_all(finder, said))
        return pointing_hits(point_at(maps, 128), described.masks()[rows])

    found, coloured = {}, np.flatnonzero(ways == "colour")
    for title, rows in (
        ("by colour and kind", coloured),
        ("by name", np.flatnonzero(ways == "name")),
    ):
        found |= {title + change: point(rows, change) for change in seen}
    for part, other, word in (("kind", "colour", slice(2, None)), ("colour", "kind", slice(1, 2))):
        rows = np.array([row for row in coloured if _is_alone(described, row, **{other: False})])
        found[f"only one of its {part}: by both words"] = point(rows)
        found[f"only one of its {part}: by {part} alone"] = point(rows, part=word)
    return found


def _is_alone(described, text, **parts):
    """Say whether a description, or a part of it, fits one thing of its scene alone."""
    rows = described.scenes.rows[text]
    return sum(fits(described, text, row, **parts) for row in rows if row >= 0) == 1
