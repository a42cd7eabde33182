"""Late fusion of models that were trained alone: pool their predictions, choose weights."""

import itertools
from dataclasses import asdict
from functools import partial

import numpy as np

from mmtutorial._checks import (
    check_array,
    check_dict,
    check_labels,
    check_like,
    check_number,
    check_whole,
)
from mmtutorial._presence import check_presence
from mmtutorial.fusion import LateFusion
from mmtutorial.tasks.search import SEARCH_SEED
from mmtutorial.tasks.training import Recipe, predict_log_proba, train_model

MOST_STEPS = 1000
TIE = 1e-6  # nats of surprise; they are float32, and about 1


def late_fusion(votes, weights, *, presence=None):
    """Late fusion of models trained alone: a weighted product of what those present believe.

    ``votes`` and ``weights`` are dicts by modality, of log-probabilities ``(rows, classes)`` and
    of numbers; ``presence`` is ``(rows,)`` by modality, or ``(rows, modalities)``. Returns
    ``(rows, classes)``; where they rule out every class, all are equal. Raises ``ValueError`` for
    several shapes, NaN and inf.

    >>> votes = {"image": np.log([[0.9, 0.1]]), "text": np.log([[0.5, 0.5]])}
    >>> np.exp(late_fusion(votes, {"image": 1.0, "text": 0.0})).round(2)
    array([[0.9, 0.1]], dtype=float32)
    """
    votes, presence = _check_votes(votes, presence)
    if weights is not None:
        weights = check_dict("weights", weights, '{"image": 1.0, "text": 0.5}')
        if weights.keys() != votes.keys():
            raise ValueError(f"weights must be of {list(votes)}, got {list(weights)}")
        for name, weight in weights.items():
            check_number(f"weights[{name!r}]", weight, least=0, most=1e30)
    return np.asarray(LateFusion(weights, pool="product")(votes, presence=presence))


def choose_weights(votes, truth, *, presence=None, steps=10):
    """Try all weights in steps of a tenth that sum to 1; return the best, and its accuracy.

    Of those with as many right answers, the ones that are least surprised by the truth are better
    (up to ``TIE`` nats, errors of rounding); of these, the one nearest to equal weights. Raises
    ``ValueError`` as `late_fusion` does, and for a true class that does not exist.
    """
    votes, presence = _check_votes(votes, presence)
    if check_whole("steps", steps, least=1) > MOST_STEPS:
        raise ValueError(f"steps must be at most {MOST_STEPS}, got {steps}")
    rows, classes = next(iter(votes.values())).shape
    truth = check_labels("truth", truth, classes=classes)
    if len(truth) != rows:
        raise ValueError(f"truth must hold a class for each of {rows} rows, got {len(truth)}")
    names, tried = sorted(votes), []
    for counts in itertools.product(range(steps + 1), repeat=len(names)):
        if sum(counts) == steps:
            weights = {name: n / steps for name, n in zip(names, counts, strict=True)}
            pooled = late_fusion(votes, weights, presence=presence)
            right = float(np.mean(pooled.argmax(axis=1) == truth))
            surprise = float(-pooled[np.arange(len(truth)), truth].mean())
            tried.append((right, surprise, sum(n * n for n in counts), weights))
    right = max(each[0] for each in tried)
    least = min(surprise for score, surprise, *_ in tried if score == right)
    best = [each for each in tried if each[0] == right and each[1] <= least + TIE]
    return min(best, key=lambda each: each[2])[3], right  # equal weights have the least squares


def _check_votes(votes, presence):
    """Return arrays of one shape, no NaN or inf where a modality is there; and presence."""
    votes = check_dict("votes", votes, '{"image": log_probabilities}')
    if not all(isinstance(name, str) for name in votes):
        raise TypeError(f"votes must be named by texts, got {list(votes)}")
    votes = {n: check_array(f"votes[{n!r}]", v, finite=False) for n, v in votes.items()}
    shapes = {name: vote.shape for name, vote in votes.items()}
    if len(set(shapes.values())) != 1 or len(next(iter(shapes.values()))) != 2:
        raise ValueError(f"votes must all have one shape (rows, classes), got {shapes}")
    if presence is not None:
        rows = len(next(iter(votes.values())))
        presence = check_presence(presence, rows=rows, modalities=sorted(votes))
    for column, name in enumerate(sorted(votes)):
        said = votes[name] if presence is None else votes[name][presence[:, column]]
        if not (said < np.inf).all():  # NaN, too, is not below; -inf is: a class ruled out
            wrong = said[~(said < np.inf)][0]
            raise ValueError(f"votes[{name!r}] must hold log-probabilities, got {wrong}")
    return votes, presence


def search_late(task, recipes, *, inputs=None, steps=10):
    """Train each modality alone, and choose the weights of late fusion on validation.

    ``recipes`` is ``{modality: Recipe}``; ``inputs`` are what to validate on, else the task's
    validation split, and what is absent in them has no vote. ``steps`` as in `choose_weights`.
    Returns ``{"validation": accuracy, "config": {"weights": ..., "alone": recipes as dicts}}``.
    """
    check_like("task", task, "a task such as EmojiTask", "inputs", "targets", "draw_epoch")
    recipes = check_dict("recipes", recipes, '{"image": Recipe()}')
    inputs = task.inputs("validation", seed=0) if inputs is None else inputs
    votes = {
        name: predict_log_proba(train_model(task, name, recipe, seed=SEARCH_SEED), inputs)
        for name, recipe in recipes.items()
    }
    weights, accuracy = choose_weights(
        votes, task.targets("validation"), presence=inputs.get("presence"), steps=steps
    )
    alone = {name: asdict(recipe) for name, recipe in recipes.items()}
    return {"validation": accuracy, "config": {"weights": weights, "alone": alone}}


def train_chosen(task, method, config, *, seed, recipe=Recipe):
    """Train a method as a search chose it: a recipe, or for ``"late"`` one for each modality.

    Parameters
    ----------
    task, method, seed : as in `train_model`
    config : what `search_recipes` chose, or `search_late`
    recipe : the kind of recipe, a class, that ``config`` is the dict of

    Returns ``predict(inputs)``, which gives log-probabilities ``(rows, classes)``, and the number
    of parameters of all models together. Raises ``ValueError`` as `train_model` does.
    """
    config = check_dict("config", config, "what a search chose")
    if method != "late":
        model = train_model(task, method, recipe(**config), seed=seed)
        return partial(predict_log_proba, model), model.count_params()
    models = {
        name: train_model(task, name, recipe(**each), seed=seed)
        for name, each in config["alone"].items()
    }

    def predict(inputs):
        votes = {name: predict_log_proba(model, inputs) for name, model in models.items()}
        return late_fusion(votes, config["weights"], presence=inputs.get("presence"))

    return predict, sum(model.count_params() for model in models.values())
