import unicodedata

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mmtutorial.preprocessing import Vocabulary, normalize_text, pad_sequences, tokenize

words = st.text(st.characters(codec="utf-8", categories=["Ll", "Nd"]), min_size=1, max_size=8)
token_lists = st.lists(st.lists(words, max_size=8), min_size=1, max_size=8)

# --- normalise


@given(st.text())
@example("Ⅷ ﬁ ß İ ǰ ͅ Σ")
@example("\u0345\u0301")
@example("ᾳ\u0301")
@example("ß\u0301")
def test_normalize_twice_is_normalize_once(text):
    once = normalize_text(text)
    assert normalize_text(once) == once


@given(st.text())
def test_normalize_does_not_care_how_accents_are_written(text):
    assume("\u0345" not in unicodedata.normalize("NFD", text))  # moves among other marks
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    assert normalize_text(composed) == normalize_text(decomposed)


@given(st.text())
def test_normalize_leaves_single_inner_spaces(text):
    result = normalize_text(text)
    assert result == result.strip()
    assert "  " not in result
    assert not any(character.isspace() and character != " " for character in result)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Grinning FACE", "grinning face"),
        ("  two \t\n words ", "two words"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("cafe\u0301", "café"),
        ("STRASSE straße", "strasse strasse"),
        ("①", "1"),
        ("", ""),
    ],
)
def test_normalize_by_example(text, expected):
    assert normalize_text(text) == expected


@pytest.mark.parametrize("text", [None, 3, b"bytes", ["red"]])
def test_normalize_refuses_what_is_no_string(text):
    with pytest.raises(TypeError, match="text must be a string, got"):
        normalize_text(text)


# --- tokenise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red heart", ["red", "heart"]),
        ("red heart | love, valentine!", ["red", "heart", "love", "valentine"]),
        ("dog's dogs’ rock ’n’ roll", ["dog's", "dogs", "rock", "n", "roll"]),
        ("O’clock 12:30", ["o’clock", "12", "30"]),
        ("up_and-down", ["up", "and", "down"]),
        ("naïve CAFÉ", ["naïve", "café"]),
        (" | ", []),
        ("", []),
    ],
)
def test_words_of_english(text, expected):
    assert tokenize(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("红心", ["红心"]),
        ("我爱北京天安门", ["我", "爱", "北京", "天安门"]),  # jieba's own example
        ("小猫在睡觉。", ["小猫", "在", "睡觉"]),
        ("红心 | 爱情", ["红心", "爱情"]),
        ("红 心", ["红", "心"]),  # no word reaches over a space
        ("OK手势，３点", ["ok", "手势", "3", "点"]),
        ("吃dog's吃", ["吃", "dog's", "吃"]),
        ("，。", []),
    ],
)
def test_words_of_chinese_are_those_of_a_dictionary(text, expected):
    assert tokenize(text, language="zh") == expected


@given(st.text("红心小猫在睡觉我爱 ab，", max_size=20))
def test_chinese_words_lose_and_add_no_character(text):
    words = tokenize(text, language="zh")
    assert "".join(words) == "".join(tokenize(text, language="zh", unit="char")).replace(",", "")


def test_english_does_not_cut_chinese():
    assert tokenize("红心") == ["红心"]


def test_characters():
    assert tokenize("Ab c!", unit="char") == ["a", "b", "c", "!"]
    assert tokenize("红 心", language="zh", unit="char") == ["红", "心"]


def test_subwords_are_those_of_fasttext():
    """Bojanowski et al. 2017, section 3.2: "where" with n = 3."""
    assert tokenize("where", unit="subword") == ["where", "<wh", "whe", "her", "ere", "re>"]
    assert tokenize("her", unit="subword") == ["her", "<he", "her", "er>"]  # one token twice
    assert tokenize("a", unit="subword") == ["a", "<a>"]
    assert tokenize("is it", unit="subword") == ["is", "<is", "is>", "it", "<it", "it>"]


@given(st.lists(st.text("abcdefg", min_size=1, max_size=9), max_size=6))
def test_subwords_keep_the_words_and_know_where_they_end(some):
    tokens = tokenize(" ".join(some), unit="subword")
    assert len(tokens) == sum(1 + len(word) for word in some)  # n - 2 + 2 trigrams a word
    assert [t for t in tokens if t.startswith("<")] == [f"<{word}>"[:3] for word in some]
    assert [t for t in tokens if t.endswith(">")] == [f"<{word}>"[-3:] for word in some]


def test_subwords_of_an_unknown_word_are_shared_with_known_ones():
    known = set(tokenize("smiling", unit="subword"))
    assert {"<sm", "smi", "mil", "ili"} <= known & set(tokenize("smilies", unit="subword"))


def test_subwords_of_chinese_are_characters_and_pairs():
    tokens = tokenize("红心", language="zh", unit="subword")
    assert tokens[:2] == ["红", "心"]
    assert set(tokens) == {"红", "心", "红心", "<红", "心>"}
    # A pair does not reach over a space or a comma.
    assert "心爱" not in tokenize("红心 爱情", language="zh", unit="subword")


@given(st.text(), st.sampled_from(["en", "zh"]), st.sampled_from(["word", "char", "subword"]))
def test_tokens_hold_no_space_and_do_not_care_about_spelling(text, language, unit):
    tokens = tokenize(text, language=language, unit=unit)
    assert all(token and not any(c.isspace() for c in token) for token in tokens)
    assert tokenize(normalize_text(text), language=language, unit=unit) == tokens


@given(st.lists(st.text("abcxyz0189", min_size=1), max_size=6))
def test_tokenize_undoes_a_join(some):
    assert tokenize(" ".join(some)) == some
    assert tokenize(" | ".join(some).upper()) == some


def test_tokenize_names_the_valid_options():
    with pytest.raises(ValueError, match=r"language must be one of \('en', 'zh'\), got 'de'"):
        tokenize("rot", language="de")
    with pytest.raises(ValueError, match=r"unit must be one of \('word', 'char', 'subword'\), got"):
        tokenize("red", unit="letter")
    with pytest.raises(TypeError, match="text must be a string"):
        tokenize(["red"])


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


def test_vocabulary_says_what_is_wrong():
    with pytest.raises(ValueError, match="max_size must be at least 3 and min_count 1, got 2"):
        Vocabulary.fit([["a"]], max_size=2)
    with pytest.raises(ValueError, match="min_count 1, got 10000 and 0"):
        Vocabulary.fit([["a"]], min_count=0)
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
