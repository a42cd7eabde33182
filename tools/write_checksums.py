"""Write the checksums of quizzes and results, by which the package knows a damaged file.

Run it (``make checksums``) after you changed such a file by hand, on purpose. A study writes the
checksum of its results itself. ``SHA256SUMS`` of each room lists its ``quiz.json``, and every
``results*.json`` and ``weights*.npz``, as ``sha256sum --check`` reads it.
"""

import json
import sys
from pathlib import Path

from mmtutorial._checksums import SUMS, digest, format_sums, write_bytes

CHAPTERS = Path(__file__).resolve().parent.parent / "mmtutorial" / "chapters"
LISTED = ("quiz.json", "results*.json", "weights*.npz")


def room_sums(room: Path) -> bytes:
    """Return the SHA256SUMS that a room should have; ValueError for a file that is no JSON."""
    sums = {}
    for path in [path for kind in LISTED for path in room.glob(kind)]:
        content = path.read_bytes()
        if path.suffix == ".json":
            try:
                json.loads(content)
            except ValueError as error:
                raise ValueError(f"{path} is no JSON ({error}): repair it first") from error
        sums[path.name] = (digest(content),)
    return format_sums(sums)


def find_stale(chapters: Path) -> dict[Path, bytes]:
    """Return every list of checksums that is missing or wrong, with what it should hold."""
    rooms = [path.parent for path in sorted(chapters.glob("*/*/__init__.py"))]
    right = {room / SUMS: room_sums(room) for room in rooms}
    return {
        path: content
        for path, content in right.items()
        if content != (path.read_bytes() if path.exists() else b"")
    }


def main() -> None:
    """Bring every list up to date and name those that were not; write nothing if a file is bad."""
    try:
        stale = find_stale(CHAPTERS)
    except ValueError as error:
        sys.exit(str(error))
    for path, content in stale.items():
        write_bytes(path, content)
        print(f"==> {path.relative_to(CHAPTERS)}")


if __name__ == "__main__":
    main()
