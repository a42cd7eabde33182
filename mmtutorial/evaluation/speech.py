"""Error rates of transcripts: how many edits turn what was recognised into what was said."""

from collections.abc import Sequence

import numpy as np

from mmtutorial._checks import check_flag, check_list, check_texts
from mmtutorial._optional import load_optional


def wer(
    predicted: Sequence[str], references: Sequence[str], *, average: bool = True
) -> float | np.ndarray:
    """How many words are wrong? Word error rate: edits per word that was said.

    The least number of words to replace, delete and insert that makes each reference of what was
    predicted, summed over all texts, by the number of words of the references. Words are what
    stands between spaces; case and punctuation count, so bring both to one form before. With many
    insertions it is above 1.

    ``predicted`` and ``references`` hold a text for each item. Returns a number from 0 on, or
    without ``average`` the rate of each item, ``(items,)``. Raises ``ValueError`` if the items
    differ in number, and for a reference without a word. Paper: Morris, Maier and Green 2004, From
    WER and RIL to MER and WIL: improved evaluation measures for connected speech recognition.

    >>> wer(["the cat sat"], ["the cat sat down"])
    0.25
    """
    return _rate("wer", "words", predicted, references, average)


def cer(
    predicted: Sequence[str], references: Sequence[str], *, average: bool = True
) -> float | np.ndarray:
    """How many letters are wrong? Character error rate: edits per character that was said.

    As `wer`, with characters in place of words; a space is one, too.

    >>> round(cer(["kočka"], ["kočky"]), 2)
    0.2
    """
    return _rate("cer", "characters", predicted, references, average)


def _rate(name, unit, predicted, references, average):
    check_flag("average", average)
    predicted = check_texts("predicted", predicted)
    what = "texts, as many as predicted"
    references = check_list("references", references, what, count=len(predicted))
    references = check_texts("references", references)
    for row, text in enumerate(references):
        if not text.strip():
            raise ValueError(f"references[{row}] must hold a word, got {text!r}")
    module = load_optional("jiwer", name)
    process = getattr(module, f"process_{unit}")
    if average:
        return float(getattr(process(references, predicted), name))
    pairs = zip(references, predicted, strict=True)
    return np.array([getattr(process(*pair), name) for pair in pairs], float)
