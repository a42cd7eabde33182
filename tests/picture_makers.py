"""Picture files made by hand, from the formats' descriptions, for tests to read."""

import io
import struct
import zlib

import numpy as np


def encoded(picture, kind, **options):
    """The bytes of a file that Pillow writes."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def scanlines(samples, depth):
    """PNG's compressed rows, each behind a filter byte of 0: ``samples`` (height, width, n)."""
    rows = samples.reshape(len(samples), -1)
    if depth == 16:
        lines = [row.astype(">u2").tobytes() for row in rows]
    else:
        bits = ((rows[..., None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
        lines = [np.packbits(row.reshape(-1)).tobytes() for row in bits]
    return zlib.compress(b"".join(b"\0" + line for line in lines))


KINDS = {"gray": 0, "rgb": 2, "palette": 3, "gray alpha": 4, "rgba": 6}


def png(samples, kind, depth=8, *, before=(), after=()):
    """A PNG of ``samples`` (height, width, channels); ``before`` and ``after`` are more chunks."""
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, KINDS[kind], 0, 0, 0)
    chunks = [(b"IHDR", header), *before, (b"IDAT", scanlines(samples, depth)), *after]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*c) for c in [*chunks, (b"IEND", b"")])


def apng(frames, size, kind="rgba", *, still=None, before=()):
    """An animated PNG of ``frames``: (samples, left, top, time, unit, dispose, blend) each.

    ``still`` is a picture that is no part of the animation; else the first frame covers all.
    """
    chunks, number = [], 0
    for i, (samples, left, top, time, unit, dispose, blend) in enumerate(frames):
        height, width = samples.shape[:2]
        place = struct.pack(">IIIIIHHBB", number, width, height, left, top, time, unit, dispose,
                            blend)  # fmt: skip
        chunks.append((b"fcTL", place))
        number += 1
        if i or still is not None:
            chunks.append((b"fdAT", struct.pack(">I", number) + scanlines(samples, 8)))
            number += 1
    animated = (b"acTL", struct.pack(">II", len(frames), 0))
    first = frames[0][0] if still is None else still
    assert first.shape[:2] == size
    if still is None:
        return png(first, kind, before=[animated, *before, chunks[0]], after=chunks[1:])
    return png(first, kind, before=[animated, *before], after=chunks)


def lzw(indices):
    """GIF's codes without compression: a clear code before the table outgrows nine bits."""
    bits = []
    for i, index in enumerate(indices.ravel().tolist()):
        codes = [256, index] if i % 250 == 0 else [index]
        bits += [code >> bit & 1 for code in codes for bit in range(9)]
    bits += [257 >> bit & 1 for bit in range(9)]
    data = np.packbits(bits, bitorder="little").tobytes()
    blocks = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"\x08" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def gif(frames, size, palette=None, *, end=b";"):
    """A GIF of ``frames``: (indices, left, top, hundredths, disposal, transparent, own palette).

    ``hundredths`` None leaves a frame's control block out. Palettes are (256, 3) uint8 or None.
    """
    height, width = size
    flags = 0 if palette is None else 0b11110111
    file = b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0)
    file += b"" if palette is None else palette.tobytes()
    for indices, left, top, hundredths, disposal, transparent, own in frames:
        if hundredths is not None:
            how = disposal << 2 | (transparent is not None)
            file += b"!\xf9\x04" + struct.pack("<BHBB", how, hundredths, transparent or 0, 0)
        flags = 0 if own is None else 0b10000111
        file += b"," + struct.pack("<HHHHB", left, top, *indices.shape[::-1], flags)
        file += (b"" if own is None else own.tobytes()) + lzw(indices)
    return file + end
