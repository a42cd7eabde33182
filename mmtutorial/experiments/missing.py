"""The recipe of the chapter on missing modalities: who hides what, and what is right then."""

import itertools

import numpy as np

from mmtutorial.evaluation import interval
from mmtutorial.experiments.stamp_fusion import StampFusionTask, StampRecipe, build_stamp_model
from mmtutorial.experiments.training import fit_model, log_probabilities
from mmtutorial.results import select

HIDDEN, DROPPED, EPOCHS = (64,), 0.4, 24
WITH_GAPS = {  # a fusion, and what the recipe says beside its dropout
    "concat": ("concat", {"hidden": HIDDEN}),
    "concat + dropout": ("concat", {"hidden": HIDDEN, "modality_dropout": DROPPED}),
    "concat + tokens": (
        "concat",
        {"hidden": HIDDEN, "modality_dropout": DROPPED, "missing": "learnt"},
    ),
    "concat, no hidden layer": ("concat", {}),
    "product": ("product", {}),
    "mixture": ("mixture", {}),
}
# How often a systematic gap hides each of the ten groups: mostly animals, food, household, space,
# which are half of the stamps.
OFTEN = np.where(np.isin(np.arange(10), (0, 2, 3, 7)), 0.9, 0.1)


class SoundlessTask(StampFusionTask):
    """Stamps of whose sounds and voices a model only learns that there is one: a 1.

    >>> SoundlessTask(modalities=("image", "sound")).inputs("test")["sound"].shape
    (129, 1)
    """

    def _hear(self, name):
        return [np.ones((len(split), 1), np.float32) for split in self._splits()]


def hide_at_random(presence, share, *, seed):
    """Hide each modality of each row with probability ``share``; no row loses its last one.

    ``presence`` is boolean, ``(rows, modalities)``; returns the same with fewer True. The draw
    knows nothing of the rows: missing completely at random. Paper: Rubin 1976.

    >>> hide_at_random(np.ones((1, 2), bool), 0.0, seed=0)
    array([[ True,  True]])
    """
    presence = _check_presence(presence)
    if not 0 <= share <= 1:
        raise ValueError(f"share must lie in 0..1, got {share}")
    drawn = np.random.default_rng(seed).random(presence.shape) >= share
    kept = presence & drawn
    return np.where(kept.any(axis=1, keepdims=True), kept, presence)


def hide_by_class(presence, targets, shares, *, modality, seed):
    """Hide one modality with a probability that depends on the class: absence becomes a clue.

    ``targets`` is ``(rows,)`` of int, ``shares`` ``(classes,)`` of probabilities, ``modality`` the
    number of a column of ``presence``. Returns a presence. Paper: Rubin 1976.

    >>> hide_by_class(np.ones((2, 1), bool), [0, 1], [0.0, 1.0], modality=0, seed=0)
    array([[ True],
           [False]])
    """
    presence, shares = _check_presence(presence).copy(), np.asarray(shares, dtype=float)
    if shares.ndim != 1 or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"shares must be a probability for each class, got {shares}")
    drawn = np.random.default_rng(seed).random(len(presence)) >= shares[np.asarray(targets)]
    presence[:, modality] &= drawn
    return presence


def train_with_gaps(task, method, *, rate, seed, presence=None, epochs=EPOCHS, on_epoch=None):
    """Train a modality alone, by its name, or one of `WITH_GAPS`, on a `StampFusionTask`.

    A modality alone learns from the rows that have it; a fusion is told who is absent.

    Parameters
    ----------
    rate : dropout in the encoders and behind the hidden layer
    presence : boolean ``(training rows, modalities)``: takes away more than the stamps lack
    on_epoch : None, or a function of the epoch and the model

    Returns the model. Raises ``ValueError`` for an unknown method.
    """
    if method not in (*task.modalities, *WITH_GAPS):
        known = sorted((*task.modalities, *WITH_GAPS))
        raise ValueError(f"method must be one of {known}, got {method!r}")
    fusion, changes = WITH_GAPS.get(method, (method, {}))
    rates = {f"{name}_dropout": rate for name in task.modalities}
    recipe = StampRecipe(epochs=epochs, learning_rate=4e-3, dropout=rate, **rates, **changes)
    inputs, targets = task.inputs("train", presence=presence), task.targets("train")
    if method in task.modalities:
        rows = inputs["presence"][:, task.modalities.index(method)]
        inputs, targets = {name: array[rows] for name, array in inputs.items()}, targets[rows]
    return fit_model(
        lambda: build_stamp_model(task, fusion, recipe),
        lambda epoch: inputs,
        targets,
        recipe,
        seed=seed,
        on_epoch=on_epoch,
    )


def patterns(modalities):
    """Return every way to be there or not, ``(True, ..., True)`` first.

    >>> patterns(("image", "text"))
    [(True, True), (True, False), (False, True), (False, False)]
    """
    return list(itertools.product((True, False), repeat=len(modalities)))


