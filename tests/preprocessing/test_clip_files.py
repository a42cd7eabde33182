"""Moving pictures against frames put together pixel by pixel, from files made by hand."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_makers import apng, chunk, encoded, gif, png
from PIL import Image

from mmtutorial.preprocessing import Clip, read_clip, read_image, resize_image, sample_frames

SIZE = (6, 7)


def rng_of(seed):
    return np.random.default_rng(seed)


def shades(*grey, kind="GIF", **options):
    """An animation of plain pictures, written by Pillow."""
    pictures = [Image.new("RGB", SIZE[::-1], (shade,) * 3) for shade in grey]
    more = {"lossless": True} if kind == "WEBP" else {}
    return encoded(pictures[0], kind, save_all=True, append_images=pictures[1:], **options, **more)


def composed(frames, size, *, draw, clear):
    """The specification in words, pixel by pixel: ``draw(pixel, below)``, then the disposal.

    ``frames`` are (pixels, left, top, disposal), a disposal of 2 clears and 3 restores.
    """
    height, width = size
    canvas = [[clear] * width for _ in range(height)]
    shown = []
    for pixels, left, top, disposal in frames:
        before = [list(row) for row in canvas]
        for y, row in enumerate(pixels):
            for x, pixel in enumerate(row):
                if top + y < height and left + x < width:
                    canvas[top + y][left + x] = draw(pixel, canvas[top + y][left + x])
        shown.append([list(row) for row in canvas])
        if disposal == 3:
            canvas = before
        elif disposal == 2:
            for y in range(top, min(top + len(pixels), height)):
                for x in range(left, min(left + len(pixels[0]), width)):
                    canvas[y][x] = clear
    return shown


# --- GIF


@st.composite
def gif_frames(draw):
    """Frames as `gif` takes them; the first one does not reach over the canvas."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = rng_of(seed)
    frames = []
    for i in range(draw(st.integers(1, 5))):
        left, top = (draw(st.integers(0, side - 1)) for side in SIZE[::-1])
        width = draw(st.integers(1, SIZE[1] - left + (i > 0)))
        height = draw(st.integers(1, SIZE[0] - top + (i > 0)))
        indices = rng.integers(0, 6, (height, width))
        own = rng.integers(0, 256, (256, 3), np.uint8) if draw(st.booleans()) else None
        control = draw(st.sampled_from([None, 0, 1, 2, 7, 50]))
        disposal, transparent = 0, None
        if control is not None:
            disposal = draw(st.integers(0, 3))
            transparent = draw(st.none() | st.integers(0, 6))
        frames.append((indices, left, top, control, disposal, transparent, own))
    return frames


PALETTES = {
    "colours": rng_of(1).integers(0, 256, (256, 3), np.uint8),
    "gray": np.arange(256, dtype=np.uint8)[:, None].repeat(3, axis=1),  # Pillow drops this one
}


@given(gif_frames(), st.sampled_from(list(PALETTES)))
def test_gif_frames_are_put_together_as_specified(frames, name):
    palette = PALETTES[name]
    stored = []
    for indices, left, top, _, disposal, transparent, own in frames:
        table = palette if own is None else own
        pixels = [
            [None if index == transparent else tuple(table[index].tolist()) for index in row]
            for row in indices.tolist()
        ]
        stored.append((pixels, left, top, disposal))
    expected = composed(
        stored, SIZE, draw=lambda pixel, below: below if pixel is None else pixel,
        clear=(255, 255, 255),
    )  # fmt: skip
    content = gif(frames, SIZE, palette)
    clip = read_clip(content)
    np.testing.assert_array_equal(clip.frames, expected)
    np.testing.assert_array_equal(read_image(content), expected[0])
    seconds = [0.1 if control in (None, 0, 1) else control / 100 for *_, control, _, _, _ in frames]
    if len(frames) > 1:
        np.testing.assert_allclose(clip.times, np.cumsum([0, *seconds[:-1]]), atol=1e-12)
        assert clip.duration == pytest.approx(sum(seconds))


