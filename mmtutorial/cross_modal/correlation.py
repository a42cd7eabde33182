"""What do two modalities have in common? Canonical correlation analysis, in closed form."""

import os
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from mmtutorial._checks import check_number, check_whole
from mmtutorial.cross_modal._stored import read_arrays, write_arrays
from mmtutorial.cross_modal._views import check_names, check_pair, check_view
from mmtutorial.cross_modal._whitening import correlate_columns, solve

FORMAT = "mmtutorial LinearCCA 1"  # of the file


def canonical_correlations(
    a: ArrayLike, b: ArrayLike, *, regularization: float = 0.0
) -> np.ndarray:
    """How strongly are two sets of numbers correlated, whatever the axes they are measured along?

    ``a`` is ``(items, dim_a)`` and ``b`` ``(items, dim_b)``, rows of the same items. Returns the
    canonical correlations, 0..1, largest first, as many as the smaller rank of the two. No
    invertible linear map of either changes them, unless ``regularization`` is added to each
    variance. Of few items and many numbers they are high whatever the items are:
    `chance_correlation` says how high.

    Raises ``ValueError`` for arrays of several lengths, fewer than two items, or numbers that are
    not finite. Papers: Hotelling 1936, Relations Between Two Sets of Variates; Björck and Golub
    1973, Numerical Methods for Computing Angles Between Linear Subspaces (QR and SVD).

    >>> x = np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 1.0], [5.0, 3.0]])
    >>> canonical_correlations(x, x @ [[1, 2], [3, 4]]).round(6)
    array([1., 1.])
    """
    views = check_pair({"a": a, "b": b})
    ridge = check_number("regularization", regularization, least=0)
    return solve(*views.values(), (ridge, ridge))[0]


def chance_correlation(items: int, dim_a: int, dim_b: int) -> float:
    """How high is the first canonical correlation of two sets of numbers that are unrelated?

    Where ``items`` is large, of independent normal numbers it is nearly ``sqrt(p (1 - q)) + sqrt(q
    (1 - p))``, with ``p = dim_a / (items - 1)`` and ``q = dim_b / (items - 1)``. Where ``dim_a +
    dim_b`` reaches ``items``, it is 1. (The mean of *all* squared correlations of shuffled pairs
    is known exactly, and for whatever numbers: the larger dim, divided by ``items - 1``.)

    Returns a number in 0..1. Raises ``ValueError`` for fewer than two items or no dimensions.
    Paper: Wachter 1980, The Limiting Empirical Measure of Multiple Discriminant Ratios.

    >>> round(chance_correlation(1000, 100, 100), 3), chance_correlation(200, 100, 100)
    (0.6, 1.0)
    """
    freedom = check_whole("items", items, least=2) - 1
    p = min(1.0, check_whole("dim_a", dim_a, least=1) / freedom)
    q = min(1.0, check_whole("dim_b", dim_b, least=1) / freedom)
    if p + q >= 1:
        return 1.0
    return float(np.sqrt(p * (1 - q)) + np.sqrt(q * (1 - p)))


