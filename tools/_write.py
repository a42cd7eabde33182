"""Write a data set's files, and the sums by which the package checks them."""

import hashlib
import io
import os
import tempfile
import zipfile
from pathlib import Path


def write_all(folder: Path, files: dict[str, bytes]) -> int:
    """Replace the files of ``folder`` one by one, each atomically, and return their bytes in all.

    ``files`` maps a name, which may lie in a subfolder (``"cs/a.txt"``), to its content. A file
    SHA256SUMS is added, and what an older build left behind is removed.
    """
    folder = Path(folder)
    sums = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files = {**files, "SHA256SUMS": "".join(sums).encode()}
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as file:
            file.write(content)
        os.chmod(file.name, 0o644)
        os.replace(file.name, target)
    for path in sorted(folder.rglob("*"), reverse=True):  # what a folder holds before the folder
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return sum(map(len, files.values()))


def pack_zip(members: dict[str, bytes]) -> bytes:
    """Return a ZIP archive with its members stored as they are: the same bytes on any day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(members.items()):
            info = zipfile.ZipInfo(name)  # dated 1980
            info.create_system = 3  # Unix, wherever it is written
            archive.writestr(info, content)
    return buffer.getvalue()
