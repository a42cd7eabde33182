"""Moving pictures: decoded on demand, exactly as they were drawn, never in part."""

import copy
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import mmtutorial as mm
from mmtutorial.data import DataError, VideoClips

SIZE = (6, 10)  # not square, so that swapped axes show
FRAMES = (3, 1, 4, 3)


def drawing(frames, seed):
    return np.random.default_rng(seed).integers(0, 256, (frames, *SIZE, 3), np.uint8)


def webp(picture, **options):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", lossless=True, **options)
    return buffer.getvalue()


def strip(clip):
    return webp(np.concatenate(list(clip), axis=1))


def pack(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def drawings():
    return [drawing(frames, seed) for seed, frames in enumerate(FRAMES)]


@pytest.fixture(scope="module")
def files(drawings):
    return {f"{row}.webp": strip(clip) for row, clip in enumerate(drawings)}


@pytest.fixture(scope="module")
def clips(files):
    """Rows 0 to 3 hold the drawings, row 4 is absent."""
    seconds = [0.1, 0.2, 0.3, 0.4, 0]
    return VideoClips(pack(files), [*files, ""], [*FRAMES, 0], seconds, size=SIZE, source="v.zip")


def one_clip(content, frames=3):
    return VideoClips(
        pack({"a.webp": content}), ["a.webp"], [frames], [0.1], size=SIZE, source="v.zip"
    )


# What comes out


def test_a_clip_is_pixel_for_pixel_what_was_drawn(clips, drawings):
    for row, clip in enumerate(drawings):
        assert clips[row].dtype == np.uint8
        np.testing.assert_array_equal(clips[row], clip)


def test_equal_frames_stay_apart():
    """Formats made for animations merge them; a frame that is shown twice must come out twice."""
    still = np.repeat(drawing(1, 0), 3, axis=0)
    np.testing.assert_array_equal(one_clip(strip(still))[0], still)


def test_an_absent_clip_has_no_frames(clips):
    assert clips[4].shape == (0, *SIZE, 3)
    assert clips.encoded(4) == b""
    assert clips.frames[4] == 0


def test_what_the_index_says_costs_no_decoding(clips, files, monkeypatch):
    monkeypatch.setattr(Image, "open", None)
    np.testing.assert_array_equal(clips.frames, [*FRAMES, 0])
    np.testing.assert_array_equal(clips[1:3].frame_seconds, [0.2, 0.3])
    assert clips[[2, 0]].encoded(0) == files["2.webp"]
    assert repr(clips) == "VideoClips(5 clips, 1 absent of 6 x 10 pixels, 11 frames)"


@given(
    st.lists(st.integers(-5, 4)) | st.slices(5) | st.lists(st.booleans(), min_size=5, max_size=5)
)
def test_rows_are_chosen_as_numpy_chooses_them(clips, key):
    expected = np.arange(5)[key]
    chosen = clips[key]
    assert isinstance(chosen, VideoClips)
    np.testing.assert_array_equal(chosen.frames, clips.frames[expected])
    np.testing.assert_array_equal(chosen.frame_seconds, clips.frame_seconds[expected])
    for clip, row in zip(chosen, expected, strict=True):
        np.testing.assert_array_equal(clip, clips[int(row)])


def test_what_it_hands_out_cannot_change_it(clips):
    clips.frames[0] = 99
    clips.frame_seconds[0] = 99
    assert clips.frames[0] == FRAMES[0]
    assert clips.frame_seconds[0] == 0.1


def test_array_stacks_clips_of_one_length(clips, drawings):
    both = clips.array([3, 0])
    np.testing.assert_array_equal(both, [drawings[3], drawings[0]])
    np.testing.assert_array_equal(clips[[3, 0]].array(), both)
    np.testing.assert_array_equal(clips.array(2), [drawings[2]])
    assert clips.array([]).shape == (0, 0, *SIZE, 3)


def test_array_refuses_clips_of_several_lengths(clips):
    with pytest.raises(ValueError, match="rows must be of as many frames each, got 0 to 4"):
        clips.array()
    for wrong in ("a", [10**6], [[0], [0, 1]], [0.5]):
        with pytest.raises(ValueError, match=r"rows must be among \d+ rows, got"):
            clips.array(wrong)


def test_a_split_holds_clips(clips):
    split = mm.data.Split({"video": clips}, {"group": np.arange(5)})
    assert "video VideoClips(5 clips" in repr(split)
    np.testing.assert_array_equal(split.take([2]).inputs["video"].frames, [4])


# Damage


def test_a_clip_cut_short_is_never_returned_in_part(files):
    whole = files["0.webp"]
    for cut in range(0, len(whole) - 1, 7):
        with pytest.raises(DataError, match=r"a\.webp in v\.zip is damaged.*To repair"):
            one_clip(whole[:cut])[0]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no picture at all" * 20], ids=len)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(DataError, match=r"a\.webp in v\.zip is damaged: it is no picture"):
        one_clip(content)[0]


def test_another_kind_of_picture_is_refused():
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(list(drawing(3, 0)), axis=1)).save(buffer, "PNG")
    with pytest.raises(DataError, match="it is no picture"):
        one_clip(buffer.getvalue())[0]


