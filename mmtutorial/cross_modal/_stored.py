"""Arrays in a ``.npz`` file that says what it is: written whole or not at all, without pickle."""

import io
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mmtutorial._checksums import write_bytes

TAG = "format"  # the name of the array that says what the file is


def check_path(path: str | os.PathLike) -> Path:
    """Return the path of a ``.npz`` file; refuse what is no path, or has another ending."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must name a file, got {path!r}")
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"path must end in .npz, got {path.name!r}")
    return path


def write_arrays(path: str | os.PathLike, kind: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays, and of what ``kind`` they are, such as ``"mmtutorial LinearCCA 1"``."""
    path = check_path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path must lie in a folder that exists, got {path}")
    content = io.BytesIO()
    np.savez(content, **{TAG: np.array(kind)}, **arrays)
    write_bytes(path, content.getvalue())


def read_arrays(path: str | os.PathLike, kind: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file of this kind; refuse any other, and one that is damaged."""
    path = check_path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path must be a file that save(...) wrote; {path} does not exist")
    try:
        with zipfile.ZipFile(path) as file:
            if damaged := file.testzip():
                raise zipfile.BadZipFile(damaged)
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError) as error:
        raise ValueError(f"path: {path} is damaged, or no .npz file: save it again") from error
    found = str(arrays.pop(TAG, "another program"))
    if found != kind:
        raise ValueError(f"path: {path} was written by {found}, expected {kind}")
    return arrays
