import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.preprocessing import tag_sequence, tokenize
from mmtutorial.preprocessing.tags import UNIVERSAL


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("the small cat sleeps on a sofa", "DET ADJ NOUN VERB ADP DET NOUN"),
        ("she quickly gave him two old books", "PRON ADV VERB PRON NUM ADJ NOUN"),
        ("the dogs bark loudly", "DET NOUN VERB ADV"),  # "bark" alone is a noun
        ("bark", "NOUN"),
        ("red and blue , please !", "ADJ CONJ ADJ PUNCT VERB PUNCT"),
        ("he wants to go", "PRON VERB PRT VERB"),
        ("blorfing zib", "VERB NOUN"),  # words of no dictionary: the ending decides
        ("3 o'clock", "NUM ADV"),
    ],
)
def test_english_sentences(sentence, expected):
    assert tag_sequence(sentence.split()) == expected.split()


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("小猫 在 睡觉", "NOUN ADP VERB"),
        ("我 爱 北京", "PRON VERB NOUN"),
        (
            "两 只 小狗 和 三 只 小猫",
            "NUM ADV NOUN CONJ NUM ADV NOUN",
        ),  # 只: "only", here a measure
        ("它 的 红色 沙发 ， 好", "PRON PRT NOUN NOUN PUNCT ADJ"),
        ("大笑的脸", "NOUN"),  # jieba would cut it; the last part is a face
        ("ok blorf", "X X"),
    ],
)
def test_chinese_sentences(sentence, expected):
    assert tag_sequence(sentence.split(), language="zh") == expected.split()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_nothing_comes_nothing(language):
    assert tag_sequence([], language=language) == []


def test_it_goes_with_the_tokenizer():
    assert tag_sequence(tokenize("Grinning Face")) == ["VERB", "NOUN"]
    words = tokenize("我爱小猫", language="zh")
    assert tag_sequence(words, language="zh") == ["PRON", "VERB", "NOUN"]


@given(st.lists(st.text(min_size=1).filter(str.strip), max_size=6), st.sampled_from(["en", "zh"]))
def test_every_token_gets_one_tag(tokens, language):
    tags = tag_sequence(tokens, language=language)
    assert len(tags) == len(tokens)
    assert set(tags) <= set(UNIVERSAL)


@given(st.text("，。！?.,;:()「」", min_size=1, max_size=4), st.sampled_from(["en", "zh"]))
def test_punctuation_is_punctuation(mark, language):
    assert tag_sequence(["猫", mark, "cat"], language=language)[1] == "PUNCT"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_emoji_and_symbols_are_no_words(language):
    assert tag_sequence(tokenize("❤️ 👩🏽‍💻 ♪ 🇨🇳"), language=language) == ["X"] * 4
    assert tag_sequence(["+", "$"], language=language) == ["X"] * 2


def test_one_apostrophe_finds_the_word_in_the_lexicon():
    assert tag_sequence(tokenize("3 O’clock")) == ["NUM", "ADV"]


def test_it_says_what_is_wrong():
    with pytest.raises(ValueError, match=r"language must be one of \('en', 'zh'\), got 'cs'"):
        tag_sequence(["kočka"], language="cs")
    with pytest.raises(TypeError, match="got a plain string; tokenize first"):
        tag_sequence("a cat")
    with pytest.raises(ValueError, match="must be strings that are not empty, got ' ' at 1"):
        tag_sequence(["a", " "])
    with pytest.raises(TypeError, match="tokens must be strings, got 3 at 0"):
        tag_sequence([3])
    for wrong in (None, 3, {"a": 1}, {"cat"}):
        with pytest.raises(TypeError, match="tokens must be a list of words, got"):
            tag_sequence(wrong)


def test_chinese_needs_no_english_tagger():
    code = (
        "import sys; from mmtutorial.preprocessing import tag_sequence\n"
        "tag_sequence(['猫'], language='zh'); assert 'nltk' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
