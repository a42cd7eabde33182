"""The stamps: what is missing is said, nothing meets across a split, what is odd is counted."""

import hashlib
import io
import itertools
import json
import re
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

import mmtutorial as mm
from mmtutorial.data import _files, _stamps_files, stamps

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def features():
    return mm.data.load_stamps(image="features")


@pytest.fixture(scope="module")
def everything():
    """All sixteen groups, in Chinese and Spanish, where the most is missing."""
    return mm.data.load_stamps(size=32, language="zh", speech="es", groups=stamps.GROUPS)


def sides(data):
    return [getattr(data, side) for side in SPLITS]


def together(data, read):
    return np.concatenate([read(split) for split in sides(data)])


# What is there, and what is not


def test_counts(features, everything):
    assert [len(split) for split in sides(features)] == pytest.approx([391, 130, 130], abs=2)
    assert sum(map(len, sides(features))) == 651
    assert sum(map(len, sides(everything))) == everything.card.counts["stamps"] == 950
    counts = features.card.counts
    assert counts["English captions"] == 950
    assert counts["Chinese captions"] == 747
    assert counts["French spoken captions"] == 925
    assert counts["Spanish spoken captions"] == 888
    assert counts["sounds"] == 130
    said = features.card.split
    groups = features.train.targets["group"]
    for code, name in enumerate(features.classes["group"]):
        assert said[name]["train"] == np.count_nonzero(groups == code)


@pytest.mark.parametrize("language", stamps.LANGUAGES)
@pytest.mark.parametrize("speech", stamps.SPOKEN)
def test_presence_is_what_is_there(language, speech):
    data = mm.data.load_stamps(image="features", language=language, speech=speech, fold=2)
    for split in sides(data):
        assert set(split.presence) == set(split.inputs) == {"image", "text", "speech", "sound"}
        np.testing.assert_array_equal(split.presence["text"], split.inputs["text"] != "")
        np.testing.assert_array_equal(split.inputs["text"], split.info[language])
        for name in ("speech", "sound"):
            there = [split.inputs[name].encoded(row) != b"" for row in range(len(split))]
            np.testing.assert_array_equal(split.presence[name], there)


def test_absent_and_present_recordings(everything):
    split = everything.test
    spoken = split.presence["speech"]
    assert 0 < spoken.sum() < len(split)
    assert split.inputs["speech"][int(np.flatnonzero(~spoken)[0])].shape == (0,)
    for name in ("speech", "sound"):
        rows = np.flatnonzero(split.presence[name])[:40]
        for row, wave in zip(rows, split.inputs[name][rows], strict=True):
            assert wave.dtype == np.float32
            assert len(wave) == pytest.approx(16000 * split.inputs[name].seconds[row])
            assert np.abs(wave).max() < 1
            assert np.sqrt(np.mean(wave**2)) > 0.01


def test_every_recording_decodes_to_its_length():
    """The index says how long each is; all 1,700, one archive after the other."""
    import soundfile

    entries = _stamps_files.catalogue()["entries"]
    listed = {
        "speech.zip": {tuple(clip) for entry in entries for clip in entry["speech"].values()},
        "sound.zip": {tuple(entry["sound"]) for entry in entries if entry["sound"]},
    }
    for archive, clips in listed.items():
        with zipfile.ZipFile(io.BytesIO(_files.read_file("stamps", archive))) as file:
            assert set(file.namelist()) == {name for name, _ in clips}
            for name, seconds in clips:
                found = soundfile.info(io.BytesIO(file.read(name)))
                assert (found.samplerate, found.channels) == (16000, 1)
                assert found.frames == round(seconds * 16000)