def test_a_disposal_holds_for_its_own_frame_only():
    """Pillow keeps one until another is named."""
    full, dot = np.zeros(SIZE, int), np.full((1, 1), 1)
    frames = [(full, 0, 0, 10, 0, None, None), (dot, 0, 0, 10, 2, None, None),
              (dot, 1, 0, 10, 0, None, None), (dot, 2, 0, 10, 0, None, None)]  # fmt: skip
    palette = np.array([[10, 20, 30], [200, 0, 0]] + [[0, 0, 0]] * 254, np.uint8)
    last = read_clip(gif(frames, SIZE, palette)).frames[-1]
    np.testing.assert_array_equal(last[0, :4], [[255] * 3, palette[1], palette[1], palette[0]])


def test_a_gif_whose_canvas_is_smaller_than_its_first_frame_grows():
    indices = rng_of(0).integers(0, 256, SIZE)
    clip = read_clip(gif([(indices, 0, 0, 10, 0, None, None)], (0, 0), PALETTES["colours"]))
    np.testing.assert_array_equal(clip.frames[0], PALETTES["colours"][indices])


@pytest.mark.parametrize("end", [b"", b"\0", b"!\xf9\x04"])
def test_a_gif_without_its_end_is_refused_not_shorter(end):
    """Cut between two frames, it looks whole to most readers."""
    frames = [(np.zeros(SIZE, int), 0, 0, 10, 0, None, None)] * 3
    with pytest.raises(ValueError, match=r"damaged or breaks off .*get the file again"):
        read_clip(gif(frames, SIZE, PALETTES["gray"], end=end))
    with pytest.raises(ValueError, match=r"it holds no picture|damaged"):
        read_clip(gif([], SIZE, PALETTES["gray"]))
    behind = gif(frames, SIZE, PALETTES["gray"], end=b";junk")
    assert len(read_clip(behind).frames) == 3


# --- APNG


@st.composite
def apng_frames(draw):
    """Frames as `apng` takes them: RGBA or RGB, the first one covers all."""
    rng = rng_of(draw(st.integers(0, 2**32 - 1)))
    channels = draw(st.sampled_from([3, 4]))
    frames = []
    for i in range(draw(st.integers(2, 5))):
        left, top = (draw(st.integers(0, side - 1)) if i else 0 for side in SIZE[::-1])
        width = draw(st.integers(1, SIZE[1] - left)) if i else SIZE[1]
        height = draw(st.integers(1, SIZE[0] - top)) if i else SIZE[0]
        samples = rng.integers(0, 256, (height, width, channels))
        if channels == 4:
            samples[..., 3] = rng.choice([0, 90, 255], (height, width))
        time, unit = draw(st.sampled_from([(1, 10), (1, 30), (0, 100), (7, 0), (1, 200)]))
        disposal, blend = draw(st.integers(0, 2)), draw(st.integers(0, 1))
        frames.append((samples, left, top, time, unit, disposal, blend))
    return frames, "rgba" if channels == 4 else "rgb"


def over(pixel, below):
    """Alpha compositing of (red, green, blue, alpha), which are not premultiplied."""
    share, rest = pixel[3] / 255, below[3] / 255 * (1 - pixel[3] / 255)
    if share + rest == 0:
        return (0, 0, 0, 0)
    mixed = (np.array(pixel[:3]) * share + np.array(below[:3]) * rest) / (share + rest)
    return (*mixed, 255 * (share + rest))


