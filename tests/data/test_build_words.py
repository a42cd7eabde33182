"""The builder of the word vectors: what the PCA may see, what is encoded, what rounding costs."""

import io
import json

import _word_encoder as encoder
import _word_notes as notes
import _word_prompts as prompts
import build_word_vectors as build
import numpy as np
import pytest

from mmtutorial.data import _files


def entry(split, english, chinese, group="objects"):
    return {
        "split": split,
        "group": group,
        "keywords": {"en": english[:-1], "zh": chinese[:-1]},
        "name": {"en": english[-1], "zh": chinese[-1]},
    }


ENTRIES = [
    entry("train", ["dog", "pet"], ["狗", "宠物"]),
    entry("train", ["AC", "flag"], ["AC", "旗"], group="flags"),
    entry("validation", ["cat", "pet"], ["猫", "宠物"]),
    entry("test", ["cow", "milk"], ["牛", "奶"]),
]


def shipped_entries():
    return json.loads(_files.read_file("emoji", "emoji.json"))["entries"]


# What is encoded


def test_the_pca_sees_words_of_training_emoji_without_flags():
    assert notes.training_words(ENTRIES) == sorted(["dog", "pet", "狗", "宠物"])


def test_the_pca_of_the_shipped_emoji_sees_no_word_that_only_the_test_has():
    entries = shipped_entries()
    seen = set(notes.training_words(entries))
    training = {
        word
        for each in entries
        if each["split"] == "train"
        for language in notes.LANGUAGES
        for word in notes.words_of(each, language)
    }
    assert seen <= training
    assert len(seen) > 6000


def test_texts_are_words_prompts_and_captions_each_once():
    stamps = [{"captions": {"en": "A dog.", "zh": ""}}, {"captions": {"en": "dog", "zh": "狗。"}}]
    words, captions = build.gather_texts(ENTRIES, stamps)
    assert captions == ["A dog.", "狗。"]  # "dog" is a word already
    assert {"dog", "AC", "牛", "a picture of a bird"} <= set(words)
    assert words == sorted(set(words))
    assert not set(words) & set(captions)


def test_words_are_counted_by_the_first_side_that_has_them():
    assert notes.count_words(ENTRIES) == {
        "English": {"train": 4, "validation": 1, "test": 2},
        "Chinese": {"train": 4, "validation": 1, "test": 2},
    }


def test_what_was_encoded_is_not_encoded_again(tmp_path):
    asked = []

    def encode(texts):
        asked.extend(texts)
        return np.array([[len(text), 1] for text in texts], np.float32)

    memory = tmp_path / "deep" / "words.npz"
    first = encoder.encode_all(["狗", "dog"], memory, lambda: encode)
    again = encoder.encode_all(["dog", "horse", "狗"], memory, lambda: encode)
    assert asked == ["狗", "dog", "horse"]
    np.testing.assert_array_equal(first, [[1, 1], [3, 1]])
    np.testing.assert_array_equal(again, [[3, 1], [5, 1], [1, 1]])

    def refuse():
        raise AssertionError("nothing is missing, so no encoder is needed")

    encoder.encode_all(["horse"], memory, refuse)


def test_an_interruption_keeps_what_was_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(encoder, "BATCH", 1)
    monkeypatch.setattr(encoder, "SAVED", 2)
    calls = []

    def encode(texts):
        calls.append(texts)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return np.zeros((1, 2), np.float32)

    memory = tmp_path / "words.npz"
    with pytest.raises(KeyboardInterrupt):
        encoder.encode_all(["a", "b", "c", "d"], memory, lambda: encode)
    with np.load(memory, allow_pickle=False) as stored:
        assert stored["texts"].tolist() == ["a", "b"]


# The numbers


def test_pca_against_the_singular_values(rng, monkeypatch):
    monkeypatch.setattr(build, "SIZE", 3)
    rows = rng.normal(size=(200, 6)) * [9, 5, 3, 1, 0.5, 0.1]
    mean, directions, variances = build.fit_pca(rows)
    _, values, vectors = np.linalg.svd(rows - rows.mean(axis=0))
    np.testing.assert_allclose(np.abs(directions), np.abs(vectors[:3].T), atol=1e-9)
    np.testing.assert_allclose(variances, values**2 / 199)
    np.testing.assert_allclose(mean, rows.mean(axis=0))
    assert (directions[np.abs(directions).argmax(axis=0), range(3)] > 0).all()


