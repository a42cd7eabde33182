"""Open copies of the chapters in JupyterLab: ``python tools/open_lab.py``, or ``make lab``.

The copies lie in ``work/``, which git ignores: run and change them as you like. One that you have
not changed is replaced when the book has a newer one; one that you have changed stays as it is.
Options, such as ``--no-browser``, go to JupyterLab.
"""

import json
import platform
import subprocess
import sys
from pathlib import Path

import execute_notebooks
import nbformat
from nbformat.sign import NotebookNotary

from mmtutorial._checksums import digest, write_bytes

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "work"
COPIED = ".copied.json"  # {chapter: [digest in the book, digest of the copy that was made of it]}


def copy_of(chapter: Path) -> nbformat.NotebookNode:
    """Return a chapter as a kernel of this Python would save it: opening it changes nothing."""
    notebook = nbformat.read(chapter, as_version=4)
    notebook.metadata["language_info"]["version"] = platform.python_version()
    return notebook


def copy_chapters(book: Path, work: Path) -> tuple[list[Path], list[str]]:
    """Copy what is new; return the copies made, and the chapters whose changed copy is older."""
    record = work / COPIED
    copied = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    made, older = [], []
    for chapter in execute_notebooks.find_notebooks(book):
        name = chapter.relative_to(book).as_posix()
        here, copy = digest(chapter.read_bytes()), work / name
        was, fresh = copied.get(name, (None, None))
        if copy.exists() and (was == here or digest(copy.read_bytes()) != fresh):
            older += [name] * (was != here)
            continue
        content = (nbformat.writes(copy_of(chapter)) + "\n").encode()
        copy.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(copy, content)
        copied[name] = here, digest(content)
        write_bytes(record, (json.dumps(copied, indent=1) + "\n").encode())
        made.append(copy)
    return made, older


def trust(copies: list[Path]) -> None:
    """Let JupyterLab show the widgets of these copies before their cells run."""
    notary = NotebookNotary()
    for copy in copies:
        notary.sign(nbformat.read(copy, as_version=4))
    notary.store.close()


def main() -> int:
    """Copy the chapters, say what stays, and start JupyterLab; return its exit status."""
    made, older = copy_chapters(ROOT / "book", WORK)
    trust(made)
    print(f"==> The chapters are copied to {WORK.relative_to(ROOT)}/: change them as you like")
    for name in older:
        print(f"    work/{name} stays as you changed it; the book has a newer one. To get that, "
              "rename yours")  # fmt: skip
    return subprocess.call([sys.executable, "-m", "jupyter", "lab", str(WORK), *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
