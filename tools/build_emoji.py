"""Build the emoji data set in mmtutorial/data/files/emoji/ from its public packages.

Run ``python tools/build_emoji.py`` (about five minutes on two cores). On one machine two runs give
the same bytes. On another machine the features may differ in their last bit, because the order
in which a processor adds numbers is its own affair; everything else stays the same.
"""

import io
import json
import re
import sys
import tarfile
from pathlib import Path

import _emoji_art as art
import _emoji_entries as text
import _emoji_features as features
import _emoji_sources as sources
import numpy as np
from _packages import fetch
from _write import write_all
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "npm"
TARGET = ROOT / "mmtutorial" / "data" / "files" / "emoji"


def read_package(key):
    """Return ``{file name: bytes}`` of the files that we need from a package."""
    package = sources.PACKAGES[key]
    tarball = fetch(package.name, package.version, package.sha512, CACHE)
    files = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            if member.isfile() and re.fullmatch(package.files, name):
                files[name] = archive.extractfile(member).read()
    return files


def draw_artist(artist, entries):
    """Return ``{entry number: (64, 64, 3) image}`` of the drawings that we ship of one artist."""
    files = read_package(artist.name)
    pattern = sources.PACKAGES[artist.name].files
    named = "icons.json" in files
    found = art.by_name(entries, files) if named else art.by_code_point(entries, files, pattern)
    wanted = {
        number: content
        for number, content in enumerate(found)
        if content
        and entries[number]["split"] in artist.splits
        and (artist.name, entries[number]["hexcode"]) not in sources.WRONG
    }
    progress = tqdm(wanted.items(), desc=f"draw {artist.name}")
    return {number: art.draw(content) for number, content in progress}


def describe_all(drawings, entries):
    """Return ``{artist: (images, 256) float16}``, the PCA, and what share of variance it keeps."""
    network = features.load_resnet50(read_package("resnet50"))
    wide = {
        name: features.describe(network, list(images.values()), label=name)
        for name, images in drawings.items()
    }
    training = [artist.name for artist in sources.ARTISTS if artist.role == "training"]
    rows = [
        row
        for name in training
        for number, row in zip(drawings[name], wide[name], strict=True)
        if entries[number]["split"] == "train" and entries[number]["group"] != "flags"
    ]
    mean, directions, kept = features.fit_pca(np.stack(rows))
    narrow = {name: ((rows - mean) @ directions).astype("<f2") for name, rows in wide.items()}
    return narrow, pack_pca(mean, directions), kept


def pack_pca(mean, directions):
    """Return the PCA as an .npz file, which keeps no date: what else the network saw can use it."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, mean=mean.astype("<f4"), directions=directions.astype("<f2"))
    return buffer.getvalue()


def describe_data(entries, drawings, kept):
    """Write the catalogue as JSON, one emoji per line: names, words, classes, artists, flaws."""
    head = {
        "title": sources.TITLE,
        "columns": art.COLUMNS,
        "flaws": sources.flaws(entries, drawings, kept),
        "artists": {
            artist.name: {
                "title": artist.title,
                "role": artist.role,
                "licence": artist.licence,
                "package": sources.PACKAGES[artist.name].name,
                "version": sources.PACKAGES[artist.name].version,
                "entries": list(drawings[artist.name]),
            }
            for artist in sources.ARTISTS
        },
        "text_sources": [
            [sources.PACKAGES[key].name, sources.PACKAGES[key].version, licence]
            for key, licence in sources.TEXT_LICENCES.items()
        ],
    }
    lines = [json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in entries]
    head = json.dumps(head, ensure_ascii=False, indent=None)[:-1]
    return (head + ',\n"entries": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def main():
    """Fetch, draw, describe and write."""
    emojibase, cldr = read_package("emojibase"), read_package("cldr")
    entries = text.read_entries(emojibase)
    text.assign_splits(entries)
    drawings = {artist.name: draw_artist(artist, entries) for artist in sources.ARTISTS}
    numbers, pca, kept = describe_all(drawings, entries)
    files = {"emoji.json": describe_data(entries, drawings, kept), "pca.npz": pca}
    for name, images in tqdm(drawings.items(), desc="pack sheets"):
        files[f"{name}.webp"] = art.pack_sheet(images)
        buffer = io.BytesIO()
        np.save(buffer, numbers[name], allow_pickle=False)
        files[f"{name}.npy"] = buffer.getvalue()
    files |= sources.licence_files(
        emojibase, cldr, read_package("openmoji-licence"), read_package("licences")
    )
    size = write_all(TARGET, files)
    print(f"{len(files) + 1} files, {size / 1e6:.1f} MB in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
