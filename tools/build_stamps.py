"""Build the stamps data set in mmtutorial/data/files/stamps/ from its public packages.

Run ``python tools/build_stamps.py`` (about three minutes on two cores). On one machine two runs
give the same bytes. On another machine the features may differ by one level in 63, because the
order in which a processor adds numbers is its own affair.

By default the loader gives the ten groups of things. Left out are the symbols (letters, digits and
coins: their captions spell out the group) and five groups with fewer than twenty stamps.
"""

import io
import json
import sys
from pathlib import Path

import _emoji_features as network
import _stamps_entries as text
import _stamps_media as media
import _stamps_notes as notes
import numpy as np
from _packages import fetch_deb, read_deb
from _write import write_all
from build_emoji import read_package
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "debian"
TARGET = ROOT / "mmtutorial" / "data" / "files" / "stamps"
FILES = text.ROOT + r"((?!_desc).)*(_desc(_fr|_es)?)?\.(png|svg|txt|ogg)"
SPOKEN = {"en": "_desc.ogg", "fr": "_desc_fr.ogg", "es": "_desc_es.ogg"}
LEVELS = 63


def draw_all(entries, files):
    """Return (n, 128, 128, 3) pictures, and which were smaller than 64 pixels."""
    images, small = [], []
    for entry in tqdm(entries, desc="draw"):
        # Where there are both, the PNG is the one that its maker saw: an SVG's fonts may be absent.
        stem = text.ROOT + entry["path"]
        content = files.get(f"{stem}.png") or files[f"{stem}.svg"]
        image, side = media.draw(content)
        images.append(image)
        if side < 64:
            small.append(entry["path"])
    return np.stack(images), small


def record_all(entries, files):
    """Give every entry its recordings; return both archives and what is known of their members."""
    stems = [text.ROOT + entry["path"] for entry in entries]
    spoken = [stem + ending for stem in stems for ending in SPOKEN.values()]
    speech = media.Recordings("speech", [files[name] for name in spoken if name in files])
    sounds = [f"{stem}.ogg" for stem in stems]
    sound = media.Recordings("sound", [files[name] for name in sounds if name in files])
    for stem, entry in zip(stems, entries, strict=True):
        entry["speech"] = {
            code: speech.add(f"{code}/{entry['path']}", files[stem + ending])
            for code, ending in SPOKEN.items()
            if stem + ending in files
        }
        content = files.get(f"{stem}.ogg")
        entry["sound"] = sound.add(entry["path"], content) if content else None
    return speech, sound


def describe(images):
    """Return the levels 0 to 63 of (n, 2048) features, and every column's peak.

    The network never saw a stamp, and nothing is fitted here: the loader fits the principal
    components that shorten the features, on the training rows of the fold that it loads.
    """
    wide = network.describe(network.load_resnet50(read_package("resnet50")), images, label="stamps")
    peak = np.maximum(wide.max(axis=0), np.finfo(np.float32).tiny)
    return np.rint(np.sqrt(wide / peak) * LEVELS).astype(np.uint8), peak


def pack_features(levels, peak):
    """Return both arrays as an .npz file, which keeps no date."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, levels=levels, peak=peak.astype("<f4"))
    return buffer.getvalue()


def describe_data(entries, flaws):
    """Write the catalogue as JSON, one stamp per line."""
    head = {
        "title": notes.TITLE,
        "columns": media.COLUMNS,
        "source": [[notes.PACKAGE, notes.VERSION, notes.LICENCE]],
        "flaws": flaws,
    }
    lines = [json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in entries]
    head = json.dumps(head, ensure_ascii=False)[:-1]
    return (head + ',\n"entries": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def main():
    """Fetch, read, draw, record, split, describe and write."""
    deb = fetch_deb(notes.PACKAGE, notes.VERSION, notes.SHA256, CACHE)
    files = read_deb(deb, FILES)
    entries = text.read_entries(files)
    notes.drop_wrong(entries)
    images, small = draw_all(entries, files)
    speech, sound = record_all(entries, files)
    for entry, image in zip(entries, images, strict=True):
        entry["visible"] = bool(image.min() < 250)
    text.assign_clusters(entries, images)
    text.assign_folds(entries)
    sheet = media.pack_sheet(images)
    shipped = media.unpack_sheet(sheet, len(entries))
    facts = {"small": small, "silent": sound.silent, "recordings": speech.facts | sound.facts}
    files = {
        "stamps.json": describe_data(entries, notes.flaws(entries, shipped, facts)),
        "images.webp": sheet,
        "speech.zip": speech.pack(),
        "sound.zip": sound.pack(),
        "features.npz": pack_features(*describe(shipped)),
        **notes.licence_files(),
    }
    size = write_all(TARGET, files)
    print(f"{len(files) + 1} files, {size / 1e6:.1f} MB in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
