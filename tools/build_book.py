"""Build the book into ``_build/html``, warnings as errors, unless nothing changed since."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import fetch_vendor

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
INDEX = BUILD / "html" / "index.html"
STAMP = BUILD / "sources.sha256"
# What a page can be made of: its own sources, docstrings, data cards, results and root documents.
SOURCES = ["book", "mmtutorial", "benchmarks", "_config.yml", "pyproject.toml", "requirements.lock"]
SOURCES += [
    "tools/_pages.py",
    "tools/fetch_vendor.py",
    "tools/write_addresses.py",
    "tools/write_plain_notebooks.py",
]
PASSED_BY = {"__pycache__", ".ipynb_checkpoints", ".pytest_cache"}


def fingerprint() -> str:
    """Return a digest of every source's name and content."""
    digest = hashlib.sha256()
    roots = [ROOT / name for name in SOURCES] + sorted(ROOT.glob("*.md"))
    for root in roots:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and not PASSED_BY & set(path.parts):
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build() -> None:
    """Build every page from nothing: a page left over or a warning not repeated would mislead."""
    print("==> Building the book", flush=True)
    shutil.rmtree(BUILD, ignore_errors=True)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "book"]
    command += ["-q", "-W", "--keep-going", "--path-output", "."]
    done = subprocess.run(command, cwd=ROOT)
    if done.returncode or not INDEX.exists():
        sys.exit("The book was not built: the warnings above count as errors.")
    import write_plain_notebooks  # what it imports takes longer than to see that nothing changed

    write_plain_notebooks.main()


def main() -> None:
    """Fetch what the pages need, build where a source changed, and say where the book is."""
    fetch_vendor.main()
    sources = fingerprint()
    if INDEX.exists() and STAMP.exists() and STAMP.read_text() == sources:
        print("==> The book is up to date")
    else:
        build()
        STAMP.write_text(sources)
    print(f"Open {INDEX.as_uri()} in your browser, or run `make serve`.")


if __name__ == "__main__":
    main()
