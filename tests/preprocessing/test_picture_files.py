"""Picture files in the states in which cameras, browsers and scanners write them."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_makers import apng, chunk, encoded, png
from PIL import Image, ImageFile, ImageOps

from mmtutorial.preprocessing import read_clip, read_image, resize_image

Image.init()  # so that Image.OPEN names all formats


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


PHOTO = Image.fromarray(noise(7, 5, 3))  # not square, so that swapped axes show


# --- the file


@pytest.mark.parametrize("kind", ["PNG", "GIF", "TIFF", "BMP", "WEBP"])
def test_read_what_was_written(kind, tmp_path):
    drawing = Image.fromarray(noise(7, 5, 3) // 64 * 64)  # few colours, for GIF
    content = encoded(drawing, kind, **({"lossless": True} if kind == "WEBP" else {}))
    (tmp_path / "picture").write_bytes(content)
    for source in (content, bytearray(content), memoryview(content), tmp_path / "picture",
                   str(tmp_path / "picture")):  # fmt: skip
        read = read_image(source)
        assert read.dtype == np.uint8
        np.testing.assert_array_equal(read, np.asarray(drawing))
        assert read.flags.writeable


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "MPO"])
def test_read_what_was_written_with_loss_as_pillow_does(kind):
    if kind not in {*Image.OPEN, *Image.SAVE}:
        pytest.skip(f"this Pillow has no {kind}")
    content = encoded(PHOTO, kind)
    expected = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    np.testing.assert_array_equal(read_image(content), expected)


@pytest.mark.parametrize("source", [1, True, None, 2.0, PHOTO, io.BytesIO(b""), ["a.png"]])
def test_a_source_is_a_path_or_bytes(source):
    """A number is an open file to Python: 1 would close what `print` writes to."""
    for read in (read_image, read_clip):
        with pytest.raises(TypeError, match="source must be a path or the bytes of a file, got"):
            read(source)
    print("still open")


def test_what_is_no_picture_is_refused_by_its_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing"):
        read_image(tmp_path / "nothing.png")
    (tmp_path / "empty.png").touch()
    with pytest.raises(ValueError, match=r"empty\.png must be a picture, got an empty file"):
        read_image(tmp_path / "empty.png")
    (tmp_path / "text.png").write_text("this is a text, not a picture", encoding="utf-8")
    with pytest.raises(ValueError, match=r"text\.png must be a picture that can be read \(JPEG"):
        read_image(tmp_path / "text.png")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1", "what looks like HEIC: convert it to JPEG"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "what looks like MP4 or MOV: convert it, .*ffmpeg"),
        (b"\x1aE\xdf\xa3\1\0\0\0", "what looks like WebM or Matroska: convert it, .*ffmpeg"),
        (b"RIFF\0\0\0\0AVI LIST", "what looks like AVI: convert it"),
        (b"<svg xmlns='...'></svg>", "what looks like SVG, a drawing: export it as PNG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- --><SVG>", "what looks like SVG"),
        (b"<!DOCTYPE html><html>", "a web page: download the picture itself"),
        (b"%PDF-1.7\n", "what looks like PDF: save its page as PNG"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS: run git lfs pull"),
        (encoded(PHOTO, "PPM"), "if it should be one, it is damaged"),
        (encoded(PHOTO, "PNG")[:9], "if it should be one, it is damaged"),
    ],
)
def test_the_error_says_what_it_looks_like_and_what_to_do(content, message):
    for read in (read_image, read_clip):
        with pytest.raises(ValueError, match=r"the bytes must be a picture .*" + message):
            read(content)


# --- colours


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_gray_of_every_depth_is_spread_over_0_to_255(depth):
    most = 2**depth - 1
    samples = np.linspace(0, most, 16).round().astype(np.uint16).reshape(2, 8, 1)
    expected = np.rint(samples / most * 255).repeat(3, axis=2)
    np.testing.assert_array_equal(read_image(png(samples, "gray", depth)), expected)


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_gray_that_a_png_calls_transparent_is_white(depth):
    most = 2**depth - 1
    samples = np.array([0, most, 0, most, most // 2, 1]).reshape(1, 6, 1)
    read = read_image(png(samples, "gray", depth, before=[(b"tRNS", struct.pack(">H", 0))]))
    expected = np.rint(np.where(samples == 0, most, samples) / most * 255)
    np.testing.assert_array_equal(read, expected.repeat(3, axis=2))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_gray_is_scaled_not_clipped(kind):
    """Pillow's convert("RGB") gives 255 for all of 256 to 65535."""
    gray = np.array([[0, 128, 129, 300, 32768, 65535]], np.uint16)
    read = read_image(encoded(Image.fromarray(gray), kind))
    np.testing.assert_array_equal(read[0, :, 1], [0, 0, 1, 1, 128, 255])


