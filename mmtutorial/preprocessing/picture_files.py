"""From the file of a picture, or of a moving one, to an array of bytes."""

import io
from collections.abc import Iterator
from itertools import chain
from os import PathLike
from typing import NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from mmtutorial._checks import check_whole
from mmtutorial._images import check_size
from mmtutorial.preprocessing._animation import (
    apng_parts,
    compose,
    gif_parts,
    png_chunks,
)
from mmtutorial.preprocessing._formats import FORMATS, Unreadable, no_picture, read_file
from mmtutorial.preprocessing._pixels import on_white, orientation, strict_pillow, to_rgba, turn
from mmtutorial.preprocessing.image import resize_image

#: Browsers show a frame that says 10 milliseconds or less for as long as this.
MIN_MILLISECONDS, DEFAULT_MILLISECONDS = 10, 100
#: The largest clip, in pictures as large as Pillow opens without a warning: about a gigabyte.
MAX_CLIP_PICTURES = 4


class Clip(NamedTuple):
    """A clip: its frames, and when each of them is shown."""

    frames: np.ndarray  #: ``(frames, height, width, 3)`` uint8, RGB on white
    times: np.ndarray  #: ``(frames,)`` float64, seconds from the start
    duration: float  #: seconds from the first frame to the end of the last; 0 for a still picture


def read_image(
    source: str | PathLike | bytes, *, size: int | tuple[int, int] | None = None
) -> np.ndarray:
    """Read a picture file, whatever its colours, as the bytes of an upright RGB picture on white.

    Turned as the camera was held (EXIF). Palettes, gray, CMYK and 16 bits per channel become 8 bits
    of red, green and blue; what is transparent lies on white, as in the package's own data sets.
    Colour profiles are not applied. Of an animation one gets the first picture (`read_clip` reads
    all), of a TIFF of several pages the first page.

    Parameters
    ----------
    source : path, or the bytes of a file: JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF
    size : int or (height, width), in pixels: fit the picture in, in its proportions, centred on
        white. (`resize_image` stretches instead; it takes a list of pictures of several sizes.)
        Its own size unless told otherwise

    Returns uint8 ``(height, width, 3)``. Raises ``FileNotFoundError`` for a missing file, and
    ``ValueError`` for one that is empty, no picture, damaged or broken off, for floats and 32-bit
    numbers (which of them is white?), and for more pixels than ``PIL.Image.MAX_IMAGE_PIXELS``.
    Not every damage shows: a JPEG has no checksum.

    >>> file = io.BytesIO()
    >>> Image.new("LA", (40, 30)).save(file, "PNG")
    >>> read_image(file.getvalue(), size=32).shape
    (32, 32, 3)
    """
    size = None if size is None else check_size(size)
    return _read(source, size, still=True)[0][0]


def read_clip(
    source: str | PathLike | bytes,
    *,
    frames: int | None = None,
    size: int | tuple[int, int] | None = None,
) -> Clip:
    """Read an animated GIF, WebP, PNG or AVIF: the frames as one sees them, and their times.

    Each frame is whole, as browsers put it together, and lies on white. A frame that says 10
    milliseconds or less is shown for 100, as browsers do. A still picture is a clip of one frame.

    Parameters
    ----------
    source : path, or the bytes of a file
    frames : how many to take, at equal steps of time through the clip from its start: what is to
        be seen at 0, 1/n, 2/n... of its duration. All that are stored unless told otherwise, and
        these may last for unequal times
    size : int or (height, width), in pixels, as for `read_image`

    Returns a ``Clip``: ``frames`` ``(frames, height, width, 3)`` uint8, ``times`` ``(frames,)`` in
    seconds, ``duration`` in seconds. Raises what `read_image` raises, and ``ValueError`` for a TIFF
    of several pages, which have no times.

    >>> pictures, file = [Image.new("L", (8, 8), shade) for shade in (0, 99, 200)], io.BytesIO()
    >>> pictures[0].save(
    ...     file, "GIF", save_all=True, append_images=pictures[1:], duration=[200, 100, 100]
    ... )
    >>> clip = read_clip(file.getvalue())
    >>> clip.frames.shape, clip.times.tolist(), clip.duration
    ((3, 8, 8, 3), [0.0, 0.2, 0.3], 0.4)
    >>> read_clip(file.getvalue(), frames=4).frames[:, 0, 0, 0].tolist()
    [0, 0, 99, 200]
    """
    size = None if size is None else check_size(size)
    if frames is not None:
        check_whole("frames", frames, least=1)
    pictures, lengths = zip(*_read(source, size, still=False), strict=True)
    lengths = [DEFAULT_MILLISECONDS if length <= MIN_MILLISECONDS else length for length in lengths]
    ends = np.cumsum(lengths if len(pictures) > 1 else [0.0])
    times, duration = np.concatenate([[0.0], ends[:-1]]), ends[-1]
    chosen = np.arange(len(pictures))
    if frames is not None:
        starts, times = times, duration * np.arange(frames) / frames
        # What begins at such a time is to be seen already; a thousandth is room for rounding.
        chosen = np.searchsorted(starts, times + 1e-3, side="right") - 1
    return Clip(np.stack(pictures)[chosen], times / 1000, float(duration / 1000))