def believe(task, model, split):
    """Ask a model about a split once for each pattern: ``{pattern: (rows, classes)}``."""
    every, found = patterns(task.modalities), []
    rows = len(task.targets(split))
    for pattern in every:
        found.append(task.inputs(split, presence=np.tile(pattern, (rows, 1))))
    inputs = {name: np.concatenate([each[name] for each in found]) for name in found[0]}
    votes = log_probabilities(model, inputs)
    return dict(zip(every, np.split(votes, len(every)), strict=True))


def product_of_present(votes, frequencies, log_prior, presence):
    """Multiply the evidence of those who are there: ``p(y) * prod_m p(y | x_m) / p_m(y)``.

    Each expert's evidence is what it believes beyond how frequent the classes were among the rows
    it learnt from; an absent one has none. So gaps that depend on the class do not count as news.

    Parameters
    ----------
    votes : dict by modality of log-probabilities ``(rows, classes)``
    frequencies : dict by modality of ``(classes,)``, logarithms of what each expert learnt from
    log_prior : ``(classes,)``, the logarithm of how frequent each class is
    presence : boolean ``(rows, modalities)``, in the order of the sorted names

    Returns log-probabilities ``(rows, classes)``. Raises ``ValueError`` for frequencies of other
    modalities. Papers: Hinton 2002, Training Products of Experts; Wu and Goodman 2018, Multimodal
    Generative Models for Scalable Weakly-Supervised Learning.

    >>> votes, fair = {"image": np.log([[0.8, 0.2]])}, np.log([0.5, 0.5])
    >>> np.exp(product_of_present(votes, {"image": fair}, fair, np.array([[True]]))).round(2)
    array([[0.8, 0.2]])
    """
    if votes.keys() != frequencies.keys():
        raise ValueError(f"frequencies must be of {sorted(votes)}, got {sorted(frequencies)}")
    total = np.array(log_prior, dtype=float)
    for name, here in zip(sorted(votes), _check_presence(presence).T, strict=True):
        evidence = np.asarray(votes[name]) - frequencies[name]
        total = total + np.where(here[:, None], evidence, 0.0)
    return total - np.logaddexp.reduce(total, axis=-1, keepdims=True)


def log_frequencies(targets, classes):
    """Return the logarithm of how frequent each class is; each counts once more than it occurs.

    >>> np.exp(log_frequencies([0, 0], 2))
    array([0.75, 0.25])
    """
    counts = np.bincount(targets, minlength=classes) + 1
    return np.log(counts / counts.sum())


def expected_right(right, shares):
    """How often will each row be told right if modalities are hidden this often? No draw is needed.

    A row meets each pattern with a known probability, and what the model says then is known; so
    the mean over all draws is a sum.

    Parameters
    ----------
    right : ``{pattern: (rows,)}``, 1 where the model is right, as `patterns` orders modalities
    shares : how often each modality is hidden: a number, or one for each row, ``(rows,)``

    Returns ``(rows,)``; their mean is the expected accuracy.

    >>> right = {(True,): np.array([1, 1]), (False,): np.array([1, 0])}
    >>> expected_right(right, [0.5])
    array([1. , 0.5])
    """
    total = 0.0
    for pattern, each in right.items():
        chance = 1.0
        for here, share in zip(pattern, shares, strict=True):
            chance = chance * (1 - np.asarray(share) if here else np.asarray(share))
        total = total + chance * np.asarray(each)
    return total


def robustness_curve(rows, shares, *, hidden, **where):
    """Return accuracy against the share of hidden rows, for stored rows of a benchmark.

    ``rows`` have an ``accuracy`` for each ``seed`` and for ``"nothing"``, ``"photograph"``,
    ``"caption"`` and ``"both"`` hidden; ``where`` says which rows. ``hidden`` is what vanishes: the
    photograph, the caption, or ``"each"``, by a draw of its own. Returns shares, mean, low, high.

    >>> rows = [{"hidden": h, "seed": s, "accuracy": h == "nothing"}
    ...         for h in ("nothing", "caption") for s in (0, 1)]
    >>> robustness_curve(rows, [0.25], hidden="caption")[1]
    array([0.75])
    """
    gone = np.asarray(shares, dtype=float)[:, None]

    def ends(name):
        return select(rows, "accuracy", hidden=name, **where)

    if hidden == "each":
        curves = (1 - gone) ** 2 * ends("nothing") + gone**2 * ends("both")
        curves = curves + gone * (1 - gone) * (ends("photograph") + ends("caption"))
    else:
        curves = (1 - gone) * ends("nothing") + gone * ends(hidden)
    mean, low, high = np.array([interval(curve) for curve in curves]).T
    return shares, mean, low, high


def _check_presence(presence):
    presence = np.asarray(presence)
    if presence.dtype != bool or presence.ndim != 2:
        raise ValueError(
            f"presence must be boolean, (rows, modalities), got {presence.dtype}, {presence.shape}"
        )
    return presence
