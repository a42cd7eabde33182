"""A query is cut into the longest known words, and what is unknown falls back and says so."""

import itertools

import pytest

from mmtutorial.chapters.cross_modal.retrieval.live import say_reading
from mmtutorial.chapters.cross_modal.retrieval.query import (
    Piece,
    QueryParser,
    normalize_text,
    trigrams,
)

WORDS = ["dog", "hot dog", "Red Heart", "heart", "pony", "小狗", "狗", "生日蛋糕", "蛋糕", "生日"]


@pytest.fixture(scope="module")
def parser():
    return QueryParser(WORDS)


def words(pieces):
    return [piece.word for piece in pieces]


@pytest.mark.parametrize("word", WORDS)
def test_a_known_word_is_itself_however_it_is_written(parser, word):
    for typed in (word, word.upper(), f"  {word} ", f"the {word}!"):
        (piece,) = parser.parse(typed)
        assert (piece.word, piece.exact) == (word, True)


@pytest.mark.parametrize(
    ("first", "second"), list(itertools.permutations(["pony", "小狗", "heart"], 2))
)
def test_words_stay_in_their_order(parser, first, second):
    assert words(parser.parse(f"{first} and {second}")) == [first, second]


def test_the_longest_word_wins(parser):
    assert words(parser.parse("a hot dog, a dog")) == ["hot dog", "dog"]
    assert words(parser.parse("生日蛋糕和小狗")) == ["生日蛋糕", "小狗"]
    assert words(parser.parse("蛋糕生日")) == ["蛋糕", "生日"]


def test_an_unknown_word_falls_back_to_the_one_with_most_trigrams_in_common(parser):
    assert parser.parse("ponys") == [Piece("ponys", "pony", False)]
    assert parser.parse("xylophone") == [Piece("xylophone", "", False)]


def test_an_unknown_character_falls_back_to_the_shortest_word_that_holds_it(parser):
    assert parser.parse("糕") == [Piece("糕", "蛋糕", False)]
    assert parser.parse("鸟") == [Piece("鸟", "", False)]


def test_little_words_count_only_if_there_is_nothing_else(parser):
    assert words(parser.parse("the dog")) == ["dog"]
    assert [piece.typed for piece in parser.parse("the")] == ["the"]
    assert words(parser.parse("一个小狗")) == ["小狗"]


def test_of_two_words_as_good_the_first_counts():
    assert words(QueryParser(["cats", "cat!"]).parse("cat?")) == ["cats"]


@pytest.mark.parametrize("empty", ["", "   ", "?!", "。"])
def test_nothing_is_found_in_nothing(parser, empty):
    assert parser.parse(empty) == []


def test_wide_and_large_letters_are_one_form():
    assert normalize_text("ＲＥＤ　 Heart") == "red heart"
    assert trigrams("ab") == {"#ab", "ab#"}


def test_a_reader_is_told_what_was_not_known(parser):
    assert say_reading(parser.parse("dog")) == "Read as: dog."
    said = say_reading(parser.parse("ponys xylophone"))
    assert "“ponys”, taken for “pony”" in said
    assert "“xylophone”, left out" in said
    assert say_reading(parser.parse("xylophone")).startswith("No word of this is known.")


@pytest.mark.parametrize("wrong", [3, None, b"dog", ["dog"]])
def test_a_query_is_a_text(parser, wrong):
    with pytest.raises(TypeError, match="text must be"):
        parser.parse(wrong)
