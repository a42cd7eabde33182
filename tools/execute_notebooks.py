"""Run the book's notebooks from a cold kernel, in place, and record how long each one took.

``python tools/execute_notebooks.py [notebook ...]`` runs the named ones, or all. A notebook whose
cell fails keeps its old outputs.
"""

import base64
import datetime
import io
import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
RUN_TIMES = BOOK / "run_times.json"
MOST_CHANGE = 1  # of 255 levels, on average over a figure
VIEW, STATE = (f"application/vnd.jupyter.widget-{part}+json" for part in ("view", "state"))


def find_notebooks(named: list[str]) -> list[Path]:
    """Return the named notebooks, or all of the book in the order of their paths."""
    if named:
        return [Path(name).resolve() for name in named]
    hidden = {"_vendor", "_build", ".ipynb_checkpoints"}
    return [path for path in sorted(BOOK.rglob("*.ipynb")) if not hidden & set(path.parts)]


def execute(path: Path) -> tuple[nbformat.NotebookNode, float]:
    """Run one notebook in its own folder; return it and the seconds, kernel start included."""
    notebook = nbformat.read(path, as_version=4)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"==> Running {path.name}", flush=True)
    with tqdm(total=cells, unit="cell", disable=None) as bar:
        client = NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            record_timing=False,
            store_widget_state=True,
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
                if "image/png" in data:
                    data["image/png"] = shrink(data["image/png"])
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["kernelspec"] = kernel
    notebook.metadata["language_info"] = {"name": "python"}
    return name_widgets_by_order(drop_unseen_widgets(notebook))


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


def drop_unseen_widgets(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Keep the state of widgets only where an output shows one."""
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    if not any(VIEW in out.get("data", {}) for out in outputs):
        notebook.metadata.pop("widgets", None)
    return notebook


def name_widgets_by_order(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Replace the random names of widgets by numbers in the order of their making."""
    models = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    text = nbformat.writes(notebook)
    for number, model in enumerate(models):
        text = text.replace(model, f"{number:032x}")
    return nbformat.reads(text, as_version=4)


def write(path: Path, text: str) -> None:
    """Replace a file in one step: an interruption leaves the old one whole."""
    fresh = path.with_name(f".{path.name}.tmp")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


def record(path: Path, seconds: float, notebook: nbformat.NotebookNode) -> None:
    """Note the run time, and the machine that it was measured on, for the book's table."""
    known = json.loads(RUN_TIMES.read_text(encoding="utf-8")) if RUN_TIMES.exists() else {}
    chapters = known.get("chapters", {})
    chapters[path.relative_to(BOOK).with_suffix("").as_posix()] = {
        "seconds": round(seconds, 1),
        "cells": sum(cell.cell_type == "code" for cell in notebook.cells),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "date": datetime.date.today().isoformat(),
    }
    names = {"TensorFlow": "tensorflow", "Keras": "keras", "NumPy": "numpy"}
    python = ".".join(map(str, sys.version_info[:3]))
    machine = {"Python": python} | {name: version(package) for name, package in names.items()}
    result = {"machine": machine, "chapters": dict(sorted(chapters.items()))}
    write(RUN_TIMES, json.dumps(result, indent=1) + "\n")


def main() -> int:
    """Run the notebooks one by one; return the number that failed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["PYTHONHASHSEED"] = "0"
    failed = 0
    for path in find_notebooks(sys.argv[1:]):
        try:
            notebook, seconds = execute(path)
        except CellExecutionError as error:
            failed += 1
            print(f"{path.relative_to(ROOT)} failed and keeps its old outputs:\n{error}")
            continue
        notebook = tidy(notebook)
        write(path, nbformat.writes(notebook) + "\n")
        if path.is_relative_to(BOOK):
            record(path, seconds, notebook)
        print(f"{path.name}: {seconds:.1f} seconds")
    return failed


if __name__ == "__main__":
    sys.exit(main())
