"""Error rates of transcripts, against edits counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.evaluation import cer, wer

WORDS = st.lists(st.sampled_from(["a", "bb", "c", "dd"]), min_size=1, max_size=6).map(" ".join)
PAIRS = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4)


def edits(found, wanted):
    """Return the least number of edits, by a table of all beginnings."""
    table = np.zeros((len(found) + 1, len(wanted) + 1), int)
    table[:, 0], table[0] = np.arange(len(found) + 1), np.arange(len(wanted) + 1)
    for i, a in enumerate(found):
        for j, b in enumerate(wanted):
            swapped = table[i, j] + (a != b)
            table[i + 1, j + 1] = min(swapped, table[i, j + 1] + 1, table[i + 1, j] + 1)
    return table[-1, -1]


@given(PAIRS)
def test_the_rate_counts_edits_over_all_texts(pairs):
    predicted, references = map(list, zip(*pairs, strict=True))
    for rate, split in ((wer, str.split), (cer, list)):
        cut = [(split(found), split(wanted)) for found, wanted in pairs]
        counts = np.array([edits(found, wanted) for found, wanted in cut])
        sizes = np.array([len(wanted) for _, wanted in cut])
        assert rate(predicted, references) == pytest.approx(counts.sum() / sizes.sum())
        each = rate(predicted, references, average=False)
        np.testing.assert_allclose(each, counts / sizes)


def test_nothing_heard_is_all_wrong_and_too_much_is_worse():
    assert wer([""], ["one two"]) == 1
    assert wer(["one two three four five"], ["one"]) == 4
    assert cer(["ab"], ["ab"]) == 0


@pytest.mark.parametrize("rate", [wer, cer])
def test_what_are_no_texts_is_refused(rate):
    with pytest.raises(TypeError, match="predicted must be a list of texts, got 'cat'"):
        rate("cat", ["cat"])
    with pytest.raises(ValueError, match="references must be a list of texts, as many as predict"):
        rate(["cat"], ["cat", "dog"])
    with pytest.raises(ValueError, match=r"references\[0\] must hold a word, got ' '"):
        rate(["cat"], [" "])
