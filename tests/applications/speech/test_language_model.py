"""A language model of characters: it sums to one, and says what its formula says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.applications.speech import CharacterLM

TEXTS = ["abab", "ab", "b"]


@given(st.text("abc", max_size=8), st.integers(1, 5))
def test_the_next_letter_is_one_of_them_or_the_end(context, order):
    model = CharacterLM("abc", order=order).fit(TEXTS)
    assert np.exp(model.log_proba(context)).sum() == pytest.approx(1, rel=1e-12)


def test_it_mixes_counts_with_the_shorter_context_as_witten_and_bell_do():
    model = CharacterLM("ab", order=2).fit(TEXTS)
    base = (np.array([3, 4, 3]) + 3 / 3) / (10 + 3)  # a, b and the end, of ten letters in all
    after_a = (np.array([0, 3, 0]) + 1 * base) / (3 + 1)
    np.testing.assert_allclose(np.exp(model.log_proba("")), start(model), rtol=1e-12)
    np.testing.assert_allclose(np.exp(model.log_proba("bba")), after_a, rtol=1e-12)


def start(model):
    """Return what the model says where nothing stands before: of all letters."""
    return (np.array([3, 4, 3]) + 1) / 13


def test_before_it_has_read_anything_all_are_alike():
    model = CharacterLM("ab")
    np.testing.assert_allclose(np.exp(model.log_proba("ab")), np.full(3, 1 / 3))
    assert model.perplexity(["abba"]) == pytest.approx(3)


def test_a_longer_context_helps_on_texts_that_have_a_rule():
    texts = ["abcabcabc"[: 3 + k] for k in range(6)]
    perplexities = [CharacterLM("abc", order=n).fit(texts).perplexity(texts) for n in (1, 2, 4)]
    assert perplexities[0] > perplexities[1] >= perplexities[2] > 1


@pytest.mark.parametrize(
    ("letters", "kind"), [(["ab"], ValueError), ("aa", ValueError), ([1], TypeError)]
)
def test_letters_are_single_and_different_characters(letters, kind):
    with pytest.raises(kind, match="letters"):
        CharacterLM(letters)


def test_a_character_that_is_no_letter_is_named():
    with pytest.raises(ValueError, match="got 'x' in it"):
        CharacterLM("ab").fit(["ab", "ax"])
    with pytest.raises(ValueError, match=r"texts\[0\].*'x'"):
        CharacterLM("ab").fit(["ab"]).perplexity(["x"])
