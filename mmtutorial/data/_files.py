"""Read the shipped files, and only as they were built."""

from pathlib import Path

from mmtutorial._checksums import read_checked

FOLDER = Path(__file__).parent / "files"
REPAIR = (
    "in a clone of the book run `git checkout -- mmtutorial/data/files` or `make data`; if the "
    "package is installed elsewhere, run `pip install --force-reinstall --no-deps .` in the clone"
)


def read_file(dataset: str, name: str) -> bytes:
    """Return the bytes of ``files/<dataset>/<name>``, checked against its SHA256SUMS.

    Raises ``DataError``, which names the file and the repair, if it is missing or damaged.
    """
    return read_checked(FOLDER / dataset / name, REPAIR)
