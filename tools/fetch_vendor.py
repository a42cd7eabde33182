"""Fetch the front-end code that the pages need, so that they work without a network.

MathJax goes to ``book/_vendor``, which Jupyter Book copies into the site; axe-core, which only the
browser tests use, goes to ``.cache/axe``.
"""

import fnmatch
import hashlib
import shutil
import tarfile
from pathlib import Path, PurePosixPath

from _packages import fetch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
SITE = ROOT / "book" / "_vendor"
AXE = CACHE / "axe"
STAMP = CACHE / "vendor.stamp"

# package, version, sha512 of its tarball
PACKAGES = [
    (
        "mathjax",
        "3.2.2",
        "06df9249553c7811b6ef30a155ec0e89c62ced7b1db78d2a9b8f94a47c97ee4d"
        "3f3bd36588f73ec7bee4d7f144b0fb2328f64626fb5164cd6f3be81e5b43a11b",
    ),
    (
        "axe-core",
        "4.14.1",
        "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b73"
        "4f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5",
    ),
]

# For each package: files in it (a pattern), the part of their path to drop, where they go.
# MathJax loads extensions and its spoken mathematics from beside itself when a page asks.
MATHJAX = SITE / "vendor" / "mathjax"
LAYOUT = {
    "mathjax": [
        ("es5/tex-svg.js", "es5", MATHJAX),
        ("es5/input/tex/extensions/*.js", "es5", MATHJAX),
        ("es5/a11y/*.js", "es5", MATHJAX),
        ("es5/sre/mathmaps/base.json", "es5", MATHJAX),
        ("es5/sre/mathmaps/en.json", "es5", MATHJAX),
        ("LICENSE", "", MATHJAX),
    ],
    "axe-core": [("axe.min.js", "", AXE), ("LICENSE", "", AXE)],
}


def unpack(tarball: Path, rules: list[tuple[str, str, Path]]) -> None:
    """Copy the files that the rules name; a rule that finds none is an error."""
    with tarfile.open(tarball) as archive:
        files = {m.name.removeprefix("package/"): m for m in archive.getmembers() if m.isfile()}
        for pattern, drop, folder in rules:
            names = fnmatch.filter(files, pattern)
            if not names:
                raise RuntimeError(f"{tarball.name} holds no {pattern}")
            for name in names:
                target = folder / PurePosixPath(name).relative_to(drop)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.extractfile(files[name]).read())


def main() -> None:
    """Fetch and unpack, unless that was done with this very script."""
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    present = SITE.is_dir() and AXE.is_dir()
    if present and STAMP.exists() and STAMP.read_text() == recipe:
        return
    STAMP.unlink(missing_ok=True)  # until all is there again, so that an interruption heals
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.rmtree(AXE, ignore_errors=True)
    print("==> Fetching front-end code", flush=True)
    for package, version, sha512 in tqdm(PACKAGES, unit="package", disable=None):
        unpack(fetch(package, version, sha512, CACHE / "npm"), LAYOUT[package])
    STAMP.write_text(recipe)


if __name__ == "__main__":
    main()
