"""The reader's own words: what each model is asked, in English and in Chinese."""

import numpy as np
import pytest
from html_checks import Tags

import mmtutorial as mm
from mmtutorial.chapters.fusion.joining.live import OwnWords, own_words
from mmtutorial.tasks import EmojiTask, Recipe, build_model


@pytest.fixture(scope="module")
def own():
    """Models with the weights that they begin with: what is asked matters, not how well."""
    task = EmojiTask(keywords=2)
    recipe = Recipe(units=8)
    models = {name: build_model(task, name, recipe) for name in ("image", "text", "concat")}
    pictures = np.zeros((len(task.targets("validation")), 4, 4, 3), np.uint8)
    own = OwnWords(task, models, pictures)
    chinese = EmojiTask(keywords=2, language="zh")
    own._chinese = chinese, build_model(chinese, "text", recipe)
    return own


def test_each_half_sees_its_own_part_and_late_fusion_pools_them(own):
    one, other = (own.log_probabilities(3, words, 0.5) for words in ("face", "music"))
    np.testing.assert_array_equal(one["picture"], other["picture"])
    assert np.abs(one["words"] - other["words"]).max() > 1e-4
    assert np.abs(one["concat"] - other["concat"]).max() > 1e-4
    for name, weight in (("picture", 1.0), ("words", 0.0)):
        pooled = own.log_probabilities(3, "face", weight)["late fusion"]
        np.testing.assert_allclose(pooled, one[name], atol=1e-4)


@pytest.mark.parametrize("words", ["face,green", " face ; green ", "face、green", "face | green,"])
def test_words_are_separated_as_people_write_them(own, words):
    expected = own.log_probabilities(0, "face, green", 0.5)["words"]
    np.testing.assert_array_equal(own.log_probabilities(0, words, 0.5)["words"], expected)


def test_chinese_words_go_to_the_chinese_model_and_concatenation_is_silent(own):
    found = own.log_probabilities(0, "笑脸，绿色", 0.0)
    assert list(found) == ["picture", "words", "late fusion"]
    task, model = own._chinese
    ids = {"text": task.encode(["笑脸 | 绿色"])}
    np.testing.assert_allclose(found["words"], mm.tasks.predict_log_proba(model, ids)[0])
    np.testing.assert_allclose(found["late fusion"], found["words"], atol=1e-4)


@pytest.mark.parametrize("words", ["", "  ", " , ", "@@@", "㐂㐂"])
def test_words_that_say_nothing_get_a_sentence(own, words):
    with pytest.raises(ValueError, match=r"Type a word|try another word"):
        own.log_probabilities(0, words, 0.5)


def test_the_frame_names_the_emoji_and_escapes_the_words(own):
    tags = Tags(own.frame(0, "face <b>", 0.5)._repr_html_())
    assert tags.open == []
    assert tags.all("b") == []
    assert tags.all("img")[0]["alt"] == f"{own.names[0]}, with the words: face <b>"


def test_the_twin_holds_a_frame_for_each_emoji_and_word(own):
    figure = own_words(own, emoji=["rocket", "elevator"], words=["space", "tool", "face"])
    tags = Tags(figure._repr_mimebundle_()["text/html"])
    alts = [image["alt"] for image in tags.all("img")]
    assert alts[1] == "rocket, with the words: tool"
    assert alts[-1] == "elevator, with the words: face"
    assert len(alts) == 6


def test_an_emoji_that_is_not_there_is_refused(own):
    with pytest.raises(ValueError, match="validation split, got 'unicorns'"):
        own_words(own, emoji=["unicorns"], words=["space"])
