"""Measured values in the sentences of a notebook: ``right for <!--image-->0.68<!--/-->``.

A cell computes them (`mmtutorial.results.glue`), and they lie in the metadata of its output.
`update` writes them between the comments, `find_faults` says where sentences and cells differ.

A page of Markdown names the chapter, too: ``right for <!--fusion/1_joining: image-->0.68<!--/-->``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode

from mmtutorial.results._table import START

VALUE = re.compile(r"<!--(?!/-->)(.+?)-->(.*?)<!--/-->")
COMMENT = re.compile(r"<!--(?!/-->).*?-->")
RUN_TIME, READING = "run time", "reading"  # the two values that no cell computes
FOLDED = {"remove-cell", "remove-input", "hide-cell", "hide-input", "exercise-stub"}
SHOWN = re.compile(r"mm\.(?:plots\.show|widgets\.)|_view\(")  # a figure, or what one can move
UNSEEN = {"remove-cell", "hide-cell", "remove-output", "hide-output"}
UNFOLD = re.compile(r"(?s)<details.*?</details>")
NO_WORDS = re.compile(
    r"(?s)<!--.*?-->|\{[\w:-]+\}|\]\([^)]*\)|\$\$.*?\$\$|\$[^$\n]*\$|```\{math\}.*?```"
)
SLOWER = "about twice that on a slower machine"  # as measured on two AMD cores, all chapters
MARKDOWN = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin).use(colon_fence_plugin)


def glued(notebook: NotebookNode) -> dict[str, str]:
    """Return the values that the cells computed; refuse two of one name."""
    found = {}
    for output in glued_outputs(notebook):
        if twice := found.keys() & output.metadata.glue.keys():
            raise ValueError(f"several cells glue {', '.join(map(repr, sorted(twice)))}")
        found |= output.metadata.glue
    return found


def glued_outputs(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the outputs that hold values."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output for output in outputs if "glue" in output.get("metadata", {})]


def sentences(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, str]]:
    """Yield where text can name a value: Markdown cells."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell, "source"


def named(notebook: NotebookNode) -> list[tuple[str, str]]:
    """Return every name in the sentences, with the text that stands there for it."""
    return [pair for place, key in sentences(notebook) for pair in VALUE.findall(place[key])]


def in_words(measured: dict) -> str:
    """Return a run time as the card of a chapter says it: how long, on what, and a range.

    >>> in_words({"seconds": 28.2, "cores": 2, "processor": "Intel Xeon 2.8 GHz"})
    '28 seconds on two cores (Intel Xeon 2.8 GHz), about twice that on a slower machine'
    """
    cores = {1: "one core", 2: "two cores"}.get(measured["cores"], f"{measured['cores']} cores")
    processor = f" ({measured['processor']})" if measured.get("processor") else ""
    return f"{measured['seconds']:.0f} seconds on {cores}{processor}, {SLOWER}"


def reading_time(notebook: NotebookNode) -> str:
    """Return how long a chapter takes to read, without its exercises, to five minutes.

    That is its words at 200 a minute, its lines of code that are not folded at 25 a minute, and
    half a minute for each figure, each table, and each thing that one can move.
    """
    minutes, exercises = 0.0, False
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            exercises = cell.source.startswith("## Exercises")
        if exercises:
            continue
        if cell.cell_type == "markdown":
            text = NO_WORDS.sub(" ", cell.source)
            minutes += len(re.findall(r"[^\W\d_][\w'-]*", text)) / 200
        elif cell.cell_type == "code":
            if not FOLDED & set(cell.metadata.get("tags", ())):
                minutes += sum(bool(line.strip()) for line in cell.source.splitlines()) / 25
            minutes += 0.5 * (bool(SHOWN.search(cell.source)) + count_tables(cell))
    return f"{max(5, 5 * round(minutes / 5))} minutes"


