"""Checks of a batch for connectionist temporal classification: shapes, lengths, letters."""

from typing import Any

import numpy as np
from keras import ops

from mmtutorial._checks import check_array
from mmtutorial.encoders._base import to_array


def check_logits(logits: Any, lengths: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return scores ``(batch, frames, classes)`` and how many frames of each row count."""
    if ops.is_tensor(logits):
        logits = ops.convert_to_numpy(logits)
    logits = check_array("logits", logits)
    _check_shape(logits)
    if lengths is None:
        return logits, np.full(len(logits), logits.shape[1])
    lengths = ops.convert_to_numpy(lengths) if ops.is_tensor(lengths) else lengths
    lengths = check_array("logit_lengths", lengths, kinds="iu")
    _check_lengths("logit_lengths", lengths, len(logits), logits.shape[1])
    return logits, lengths


def check_batch(logits: Any, labels: Any, logit_lengths: Any, label_lengths: Any) -> tuple:
    """Return the four of them as tensors; look at values where they can be seen."""
    given = {
        "logits": logits,
        "labels": labels,
        "logit_lengths": logit_lengths,
        "label_lengths": label_lengths,
    }
    arrays = {name: to_array(name, array) for name, array in given.items()}
    _check_shape(arrays["logits"])
    batch, frames, classes = arrays["logits"].shape
    shape = tuple(arrays["labels"].shape)
    if len(shape) != 2 or (None not in (batch, shape[0]) and shape[0] != batch):
        raise ValueError(f"labels must be (batch, letters), for a batch of {batch}, got {shape}")
    for name in ("labels", "logit_lengths", "label_lengths"):
        if "int" not in str(arrays[name].dtype):
            raise TypeError(f"{name} must be whole numbers, got {arrays[name].dtype}")
    try:
        seen = {name: ops.convert_to_numpy(array) for name, array in arrays.items()}
    except (TypeError, RuntimeError, NotImplementedError, ValueError):
        seen = None  # a compiled graph has no values to see
    if seen:
        _check_lengths("logit_lengths", seen["logit_lengths"], batch, frames)
        _check_lengths("label_lengths", seen["label_lengths"], batch, shape[1])
        _check_letters(seen, classes)
        if not np.isfinite(seen["logits"]).all():
            raise ValueError("logits must be finite, got NaN or infinity")
    logits, *others = (ops.convert_to_tensor(array) for array in arrays.values())
    return logits, *(ops.cast(array, "int32") for array in others)


def _check_shape(logits):
    if len(logits.shape) != 3 or 0 in logits.shape[1:] or logits.shape[2] == 1:
        raise ValueError(
            "logits must be (batch, frames, classes), of a blank and a letter at least, got shape "
            f"{tuple(logits.shape)}"
        )


def _check_lengths(name, lengths, batch, most):
    if lengths.shape != (batch,):
        raise ValueError(f"{name} must hold a length for each of {batch} rows, got {lengths.shape}")
    least = int(name == "logit_lengths")
    if ((lengths < least) | (lengths > most)).any():
        row = int(np.argmax((lengths < least) | (lengths > most)))
        raise ValueError(f"{name} must be from {least} to {most}, got {lengths[row]} in row {row}")


def _check_letters(seen, classes):
    """Refuse letters that do not exist, and rows that no path can spell."""
    labels, lengths = seen["labels"], seen["label_lengths"]
    here = np.arange(labels.shape[1]) < lengths[:, None]
    wrong = here & ((labels < 1) | (labels >= classes))
    if wrong.any():
        row, place = np.argwhere(wrong)[0]
        raise ValueError(
            f"labels must be letters from 1 to {classes - 1} (0 is the blank), got "
            f"{labels[row, place]} in row {row}"
        )
    twice = (labels[:, 1:] == labels[:, :-1]) & here[:, 1:]
    needed = lengths + twice.sum(axis=1)
    short = needed > seen["logit_lengths"]
    if short.any():
        row = int(np.argmax(short))
        raise ValueError(
            f"logit_lengths[{row}] must be at least {needed[row]}, for {lengths[row]} letters and "
            f"a blank between two that are the same, got {seen['logit_lengths'][row]}"
        )
