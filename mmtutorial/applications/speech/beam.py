"""Beam search over texts: the paths that spell the same text are added up."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax

from mmtutorial._checks import check_number, check_whole
from mmtutorial.applications.speech._lengths import check_logits
from mmtutorial.applications.speech.ctc import BLANK
from mmtutorial.applications.speech.language_model import CharacterLM


def log_add(a: float, b: float) -> float:
    """Return ``log(exp(a) + exp(b))``, of two numbers some ten times as fast as NumPy's."""
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))


class Prefix(NamedTuple):
    """What is known of a text that may grow: log-probabilities of its paths, and of its letters.

    ``blank`` sums the paths that end with a blank, ``letter`` those that end with the last letter;
    ``bonus`` is what the language model and the length say.
    """

    blank: float
    letter: float
    bonus: float

    @property
    def acoustic(self) -> float:
        """The log-probability of all its paths."""
        return log_add(self.blank, self.letter)


TINY = 1e-300
NOTHING = Prefix(-np.inf, -np.inf, 0.0)


def ctc_beam_decode(
    logits: ArrayLike,
    logit_lengths: ArrayLike | None = None,
    *,
    beam_width: int = 16,
    language_model: CharacterLM | None = None,
    weight: float = 0.0,
    letter_bonus: float = 0.0,
    threshold: float = 1e-3,
) -> list[list[int]]:
    """Which text is likeliest, over all its paths, and as a text? Prefix beam search.

    After each frame, the ``beam_width`` best beginnings stay, by ``log p(paths) + weight * log
    p(text) + letter_bonus * letters``. With a wide beam and without a language model, it finds the
    text of the least `ctc_loss`.

    Parameters
    ----------
    logits, logit_lengths : as in `ctc_greedy_decode`
    beam_width : how many beginnings are kept
    language_model : None, or one whose letter ``i`` is class ``i + 1``
    weight : of the language model, 0 or more
    letter_bonus : added for each letter, since a language model prefers short texts
    threshold : letters less probable than this in a frame are not tried there

    Returns the letters of each row. Raises ``ValueError`` as `ctc_loss` does, and for a language
    model of another number of letters. Papers: Graves 2012, Sequence Transduction with Recurrent
    Neural Networks (the search); Hannun et al. 2014, First-Pass Large Vocabulary Continuous Speech
    Recognition using Bi-Directional Recurrent DNNs (with a language model).

    >>> from mmtutorial.applications.speech import ctc_greedy_decode
    >>> logits = np.log([[[0.6, 0.4], [0.6, 0.4]]])
    >>> ctc_greedy_decode(logits), ctc_beam_decode(logits)  # "-" is .36, "a" is .64
    ([[]], [[1]])
    """
    logits, lengths = check_logits(logits, logit_lengths)
    check_whole("beam_width", beam_width, least=1)
    check_number("weight", weight, least=0, most=1e6)
    check_number("letter_bonus", letter_bonus, least=-1e6, most=1e6)
    check_number("threshold", threshold, least=0, most=1)
    if language_model is not None:
        if not isinstance(language_model, CharacterLM):
            raise TypeError(f"language_model must be a CharacterLM, got {language_model!r}")
        if len(language_model.letters) != logits.shape[2] - 1:
            raise ValueError(
                f"language_model must have {logits.shape[2] - 1} letters, one for each class but "
                f"the blank, got {len(language_model.letters)}"
            )
    search = _Search(
        width=beam_width,
        model=language_model,
        weight=weight,
        letter_bonus=letter_bonus,
        threshold=np.log(max(threshold, TINY)),
        no_model=[letter_bonus] * (logits.shape[2] - 1),
    )
    log_p = log_softmax(logits.astype(float), axis=2)
    return [search.decode(row[:length]) for row, length in zip(log_p, lengths, strict=True)]


@dataclass(frozen=True)
class _Search:
    """The options of a search, and what they say of a letter that is added."""

    width: int
    model: CharacterLM | None
    weight: float
    letter_bonus: float
    threshold: float
    no_model: list[float]
    known: dict[str, list[float]] = field(default_factory=dict)  # bonuses after a context

    def decode(self, log_p):
        """Return the best text of one row, ``(frames, classes)``."""
        beam = {(): NOTHING._replace(blank=0.0)}
        for frame in log_p:
            letters = (1 + np.flatnonzero(frame[1:] > self.threshold)).tolist()
            frame, grown = frame.tolist(), {}  # a list's numbers are read faster than an array's
            for text, prefix in beam.items():
                self._grow(grown, text, prefix, frame, letters)
            ranked = sorted(grown.items(), key=lambda item: -(item[1].acoustic + item[1].bonus))
            beam = dict(ranked[: self.width])
        return list(max(beam, key=lambda text: beam[text].acoustic + self._end(text, beam[text])))

    def _grow(self, grown, text, prefix, frame, letters):
        """Add all that a beginning becomes in one frame."""
        kept = grown.get(text, NOTHING)
        blank = log_add(kept.blank, prefix.acoustic + frame[BLANK])
        letter = kept.letter
        if text:
            letter = log_add(letter, prefix.letter + frame[text[-1]])
        grown[text] = Prefix(blank, letter, prefix.bonus)
        bonuses, acoustic = self._bonuses(text), prefix.acoustic
        for each in letters:
            before = prefix.blank if text and each == text[-1] else acoustic
            if before == -math.inf:
                continue
            longer = (*text, each)
            found = grown.get(longer)
            if found is None:
                bonus = prefix.bonus + bonuses[each - 1]
                grown[longer] = Prefix(-math.inf, before + frame[each], bonus)
            else:
                total = log_add(found.letter, before + frame[each])
                grown[longer] = Prefix(found.blank, total, found.bonus)

    def _bonuses(self, text):
        """Return what each next letter, and the end, adds to the score."""
        if self.model is None:
            return self.no_model
        context = self._spell(text)
        if context not in self.known:
            log_p = self.model.log_proba(context)
            self.known[context] = (self.letter_bonus + self.weight * log_p).tolist()
        return self.known[context]

    def _spell(self, text):
        recent = text[max(0, len(text) - self.model.order + 1) :]
        return "".join(self.model.letters[each - 1] for each in recent)

    def _end(self, text, prefix):
        """Return the score of the letters of a text that ends here."""
        if self.model is None:
            return prefix.bonus
        return prefix.bonus + self.weight * self.model.log_proba(self._spell(text))[-1]
