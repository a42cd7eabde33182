"""What cells ask of trained captioners: do words hang together, and does a covered place matter?"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial.chapters.cross_modal.translation.experiment import score_captions


def second_word_shares(
    captions: Sequence[str], references: Sequence[set[str]]
) -> tuple[float, float, float]:
    """How often is the first word right, and the second, if the first was right, or was wrong?

    >>> second_word_shares(["a b", "a c", "d c", "d"], [{"a", "b"}, {"a"}, {"c"}, {"e"}])
    (0.5, 0.5, 1.0)
    """
    rows = zip(captions, references, strict=True)
    hits = [[word in own for word in text.split()[:2]] for text, own in rows]
    two = np.array([each for each in hits if len(each) == 2])
    first = np.mean([each[0] for each in hits if each])
    return float(first), float(two[two[:, 0], 1].mean()), float(two[~two[:, 0], 1].mean())


def cover_places(images: ArrayLike, weights: ArrayLike, *, most: bool) -> np.ndarray:
    """Cover half of the places of a square grid with white: those of ``most`` weight, or of least.

    ``images`` are ``(rows, side, side, 3)`` in 0..1, ``weights`` ``(rows, places)``.
    """
    images, weights = np.asarray(images), np.asarray(weights)
    side = round(weights.shape[1] ** 0.5)
    order = np.argsort(-weights if most else weights, axis=1, kind="stable")
    hidden = np.zeros(weights.shape, bool)
    np.put_along_axis(hidden, order[:, : weights.shape[1] // 2], True, axis=1)
    block = np.ones((1, images.shape[1] // side, images.shape[2] // side), bool)
    hidden = np.kron(hidden.reshape(-1, side, side), block)
    return np.where(hidden[..., None], np.float32(1), images)


def moved_share(one: ArrayLike, other: ArrayLike) -> float:
    """Which share of the attention lies in other places? Half the summed difference, the mean.

    Both are ``(rows, places)``; each row is made to sum to 1 first.

    >>> moved_share([[1.0, 1.0]], [[2.0, 0.0]])
    0.5
    """
    one, other = (np.asarray(each) / np.sum(each, axis=1, keepdims=True) for each in (one, other))
    return float(np.abs(one - other).sum(axis=1).mean() / 2)


def write_in_ways(model, images, references, task, ways: Mapping[str, dict]) -> dict[str, dict]:
    """Return columns of log-probability, length, keyword F1 and invented words, for `Table`."""
    columns = {name: {} for name in ("log p", "words", "keyword F1", "invented")}
    for name, options in ways.items():
        out = model.caption(images, **options)
        found = score_captions(out.texts, references, task)
        values = (out.log_p.mean(), found["words"], found["f1"], found["invented"])
        for column, value in zip(columns.values(), values, strict=True):
            column[name] = f"{value:.2f}".replace("-", "−")
    return columns
