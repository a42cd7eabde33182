"""Part-of-speech tags, the same twelve for both languages."""

import unicodedata
from collections.abc import Iterable

from mmtutorial._checks import check_choice
from mmtutorial.preprocessing.text import LANGUAGES

UNIVERSAL = ("NOUN", "VERB", "ADJ", "ADV", "PRON", "DET", "ADP", "NUM", "CONJ", "PRT", "PUNCT", "X")
# From the tags of the Penn Treebank, which the English tagger speaks.
_PENN = {
    "NOUN": "NN NNS NNP NNPS",
    "VERB": "VB VBD VBG VBN VBP VBZ MD",
    "ADJ": "JJ JJR JJS",
    "ADV": "RB RBR RBS WRB",
    "PRON": "PRP PRP$ WP WP$",
    "DET": "DT PDT WDT EX",
    "ADP": "IN",
    "NUM": "CD",
    "CONJ": "CC",
    "PRT": "RP TO POS",
    "PUNCT": ". , : ( ) \" '' `` # $ ! ?",
}
# From the tags of jieba; the longest that begins the tag counts, so "vn" is NOUN and "vd" ADV.
# Its "zg" stands at birds and at sighs alike, and says nothing.
_JIEBA = {
    "NOUN": "n t s an vn j",
    "VERB": "v",
    "ADJ": "a b z",
    "X": "zg",
    "ADV": "d ad vd",
    "PRON": "r",
    "ADP": "p",
    "NUM": "m q",
    "CONJ": "c",
    "PRT": "u y f k h",
}
_FROM_PENN = {tag: name for name, tags in _PENN.items() for tag in tags.split()}
_FROM_JIEBA = {tag: name for name, tags in _JIEBA.items() for tag in tags.split()}


def tag_sequence(tokens: Iterable[str], *, language: str = "en") -> list[str]:
    """Say of each word what part of speech it is.

    English looks a word up in a lexicon, guesses an unknown one from its ending, and corrects by
    Brill's rules about its neighbours (TextBlob's tagger). Chinese looks it up in jieba's
    dictionary, without its neighbours. Both err: "orange" is a noun even in "orange cat".

    Parameters
    ----------
    tokens : list of str, as `tokenize` makes them with unit ``"word"``
    language : ``"en"`` or ``"zh"``

    Returns one tag per token: NOUN, VERB, ADJ, ADV, PRON, DET, ADP, NUM, CONJ, PRT, PUNCT or X
    (none of them, as an emoji is). Raises ``ValueError`` for another language or an empty token,
    ``TypeError`` for a plain string, or for what is no list of strings.
    Papers: Petrov, Das and McDonald 2012, A Universal Part-of-Speech Tagset; Brill 1992, A Simple
    Rule-Based Part of Speech Tagger.

    >>> tag_sequence(["the", "small", "cat", "sleeps"])
    ['DET', 'ADJ', 'NOUN', 'VERB']
    >>> tag_sequence(["小猫", "在", "睡觉"], language="zh")
    ['NOUN', 'ADP', 'VERB']
    """
    check_choice("language", language, LANGUAGES)
    if isinstance(tokens, str):
        raise TypeError("tokens must be a list of words, got a plain string; tokenize first")
    if isinstance(tokens, (bytes, dict, set, frozenset)) or not isinstance(tokens, Iterable):
        raise TypeError(f"tokens must be a list of words, got {tokens!r}")
    tokens = list(tokens)
    for i, token in enumerate(tokens):
        if not isinstance(token, str):
            raise TypeError(f"tokens must be strings, got {token!r} at {i}")
        if not token.strip():
            raise ValueError(f"tokens must be strings that are not empty, got {token!r} at {i}")
    tags = _tag_english(tokens) if language == "en" else map(_tag_chinese, tokens)
    return [_tag_sign(token) or tag for token, tag in zip(tokens, tags, strict=True)]


def _tag_sign(token):
    """Tag what holds no letter and no digit: punctuation, or a symbol; "" for a word."""
    kinds = {unicodedata.category(character)[0] for character in token}
    if kinds == {"P"}:
        return "PUNCT"
    return "X" if "S" in kinds and not kinds & {"L", "N"} else ""


def _tag_english(tokens):
    from textblob.en import lexicon, parser  # here: its package loads nltk, a second or two

    if not tokens:
        return []
    tagged = lexicon.context.apply(parser.find_tags(tokens))
    return [_FROM_PENN.get(tag.partition("-")[0], "X") for _, tag in tagged]


def _tag_chinese(token):
    """Tag a word; one that jieba would cut again is what its last part is, as in "笑|脸"."""
    import rjieba

    tag = rjieba.tag(token)[-1][1]
    return _FROM_JIEBA.get(tag[:2]) or _FROM_JIEBA.get(tag[:1], "X")
