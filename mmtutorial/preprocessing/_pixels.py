"""What Pillow reads, as 8-bit RGB on white, and nothing in silence."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageFile

from mmtutorial.preprocessing._formats import Unreadable

ORIENTATION = 0x0112  # the EXIF tag that says how a camera was held
_TURNS = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}


@contextmanager
def strict_pillow() -> Iterator[None]:
    """Make Pillow refuse pictures too large for it, and files that break off.

    The first it only warns of. The second it lets pass, the lower part grey, where a program has
    set ``LOAD_TRUNCATED_IMAGES``.
    """
    lenient = ImageFile.LOAD_TRUNCATED_IMAGES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def to_rgba(picture: Image.Image, content: bytes) -> Image.Image:
    """Return an opened picture as RGBA, 8 bits each; ``content`` is its file."""
    png_depth = content[24] if picture.format == "PNG" else 8
    picture.load()
    if picture.mode.startswith("I;16") or (picture.mode == "I" and png_depth == 16):
        return _gray16(picture)
    if picture.mode in ("I", "F"):
        raise Unreadable(
            f"its numbers are 32-bit ({picture.mode}), and no one knows which of them is white; "
            "scale them to 0..255 and save them as bytes"
        )
    key = picture.info.get("transparency")
    if picture.mode == "L" and png_depth in (2, 4) and isinstance(key, int):
        picture.info["transparency"] = key * 255 // (2**png_depth - 1)  # as Pillow scales the rest
    if picture.mode == "RGB" and png_depth == 16 and key is not None:
        raise Unreadable("one colour of 16 bits is transparent; save it with an alpha channel")
    if picture.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"):
        raise Unreadable(f"its colours are {picture.mode}; save it as RGB")
    if picture.mode == "CMYK":
        picture = picture.convert("RGB")
    return picture.convert("RGBA")


def _gray16(picture):
    """Scale 0..65535 to 0..255; Pillow's own conversion clips instead."""
    gray = np.asarray(picture).astype(np.uint32)
    alpha = np.where(gray == picture.info.get("transparency", -1), 0, 255).astype(np.uint8)
    return Image.merge("LA", [
        Image.fromarray(((gray + 128) // 257).astype(np.uint8)), Image.fromarray(alpha),
    ]).convert("RGBA")  # fmt: skip


def on_white(picture: Image.Image) -> np.ndarray:
    """Lay an RGBA image on white: ``(height, width, 3)`` uint8."""
    white = Image.new("RGBA", picture.size, "white")
    return np.array(Image.alpha_composite(white, picture).convert("RGB"))


def orientation(picture: Image.Image) -> int:
    """Return how a loaded picture must be turned, 1 to 8, as EXIF numbers it; 1 is not at all."""
    try:
        return picture.getexif().get(ORIENTATION, 1)
    except Exception:  # notes that cannot be read: shown as it is stored, as browsers do
        return 1


def turn(pixels: np.ndarray, how: int) -> np.ndarray:
    """Turn ``(height, width, 3)`` upright."""
    return np.ascontiguousarray(_TURNS.get(how, lambda a: a)(pixels))