def test_16_bit_colours_lose_what_a_byte_cannot_hold():
    samples = np.random.default_rng(0).integers(0, 65536, (3, 4, 4))
    samples[0, 0] = 65535
    opaque = read_image(png(samples[..., :3], "rgb", 16))
    assert np.abs(opaque - samples[..., :3] / 257).max() <= 1
    over = (samples[..., :3] * samples[..., 3:] + 65535.0 * (65535 - samples[..., 3:])) / 65535
    assert np.abs(read_image(png(samples, "rgba", 16)) - over / 257).max() <= 2
    keyed = png(samples[..., :3], "rgb", 16, before=[(b"tRNS", struct.pack(">HHH", 1, 2, 3))])
    with pytest.raises(ValueError, match=r"16 bits is transparent; save it with an alpha channel"):
        read_image(keyed)


def test_transparent_palette_entries_lie_on_white():
    palette = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]], np.uint8)
    indices, alphas = np.array([[0, 1, 2, 3]])[..., None], np.array([0, 255, 51])
    before = [(b"PLTE", palette.tobytes()), (b"tRNS", bytes(alphas.tolist()))]
    read = read_image(png(indices, "palette", before=before))
    # 51 of 255 is a fifth of blue on four fifths of white; entry 3 has no alpha: it is opaque.
    np.testing.assert_array_equal(read[0], [[255] * 3, [0, 255, 0], [204, 204, 255], [9] * 3])
    opaque = read_image(png(indices, "palette", before=before[:1]))
    np.testing.assert_array_equal(opaque[0], palette)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_laid_on_white(kind, mode):
    if (kind, mode) == ("WEBP", "LA"):
        pytest.skip("WebP has no gray")
    picture = Image.fromarray(noise(9, 8, 4)).convert(mode)
    exact = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    read = read_image(encoded(picture, kind, **exact))
    pixels = np.asarray(picture.convert("RGBA")).astype(float)
    colours, alpha = pixels[..., :3], pixels[..., 3:] / 255
    assert np.abs(read - (colours * alpha + 255 * (1 - alpha))).max() <= 1


def test_what_hides_under_transparency_shows_neither_as_it_is_nor_smaller():
    """Editors leave any colour there; resized before it is laid on white, it bleeds out."""
    pixels = noise(32, 32, 4)
    pixels[..., 3] = 0
    pixels[:, 16:] = [0, 0, 255, 255]
    content = encoded(Image.fromarray(pixels), "PNG")
    assert (read_image(content)[:, :16] == 255).all()
    small = read_image(content, size=8)
    assert (small[..., 2] >= 254).all()  # white and blue, and what lies between them
    assert np.abs(small[..., 0].astype(int) - small[..., 1]).max() <= 1


