"""Which emoji there are, what they are called, and which of them are one concept."""

import hashlib
import json

JOINER, KEYCAP_STYLE, TEXT_STYLE = 0x200D, 0xFE0F, 0xFE0E
SKIN_TONES = set(range(0x1F3FB, 0x1F400))
GENDER_SIGNS = {0x2640, 0x2642}
HAIR = set(range(0x1F9B0, 0x1F9B4))
FACING_RIGHT = 0x27A1
ADULT, CHILD, HEART, KISS_MARK = 0x1F9D1, 0x1F9D2, 0x2764, 0x1F48B
COUPLE_KISSING, COUPLE_WITH_HEART, FAMILY = (0x1F48F,), (0x1F491,), (0x1F46A,)
HOLDING_HANDS = (ADULT, 0x1F91D, ADULT)
PERSON_WITH_BABY, SANTA = (ADULT, 0x1F37C), (0x1F385,)

#: A gendered or a differently haired person -> the neutral one.
NEUTRAL = {0x1F468: ADULT, 0x1F469: ADULT, 0x1F471: ADULT, 0x1F9D4: ADULT}
NEUTRAL |= {0x1F466: CHILD, 0x1F467: CHILD, 0x1F474: 0x1F9D3, 0x1F475: 0x1F9D3}


def flag(country):
    """Spell a country's flag: ``"FR"`` is two regional indicator letters."""
    return tuple(0x1F1E6 + ord(letter) - ord("A") for letter in country)


#: Whole emoji that are one concept: the first of each row gives its name.
ALIKE = [
    [(0x1F934,), (0x1F478,), (0x1FAC5,)],  # prince, princess, person with crown
    [SANTA, (0x1F936,), (ADULT, 0x1F384)],  # Santa, Mrs. and Mx Claus
    [(0x1F483,), (0x1F57A,)],  # woman and man dancing
    [(0x1FAC4,), (0x1F930,), (0x1FAC3,)],  # pregnant person, woman, man
    [PERSON_WITH_BABY, (0x1F931,)],
    [HOLDING_HANDS, (0x1F46B,), (0x1F46C,), (0x1F46D,)],
    [(0x1F446,), (0x1F447,), (0x1F448,), (0x1F449,)],  # a hand that points up, down, ...
    [(0x1FAF1,), (0x1FAF2,)],  # a hand to the right, to the left
    [(0x1FAF7,), (0x1FAF8,)],  # a pushing hand
    [(0x1F91B,), (0x1F91C,)],  # a fist
    [(0x1F50D,), (0x1F50E,)],  # a magnifying glass
    [(0x1F53A,), (0x1F53B,)],  # a red triangle
    [(0x1F503,), (0x1F504,)],  # arrows that go round
    [(0x23E9,), (0x23EA,), (0x23EB,), (0x23EC,)],  # fast forward, fast reverse, ...
    [(0x23ED,), (0x23EE,)],  # next, last track
    [(0x25B6,), (0x25C0,), (0x1F53C,), (0x1F53D,)],  # play, reverse, ...
    [(code,) for code in (0x2B06, 0x2197, 0x27A1, 0x2198, 0x2B07, 0x2199, 0x2B05, 0x2196)],
    [(0x2195,), (0x2194,)],  # arrows with two heads
    [(0x21A9,), (0x21AA,), (0x2934,), (0x2935,)],  # curved arrows
    [(0x1F31B,), (0x1F31C,)],  # quarter moon faces
    [(code,) for code in range(0x1F311, 0x1F319)],  # phases of the moon
    [(0x1F30D,), (0x1F30E,), (0x1F30F,)],  # the globe from three sides
    [(code,) for code in range(0x1F550, 0x1F568)],  # clock faces
]
#: Countries and territories that fly the same flag, or as good as.
ALIKE += [
    [flag(country) for country in row.split()]
    for row in ("AU HM", "NO BV SJ", "FR CP MF", "IO DG", "ES EA", "US UM", "ID MC", "RO TD")
]
SAME_AS = {codes: row[0] for row in ALIKE for codes in row}


