"""Read files only as they were written: each folder of them lists their SHA-256 checksums.

``SHA256SUMS`` has the form that ``sha256sum --check`` reads, a checksum and a name per line. While
a file is replaced, it lists two checksums of it, the old one and the new: whenever the writing
breaks off, the file fits one of the two, so an interruption leaves nothing to repair. The old one
of a file that is new is that of nothing.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mmtutorial.data.dataset import DataError

SUMS = "SHA256SUMS"


def digest(content: bytes) -> str:
    """Return the checksum of a file's content."""
    return hashlib.sha256(content).hexdigest()


NOTHING = digest(b"")


def format_sums(sums: Mapping[str, tuple[str, ...]]) -> bytes:
    """Return the content of SHA256SUMS for these files, sorted by name."""
    lines = [f"{each}  {name}\n" for name in sorted(sums) for each in dict.fromkeys(sums[name])]
    return "".join(lines).encode()


def read_sums(folder: Path, repair: str) -> dict[str, tuple[str, ...]]:
    """Return the checksums by file that a folder lists, one each, or two of an unfinished change.

    Raises ``DataError``, with the repair, if the list is missing or damaged.
    """
    path, sums = folder / SUMS, {}
    try:
        for line in path.read_text(encoding="ascii").splitlines():
            each, name = line.split("  ", 1)
            sums[name] = (*sums.get(name, ()), each)
    except OSError as error:
        raise _unreadable(path, error, repair) from error
    except ValueError as error:
        raise _damaged(path, "a line is no checksum and name", repair) from error
    for each in (each for found in sums.values() for each in found):
        if not re.fullmatch("[0-9a-f]{64}", each):
            raise _damaged(path, f"{each!r} is no SHA-256 checksum", repair)
    return sums


def read_checked(path: Path, repair: str) -> bytes:
    """Return what a file holds, checked against the SHA256SUMS beside it.

    Raises ``DataError``, which names the file and the repair, if one of them is missing or damaged.
    """
    sums = read_sums(path.parent, repair)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error, repair) from error
    if path.name not in sums:
        raise _damaged(path.with_name(SUMS), f"it does not name {path.name}", repair)
    if digest(content) not in sums[path.name]:
        reason = f"it does not fit {SUMS} beside it, which may be damaged instead"
        raise _damaged(path, reason, repair)
    return content


def _damaged(path: Path, reason: str, repair: str) -> DataError:
    return DataError(f"{path} is damaged: {reason}. To repair: {repair}")


def _unreadable(path: Path, error: OSError, repair: str) -> DataError:
    return DataError(f"{path} cannot be read ({error.strerror}). To repair: {repair}")


def listed_files(folder: Path) -> list[str]:
    """Return the names of the files that must be there, as far as SHA256SUMS can be read."""
    path = folder / SUMS
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    found = [line.partition("  ")[::2] for line in lines]
    new = {name for each, name in found if each == NOTHING}
    return sorted({name for _, name in found} - new - {""})


def write_checked(path: Path, content: bytes, repair: str) -> None:
    """Replace a file and its checksum; an interruption leaves the old pair, or the new one.

    Raises ``DataError`` if the folder has a SHA256SUMS that is damaged; without one, it is made.
    """
    with _one_at_a_time(path.parent):
        sums_file = path.with_name(SUMS)
        sums = read_sums(path.parent, repair) if sums_file.exists() else {}
        both = (*sums.get(path.name, (NOTHING,)), digest(content))
        write_bytes(sums_file, format_sums(sums | {path.name: both}))
        write_bytes(path, content)
        write_bytes(sums_file, format_sums(sums | {path.name: (digest(content),)}))


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let studies of one room that run side by side list their files one after the other."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock: there, run them one after the other
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a network folder may know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # which ends the lock, as the end of a process does


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file in one step: an interruption leaves the old one whole."""
    with replacing(path) as file:
        file.write(content)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of ``path`` once it is written, and whole.

    A process that is killed while writing leaves a file ``.new-...`` beside it, which git ignores.
    """
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".new-{path.name}-")
    try:
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # a power cut must not leave the new name on an empty file
        os.chmod(fresh, 0o644)
        os.replace(fresh, path)
    except BaseException:  # Ctrl-C, too
        os.unlink(fresh)
        raise
