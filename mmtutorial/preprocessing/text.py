"""From a string to rows of numbers: normalise, tokenise, count a vocabulary, pad."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

PADDING, UNKNOWN = 0, 1
LANGUAGES = ("en", "zh")
UNITS = ("word", "char", "subword")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_HAN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)")


def normalize_text(text):
    """Write the same text the same way: NFKC form, lower case, single spaces.

    >>> normalize_text("  Ｃafé\\tAU lait ")
    'café au lait'
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())  # ß and an accent: ss, then ś


def _split_han(phrases, cut):
    """Chinese writes no spaces: ``cut`` each run of Han characters, and leave other runs whole."""
    runs = [run for phrase in phrases for run in _HAN.split(phrase) if run]
    return [token for run in runs for token in (cut(run) if _HAN.match(run) else [run])]


def _subwords(words, size):
    """Each word and its character n-grams, with marks for where it begins and ends."""
    tokens = []
    for word in words:
        marked = f"<{word}>"
        tokens.append(word)
        tokens += [marked[i : i + size] for i in range(len(marked) - size + 1)]
    return tokens


def tokenize(text, *, language="en", unit="word"):
    """Cut a text into tokens.

    Parameters
    ----------
    text : str
    language : ``"en"`` or ``"zh"``; Chinese writes no spaces, so jieba's dictionary finds its words
    unit : ``"word"``; ``"char"``; or ``"subword"``, words together with their character
        trigrams (in Chinese, characters and pairs of them), so that a word never seen before
        still shares pieces with known ones. ``<`` and ``>`` mark the ends of a word in its
        trigrams. The whole word stays without marks; the paper keeps ``<her>``, apart from the
        trigram ``her`` of "where", while here the two are one token

    Raises ``ValueError`` for another language or unit.
    Paper: Bojanowski et al. 2017, Enriching Word Vectors with Subword Information.

    >>> tokenize("Dogs' park")
    ['dogs', 'park']
    >>> tokenize("cat", unit="subword")
    ['cat', '<ca', 'cat', 'at>']
    >>> tokenize("小猫睡觉", language="zh")
    ['小猫', '睡觉']
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {LANGUAGES}, got {language!r}")
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {UNITS}, got {unit!r}")
    text = normalize_text(text)
    if unit == "char":
        return [character for character in text if not character.isspace()]
    phrases = _WORD.findall(text)
    if language == "zh":
        if unit == "subword":
            return _split_han(phrases, list) + _subwords(phrases, 2)
        import rjieba  # here, because it loads a dictionary

        return _split_han(phrases, rjieba.cut)
    return _subwords(phrases, 3) if unit == "subword" else phrases


def pad_sequences(sequences, length):
    """Stack rows of unequal length: cut at ``length``, fill up with 0 (padding) at the end.

    >>> pad_sequences([[5, 6], [7]], 3)
    array([[5, 6, 0],
           [7, 0, 0]], dtype=int32)
    """
    if length < 1:
        raise ValueError(f"length must be at least 1, got {length}")
    padded = np.full((len(sequences), length), PADDING, dtype=np.int32)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = sequence[:length]
        row[: len(kept)] = kept
    return padded


def _check_token_lists(token_lists):
    rows = [token_lists] if isinstance(token_lists, str) else list(token_lists)
    if any(isinstance(row, str) for row in rows):
        raise TypeError("token_lists must hold lists of tokens, got plain strings; tokenize first")
    return rows


@dataclass(frozen=True)
class Vocabulary:
    """Which number stands for which token; 0 is padding and 1 is "never seen in training".

    >>> vocabulary = Vocabulary.fit([["red", "heart"], ["red"]])
    >>> vocabulary.encode([["red", "moon"]], length=3)
    array([[2, 1, 0]], dtype=int32)
    """

    tokens: tuple[str, ...]
    _index: dict = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        if self.tokens[:2] != ("<pad>", "<unk>") or len(set(self.tokens)) != len(self.tokens):
            raise ValueError("tokens must begin with '<pad>', '<unk>' and hold no token twice")
        object.__setattr__(self, "_index", {token: i for i, token in enumerate(self.tokens)})

    @classmethod
    def fit(cls, token_lists, *, max_size=10_000, min_count=1):
        """Keep the ``max_size - 2`` most frequent tokens seen ``min_count`` times or more.

        Fit it on the training split alone: a vocabulary that has seen the test texts leaks.
        """
        token_lists = _check_token_lists(token_lists)
        if max_size < 3 or min_count < 1:
            raise ValueError(
                f"max_size must be at least 3 and min_count 1, got {max_size} and {min_count}"
            )
        counts = Counter(token for tokens in token_lists for token in tokens)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = [t for t, n in ranked if n >= min_count and t not in ("<pad>", "<unk>")]
        return cls(("<pad>", "<unk>", *kept[: max_size - 2]))

    def __len__(self):
        """Return the number of rows that an embedding table needs, padding included."""
        return len(self.tokens)

    def encode(self, token_lists, *, length):
        """Turn lists of tokens into ids, ``(batch, length)`` of int32."""
        token_lists = _check_token_lists(token_lists)
        rows = [[self._index.get(t, UNKNOWN) for t in tokens[:length]] for tokens in token_lists]
        return pad_sequences(rows, length)

    def decode(self, ids):
        """Turn rows of ids back into lists of tokens, without the padding.

        Raises ``ValueError`` for an id outside the vocabulary.
        """
        ids = np.asarray(ids)
        if ids.ndim != 2:
            raise ValueError(f"ids must have shape (batch, length), got {ids.shape}")
        if ids.size and (ids.min() < 0 or ids.max() >= len(self)):
            raise ValueError(f"ids must lie in 0..{len(self) - 1}, got {ids.min()}..{ids.max()}")
        return [[self.tokens[i] for i in row if i != PADDING] for row in ids]