def test_rounding_costs_what_was_asked_for(rng, monkeypatch):
    monkeypatch.setattr(build, "SIZE", 4)
    rows = rng.normal(size=(20_000, 4)) * [4, 3, 2, 1]
    step = build.choose_step(rows.var(axis=0))
    lost = ((np.rint(rows / step) * step - rows) ** 2).sum(axis=1).mean()
    assert lost / rows.var(axis=0).sum() == pytest.approx(build.ROUNDING, rel=0.05)


def test_packed_arrays_are_the_same_bytes_each_time():
    parts = {"words": np.asfortranarray(np.arange(6, dtype=np.int8).reshape(2, 3))}
    assert build.pack(parts) == build.pack(parts)
    with np.load(io.BytesIO(build.pack(parts)), allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["words"], parts["words"])


def test_levels_of_the_shipped_file_fit_their_type():
    """A level beyond -128..127 would have wrapped around to the other sign."""
    with np.load(io.BytesIO(_files.read_file("word_vectors", "vectors.npz"))) as stored:
        for name in ("words", "captions"):
            assert stored[name].dtype == np.int8
            assert np.abs(stored[name].astype(int)).max() < 100


def test_translation_is_measured_among_names(monkeypatch):
    """Words of test emoji are asked, and names of all emoji answer."""
    entries = [
        entry("train", ["dog", "dog"], ["狗", "狗"]),
        entry("test", ["cat", "kitty"], ["猫", "猫"]),
    ]
    vectors = {"dog": [1, 0], "狗": [1, 0.1], "cat": [0, 1], "kitty": [0, 1], "猫": [0.1, 1]}
    vectors = {word: np.array(numbers) for word, numbers in vectors.items()}
    monkeypatch.setattr(notes, "NEAREST", 1)
    assert notes.translated(entries, vectors, source="en", target="zh") == 1
    vectors["cat"] = np.array([1, 0])
    assert notes.translated(entries, vectors, source="en", target="zh") == 0


def test_nearest_names_leave_the_word_itself_and_flags_out():
    vectors = {"pet": [1, 0], "milk": [1, 0.2], "flag": [1, 0.1], "cat": [0, 1], "狗": [0, 1]}
    vectors = {word: np.array(numbers, float) for word, numbers in vectors.items()}
    entries = [*ENTRIES, entry("test", ["meow", "cat"], ["猫", "猫"])]
    assert notes.nearest_names(entries, vectors, "pet", count=2) == ["milk", "cat"]


def test_centring_takes_each_language_s_training_mean_away():
    vectors = {
        word: np.array([float(len(word)), 1.0 if word.isascii() else -1.0])
        for each in ENTRIES
        for language in notes.LANGUAGES
        for word in notes.words_of(each, language)
    }
    moved = notes.centred_by_language(ENTRIES, vectors)
    np.testing.assert_allclose(moved["dog"] + moved["pet"], 0)
    np.testing.assert_allclose(moved["狗"] + moved["宠物"], 0)
    np.testing.assert_allclose(moved["milk"] - moved["cow"], [1, 0])


# Names


def test_every_class_has_a_name_in_both_languages():
    names = {each[key] for each in shipped_entries() for key in ("group", "subgroup")}
    stamps = json.loads(_files.read_file("stamps", "stamps.json"))["entries"]
    assert set(prompts.NAMES) == names | {each["group"] for each in stamps}
    for english, chinese in prompts.NAMES.values():
        assert english.isascii()
        assert all("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_a_prompt_begins_with_the_bare_name():
    assert len(prompts.all_prompts()) == 12 * len(prompts.NAMES)
    for templates in prompts.TEMPLATES.values():
        assert templates[0] == "{}"
        assert all(template.count("{}") == 1 for template in templates)


def test_the_shipped_words_are_what_the_builder_would_gather():
    """The shipped emoji and stamps, and the shipped words, cannot drift apart."""
    stamps = json.loads(_files.read_file("stamps", "stamps.json"))["entries"]
    words, captions = build.gather_texts(shipped_entries(), stamps)
    assert json.loads(_files.read_file("word_vectors", "words.json"))["words"] == words
    assert json.loads(_files.read_file("word_vectors", "captions.json")) == captions
