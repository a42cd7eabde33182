"""Where the dialogues come from, whose they are, and what is wrong with them."""

from collections import Counter
from typing import NamedTuple

import numpy as np
from _dialogues_split import marked_role
from _licences import read_gpl_2

TITLE = "Dialogues: lines of a game spoken in Czech and Dutch, with transcripts and English"
LICENCE = "GPL-2.0-only"
NAMES = {"cs": "Czech", "nl": "Dutch"}


class Package(NamedTuple):
    """A Debian package: the sum of its file, and a pattern of the paths that we read."""

    name: str
    version: str
    sha256: str
    files: str


GAME = "usr/share/games/fillets-ng/"
PACKAGES = {
    "text": Package(
        "fillets-ng-data",
        "1.0.1-1.1",
        "25de89afd8b1adf7bcace8290248a6a22c89cd42300317e69000e162c032cf84",
        GAME + r"script/(worlddesc|.*dialogs_(cs|nl))\.lua",
    ),
    "cs": Package(
        "fillets-ng-data-cs",
        "1.0.1-1.1",
        "3ecef99b9456f1c80c9625c6f2418642b52d58e7167a46bad7a412db17991b14",
        GAME + r"sound/.*/cs/.*\.ogg",
    ),
    "nl": Package(
        "fillets-ng-data-nl",
        "1.0.1-1.1",
        "afb4443fda9ab507dee578b75be857d121718a1cd6017a474f30e0eb13dc9d10",
        GAME + r"sound/.*/nl/.*\.ogg",
    ),
}


def flaws(rows, dropped, unused):
    """List what a user of the data should know; the numbers are counted here, not typed.

    ``rows`` are the clips with their measures, ``dropped`` maps a reason to clips that were left
    out, ``unused`` maps a split's name to the clips that stand on none of its sides.
    """
    cs, nl = ([row for row in rows if row["language"] == code] for code in NAMES)
    found = [
        f"left out, {reason}: {len(clips)} ({_some(clips)})" for reason, clips in dropped.items()
    ]
    both = {(r["level"], r["id"]) for r in cs} & {(r["level"], r["id"]) for r in nl}
    found.append(f"{len(both):,} lines are here in both languages; the others in one")
    found.append(_roles(rows))
    found.append(_casts(cs))
    others = Counter(row["speaker"] for row in cs if row["role"] == "other")
    found.append(
        f"the {len(others)} other Czech voices, {sum(others.values())} clips, go by the font in "
        "which the game writes them, so a colour may stand for several; one actor may play "
        "several, and some sound through a can, a robot or from far away; Dutch has none, and "
        "its two actors are all you hear"
    )
    found.append(
        "silence beyond 0.15 seconds was cut off both ends (Dutch clips end in half a second of "
        f"it): {sum(r['cut'] for r in cs) / 60:.1f} minutes of Czech, "
        f"{sum(r['cut'] for r in nl) / 60:.1f} of Dutch; nothing was cut within"
    )
    for code, part in zip(NAMES, (cs, nl), strict=True):
        found.append(_sound(code, part))
    found.append(
        "some lines are hardly words (Hmm, Au, Aha): "
        + ", ".join(
            f"{sum(_letters(r) <= 4 for r in p)} {NAMES[c]}"
            for c, p in zip(NAMES, (cs, nl), strict=True)
        )
        + " clips have four letters or fewer"
    )
    for code, part in zip(NAMES, (cs, nl), strict=True):
        found.append(_writing(code, part))
    found += [
        f"{count} clips are on no side of the {split} split: a sentence of theirs stands on a "
        f"later side{' or both fish speak at once' if split == 'speaker' else ''}"
        for split, count in unused.items()
    ]
    found.append("the recordings carry an echo that lasts into the pauses and the ends")
    found.append(
        "English and Dutch are translations of the Czech, at times free; what was said need not be "
        "what is written, word for word"
    )
    return found


def _letters(row):
    return sum(letter.isalpha() for letter in row["text"])


def _some(clips):
    names = [f"{row['language']} {row['level']}/{row['id']}" for row in clips]
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")


def _roles(rows):
    told = [row for row in rows if marked_role(row["id"])]
    agree = sum(marked_role(row["id"]) == row["role"] for row in told)
    return (
        f"roles come from the font of a line; the ids of {len(told):,} lines name a role as well, "
        f"and {agree:,} of these agree"
    )


def _casts(rows):
    pitch = {
        name: [r["pitch"] for r in rows if r["speaker"] == f"cs {name}" and np.isfinite(r["pitch"])]
        for name in ("small fish", "small fish 2", "big fish", "big fish 2")
    }
    middle = {name: f"{np.median(values):.0f}" for name, values in pitch.items()}
    return (
        "in the levels that were added later, other actors speak the Czech fish ('cs small fish "
        f"2', 'cs big fish 2'): their median pitch is {middle['small fish 2']} and "
        f"{middle['big fish 2']} Hz, the first cast's {middle['small fish']} and "
        f"{middle['big fish']}"
    )


def _sound(code, rows):
    speed = [_letters(row) / row["speech"] for row in rows]
    low, middle, high = np.percentile(speed, [1, 50, 99])
    level = np.percentile([row["decibels"] for row in rows], [1, 50, 99])
    loud = sum(row["clipped"] > 20 for row in rows)
    silent = np.mean([row["silent"] for row in rows])
    return (
        f"{NAMES[code]}: {middle:.1f} letters a second in the median (1% below {low:.1f}, 1% above "
        f"{high:.1f}); level {_middle(level)}; {loud} clips hit full scale more than 20 times; "
        f"{silent:.0%} of the time is a pause"
    )


def _middle(level):
    """Write three percentiles of a level in decibels."""
    return f"{level[1]:.0f} dB (1% below {level[0]:.0f}, 1% above {level[2]:.0f})"


def _writing(code, rows):
    used = Counter("".join(row["text"] for row in rows))
    small = sorted({letter for letter in "".join(used).casefold() if letter.isalpha()})
    signs = sorted(sign for sign in used if not sign.isalpha() and sign != " ")
    return (
        f"{NAMES[code]} is written with {len(small)} letters ({''.join(small)}), upper and lower "
        f"case, and {' '.join(signs)}"
    )


def licence_files(sources):
    """Return the licence's text and a README that says where the rest of the source is."""
    table = "\n".join(f"| {name} | {version} | {LICENCE} |" for name, version in sources)
    return {"LICENSE-GPL-2.txt": read_gpl_2(), "README.md": README.format(table=table).encode()}


README = f"""# {TITLE}

Lines of the game Fish Fillets NG, built by `tools/build_dialogues.py` from these Debian packages:

| package | version | licence |
|---|---|---|
{{table}}

Copyright ALTAR interactive, Ivo Danihelka, Pavel Danihelka, and the translators, actors and others
whom the packages name. This folder is under the GNU General Public License, version 2 alone
([text](LICENSE-GPL-2.txt)), unlike the code of this project, beside which it lies.

The source: `apt-get source fillets-ng-data=1.0.1-1.1` on Debian fetches that of all three;
`tools/build_dialogues.py` turns the packages into these files.

What was changed: recordings were brought to one channel at 16 kHz, cut to 0.15 seconds of silence
at both ends, lowered where they would pass full scale, and packed as Opus at 9 kbit/s; those above
six seconds, and those that the data card names, were left out. Transcripts are as the game has
them.

`speech.zip` holds `<language>/<level>/<id>.opus`, stored without compression. `dialogues.json`
holds a row per clip; its `fields` name the columns.
"""
