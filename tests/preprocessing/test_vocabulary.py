"""Padding, and which number stands for which token."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.preprocessing import Vocabulary, pad_sequences

words = st.text(st.characters(codec="utf-8", categories=["Ll", "Nd"]), min_size=1, max_size=8)
token_lists = st.lists(st.lists(words, max_size=8), min_size=1, max_size=8)

# --- padding


def test_padding_by_example():
    padded = pad_sequences([[5, 6, 7], [8], []], 2)
    assert padded.dtype == np.int32
    np.testing.assert_array_equal(padded, [[5, 6], [8, 0], [0, 0]])
    assert pad_sequences([], 4).shape == (0, 4)


@given(st.lists(st.lists(st.integers(1, 2**31 - 1), max_size=9), max_size=6), st.integers(1, 12))
def test_padding_only_cuts_and_fills(sequences, length):
    padded = pad_sequences(sequences, length)
    assert padded.shape == (len(sequences), length)
    for row, sequence in zip(padded, sequences, strict=True):
        kept = min(len(sequence), length)
        assert row[:kept].tolist() == sequence[:kept]
        assert not row[kept:].any()


@pytest.mark.parametrize("length", [0, -1])
def test_padding_needs_a_length(length):
    with pytest.raises(ValueError, match="length must be at least 1"):
        pad_sequences([[1]], length)
    with pytest.raises(ValueError, match="length must be at least 1"):
        Vocabulary.fit([["a"]]).encode([["a"]], length=length)


def test_rows_may_come_one_by_one_and_in_any_form():
    expected = [[5, 6], [7, 0]]
    for rows in (
        ([5, 6], [7]),
        iter([(5, 6), range(7, 8)]),
        [np.array([5, 6, 9]), np.array([7], np.uint8)],
        (iter(row) for row in [[5, 6], [7]]),
    ):
        np.testing.assert_array_equal(pad_sequences(rows, 2), expected)
    np.testing.assert_array_equal(pad_sequences(np.array([[5, 6, 1], [7, 0, 0]]), 2), expected)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.7, 2.9]], r"sequences\[0\]'s ids must be a whole number, got 1.7"),
        ([[1], [None]], r"sequences\[1\]'s ids must be a whole number, got None"),
        ([["a"]], "must be a whole number, got 'a'"),
        ([[True]], "must be a whole number, got True"),
        ([[6, True]], r"sequences\[0\]'s ids must be a whole number, got True"),
        ([1, 2, 3], r"sequences must hold lists of ids, got 1 at 0; write \[ids\]"),
        (["12"], "sequences must hold lists of ids, got '12' at 0"),
        ([{1, 2}], "sequences must hold lists of ids"),
        ([[[1], [2]]], "flat list of ids, got shape"),
        ([[1, [2]]], "flat list of ids, got"),
        (7, "sequences must hold lists of ids, got 7"),
        (None, "sequences must hold lists of ids, got None"),
        ({0: [1]}, "sequences must hold lists of ids, got {0"),
    ],
)
def test_what_is_no_row_of_ids_is_refused(rows, message):
    with pytest.raises(TypeError, match=message):
        pad_sequences(rows, 2)


@pytest.mark.parametrize("wrong", [-1, 2**31, 2**40 + 7, 2**70])
def test_ids_that_would_wrap_are_refused(wrong):
    with pytest.raises(ValueError, match=rf"sequences\[1\] must lie in 0..{2**31 - 1}, got"):
        pad_sequences([[1], [2, wrong]], 2)
    if abs(wrong) < 2**63:
        with pytest.raises(ValueError, match=rf"sequences\[0\] must lie in 0..{2**31 - 1}, got"):
            pad_sequences([np.array([wrong])], 2)
    assert pad_sequences([[2**31 - 1]], 1)[0, 0] == 2**31 - 1


# --- vocabulary


@given(token_lists)
def test_encode_and_decode_are_inverse(lists):
    vocabulary = Vocabulary.fit(lists)
    ids = vocabulary.encode(lists, length=8)
    assert vocabulary.decode(ids) == lists
    assert (ids != 1).all()
    assert ids.max(initial=0) < len(vocabulary)


@given(token_lists, st.integers(8, 20))
def test_more_padding_only_adds_zeros(lists, length):
    vocabulary = Vocabulary.fit(lists)
    short, long = vocabulary.encode(lists, length=8), vocabulary.encode(lists, length=length)
    np.testing.assert_array_equal(long[:, :8], short)
    assert not long[:, 8:].any()


@given(token_lists, st.integers(3, 9), st.integers(1, 3))
def test_frequent_tokens_come_first_and_ties_are_alphabetical(lists, max_size, min_count):
    vocabulary = Vocabulary.fit(lists, max_size=max_size, min_count=min_count)
    flat = [token for tokens in lists for token in tokens]
    ranked = sorted(set(flat), key=lambda token: (-flat.count(token), token))
    expected = [token for token in ranked if flat.count(token) >= min_count][: max_size - 2]
    assert vocabulary.tokens == ("<pad>", "<unk>", *expected)
    assert len(vocabulary) == len(expected) + 2 <= max_size


@given(token_lists, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_matter(lists, random):
    shuffled = list(lists)
    random.shuffle(shuffled)
    assert Vocabulary.fit(shuffled) == Vocabulary.fit(lists)


def test_a_token_never_seen_is_one():
    vocabulary = Vocabulary.fit([["red", "heart"], ["red"]])
    ids = vocabulary.encode([["red", "moon", "heart", "<pad>", "<unk>"]], length=6)
    assert ids[0, :3].tolist() == [2, 1, 3]
    assert ids[0, 5] == 0
    assert vocabulary.decode([[2, 1, 0]]) == [["red", "<unk>"]]


def test_special_tokens_in_a_text_take_no_second_row():
    vocabulary = Vocabulary.fit([["<pad>", "<unk>", "red"]])
    assert vocabulary.tokens == ("<pad>", "<unk>", "red")


def test_a_generator_is_counted_too():
    rows = [["red", "heart"], ["red"]]
    assert Vocabulary.fit(iter(rows)) == Vocabulary.fit(rows)
    vocabulary = Vocabulary.fit(rows)
    np.testing.assert_array_equal(
        vocabulary.encode(iter(rows), length=2), vocabulary.encode(rows, length=2)
    )


@pytest.mark.parametrize("wrong", ["red heart", ["red heart", "moon"]])
def test_plain_strings_are_refused(wrong):
    with pytest.raises(TypeError, match="token_lists must hold lists of tokens, got plain strings"):
        Vocabulary.fit(wrong)
    with pytest.raises(TypeError, match="token_lists must hold lists of tokens, got plain strings"):
        Vocabulary.fit([["red"]]).encode(wrong, length=3)


def test_tokens_may_be_any_sequence():
    expected = Vocabulary(("<pad>", "<unk>", "a"))
    assert Vocabulary(["<pad>", "<unk>", "a"]) == expected
    assert Vocabulary(np.array(["<pad>", "<unk>", "a"])) == expected
    assert isinstance(Vocabulary(["<pad>", "<unk>"]).tokens, tuple)
    for wrong in ("abc", None, 3, {"<pad>": 0}):
        with pytest.raises(TypeError, match="tokens must be a sequence of strings, got"):
            Vocabulary(wrong)
    with pytest.raises(TypeError, match="tokens must be strings, got 3"):
        Vocabulary(["<pad>", "<unk>", 3])


@pytest.mark.parametrize(
    "wrong", [None, 3, [3], [None], [[["a"]]], [["a", 3]], [["a", None]], [{"a"}], {"a": ["b"]}]
)
def test_what_are_no_lists_of_tokens_is_refused(wrong):
    vocabulary = Vocabulary.fit([["a"]])
    for call in (Vocabulary.fit, lambda rows: vocabulary.encode(rows, length=2)):
        with pytest.raises(TypeError, match=r"token_lists.* must hold .*, got"):
            call(wrong)


def test_only_whole_numbers_are_decoded():
    vocabulary = Vocabulary.fit([["a"]])
    for wrong in ([[2.0]], [["a"]], [[True]], [[None]]):
        with pytest.raises(TypeError, match="ids must be whole numbers, got"):
            vocabulary.decode(wrong)
    with pytest.raises(ValueError, match="its rows differ"):
        vocabulary.decode([[1, 2], [1]])
    assert vocabulary.decode(np.zeros((0, 3))) == []


def test_vocabulary_says_what_is_wrong():
    with pytest.raises(ValueError, match="max_size must be at least 3, got 2"):
        Vocabulary.fit([["a"]], max_size=2)
    with pytest.raises(ValueError, match="min_count must be at least 1, got 0"):
        Vocabulary.fit([["a"]], min_count=0)
    for wrong in (3.5, "3", True, None):
        with pytest.raises(TypeError, match="max_size must be a whole number, got"):
            Vocabulary.fit([["a"]], max_size=wrong)
        with pytest.raises(TypeError, match="length must be a whole number, got"):
            Vocabulary.fit([["a"]]).encode([["a"]], length=wrong)
    with pytest.raises(ValueError, match="tokens must begin with '<pad>', '<unk>'"):
        Vocabulary(("red", "heart"))
    with pytest.raises(ValueError, match="hold no token twice"):
        Vocabulary(("<pad>", "<unk>", "red", "red"))
    vocabulary = Vocabulary.fit([["a"]])
    for ids in ([[3]], [[-1]]):
        with pytest.raises(ValueError, match=r"ids must lie in 0\.\.2"):
            vocabulary.decode(ids)
    with pytest.raises(ValueError, match=r"ids must have shape \(batch, length\), got \(2,\)"):
        vocabulary.decode([1, 2])
