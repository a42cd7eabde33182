"""Scores of written texts, and of sets of words, against what a person wrote."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

import numpy as np

from mmtutorial._checks import check_choice, check_flag, check_list, check_texts, check_whole
from mmtutorial._optional import load_optional

TOKENIZERS = {"en": "13a", "zh": "zh"}  # sacreBLEU's names; zh splits between Chinese characters


def keyword_f1(
    predicted: Sequence[Iterable[str]], reference: Sequence[Iterable[str]], *, average: bool = True
) -> float | np.ndarray:
    """How well do the predicted keywords of each item fit its own? F1, mean over the items.

    ``predicted`` and ``reference`` hold a list or set of texts for each item; what stands twice in
    one counts once. F1 of an item is the harmonic mean of precision (which share of the predicted
    ones is right) and recall (which share of its own was found): ``2 * both / (predicted +
    reference)``. An item for which nothing was predicted scores 0. Returns a number in 0..1, or
    without ``average`` the score of each item, ``(items,)``, for `paired_bootstrap`. Raises
    ``ValueError`` if the items differ in number, or one has no keyword of its own, and
    ``TypeError`` for a plain text in place of a list. Paper: van Rijsbergen 1979, Information
    Retrieval, chapter 7.

    >>> keyword_f1([["bird", "red"], []], [["bird", "farm"], ["sea"]], average=False)
    array([0.5, 0. ])
    """
    check_flag("average", average)
    predicted = check_list("predicted", predicted, "keywords, one list per item")
    what = "keywords, as many lists as predicted"
    reference = check_list("reference", reference, what, count=len(predicted))
    scores = []
    for row, (found, own) in enumerate(zip(predicted, reference, strict=True)):
        found = _keyword_set(f"predicted[{row}]", found)
        own = set(check_texts(f"reference[{row}]", _listed(own)))
        scores.append(2 * len(found & own) / (len(found) + len(own)))
    return float(np.mean(scores)) if average else np.array(scores)


def _listed(given):
    """Return a set as a list; the order of keywords does not matter."""
    return sorted(given, key=str) if isinstance(given, (set, frozenset)) else given


def _keyword_set(name, given):
    """Return predicted keywords, which may be none, as a set."""
    given = _listed(given)
    empty = isinstance(given, (list, tuple, np.ndarray)) and not len(given)
    return set() if empty else set(check_texts(name, given))


def bleu(
    predicted: Sequence[str],
    references: Sequence[str] | Sequence[Sequence[str]],
    *,
    language: str = "en",
    max_order: int = 4,
) -> float:
    """BLEU: which share of the words, pairs, triples ... of a text also stand in a reference?

    The geometric mean of the precisions of 1 to ``max_order`` words in a row, counted over the
    whole corpus, times a penalty for texts that are shorter than their references. It counts
    words, not meaning: a caption with the wrong animal may score more than a right one in other
    words.

    Parameters
    ----------
    predicted : one text per item
    references : one text per item, or a list of some for each, not always as many
    language : ``"en"`` splits words as the WMT's script 13a does, ``"zh"`` between characters
    max_order : longest row of words that is counted, from 1; papers report 4, or 1 to 4. Where no
        text has so many words, BLEU is 0.

    Returns a number in 0..100, as sacreBLEU and papers write it. Raises ``ValueError`` if the items
    differ in number, and for a reference without a word. Papers: Papineni et al. 2002, BLEU: a
    Method for Automatic Evaluation of Machine Translation; Post 2018, A Call for Clarity in
    Reporting BLEU Scores (sacreBLEU).

    >>> round(bleu(["a red cat runs home"], ["the red cat runs home"]), 1)
    66.9
    >>> round(bleu(["一只红色的猫"], [["一只红猫", "一只红色的猫"]], language="zh"), 1)
    100.0
    """
    tokenizer = TOKENIZERS[check_choice("language", language, tuple(TOKENIZERS))]
    max_order = check_whole("max_order", max_order, least=1, most=10)
    predicted, columns = _check_corpus(predicted, references)
    metrics = load_optional("sacrebleu.metrics", "bleu")
    score = metrics.BLEU(tokenize=tokenizer, max_ngram_order=max_order, force=True)
    return float(score.corpus_score(predicted, columns).score)


def chrf(predicted: Sequence[str], references: Sequence[str] | Sequence[Sequence[str]]) -> float:
    """chrF: which share of the characters in a row also stand in a reference, and the reverse?

    F-score of 1 to 6 characters in a row, without spaces, over the whole corpus; recall counts
    twice as much as precision. It needs no words, so it is the same for every language, and
    another form of the right word still scores. Arguments and errors are those of `bleu`. Returns
    a number in 0..100. Paper: Popović 2015, chrF: character n-gram F-score for automatic MT
    evaluation.

    >>> round(chrf(["two cats"], ["two cat"]), 1)
    93.3
    """
    predicted, columns = _check_corpus(predicted, references)
    metrics = load_optional("sacrebleu.metrics", "chrf")
    return float(metrics.CHRF().corpus_score(predicted, columns).score)


def _check_corpus(predicted, references):
    """Return the texts, and the references as sacreBLEU takes them: all first ones, all second."""
    predicted = check_texts("predicted", predicted)
    what = "texts, as many as predicted, or of lists of texts"
    references = check_list("references", references, what, count=len(predicted))
    rows = []
    for number, each in enumerate(references):
        name = f"references[{number}]"
        rows.append(check_texts(name, [each] if isinstance(each, str) else each))
        if not all(text.strip() for text in rows[-1]):
            raise ValueError(f"{name} must hold words, got {rows[-1]}")
    return predicted, list(zip_longest(*rows))
