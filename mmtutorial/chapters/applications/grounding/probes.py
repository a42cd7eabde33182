"""What makes it fail: things that are not there, and pictures without colour."""

import numpy as np

from mmtutorial.applications.grounding import point_at
from mmtutorial.chapters.applications.grounding.encoder import to_floats
from mmtutorial.evaluation import pointing_accuracy


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


def absent_scores(places, phrases, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return how well each description fits its own scene, and one dealt to it by chance.

    ``places`` is ``(scenes, rows, columns, units)``, ``phrases`` ``(scenes, units)``. Both are the
    cosines at the peaks, ``(scenes,)``. Now and then the dealt scene does show such a thing.
    """
    dealt = np.random.default_rng(seed).permutation(len(places))
    own, other = (
        np.einsum("bhwu,bu->bhw", each, phrases).max(axis=(1, 2))
        for each in (places, places[dealt])
    )
    return own, other


def auc(present: np.ndarray, absent: np.ndarray) -> float:
    """How often does what is there get the higher score? The area under the ROC curve, 0 to 1.

    >>> auc(np.array([0.9, 0.4]), np.array([0.4, 0.1]))
    0.875
    """
    higher = (present[:, None] > absent).mean()
    return float(higher + (present[:, None] == absent).mean() / 2)


def changed_accuracy(finder, described, most: int = 100) -> dict[str, float]:
    """Return how often it points right when pictures or words are changed.

    ``most`` descriptions of a kind are tried, the same for each change.
    """
    ways, found = np.array(described.ways), {}
    for way, title in (("colour", "by colour and kind"), ("name", "by name")):
        rows = np.flatnonzero(ways == way)[:most]
        pictures, masks = described.scenes.pictures[rows], described.masks()[rows]
        texts = [described.texts[row] for row in rows]
        gray = pictures.mean(axis=-1, keepdims=True).round().astype(np.uint8)
        seen = {
            title: (pictures, texts, masks),
            f"{title}, in gray": (np.repeat(gray, 3, axis=-1), texts, masks),
        }
        if way == "colour":
            kinds, colours = zip(*((t.split()[-1], t.split()[1]) for t in texts), strict=True)
            seen |= {"by kind alone": (pictures, kinds, masks),
                     "by colour alone": (pictures, colours, masks)}  # fmt: skip
        for name, (shown, said, where) in seen.items():
            places, phrases = embed_all(finder, shown), read_all(finder, said)
            maps = np.einsum("bhwu,bu->bhw", places, phrases)
            found[name] = pointing_accuracy(point_at(maps, 128), where)
    return found
