"""Read the shipped files, and only as they were built."""

import hashlib
from functools import cache
from pathlib import Path

from mmtutorial.data.dataset import DataError

FOLDER = Path(__file__).parent / "files"
REPAIR = (
    "in a clone of the book run `git checkout -- mmtutorial/data/files` or `make data`; if the "
    "package is installed elsewhere, run `pip install --force-reinstall --no-deps .` in the clone"
)


def read_file(dataset, name):
    """Return the bytes of ``files/<dataset>/<name>``, checked against its SHA256SUMS.

    Raises ``DataError``, which names the file and the repair, if it is missing or damaged.
    """
    path = FOLDER / dataset / name
    expected = _checksums(FOLDER / dataset).get(name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}). To repair: {REPAIR}") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise DataError(
            f"{path} is damaged: its contents differ from SHA256SUMS. To repair: {REPAIR}"
        )
    return content


@cache
def _checksums(folder):
    path = folder / "SHA256SUMS"
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is missing or damaged. To repair: {REPAIR}") from error
