"""Files of an index: written in one step, read only whole, and only in the form of this version.

A file begins with a line that names form and version. Then come its parts, each from a multiple of
64 bytes on, so that an array can be mapped into memory; a header in JSON; the header's length in 8
bytes; and the SHA-256 checksum of all that, 32 bytes. Nothing in it is code.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmtutorial._checksums import replacing

FORM, VERSION = b"mmtutorial index ", b"1"
ALIGN, CHECKSUM, LENGTH = 64, 32, 8  # bytes
CHUNK = 2**20  # bytes read at a time
Writer = Callable[[bytes], Any]


class IndexFile(NamedTuple):
    """A file that was read, and is whole: its header, and where each part begins and ends."""

    path: Path
    checksum: str
    header: dict[str, Any]
    parts: dict[str, tuple[int, int]]

    def map(self, part: str, dtype: str, width: int | None = None) -> np.ndarray:
        """Return a part as an array that lies on disk, ``(items,)`` or ``(items, width)``."""
        start, stop = self.parts[part]
        shape = (-1,) if width is None else (-1, width)
        if start == stop:
            return np.empty(0, dtype).reshape(shape if width is None else (0, width))
        count = (stop - start) // np.dtype(dtype).itemsize
        mapped = np.memmap(self.path, dtype, "r", offset=start, shape=(count,))
        return mapped.reshape(shape)


def check_path(path: Any, *, name: str = "path", what: str = "file") -> Path:
    """Return what names a file, or a folder, as a path."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name} must name a {what}, got {path!r}")
    return Path(path)


def write_index_file(
    path: Path, header: Mapping[str, Any], parts: Mapping[str, Callable[[Writer], Any]]
) -> str:
    """Write a file, or leave the old one as it is; return its checksum.

    Each part is a function, and calls what it is given with bytes, as often as it likes.
    """
    with replacing(path) as file:
        digest, places = hashlib.sha256(), {}

        def write(chunk):
            digest.update(chunk)
            file.write(chunk)

        write((FORM + VERSION + b"\n").ljust(ALIGN, b"\n"))
        for name, part in parts.items():
            write(b"\0" * (-file.tell() % ALIGN))
            start = file.tell()
            part(write)
            places[name] = [start, file.tell()]
        text = json.dumps({**header, "parts": places}).encode()
        write(text)
        write(len(text).to_bytes(LENGTH, "little"))
        file.write(digest.digest())
    return digest.hexdigest()


def read_index_file(path: Path, kinds: tuple[str, ...], *, verify: bool = True) -> IndexFile:
    """Return a file of one of these kinds; without ``verify``, its checksum is not looked at.

    Raises ``FileNotFoundError`` for a file that is missing, and ``ValueError`` for one that is no
    index, was written in another version's form, is damaged, or is of another kind.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise FileNotFoundError(f"{path} {what}; index.save(path) writes such a file")
    with open(path, "rb") as file:
        _check_form(path, file.readline(ALIGN))
        if verify:
            _check_sum(path, file)
        header, checksum = _read_header(path, file)
    if header["kind"] not in kinds:
        raise ValueError(f"{path} holds an index of kind {header['kind']!r}, not {kinds}")
    parts = {name: tuple(place) for name, place in header.pop("parts").items()}
    return IndexFile(path, checksum, header, parts)


def _check_form(path, line):
    if not line.startswith(FORM):
        raise ValueError(f"{path} is no index that mmtutorial has saved")
    version = line.removeprefix(FORM).strip()
    if version != VERSION:
        raise ValueError(
            f"{path} was written by another version of mmtutorial: its form is "
            f"{version.decode(errors='replace')!r}, and this version reads {VERSION.decode()!r}; "
            "install that version, or make the index anew"
        )


def _check_sum(path, file):
    """Refuse a file whose content is not what its last bytes say."""
    digest, left = hashlib.sha256(), os.fstat(file.fileno()).st_size - CHECKSUM
    file.seek(0)
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    if digest.digest() != file.read():
        raise _damaged(path)


def _read_header(path, file):
    """Return the header and the checksum, which stand at the end."""
    try:
        file.seek(-LENGTH - CHECKSUM, os.SEEK_END)
        length = int.from_bytes(file.read(LENGTH), "little")
        file.seek(-length - LENGTH - CHECKSUM, os.SEEK_END)
        header = json.loads(file.read(length))
        header["kind"], header["parts"].items()
        file.seek(LENGTH, os.SEEK_CUR)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise _damaged(path) from error
    return header, file.read().hex()


def _damaged(path):
    return ValueError(
        f"{path} is damaged, or was cut off: its checksum does not fit; save or copy it again"
    )
