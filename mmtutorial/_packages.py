"""Find packages and rooms by looking, so that a new chapter needs no entry in a list."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from mmtutorial._checksums import SUMS, listed_files

CHAPTERS = Path(__file__).parent / "chapters"


def find_packages(folders: Iterable[str]) -> list[str]:
    """Return the names of the packages directly inside these folders, sorted."""
    return sorted(
        path.parent.name for folder in folders for path in Path(folder).glob("*/__init__.py")
    )


def find_files(pattern: str) -> list[Path]:
    """Return the files of all rooms whose name fits a pattern, sorted.

    A lost file that its room's SHA256SUMS lists is among them: reading it says how to repair it.
    """
    found = set(CHAPTERS.glob(f"*/*/{pattern}"))
    for sums in CHAPTERS.glob(f"*/*/{SUMS}"):
        names = listed_files(sums.parent)
        found |= {sums.with_name(name) for name in names if fnmatchcase(name, pattern)}
    return sorted(found)


def find_rooms(holding: str = "__init__.py") -> list[str]:
    """Return the rooms of all chapters that hold such a file, as ``"part/name"``, sorted."""
    return sorted({"/".join(path.parts[-3:-1]) for path in find_files(holding)})


def module_of(room: str, module: str) -> str:
    """Return the full name of a module of a room."""
    return ".".join(["mmtutorial", "chapters", *room.split("/"), module])
