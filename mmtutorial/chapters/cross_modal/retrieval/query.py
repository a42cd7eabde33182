"""What a reader types, in English or Chinese: cut into words that have a vector.

The search box of the page does the same in JavaScript, and a test compares them.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from mmtutorial._checks import check_text, check_texts

PHRASE, RUN = 4, 8  # words of an English phrase, characters of a Chinese word: the most that we try
ALIKE = 0.5  # share of common trigrams from which an unknown word is taken for a known one
LITTLE = (  # words that tell nothing of a picture
    "a an and are at for i in is it its me my of on or some something that the this to with "
    "you your "
    "的 了 和 在 是 着 个 只 一 吗 我 你 它 有"
)
STOP = frozenset(LITTLE.split(" "))
CHINESE = re.compile(r"([\u3400-\u9fff]+)")
EDGES = " .,;:!?。，、；：！？…\"'“”‘’()（）[]{}<>《》~～"


class Piece(NamedTuple):
    """A part of a query: what was typed, the known word it stands for, and whether it is that one.

    ``word`` is ``""`` for what nothing known resembles.
    """

    typed: str
    word: str
    exact: bool


def normalize_text(text: str) -> str:
    """Return a text in one form: small letters, wide signs made narrow, single blanks.

    >>> normalize_text("  Red　HEART ")
    'red heart'
    """
    return " ".join(unicodedata.normalize("NFKC", check_text("text", text)).lower().split())


def trigrams(word: str) -> frozenset[str]:
    """Return the pieces of three letters of a word, with a mark at both ends.

    >>> sorted(trigrams("cat"))
    ['#ca', 'at#', 'cat']
    """
    marked = f"#{word}#"
    return frozenset(marked[i : i + 3] for i in range(len(marked) - 2))


class QueryParser:
    """Cut queries into known words; what is unknown falls back to the known word most like it.

    English phrases and Chinese words are the longest known ones. An unknown English word is taken
    for the known one that shares most trigrams with it, an unknown Chinese character for the
    shortest known word that holds it. Of two as good, the first in ``words`` counts.

    >>> parser = QueryParser(["dog", "hot dog", "小狗"])
    >>> [piece.word for piece in parser.parse("a hot dog")], parser.parse("dogs")
    (['hot dog'], [Piece(typed='dogs', word='dog', exact=False)])
    >>> parser.parse("狗")
    [Piece(typed='狗', word='小狗', exact=False)]
    """

    def __init__(self, words: Sequence[str]):
        words = check_texts("words", words)
        self.known = {}
        for word in words:
            self.known.setdefault(normalize_text(word), word)
        self._pieces, self._holding = defaultdict(list), {}
        for place, plain in enumerate(self.known):
            for piece in trigrams(plain):
                self._pieces[piece].append(place)
            for character in plain:
                best = self._holding.setdefault(character, plain)
                self._holding[character] = min(best, plain, key=len)
        self._plain = list(self.known)
        self._sizes = [len(trigrams(plain)) for plain in self._plain]

    def parse(self, query: str) -> list[Piece]:
        """Return the pieces of a query, in its order; none for little words beside others."""
        text = normalize_text(query)
        if text in self.known:
            return [Piece(text, self.known[text], True)]
        tokens = [token.strip(EDGES) for chunk in text.split() for token in CHINESE.split(chunk)]
        tokens = [token for token in tokens if token]
        pieces = []
        while tokens:
            found, tokens = self._take(tokens)
            pieces += found
        return [piece for piece in pieces if piece.typed not in STOP] or pieces

    def _take(self, tokens):
        """Return the pieces of the first token, or of a phrase from there on, and the rest."""
        first, *rest = tokens
        if CHINESE.match(first):
            return self._cut(first), rest
        for count in range(min(PHRASE, len(tokens)), 0, -1):
            phrase = " ".join(tokens[:count])
            if phrase in self.known:
                return [Piece(phrase, self.known[phrase], True)], tokens[count:]
        return [Piece(first, self._most_alike(first), False)], rest

    def _cut(self, run):
        """Cut Chinese characters into the longest known words, from left to right."""
        pieces, start = [], 0
        while start < len(run):
            for size in range(min(RUN, len(run) - start), 0, -1):
                word = run[start : start + size]
                if word in self.known:
                    pieces.append(Piece(word, self.known[word], True))
                    break
            else:
                found = self._holding.get(word)
                pieces.append(Piece(word, self.known[found] if found else "", False))
            start += size
        return pieces

    def _most_alike(self, word):
        """Return the known word that shares most trigrams, or ``""`` if none shares enough."""
        mine, shared = trigrams(word), defaultdict(int)
        for piece in mine:
            for place in self._pieces.get(piece, ()):
                shared[place] += 1
        best, found = ALIKE, ""
        for place in sorted(shared):
            score = 2 * shared[place] / (len(mine) + self._sizes[place])
            if score > best or (score == best and not found):
                best, found = score, self.known[self._plain[place]]
        return found