def count_tables(cell: NotebookNode) -> int:
    """Return how many tables of results a page shows of a cell, those aside that are folded."""
    if UNSEEN & set(cell.metadata.get("tags", ())):
        return 0
    shown = ("".join(output.get("data", {}).get("text/html", "")) for output in cell.outputs)
    return sum(UNFOLD.sub("", html).count(START) for html in shown if html.startswith(START))


def update(notebook: NotebookNode, run_time: str) -> dict[str, tuple[str, str]]:
    """Write the values into the sentences; return ``{name: (old, new)}`` of what changed.

    A cell may glue a whole table: of it, the output keeps what a sentence says. Raises
    ``ValueError`` where a sentence names what no cell computed, or where no comment can stand.
    """
    values = glued(notebook) | {RUN_TIME: run_time, READING: reading_time(notebook)}
    said = named(notebook)
    for place, key in sentences(notebook):
        place[key] = write_values(place[key], values)
    for output in glued_outputs(notebook):
        kept = {name: values[name] for name in output.metadata.glue if name in dict(said)}
        output.metadata["glue"] = kept
    if faults := find_faults(notebook, run_time):
        raise ValueError("\n".join(faults))
    return find_changes(said, values)


def write_values(text: str, values: Mapping[str, str]) -> str:
    """Return a text with each value in its place; one of a name that is not there stays."""
    return VALUE.sub(
        lambda found: f"<!--{found[1]}-->{values.get(found[1], found[2])}<!--/-->", text
    )


def find_changes(
    said: Iterable[tuple[str, str]], values: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Return ``{name: (what was said, its value)}`` where the two differ."""
    return {name: (text, values[name]) for name, text in said if text != values.get(name, text)}


def find_faults(notebook: NotebookNode, run_time: str) -> list[str]:
    """Say where the sentences do not say what the cells computed."""
    computed, said = glued(notebook), named(notebook)
    known = {RUN_TIME: run_time, READING: reading_time(notebook)}
    faults = compare(said, computed | known)
    faults += [f"no sentence says {name!r}" for name in sorted(computed.keys() - dict(said))]
    for place, key in sentences(notebook):
        faults += find_misplaced(place[key])
    return faults


def compare(said: list[tuple[str, str]], values: Mapping[str, str]) -> list[str]:
    """Say which names have no value, and which have another one than is said."""
    faults = [f"no cell glues {name!r}" for name, _ in said if name not in values]
    return faults + [
        f"the text says {old!r} for {name!r}, which is {new!r}"
        for name, (old, new) in find_changes(said, values).items()
    ]


def of_chapters(paths: Iterable[Path], book: Path) -> dict[str, str]:
    """Return the values of all these notebooks as a page names them, with their chapter."""
    found = {}
    for path in paths:
        chapter = path.relative_to(book).with_suffix("").as_posix()
        values = glued(nbformat.read(path, as_version=4))
        found |= {f"{chapter}: {name}": value for name, value in values.items()}
    return found


def find_page_faults(text: str, values: Mapping[str, str]) -> list[str]:
    """Say where a page of Markdown does not say what the chapters computed."""
    return compare(VALUE.findall(text), values) + find_misplaced(text)


def find_misplaced(text: str) -> list[str]:
    """Say which comments would not be read as such: in code, mathematics, or first in a line.

    A heading may have none either: its address on the page would change with the value.
    """
    wrong = COMMENT.findall(text)
    for comment in inline_comments(MARKDOWN.parse(text)):
        wrong.remove(comment)
    faults = [f"no value can stand at {each!r}: put it inside of a sentence" for each in wrong]
    return faults + [f"{each!r} names no value" for each in COMMENT.findall(VALUE.sub("", text))]


def inline_comments(tokens: list) -> Iterator[str]:
    """Yield the comments inside of sentences, also of those in directives."""
    for before, token in zip([None, *tokens], tokens, strict=False):
        if re.match(r" *\{(?!math|code)", token.info):  # a directive whose content is Markdown
            yield from inline_comments(MARKDOWN.parse(token.content))
        elif token.type == "inline" and before.type != "heading_open":
            for child in token.children:
                if child.type == "html_inline" and COMMENT.fullmatch(child.content):
                    yield child.content
