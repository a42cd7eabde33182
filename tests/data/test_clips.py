"""Recorded sound: decoded on demand, the same whichever way you reach it, never in part."""

import copy
import io
import pickle
import zipfile

import numpy as np
import pytest
import soundfile

import mmtutorial as mm
from mmtutorial.data import AudioClips, DataError

RATE = 16000
LENGTHS = (RATE // 2, RATE, 12345, 2 * RATE + 1)


def tone(samples, pitch, *, channels=1):
    wave = 0.5 * np.sin(2 * np.pi * pitch * np.arange(samples) / RATE)
    return wave if channels == 1 else np.stack([wave] * channels, axis=1)


def opus(wave, rate=RATE):
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, rate, format="OGG", subtype="OPUS")
    return buffer.getvalue()


def pack(files, compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def waves():
    return [tone(length, 220 * (row + 1)) for row, length in enumerate(LENGTHS)]


@pytest.fixture(scope="module")
def files(waves):
    return {f"cs/{row}.opus": opus(wave) for row, wave in enumerate(waves)}


@pytest.fixture(scope="module")
def clips(files):
    """Rows 0 to 3 hold the tones, row 4 is absent."""
    seconds = [*(length / RATE for length in LENGTHS), 0]
    return AudioClips(pack(files), [*files, ""], seconds, source="speech.zip")


def one_clip(content, samples, name="a.opus"):
    return AudioClips(pack({name: content}), [name], [samples / RATE], source="speech.zip")


# What comes out


def test_a_clip_sounds_as_it_was_written(clips, waves):
    for row, wave in enumerate(waves):
        decoded = clips[row]
        assert decoded.dtype == np.float32
        assert decoded.shape == wave.shape
        body = slice(0, -100)  # the codec guesses what follows the last 5 milliseconds
        assert np.abs(decoded - wave)[body].max() < 0.1
        assert np.corrcoef(decoded, wave)[0, 1] > 0.99
        assert np.abs(decoded).max() <= 1


def test_loud_sound_stays_within_one():
    wave = np.sign(tone(RATE, 300)) * 1.0
    assert np.abs(one_clip(opus(wave), RATE)[0]).max() <= 1


def test_an_absent_clip_has_no_samples(clips):
    assert clips[4].shape == (0,)
    assert clips[4].dtype == np.float32
    assert clips.encoded(4) == b""
    assert clips.seconds[4] == 0


def test_seconds_are_those_of_the_decoded_clips(clips):
    assert clips.seconds.dtype == np.float32
    np.testing.assert_allclose(clips.seconds, [len(clip) / RATE for clip in clips], atol=1e-6)


def test_encoded_is_the_file_itself(clips, files):
    assert [clips.encoded(row) for row in range(4)] == list(files.values())


def test_nothing_is_decoded_before_it_is_asked_for(files, monkeypatch):
    calls = []
    monkeypatch.setattr(soundfile, "read", lambda *args, **options: calls.append(args))
    clips = AudioClips(pack(files), list(files), np.array(LENGTHS) / RATE)
    assert len(clips[1:][::-1].seconds) == 3
    assert repr(clips)
    assert calls == []


# Which rows come out


@pytest.mark.parametrize(
    "key",
    [
        slice(1, 3),
        slice(None, None, -1),
        slice(9, 99),
        [3, 0, 0],
        np.array([-1, 2]),
        np.array([True, False, True, False, True]),
        [],
    ],
    ids=str,
)
def test_rows_are_chosen_as_numpy_chooses_them(clips, key):
    sequential = list(clips)
    expected = np.arange(len(clips))[key]
    chosen = clips[key]
    assert isinstance(chosen, AudioClips)
    assert chosen.sample_rate == clips.sample_rate
    assert len(chosen) == len(expected)
    np.testing.assert_array_equal(chosen.seconds, clips.seconds[key])
    for clip, row in zip(chosen, expected, strict=True):
        np.testing.assert_array_equal(clip, sequential[row])


def test_a_choice_of_a_choice(clips):
    np.testing.assert_array_equal(clips[1:][[2, 0]][1], clips[1])


def test_random_access_equals_sequential(clips):
    sequential = list(clips)
    for row in (3, 0, 2, 0, -2):
        np.testing.assert_array_equal(clips[row], sequential[row])
    np.testing.assert_array_equal(clips[np.int64(2)], sequential[2])


@pytest.mark.parametrize("key", [5, -6, [7], np.array([True, False]), 1.0, "a"])
def test_rows_that_are_not_there(clips, key):
    with pytest.raises(IndexError):
        clips[key]


@pytest.mark.parametrize("key", [None, [[0, 1]], True])
def test_clips_have_one_axis(clips, key):
    with pytest.raises(TypeError, match="one axis"):
        clips[key]


def test_repr_says_how_much_there_is(clips):
    minutes = f"{sum(LENGTHS) / RATE / 60:.1f} minutes"
    assert repr(clips) == f"AudioClips(5 clips, 1 absent, {minutes} at 16000 Hz)"
    assert "absent" not in repr(clips[:2])


def test_a_split_holds_clips(clips):
    presence = {"speech": np.array([True] * 4 + [False])}
    targets = {"speaker": np.arange(5)}
    split = mm.data.Split({"speech": clips}, targets, presence=presence)
    assert "speech AudioClips(5 clips" in repr(split)


# Damage


def test_a_clip_cut_short_is_never_returned_in_part(files):
    """Cut anywhere, at a page's end too: an error that names the file and the repair."""
    whole = files["cs/3.opus"]
    pages = [at for at in range(len(whole)) if whole[at : at + 4] == b"OggS"]
    assert len(pages) >= 4
    cuts = sorted({*pages, *range(0, len(whole), 61), len(whole) - 1} - {len(whole)})
    for cut in cuts:
        with pytest.raises(DataError, match=r"a\.opus in speech\.zip is damaged.*To repair"):
            one_clip(whole[:cut], LENGTHS[3])[0]


def test_a_byte_changed_before_it_was_packed_is_noticed(files):
    """Ogg drops a page whose checksum is wrong; then samples are missing."""
    whole = files["cs/3.opus"]
    for at in range(3, len(whole), 211):
        changed = whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :]
        with pytest.raises(DataError, match=r"a\.opus in speech\.zip is damaged"):
            one_clip(changed, LENGTHS[3])[0]