def test_speech_lasts_as_its_caption_does():
    """A recording of another caption would not fit: length and letters go together."""
    for language, least in (("fr", 0.8), ("es", 0.8)):
        data = mm.data.load_stamps(image="features", language=language, speech=language)
        spoken = together(data, lambda split: split.presence["speech"] & split.presence["text"])
        letters = np.char.str_len(together(data, lambda split: split.inputs["text"]))[spoken]
        seconds = together(data, lambda split: split.inputs["speech"].seconds)[spoken]
        assert np.corrcoef(letters, seconds)[0, 1] > least


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_features_are_those_of_the_captions(language):
    """Zeros where there is no caption, which half of the Chinese symbols lack."""
    options = {"image": "features", "language": language, "groups": stamps.GROUPS, "fold": 3}
    words, numbers = (mm.data.load_stamps(text=text, **options) for text in ("words", "features"))
    vectors = mm.data.load_word_vectors()
    for told, given in zip(sides(words), sides(numbers), strict=True):
        there, found = told.presence["text"], given.inputs["text"]
        np.testing.assert_array_equal(given.presence["text"], there)
        np.testing.assert_array_equal(found.any(axis=1), there)
        np.testing.assert_array_equal(found[there], vectors.encode(told.inputs["text"][there]))
        assert (found.dtype, found.shape) == (np.float32, (len(told), vectors.dim))
        np.testing.assert_array_equal(given.info["zh"], told.info["zh"])
    assert numbers.card.source == (*words.card.source, *vectors.card.source)
    assert numbers.card.licence == "GPL-2.0-only, MIT"


@pytest.mark.parametrize("language", ["fr", "es"])
def test_no_features_of_captions_that_were_not_encoded(language):
    with pytest.raises(ValueError, match=rf"^language='{language}': text features were made of"):
        mm.data.load_stamps(text="features", language=language)
    with pytest.raises(ValueError, match=r"^text must be one of \('words', 'features'\)"):
        mm.data.load_stamps(text="vectors", language=language)


def test_a_white_picture_is_no_picture(everything):
    for split in sides(everything):
        darkest = split.inputs["image"].min(axis=(1, 2, 3))
        np.testing.assert_array_equal(split.presence["image"], darkest < 250)
    white = together(everything, lambda split: split.info["path"][~split.presence["image"]])
    assert white.tolist() == ["naturalforces/lightningbolt"]


def test_one_owl():
    data = mm.data.load_stamps(groups=["animals"])
    split = next(split for split in sides(data) if "animals/birds/owl" in split.info["path"])
    row = split.info["path"].tolist().index("animals/birds/owl")
    assert split.inputs["text"][row] == "An owl."
    assert split.info["zh"][row] == "猫头鹰。"
    assert split.presence["speech"][row]
    image = split.inputs["image"][row]
    assert image.shape == (128, 128, 3)
    assert (image[:4, :4] > 250).all()  # on white
    assert image[40:90, 40:90].mean() < 250


def test_captions_are_plain(everything):
    for code in stamps.LANGUAGES:
        for caption in together(everything, lambda split, code=code: split.info[code]):
            assert caption == " ".join(caption.split())
            assert caption.isprintable()
    english = together(everything, lambda split: split.info["en"])
    assert (english != "").all()
    chinese = together(everything, lambda split: split.info["zh"])
    assert all(re.search("[\u4e00-\u9fff]", caption) for caption in chinese if caption)


def test_a_lion_is_no_onion(everything):
    """Some Chinese captions name something else; they are left out, not handed on."""
    paths = together(everything, lambda split: split.info["path"])
    chinese = dict(zip(paths, together(everything, lambda split: split.info["zh"]), strict=True))
    assert chinese["animals/mammals/cats/lion"] == ""
    assert chinese["animals/mammals/cats/tiger"] == "老虎。"
    assert "lion: onion" in " ".join(everything.card.flaws)


# The split


@pytest.mark.parametrize("fold", stamps.FOLDS)
def test_nothing_is_on_two_sides(fold):
    groups = stamps.GROUPS
    data = mm.data.load_stamps(fold=fold, groups=groups)
    spanish = mm.data.load_stamps(image="features", speech="es", fold=fold, groups=groups)
    seen = [set() for _ in SPLITS]
    for side, split in enumerate(sides(data)):
        clips = {"fr": split.inputs["speech"], "sound": split.inputs["sound"]}
        clips["es"] = sides(spanish)[side].inputs["speech"]
        for row in range(len(split)):
            for code in stamps.LANGUAGES:
                caption = re.sub(r"\W+", " ", split.info[code][row].casefold()).strip()
                seen[side].add((code, re.sub(r"^(an?|the|une?|una?|el|la|le) ", "", caption)))
            image = split.inputs["image"][row]
            seen[side].add(image.tobytes())
            seen[side].add(np.ascontiguousarray(image[:, ::-1]).tobytes())
            for name, kind in clips.items():
                seen[side].add((name, hashlib.sha256(kind.encoded(row)).digest()))
    empty = hashlib.sha256(b"").digest()
    nothing = {(code, "") for code in stamps.LANGUAGES}
    nothing |= {(name, empty) for name in ("fr", "es", "sound")}
    assert seen[0] & seen[1] <= nothing
    assert seen[0] & seen[2] <= nothing
    assert seen[1] & seen[2] <= nothing


