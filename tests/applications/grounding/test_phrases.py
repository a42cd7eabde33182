"""Descriptions: which words are read, however they are spelt, and which are not."""

import numpy as np
import pytest

from mmtutorial.applications.grounding import WordTable

WORDS = [
    "red",
    "fruit",
    "hot dog",
    "dog",
    "水果",
    "红色",
    "热狗",
    "O button (blood type)",
    "t-shirt",
]
TABLE = WordTable(WORDS, np.eye(len(WORDS)))


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("the red fruit", ["red", "fruit"], []),
        ("A RED fruit!", ["red", "fruit"], []),
        ("red hot dog", ["red", "hot dog"], []),
        ("a dog that is red", ["dog", "red"], []),
        ("红色的水果", ["红色", "水果"], []),
        ("一个红色的水果", ["红色", "水果"], ["一"]),
        ("red zebra", ["red"], ["zebra"]),
        ("t shirt", ["t-shirt"], []),
        ("", [], []),
        ("the", [], []),
        ("🍎", [], []),
    ],
)
def test_known_words_are_found_the_longest_first(text, known, unknown):
    assert TABLE.split(text) == (known, unknown)


def test_every_word_finds_itself():
    for word in WORDS:
        assert TABLE.split(word) == ([word], [])


def test_vectors_stand_in_the_order_of_the_words_and_zeros_behind():
    encoded = TABLE.encode(["red hot dog", "", "水果"])
    assert encoded.shape == (3, 2, len(WORDS))
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(encoded[0], np.eye(len(WORDS))[[0, 2]])
    assert not encoded[1].any()
    assert encoded[2, 0, 4] == 1


def test_length_cuts_and_pads():
    assert TABLE.number(["red dog fruit"], length=2).tolist() == [[1, 4]]
    assert TABLE.number(["red"], length=4).tolist() == [[1, 0, 0, 0]]


def test_a_long_text_costs_no_more_than_its_first_words():
    assert len(TABLE.split("red " * 1000)[0]) == 12


@pytest.mark.parametrize(
    ("words", "vectors", "message"),
    [
        (["a", "a"], np.eye(2), "words must"),
        (["a"], np.eye(2), "vectors must"),
        (["a"], np.zeros((1, 0)), "vectors must"),
    ],
)
def test_a_table_that_cannot_be_is_refused(words, vectors, message):
    with pytest.raises(ValueError, match=message):
        WordTable(words, vectors)


def test_numbers_that_no_word_has_are_refused():
    with pytest.raises(ValueError, match="numbers must"):
        TABLE.look_up([10])