@given(apng_frames(), st.booleans())
@settings(max_examples=60)
def test_apng_frames_are_put_together_as_specified(drawn, has_still):
    frames, kind = drawn
    stored = []
    for samples, left, top, *_, disposal, blend in frames:
        rgba = np.full((*samples.shape[:2], 4), 255)
        rgba[..., : samples.shape[2]] = samples
        pixels = [[(tuple(pixel), blend) for pixel in row] for row in rgba.tolist()]
        stored.append((pixels, left, top, disposal + 1))
    states = composed(
        stored, SIZE, draw=lambda new, below: over(new[0], below) if new[1] else new[0],
        clear=(0, 0, 0, 0),
    )  # fmt: skip
    states = np.array(states)
    alpha = states[..., 3:] / 255
    expected = states[..., :3] * alpha + 255 * (1 - alpha)
    still = rng_of(5).integers(0, 256, (*SIZE, len(kind))) if has_still else None
    clip = read_clip(apng(frames, SIZE, kind, still=still))
    assert clip.frames.shape == expected.shape
    assert np.abs(clip.frames - expected).max() <= 2  # alpha is rounded at each step
    seconds = [time / (unit or 100) for _, _, _, time, unit, _, _ in frames]
    seconds = [0.1 if second <= 0.01 else second for second in seconds]
    np.testing.assert_allclose(clip.times, np.cumsum([0, *seconds[:-1]]), atol=1e-12)
    assert clip.duration == pytest.approx(sum(seconds))


def test_an_apng_of_a_palette_keeps_its_transparency():
    palette = (b"PLTE", np.array([[0, 0, 0], [0, 90, 0]], np.uint8).tobytes())
    frame = np.array([[0, 1]])[..., None]
    content = apng(
        [(frame, 0, 0, 1, 10, 1, 0), (frame[:, ::-1], 0, 0, 1, 10, 0, 1)], (1, 2), "palette",
        before=[palette, (b"tRNS", b"\0")],
    )  # fmt: skip
    white, green = [255] * 3, [0, 90, 0]
    np.testing.assert_array_equal(read_clip(content).frames, [[[white, green]], [[green, white]]])


def test_an_apng_that_says_more_frames_than_it_holds_is_refused():
    frame = np.zeros((*SIZE, 4), int)
    content = apng([(frame, 0, 0, 1, 10, 0, 0)] * 3, SIZE)
    three, four = (chunk(b"acTL", bytes([0, 0, 0, count, 0, 0, 0, 0])) for count in (3, 4))
    assert three in content
    with pytest.raises(ValueError, match="it holds 3 frames, but says 4"):
        read_clip(content.replace(three, four))


# --- WebP, AVIF, stills


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_frames_of_unequal_times_come_out_exactly(kind):
    drawn = rng_of(0).integers(0, 256, (4, *SIZE, 3), np.uint8)
    pictures = [Image.fromarray(frame) for frame in drawn]
    more = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(
        pictures[0], kind, save_all=True, append_images=pictures[1:],
        duration=[40, 200, 5, 75], **more,
    )  # fmt: skip
    clip = read_clip(content)
    assert isinstance(clip, Clip)
    assert clip.frames.dtype == np.uint8
    np.testing.assert_array_equal(clip.frames, drawn)
    np.testing.assert_allclose(clip.times, [0, 0.04, 0.24, 0.34])  # 5 ms count as 100
    assert clip.duration == pytest.approx(0.415)


def test_transparent_webp_frames_lie_on_white():
    pixels = rng_of(0).integers(0, 256, (2, *SIZE, 4), np.uint8)
    pictures = [Image.fromarray(frame) for frame in pixels]
    content = encoded(pictures[0], "WEBP", save_all=True, append_images=pictures[1:],
                      lossless=True, exact=True, duration=100)  # fmt: skip
    alpha = pixels[..., 3:] / 255
    expected = pixels[..., :3] * alpha + 255 * (1 - alpha)
    assert np.abs(read_clip(content).frames - expected).max() <= 1