@pytest.mark.parametrize("fold", stamps.FOLDS)
def test_a_cluster_lies_on_one_side_and_one_caption_in_one_cluster(fold):
    splits, found = sides(mm.data.load_stamps(image="features", fold=fold)), {}
    clusters = [set(split.info["cluster"].tolist()) for split in splits]
    assert len(set.union(*clusters)) == sum(map(len, clusters))
    for split, code in itertools.product(splits, stamps.LANGUAGES):
        for caption, cluster in zip(split.info[code], split.info["cluster"], strict=True):
            assert not caption or found.setdefault((code, caption), cluster) == cluster


def test_every_stamp_is_tested_once_and_validates_the_fold_before():
    tests, validations = [], []
    for fold in stamps.FOLDS:
        data = mm.data.load_stamps(image="features", fold=fold)
        tests.append(set(data.test.info["path"]))
        validations.append(set(data.validation.info["path"]))
        assert not set(data.train.info["path"]) & (tests[-1] | validations[-1])
    assert sum(map(len, tests)) == len(set.union(*tests)) == 651
    assert validations == tests[1:] + tests[:1]


def test_folds_are_even(features):
    for row in features.card.split.values():
        assert row["test"] == pytest.approx(sum(row.values()) / 5, abs=4)


# Pictures


def test_sizes_are_means():
    large, small = mm.data.load_stamps(), mm.data.load_stamps(size=32)
    blocks = large.test.inputs["image"].reshape(-1, 32, 4, 32, 4, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(small.test.inputs["image"], blocks, atol=1.1)


def test_features_belong_to_their_pictures(features):
    """The nearest other features show the same thing: a caption twice, in any of its pictures."""
    data = mm.data.load_stamps(image="features", groups=["animals"])
    split = data.train
    paths = split.info["path"].tolist()
    one, other = paths.index("animals/mammals/equines/zebra"), None
    rows = split.inputs["image"] / np.linalg.norm(split.inputs["image"], axis=1, keepdims=True)
    order = np.argsort(-rows @ rows[one])
    other = [paths[row].rsplit("/", 1)[-1] for row in order[1:4]]
    assert "zebra2" in other


def test_features_see_no_test_row(monkeypatch, features):
    """Other pictures on the test side must not move the training rows."""
    wide = _stamps_files.read_features()
    names = [entry["path"] for entry in _stamps_files.catalogue()["entries"]]
    wide[[names.index(path) for path in features.test.info["path"]]] *= -7
    monkeypatch.setattr(stamps, "read_features", lambda: wide)
    again = mm.data.load_stamps(image="features")
    np.testing.assert_array_equal(again.train.inputs["image"], features.train.inputs["image"])
    assert not np.allclose(again.test.inputs["image"], features.test.inputs["image"])


def test_emoji_features_lie_where_those_of_the_emoji_do():
    """The PCA of the emoji keeps distances: of its directions, as good as none is lost."""
    data = mm.data.load_stamps(image="emoji-features")
    emoji = mm.data.load_emoji(image="features").train.inputs["image"]
    seen = data.train.inputs["image"]
    assert seen.shape == (len(data.train), 256)
    assert 0.3 < seen.std() / emoji.std() < 3
    with np.load(io.BytesIO(_files.read_file("emoji", "pca.npz")), allow_pickle=False) as stored:
        directions = stored["directions"].astype(float)
    np.testing.assert_allclose(directions.T @ directions, np.eye(256), atol=2e-3)  # float16


def test_emoji_features_are_the_same_in_every_fold():
    first, second = (
        {
            path: row
            for split in sides(mm.data.load_stamps(image="emoji-features", fold=fold))
            for path, row in zip(split.info["path"], split.inputs["image"].tolist(), strict=True)
        }
        for fold in (0, 3)
    )
    assert first == second


def test_features_are_shorter_where_rows_are_few():
    data = mm.data.load_stamps(image="features", groups=["space", "people"])
    rows = len(data.train)
    assert data.train.inputs["image"].shape == (rows, rows - 1)
    assert data.classes["group"] == ("people", "space")


def logistic(train, test, classes, *, strength):
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=3000).fit(train, classes)
    return model.predict_log_proba(test)


