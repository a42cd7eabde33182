"""Read and write the JSON files of the chapters' rooms, whole or not at all."""

import json
from pathlib import Path
from typing import Any

from mmtutorial._checksums import SUMS, read_checked, write_checked
from mmtutorial.data.dataset import DataError


def read_json(path: Path) -> Any:
    """Return what a shipped JSON file holds, checked against the SHA256SUMS beside it.

    Raises ``DataError``, which names the file and the repair, if it is missing or damaged.
    """
    content = read_checked(path, _repair(path))
    try:
        return json.loads(content)
    except ValueError as error:
        raise DataError(f"{path} is no JSON ({error}). To repair: {_repair(path)}") from error


def write_json(path: Path, text: str) -> None:
    """Replace a JSON file of a room, and its checksum: both or neither."""
    write_checked(path, text.encode(), _repair(path))


def _repair(path: Path) -> str:
    """Say how a file of a room, and the list of its checksums, become right again."""
    parts = path.parts[-4:-1]
    room = "/".join(("mmtutorial", *parts))
    ways = f"run `git checkout -- {room}/{path.name} {room}/{SUMS}`"
    if path.stem.startswith("results"):
        study = ".".join(("mmtutorial", *parts, path.stem.replace("results", "study", 1)))
        ways += f", or delete it, run `make checksums` and measure it again: `python -m {study}`"
    return (
        f"in a clone of the book {ways}; after an edit made on purpose run `make checksums`; if "
        "the package is installed elsewhere, run `pip install --force-reinstall --no-deps .` in "
        "the clone"
    )
