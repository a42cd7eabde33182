"""From a string to tokens: write alike what reads alike, then cut."""

import re
import unicodedata
from string import ascii_lowercase, ascii_uppercase

import regex

from mmtutorial._checks import check_choice

LANGUAGES = ("en", "zh")
UNITS = ("word", "char", "subword")

# Quotation marks, primes, accents and letters that stand where an apostrophe is meant.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘‛ʼʻʽ′`´\u1ffd\u1fef＇՚׳ꞌ", "'"))
# Format and control characters; of these, a joiner and tags are part of some emoji.
_HIDDEN = regex.compile(
    r"(?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]?)(\u200D)(?=\p{Extended_Pictographic})"
    r"|(?<=\U0001F3F4)([\U000E0020-\U000E007F]+)"  # the flags of England, Scotland and Wales
    r"|[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Cs}]"
)
_LONE_MARKS = regex.compile(r"(?<!\S)\p{M}+")
_CHARACTER = regex.compile(r"\X")  # as a reader counts: a letter with its marks, a whole emoji
_LETTERS = r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*"
_SYMBOL = r"(?=[\p{So}\p{Extended_Pictographic}\p{Emoji_Presentation}]|[#*]\u20E3)\X"
_TOKEN = regex.compile(rf"{_LETTERS}(?:'{_LETTERS})*|{_SYMBOL}")
_PLAIN_TOKEN = re.compile("[a-z0-9]+(?:'[a-z0-9]+)*")  # what _TOKEN finds in ASCII, but quicker
_HAN = regex.compile(r"\p{Han}\p{M}*|\P{Han}+")
_NOT_HAN = r"(?:(?!\p{Han})[\p{L}\p{N}\p{M}])+"
_UNCUT = regex.compile(rf"{_NOT_HAN}(?:'{_NOT_HAN})*|\X")
_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)


def normalize_text(text: str) -> str:
    """Write the same text the same way: what looks alike to a reader gets the same characters.

    NFKC form, lower case, single spaces, ``'`` for every apostrophe. What cannot be seen goes: soft
    hyphens, byte order marks, joiners that are no part of an emoji, and what chooses between the
    plain and the coloured ❤; a zero-width space is a space. A Turkish ``İ`` becomes ``i``, and
    marks that stand on no letter are dropped. Raises ``TypeError`` for what is no string.
    Paper: Unicode Standard Annex 15, Unicode Normalization Forms.

    >>> normalize_text("  Ｃafé\\tAU lait ")
    'café au lait'
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    if text.isascii() and text.isprintable():  # most texts are: a short cut to the same
        return " ".join(text.replace("`", "'").lower().split())
    text = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).translate(_APOSTROPHES)
    text = " ".join(text.replace("\u200b", " ").split())
    folded = _HIDDEN.sub(r"\1\2", text).casefold()
    folded = regex.sub("i\u0307+", "i", folded)  # what is left of İ: an i with a second dot
    folded = unicodedata.normalize("NFKC", folded)  # ß and an accent: ss, then ś
    return " ".join(_LONE_MARKS.sub("", folded).split())


def _find_words(text, find=None):
    """Find the tokens of a text, or of each part between bars; where none is, take its signs."""
    find = find or (_PLAIN_TOKEN if text.isascii() else _TOKEN).findall
    return [token for part in text.split("|") for token in (find(part) or part.split())]


def _find_chinese(text):
    """Let jieba cut a text, but not inside "dog's" or an emoji, which it does not know."""
    import rjieba  # here, because it loads a dictionary

    ends, end, found, start = {m.end() for m in _UNCUT.finditer(text)}, 0, [], 0
    for piece in rjieba.cut(text.translate(_CAPITALS)):  # its dictionary has T恤, not t恤
        end += len(piece)
        if end in ends:
            found.append(text[start:end])
            start = end
    return [token for token in found if _TOKEN.search(token)]


def _cut_subwords(words, size):
    """Each word and its character n-grams, with marks for where it begins and ends."""
    tokens = []
    for word in words:
        marked = ["<", *(word if word.isascii() else _CHARACTER.findall(word)), ">"]
        tokens.append(word)
        tokens += ["".join(marked[i : i + size]) for i in range(len(marked) - size + 1)]
    return tokens


def tokenize(text: str, *, language: str = "en", unit: str = "word") -> list[str]:
    """Cut a text into tokens.

    The text is normalised first. Letters, digits and their marks make words; an emoji or another
    picture-like symbol (♪, ✓, °) is a token of its own; punctuation and signs of mathematics and
    money are left out, unless a text, or a keyword between bars (``|``), has nothing else.

    Parameters
    ----------
    text : str
    language : ``"en"`` or ``"zh"``; Chinese writes no spaces, so jieba's dictionary finds its words
        (which may hold a sign: ``3.5``, ``covid-19``)
    unit : ``"word"``; ``"char"``, where an emoji, or a letter with its marks, is one, and every
        sign stays; or ``"subword"``, words together with their character
        trigrams (in Chinese, characters and pairs of them), so that a word never seen before
        still shares pieces with known ones. ``<`` and ``>`` mark the ends of a word in its
        trigrams. The whole word stays without marks; the paper keeps ``<her>``, apart from the
        trigram ``her`` of "where", while here the two are one token

    Raises ``ValueError`` for another language or unit, ``TypeError`` for what is no string.
    Papers: Bojanowski et al. 2017, Enriching Word Vectors with Subword Information; Unicode
    Standard Annex 29, Unicode Text Segmentation.

    >>> tokenize("I ❤️ dogs' parks!")
    ['i', '❤', 'dogs', 'parks']
    >>> tokenize("cat", unit="subword")
    ['cat', '<ca', 'cat', 'at>']
    >>> tokenize("小猫睡觉", language="zh")
    ['小猫', '睡觉']
    """
    check_choice("language", language, LANGUAGES)
    check_choice("unit", unit, UNITS)
    text = normalize_text(text)
    if unit == "char":
        return [character for character in _CHARACTER.findall(text) if character != " "]
    if language == "zh" and unit == "word":
        return _find_words(text, _find_chinese)
    words = _find_words(text)
    if unit == "word":
        return words
    if language == "zh":
        characters = [character for word in words for character in _HAN.findall(word)]
        return characters + _cut_subwords(words, 2)
    return _cut_subwords(words, 3)
