"""Build the animated emoji in mmtutorial/data/files/animated_emoji/ from their public packages.

Run ``python tools/build_animated_emoji.py`` (about four minutes, and 730 MB to download) after
``tools/build_emoji.py``, whose names, words and splits the clips share. Two runs give the same
bytes.
"""

import json
import re
import sys
import tarfile
from pathlib import Path

import _animated_frames as frames
import _animated_notes as notes
from _packages import fetch
from _write import pack_zip, write_all
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "npm"
EMOJI = ROOT / "mmtutorial" / "data" / "files" / "emoji"
TARGET = EMOJI.parent / "animated_emoji"
VERSION, PATTERN = "1.0.0", r"assets/([0-9a-f-]+)\.webp"
SKIN_TONE = re.compile(r"-1f3f[b-f]")
#: The sums of the tarballs of @lobehub/fluent-emoji-anim-1 to -4.
SHA512 = (
    "ff89b7d6f02e644438694279a7170e5393d592e2726b9e464715192fbfb380b9"
    "71657a73cc4f233eaa43ca1648084de7e3b9d2fd8f4ce7fbcb762ce2f36d3540",
    "4bacb37f44595eb41b5ddc425ae1c0f410282dd0519367e55fe9dee133c6107f"
    "ea029c22b0200a1e80001a3292953637395799f5beedfcd11b9a98dac2741824",
    "53345250332375f76df6f111e5b8631e43ea81cdc41207c6b58b3a9ddbe2cce4"
    "ef40ec58439ee8c36453916483671c16df45f8118062d9e5934bb0970c3a05b2",
    "208925e73b527751ebcef203b7fb86b05a02d563835d1758ab9b913ab9e4caa8"
    "bd0db4e811c2759e563ce8f9e85177854bd9c10a71df898937a2e48419384598",
)
PACKAGES = tuple(f"@lobehub/fluent-emoji-anim-{number}" for number in range(1, 5))
TITLE = "Animated emoji: clips of one designer, with words in English and Chinese"
LEAST_MOTION = 1.0  # levels of 255
README = """# {title}

Built by `tools/build_animated_emoji.py` from npm {packages}
(MIT, see [LICENSE-MIT-fluent.txt](LICENSE-MIT-fluent.txt)).

`clips.zip` holds one WebP picture per clip, named by its code points: {count} frames of
{size} x {size} pixels, side by side from left to right. `clips.json` says how long a frame is
shown and how much the clip moves. Names, words, groups and splits are those of the emoji in
`../emoji`.

What was changed: of each concept's animations one was taken, set on white, reduced to {count}
frames at even steps through its loop, resized, and stored with {colours} colours. What barely
moves was left out.
"""


def read_files():
    """Return ``{file name: bytes}`` of the pictures without a skin tone, moving or not."""
    files = {}
    sums = zip(PACKAGES, SHA512, strict=True)
    for package, sha512 in tqdm(sums, desc="read packages", total=len(PACKAGES)):
        with tarfile.open(fetch(package, VERSION, sha512, CACHE)) as archive:
            for member in archive:
                name = member.name.removeprefix("package/")
                if re.fullmatch(PATTERN, name) and not SKIN_TONE.search(name):
                    files[name] = archive.extractfile(member).read()
    return files


def describe_data(entries, facts, flaws):
    """Write the clips' index as JSON, one clip per line."""
    head = {
        "title": TITLE,
        "flaws": flaws,
        "source": [[package, VERSION, "MIT"] for package in PACKAGES],
        "frames": frames.FRAMES,
        "size": [frames.SIZE, frames.SIZE],
    }
    rows = [
        {
            "hexcode": entry["hexcode"],
            "frame_seconds": round(fact["seconds"] / frames.FRAMES, 6),
            "motion": round(fact["motion"], 4),
        }
        for entry, fact in zip(entries, facts, strict=True)
    ]
    lines = ",\n".join(json.dumps(row) for row in rows)
    return (json.dumps(head, ensure_ascii=False)[:-1] + f',\n"clips": [\n{lines}\n]}}\n').encode()


def main():
    """Fetch, choose, sample, measure and write."""
    catalogue = json.loads((EMOJI / "emoji.json").read_text(encoding="utf-8"))["entries"]
    moving = frames.find_moving(catalogue, read_files(), PATTERN)
    chosen = frames.choose(catalogue, moving)
    entries, facts, clips, strips, dropped = [], [], [], {}, []
    for number, content in tqdm(chosen.items(), desc="sample clips"):
        pictures, seconds = frames.decode(content)
        clip = pictures[frames.sample(seconds)]
        strip = frames.pack_strip(clip)
        fact = notes.measure(pictures, seconds, clip, frames.unpack_strip(strip))
        if fact["motion"] < LEAST_MOTION:
            dropped.append(catalogue[number]["name"]["en"])
            continue
        entries.append(catalogue[number])
        facts.append(fact)
        clips.append(clip)
        strips[f"{catalogue[number]['hexcode']}.webp"] = strip
    readme = README.format(
        title=TITLE,
        packages=", ".join(f"{package}@{VERSION}" for package in PACKAGES),
        count=frames.FRAMES,
        size=frames.SIZE,
        colours=frames.COLOURS,
    )
    flaws = notes.flaws(entries, facts, clips, dropped, len(moving))
    content = {
        "clips.json": describe_data(entries, facts, flaws),
        "clips.zip": pack_zip(strips),
        "LICENSE-MIT-fluent.txt": (EMOJI / "LICENSE-MIT-fluent.txt").read_bytes(),
        "README.md": readme.encode(),
    }
    size = write_all(TARGET, content)
    print(f"{len(clips)} clips, {size / 1e6:.1f} MB in {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main())
