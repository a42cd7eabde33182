"""Write the files of a data set, with the sums by which the package checks them; and archives."""

import io
import zipfile
from pathlib import Path

from mmtutorial._checksums import SUMS, digest, format_sums, write_bytes


def write_all(folder: Path, files: dict[str, bytes]) -> int:
    """Replace the files of ``folder`` one by one, each atomically, and return their bytes in all.

    ``files`` maps a name, which may lie in a subfolder (``"cs/a.txt"``), to its content. A file
    SHA256SUMS is added, and what an older build left behind is removed.
    """
    folder = Path(folder)
    sums = format_sums({name: (digest(content),) for name, content in files.items()})
    files = {**files, SUMS: sums}
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(target, content)
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
