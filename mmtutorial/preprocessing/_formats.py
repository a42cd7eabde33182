"""What lies in a file that should hold a picture, and what to do if it is something else."""

import os
from pathlib import Path

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")  # Pillow's names

_VIDEO = "convert it, for example with ffmpeg -i clip -vf fps=8 -loop 0 clip.webp"
_HEIC = "convert it to JPEG, for example with pillow-heif, or set the phone to save JPEG"
_AVIF = "if it is damaged, get it again; if Pillow is older than 11.3, update it"
_CONVERT = "save it as PNG or JPEG"
_SIGNS = (  # where, what stands there -> what it is, and what to do
    (4, (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1"), "HEIC", _HEIC),
    (4, (b"ftypavif", b"ftypavis"), "AVIF", _AVIF),
    (4, (b"ftyp", b"moov"), "MP4 or MOV", _VIDEO),
    (0, (b"\x1aE\xdf\xa3",), "WebM or Matroska", _VIDEO),
    (8, (b"AVI ",), "AVI", _VIDEO),
    (0, (b"\xff\x0a", b"\0\0\0\x0cJXL "), "JPEG XL", _CONVERT),
    (0, (b"\0\0\0\x0cjP  ", b"\xffO\xffQ"), "JPEG 2000", _CONVERT),
    (0, (b"8BPS",), "Photoshop", _CONVERT),
    (0, (b"%PDF",), "PDF", "save its page as PNG"),
    (0, (b"version https://git-lfs",), "a pointer of Git LFS", "run git lfs pull"),
)


class Unreadable(ValueError):
    """What is wrong with a picture, and what to do, where nothing is damaged."""


def read_file(
    source: str | os.PathLike | bytes | bytearray | memoryview, *, what: str = "a picture"
) -> tuple[str, bytes]:
    """Return what an error calls a file, and its bytes. ``source`` is a path, or the bytes."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        name, content = "the bytes", bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        name, content = str(source), Path(source).read_bytes()
    else:  # a number would be taken for an open file, and closed
        raise TypeError(f"source must be a path or the bytes of a file, got {source!r}")
    if not content:
        raise ValueError(f"{name} must be {what}, got an empty file; get it again")
    return name, content


def no_picture(name: str, content: bytes) -> ValueError:
    """Return the error for a file that is no picture: what it looks like, and what to do."""
    expected = f"{name} must be a picture that can be read (JPEG, PNG, WebP, GIF, TIFF, BMP, AVIF)"
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return ValueError(f"{expected}, got what looks like SVG, a drawing: export it as PNG")
    if start.startswith((b"<!doctype", b"<html")):
        return ValueError(f"{expected}, got a web page: download the picture itself")
    for place, signs, kind, advice in _SIGNS:
        if content.startswith(signs, place):
            return ValueError(f"{expected}, got what looks like {kind}: {advice}")
    return ValueError(f"{expected}; if it should be one, it is damaged: get it again")
