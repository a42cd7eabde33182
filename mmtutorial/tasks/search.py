"""One search for all methods: train each candidate once, and stop at its best epoch."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import numpy as np

from mmtutorial._checks import check_array, check_choice, check_like, check_list
from mmtutorial.tasks.emoji import FUSIONS, METHODS
from mmtutorial.tasks.training import Recipe, predict_log_proba, score_log_proba, train_model

SEARCH_SEED = 100  # no seed of a test run


def best_epoch(curve: Iterable[float]) -> tuple[float, int]:
    """Return the best value of a curve smoothed over three epochs, and how many epochs it takes.

    Smoothing keeps a lucky epoch from winning. ``curve`` is ``(epochs,)``, at least three. Raises
    ``ValueError`` for fewer.

    >>> best_epoch([0.1, 0.5, 0.6, 0.7, 0.2])
    (0.6, 3)
    """
    curve = check_array("curve", curve)
    if curve.ndim != 1 or len(curve) < 3 or not ((curve >= 0) & (curve <= 1)).all():
        raise ValueError(f"curve must hold an accuracy for each of 3 epochs or more, got {curve}")
    smooth = np.convolve(curve, np.ones(3) / 3, mode="valid")
    return float(smooth.max()), int(smooth.argmax()) + 2


def search_recipes(
    task: Any,
    method: str,
    candidates: Iterable[Recipe],
    *,
    inputs: Any = None,
    targets: Any = None,
    train: Callable[..., Any] = train_model,
    **options: Any,
) -> dict:
    """Choose among recipes by accuracy on validation: the best one, stopped at its best epoch.

    Parameters
    ----------
    task : knows ``inputs("validation", ...)`` and ``targets("validation")``
    method : what to train
    candidates : recipes, each trained once; their ``epochs`` are the most that are tried
    inputs, targets : None, or what to validate on instead of the task's validation split
    train : trains a model, as `train_model` does; ``options`` are passed on to it

    Returns ``{"validation": accuracy, "config": the recipe as a dict}``.
    """
    check_like("task", task, "a task such as EmojiTask", "inputs", "targets", "draw_epoch")
    inputs = task.inputs("validation", seed=0) if inputs is None else inputs
    targets = task.targets("validation") if targets is None else targets
    best = (-1.0, None)
    for recipe in candidates:
        curve = []

        def watch(epoch, model, curve=curve):
            curve.append(score_log_proba(predict_log_proba(model, inputs), targets)["accuracy"])

        train(task, method, recipe, seed=SEARCH_SEED, on_epoch=watch, **options)
        accuracy, epochs = best_epoch(curve)
        best = max(best, (accuracy, recipe.replace(epochs=epochs)), key=lambda pair: pair[0])
    return {"validation": best[0], "config": asdict(best[1])}


def vary(base: Recipe, **values: Iterable) -> list[Recipe]:
    """Return a recipe with all combinations of some of its choices.

    ``values`` maps the name of a choice to those to try. Raises ``TypeError`` for an unknown name
    or what is no list, and ``ValueError`` as `Recipe` does.

    >>> [recipe.units for recipe in vary(Recipe(), units=(32, 64))]
    [32, 64]
    """
    if not isinstance(base, Recipe):
        raise TypeError(f"base must be a Recipe, got {type(base).__name__}")
    values = {name: check_list(name, each, "values to try") for name, each in values.items()}
    return [
        base.replace(**dict(zip(values, each, strict=True)))
        for each in itertools.product(*values.values())
    ]


def emoji_candidates(method: str) -> list[Recipe]:
    """Return the eight recipes that a search with frozen features tries, for any method on emoji.

    A modality alone has sizes to choose, early fusion a hidden layer, all others dropout of image,
    text and whole modalities.
    """
    check_choice("method", method, METHODS + FUSIONS)
    base = Recipe(epochs=20)
    if method in ("image", "text"):
        dropout = {f"{method}_dropout": (0.0, 0.5)}
        return vary(base, **dropout, hidden=((), (128,)), units=(128, 256))
    if method == "early":  # no encoders to drop out of; it has a hidden layer in any case
        return vary(base, dropout=(0.0, 0.5), hidden=((), (128,)), modality_dropout=(0.0, 0.3))
    rates = (0.0, 0.5)
    return vary(base, image_dropout=rates, text_dropout=rates, modality_dropout=(0.0, 0.3))