class LinearCCA:
    """Which directions in the pictures go with which directions in the words?

    Finds ``components`` pairs of directions, one in each view, along which the views are as
    correlated as can be, each pair uncorrelated with those before. All at once and exactly: QR of
    each view, then one SVD.

    Parameters
    ----------
    components : how many pairs of directions, at most as many as the smaller rank of the two views
    regularization : added to each variance before the directions are sought, in units of it; one
        number, or one by modality, such as ``{"image": 1.0, "text": 0.1}``

    After ``fit``:

    - ``correlations``, ``(components,)``, largest first: with regularization 0 those of the items
      that it was fitted to, with more of it smaller. Either way they say little about other items:
      `score` asks held-out ones.
    - ``directions``, ``{modality: (dim, components)}``, and ``means``, ``{modality: (dim,)}``.
    - ``modalities``, the two names, sorted.

    With regularization 0, each canonical variate has variance 1. The signs are such that the
    largest weight of the first modality, by name, is positive. Papers: Hotelling 1936, Relations
    Between Two Sets of Variates; Hardoon et al. 2004, Canonical Correlation Analysis (pictures and
    words, regularized).

    >>> rng = np.random.default_rng(0)
    >>> shared = rng.normal(size=(500, 1))
    >>> views = {
    ...     "image": np.hstack([shared, rng.normal(size=(500, 2))]) @ rng.normal(size=(3, 3)),
    ...     "text": np.hstack([shared, rng.normal(size=(500, 1))]) @ rng.normal(size=(2, 2)),
    ... }
    >>> cca = LinearCCA(1).fit(views)
    >>> cca.correlations.round(4), cca.transform({"image": views["image"][:3]})["image"].shape
    (array([1.]), (3, 1))
    """

    def __init__(
        self, components: int, *, regularization: float | Mapping[str, float] = 0.0
    ) -> None:
        self.components = check_whole("components", components, least=1)
        if isinstance(regularization, Mapping):
            self.regularization = {
                name: check_number(f"regularization[{name!r}]", regularization[name], least=0)
                for name in check_names("regularization", dict(regularization))
            }
        else:
            self.regularization = check_number("regularization", regularization, least=0)
        self.modalities = self.correlations = self.directions = self.means = None

    def fit(self, inputs: Mapping[str, ArrayLike]) -> "LinearCCA":
        """Find the directions; return the object itself.

        ``inputs`` is a dict of two views, each ``(items, dim)``, row for row of the same items.
        Raises ``ValueError`` for anything else, for arrays of several lengths, and for more
        components than the smaller rank.
        """
        names = check_names("inputs", inputs)
        ridges = self._ridges(names)
        views = check_pair({f"inputs[{name!r}]": inputs[name] for name in names})
        correlations, *directions = solve(*views.values(), tuple(ridges.values()))
        if len(correlations) < self.components:
            raise ValueError(
                f"components must be at most {len(correlations)}, the smaller rank of the two "
                f"inputs, got {self.components}"
            )
        self.modalities = names
        self.correlations = correlations[: self.components]
        self.means, self.directions = {}, {}
        for name, view, each in zip(names, views.values(), directions, strict=True):
            self.means[name], self.directions[name] = view.mean(axis=0), each[:, : self.components]
        return self

    def transform(self, inputs: Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
        """Return the canonical variates of one view or both, ``{modality: (items, components)}``.

        Each for itself, so the number of items may differ. Raises ``ValueError`` for a modality or
        a size that it was not fitted to, ``RuntimeError`` before ``fit``.
        """
        names = check_names("inputs", inputs, self._fitted().modalities, part=True)
        found = {}
        for name in names:
            width = len(self.means[name])
            view = check_view(f"inputs[{name!r}]", inputs[name], width=width)
            found[name] = (view - self.means[name]) @ self.directions[name]
        return found

    def score(self, inputs: Mapping[str, ArrayLike]) -> np.ndarray:
        """Return how correlated each pair of canonical variates is on these items.

        An array ``(components,)`` in -1..1; of a variate that does not vary, 0. On held-out items
        this is what the directions are worth. Raises as ``fit`` and ``transform`` do.
        """
        names = check_names("inputs", inputs, self._fitted().modalities)
        check_pair({f"inputs[{name!r}]": inputs[name] for name in names})
        return correlate_columns(*self.transform(inputs).values())

    def _ridges(self, names: list[str]) -> dict[str, float]:
        """Return the regularization of each of these modalities."""
        if not isinstance(self.regularization, dict):
            return dict.fromkeys(names, self.regularization)
        check_names("inputs", dict.fromkeys(names), self.regularization)
        return {name: self.regularization[name] for name in names}

    def _fitted(self) -> "LinearCCA":
        if self.modalities is None:
            raise RuntimeError("LinearCCA has no directions yet: call fit(...) first")
        return self

    def save(self, path: str | os.PathLike) -> None:
        """Write the directions to a ``.npz`` file, whole or not at all.

        Raises ``ValueError`` for another ending, ``FileNotFoundError`` for a folder that is not
        there, ``RuntimeError`` before ``fit``.
        """
        names = self._fitted().modalities
        arrays = {"modalities": np.array(names), "correlations": self.correlations}
        arrays["regularization"] = np.array(list(self._ridges(names).values()))
        for i, name in enumerate(names):
            arrays |= {f"means_{i}": self.means[name], f"directions_{i}": self.directions[name]}
        write_arrays(path, FORMAT, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "LinearCCA":
        """Read what ``save`` wrote, in any process; no code in the file is run.

        Raises ``FileNotFoundError`` for no file, ``ValueError`` for one that ``save`` did not write
        or that is damaged.
        """
        arrays = read_arrays(path, FORMAT)
        names = arrays["modalities"].tolist()
        cca = cls(
            len(arrays["correlations"]),
            regularization=dict(zip(names, arrays["regularization"].tolist(), strict=True)),
        )
        cca.modalities, cca.correlations = names, arrays["correlations"]
        cca.means = {name: arrays[f"means_{i}"] for i, name in enumerate(names)}
        cca.directions = {name: arrays[f"directions_{i}"] for i, name in enumerate(names)}
        return cca
