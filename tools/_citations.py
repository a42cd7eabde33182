"""Citations that every viewer of a notebook can read: links with authors and year.

Write ``{cite}`lecun1998``` or ``{cite:t}`lecun1998```; `make notebooks` turns it into
``([LeCun et al., 1998](../appendix/bibliography.md#lecun1998))`` or ``[LeCun et al. (1998)](...)``.
When a page is built, `book_pages` reads such a link as the role again.
"""

import re
from pathlib import Path

from nbformat import NotebookNode
from pybtex.database import Person, parse_file

ROLE = re.compile(r"\{cite(:t)?\}`([^`]+)`")
LINK = re.compile(r"\[[^\[\]\n]*\]\(\.\./appendix/bibliography\.md#([^)]+)\)")


def read_works(bibliography: Path) -> dict[str, tuple[str, str]]:
    """Return ``{key: (authors, year)}`` of every work."""
    entries = parse_file(bibliography).entries
    return {
        key: (name_authors(entry.persons["author"]), entry.fields["year"])
        for key, entry in entries.items()
    }


def name_authors(people: list[Person]) -> str:
    """Return the names of one or two authors, or of the first of more."""
    names = [
        " ".join(part.render_as("text") for part in (*one.rich_prelast_names, *one.rich_last_names))
        for one in people
    ]
    several = len(names) > 2 or names[-1] == "others"
    return f"{names[0]} et al." if several else " and ".join(names)


def link(key: str, works: dict[str, tuple[str, str]], *, textual: bool) -> str:
    """Return the link of one work; ``ValueError`` for one that the bibliography lacks."""
    if key not in works:
        raise ValueError(f"book/references.bib has no {key!r}")
    authors, year = works[key]
    said = f"{authors} ({year})" if textual else f"{authors}, {year}"
    return f"[{said}](../appendix/bibliography.md#{key})"


def write_links(notebook: NotebookNode, works: dict[str, tuple[str, str]]) -> None:
    """Write every citation of a notebook as a link."""

    def replace(found):
        keys = re.split(r",\s*", found[2])
        links = [link(key, works, textual=bool(found[1])) for key in keys]
        return " and ".join(links) if found[1] else f"({'; '.join(links)})"

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = ROLE.sub(replace, cell.source)


def find_faults(notebook: NotebookNode, works: dict[str, tuple[str, str]]) -> list[str]:
    """Say which citations are no links, and which links do not say their authors and year."""
    faults = []
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        faults += [f"{role[0]} is no link" for role in ROLE.finditer(cell.source)]
        faults += [
            f"{found[0]} is not how {found[1]!r} is cited"
            for found in LINK.finditer(cell.source)
            if found[0] not in [link(found[1], works, textual=how) for how in (True, False)]
        ]
    return faults
