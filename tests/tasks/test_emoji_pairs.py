"""Pairs of drawings and words: what is drawn, what is one thing, and what each number is."""

import numpy as np
import pytest
from tolerance import assert_close

from mmtutorial import data
from mmtutorial.tasks._ngrams import HashedNgrams
from mmtutorial.tasks.emoji_pairs import AUGMENTED_COPIES, BUCKETS, LENGTH, EmojiPairs

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def pairs():
    return EmojiPairs(languages=("en", "zh"), keywords=2)


@pytest.fixture(scope="module")
def ngrams():
    return EmojiPairs(text="ngrams", languages=("en", "zh"))


def test_no_concept_of_a_search_was_trained_and_the_artist_is_new(pairs):
    ids = {split: set(pairs.ids(split)) for split in SPLITS}
    assert not ids["train"] & ids["test"]
    assert not ids["validation"] & ids["test"]
    artists = {split: set(pairs.datasets["en"].train.targets["artist"]) for split in SPLITS}
    assert not artists["train"] & set(pairs.datasets["en"].test.targets["artist"])
    assert len(pairs.ids("test")) == 382


def test_each_language_tells_of_the_same_drawing(pairs):
    for split in SPLITS:
        english, chinese = (getattr(pairs.datasets[each], split) for each in ("en", "zh"))
        np.testing.assert_array_equal(english.info["hexcode"], chinese.info["hexcode"])
        np.testing.assert_array_equal(english.targets["concept"], chinese.targets["concept"])


def test_the_name_is_the_first_keyword_unless_names_are_left_out(pairs):
    first = pairs.words("test", language="zh")[0].split(" | ")
    info = pairs.datasets["zh"].test.info
    assert first == [info["name"][0], *info["keywords"][0].split(" | ")]
    without = EmojiPairs(names=False)
    np.testing.assert_array_equal(
        without.words("test", language="en"), without.datasets["en"].test.info["keywords"]
    )


def test_words_and_languages_are_drawn_anew_in_each_epoch_and_for_each_seed(pairs):
    (first, ids), (second, again) = (pairs.draw_epoch(epoch, seed=0) for epoch in (0, 1))
    other, _ = pairs.draw_epoch(0, seed=1)
    same, _ = pairs.draw_epoch(0, seed=0)
    np.testing.assert_array_equal(first["text"], same["text"])
    np.testing.assert_array_equal(ids, again)
    for different in (second, other):
        assert np.mean(np.all(first["text"] == different["text"], axis=1)) < 0.1
    np.testing.assert_array_equal(first["image"], second["image"])  # features are not augmented


def test_a_row_of_an_epoch_is_of_its_own_drawing_in_one_of_its_languages(pairs):
    drawn = pairs.draw_epoch(3, seed=1)[0]["text"]
    each = [
        pairs.encode(pairs.words("train", language=language, seed=1003), language=language)
        for language in ("en", "zh")
    ]
    equal = np.array([np.all(drawn == part, axis=1) for part in each])
    assert equal.any(axis=0).all()
    assert 0.4 < equal[1].mean() < 0.6


def test_texts_and_images_have_the_same_mean_length(pairs):
    both = EmojiPairs(text="both")
    text = both.inputs("train", language="en")["text"]
    for part in (pairs.images("train"), text[:, :256], text[:, 256:]):
        assert_close(np.sqrt(np.mean(np.sum(part**2, axis=1))), LENGTH, steps=part.size)


def test_features_are_the_scaled_mean_of_the_words_vectors(pairs):
    found = pairs.encode(["cat | dog"], language="en")[0]
    vectors = data.load_word_vectors().encode(["cat", "dog"])
    assert_close(found, vectors.mean(axis=0) / pairs.text_scales["features"], steps=4)


def test_a_new_word_shares_ngrams_with_known_ones_and_has_no_vector(pairs, ngrams):
    cat, cats, moon = ngrams.encode(["catlike", "catlikes", "moon"], language="en")
    assert cat @ cats > 5 * (cat @ moon)
    with pytest.raises(ValueError, match="no vector for 'catlikes'"):
        pairs.encode(["catlikes"], language="en")


def test_hashed_ngrams_are_counted_by_hand():
    from zlib import crc32

    found = HashedNgrams(64, "en").mean(["cat | at"])
    expected = np.zeros(64)
    for word in (["cat", "<ca", "cat", "at>"], ["at", "<at", "at>"]):
        for piece in word:
            expected[crc32(f"en {piece}".encode()) % 64] += 0.5 / np.sqrt(len(word))
    assert_close(found[0], expected, steps=8)
    assert HashedNgrams(8, "zh").mean([]).shape == (0, 8)


def test_each_emoji_has_one_caption_however_many_drew_it(pairs):
    captions = pairs.captions("validation", language="zh")
    info = pairs.datasets["zh"].validation.info
    assert len(captions.texts) == len(set(info["hexcode"])) == len(captions.vectors)
    assert set(captions.ids) == set(pairs.ids("validation"))
    test = pairs.captions("test", language="en")
    np.testing.assert_array_equal(test.ids, pairs.ids("test"))  # the test artist drew each once
    np.testing.assert_array_equal(test.vectors, pairs.inputs("test", language="en")["text"])


def test_pixels_are_turned_in_four_ways_in_training_alone():
    pixels = EmojiPairs(image="pixels", text="ngrams", artists=("noto",))
    plain, turned = pixels.images("train"), pixels.draw_epoch(5, seed=0)[0]["image"]
    assert plain.shape[1:] == (32, 32, 3)
    assert 0 <= turned.min() < turned.max() <= 1
    assert np.abs(plain - turned).mean() > 0.01
    again = pixels.images("train", augment=5 + AUGMENTED_COPIES)
    np.testing.assert_array_equal(turned, again)
    assert pixels.inputs("test", language="en")["text"].shape == (382, BUCKETS)


def test_a_search_sees_no_test_row(pairs):
    hidden = pairs.without_test()
    assert len(hidden.ids("test")) == 0
    assert len(pairs.ids("test")) == 382
    assert len(hidden.ids("validation")) == len(pairs.ids("validation"))


def test_wrong_options_are_named():
    with pytest.raises(ValueError, match=r"languages\[1\] must be one of .*'fr'"):
        EmojiPairs(languages=("en", "fr"))
    with pytest.raises(TypeError, match="languages must be a list of languages, got 'en'"):
        EmojiPairs(languages="en")
    with pytest.raises(ValueError, match="text must be one of"):
        EmojiPairs(text="words")
