import json
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mmtutorial.data._files import read_file
from mmtutorial.preprocessing import normalize_text, text, tokenize

# Anything at all, with more of what is hard: marks, joiners, pieces of emoji, apostrophes.
HARD = (
    "a1i'’´ Iİß恤好一々〇|#*-.❤🔥👩🏽💻🇨🇳🏴\u0301\u0307\u0323\u0345\u20e3"
    "\u200b\u200c\u200d\u00ad\u034f\ufe0f\U000e0067\U000e007f"
)
UNSEEN = ("Mn", "Mc", "Me", "Cf", "Cc", "Cs")  # no token begins with a mark, or cannot be seen
texts = st.text(st.one_of(st.characters(), st.sampled_from(HARD)), max_size=16)
EMOJI = [entry["emoji"] for entry in json.loads(read_file("emoji", "emoji.json"))["entries"]]

# --- normalise


@given(texts)
@example("Ⅷ ﬁ ß İ ǰ ͅ Σ")
@example("\u0345\u0301")
@example("ᾳ\u0301")
@example("ß\u0301")
def test_normalize_twice_is_normalize_once(text):
    once = normalize_text(text)
    assert normalize_text(once) == once


@given(texts)
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
        ("İstanbul ISTANBUL", "istanbul istanbul"),
        ("i\u0307\u0307\u0301", "í"),
        ("I’m I‘m I´m I`m Iʼm I＇m", " ".join(["i'm"] * 6)),
        ("\ufeffco\u00adoperate\u2060", "cooperate"),
        ("می‌خواهم", "میخواهم"),
        ("zero\u200bwidth", "zero width"),
        ("❤️ ❤︎", "❤ ❤"),
        ("👩🏽‍❤️‍👨🏿", "👩🏽‍❤‍👨🏿"),
        ("a\u200db 😀\u200db", "ab 😀b"),
        ("\u0301a \u0301b", "a b"),
        ("葛\U000e0100", "葛"),
        ("a\x07b\ud800", "ab"),
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
        ("O’clock 12:30", ["o'clock", "12", "30"]),
        ("I'm I’m", ["i'm", "i'm"]),
        ("‘it’s’", ["it's"]),
        ("İstanbul", ["istanbul"]),
        ("co\u00adoperate", ["cooperate"]),
        ("I ❤️ NY", ["i", "❤", "ny"]),
        ("❤️😂❤", ["❤", "😂", "❤"]),
        ("so🎉fun", ["so", "🎉", "fun"]),
        ("♪ la la, 20°C ✓", ["♪", "la", "la", "20", "°", "c", "✓"]),
        ("3 × 4 = 12 €", ["3", "4", "12"]),
        ("<3", ["3"]),
        ("½ 1/2", ["1", "2", "1", "2"]),
        ("!", ["!"]),
        ("! ?", ["!", "?"]),
        ("up! | !? | −", ["up", "!?", "−"]),
        ("×", ["×"]),
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
        ("吃dog’s吃", ["吃", "dog's", "吃"]),
        ("去café吧", ["去", "café", "吧"]),
        ("T恤", ["t恤"]),
        ("t恤", ["t恤"]),  # jieba alone cuts it
        ("COVID-19疫情", ["covid-19", "疫情"]),
        ("3.5英寸", ["3.5", "英寸"]),
        ("12:30", ["12", "30"]),
        ("我❤️👩‍💻和🇨🇳", ["我", "❤", "👩‍💻", "和", "🇨🇳"]),
        ("点头，肯定 | ！？", ["点头", "肯定", "!?"]),
        ("，。", [",。"]),
    ],
)
def test_words_of_chinese_are_those_of_a_dictionary(text, expected):
    assert tokenize(text, language="zh") == expected


@given(st.text("红心小猫在睡觉我爱恤 abT'", max_size=20))
def test_chinese_words_lose_and_add_no_character(text):
    words, characters = (tokenize(text, language="zh", unit=unit) for unit in ("word", "char"))
    assert "".join(words).replace("'", "") == "".join(characters).replace("'", "")


LETTERS = "café नमस्ते ภาษาไทยน้ำ مُحَمَّد 한국어 ελλάδα ёж שָׁלוֹם tiếng ខ្មែរ が 好 1"


@given(
    st.text(LETTERS, max_size=20), st.sampled_from(["en", "zh"]), st.sampled_from(["NFC", "NFD"])
)
def test_every_script_keeps_its_letters_and_marks(text, language, form):
    expected = normalize_text(text).replace(" ", "")
    for unit in ("word", "char"):
        tokens = tokenize(unicodedata.normalize(form, text), language=language, unit=unit)
        assert "".join(tokens) == expected


@pytest.mark.parametrize(
    "word", ["नमस्ते", "ภาษาไทย", "مُحَمَّد", "한국어", "ελλάδα", "שָׁלוֹם", "tiếng", "ខ្មែរ"]
)
def test_a_word_with_marks_is_one_word_however_it_is_written(word):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        for language in ("en", "zh"):
            written = unicodedata.normalize(form, word)
            assert tokenize(written, language=language) == [normalize_text(word)]


# --- emoji


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_emoji_is_one_token_and_no_two_are_the_same(language):
    found = [tokenize(emoji, language=language) for emoji in EMOJI]
    assert [emoji for emoji, tokens in zip(EMOJI, found, strict=True) if len(tokens) != 1] == []
    assert len({tokens[0] for tokens in found}) == len(EMOJI)


def test_every_emoji_is_one_character():
    """But for four that are letters and signs in NFKC form."""
    cut = [emoji for emoji in EMOJI if len(tokenize(emoji, unit="char")) != 1]
    assert cut == ["‼️", "⁉️", "™️", "🈁"]


@given(st.lists(st.sampled_from(EMOJI), max_size=6))
def test_emoji_need_no_space_between_them(some):
    drawn = [emoji for emoji in some if tokenize(emoji)[0] == emoji.replace("\ufe0f", "")]
    drawn = [emoji for emoji in drawn if emoji[0] not in "0123456789"]  # keycaps make a word
    for language in ("en", "zh"):
        tokens = tokenize("".join(drawn), language=language)
        assert tokens == [emoji.replace("\ufe0f", "") for emoji in drawn]


def test_subwords_do_not_cut_an_emoji_or_a_mark():
    assert tokenize("👩🏽‍💻", unit="subword") == ["👩🏽‍💻", "<👩🏽‍💻>"]
    assert tokenize("नमस्ते", unit="subword")[1:] == ["<नम", "नमस्ते", "मस्ते>"]
    assert tokenize("❤️爱", language="zh", unit="subword") == [
        "❤", "爱", "❤", "<❤", "❤>", "爱", "<爱", "爱>"
    ]  # fmt: skip


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


@given(texts, st.sampled_from(["en", "zh"]), st.sampled_from(["word", "char", "subword"]))
def test_tokens_hold_no_space_and_do_not_care_about_spelling(text, language, unit):
    tokens = tokenize(text, language=language, unit=unit)
    assert all(token and not any(c.isspace() for c in token) for token in tokens)
    assert not any(unicodedata.category(token[0]) in UNSEEN for token in tokens)
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


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_cut_for_ascii_gives_the_same(text_of_ascii):
    """A combining joiner, which is dropped, sends the text the long way."""
    long_way = normalize_text(text_of_ascii + "\u034f")
    assert normalize_text(text_of_ascii) == long_way
    assert text._find_words(long_way) == text._find_words(long_way, text._TOKEN.findall)
    assert all(list(word) == text._CHARACTER.findall(word) for word in text._find_words(long_way))
