"""Run the book's notebooks from a cold kernel, in place, and record how long each one took.

``python tools/execute_notebooks.py [notebook ...]`` runs the named ones, or all. It writes what the
cells computed into the sentences that say it, in pages of Markdown, too, and citations as links. A
notebook whose cell fails, or whose sentences name what no cell computes, stays as it is.
"""

import base64
import datetime
import io
import json
import os
import re
import sys
import time
from importlib.metadata import version
from pathlib import Path

import _citations
import _numbers
import nbformat
import numpy as np
from _processor import count_cores, processor_name
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image
from tqdm import tqdm

from mmtutorial._checksums import write_bytes

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
RUN_TIMES = BOOK / "run_times.json"
# What JupyterLab writes for our kernel; with anything else, opening a notebook would change it.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
MOST_CHANGE = 1  # of 255 levels, on average over a figure
VIEW = "application/vnd.jupyter.widget-view+json"


def find_notebooks(book: Path) -> list[Path]:
    """Return all notebooks of the book, in the order of their paths."""
    hidden = {"_build", ".ipynb_checkpoints"}
    return [path for path in sorted(book.rglob("*.ipynb")) if not hidden & set(path.parts)]


def execute(path: Path) -> tuple[nbformat.NotebookNode, float]:
    """Run one notebook in its own folder; return it and the seconds, kernel start included."""
    notebook = nbformat.read(path, as_version=4)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"==> Running {path.name}", flush=True)
    with tqdm(total=cells, unit="cell", disable=None) as bar:
        client = NotebookClient(
            notebook,
            timeout=600,  # for a cell: ten times what a whole chapter takes on two idle cores
            startup_timeout=300,
            kernel_name="python3",
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=True,  # what one cell prints is one output, however slowly it came
            resources={"metadata": {"path": str(path.parent)}},
            on_cell_executed=lambda **_: bar.update(),
        )
        start = time.perf_counter()
        client.execute()
        return notebook, time.perf_counter() - start


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop what differs from run to run but means nothing, so that a diff shows real changes."""
    for number, cell in enumerate(notebook.cells):
        cell["id"] = cell.get("id") or f"cell-{number}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
            for data in (out.get("data", {}) for out in cell.outputs):
                data.pop(VIEW, None)  # dead without a kernel: what a page shows is the twin
                if "image/png" in data:
                    data["image/png"] = shrink(data["image/png"])
        fold(cell)
    notebook.metadata["kernelspec"] = dict(KERNEL)
    notebook.metadata.pop("widgets", None)
    return notebook


def fold(cell: nbformat.NotebookNode) -> None:
    """Fold in JupyterLab what the page hides or leaves out: only tags tell the page."""
    tags = {tag for tag in cell.metadata.get("tags", ()) if re.match("(hide|remove)-", tag)}
    parts = {tag.partition("-")[2] for tag in tags}
    shows = any(output.get("data", True) for output in cell.get("outputs", ()))
    hidden = {
        "source_hidden": bool(parts & {"cell", "input"}),
        "outputs_hidden": bool(parts & {"cell", "output"}) and shows,
    }
    if hidden := {key: True for key, is_hidden in hidden.items() if is_hidden}:
        cell.metadata["jupyter"] = hidden
    else:
        cell.metadata.pop("jupyter", None)


def shrink(code: str) -> str:
    """Return a figure, base64 PNG, in 256 colours where nobody sees it: a third of the size.

    One that is transparent, or full of photographs, stays: there a palette would show.
    """
    image = Image.open(io.BytesIO(base64.b64decode(code)))
    if image.convert("RGBA").getextrema()[3] != (255, 255):
        return code
    image = image.convert("RGB")
    few = image.quantize(256, kmeans=3, dither=Image.Dither.NONE)
    change = np.abs(np.asarray(few.convert("RGB")) - np.asarray(image, dtype=float))
    packed = io.BytesIO()
    few.save(packed, "PNG", optimize=True)
    fresh = base64.b64encode(packed.getvalue()).decode()
    return fresh if change.mean() < MOST_CHANGE and len(fresh) < len(code) else code


def describe(seconds: float, notebook: nbformat.NotebookNode) -> dict:
    """Return the run time with what it was measured on, for the card and the book's table."""
    return {
        "seconds": round(seconds, 1),
        "cells": sum(cell.cell_type == "code" for cell in notebook.cells),
        "cores": count_cores(),
        "processor": processor_name(),
        "date": datetime.date.today().isoformat(),
    }


def record(path: Path, measured: dict) -> None:
    """Note what `describe` says of a chapter, and the versions that ran it."""
    known = json.loads(RUN_TIMES.read_text(encoding="utf-8")) if RUN_TIMES.exists() else {}
    chapters = known.get("chapters", {})
    chapters[path.relative_to(BOOK).with_suffix("").as_posix()] = measured
    names = {"TensorFlow": "tensorflow", "Keras": "keras", "NumPy": "numpy"}
    python = ".".join(map(str, sys.version_info[:3]))
    machine = {"Python": python} | {name: version(package) for name, package in names.items()}
    result = {"machine": machine, "chapters": dict(sorted(chapters.items()))}
    write_bytes(RUN_TIMES, (json.dumps(result, indent=1) + "\n").encode())


def tell(changes: dict[str, tuple[str, str]]) -> None:
    """Print what changed in the sentences, ``{name: (old, new)}``."""
    for name, (old, new) in changes.items():
        print(f"{name}: {old} is now {new}")


def update_pages(book: Path) -> dict[str, tuple[str, str]]:
    """Write the chapters' values into the pages that say some; return what changed."""
    values, changes = _numbers.of_chapters(find_notebooks(book), book), {}
    for path in sorted(book.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        changes |= _numbers.find_changes(_numbers.VALUE.findall(text), values)
        if (fresh := _numbers.write_values(text, values)) != text:
            write_bytes(path, fresh.encode())
    return changes


def main() -> int:
    """Run the notebooks one by one; return the number that failed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["PYTHONHASHSEED"] = "0"
    failed, changed_book = 0, False
    named = [Path(name).resolve() for name in sys.argv[1:]]
    for path in named or find_notebooks(BOOK):
        try:
            notebook, seconds = execute(path)
            notebook = tidy(notebook)
            _citations.write_links(notebook, _citations.read_works(BOOK / "references.bib"))
            measured = describe(seconds, notebook)
            changes = _numbers.update(notebook, _numbers.in_words(measured))
        except (CellExecutionError, ValueError) as error:
            failed += 1
            print(f"{path.relative_to(ROOT)} failed and keeps its old outputs:\n{error}")
            continue
        write_bytes(path, (nbformat.writes(notebook) + "\n").encode())
        if path.is_relative_to(BOOK):
            record(path, measured)
            changed_book = True
        tell(changes)
        print(f"{path.name}: {seconds:.1f} seconds")
    if changed_book:
        tell(update_pages(BOOK))
    return failed


if __name__ == "__main__":
    sys.exit(main())
