"""Write the repository's address, and the version that Colab installs, wherever they stand.

Both have one source: ``Repository`` and ``version`` in pyproject.toml. After a change there, run
``python tools/write_addresses.py``; with a new address as argument, it changes that line as well.
Needs nothing but Python itself.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = r"https://github\.com/[\w.-]+/[\w.-]+"
# The files that hold the address, each with what stands before it in its line.
COPIES = {
    "pyproject.toml": 'Repository = "',
    "_config.yml": "  url: ",
    "CITATION.cff": "repository-code: ",
    "CHANGELOG.md": r"\[[\d.]+\]: ",
    "book/index.md": "git clone ",
    "book/start/install.md": "git clone |&repo=",
}
SITE = r"https://[\w.-]+\.github\.io/[\w.-]+/"
LINKING = ("README.md",)  # the files that link to pages of the published book
# The package as it was released, with what chapters import, as pip finds it.
PACKAGE = "mmtutorial[run] @ git+{address}@v{version}"
# The first code cell of every chapter.
COLAB_CELL = f"""\
# On Colab, this installs the companion package; elsewhere it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install -q "{PACKAGE}\""""


def read_project(root: Path = ROOT) -> tuple[str, str]:
    """Return the address and the version that pyproject.toml names."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"], project["version"]


def find_site(address: str) -> str:
    """Return where the book of a repository is published, by `.github/workflows/publish.yml`.

    >>> find_site("https://github.com/you/mmtutorial")
    'https://you.github.io/mmtutorial/'
    """
    owner, name = address.rsplit("/", 2)[1:]
    return f"https://{owner}.github.io/{name}/"


def write_copy(text: str, before: str, address: str) -> str:
    """Return the text of a file with this address in every line that holds one."""
    fresh, lines = re.subn(rf"(?m)^({before}){ADDRESS}", rf"\g<1>{address}", text)
    if not lines:
        raise ValueError(f"no line has an address after {before!r}")
    return fresh


def write_cell(text: str, address: str, version: str) -> str:
    """Return the text of a notebook whose first code cell is the one for Colab; nothing else."""
    notebook = json.loads(text)
    cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    if "google.colab" not in "".join(cell["source"]):
        raise ValueError("the first code cell is not the one for Colab; copy that of a chapter")
    cell["source"] = COLAB_CELL.format(address=address, version=version).splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def find_stale(root: Path, address: str, version: str) -> dict[Path, str]:
    """Return every file that says otherwise, with the text that it should have."""
    fresh = {}
    for name, before in COPIES.items():
        text = (root / name).read_text(encoding="utf-8")
        fresh[root / name] = write_copy(text, before, address)
    for name in LINKING:
        text = (root / name).read_text(encoding="utf-8")
        fresh[root / name] = re.sub(SITE, find_site(address), text)
    for path in sorted((root / "book").glob("*/[0-9]*.ipynb")):
        fresh[path] = write_cell(path.read_text(encoding="utf-8"), address, version)
    return {path: text for path, text in fresh.items() if path.read_text("utf-8") != text}


def main() -> None:
    """Bring every file up to date and name those that were not."""
    address, version = read_project()
    if len(sys.argv) > 1:
        address = sys.argv[1].removesuffix(".git").rstrip("/")
        if not re.fullmatch(ADDRESS, address):
            sys.exit(f"the address must look like https://github.com/you/mmtutorial, got {address}")
    for path, text in find_stale(ROOT, address, version).items():
        path.write_text(text, encoding="utf-8")
        print(f"==> {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