def test_a_clip_of_another_length_is_refused(files):
    with pytest.raises(DataError, match="has 16000 samples, the index says 15999"):
        one_clip(files["cs/1.opus"], RATE - 1)[0]


def test_a_byte_changed_in_the_archive_is_noticed(files):
    """The ZIP's own checksum guards every member."""
    archive = pack(files)
    at = archive.index(files["cs/1.opus"]) + 2000
    archive = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
    clips = AudioClips(archive, list(files), np.array(LENGTHS) / RATE, source="speech.zip")
    assert len(clips[0]) == LENGTHS[0]
    with pytest.raises(DataError, match=r"cs/1\.opus in speech\.zip is damaged: Bad CRC"):
        clips[1]


@pytest.mark.parametrize("content", [b"", b"OggS", b"no sound at all" * 100], ids=len)
def test_what_is_no_sound_is_refused(content):
    with pytest.raises(DataError, match=r"a\.opus in speech\.zip is damaged"):
        one_clip(content, RATE)[0]


def test_another_rate_is_refused():
    with pytest.raises(DataError, match="48000 Hz, expected one at 16000 Hz"):
        one_clip(opus(tone(48000, 300), 48000), 48000)[0]


def test_stereo_is_refused():
    with pytest.raises(DataError, match=r"2 channel\(s\)"):
        one_clip(opus(tone(RATE, 300, channels=2)), RATE)[0]