@pytest.mark.parametrize(
    ("ink", "rgb"),
    [((255, 0, 0, 0), (0, 255, 255)), ((0, 255, 0, 0), (255, 0, 255)), ((0, 0, 0, 0), (255,) * 3),
     ((0, 0, 0, 255), (0, 0, 0)), ((0, 255, 255, 0), (255, 0, 0))],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_ink(ink, rgb, kind):
    """In a JPEG, inks are stored inverted, as Adobe began to; then they must come out as ink."""
    content = encoded(Image.new("CMYK", (16, 16), ink), kind)
    assert np.abs(read_image(content).astype(int) - rgb).max() <= 3
    if kind == "JPEG":
        place = content.find(b"Adobe") - 4
        if place > 0:  # without the note, readers take them for inverted all the same
            length = int.from_bytes(content[place + 2 : place + 4], "big")
            bare = content[:place] + content[place + 2 + length :]
            np.testing.assert_array_equal(read_image(bare), read_image(content))


def test_one_bit_and_other_modes_are_read_as_pillow_does():
    for mode in ("1", "L", "P", "YCbCr"):
        kind = "JPEG" if mode == "YCbCr" else "TIFF"
        content = encoded(PHOTO.convert(mode), kind)
        expected = Image.open(io.BytesIO(content)).convert("RGB")
        np.testing.assert_array_equal(read_image(content), np.asarray(expected))


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_numbers_without_a_white_are_refused(dtype):
    content = encoded(Image.fromarray(np.ones((2, 2), dtype)), "TIFF")
    with pytest.raises(ValueError, match=r"32-bit \(.\), and no one knows which of them is white"):
        read_image(content)
    with pytest.raises(ValueError, match="its colours are LAB; save it as RGB"):
        read_image(encoded(Image.new("LAB", (2, 2)), "TIFF"))


# --- orientation


@pytest.mark.parametrize("how", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_exif_turns_a_picture_upright(how, kind):
    if kind not in {*Image.OPEN, *Image.SAVE}:
        pytest.skip(f"this Pillow has no {kind}")
    exif = Image.Exif()
    exif[0x0112] = how
    content = encoded(PHOTO, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB"))
    assert expected.shape == ((5, 7, 3) if how > 4 else (7, 5, 3))
    np.testing.assert_array_equal(read_image(content), expected)
    np.testing.assert_array_equal(read_clip(content).frames, expected[None])


def test_16_bit_gray_and_palettes_are_turned_too():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn clockwise
    gray = np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000
    read = read_image(encoded(Image.fromarray(gray), "PNG", exif=exif))
    np.testing.assert_array_equal(read[..., 0], np.rot90((gray + 128) // 257, -1))
    drawing = PHOTO.quantize(8)
    read = read_image(encoded(drawing, "PNG", exif=exif))
    np.testing.assert_array_equal(read, np.rot90(np.asarray(drawing.convert("RGB")), -1))


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0junkjunkjunk", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff"]
)
def test_notes_that_cannot_be_read_leave_a_picture_as_it_is_stored(exif):
    np.testing.assert_array_equal(
        read_image(encoded(PHOTO, "JPEG", exif=exif)), read_image(encoded(PHOTO, "JPEG"))
    )


# --- size


def test_a_size_keeps_the_proportions_on_white():
    wide = noise(10, 40, 3)
    read = read_image(encoded(Image.fromarray(wide), "PNG"), size=16)
    assert read.shape == (16, 16, 3)
    np.testing.assert_array_equal(read[6:10], resize_image(wide[None], (4, 16))[0])
    assert (read[:6] == 255).all()
    assert (read[10:] == 255).all()
    tall = read_image(encoded(Image.fromarray(wide.swapaxes(0, 1)), "PNG"), size=(16, 20))
    np.testing.assert_array_equal(
        tall[:, 8:12], resize_image(wide.swapaxes(0, 1)[None], (16, 4))[0]
    )
    assert tall.shape == (16, 20, 3)
    same = read_image(encoded(Image.fromarray(wide), "PNG"), size=np.array([10, 40]))
    np.testing.assert_array_equal(same, wide)


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.integers(1, 40))
def test_every_size_comes_out_and_something_shows(height, width, rows, columns):
    read = read_image(encoded(Image.new("L", (width, height)), "PNG"), size=(rows, columns))
    assert read.shape == (rows, columns, 3)
    shown = read[..., 0] < 128
    across, down = shown.any(axis=0).sum(), shown.any(axis=1).sum()
    assert across == columns or down == rows
    scale = min(rows / height, columns / width)
    assert abs(across - max(1, width * scale)) <= 0.5
    assert abs(down - max(1, height * scale)) <= 0.5


@pytest.mark.parametrize("size", [0, (4, 0), "32", 2.5, True, (1, 2, 3)])
def test_a_size_is_checked_before_anything_is_read(size):
    for read in (read_image, read_clip):
        with pytest.raises((ValueError, TypeError), match="size must be"):
            read("nothing.png", size=size)


# --- damage


def files():
    drawing = Image.fromarray(noise(23, 19, 3))
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "JPEG", encoded(drawing, "JPEG", exif=exif)
    yield "progressive JPEG", encoded(drawing, "JPEG", progressive=True)
    yield "CMYK JPEG", encoded(drawing.convert("CMYK"), "JPEG")
    yield "PNG", encoded(drawing, "PNG")
    yield "WebP", encoded(drawing, "WEBP")
    yield "lossless WebP", encoded(drawing, "WEBP", lossless=True)
    yield "GIF", encoded(drawing, "GIF")
    yield "BMP", encoded(drawing, "BMP")
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        yield f"TIFF {compression}", encoded(drawing, "TIFF", compression=compression)
    pictures = [Image.fromarray(noise(9, 8, 3, seed=i)) for i in range(4)]
    more = {"save_all": True, "append_images": pictures[1:], "duration": 50}
    yield "animated GIF", encoded(pictures[0], "GIF", **more)
    yield "animated WebP", encoded(pictures[0], "WEBP", lossless=True, **more)
    yield "animated PNG", encoded(pictures[0], "PNG", **more)
    if "AVIF" in Image.OPEN:
        yield "AVIF", encoded(drawing, "AVIF")
        yield "animated AVIF", encoded(pictures[0], "AVIF", **more)


FILES = dict(files())
WHOLE = {name: read_clip(content).frames for name, content in FILES.items()}


@given(name=st.sampled_from(list(FILES)), data=st.data())
def test_a_file_that_breaks_off_is_refused(name, data):
    content = FILES[name]
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    for read in (read_image, lambda source: read_clip(source).frames):
        try:
            found = read(cut)
        except ValueError as error:
            assert "the bytes" in str(error)  # noqa: PT017
            assert "get " in str(error) or len(cut) < 20  # noqa: PT017
        else:  # all pixels were there: what lacks is a mark of the end
            assert len(content) - len(cut) <= 4
            assert name in ("JPEG", "progressive JPEG", "CMYK JPEG", "BMP")
            np.testing.assert_array_equal(found, WHOLE[name][0 if found.ndim == 3 else slice(None)])


@given(
    name=st.sampled_from(list(FILES)),
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=5),
)
def test_damage_gives_a_value_error_or_bytes(name, changes):
    content = bytearray(FILES[name])
    for place, change in changes:
        content[place % len(content)] ^= change
    for read in (read_image, lambda source: read_clip(source).frames[0]):
        try:
            found = read(content)
        except ValueError as error:
            assert str(error).startswith("the bytes")  # noqa: PT017
            continue
        assert found.dtype == np.uint8
        assert found.shape[2:] == (3,)
        if "PNG" in name:  # a PNG has checksums
            np.testing.assert_array_equal(found, WHOLE[name][0])


@pytest.mark.parametrize("name", FILES)
def test_what_lacks_is_never_grey(name, monkeypatch):
    """A program may have told Pillow to fill it in."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    content = FILES[name]
    with pytest.raises(ValueError, match="get"):
        read_image(content[: len(content) * 2 // 3])
    np.testing.assert_array_equal(read_image(content), WHOLE[name][0])
    assert ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_wrong_checksum_in_a_png_is_noticed():
    content = bytearray(encoded(PHOTO, "PNG"))
    content[content.index(b"IDAT") + 12] ^= 1
    with pytest.raises(ValueError, match="a checksum does not fit"):
        read_image(content)
    assert content.endswith(chunk(b"IEND", b""))


@pytest.mark.parametrize("limit", [20, 10])  # Pillow warns above the limit, refuses above twice
@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_more_pixels_than_memory_holds_are_refused(limit, kind, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    for read in (read_image, read_clip):
        with pytest.raises(ValueError, match=r"too many pixels: make it smaller.*MAX_IMAGE_PIXELS"):
            read(encoded(Image.new("L", (6, 5)), kind))


def test_the_first_picture_of_an_animation_is_the_one_shown_without_it():
    still, frame = noise(6, 5, 4), noise(6, 5, 4, seed=1)
    still[..., 3] = frame[..., 3] = 255
    content = apng([(frame, 0, 0, 1, 10, 0, 0)] * 2, (6, 5), still=still)
    np.testing.assert_array_equal(read_image(content), still[..., :3])
    np.testing.assert_array_equal(read_clip(content).frames[0], frame[..., :3])
    for name in ("animated GIF", "animated WebP", "animated PNG"):
        np.testing.assert_array_equal(read_image(FILES[name]), WHOLE[name][0])
