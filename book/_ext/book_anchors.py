"""An address for each cell of code and each table of results, so that a verdict can link to it.

A cell has the name that its notebook gives it, ``joining-24``, and its tables are counted,
``joining-24-1``. Figures have names of their own (`book_figures`). A page links to any of them as
to a section: ``[words](../fusion/1_joining.ipynb#joining-24-1)``.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform

from mmtutorial.results._table import START

# A folded table (`mmtutorial.results.show_tables`) is found by its title.
TABLE = re.compile(rf'(?s)<details class="results".*?</details>|{START}')


def name_tables(html, cell, first):
    """Return the HTML of an output with a name for each of its tables, and these names.

    >>> name_tables('<table class="table results"></table>', "joining-24", 2)
    ('<table id="joining-24-2" class="table results"></table>', ['joining-24-2'])
    """
    names = []

    def name(found):
        names.append(f"{cell}-{first + len(names)}")
        return found[0].replace(" ", f' id="{names[-1]}" ', 1)

    return TABLE.sub(name, html), names


class Anchors(SphinxTransform):
    """Name the cells and tables of a chapter, and let links find them and its figures."""

    default_priority = 210  # when the figures are there

    def apply(self, **options):
        """Name those of this page."""
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        names = [figure["ids"][0] for figure in self.document.findall(nodes.figure)]
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code":
                names += self.name_cell(cell, cells[cell["cell_index"]]["id"])
        places = self.env.metadata[self.env.docname].setdefault("myst_slugs", {})
        for name in names:
            if name in places:
                raise ValueError(f"{path.name}: two places have the name {name!r}")
            places[name] = (0, name, "")

    def name_cell(self, cell, name):
        """Name a cell and the tables of its output; return the names."""
        cell["ids"].append(name)
        names = [name]
        for raw in list(cell.findall(nodes.raw)):
            if raw.astext().startswith(START):
                html, fresh = name_tables(raw.astext(), name, len(names))
                raw.replace_self(nodes.raw(html, html, **raw.attributes))
                names += fresh
        return names


def setup(app):
    """Register the step."""
    app.add_transform(Anchors)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
