"""Who says a line, and which side of each split it stands on."""

import hashlib

ROLES = {"font_small": "small fish", "font_big": "big fish"}
MARKS = {"m": "small fish", "v": "big fish"}
#: The Czech of these later levels is spoken by a second pair of actors.
SECOND_CAST = {"hanoi", "rush", "fdto", "rotate", "nowall", "hole", "key", "keys", "linux"}
SIDES = ("train", "validation", "test")
SHARES = {"test": 0.18, "validation": 0.12}


def role_of(font):
    """Name the role by the font (colour) in which the game writes the line.

    >>> role_of("font_small"), role_of("font_parrot")
    ('small fish', 'other')
    """
    return ROLES.get(font, "other")


def marked_role(name):
    """Name the role that the id of a line gives, or None where it gives none.

    >>> marked_role("let-m-divna"), marked_role("ted5-v"), marked_role("kd-zahynuli")
    ('small fish', 'big fish', None)
    """
    marks = {MARKS[part] for part in name.split("-") if part in MARKS}
    return marks.pop() if len(marks) == 1 else None


def speaker_of(language, level, font):
    """Name the voice: language, role, and which of the two Czech casts.

    >>> speaker_of("cs", "keys", "font_small"), speaker_of("nl", "keys", "font_big")
    ('cs small fish 2', 'nl big fish')
    """
    character = ROLES.get(font) or font.removeprefix("font_")
    second = language == "cs" and level in SECOND_CAST and font in ROLES
    return f"{language} {character}{' 2' if second else ''}"


def split_levels(rows):
    """Return ``{level: side}``; a hash of the level's code decides, both languages go together."""
    clips = {}
    for row in rows:
        clips[row["level"]] = clips.get(row["level"], 0) + 1
    left = {side: share * len(rows) for side, share in SHARES.items()}
    sides = {}
    for level in sorted(clips, key=lambda code: hashlib.sha256(code.encode()).hexdigest()):
        side = next((side for side in left if left[side] >= clips[level] / 2), "train")
        sides[level] = side
        if side in left:
            left[side] -= clips[level]
    return sides


def split_speakers(row, levels):
    """Return the side of a row when the big fish is the voice that nobody has heard.

    The small fish trains. The other Czech voices validate; Dutch has no third voice, so there
    the small fish does, in the validation levels. Where both fish speak at once, no side: ``""``.
    """
    if row["font"] == "font_both":
        return ""
    if row["role"] == "big fish":
        return "test"
    known = row["role"] == "small fish" and not (
        row["language"] == "nl" and levels[row["level"]] == "validation"
    )
    return "train" if known else "validation"


def part_sentences(rows, sides):
    """Let no sentence stand on two sides: a row leaves (``""``) if it recurs on a later side.

    The test keeps all that it has. A sentence is the letters and digits of a transcript or of its
    English line, whichever recurs.
    """
    kept, seen = list(sides), set()
    for side in reversed(SIDES):
        here = [number for number, found in enumerate(sides) if found == side]
        for number in here:
            if sentences(rows[number]) & seen:
                kept[number] = ""
        seen |= {key for number in here if kept[number] for key in sentences(rows[number])}
    return kept


def sentences(row):
    """Return what makes two lines the same: the letters in its language, the letters in English."""
    keys = {("en", letters(row["english"])), (row["language"], letters(row["text"]))}
    return {key for key in keys if key[1]}


def letters(text):
    """Keep letters and digits, in lower case.

    >>> letters("Co? Co je to, 'F2'?")
    'cocojetof2'
    """
    return "".join(letter for letter in text.casefold() if letter.isalnum())
