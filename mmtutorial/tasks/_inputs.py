"""Checks of what tasks and trainings are given: splits, seeds, functions to call."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from mmtutorial._checks import check_array, check_choice, check_finite, check_whole
from mmtutorial._logits import check_classes
from mmtutorial._presence import stack_columns
from mmtutorial.encoders._base import to_booleans

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


def stack_presence(inputs: dict) -> dict:
    """Return the same inputs, whose presence, if there is one, is booleans in columns."""
    if "presence" not in inputs:
        return inputs
    names = sorted(inputs.keys() - {"presence"})
    presence = to_booleans("presence", stack_columns(inputs["presence"], names))
    if len(presence.shape) != 2 or presence.shape[1] != len(names):
        raise ValueError(
            f"presence must have a column for each of {names}, got shape {tuple(presence.shape)}"
        )
    return {**inputs, "presence": presence}


def select_modalities(inputs, modalities, rows=slice(None)):
    """Return some modalities of some rows, and of ``"presence"``, if it is there, their columns."""
    names = sorted(inputs.keys() - {"presence"})
    modalities = names if modalities is None else modalities
    batch = {name: inputs[name][rows] for name in modalities}
    if "presence" in inputs:
        batch["presence"] = inputs["presence"][rows][:, [names.index(name) for name in modalities]]
    return batch


def check_lacking(inputs: dict, modalities: list | None) -> None:
    """Refuse inputs without a modality that the model takes."""
    if lacking := [name for name in modalities or () if name not in inputs]:
        raise ValueError(f"inputs must hold {modalities}, but lack {lacking}")


def check_drawn(drawn: Any, modalities: list | None) -> tuple[Any, np.ndarray]:
    """Return the inputs and targets of an epoch, of as many rows, if the inputs are finite.

    What stands in a modality where it is absent does not matter.
    """
    if not isinstance(drawn, (tuple, list)) or len(drawn) != 2:
        raise TypeError(f"draw must return inputs and targets, (inputs, targets), got {drawn!r}")
    inputs, targets = drawn[0], _check_targets(drawn[1])
    if not isinstance(inputs, dict):
        arrays = {"inputs": check_array("inputs", inputs)}
        _check_counts(arrays, targets)
        return arrays["inputs"], targets
    check_lacking(inputs, modalities)
    inputs = stack_presence(inputs)
    names, arrays = sorted(inputs.keys() - {"presence"}), {}
    for name in modalities or names:
        arrays[name] = check_array(f"inputs[{name!r}]", inputs[name], finite=False)
    there = {"presence": inputs["presence"]} if "presence" in inputs else {}
    _check_counts({**arrays, **there}, targets)
    for name, array in arrays.items():
        rows = there["presence"][:, names.index(name)] if there else slice(None)
        check_finite(f"inputs[{name!r}]", array[rows])
    return {**inputs, **arrays}, targets


def _check_targets(targets):
    """Return an array of classes, or ``{task: array}`` of labels, some of which may be missing."""
    if not isinstance(targets, dict):
        return check_array("targets", targets, kinds="biu")
    return {
        task: check_array(f"targets[{task!r}]", each, finite=False)
        for task, each in targets.items()
    }


def _check_counts(arrays, targets):
    if isinstance(targets, dict):
        for each in targets.values():
            _check_counts(arrays, each)
        return
    counts = {name: next(iter(array.shape), 0) for name, array in arrays.items()}
    if not targets.ndim or set(counts.values()) != {len(targets)}:
        raise ValueError(
            f"draw must return as many rows of inputs as targets, {targets.size}; got {counts}"
        )


def draw_classes_of(model: keras.Model, draw: Callable) -> Callable:
    """Return ``draw``, made to refuse targets that are no class of the model."""

    def call(epoch):
        drawn = draw(epoch)
        pair = isinstance(drawn, (list, tuple)) and len(drawn) == 2  # else `check_drawn` refuses it
        if pair and not isinstance(drawn[1], dict):  # a model of several tasks looks at its own
            check_classes("targets", drawn[1], model.loss, getattr(model, "classes", None))
        return drawn

    return call


def set_seed(seed: int) -> int:
    """Let all random numbers of Keras, its backend and NumPy begin anew from a seed."""
    if check_whole("seed", seed, least=0) >= 2**32:
        raise ValueError(f"seed must be below 2**32, got {seed}")
    keras.utils.set_random_seed(int(seed))
    return int(seed)
