"""The dialogues loader: nothing decoded early, nothing recordings on two sides, clear errors."""

import shutil
from collections import Counter

import numpy as np
import pytest
import soundfile

import mmtutorial as mm
from mmtutorial.data import DataError, _files, dialogues

SPLITS = ("train", "validation", "test")
CZECH = set("aábcčdďeéěfghiíjklmnňoópqrřsštťuúůvwxyýzž")
DUTCH = set("abcdefghijklmnopqrstuvwxyzéëïèêóöü")


@pytest.fixture(scope="module")
def both():
    return mm.data.load_dialogues()


@pytest.fixture(scope="module")
def unheard():
    return mm.data.load_dialogues(test="speaker")


def sides(data):
    return [getattr(data, side) for side in SPLITS]


def letters(text):
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def speakers(data, side):
    return set(getattr(data, side).info["speaker"].tolist())


# What is there


@pytest.mark.parametrize("test", dialogues.TESTS)
@pytest.mark.parametrize("language", [None, "cs", "nl"])
def test_every_row_has_a_sound_a_transcript_and_english(language, test):
    data = mm.data.load_dialogues(language=language, test=test)
    for split in sides(data):
        assert len(split) > 40
        assert set(split.inputs) == {"speech", "text", "translation"}
        assert split.inputs["speech"].sample_rate == 16000
        assert split.inputs["speech"].seconds.min() > 0.3
        assert split.inputs["speech"].seconds.max() <= 6.0
        assert split.presence is None
        for name in ("text", "translation"):
            assert split.inputs[name].dtype.kind == "U"
            assert all(map(letters, split.inputs[name]))


def test_counts(both):
    rows = {side: len(getattr(both, side)) for side in SPLITS}
    assert 3000 < sum(rows.values()) < 3300
    shares = {side: count / sum(rows.values()) for side, count in rows.items()}
    assert shares == pytest.approx({"train": 0.70, "validation": 0.12, "test": 0.18}, abs=0.03)
    assert both.card.counts["clips"] == sum(rows.values())
    assert sum(sum(row.values()) for row in both.card.split.values()) == sum(rows.values())


def test_one_language_is_a_part_of_both(both):
    parts = [mm.data.load_dialogues(language=language) for language in ("cs", "nl")]
    for side in SPLITS:
        assert sum(len(getattr(part, side)) for part in parts) == len(getattr(both, side))
    for code, part in enumerate(parts):
        for split, whole in zip(sides(part), sides(both), strict=True):
            chosen = whole.targets["language"] == code
            assert set(split.targets["language"]) == {code}
            np.testing.assert_array_equal(split.inputs["text"], whole.inputs["text"][chosen])
            row = len(split) // 2
            np.testing.assert_array_equal(
                split.inputs["speech"][row], whole.inputs["speech"][chosen][row]
            )


def test_transcripts_are_written_in_their_language():
    for language, alphabet in (("cs", CZECH), ("nl", DUTCH)):
        data = mm.data.load_dialogues(language=language)
        used = Counter(
            "".join(t for s in sides(data) for t in s.inputs["text"].tolist()).casefold()
        )
        assert {letter for letter in used if letter.isalpha()} <= alphabet
        assert not any(letter.isdigit() for letter in used)
        assert not set(used) & set("%\\/_")


def test_codes_have_names(both):
    for split in sides(both):
        assert set(split.targets) == set(both.classes) == {"role", "level", "language"}
        for target, names in both.classes.items():
            assert split.targets[target].min() >= 0
            assert split.targets[target].max() < len(names)


