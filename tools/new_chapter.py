"""Start a chapter: its room, a notebook that runs, a test, and its line in the contents.

``python tools/new_chapter.py PART NAME [--title TITLE] [--study]``, or ``make chapter PART=fusion
NAME=hypernetworks``. All files come from ``tools/chapter_template``, where ``the_part``,
``the_name`` and ``The title`` stand for what you name. It writes all of them or none.
"""

import argparse
import keyword
import re
import shutil
import sys
from pathlib import Path

import execute_notebooks
import nbformat
import write_addresses
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mmtutorial._checksums import SUMS, digest, format_sums, write_bytes

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = Path(__file__).resolve().parent / "chapter_template"
CAPTIONS = {  # of the parts, in the order of reading
    "background": "Background",
    "fusion": "Data fusion",
    "cross_modal": "Cross-modal learning",
    "multi_task": "Multi-task learning",
    "applications": "Applications",
    "tools": "Tools",
    "outlook": "Outlook",
}
LONGEST_NAME, LONGEST_TITLE = 40, 55  # so that no line of the files is too long
CODE_CELL = re.compile(r"(?ms)^```\{code-cell\}\n(?:---\n(.*?)^---\n)?(.*?)^```\n")


def check_names(root: Path, part: str, name: str, title: str) -> None:
    """Raise ``ValueError``, which says what to change, unless such a chapter can be made."""
    if part not in CAPTIONS:
        raise ValueError(f"PART must be one of {', '.join(CAPTIONS)}, got {part!r}")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name):
        raise ValueError(
            f"NAME must be small words joined by _, such as gates_and_tensors, got {name!r}"
        )
    if re.search(r'["\\\n]', title) or not title.strip():
        raise ValueError(f"TITLE must be a line without quotes and backslashes, got {title!r}")
    if len(name) > LONGEST_NAME or len(title) > LONGEST_TITLE:
        raise ValueError(
            f"NAME must have at most {LONGEST_NAME} letters and TITLE {LONGEST_TITLE}, "
            f"got {len(name)} and {len(title)}"
        )
    for found in [
        *root.glob(f"mmtutorial/chapters/*/{name}"),
        *root.glob(f"book/*/[0-9]*_{name}.ipynb"),
        *root.glob(f"tests/chapters/*/{name}"),
    ]:
        raise ValueError(f"{name!r} is taken: there is {found.relative_to(root)}")


def fill(text: str, part: str, name: str, title: str, page: str) -> str:
    """Return a template's text with the chapter's names in place of those that stand for them."""
    names = {"the_part/0_the_name": page, "the_part": part, "the_name": name, "The title": title}
    return re.sub("|".join(names), lambda found: names[found.group()], text)


def read_notebook(text: str, name: str, colab: str) -> nbformat.NotebookNode:
    """Return the notebook that a Markdown text with ``{code-cell}`` blocks describes."""
    cells, end = [], 0
    for block in CODE_CELL.finditer(text):
        cells.append(new_markdown_cell(text[end : block.start()].strip()))
        source = block[2].strip().replace("COLAB", colab)
        cells.append(new_code_cell(source, metadata=yaml.safe_load(block[1] or "{}")))
        end = block.end()
    cells = [cell for cell in [*cells, new_markdown_cell(text[end:].strip())] if cell.source]
    for number, cell in enumerate(cells):
        cell["id"] = f"{name}-{number:02d}".replace("_", "-")[-64:]
    return execute_notebooks.tidy(new_notebook(cells=cells))


