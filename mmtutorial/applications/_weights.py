"""Trained models in small files: half-precision numbers, and a note of what they are, as JSON.

The files lie in a folder ``files`` of their application, beside the SHA256SUMS of them all.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmtutorial._checksums import read_checked, write_checked

ABOUT = "about"  # the member that holds the note


def save_weights(path: Path, model: Any, /, **about: Any) -> None:
    """Write all weights of a Keras model, and what else is to be known of it, into one file.

    ``about`` must survive JSON: the configuration that makes the model again, its scores. The file
    and its checksum are replaced together, or not at all. Raises ``ValueError`` for weights that
    half precision cannot hold.
    """
    weights = model.get_weights()
    save_arrays(path, {f"weight_{i:04d}": each for i, each in enumerate(weights)}, **about)


def load_weights(path: Path) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Return what `save_weights` wrote: weights for ``model.set_weights``, and what is known of it.

    Raises ``DataError``, which says how to repair it, for a file that is missing or damaged.
    """
    arrays, about = load_arrays(path)
    return [arrays[name] for name in sorted(arrays)], about


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray], /, **about: Any) -> None:
    """Write named arrays, floats as 16 bits, and a note. Errors: those of `save_weights`."""
    stored = {ABOUT: np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)}
    for name, array in arrays.items():
        stored[name] = np.asarray(array)
        if stored[name].dtype.kind == "f":
            stored[name] = _halve(name, stored[name])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **stored)
    path.parent.mkdir(exist_ok=True)
    write_checked(path, buffer.getvalue(), repair(path))


def _halve(name, array):
    with np.errstate(over="ignore"):
        half = array.astype("<f2")
    if not np.isfinite(half).all():
        most = np.abs(array).max()
        raise ValueError(f"{name} must lie within 65504 of 0 and be finite, got up to {most:g}")
    return half


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return what `save_arrays` wrote, floats as 32 bits. Errors: those of `load_weights`."""
    content = read_checked(path, repair(path))
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = dict(stored)
    about = json.loads(arrays.pop(ABOUT).tobytes())
    for name, array in arrays.items():
        if array.dtype.kind == "f":
            arrays[name] = array.astype(np.float32)
    return arrays, about


def repair(path: Path) -> str:
    """Say how a lost or damaged file of an application comes back."""
    folder = "/".join(("mmtutorial", *path.parts[-4:-1]))
    return (
        f"in a clone of the book run `git checkout -- {folder}`; if the package is installed "
        "elsewhere, run `pip install --force-reinstall --no-deps .` in the clone"
    )
