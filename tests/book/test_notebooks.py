"""Each chapter was run to its end, is short, and shows no figure without words."""

import copy
import re
import symtable
from collections import Counter
from importlib.util import find_spec

import execute_notebooks
import nbformat
import pytest
import write_addresses

from .conftest import BOOK, notebooks

SETUP, MOST_LINES = (
    2,
    260,
)  # cells of set-up, and lines of code after them, without those that show a figure
PARTS = [
    "## check yourself",
    "## exercises",
    ":class: discuss",
    ":class: change-one",
    "## what to remember",
    "further reading",
]
VAGUE = re.compile(r"(?i)the (figure|table|curve|sound)s?( with (its|their) controls?)?")


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
        assert "WARNING:" not in out.get("text", ""), f"{out.text} from\n{cell.source}"


def test_every_figure_has_words_for_who_cannot_see_it(notebook):
    for cell, out in outputs(notebook):
        data = out.get("data", {})
        bare = any(kind.startswith("image/") for kind in data)
        assert not bare, f"a figure without `mm.plots.show` from\n{cell.source}"
        for tag in re.findall(r"<img\b[^>]*>", "".join(data.get("text/html", ""))):
            assert re.search(r'\balt="[^"]+"', tag), f"<img> without alt from\n{cell.source}"


def test_it_is_short_enough_for_one_sitting(notebook):
    lines = [
        line
        for cell in code_cells(notebook)[SETUP:]
        for line in cell.source.splitlines()
        if line.strip() and not line.lstrip().startswith(("#", "mm.plots.show("))
    ]
    assert len(lines) <= MOST_LINES


def test_colab_gets_the_package_in_the_first_code_cell(notebook):
    address, version = write_addresses.read_project()
    cell = write_addresses.COLAB_CELL.format(address=address, version=version)
    assert code_cells(notebook)[0].source == cell


def test_it_runs_with_any_python_3_and_opening_it_changes_nothing(notebook):
    assert notebook.metadata.kernelspec == execute_notebooks.KERNEL
    assert notebook.metadata.language_info.keys() >= {"name", "version", "codemirror_mode"}


def test_a_link_to_a_page_says_its_name(notebook):
    """JupyterLab would show the path of a page that has none."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.findall(r"\{doc\}`[^`<]*`", text) == []


def test_what_the_page_hides_is_folded_in_jupyterlab(notebook):
    for cell in code_cells(notebook):
        fresh = copy.deepcopy(cell)
        execute_notebooks.fold(fresh)
        assert fresh.metadata == cell.metadata, "run `make notebooks`"


def find_vague_prompts(notebook):
    """Return what folded code says of itself where that is too little, too much, or said twice.

    The bar over it on the page shows the first comment, up to a semicolon.
    """
    folded = [
        cell.source
        for cell in code_cells(notebook)
        if any(tag.startswith("hide-") for tag in cell.metadata.get("tags", ()))
    ]
    comments = [re.match(r"(?:# ([^;\n]*))?", source)[1] or "" for source in folded]
    said = [comment.strip().rstrip(".") for comment in comments]
    return [
        text
        for text in said
        if not 3 <= len(text.split()) <= 12 or VAGUE.fullmatch(text) or said.count(text) > 1
    ]


def test_folded_code_says_what_it_holds(notebook):
    assert find_vague_prompts(notebook) == []


def test_folded_code_that_does_not_say_what_it_holds_would_be_found():
    def found(*sources):
        folded = {"tags": ["hide-input"]}
        cells = [nbformat.v4.new_code_cell(source, metadata=folded) for source in sources]
        return find_vague_prompts(nbformat.v4.new_notebook(cells=cells))

    assert found("x = 1", "\n# The table: it comes too late.", "# The table.\nx = 1") == [
        "",
        "",
        "The table",
    ]
    assert found("# The figure with its controls.") == ["The figure with its controls"]
    assert found("# The loss; by epoch and by seed.") == ["The loss"]
    assert found("# The table: a b.\nx = 1", "# The table: a b.") == ["The table: a b"] * 2
    assert found("# The table: a b.", "# The table: a c; twice.") == []


def test_the_imports_are_folded(notebook):
    """What a chapter needs is the package's business; its page begins with a sample."""
    colab, imports, *_ = code_cells(notebook)
    assert colab.metadata.tags == ["hide-cell"]
    assert imports.metadata.tags == ["hide-input"]
    assert imports.source.startswith("# Set up: what this chapter imports.\n")


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


def test_a_command_in_the_text_names_a_study_that_exists(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    commands = re.findall(r"python -m ([\w.]+)", text)
    assert len(commands) == len(re.findall(r"`python -m [\w.]+[^`]*`", text)), "set it as code"
    assert [name for name in commands if find_spec(name) is None] == []


def names_of(source):
    """Return the names that a cell binds, and those that it takes from other cells."""
    source = re.sub(r"(?m)^( *)%.*", r"\1pass", source)
    whole = symtable.symtable(source, "cell", "exec")
    bound = {name for name in whole.get_identifiers() if whole.lookup(name).is_local()}
    taken, tables = set(), [whole]
    for table in tables:
        taken |= {one.get_name() for one in table.get_symbols() if one.is_global()}
        tables += table.get_children()
    return bound, taken - bound


def test_its_cells_can_be_run_again(notebook):
    """What a cell takes from another one is bound there only, so that it is what it was."""
    cells = [names_of(cell.source) for cell in code_cells(notebook)]
    binds = Counter(name for bound, _ in cells for name in bound)
    assert {name for _, taken in cells for name in taken if binds[name] > 1} == set()


def test_cells_that_could_not_be_run_again_would_be_found():
    assert names_of("x = y + 1\nfor i in z: w += [i for j in u]\n%pip x") == (
        {"x", "i", "w"}, {"y", "z", "u"}
    )  # fmt: skip
    assert names_of("def f(a):\n    b = a + c\n    return b") == ({"f"}, {"c"})


def test_no_path_of_one_machine_is_left_in_an_output(notebook):
    found = [out for _, out in outputs(notebook) if re.search(r"/(home|root|Users|tmp)/", str(out))]
    assert found == []


def test_it_can_be_cited_with_stable_cell_names(notebook):
    names = [cell.get("id") for cell in notebook.cells]
    assert None not in names
    assert len(set(names)) == len(names)