def test_known_lines(both):
    lines = {}
    for split in sides(both):
        for row, name in enumerate(split.info["id"].tolist()):
            lines[both.classes["language"][split.targets["language"][row]], name] = (
                split.inputs["text"][row],
                split.inputs["translation"][row],
                both.classes["role"][split.targets["role"][row]],
                split.info["speaker"][row],
                both.classes["level"][split.targets["level"][row]],
            )
    english = "What kind of strange ship is that?"
    assert lines["cs", "let-m-divna"] == (
        *("Co je to za divnou loď?", english, "small fish", "cs small fish", "airplane"),
    )
    assert lines["nl", "let-m-divna"] == (
        *("Wat is dit voor raar schip?", english, "small fish", "nl small fish", "airplane"),
    )


def test_every_clip_can_be_heard(both):
    """Some of each side, decoded: as long as the index says, neither silent nor overdriven."""
    for split in sides(both):
        clips = split.inputs["speech"][::29]
        for clip, seconds in zip(clips, clips.seconds, strict=True):
            assert len(clip) == round(seconds * 16000)
            assert 0.02 < np.sqrt(np.mean(clip**2)) < 0.5


def test_sound_keeps_all_its_frequencies(both):
    """A codec at too low a rate would drop what lies above 4 kHz, where the sibilants are."""
    shares = []
    for clip in both.test.inputs["speech"][::11]:
        power = np.abs(np.fft.rfft(clip)) ** 2
        shares.append(power[len(power) // 2 :].sum() / power.sum())
    assert np.median(shares) > 1e-3


def test_big_fish_is_lower_than_small_fish(both):
    """Roles are who speaks: by the pitch that autocorrelation finds."""
    from _dialogues_sound import pitch

    for language in (0, 1):
        found = {}
        for code, role in enumerate(both.classes["role"][:2]):
            split = both.train
            rows = np.flatnonzero(
                (split.targets["role"] == code) & (split.targets["language"] == language)
            )
            found[role] = np.nanmedian([pitch(clip) for clip in split.inputs["speech"][rows[::20]]])
        assert found["small fish"] > 1.3 * found["big fish"]


# What leaks


def test_no_level_is_on_two_sides(both):
    levels = [set(split.targets["level"].tolist()) for split in sides(both)]
    assert len(set.union(*levels)) == sum(map(len, levels))


def test_both_languages_of_a_level_are_on_one_side():
    where = {}
    for language in ("cs", "nl"):
        data = mm.data.load_dialogues(language=language)
        for side in SPLITS:
            for level in set(getattr(data, side).targets["level"].tolist()):
                where.setdefault(level, set()).add(side)
    assert all(len(found) == 1 for found in where.values())


@pytest.mark.parametrize("test", dialogues.TESTS)
@pytest.mark.parametrize("name", ["text", "translation"])
def test_no_sentence_is_on_two_sides(test, name):
    data = mm.data.load_dialogues(test=test)
    for language in (0, 1) if name == "text" else (slice(None),):
        found = []
        for split in sides(data):
            here = np.isin(split.targets["language"], np.arange(2)[language])
            found.append({letters(text) for text in split.inputs[name][here].tolist()})
        assert len(set.union(*found)) == sum(map(len, found))


@pytest.mark.parametrize("test", dialogues.TESTS)
def test_no_recording_is_there_twice(test):
    data = mm.data.load_dialogues(test=test)
    clips = [split.inputs["speech"] for split in sides(data)]
    sounds = [part.encoded(row) for part in clips for row in range(len(part))]
    assert len(set(sounds)) == len(sounds)


def test_the_tested_speakers_are_unheard(unheard):
    train, validation, test = (speakers(unheard, side) for side in SPLITS)
    assert train == {"cs small fish", "cs small fish 2", "nl small fish"}
    assert test == {"cs big fish", "cs big fish 2", "nl big fish"}
    assert validation & train == {"nl small fish"}
    assert not validation & test
    assert "cs both" not in validation


def test_czech_validation_speakers_are_unheard():
    data = mm.data.load_dialogues(language="cs", test="speaker")
    assert not speakers(data, "validation") & speakers(data, "train")
    assert len(speakers(data, "validation")) > 10


def test_both_fish_are_on_every_side_of_the_level_split(both):
    for split in sides(both):
        for language in (0, 1):
            rows = split.targets["language"] == language
            counts = np.bincount(split.targets["role"][rows], minlength=3)
            assert counts[:2].min() > 0.3 * rows.sum()


# Loading


def test_nothing_is_decoded(monkeypatch):
    monkeypatch.setattr(soundfile, "read", lambda *args, **options: pytest.fail("decoded"))
    dialogues._index.cache_clear()
    mm.data.load_dialogues()


def test_two_loads_are_equal():
    first, second = (mm.data.load_dialogues(language="nl").test for _ in range(2))
    np.testing.assert_array_equal(first.inputs["text"], second.inputs["text"])
    np.testing.assert_array_equal(first.inputs["speech"][3], second.inputs["speech"][3])


def test_short_clips_can_be_chosen(both):
    short = mm.data.load_dialogues(max_seconds=2)
    for split, whole in zip(sides(short), sides(both), strict=True):
        chosen = whole.inputs["speech"].seconds <= 2
        assert 0 < chosen.sum() < len(whole)
        np.testing.assert_array_equal(split.info["id"], whole.info["id"][chosen])
    assert len(mm.data.load_dialogues(max_seconds=6.0).train) == len(both.train)


# Options and damage


@pytest.mark.parametrize("language", ["en", "CS", "", 1, ("cs", "nl")])
def test_unknown_language(language):
    with pytest.raises((TypeError, ValueError), match=r"language must be one of \('cs', 'nl'\), g"):
        mm.data.load_dialogues(language=language)


def test_unknown_test():
    with pytest.raises(ValueError, match=r"test must be one of .*'speaker'\), got 'artist'"):
        mm.data.load_dialogues(test="artist")


@pytest.mark.parametrize("given", [0, -1, float("nan")])
def test_max_seconds_is_positive(given):
    with pytest.raises(ValueError, match="max_seconds must be above 0"):
        mm.data.load_dialogues(max_seconds=given)


@pytest.mark.parametrize("given", ["2", True, [2]])
def test_max_seconds_is_a_number(given):
    with pytest.raises(TypeError, match="max_seconds must be a number"):
        mm.data.load_dialogues(max_seconds=given)


def test_a_limit_that_leaves_nothing():
    with pytest.raises(ValueError, match=r"is empty: .*max_seconds=0.1"):
        mm.data.load_dialogues(max_seconds=0.1)


def test_options_are_keywords():
    with pytest.raises(TypeError):
        mm.data.load_dialogues("cs")


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the data set that may be damaged."""
    shutil.copytree(_files.FOLDER / "dialogues", tmp_path / "dialogues")
    monkeypatch.setattr(_files, "FOLDER", tmp_path)
    dialogues._index.cache_clear()
    yield tmp_path / "dialogues"
    dialogues._index.cache_clear()


@pytest.mark.parametrize("name", ["dialogues.json", "speech.zip", "SHA256SUMS"])
def test_a_missing_file(copied, name):
    (copied / name).unlink()
    with pytest.raises(DataError, match=f"{name}.* To repair"):
        mm.data.load_dialogues()


@pytest.mark.parametrize("name", ["dialogues.json", "speech.zip"])
def test_a_damaged_file(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(DataError, match=f"{name} is damaged.* To repair"):
        mm.data.load_dialogues()


def test_the_folder_says_whose_it_is():
    folder = _files.FOLDER / "dialogues"
    assert "GNU GENERAL PUBLIC LICENSE" in (folder / "LICENSE-GPL-2.txt").read_text(
        encoding="utf-8"
    )
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "fillets-ng-data-cs | 1.0.1-1.1 | GPL-2.0-only" in readme
    assert "apt-get source" in readme
    assert mm.data.load_dialogues().card.licence == "GPL-2.0-only"
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert size < 12.6e6
