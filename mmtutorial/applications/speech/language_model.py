"""Which letter comes next? Counts of how texts go on, from long contexts to short ones."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from mmtutorial._checks import check_texts, check_whole
from mmtutorial.applications.speech._letters import check_letters, check_spelling

END = ""  # stands for the end of a text among the letters that may come next


class CharacterLM:
    """How likely is each next letter, by the texts it has read? An n-gram model of characters.

    The probability of a letter after a context mixes how often it followed that context with its
    probability after the context that is one letter shorter, down to all letters alike. The share
    of the shorter one grows with the number of different letters that have followed (Witten and
    Bell).

    Parameters
    ----------
    letters : the characters that exist, in the order of `log_proba`; the end of a text is one more,
        the last
    order : length of the longest n-gram: it looks ``order - 1`` letters back

    Raises ``ValueError`` for letters that are no single characters, or are twice there. Papers:
    Witten and Bell 1991, The Zero-Frequency Problem; Chen and Goodman 1999, An Empirical Study of
    Smoothing Techniques for Language Modeling.

    >>> model = CharacterLM("ab", order=3).fit(["abab", "ab"])
    >>> np.exp(model.log_proba("a")).round(2)  # of a, b and the end
    array([0.09, 0.84, 0.07])
    """

    def __init__(self, letters: Sequence[str], *, order: int = 6):
        self.letters = check_letters(letters)
        self.order = check_whole("order", order, least=1)
        self._places = {letter: place for place, letter in enumerate([*self.letters, END])}
        self.counts: dict[str, np.ndarray] = {}
        self._known: dict[str, np.ndarray] = {}

    def fit(self, texts: Sequence[str]) -> "CharacterLM":
        """Count which letters follow which contexts; return the model.

        Raises ``ValueError`` for a character that is none of ``letters``.
        """
        counts = defaultdict(lambda: np.zeros(len(self._places)))
        for row, text in enumerate(check_texts("texts", texts)):
            check_spelling(f"texts[{row}]", text, self.letters)
            for place, letter in enumerate([*text, END]):
                for start in range(max(0, place - self.order + 1), place + 1):
                    counts[text[start:place]][self._places[letter]] += 1
        self.counts, self._known = dict(counts), {}
        return self

    def log_proba(self, context: str) -> np.ndarray:
        """Return the log-probability of each next letter and of the end, ``(letters + 1,)``.

        Of ``context`` the last ``order - 1`` letters count.
        """
        check_spelling("context", context, self.letters)
        context = context[max(0, len(context) - self.order + 1) :]
        if context not in self._known:
            self._known[context] = np.log(self._proba(context))
            self._known[context].flags.writeable = False
        return self._known[context]

    def _proba(self, context):
        if context:
            shorter = np.exp(self.log_proba(context[1:]))
        else:
            shorter = np.full(len(self._places), 1 / len(self._places))
        counts = self.counts.get(context)
        if counts is None:
            return shorter
        kinds = np.count_nonzero(counts)
        return (counts + kinds * shorter) / (counts.sum() + kinds)

    def perplexity(self, texts: Sequence[str]) -> float:
        """Return how many letters it hesitates between, on average: ``exp`` of the mean surprise.

        The end of each text counts as one letter.
        """
        total = letters = 0
        for row, text in enumerate(check_texts("texts", texts)):
            check_spelling(f"texts[{row}]", text, self.letters)
            for place, letter in enumerate([*text, END]):
                total -= self.log_proba(text[:place])[self._places[letter]]
            letters += len(text) + 1
        return float(np.exp(total / letters))