@pytest.mark.parametrize("keep", [0, 10, 1000, -1])
def test_an_archive_cut_short(files, keep):
    with pytest.raises(DataError, match=r"speech\.zip is damaged"):
        AudioClips(pack(files)[:keep], [], [], source="speech.zip")


def test_an_archive_that_lacks_a_clip(files):
    with pytest.raises(DataError, match=r"speech\.zip lacks 'cs/9\.opus'"):
        AudioClips(pack(files), ["cs/9.opus"], [1], source="speech.zip")


# What one asks for in error


def test_names_and_seconds_go_together(files):
    archive = pack(files)
    with pytest.raises(ValueError, match="needs a name and its seconds"):
        AudioClips(archive, list(files), [1, 2])
    with pytest.raises(ValueError, match="row 1 has only one"):
        AudioClips(archive, ["cs/0.opus", "", "cs/1.opus"], [1, 1, 0])


def test_a_rate_and_lengths_that_cannot_be(files):
    archive = pack(files)
    for wrong, error in ((0, ValueError), (-1, ValueError), (16000.0, TypeError)):
        with pytest.raises(error, match=f"sample_rate must be .*, got {wrong}"):
            AudioClips(archive, ["cs/0.opus"], [1], sample_rate=wrong)
    for wrong, what in (
        (-1.0, "not be negative"),
        (np.nan, "hold finite"),
        (np.inf, "hold finite"),
    ):
        with pytest.raises(ValueError, match=f"seconds must {what}.*, got {wrong}"):
            AudioClips(archive, ["cs/0.opus"], [wrong])
    for wrong in (["a"], [None], [True]):
        with pytest.raises(TypeError, match="seconds must hold numbers, got"):
            AudioClips(archive, ["cs/0.opus"], wrong)


@pytest.mark.parametrize("wrong", ["speech.zip", None, 3])
def test_an_archive_is_bytes(wrong):
    with pytest.raises(TypeError, match="archive must be the bytes of a ZIP, got"):
        AudioClips(wrong, [], [])


@pytest.mark.parametrize("wrong", [None, "a", [None], [3], [["a"]], [b"cs/0.opus"]])
def test_names_are_strings(files, wrong):
    with pytest.raises(TypeError, match=r"names must be .*strings, got"):
        AudioClips(pack(files), wrong, [1])


@pytest.mark.parametrize("wrong", [1.0, "a", None, slice(2), True])
def test_one_row_is_asked_for_its_bytes(clips, wrong):
    with pytest.raises(TypeError, match="row must be a whole number, got"):
        clips.encoded(wrong)


# Copies


@pytest.mark.parametrize(
    "copy_of", [copy.deepcopy, lambda clips: pickle.loads(pickle.dumps(clips))]
)
def test_a_copy_holds_the_same_clips(clips, copy_of):
    for part in (clips, clips[[3, 4, 0]]):
        twin = copy_of(part)
        assert repr(twin) == repr(part)
        assert [twin.encoded(row) for row in range(len(part))] == [
            part.encoded(row) for row in range(len(part))
        ]
        np.testing.assert_array_equal(twin[0], part[0])
        np.testing.assert_array_equal(twin[1:].seconds, part.seconds[1:])


def test_a_split_of_clips_can_be_copied(clips):
    split = mm.data.Split({"speech": clips}, {"speaker": np.arange(5)})
    np.testing.assert_array_equal(copy.deepcopy(split).inputs["speech"][2], clips[2])


def test_what_can_be_no_clip_is_refused(files):
    archive = pack(files)
    with pytest.raises(ValueError, match="row must be one of 1 clips, got 7"):
        AudioClips(archive, [""], [0]).encoded(7)
    with pytest.raises(TypeError, match="source must be a text, got None"):
        AudioClips(archive, [""], [0], source=None)
    for options in ({"seconds": [1e38]}, {"seconds": [1], "sample_rate": 2**70}):
        with pytest.raises(ValueError, match="seconds times sample_rate must be at most"):
            AudioClips(archive, ["cs/0.opus"], **options)
