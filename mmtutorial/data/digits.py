"""The digits data set: six sets of features of the same handwritten numerals."""

import io
import json
from functools import cache

import numpy as np

from mmtutorial._checks import check_whole
from mmtutorial.data._files import read_file
from mmtutorial.data.dataset import Card, Dataset, Split, count_rows

DIGITS = tuple("0123456789")
SIDES = ("train", "validation", "test")
#: The shares of the drawings that train, and that train or validate.
CUTS = (0.5, 0.7)


def load_digits(*, seed: int = 0) -> Dataset:
    """Load six views of 2,000 handwritten digits: features that others computed, no pictures.

    ``inputs`` are float32 arrays of Duin's (1998) "Multiple Features", in their own units, so
    standardise each column by the training rows:

    - ``"fou"`` (n, 76): Fourier coefficients of the shape;
    - ``"fac"`` (n, 216): profile correlations;
    - ``"kar"`` (n, 64): Karhunen-Loève coefficients;
    - ``"pix"`` (n, 240): pixels 0 to 6; ``pix.reshape(-1, 16, 15)`` shows what was written;
    - ``"zer"`` (n, 47): Zernike moments, which do not change when a drawing is turned;
    - ``"mor"`` (n, 6): morphological features.

    ``targets["digit"]`` is 0 to 9. More than half of the nines are a six turned upside down: what
    is one drawing has one number in ``info["cluster"]`` and lies on one side of the split.
    ``info["row"]`` is the row in the source.

    Parameters
    ----------
    seed : int
        Which split: of each digit, about 100 rows train, 40 validate and 60 test.

    Returns a ``Dataset``. Raises ``ValueError`` or ``TypeError`` for a seed that is no whole number
    of at least 0, and ``DataError`` for a damaged file.

    >>> import mmtutorial as mm
    >>> data = mm.data.load_digits()
    >>> data.train.inputs["zer"].shape[1], data.train.inputs["pix"].shape[1]
    (47, 240)
    """
    seed = check_whole("seed", seed, least=0)
    head, arrays = _read()
    digits, clusters = arrays["digit"], arrays["cluster"]
    sides = _draw_sides(digits, clusters, seed)
    splits = {
        name: _split(arrays, list(head["views"]), np.flatnonzero(sides == side))
        for side, name in enumerate(SIDES)
    }
    card = _card(head, splits, clusters)
    return Dataset(**splits, card=card, classes={"digit": DIGITS})


@cache
def _read():
    content = read_file("digits", "digits.npz")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.int64) for name in ("digit", "cluster")}
        views = {name: stored[name].astype(np.float32) for name in stored if name not in arrays}
    return json.loads(read_file("digits", "digits.json")), views | arrays


def _draw_sides(digits, clusters, seed):
    """Return each row's side, 0 to 2: the same for a cluster, and shares alike for each digit.

    Clusters are shared out among those that hold the same digits equally often; where they are
    fewer than ten, all train.
    """
    held = np.zeros((clusters.max() + 1, len(DIGITS)), np.intp)
    np.add.at(held, (clusters, digits), 1)
    draw = np.random.default_rng(seed)
    sides = np.zeros(len(held), np.intp)
    for kind in np.unique(held, axis=0):
        (alike,) = np.nonzero((held == kind).all(axis=1))
        if len(alike) >= 10:
            order = draw.permutation(alike)
            for side, cut in enumerate(CUTS, 1):
                sides[order[round(cut * len(order)) :]] = side
    return sides[clusters]


def _split(arrays, views, rows):
    inputs = {name: arrays[name][rows] for name in views}
    info = {"row": rows, "cluster": arrays["cluster"][rows]}
    return Split(inputs, {"digit": arrays["digit"][rows]}, info)


def _card(head, splits, clusters):
    first = splits["train"].inputs
    counts = {"digits": len(clusters), "drawings": int(clusters.max()) + 1}
    for name, what in head["views"].items():
        counts[f"{name}: {what}"] = first[name].shape[1]
    return Card(
        name="digits",
        title=head["title"],
        source=tuple(tuple(row) for row in head["source"]),
        licence="CC-BY-4.0",
        counts=counts,
        split=count_rows(splits, "digit", DIGITS),
        flaws=tuple(head["flaws"]),
    )
