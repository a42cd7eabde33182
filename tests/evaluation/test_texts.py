"""Scores of written texts, against counts by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.evaluation import bleu, chrf, keyword_f1, paired_bootstrap

words = st.sets(st.sampled_from("abcdef"), max_size=5)


# --- keywords


@given(st.lists(st.tuples(words, words.filter(bool)), min_size=1, max_size=6))
def test_keyword_f1_is_the_harmonic_mean_of_precision_and_recall(items):
    expected = []
    for predicted, reference in items:
        both = len(predicted & reference)
        precision = both / len(predicted) if predicted else 0
        recall = both / len(reference)
        expected.append(2 * precision * recall / (precision + recall) if both else 0)
    predicted, reference = zip(*items, strict=True)
    found = keyword_f1(predicted, reference, average=False)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert keyword_f1(predicted, reference) == pytest.approx(np.mean(expected))


def test_keywords_count_once_in_any_order():
    assert keyword_f1([["a", "b", "a"]], [["b", "a"]]) == 1
    assert keyword_f1([("b", "a")], [{"a", "b"}]) == 1
    assert keyword_f1([np.array(["a", "c"])], [["a", "b"]]) == 0.5
    assert keyword_f1([[]], [["a"]]) == 0


def test_scores_of_items_go_into_the_paired_bootstrap():
    reference = [["a"]] * 20
    better = keyword_f1(reference, reference, average=False)
    worse = keyword_f1([[]] * 20, reference, average=False)
    assert paired_bootstrap(better, worse, samples=200).difference == 1


def test_what_are_no_keywords_is_refused():
    with pytest.raises(TypeError, match=r"predicted\[0\] must be a list of texts, got 'cat'"):
        keyword_f1(["cat"], [["cat"]])
    with pytest.raises(TypeError, match=r"reference\[1\] must be a list of texts, got 'cat'"):
        keyword_f1([["cat"], []], [["cat"], "cat"])
    with pytest.raises(ValueError, match=r"reference\[0\] must be a list of texts, at least one"):
        keyword_f1([["cat"]], [[]])
    with pytest.raises(ValueError, match="reference must be a list of keywords, as many lists"):
        keyword_f1([["cat"]], [["cat"], ["dog"]])
    with pytest.raises(TypeError, match=r"predicted\[0\]\[0\] must be a text, got 3"):
        keyword_f1([{3}], [["cat"]])


# --- BLEU and chrF


def test_bleu_by_hand():
    """Five words, of which four stand in the reference; three pairs, two triples, one four."""
    expected = 100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert bleu(["a red cat runs home"], ["the red cat runs home"]) == pytest.approx(expected)
    short = 100 * math.exp(1 - 5 / 4)  # four words that are right, of five
    assert bleu(["red cat runs home"], ["the red cat runs home"]) == pytest.approx(short)
    assert bleu(["a cat"], ["the cat"], max_order=1) == pytest.approx(50)
    assert bleu(["the cat"], ["the cat"]) == 0  # no four words in a row


def test_bleu_counts_over_the_whole_corpus():
    """Not the mean over texts: 1 of 2 words and 6 of 6 are 7 of 8."""
    predicted = ["a dog", "one two three four five six"]
    references = ["a cat", "one two three four five six"]
    assert bleu(predicted, references, max_order=1) == pytest.approx(100 * 7 / 8)


def test_chinese_is_split_between_characters():
    predicted, reference = ["一只红色的猫"], ["一只白色的猫"]
    expected = 100 * (5 / 6 * 3 / 5) ** 0.5  # characters, pairs
    assert bleu(predicted, reference, language="zh", max_order=2) == pytest.approx(expected)
    assert bleu(predicted, reference, language="en", max_order=1) == 0  # one long word


def test_the_best_of_several_references_counts():
    references = [["the red cat runs home"], ["no", "a dog sleeps well here"]]
    predicted = ["the red cat runs home", "a dog sleeps well here"]
    assert bleu(predicted, references) == pytest.approx(100)
    assert chrf(predicted, references) == pytest.approx(100)
    assert bleu(predicted, [each[:1] for each in references]) < 90


def test_chrf_by_hand():
    """Characters of "ab" and "ac": half of them, and none of the pairs; recall counts twice."""
    assert chrf(["ab"], ["ac"]) == pytest.approx(100 * (1 / 2 + 0) / 2)
    precision, recall = (1 + 1) / 2, (2 / 3 + 1 / 2) / 2  # "ab" in "abc": orders 1 and 2
    expected = 100 * 5 * precision * recall / (4 * precision + recall)
    assert chrf(["ab"], ["abc"]) == pytest.approx(expected)


def test_what_is_the_same_scores_100_and_nothing_scores_0():
    texts = ["the red cat runs home", "a dog sleeps well here"]
    assert bleu(texts, texts) == pytest.approx(100)
    assert chrf(texts, texts) == pytest.approx(100)
    assert bleu(["", ""], texts) == chrf(["", ""], texts) == 0


@pytest.mark.parametrize("score", [bleu, chrf])
def test_what_are_no_texts_is_refused(score):
    with pytest.raises(TypeError, match="predicted must be a list of texts, got 'cat'"):
        score("cat", ["cat"])
    with pytest.raises(TypeError, match=r"predicted\[0\] must be a text, got None"):
        score([None], ["cat"])
    with pytest.raises(ValueError, match="references must be a list of texts, as many as predict"):
        score(["cat"], ["cat", "dog"])
    with pytest.raises(ValueError, match=r"references\[0\] must hold words, got \[' '\]"):
        score(["cat"], [" "])
    with pytest.raises(ValueError, match=r"references\[0\] must be a list of texts, at least one"):
        score(["cat"], [[]])


def test_bleu_knows_two_languages():
    with pytest.raises(ValueError, match=r"language must be one of \('en', 'zh'\), got 'fr'"):
        bleu(["chat"], ["chat"], language="fr")
    with pytest.raises(ValueError, match="max_order must be at least 1, got 0"):
        bleu(["cat"], ["cat"], max_order=0)
