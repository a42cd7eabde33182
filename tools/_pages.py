"""What the built pages of the book call things, and where each stands."""

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from sphinx.util.inventory import InventoryFile

# On a page, a number follows the start of what it counts: a figure, an equation, an exercise.
NUMBER = re.compile(r' id="(?P<id>[^"]+)"|class="(?:caption-number|eqno)">(?P<number>[^<]+)')


@dataclass(frozen=True)
class Site:
    """What the built pages call things, and where each stands."""

    address: str  # ends with a slash
    titles: dict[str, str]  # of each page
    terms: dict[str, str]  # of the glossary, in small letters: their addresses
    labels: dict[str, tuple[str, str]]  # address and number, "Fig. 6.1" or "(6.1)", or else title


def read_site(html: Path, address: str) -> Site:
    """Read Sphinx's inventory, and the numbers on the pages of chapters."""
    with (html / "objects.inv").open("rb") as stream:
        inventory = InventoryFile.load(stream, address, posixpath.join)
    titles = {page: entry[3] for page, entry in inventory["std:doc"].items()}
    terms = {term.lower(): entry[2] for term, entry in inventory["std:term"].items()}
    labels = {label: (entry[2], entry[3]) for label, entry in inventory["std:label"].items()}
    for page in titles:
        text = (html / f"{page}.html").read_text(encoding="utf-8")
        if chapter := re.search(r'<h1><span class="section-number">([\d.]+)', text):
            labels[page] = (f"{address}{page}.html", chapter[1])
        text = re.sub(r"(?s)<svg.*?</svg>", "", text)  # a chart has ids of its own
        place = page
        for found in NUMBER.finditer(text):
            if found["id"]:
                place = found["id"]
            else:
                label = place.removeprefix("equation-")
                labels[label] = (f"{address}{page}.html#{place}", found["number"].strip())
    return Site(address, titles, terms, labels)
