"""True pairs and false ones, networks for two views, and a search in the space that they share."""

from typing import NamedTuple

import keras
import numpy as np

from mmtutorial import data
from mmtutorial._checks import check_array, check_counts, check_whole
from mmtutorial._vectors import to_unit
from mmtutorial.cross_modal import DeepCCA, LinearCCA, chance_correlation
from mmtutorial.data.keywords import SEPARATOR

HIDDEN = 256  # units of the hidden layer of each network
KEYWORDS, DRAWS = 4, 2  # of the study: words per training row, and how often each row is drawn
SPLITS = ("train", "validation", "test")


def draw_training(task, *, language, seed, draws):
    """Return the training rows of `EmojiPairs` several times, with other words each time.

    ``({"image": (draws * rows, dim), "text": ...}, concepts)``; the language is that of the task.

    >>> from mmtutorial.tasks import EmojiPairs
    >>> inputs, concepts = draw_training(EmojiPairs(), language="en", seed=0, draws=2)
    >>> inputs["image"].shape, concepts.shape
    ((8720, 256), (8720,))
    """
    check_whole("draws", draws, least=1)
    parts = []
    for draw in range(draws):
        parts.append(task.inputs("train", language=language, seed=1000 * seed + draw))
    inputs = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return inputs, np.tile(task.ids("train"), draws)


def shuffle_concepts(texts, concepts, *, seed):
    """Give all drawings of a concept the words of one other concept: pairs that mean nothing.

    ``texts`` is ``(rows, dim)``, ``concepts`` ``(rows,)``. What comes of shuffling rows is less:
    the drawings of one concept share their words, so that there are fewer pairs than rows.

    >>> texts = np.array([[1.0], [1.0], [2.0], [3.0]])
    >>> shuffle_concepts(texts, np.array([0, 0, 1, 2]), seed=0).ravel()
    array([3., 3., 1., 2.])
    """
    texts, concepts = check_array("texts", texts), check_array("concepts", concepts)
    check_counts({"texts": texts, "concepts": concepts})
    _, first, which = np.unique(concepts, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(first))
    other = np.empty_like(order)
    other[order] = np.roll(order, 1)  # one large circle: nobody keeps its own
    return texts[first[other[which]]]


def noise_correlations(items, dim, *, seed):
    """Return the first canonical correlation of noise, and the mean of all squared ones.

    Both views are ``(items, dim)`` normal numbers that know nothing of each other.
    """
    rng = np.random.default_rng([seed, items, dim])
    views = {name: rng.normal(size=(items, dim)) for name in ("a", "b")}
    found = LinearCCA(min(dim, items - 1)).fit(views).correlations
    return float(found[0]), float(np.mean(found**2))


class NoiseCurve(NamedTuple):
    """``measured`` at some numbers of items, and the limit as a line, ``theory`` = (x, y)."""

    measured: np.ndarray
    theory: tuple[np.ndarray, np.ndarray]


def noise_curves(items, dim, *, seed=0):
    """Return the first canonical correlation of noise by the number of items, and its limit."""
    steps = np.geomspace(min(items), max(items), 120).astype(int)
    limit = np.array([chance_correlation(int(count), dim, dim) for count in steps])
    measured = [noise_correlations(int(count), dim, seed=seed)[0] for count in items]
    return NoiseCurve(np.array(measured), (steps, limit))


def load_digit_views(*, seed=0):
    """Return the six views of the digits, standardized by the training rows, and the digits.

    ``({split: {view: (rows, dim)}}, {split: (rows,)})``

    >>> views, digits = load_digit_views()
    >>> views["train"]["zer"].shape[1], sorted(views["test"])
    (47, ['fac', 'fou', 'kar', 'mor', 'pix', 'zer'])
    """
    digits = data.load_digits(seed=seed)
    splits = {name: getattr(digits, name) for name in SPLITS}
    views = {name: {} for name in SPLITS}
    for view, train in digits.train.inputs.items():
        center, spread = train.mean(axis=0), train.std(axis=0)
        spread = np.where(spread > 0, spread, 1)
        for name, split in splits.items():
            views[name][view] = (split.inputs[view] - center) / spread
    return views, {name: split.targets["digit"] for name, split in splits.items()}


def view_agreement(views, *, components, regularization):
    """Return the mean held-out correlation of each pair of views, below the diagonal.

    ``views`` is what `load_digit_views` returns; what is on the diagonal and above is NaN.
    """
    names = list(views["train"])
    found = np.full((len(names), len(names)), np.nan)
    for row, column in zip(*np.tril_indices(len(names), -1), strict=True):
        train, held_out = (
            {names[k]: views[split][names[k]] for k in (row, column)}
            for split in ("train", "validation")
        )
        cca = LinearCCA(components, regularization=regularization).fit(train)
        found[row, column] = cca.score(held_out).mean()
    return found


