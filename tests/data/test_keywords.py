"""Drawing keywords: what any draw must respect, and how it spreads."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmtutorial as mm

WORDS = st.lists(
    st.text("abc笑脸 ", min_size=1).map(str.strip).filter(bool), min_size=1, unique=True
)
TEXTS = st.lists(WORDS, min_size=1, max_size=8)
SEEDS = st.integers(0, 2**32 - 1)


def join(rows):
    return [" | ".join(row) for row in rows]


@given(TEXTS, st.integers(1, 5), SEEDS)
def test_a_draw_is_a_part_in_the_same_order(rows, k, seed):
    drawn = mm.data.draw_keywords(join(rows), k, seed=seed)
    assert drawn.shape == (len(rows),)
    for text, words in zip(drawn, rows, strict=True):
        kept = text.split(" | ")
        assert len(kept) == min(k, len(words))
        assert kept == [word for word in words if word in set(kept)]


@given(TEXTS, SEEDS)
def test_draws_are_repeatable_and_nested(rows, seed):
    one, two, again = (mm.data.draw_keywords(join(rows), k, seed=seed) for k in (1, 2, 1))
    np.testing.assert_array_equal(one, again)
    for small, large in zip(one, two, strict=True):
        assert set(small.split(" | ")) <= set(large.split(" | "))


@given(TEXTS, SEEDS)
def test_enough_keywords_change_nothing(rows, seed):
    texts = join(rows)
    assert mm.data.draw_keywords(texts, max(map(len, rows)), seed=seed).tolist() == texts


@given(TEXTS, st.integers(1, 3), SEEDS)
def test_drawing_from_a_draw_of_k_changes_nothing(rows, k, seed):
    drawn = mm.data.draw_keywords(join(rows), k, seed=seed)
    assert mm.data.draw_keywords(drawn, k, seed=seed + 1).tolist() == drawn.tolist()


def test_every_pair_is_equally_likely():
    drawn = mm.data.draw_keywords(["a | b | c | d"] * 12_000, 2, seed=0)
    counts = Counter(drawn.tolist())
    assert len(counts) == 6
    # Six pairs, 2,000 expected of each; the standard deviation of one count is 41.
    assert max(abs(count - 2_000) for count in counts.values()) < 5 * 41


def test_rows_draw_independently():
    drawn = mm.data.draw_keywords(["a | b"] * 4_000, 1, seed=1)
    same = (drawn[::2] == drawn[1::2]).mean()
    assert same == pytest.approx(0.5, abs=0.06)


def test_no_rows():
    assert mm.data.draw_keywords([], 2, seed=0).shape == (0,)


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_is_refused(k):
    with pytest.raises(ValueError, match=f"k must be at least 1, got {k}"):
        mm.data.draw_keywords(["a"], k, seed=0)


@pytest.mark.parametrize("k", [1.0, "1", None, True])
def test_k_must_be_whole(k):
    with pytest.raises(TypeError, match="whole number"):
        mm.data.draw_keywords(["a"], k, seed=0)


def test_one_string_is_not_a_sequence_of_texts():
    with pytest.raises(TypeError, match="got one string"):
        mm.data.draw_keywords("a | b", 1, seed=0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "texts must be a sequence of strings, got NoneType"),
        (3, "texts must be a sequence of strings, got int"),
        ((text for text in ["a | b"]), "texts must be a sequence of strings, got generator"),
        ({"a | b"}, "texts must be a sequence of strings, got set"),
        ({"a": "b"}, "texts must be a sequence of strings, got dict"),
        (b"a | b", "texts must be strings, got 97 at 0"),
        (["cat", None, float("nan")], "texts must be strings, got None at 1"),
        (np.array(["cat", float("nan")], object), "texts must be strings, got nan at 1"),
        ([["a", "b"]], r"texts must be strings, got \['a', 'b'\] at 0"),
        (np.array([["a"]]), r"texts must be strings, got \['a'\] at 0"),
        (np.arange(3), "texts must be strings, got 0 at 0"),
    ],
)
def test_what_are_no_texts_is_never_made_a_keyword(wrong, message):
    with pytest.raises(TypeError, match=message):
        mm.data.draw_keywords(wrong, 1, seed=0)


def test_texts_come_in_any_sequence():
    rows = ["a | b", "c"]
    expected = mm.data.draw_keywords(rows, 1, seed=3).tolist()
    for texts in (tuple(rows), np.array(rows), np.array(rows, object)):
        drawn = mm.data.draw_keywords(texts, 1, seed=3)
        assert drawn.dtype.kind == "U"
        assert drawn.tolist() == expected


@pytest.mark.parametrize(("seed", "error"), [(None, TypeError), ("a", TypeError), (-1, ValueError),
                                             (0.5, TypeError), ([1, None], TypeError)])  # fmt: skip
def test_a_draw_can_be_repeated(seed, error):
    with pytest.raises(error, match="seed must be"):
        mm.data.draw_keywords(["a"], 1, seed=seed)