def test_reference_scores_over_five_folds():
    """Both modalities say something, and the two together more: logistic regression, test folds."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    right = {"image": [], "text": [], "late": []}
    for fold in stamps.FOLDS:
        data = mm.data.load_stamps(image="features", fold=fold)
        known = [data.train, data.validation]
        truth = np.concatenate([split.targets["group"] for split in known])
        images = np.concatenate([split.inputs["image"] for split in known])
        scale = images.std()
        words = np.concatenate([split.inputs["text"] for split in known])
        grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        said = {
            "image": logistic(
                images / scale, data.test.inputs["image"] / scale, truth, strength=0.1
            ),
            "text": logistic(
                grams.fit_transform(words),
                grams.transform(data.test.inputs["text"]),
                truth,
                strength=10,
            ),
        }
        said["late"] = said["image"] + said["text"]
        for name, scores in said.items():
            right[name].extend(scores.argmax(axis=1) == data.test.targets["group"])
    means = {name: np.mean(hits) for name, hits in right.items()}
    assert 0.65 < means["image"] < 0.75
    assert 0.50 < means["text"] < 0.62
    assert means["late"] > max(means["image"], means["text"]) + 0.03


# Errors


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"image": "photo"}, "image must be one of ('pixels', 'features', 'emoji-features'), got"),
        ({"size": 48}, "size must be one of (128, 64, 32), got 48"),
        ({"size": 64, "image": "features"}, "size=64: features were made"),
        ({"language": "de"}, "language must be one of ('en', 'zh', 'fr', 'es'), got 'de'"),
        ({"speech": "zh"}, "speech must be one of ('en', 'fr', 'es'), got 'zh'"),
        ({"fold": 5}, "fold must be one of (0, 1, 2, 3, 4), got 5"),
        ({"fold": True}, "fold must be one of (0, 1, 2, 3, 4), got True"),
        ({"groups": ["cars"]}, "groups[0] must be one of ('animals', "),
        ({"groups": []}, "groups needs at least one name"),
        ({"groups": ["naturalforces"]}, "is empty: fold 0 has no stamp of groups"),
        (
            {"groups": ["naturalforces"], "fold": 2, "image": "features"},
            "image='features' needs at least two training rows for its PCA, got 1",
        ),
    ],
)
def test_options_say_what_they_take(option, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        mm.data.load_stamps(**option)


def test_groups_are_names_in_a_sequence():
    with pytest.raises(TypeError, match="groups must be a sequence of names"):
        mm.data.load_stamps(groups="food")


@pytest.mark.parametrize(
    "name", ["stamps.json", "images.webp", "features.npz", "speech.zip", "sound.zip"]
)
def test_a_damaged_file_is_named(name, monkeypatch, tmp_path):
    copy = tmp_path / "stamps"
    shutil.copytree(_files.FOLDER / "stamps", copy)
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setattr(_files, "FOLDER", tmp_path)
    image = "features" if name == "features.npz" else "pixels"
    _stamps_files.catalogue.cache_clear()
    try:
        with pytest.raises(mm.data.DataError, match=re.escape(name) + " is damaged.*To repair"):
            mm.data.load_stamps(image=image)
    finally:
        _stamps_files.catalogue.cache_clear()


# What was shipped


def test_the_licence_and_its_terms_are_there():
    text = (_files.FOLDER / "stamps" / "LICENSE-GPL-2.txt").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 2, June 1991" in text
    readme = (_files.FOLDER / "stamps" / "README.md").read_text(encoding="utf-8")
    for words in ("tuxpaint-stamps=2022.06.04-1", "apt-get source", "What was changed, in"):
        assert words in readme


def test_the_files_are_small():
    files = list((_files.FOLDER / "stamps").iterdir())
    assert sum(path.stat().st_size for path in files) <= 8_000_000


def test_the_sheet_has_a_tile_for_every_entry():
    sheet = Image.open(io.BytesIO(_files.read_file("stamps", "images.webp")))
    data = json.loads(_files.read_file("stamps", "stamps.json"))
    rows = -(-len(data["entries"]) // data["columns"])
    assert sheet.size == (data["columns"] * 128, rows * 128)
    assert [entry["path"] for entry in data["entries"]] == sorted(
        entry["path"] for entry in data["entries"]
    )