def tell_digits(train, test, digits, maps):
    """Say how often the nearest mean tells ten digits, and 6 from 9, after each linear map.

    ``train`` and ``test`` are one view of the digits, ``maps`` ``{name: (dim, numbers)}``. Returns
    ``{question: {name: accuracy}}``.
    """
    found = {}
    for question, kinds in (("all ten digits", range(10)), ("6 or 9", (6, 9))):
        seen, asked = (np.isin(digits[split], kinds) for split in ("train", "test"))
        truth, found[question] = digits["test"][asked], {}
        for name, directions in maps.items():
            said = nearest_mean(
                train[seen] @ directions, digits["train"][seen], test[asked] @ directions
            )
            found[question][name] = round(float(np.mean(said == truth)), 2)
    return found


def effective_rank(outputs):
    """Return to how many directions vectors ``(rows, dim)`` amount, from 1 to ``dim``.

    >>> round(effective_rank(np.array([[1.0, 1], [-1, -1], [1, -1], [-1, 1]])), 3)
    2.0
    """
    variances = np.linalg.eigvalsh(np.cov(np.asarray(outputs, float).T))
    return float(variances.sum() ** 2 / (variances**2).sum())


def make_network(units):
    """Return one hidden layer, and a linear one of the size that is compared."""
    layers = [keras.layers.Dense(HIDDEN, activation="relu"), keras.layers.Dense(units)]
    return keras.Sequential(layers)


def train_deep(views, *, units, epochs, regularization=1e-3, batch_size=1024, validation=None,
               components=None, learning_rate=1e-3, seed=0, callbacks=()):  # fmt: skip
    """Train a `DeepCCA` of one hidden layer per view; return it and its history, lists by name."""
    keras.utils.set_random_seed(seed)
    model = DeepCCA(
        {name: make_network(units) for name in views},
        units if components is None else components,
        regularization=regularization,
    )
    model({name: rows[:1] for name, rows in views.items()})
    model.compile(keras.optimizers.Adam(learning_rate))
    model.optimizer.build(model.trainable_variables)  # or the first step would be traced twice
    options = {"validation_data": validation, "seed": seed, "callbacks": callbacks, "verbose": 0}
    history = model.fit(views, batch_size=batch_size, epochs=epochs, **options)
    return model, history.history


def nearest_mean(train, digits, rows):
    """Return for each row the digit whose training mean is nearest: the simplest classifier."""
    classes = np.unique(digits)
    means = np.stack([train[digits == each].mean(axis=0) for each in classes])
    distances = ((rows[:, None] - means) ** 2).sum(axis=2)
    return classes[distances.argmin(axis=1)]


class CanonicalSpace:
    """The canonical variates of both modalities, each weighed by its correlation, as directions.

    ``encode({"image": (rows, dim), ...})`` returns vectors of length 1, to be compared by their
    inner products. Without the weights, variates that share nothing would count as much as others.

    Parameters
    ----------
    cca : a fitted `LinearCCA` or `DeepCCA`
    components : None for all, or how many count
    """

    def __init__(self, cca, *, components=None):
        self.cca = cca
        self.weights = np.array(cca.correlations)[:components]

    def encode(self, inputs):
        """Return ``{modality: (rows, components)}``."""
        found = self.cca.transform(inputs)
        size = len(self.weights)
        return {
            name: to_unit(variates[:, :size] * self.weights) for name, variates in found.items()
        }


class RegressionSpace:
    """The space of the texts, into which ridge regression brings the images.

    Parameters
    ----------
    ridge : what `fit_ridge_map` found from images to texts
    center : the mean of the training texts, ``(dim,)``
    """

    def __init__(self, ridge, center):
        self.ridge, self.center = ridge, center

    def encode(self, inputs):
        """Return ``{modality: (rows, dim)}`` of length 1."""
        found = {name: rows for name, rows in inputs.items() if name == "text"}
        if "image" in inputs:
            found["image"] = self.ridge.predict(inputs["image"])
        return {name: to_unit(rows - self.center) for name, rows in found.items()}


def find_ends(values, concepts, *, count):
    """Return the rows at both ends, the lowest and the highest first, one per concept.

    >>> find_ends(np.array([0.1, 0.9, 0.0, 0.8, 0.5]), np.array([0, 1, 0, 1, 2]), count=2)
    ([2, 4], [1, 4])
    """
    ends = []
    for order in (np.argsort(values), np.argsort(-values)):
        _, first = np.unique(concepts[order], return_index=True)
        ends.append(order[np.sort(first)[:count]].tolist())
    return tuple(ends)


def frequent_keywords(task, *, language, least):
    """Return the keywords, sorted, that at least so many training concepts have."""
    owners = {}
    for text, concept in zip(
        task.words("train", language=language), task.ids("train"), strict=True
    ):
        for word in text.split(SEPARATOR):
            owners.setdefault(word, set()).add(int(concept))
    return sorted(word for word, those in owners.items() if len(those) >= least)
