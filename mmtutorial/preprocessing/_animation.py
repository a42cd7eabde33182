"""The frames of a GIF or an animated PNG (APNG), put together as browsers do.

Both formats store rectangles that are drawn over what is already there. We take the files apart
and let Pillow decode one rectangle at a time, because what it puts together differs: it clears
to a background colour where browsers clear to nothing, and it draws over a PNG's still picture.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple
from zlib import crc32

from PIL import Image

GIF_AFTERWARDS = {2: "clear", 3: "restore", 4: "restore"}
PNG = b"\x89PNG\r\n\x1a\n"


class Part(NamedTuple):
    """One stored rectangle: a picture file of its own, and what to do with it."""

    content: bytes
    corner: tuple[int, int]  # left, top
    milliseconds: float
    afterwards: Literal["keep", "clear", "restore"]
    blend: bool  # over what is there; else in its place
    transparent: int | None = None  # a GIF's index that is drawn as nothing


def compose(
    parts: list[Part], size: tuple[int, int], decode: Callable[[Part], Image.Image]
) -> Iterator[Image.Image]:
    """Draw one part after the other on a canvas of nothing; give each state, an RGBA image.

    ``decode`` makes an RGBA image of a part.
    """
    if Image.MAX_IMAGE_PIXELS and size[0] * size[1] > Image.MAX_IMAGE_PIXELS:
        raise Image.DecompressionBombError
    canvas = Image.new("RGBA", size)
    for part in parts:
        before, drawn = canvas.copy(), decode(part)
        if part.blend:
            canvas.alpha_composite(drawn, part.corner)
        else:
            canvas.paste(drawn, part.corner)
        yield canvas.copy()
        if part.afterwards == "restore":
            canvas = before
        elif part.afterwards == "clear":
            canvas.paste(Image.new("RGBA", drawn.size), part.corner)


def gif_parts(content: bytes) -> tuple[list[Part], tuple[int, int]]:
    """Take a GIF apart: its parts, and the size of its canvas. ``ValueError`` if it breaks off."""
    try:
        return _gif_parts(content)
    except (IndexError, struct.error) as error:
        raise ValueError("it breaks off early") from error


def _gif_parts(content):
    *size, flags = struct.unpack_from("<HHB", content, 6)
    colours, at = _gif_colours(content, 13, flags)
    parts, control = [], (0, 0, 0)
    while content[at] != 0x3B:  # the trailer
        if content[at] == 0x21:  # an extension; the one called 0xF9 tells of the next picture
            if content[at + 1] == 0xF9:
                control = struct.unpack_from("<BHB", content, at + 3)
            at = _after_blocks(content, at + 2)
        elif content[at] == 0x2C:
            left, top, width, height, flags = struct.unpack_from("<4HB", content, at + 1)
            own_colours, start = _gif_colours(content, at + 10, flags)
            table = own_colours or colours
            bits = (len(table) // 3).bit_length() - 2 if table else 0  # 2 << bits colours
            at = _after_blocks(content, start + 1)
            alone = b"GIF89a" + struct.pack("<HH3x", width, height) + b","
            alone += struct.pack("<4HB", 0, 0, width, height, flags & 64 | 128 * bool(table) | bits)
            alone += table + content[start:at] + b";"
            how, hundredths, index = control
            parts.append(Part(
                alone, (left, top), 10 * hundredths,
                GIF_AFTERWARDS.get(how >> 2 & 7, "keep"), True,
                index if how & 1 else None,
            ))  # fmt: skip
            control = (0, 0, 0)
            if len(parts) == 1:  # some programs write a canvas of nothing
                size = max(size[0], left + width), max(size[1], top + height)
        else:
            raise ValueError(f"no block of a GIF begins with {content[at]}")
    if not parts:
        raise ValueError("it holds no picture")
    return parts, tuple(size)


def _gif_colours(content, at, flags):
    length = 3 << (flags & 7) + 1 if flags & 128 else 0
    return content[at : at + length], at + length


def _after_blocks(content, at):
    while content[at]:
        at += content[at] + 1
    return at + 1


def apng_parts(content: bytes) -> tuple[list[Part], tuple[int, int]]:
    """Take an animated PNG apart; a still picture outside the animation is left out."""
    header, shared, control, data, parts = b"", b"", None, b"", []
    said = 0
    for kind, chunk in png_chunks(content):
        if kind == b"IHDR":
            header = chunk
        elif kind == b"acTL":
            (said,) = struct.unpack_from(">I", chunk)
        elif kind in (b"PLTE", b"tRNS"):
            shared += _png_chunk(kind, chunk)
        elif kind in (b"IDAT", b"fdAT") and control:
            data += chunk[4 * (kind == b"fdAT") :]
        if kind in (b"fcTL", b"IEND"):
            if control:
                parts.append(_apng_part(header, shared, control, data))
            control, data = chunk, b""
    if len(parts) != said or not parts:
        raise ValueError(f"it holds {len(parts)} frames, but says {said}")
    return parts, struct.unpack_from(">II", header)


def _apng_part(header, shared, control, data):
    width, height, left, top, time, unit, afterwards, blend = struct.unpack(">4x4IHHBB", control)
    alone = PNG + _png_chunk(b"IHDR", struct.pack(">II", width, height) + header[8:])
    alone += shared + _png_chunk(b"IDAT", data) + _png_chunk(b"IEND", b"")
    how = ("keep", "clear", "restore")[afterwards]
    return Part(alone, (left, top), 1000 * time / (unit or 100), how, blend == 1)


def _png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the kind and the data of each chunk; ``ValueError`` if one is damaged or lacks."""
    at = len(PNG)
    while True:
        length = int.from_bytes(content[at : at + 4], "big")
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        if content[at + 8 + length : at + 12 + length] != crc32(kind + data).to_bytes(4, "big"):
            raise ValueError("it breaks off early, or a checksum does not fit")
        yield kind, data
        if kind == b"IEND":
            return
        at += 12 + length
