"""Fetch the front-end code that the pages need, so that they work without a network.

All goes to ``.cache``: MathJax, with which ``book/_ext/book_equations.py`` draws the formulas at
build, to ``mathjax``; axe-core, which only the browser tests use, to ``axe``; ONNX Runtime Web, of
which ``book/_ext/speech_recognizer.py`` makes what one page loads, to ``onnxruntime-web``.
"""

import fnmatch
import hashlib
import shutil
import tarfile
from pathlib import Path, PurePosixPath

from _licences import read_spdx
from _packages import fetch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
MATHJAX = CACHE / "mathjax"
AXE = CACHE / "axe"
ONNX = CACHE / "onnxruntime-web"
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
    (
        "onnxruntime-web",
        "1.30.0",
        "ab4cbe26baedba45d2cec05610c71c55fa97db92d19a8b171c5f8269126683ca"
        "590a5cdc57bb2f35ce2b298de32f4d956fb42644c0ecd528a0a91e025c07ca61",
    ),
    (
        "spdx-license-list",
        "6.9.0",
        "2f68e5e6f7368fa8f159c342bdc563fc15bd03cc86206d360f0f88530d19c433"
        "3bd1fed895fe47ab7f5aa69575048f72c72590469ab64d0d6a697bdffb28e4a8",
    ),
]

# For each package: files in it (a pattern), the part of their path to drop, where they go.
LAYOUT = {
    "mathjax": [
        ("es5/node-main.js", "es5", MATHJAX),
        ("es5/adaptors/liteDOM.js", "es5", MATHJAX),
        ("es5/input/tex.js", "es5", MATHJAX),
        ("es5/input/tex/extensions/*.js", "es5", MATHJAX),
        ("es5/output/svg.js", "es5", MATHJAX),
        ("es5/output/svg/fonts/tex.js", "es5", MATHJAX),
        ("es5/a11y/assistive-mml.js", "es5", MATHJAX),
        ("LICENSE", "", MATHJAX),
    ],
    "axe-core": [("axe.min.js", "", AXE), ("LICENSE", "", AXE)],
    "onnxruntime-web": [
        ("dist/ort.wasm.min.js", "dist", ONNX),
        ("dist/ort-wasm-simd-threaded.mjs", "dist", ONNX),
        ("dist/ort-wasm-simd-threaded.wasm", "dist", ONNX),
    ],
    "spdx-license-list": [("licenses/MIT.json", "", ONNX)],  # the package before carries none
}
MICROSOFT = "Copyright (c) Microsoft Corporation"


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


def write_licence(folder: Path) -> None:
    """Write the licence of ONNX Runtime Web, which its package names, but does not carry."""
    source = folder / "licenses" / "MIT.json"
    text = read_spdx({"licenses/MIT.json": source.read_bytes()}, "MIT", MICROSOFT)
    (folder / "LICENSE").write_bytes(text)
    shutil.rmtree(source.parent)


def main() -> None:
    """Fetch and unpack, unless that was done with this very script."""
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    present = all(folder.is_dir() for folder in (MATHJAX, AXE, ONNX))
    if present and STAMP.exists() and STAMP.read_text() == recipe:
        return
    STAMP.unlink(missing_ok=True)  # until all is there again, so that an interruption heals
    for folder in (MATHJAX, AXE, ONNX):
        shutil.rmtree(folder, ignore_errors=True)
    print("==> Fetching front-end code", flush=True)
    for package, version, sha512 in tqdm(PACKAGES, unit="package", disable=None):
        unpack(fetch(package, version, sha512, CACHE / "npm"), LAYOUT[package])
    write_licence(ONNX)
    STAMP.write_text(recipe)


if __name__ == "__main__":
    main()
