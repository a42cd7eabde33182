"""The builder of the animated emoji: what it picks, samples, stores and measures."""

import io
import zipfile

import _animated_frames as frames
import _animated_notes as notes
import numpy as np
import pytest
from _write import pack_zip
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image


def webp(pictures, **options):
    first, *rest = (Image.fromarray(picture) for picture in pictures)
    buffer = io.BytesIO()
    first.save(buffer, "WEBP", save_all=True, append_images=rest, lossless=True, **options)
    return buffer.getvalue()


@pytest.fixture
def moving(rng):
    return webp(rng.integers(0, 256, (3, 8, 8, 3), np.uint8))


def entry(hexcode, key):
    return {"hexcode": hexcode, "key": key}


def test_only_what_moves_is_found(moving, rng):
    entries = [entry("1F600", "1F600"), entry("1F601", "1F601"), entry("1F602", "1F602")]
    still = webp(rng.integers(0, 256, (1, 8, 8, 3), np.uint8))
    files = {"a/1f600.webp": moving, "a/1f601.webp": still}
    assert frames.find_moving(entries, files, r"a/([0-9a-f-]+)\.webp") == {0: moving}


def test_the_neutral_member_stands_for_its_concept():
    teacher = "1F9D1-1F3EB"
    entries = [
        entry("1F468-200D-1F3EB", teacher),  # a man
        entry("1F9D1-200D-1F3EB", teacher),
        entry("1F469-200D-1F3EB", teacher),  # a woman
        entry("1F93D-200D-2640-FE0F", "1F93D"),  # nobody neutral moves: the first stands
        entry("1F93D-200D-2642-FE0F", "1F93D"),
    ]
    chosen = frames.choose(entries, dict(enumerate("abcde")))
    assert chosen == {1: "b", 3: "d"}


@given(st.lists(st.sampled_from([0.02, 0.042, 0.1, 0.25]), min_size=1, max_size=40))
def test_samples_are_the_pictures_shown_at_even_times(seconds):
    """Against a clock that looks at the animation every sixteenth of its loop."""
    picked = frames.sample(np.array(seconds))
    starts = np.concatenate([[0], np.cumsum(seconds)[:-1]])
    for step, row in enumerate(picked):
        now = step * sum(seconds) / 16 + 1e-9
        assert row == max(i for i, start in enumerate(starts) if start <= now)
    assert picked[0] == 0
    assert (np.diff(picked) >= 0).all()


def test_animations_are_decoded_on_white_with_their_times():
    clear = Image.new("RGBA", (96, 96))
    dot = clear.copy()
    dot.paste((0, 0, 255, 255), (32, 32, 64, 64))
    buffer = io.BytesIO()
    dot.save(
        buffer, "WEBP", save_all=True, append_images=[clear], duration=[100, 300], lossless=True
    )
    pictures, seconds = frames.decode(buffer.getvalue())
    assert pictures.shape == (2, 48, 48, 3)
    assert pictures[0, 24, 24].tolist() == [0, 0, 255]
    assert (pictures[1] == 255).all(), "the dot does not stay behind"
    np.testing.assert_allclose(seconds, [0.1, 0.3])


def test_a_strip_keeps_every_frame_exactly_up_to_256_colours(rng):
    colours = rng.integers(0, 256, (200, 3), np.uint8)
    clip = colours[rng.integers(0, 200, (16, 48, 48))]
    clip[5] = clip[4]
    packed = frames.pack_strip(clip)
    assert packed == frames.pack_strip(clip)
    np.testing.assert_array_equal(frames.unpack_strip(packed), clip)


def test_with_more_colours_still_pixels_stay_still(rng):
    clip = rng.integers(0, 256, (16, 48, 48, 3), np.uint8)
    clip[:, :24] = clip[0, :24]
    shown = frames.unpack_strip(frames.pack_strip(clip))
    assert (shown[:, :24] == shown[0, :24]).all()
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= 256


def test_measures_of_a_clip_with_known_motion():
    """A white square turns black by 51 levels a frame, in a quarter of the picture."""
    pictures = np.full((6, 4, 4, 3), 255, np.uint8)
    for step in range(6):
        pictures[step, :2, :2] = 255 - 51 * step
    clip = pictures[[0, 1, 1, 5]]
    found = notes.measure(pictures, np.full(6, 0.5), clip, clip)
    assert found["motion"] == pytest.approx((51 + 0 + 204) / 3 / 4)
    assert found["still"] == 1
    assert found["moving_pixels"] == pytest.approx(2 / 3 / 4)
    assert found["source_step"] == pytest.approx(51 / 4)
    assert found["seam"] == pytest.approx(255 / 51)
    assert found["ink"] == 0
    assert found["error"] == 0
    assert found["seconds"] == 3


def test_twins_differ_in_colour_alone(rng):
    shape = np.full((16, 12, 12, 3), 255, np.uint8)
    shade = rng.integers(0, 120, (16, 6, 6))
    red, blue, other, small = (shape.copy() for _ in range(4))
    red[:, 3:9, 3:9, 1:] = shade[..., None]
    blue[:, 3:9, 3:9, :2] = shade[..., None]
    other[:, 3:9, 3:9] = rng.integers(0, 120, (16, 6, 6, 3))  # the silhouette alone
    small[:, 5:7, 5:7] = shade[:, :2, :2, None]
    assert notes.twins([red, other, blue, small]) == [[0, 2]]


def test_an_archive_is_the_same_bytes_on_any_day(monkeypatch):
    members = {"b.webp": b"two", "a.webp": b"one" * 99}
    packed = pack_zip(members)
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert pack_zip(dict(reversed(members.items()))) == packed
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert [info.compress_type for info in archive.infolist()] == [zipfile.ZIP_STORED] * 2
        assert archive.read("a.webp") == b"one" * 99