def add_to_contents(text: str, part: str, page: str) -> str:
    """Return the table of contents with a line for a page, at the end of its part.

    A part that has no page yet is put where its turn comes in the order of `CAPTIONS`.
    """
    lines = text.splitlines(keepends=True)
    line = f"      - file: {page}\n"
    there = [i for i, each in enumerate(lines) if each.startswith(f"      - file: {part}/")]
    if there:
        return "".join([*lines[: there[-1] + 1], line, *lines[there[-1] + 1 :]])
    order = list(CAPTIONS)
    later = [CAPTIONS[each] for each in order[order.index(part) + 1 :]] + ["Appendix"]
    heads = [lines.index(head) for each in later if (head := f"  - caption: {each}\n") in lines]
    if not heads:
        raise ValueError("book/_toc.yml has no line '  - caption: Appendix'")
    section = [f"  - caption: {CAPTIONS[part]}\n", "    numbered: true\n", "    chapters:\n", line]
    return "".join([*lines[: heads[0]], *section, *lines[heads[0] :]])


def plan(root: Path, part: str, name: str, title: str, study: bool) -> dict[Path, bytes]:
    """Return every file of the chapter with its content; ``ValueError`` if it cannot be made."""
    check_names(root, part, name, title)
    number = 1 + len(list(root.glob(f"book/{part}/[0-9]*.ipynb")))
    page = f"{part}/{number}_{name}"

    def read(file):
        return fill((TEMPLATE / file).read_text("utf-8"), part, name, title, page)

    room, contents = root / "mmtutorial" / "chapters" / part / name, root / "book" / "_toc.yml"
    modules = ["__init__.py", "experiment.py", "exercises.py", *["study.py"] * study]
    modules += ["quiz.json", "captions.json"]
    files = {room / module: read(module) for module in modules}
    files[root / "tests" / "chapters" / part / name / "test_experiment.py"] = read(
        "test_experiment.py"
    )
    colab = write_addresses.COLAB_CELL
    address, version = write_addresses.read_project(root)
    notebook = read_notebook(
        read("notebook.md"), name, colab.format(address=address, version=version)
    )
    files[root / "book" / f"{page}.ipynb"] = nbformat.writes(notebook) + "\n"
    if not (room.parent / "__init__.py").exists():
        like = (root / "mmtutorial" / "chapters" / "fusion" / "__init__.py").read_text("utf-8")
        files[room.parent / "__init__.py"] = like.replace(CAPTIONS["fusion"], CAPTIONS[part], 1)
    files[contents] = add_to_contents(contents.read_text("utf-8"), part, page)
    found = {path: text.encode() for path, text in files.items()}
    sums = {"quiz.json": (digest(found[room / "quiz.json"]),)}
    return {room / SUMS: format_sums(sums), **found}  # the contents last


def write(files: dict[Path, bytes]) -> None:
    """Write all of these files, or none: whatever interrupts it, what was there before is back."""
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    made = [folder for path in files for folder in path.parents if not folder.exists()]
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, content)
    except BaseException:  # Ctrl-C, too
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != content:
                write_bytes(path, content)
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def main(argv: list[str] | None = None, root: Path = ROOT) -> None:
    """Make the chapter, and say what to do next."""
    parser = argparse.ArgumentParser(description="Start a chapter of the book.")
    parser.add_argument("part", help=", ".join(CAPTIONS))
    parser.add_argument("name", help="of its room and its notebook, such as gates_and_tensors")
    parser.add_argument("--title", help="the heading; by default, the name")
    parser.add_argument("--study", action="store_true", help="with a study that makes results.json")
    options = parser.parse_args(argv)
    title = options.title or options.name.replace("_", " ").capitalize()
    try:
        files = plan(root, options.part, options.name, title, options.study)
    except ValueError as error:
        sys.exit(str(error))
    write(files)
    for path in files:
        print(f"==> {path.relative_to(root)}")
    notebook = next(path for path in files if path.suffix == ".ipynb").relative_to(root).as_posix()
    print("Write your chapter there. Then:")
    if options.study:
        print(f"  python -m mmtutorial.chapters.{options.part}.{options.name}.study")
    print(f"  make checksums                    after each change of quiz.json\n"
          f"  make notebooks NB={notebook}\n  make test")  # fmt: skip


if __name__ == "__main__":
    main()
