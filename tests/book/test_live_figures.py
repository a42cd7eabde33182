"""Every live figure of the book is driven by a test in a real JupyterLab."""

import ast
from pathlib import Path

import nbformat
import pytest

import mmtutorial as mm

from .conftest import notebooks

TWIN = 'class="mm-twin"'  # what `mm.widgets.live` stores in a notebook


def name_cells(folder):
    """Return all texts in the tests that run JupyterLab: the names of the cells are among them."""
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("test_lab_*.py")]
    return {
        node.value
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def live_cells(notebook):
    """Return the names of the cells that show a live figure."""
    return [
        cell.id
        for cell in nbformat.read(notebook, as_version=4).cells
        if any(
            TWIN in output.get("data", {}).get("text/html", "")
            for output in cell.get("outputs", ())
        )
    ]


@pytest.mark.parametrize("notebook", notebooks(), ids=lambda path: path.stem)
def test_each_is_driven_in_jupyterlab(notebook):
    found = live_cells(notebook)
    part, name = notebook.parent.name, notebook.stem.partition("_")[2]
    room = Path(mm.__file__).parent / "chapters" / part / name
    if (room / "live.py").exists():
        assert found, f"no cell shows a figure of {room / 'live.py'}"
    missing = set(found) - name_cells(Path(__file__).parent)
    assert not missing, f"tests/book/test_lab_{part}.py must run, by name, {sorted(missing)}"
