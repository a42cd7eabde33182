"""Training with missing modalities, and accuracy against the share that is missing."""

from collections.abc import Iterable

import numpy as np

from mmtutorial._checks import (
    check_array,
    check_choice,
    check_like,
    check_share,
)
from mmtutorial.chapters.fusion.missing_modalities.expected import presence_patterns
from mmtutorial.evaluation import interval
from mmtutorial.results import by_seed
from mmtutorial.tasks.stamps import StampRecipe, StampTask
from mmtutorial.tasks.training import fit, predict_log_proba

HEAD_UNITS, MODALITY_DROPOUT, EPOCHS = (64,), 0.4, 24
METHODS = {  # a fusion, and what the recipe says beside its dropout
    "concat": ("concat", {"hidden": HEAD_UNITS}),
    "concat + dropout": ("concat", {"hidden": HEAD_UNITS, "modality_dropout": MODALITY_DROPOUT}),
    "concat + tokens": (
        "concat",
        {"hidden": HEAD_UNITS, "modality_dropout": MODALITY_DROPOUT, "missing": "learnt"},
    ),
    "concat, no hidden layer": ("concat", {}),
    "product": ("product", {}),
    "mixture": ("mixture", {}),
}
# How often a systematic gap hides each of the ten groups: mostly animals, food, household, space,
# which are half of the stamps.
MISSING_RATE_BY_CLASS = np.where(np.isin(np.arange(10), (0, 2, 3, 7)), 0.9, 0.1)


class SoundPresenceTask(StampTask):
    """Stamps of which a model learns only that there is a sound or a voice: a 1.

    >>> SoundPresenceTask(modalities=("image", "sound")).inputs("test")["sound"].shape
    (129, 1)
    """

    def _hear(self, name):
        return [np.ones((len(split), 1), np.float32) for split in self._splits()]


def train_method(task, method, *, rate, seed, presence=None, epochs=EPOCHS, on_epoch=None):
    """Train a modality alone, by its name, or one of `METHODS`, on a `StampTask`.

    A modality alone learns from the rows that have it; a fusion is told what is absent.

    Parameters
    ----------
    rate : dropout in the encoders and behind the hidden layer
    presence : boolean ``(training rows, modalities)``: takes away more than the stamps lack
    on_epoch : None, or a function of the epoch and the model

    Returns the model. Raises ``ValueError`` for an unknown method.
    """
    check_like("task", task, "a StampTask", "modalities", "inputs", "by_token")
    check_choice("method", method, sorted((*task.modalities, *METHODS)))
    check_share("rate", rate)
    fusion, changes = METHODS.get(method, (method, {}))
    rates = {f"{name}_dropout": rate for name in task.modalities}
    recipe = StampRecipe(epochs=epochs, learning_rate=4e-3, dropout=rate, **rates, **changes)
    inputs, targets = task.inputs("train", presence=presence), task.targets("train")
    if method in task.modalities:
        rows = inputs["presence"][:, task.modalities.index(method)]
        inputs, targets = {name: array[rows] for name, array in inputs.items()}, targets[rows]
    return fit(
        lambda: task.build(fusion, recipe),
        lambda epoch: (inputs, targets),
        recipe,
        seed=seed,
        on_epoch=on_epoch,
    )


def predict_by_pattern(task, model, split):
    """Ask a model about a split once for each pattern: ``{pattern: (rows, classes)}``."""
    check_like("task", task, "a StampTask", "modalities", "inputs", "presence")
    check_like("model", model, "a FusionClassifier", "modalities", "fusion")
    every, found = presence_patterns(task.modalities), []
    rows = len(task.targets(split))
    for pattern in every:
        found.append(task.inputs(split, presence=np.tile(pattern, (rows, 1))))
    inputs = {name: np.concatenate([each[name] for each in found]) for name in found[0]}
    votes = predict_log_proba(model, inputs)
    return dict(zip(every, np.split(votes, len(every)), strict=True))


def robustness_curve(rows, shares, *, masked, **where):
    """Return accuracy against the share of rows that lack a modality, for rows of the study.

    ``rows`` have an ``accuracy`` for each ``seed`` and for ``"nothing"``, ``"photograph"``,
    ``"caption"`` and ``"both"`` missing; ``where`` says which rows. ``masked`` is what is missing:
    the photograph, the caption, or ``"each"``, by a draw of its own. Returns shares, mean, low,
    high. Raises ``ValueError`` for shares outside 0..1 and for several rows of one seed.

    >>> rows = [{"masked": h, "seed": s, "accuracy": h == "nothing"}
    ...         for h in ("nothing", "caption") for s in (0, 1)]
    >>> robustness_curve(rows, [0.25], masked="caption")[1]
    array([0.75])
    """
    if isinstance(rows, (str, bytes, dict)) or not isinstance(rows, Iterable):
        raise TypeError(f"rows must be a list of dicts, got {type(rows).__name__}")
    if isinstance(shares, (list, tuple)) and any(isinstance(share, bool) for share in shares):
        raise TypeError(f"shares must be numbers, got {shares}")
    gone = np.ravel(check_array("shares", shares, kinds="iuf"))[:, None]
    if not len(gone) or ((gone < 0) | (gone > 1)).any():
        raise ValueError(f"shares must lie in 0..1, at least one, got {shares}")
    seeds = list(by_seed(rows, masked="nothing", **where))

    def ends(name):
        of = by_seed(rows, masked=name, **where)
        if of.keys() != set(seeds):
            raise ValueError(f"rows must have seeds {seeds} for {name!r} masked, got {list(of)}")
        return np.array([of[seed] for seed in seeds])

    if masked == "each":
        curves = (1 - gone) ** 2 * ends("nothing") + gone**2 * ends("both")
        curves = curves + gone * (1 - gone) * (ends("photograph") + ends("caption"))
    else:
        curves = (1 - gone) * ends("nothing") + gone * ends(masked)
    mean, low, high = np.array([interval(curve) for curve in curves]).T
    return shares, mean, low, high
