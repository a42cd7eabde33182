"""Write each chapter as a plain notebook, which any viewer shows, beside the pages of the book.

The chapters are written in MyST, which Colab, GitHub and VS Code do not know. Here its links,
numbers, boxes and folds become Markdown and HTML. ``python tools/write_plain_notebooks.py``, part
of ``make book``, fills ``_build/html/notebooks`` for self-study and its folder ``student``, where
the solutions are left out. All numbers and addresses are those of the built pages.
"""

import re
import shutil
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import nbformat
import write_addresses
from _pages import Site, read_site
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from nbformat.v4 import new_markdown_cell

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
HTML = ROOT / "_build" / "html"
PARSER = MarkdownIt("commonmark").use(colon_fence_plugin)
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
BOXES = {"attention", "caution", "hint", "important", "note", "seealso", "tip", "warning"}
GRIDS = {"grid", "grid-item", "grid-item-card", "card"}
DIRECTIVE = re.compile(r"(?:\{([\w:-]+)\})?\s*(.*)")  # no name: code
FIGURE = re.compile(r'(?s)<figure class="mm-figure" id="([^"]+)".*?<figcaption>')
OPTION = re.compile(r":([\w-]+): *(.*)\n?")
INLINE = re.compile(
    r"\{(?P<role>[\w:-]+)\}`(?P<content>[^`]+)`"
    r"|(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)"  # stays as it is
    r"|(?P<empty>\[)?\]\((?P<target>[^()\s]+)\)"
    r"|<!--.*?-->",  # the names of measured values
    re.DOTALL,
)
# What Binder and JupyterHub need beside the notebooks, on the branch that they are pushed to.
README = """\
# Multimodal Learning, Hands On: the chapters as plain notebooks

Read the book at {site}. These are its chapters, for any notebook editor; `student/` holds them
without solutions. To run one elsewhere than on Colab or Binder:

```shell
pip install "{package}"
```

Do not edit them here: they are made from {repository}.
The text is under CC BY 4.0, the code under the BSD 3-Clause licence.
"""


def join(parts: list[str]) -> str:
    """Return blocks of Markdown as one text."""
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def link(shown: str, address: str) -> str:
    """Return a link in Markdown."""
    return f"[{shown}]({address})"


def fold(title: str, body: str) -> str:
    """Return what opens on a click; Markdown inside needs the empty lines."""
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


