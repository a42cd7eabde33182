"""Finding in clips of one's own: every way to hand one over, one sentence for each failure."""

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image

import mmtutorial as mm
from mmtutorial.applications.grounding import WordTable
from mmtutorial.applications.video import FrameGrounder, VideoGrounder, find, shipped
from mmtutorial.applications.video.found import Finder, Found, read_frames
from mmtutorial.data.dataset import DataError

RNG = np.random.default_rng(0)
FRAMES = np.repeat(np.arange(10, 250, 24, dtype=np.uint8), 12 * 20 * 3).reshape(10, 12, 20, 3)


@cache
def untrained():
    """Return a finder with weights that know nothing."""
    frames, words = FrameGrounder(8, filters=(4, 4, 4), depth=0), ["red", "dog"]
    frames.build({"image": (None, 64, 64, 3), "text": (None, 1, 6)})
    video = VideoGrounder(width=4, hidden=8, num_layers=1)
    video.build((None, 16, 8, 8, 3))
    return Finder(frames, video, WordTable(words, RNG.normal(size=(2, 8))), 0.0, 0.0)


def gif(frames, **options):
    pictures, file = [Image.fromarray(frame) for frame in frames], io.BytesIO()
    options = {"duration": 100, **options}
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], **options)
    return file.getvalue()


def strip(frames):
    file = io.BytesIO()
    Image.fromarray(np.concatenate(list(frames), axis=1)).save(file, "PNG")
    return file.getvalue()


def test_a_clip_of_any_size_is_found_in_its_own_pixels():
    found = untrained().find(FRAMES, "a red dog")
    assert found.words == ["red", "dog"]
    assert found.unknown == []
    assert found.boxes.shape == (16, 4)
    assert found.map.shape == (16, 8, 8)
    assert (found.boxes >= 0).all()
    assert (found.boxes <= [12, 20, 12, 20]).all()
    assert found.appears
    assert found.visible.all()
    assert 0 <= found.score <= 1
    assert set(found.answers) == {"direction", "speed", "order"}
    assert found.spans == [(0.0, 9.0)]


def test_bytes_and_floats_are_the_same_clip():
    one, other = (untrained().find(each, "dog") for each in (FRAMES, FRAMES / 255))
    assert np.allclose(one.map, other.map, atol=1e-5)


def test_a_file_is_looked_at_in_equal_steps_of_time(tmp_path):
    path = tmp_path / "clip.gif"
    path.write_bytes(gif(FRAMES, duration=[700] + [100] * 9))
    frames, moments = read_frames(path)
    assert np.allclose(moments, np.arange(16) / 16 * 1.6)
    assert frames.shape == (16, 12, 20, 3)
    assert np.abs(frames[:7].astype(int) - FRAMES[0]).max() < 8  # shown for 0.7 seconds
    assert np.abs(frames[7].astype(int) - FRAMES[1]).max() < 8  # at 0.7 seconds exactly


def test_a_film_strip_of_squares_is_taken_apart():
    squares = FRAMES[:, :, :12]
    frames, moments = read_frames(strip(squares))
    assert np.array_equal(frames[0], squares[0])
    assert np.array_equal(frames[-1], squares[-1])
    assert moments[[0, -1]].tolist() == [0, 9]


@pytest.mark.parametrize(
    ("clip", "error", "message"),
    [
        (FRAMES[:1], ValueError, "clip must have at least 2 frames, got 1"),
        (FRAMES[0], ValueError, "clip must have shape"),
        (np.zeros((3, 4, 4, 2), np.uint8), ValueError, "1 or 3 channels"),
        (b"", ValueError, "empty"),
        (b"not a picture", ValueError, "picture"),
        (gif(FRAMES)[:-200], ValueError, "cannot be read|damaged"),
        (gif(FRAMES, duration=9000), ValueError, "at most 60 seconds, got 90"),
        (strip(FRAMES[:1]), ValueError, "still picture of 20 x 12 pixels"),
        ("no such file.gif", FileNotFoundError, "no such file"),
    ],
)
def test_what_is_no_clip_gets_one_sentence(clip, error, message):
    with pytest.raises(error, match=message) as caught:
        untrained().find(clip, "dog")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "zzz qqq", "the of"])
def test_a_text_without_a_known_word_is_refused(text):
    with pytest.raises(ValueError, match="text must hold a word that the model knows"):
        untrained().find(FRAMES, text)
    with pytest.raises(TypeError, match="text must be"):
        untrained().find(FRAMES, 3)


def test_runs_of_frames_are_told_apart():
    visible = np.array([c == "1" for c in "0110000000000011"])
    found = Found(
        "dog", 0.9, True, np.arange(16) / 2, visible, np.zeros((16, 4)), np.zeros((16, 8, 8)),
        {}, ["dog"], [],
    )  # fmt: skip
    assert found.spans == [(0.5, 1.0), (7.0, 7.5)]
    assert repr(found) == "Found('dog' appears, score 0.90, seen 0.5 to 1, 7 to 7.5)"


def test_a_clip_of_few_frames_has_one_box_for_each_of_them():
    found = untrained().find(FRAMES[:3], "dog")
    assert sorted(set(found.times)) == [time for time, _ in found.moments] == [0, 1, 2]


def test_of_one_frame_at_several_moments_the_surest_counts():
    times, sure = np.array([0.0, 0.0, 1.0, 1.0, 1.0]), [0.6, 0.9, 0.8, 0.7, 0.95]
    boxes = np.arange(20.0).reshape(5, 4)
    visible = np.array([True, True, True, True, False])
    maps = np.zeros((5, 8, 8))
    maps[:, 3, 4] = sure
    found = Found("dog", 0.95, True, times, visible, boxes, maps, {}, ["dog"], [])
    assert found.moments == [(0.0, tuple(boxes[1])), (1.0, tuple(boxes[2]))]


def test_what_is_stored_finds_the_same_again(tmp_path):
    finder = untrained()
    shipped.save_frames(tmp_path / "frames.npz", finder.frames, finder.words, 6)
    shipped.save_video(tmp_path / "video.npz", finder.video, 0.0, 0.0)
    again = shipped.load_finder(tmp_path)
    one, other = (each.find(FRAMES, "red dog") for each in (finder, again))
    assert np.allclose(one.map, other.map, atol=0.02)  # half precision, and words of bytes
    assert (tmp_path / "SHA256SUMS").exists()
    path = tmp_path / "video.npz"
    path.write_bytes(path.read_bytes()[:-9])
    shipped._load.cache_clear()
    with pytest.raises(DataError, match="is damaged"):
        shipped.load_finder(tmp_path)


def test_the_shipped_models_are_small():
    files = list(shipped.FOLDER.iterdir())
    assert {path.name for path in files} == {"SHA256SUMS", "frames.npz", "video.npz"}
    assert sum(path.stat().st_size for path in files) < 1e6


def test_the_shipped_models_find_a_moving_emoji_that_they_have_never_seen():
    """One emoji of the test split crosses plain paper: it is found where it is."""
    clip = mm.data.load_animated_emoji().test
    row = list(clip.info["name"]).index("rocket") if "rocket" in clip.info["name"] else 40
    frames = np.full((16, 64, 64, 3), (150, 190, 150), np.uint8)
    small = mm.preprocessing.resize_image(clip.inputs["video"][row], 28)
    frames[:, 18:46, 30:58] = small
    found = find(frames, clip.inputs["text"][row].replace(" | ", " "))
    middle = found.boxes[:, [0, 1]] + found.boxes[:, [2, 3]]
    assert np.abs(middle.mean(axis=0) / 2 - [32, 44]).max() < 10