def _read(source, size, *, still):
    """Return a list of pictures ``(height, width, 3)`` and of milliseconds; of a still, of one."""
    name, content = read_file(source)
    limit = Image.MAX_IMAGE_PIXELS
    too_large = f"pixels: make it smaller first, or raise PIL.Image.MAX_IMAGE_PIXELS ({limit})"
    try:
        with strict_pillow():
            read = []
            for pixels, milliseconds in _pictures(content, still):
                read.append((pixels if size is None else _fit(pixels, size), milliseconds))
                if limit and len(read) * read[0][0][..., 0].size > MAX_CLIP_PICTURES * limit:
                    raise Unreadable(f"all its frames have too many {too_large}, or give a size")
            return read
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"{name}: too many {too_large}") from error
    except UnidentifiedImageError as error:
        raise no_picture(name, content) from error
    except Unreadable as error:
        raise ValueError(f"{name} cannot be read: {error}") from error
    except Exception as error:  # Pillow's readers raise whatever they stumble over
        reason = f"the picture is damaged or breaks off ({error})"
        raise ValueError(f"{name}: {reason}; get the file again") from error


def _pictures(content, still) -> Iterator[tuple[np.ndarray, float]]:
    """Give the pictures of a file, upright and on white, and how many milliseconds each lasts."""
    Image.init()  # all formats that this Pillow knows; an old one has no AVIF
    formats = [name for name in FORMATS if name in Image.OPEN]
    with Image.open(io.BytesIO(content), formats=formats) as picture:
        if picture.format == "PNG":  # Pillow looks at no checksum of the pixels
            for _ in png_chunks(content):
                pass
        drawn = _drawn(picture, content, still)
        first = next(drawn)  # of a TIFF, Pillow turns the pixels itself and forgets how
        how = orientation(picture)
        for rgba, milliseconds in [first] if still else chain([first], drawn):
            yield turn(on_white(rgba), how), milliseconds


def _drawn(picture, content, still) -> Iterator[tuple[Image.Image, float]]:
    """Give the pictures of an opened file as RGBA images."""
    count = getattr(picture, "n_frames", 1)
    if picture.format == "GIF" or (picture.format == "PNG" and count > 1 and not still):
        parts, size = (gif_parts if picture.format == "GIF" else apng_parts)(content)
        times = [part.milliseconds for part in parts]
        yield from zip(compose(parts, size, _decode), times, strict=True)
        return
    if picture.format == "TIFF" and count > 1 and not still:
        raise Unreadable(f"it is a TIFF of {count} pages, which have no times; save it as WebP")
    for frame in range(count if picture.format in ("WEBP", "AVIF") else 1):
        picture.seek(frame)
        yield to_rgba(picture, content), picture.info.get("duration", 0)


def _decode(part):
    with Image.open(io.BytesIO(part.content), formats=("GIF", "PNG")) as picture:
        if part.transparent is not None:
            picture.info["transparency"] = part.transparent
        return to_rgba(picture, part.content)


def _fit(pixels, size):
    """Shrink or enlarge a picture to fit into ``size``, in its proportions, centred on white."""
    sides = np.array(pixels.shape[:2])
    inner = np.maximum(1, np.rint(sides * (size / sides).min())).astype(int)
    top, left = (size - inner) // 2
    page = np.full((*size, 3), 255, np.uint8)
    page[top : top + inner[0], left : left + inner[1]] = resize_image(pixels[None], inner)[0]
    return page