def test_avif_frames_have_their_times():
    Image.init()
    if "AVIF" not in Image.OPEN:
        pytest.skip("this Pillow has no AVIF")
    clip = read_clip(shades(0, 120, 240, kind="AVIF", duration=[100, 300, 50]))
    assert np.abs(clip.frames[:, 0, 0, 0].astype(int) - [0, 120, 240]).max() <= 3
    np.testing.assert_allclose([*clip.times, clip.duration], [0, 0.1, 0.4, 0.45])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_a_still_picture_is_a_clip_of_one_frame(kind):
    content = encoded(Image.fromarray(rng_of(0).integers(0, 256, (*SIZE, 3), np.uint8)), kind)
    clip = read_clip(content)
    np.testing.assert_array_equal(clip.frames, read_image(content)[None])
    assert clip.times.tolist() == [0]
    assert clip.duration == 0
    several = read_clip(content, frames=3)
    np.testing.assert_array_equal(several.frames, clip.frames.repeat(3, axis=0))
    assert several.times.tolist() == [0, 0, 0]


def test_pages_have_no_times():
    content = shades(0, 120, kind="TIFF")
    with pytest.raises(ValueError, match="a TIFF of 2 pages, which have no times"):
        read_clip(content)
    assert (read_image(content) == 0).all()


# --- frames and size


@pytest.mark.parametrize(
    ("frames", "expected", "times"),
    [(1, [0], [0]), (2, [0, 60], [0, 0.2]), (4, [0, 0, 60, 240], [0, 0.1, 0.2, 0.3]),
     (8, [0, 0, 0, 0, 60, 60, 240, 240], np.arange(8) / 20)],
)  # fmt: skip
def test_frames_are_taken_at_equal_steps_of_time(frames, expected, times):
    content = shades(0, 60, 240, duration=[200, 100, 100])
    clip = read_clip(content, frames=frames)
    assert clip.frames[:, 0, 0, 0].tolist() == expected
    np.testing.assert_allclose(clip.times, times)
    assert clip.duration == pytest.approx(0.4)


@given(st.integers(1, 30))
def test_as_many_frames_as_there_are_of_equal_length_are_all_of_them(count):
    """Thirds of a second are no binary numbers: a frame must not be lost to rounding."""
    frames = [(np.full((1, 1, 3), i), 0, 0, 1, 30, 0, 0) for i in range(count)]
    content = apng(frames, (1, 1), "rgb")
    clip = read_clip(content, frames=count)
    assert clip.frames[:, 0, 0, 0].tolist() == list(range(count))
    np.testing.assert_allclose(clip.times, read_clip(content).times, atol=1e-12)
    np.testing.assert_array_equal(sample_frames(clip.frames, count), clip.frames)


def test_every_frame_is_fitted_into_the_size():
    content = shades(0, 60, 240, duration=100)
    whole, small = read_clip(content), read_clip(content, size=(4, 7))
    assert small.frames.shape == (3, 4, 7, 3)
    np.testing.assert_array_equal(small.frames[0, :, 0], np.full((4, 3), 255))
    np.testing.assert_array_equal(small.frames[:, :, 1:6], resize_image(whole.frames, (4, 5)))


def test_a_clip_larger_than_memory_is_refused(monkeypatch):
    content = shades(0, 60, 240, 10, 20, duration=100)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", SIZE[0] * SIZE[1])
    with pytest.raises(ValueError, match=r"all its frames have too many pixels.* give a size"):
        read_clip(content)
    assert len(read_clip(content, size=3).frames) == 5


@pytest.mark.parametrize(("wrong", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError)])
def test_a_number_of_frames_is_checked_before_anything_is_read(wrong, error):
    with pytest.raises(error, match=f"frames must be .*, got {wrong}"):
        read_clip("nothing.gif", frames=wrong)


def test_a_hand_made_png_is_one_that_pillow_reads():
    samples = rng_of(0).integers(0, 256, (*SIZE, 3))
    with Image.open(io.BytesIO(png(samples, "rgb"))) as picture:
        np.testing.assert_array_equal(np.asarray(picture), samples)