@dataclass(frozen=True)
class Writer:
    """Turns the MyST of one chapter into Markdown."""

    site: Site
    page: str  # "fusion/2_gates_and_tensors"
    solutions: bool

    def markdown(self, text: str) -> str:
        """Return a text with all of its directives and roles in Markdown."""
        lines, at, parts = text.split("\n"), 0, []
        solution = None  # its name, and how many parts stand before it
        for token in PARSER.parse(text):
            if token.type not in ("fence", "colon_fence"):
                continue
            start, end = token.map
            parts.append(self.inline("\n".join(lines[at:start])))
            name, argument = DIRECTIVE.match(token.info.strip()).groups()
            if name == "solution-start":
                solution = (argument, len(parts))
            elif name == "solution-end":
                (exercise, before), solution = solution, None
                title = f"Solution of {self.site.labels[exercise][1]}"
                body = join(parts[before:])
                parts[before:] = [fold(title, body)] if self.solutions else []
            elif name:
                indent = lines[start][: -len(lines[start].lstrip())]
                body = self.directive(name, argument, token.content)
                parts.append(textwrap.indent(body, indent))
            else:
                parts.append("\n".join(lines[start:end]))
            at = end
        if solution is not None:
            raise ValueError(f"{self.page}: a solution must end in the cell in which it starts")
        parts.append(self.inline("\n".join(lines[at:])))
        return join(parts)

    def directive(self, name: str, argument: str, body: str) -> str:
        """Return what a directive says."""
        options = {}
        while option := OPTION.match(body):
            options[option[1]] = option[2]
            body = body[option.end() :]
        body = body.strip("\n")
        if name == "math":
            tag = ""
            if label := options.get("label"):
                tag = rf" \tag{{{self.site.labels[label][1].strip('()')}}}"
            return f"$$\n{body}{tag}\n$$"
        if name == "code-block":
            return f"```{argument}\n{body}\n```"
        argument, body = self.inline(argument), self.markdown(body)
        if name == "exercise":
            return f"### {self.site.labels[options['label']][1]}: {argument}\n\n{body}"
        if name in GRIDS:  # the argument of a grid is its number of columns
            return f"**{argument}**\n\n{body}" if argument and name != "grid" else body
        if name not in {"admonition", "dropdown", *BOXES}:
            raise ValueError(f"{self.page}: plain notebooks know no directive {name!r}")
        title = argument or name.capitalize()
        if "dropdown" in (name, *options.get("class", "").split()):
            return fold(title, body)
        return "\n".join(f"> {line}".rstrip() for line in [f"**{title}**", "", *body.split("\n")])

    def inline(self, text: str) -> str:
        """Return a text without directives, with its roles and links as links to the site."""

        def replace(found: re.Match) -> str:
            if found["role"]:
                return self.role(found["role"], found["content"])
            if found["empty"]:
                return self.role("doc", found["target"])
            if found["target"]:
                return f"]({self.address(found['target'])})"
            return found[0] if found["code"] else ""

        return INLINE.sub(replace, text)

    def role(self, name: str, content: str) -> str:
        """Return what a role says: ``content`` is its target, or ``words <target>``."""
        words, target = re.fullmatch(r"(?s)(?:(.*?)\s*<)?(.*?)>?", content).groups()
        site = self.site
        if name == "term":
            return link(words or target, site.terms[" ".join(target.lower().split())])
        if name == "doc":
            address = self.address(target)
            page = address.removeprefix(site.address).removesuffix(".html")
            return link(words or site.titles[page], address)
        if name in ("eq", "ref", "numref"):
            address, number = site.labels[target]
            return link(words or number, address)
        raise ValueError(f"{self.page}: plain notebooks know no role {name!r}")

    def address(self, target: str) -> str:
        """Return where a link leads from outside of the book: to a page instead of its source."""
        base = self.site.address + ("" if target.startswith("/") else self.page)
        address = urljoin(base, target.lstrip("/"))
        if not address.startswith(self.site.address):
            return address
        place, hash_sign, anchor = address.removeprefix(self.site.address).partition("#")
        page = place.removesuffix(".ipynb").removesuffix(".md").removesuffix(".html")
        if page not in self.site.titles:
            raise ValueError(f"{self.page}: there is no page {page!r} to link to")
        return f"{self.site.address}{page}.html{hash_sign}{anchor}"

    def notebook(self, source: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Return the chapter as a plain notebook."""
        cells = []
        for cell in source.cells:
            if cell.cell_type == "markdown":
                if text := self.markdown(cell.source):
                    cells.append(new_markdown_cell(text, id=cell.id))
            else:
                cells.append(self.code(cell))
        rest = cells[0].source.partition("\n")[2]
        address, number = self.site.labels[self.page]
        title = f"# {number} {self.site.titles[self.page]}"
        cells[0].source = join([title, link("Read this chapter as a page", address), rest])
        return nbformat.v4.new_notebook(cells=cells, metadata=source.metadata)

    def code(self, cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Return a cell of code, folded if the page does not show it; its figure has a number."""
        folded = FOLDED & set(cell.metadata.get("tags", []))
        cell.metadata = {"jupyter": {"source_hidden": True}, "cellView": "form"} if folded else {}
        cell.outputs = [output for output in cell.outputs if output.get("data", True)]
        for data in (output.get("data", {}) for output in cell.outputs):
            if html := data.get("text/html"):
                data["text/html"] = FIGURE.sub(self.number, html)
        return cell

    def number(self, figure: re.Match) -> str:
        """Return the start of a figure's caption with the number that it has on the site."""
        return f"{figure[0]}<b>{self.site.labels[figure[1]][1]}</b> "


def main() -> None:
    """Write all plain notebooks, and what Binder needs, into the built book."""
    if not (HTML / "objects.inv").exists():
        sys.exit("there are no built pages: run `make book` first")
    repository, version = write_addresses.read_project()
    site = read_site(HTML, write_addresses.find_site(repository))
    folder = HTML / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    for path in sorted(BOOK.glob("*/[0-9]*.ipynb")):
        for edition, solutions in ((folder, True), (folder / "student", False)):
            page = path.relative_to(BOOK).with_suffix("").as_posix()
            source = nbformat.read(path, as_version=4)
            plain = Writer(site, page, solutions).notebook(source)
            nbformat.validate(plain)
            target = edition / f"{page}.ipynb"
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(plain, target)
    package = write_addresses.PACKAGE.format(address=repository, version=version)
    readme = README.format(site=site.address, package=package, repository=repository)
    texts = {
        "README.md": readme,
        "requirements.txt": f"{package}\n",
        "runtime.txt": "python-3.12\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    print(f"==> Plain notebooks are in {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