def test_another_number_of_frames_is_refused(files):
    with pytest.raises(DataError, match=r"1 picture\(s\) of 30 x 6 pixels, expected one of 40 x 6"):
        one_clip(files["0.webp"], frames=4)[0]


def test_an_animation_is_no_strip(drawings):
    wide = [np.concatenate(list(drawing(3, seed)), axis=1) for seed in (0, 1)]
    animation = webp(wide[0], save_all=True, append_images=[Image.fromarray(wide[1])])
    with pytest.raises(DataError, match=r"2 picture\(s\) of 30 x 6"):
        one_clip(animation)[0]


def test_a_byte_changed_in_the_archive_is_noticed(files):
    archive = bytearray(pack(files))
    archive[archive.index(files["1.webp"]) + 30] ^= 1
    clips = VideoClips(bytes(archive), list(files), FRAMES, [0.1] * 4, size=SIZE, source="v.zip")
    assert len(clips[0]) == 3
    with pytest.raises(DataError, match=r"1\.webp in v\.zip is damaged: Bad CRC"):
        clips[1]


def test_an_archive_without_a_clip_is_refused(files):
    with pytest.raises(DataError, match=r"v\.zip lacks '9\.webp'"):
        VideoClips(pack(files), ["9.webp"], [3], [0.1], size=SIZE, source="v.zip")


@pytest.mark.parametrize(
    ("frames", "seconds", "message"),
    [
        ([3], [0.1, 0.1], "every clip needs a name, frames and frame_seconds"),
        ([3, 0], [0.1, 0.1], "frames where it has a name, but not row 1"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(files, frames, seconds, message):
    with pytest.raises(ValueError, match=message):
        VideoClips(pack(files), ["0.webp", "1.webp"], frames, seconds, size=SIZE)


def test_a_copy_holds_the_same_clips(clips):
    twin = copy.deepcopy(clips[1:])
    assert repr(twin) == repr(clips[1:])
    np.testing.assert_array_equal(twin[0], clips[1])
    np.testing.assert_array_equal(twin.frames, clips.frames[1:])


@pytest.mark.parametrize(
    ("frames", "seconds", "message"),
    [
        (-1, 0.1, "frames must not be negative, got -1"),
        (3, np.nan, "frame_seconds must hold finite numbers, got nan"),
        (3, -0.1, "frame_seconds must not be negative, got -0.1"),
    ],
)
def test_frames_that_cannot_be_are_refused(files, frames, seconds, message):
    with pytest.raises(ValueError, match=message):
        VideoClips(pack(files), ["0.webp"], [frames], [seconds], size=SIZE)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"size": 48}, TypeError, "size must be a tuple of whole numbers, got 48"),
        ({"size": None}, TypeError, "size must be a tuple of whole numbers, got None"),
        ({"size": (48,)}, ValueError, r"size must be \(height, width\), got \(48,\)"),
        ({"size": (48, 48, 3)}, ValueError, r"size must be \(height, width\)"),
        ({"size": (48, 0)}, ValueError, r"size\[1\] must be at least 1, got 0"),
        ({"size": (48, True)}, TypeError, r"size\[1\] must be a whole number, got True"),
        ({"size": {4, 6}}, TypeError, "size must be a tuple of whole numbers"),
        ({"frames": [10**6]}, ValueError, "frames times the width in size must be at most 16383"),
        ({"frames": [2.9]}, TypeError, "frames must hold whole numbers, got float64"),
        ({"frames": ["3"]}, TypeError, "frames must hold whole numbers"),
        ({"frame_seconds": [None]}, TypeError, "frame_seconds must hold numbers"),
        ({"frame_seconds": [[0.1], [0.1, 0.2]]}, ValueError, "frame_seconds must be one array"),
    ],
)
def test_what_describes_a_clip_is_checked_by_its_name(files, options, error, message):
    good = {"frames": [3], "frame_seconds": [0.1], "size": SIZE}
    with pytest.raises(error, match=message):
        VideoClips(pack(files), ["0.webp"], **{**good, **options})
