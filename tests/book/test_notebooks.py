"""Each chapter was run to its end, is short, and shows no figure without words."""

import re

import nbformat
import pytest

from .conftest import BOOK, notebooks

MOST_CELLS, MOST_LINES = 25, 250
PARTS = ["## check yourself", "## exercises", "## what to remember", "further reading"]


@pytest.fixture(params=notebooks(), ids=lambda path: path.relative_to(BOOK).as_posix())
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def outputs(notebook):
    return [(cell, out) for cell in code_cells(notebook) for out in cell.outputs]


def test_it_was_run_from_the_first_cell_to_the_last(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "run `make notebooks` and commit the outputs"


def test_nothing_failed_and_nothing_was_written_to_stderr(notebook):
    for cell, out in outputs(notebook):
        assert out.output_type != "error", f"{out.get('evalue')} in\n{cell.source}"
        assert out.get("name") != "stderr", f"{out.text} from\n{cell.source}"


def test_every_figure_has_words_for_who_cannot_see_it(notebook):
    for cell, out in outputs(notebook):
        data = out.get("data", {})
        if any(kind.startswith("image/") for kind in data):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) > 20, f"metadata mystnb.image.alt is missing at\n{cell.source}"
        for tag in re.findall(r"<img\b[^>]*>", "".join(data.get("text/html", ""))):
            assert re.search(r'\balt="[^"]+"', tag), f"<img> without alt from\n{cell.source}"


def test_it_is_short_enough_for_one_sitting(notebook):
    cells = code_cells(notebook)
    lines = [
        line
        for cell in cells
        for line in cell.source.splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    assert len(cells) <= MOST_CELLS
    assert len(lines) <= MOST_LINES


def test_colab_gets_the_package_in_the_first_code_cell(notebook):
    first = code_cells(notebook)[0].source
    assert "google.colab" in first
    assert "pip install" in first


def test_it_runs_with_any_python_3(notebook):
    assert notebook.metadata.kernelspec.name == "python3"


def test_it_follows_the_template(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown").lower()
    assert notebook.cells[0].source.startswith("# ")
    assert "chapter-card" in text
    positions = [text.find(part) for part in PARTS]
    assert -1 not in positions, dict(zip(PARTS, positions, strict=True))
    assert positions == sorted(positions)


def test_every_exercise_has_a_folded_solution(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    exercises = re.findall(r"\{exercise(?:-start)?\}[^\n]*\n:label: (\S+)", text)
    solutions = re.findall(r"\{solution(?:-start)?\} (\S+)\n:class: dropdown", text)
    assert exercises, "a chapter has exercises"
    assert sorted(exercises) == sorted(solutions)


def test_no_path_of_one_machine_is_left_in_an_output(notebook):
    found = [out for _, out in outputs(notebook) if re.search(r"/(home|root|Users|tmp)/", str(out))]
    assert found == []


def test_it_can_be_cited_with_stable_cell_names(notebook):
    names = [cell.get("id") for cell in notebook.cells]
    assert None not in names
    assert len(set(names)) == len(names)
