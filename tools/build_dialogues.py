"""Build the dialogues data set in mmtutorial/data/files/dialogues/ from its Debian packages.

Run ``python tools/build_dialogues.py`` (about five minutes on two cores). Two runs give the same
bytes; another version of libsndfile may pack the sound differently.
"""

import json
import os
import re
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import _dialogues_lua as lua
import _dialogues_notes as notes
import _dialogues_sound as sound
import _dialogues_split as split
import numpy as np
from _opus import RATE, encode_opus, read_wave
from _packages import fetch_deb, read_deb
from _write import pack_zip, write_all
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "debian"
TARGET = ROOT / "mmtutorial" / "data" / "files" / "dialogues"
LONGEST = 6.0
KILOBITS = 9  # the least at which Opus keeps all the 8 kHz that 16,000 samples hold
FASTEST = 20
#: Where the recordings of the lines that belong to no level lie.
SHARED = {
    "black": "share/blackjokes",
    "bore": "share/borejokes",
    "border": "share/border",
    "shout": "share/border",
    "intro": "share/intro",
}
FIELDS = ("language", "level", "id", "role", "speaker", "seconds", "text", "english")
UNREADABLE = {
    "with a placeholder or a path in the transcript": r"[%\\/]",
    "with digits in the transcript": r"\d",
    "with another language in the transcript": r"[\u0400-\u04ff]",
}


def read_package(key):
    """Return ``{path within the game: bytes}`` of what we need from a package."""
    package = notes.PACKAGES[key]
    deb = fetch_deb(package.name, package.version, package.sha256, CACHE)
    files = read_deb(deb, package.files)
    return {path.removeprefix(notes.GAME): content for path, content in files.items()}


def pair_lines(scripts, recordings, language):
    """List the lines of a language that were recorded, as rows with their bytes."""
    rows = {}
    for path, content in scripts.items():
        found = re.fullmatch(rf"script/(\w+)/(?:(\w+)_)?dialogs_{language}\.lua", path)
        if not found:
            continue
        level = SHARED[found[2]] if found[1] == "share" else found[1]
        for line in lua.read_lines(content):
            recording = recordings.get(f"sound/{level}/{language}/{line.id}.ogg")
            if recording is not None:
                row = {"language": language, "level": level, **line._asdict(), "ogg": recording}
                row["role"] = split.role_of(line.font)
                row["speaker"] = split.speaker_of(language, level, line.font)
                rows[level, line.id] = row
    return [rows[key] for key in sorted(rows)]


def prepare(content):
    """Turn a recording into its Opus bytes, its seconds, what was cut, and its measures."""
    whole = read_wave(content)
    wave = sound.trim(whole)
    if not 0 < len(wave) <= LONGEST * RATE:
        return {"seconds": len(wave) / RATE}
    cut = (len(whole) - len(wave)) / RATE
    measures = sound.measure(wave)
    wave = wave * min(1, 0.99 / np.abs(wave).max())
    packed = encode_opus(wave, kilobits=KILOBITS)
    return {"seconds": len(wave) / RATE, "opus": packed, "cut": cut, **measures}


def choose(rows):
    """Return the rows to ship, and the others by the reason why not."""
    kept, dropped, known = [], {}, set()
    for row in rows:
        reason = _reason(row, known)
        known.add(row.get("opus"))  # packed, for two files may hold one recording
        if reason:
            dropped.setdefault(reason, []).append(row)
        else:
            kept.append(row)
    return kept, dropped


def _reason(row, known):
    for reason, pattern in UNREADABLE.items():
        if re.search(pattern, row["text"]):
            return reason
    if not row["seconds"]:
        return "with nothing recorded"
    if row["seconds"] > LONGEST:
        return f"longer than {LONGEST} seconds"
    if row["opus"] in known:
        return "whose recording another line has already"
    if len(split.letters(row["text"])) > FASTEST * row["speech"]:
        return f"with more than {FASTEST} letters a second, so a part is missing"
    return None


def read_titles(content):
    """Return ``{level: (English name, the world it lies in)}`` from the game's map."""
    return {
        strings[0]: (strings[2], strings[3])
        for _, strings in lua.read_calls(content)
        if strings[1] == "en"
    }


def describe(rows, dropped, titles):
    """Write the index as JSON, one clip per line."""
    levels = split.split_levels(rows)
    sides = {
        "level": split.part_sentences(rows, [levels[row["level"]] for row in rows]),
        "speaker": split.part_sentences(rows, [split.split_speakers(row, levels) for row in rows]),
    }
    unused = {name: Counter(found)[""] for name, found in sides.items()}
    head = {
        "title": notes.TITLE,
        "licence": notes.LICENCE,
        "sources": [[p.name, p.version, notes.LICENCE] for p in notes.PACKAGES.values()],
        "languages": notes.NAMES,
        "levels": {code: titles.get(code, (code, "")) for code in sorted(levels)},
        "flaws": notes.flaws(rows, dropped, unused),
        "fields": [*FIELDS, *(f"{name} split" for name in sides)],
    }
    lines = [
        json.dumps([*(row[field] for field in FIELDS), *where], ensure_ascii=False)
        for row, *where in zip(rows, *sides.values(), strict=True)
    ]
    head = json.dumps(head, ensure_ascii=False)[:-1]
    return (head + ',\n"rows": [\n' + ",\n".join(lines) + "\n]}\n").encode()


def main():
    """Fetch, pair, pack and write."""
    scripts = read_package("text")
    rows = [
        row
        for language in notes.NAMES
        for row in pair_lines(scripts, read_package(language), language)
        if any(letter.isalpha() for letter in row["text"])
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(prepare, [row["ogg"] for row in rows], chunksize=16)
        for row, result in zip(rows, tqdm(results, desc="clips", total=len(rows)), strict=True):
            row.update(result)
    rows, dropped = choose(rows)
    titles = read_titles(scripts["script/worlddesc.lua"])
    clips = {f"{row['language']}/{row['level']}/{row['id']}.opus": row["opus"] for row in rows}
    files = {"dialogues.json": describe(rows, dropped, titles), "speech.zip": pack_zip(clips)}
    files |= notes.licence_files([(p.name, p.version) for p in notes.PACKAGES.values()])
    size = write_all(TARGET, files)
    print(f"{len(rows):,} clips, {size / 1e6:.1f} MB in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