def code_points(hexcode):
    """Read ``"1F468-200D-1F33E"`` as integers, without the marks that only choose a style."""
    codes = [int(part, 16) for part in hexcode.split("-")]
    return [code for code in codes if code not in (KEYCAP_STYLE, TEXT_STYLE)]


def concept_key(hexcode):
    """Name the concept of an emoji: gender, hair, skin tone, direction and hour do not count."""
    codes = [code for code in code_points(hexcode) if code not in SKIN_TONES]
    first, *rest = [NEUTRAL.get(code, code) for code in codes if code != JOINER]
    drop = GENDER_SIGNS | HAIR | {FACING_RIGHT}
    codes = (first, *(code for code in rest if code not in drop))
    if len(codes) > 1 and set(codes) <= {ADULT, CHILD}:
        codes = FAMILY
    elif first == ADULT and HEART in codes:
        codes = COUPLE_KISSING if KISS_MARK in codes else COUPLE_WITH_HEART
    return "-".join(f"{code:X}" for code in SAME_AS.get(codes, codes))


def read_entries(emojibase):
    """List every usable emoji in Unicode's order; ``emojibase`` maps file names to their bytes."""
    english, chinese = (json.loads(emojibase[f"{code}/data.json"]) for code in ("en", "zh"))
    names = json.loads(emojibase["meta/groups.json"])
    chinese = {entry["hexcode"]: entry for entry in chinese}
    entries = []
    for entry in sorted(english, key=lambda entry: entry.get("order", 0)):
        group = names["groups"].get(str(entry.get("group")))
        if group in (None, "component"):
            continue
        other = chinese[entry["hexcode"]]
        entries.append(
            {
                "hexcode": entry["hexcode"],
                "emoji": entry["emoji"],
                "group": group,
                "subgroup": names["subgroups"][str(entry["subgroup"])],
                "version": float(entry["version"]),
                "key": concept_key(entry["hexcode"]),
                "name": {"en": entry["label"], "zh": other["label"]},
                "keywords": {"en": _unique(entry["tags"]), "zh": _unique(other["tags"])},
            }
        )
    for entry in entries:
        words = [*entry["keywords"]["en"], *entry["keywords"]["zh"]]
        if not all(entry["keywords"].values()) or any("|" in word for word in words):
            raise RuntimeError(f"{entry['name']['en']}: no keyword, or one that contains '|'")
    return entries


def assign_splits(entries, *, test=0.25, validation=0.16, largest=8):
    """Give each entry the side and the name of its concept; a hash of the key decides the side.

    Concepts with more than ``largest`` members (the family, the clock, the person) train: alike
    and many, they would count one easy answer two dozen times in the test.
    """
    by_group = {}
    for entry in entries:
        by_group.setdefault(entry["group"], {}).setdefault(entry["key"], []).append(entry)
    for concepts in by_group.values():
        keys = sorted(concepts, key=lambda key: hashlib.sha256(key.encode()).hexdigest())
        keys.sort(key=lambda key: len(concepts[key]) > largest)  # stable: the large ones last
        last_test = round(test * len(keys))
        last_validation = round((test + validation) * len(keys))
        for rank, key in enumerate(keys):
            side = "test" if rank < last_test else "train"
            if last_test <= rank < last_validation:
                side = "validation"
            members = concepts[key]
            plain = [
                m for m in members if "-".join(map("{:X}".format, code_points(m["hexcode"]))) == key
            ]
            name = (plain or members)[0]["name"]["en"]
            for member in members:
                member.update(split=side, concept=name)
    if len({entry["concept"] for entry in entries}) != len({entry["key"] for entry in entries}):
        raise RuntimeError("two concepts share a name, or one concept lies in two groups")


def _unique(words):
    return list(dict.fromkeys(words))
