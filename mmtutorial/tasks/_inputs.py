"""Checks of what tasks and trainings are given: splits, seeds, functions to call."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np

from mmtutorial._checks import check_choice, check_whole

SPLITS = ("train", "validation", "test")


def pick_split(dataset, split: str):
    """Return one of the three splits of a data set by its name."""
    return getattr(dataset, check_choice("split", split, SPLITS))


def check_on_epoch(given: Any) -> Any:
    """Return what is called after each epoch, or None."""
    if given is not None and (isinstance(given, type) or not callable(given)):
        raise TypeError(f"on_epoch must be None or a function of epoch and model, got {given!r}")
    return given


def hide_test(dataset):
    """Return a data set whose test split has no rows: what a search may see of it."""
    return replace(dataset, test=dataset.test.take(np.arange(0)))


def set_seed(seed: int) -> int:
    """Let all random numbers of Keras, its backend and NumPy begin anew from a seed."""
    if check_whole("seed", seed, least=0) >= 2**32:
        raise ValueError(f"seed must be below 2**32, got {seed}")
    keras.utils.set_random_seed(int(seed))
    return int(seed)
