"""From an animation to 16 small frames: which clips we take, how we sample and store them."""

import io

import _emoji_art as art
import _emoji_entries as text
import numpy as np
from PIL import Image, ImageSequence

FRAMES, SIZE, COLOURS = 16, 48, 256


def find_moving(entries, files, pattern):
    """Return ``{entry number: file}`` of the emoji that have an animation."""
    found = enumerate(art.by_code_point(entries, files, pattern))
    return {number: content for number, content in found if content and is_animated(content)}


def choose(entries, moving):
    """Keep, of each concept, the one animation that is least specific.

    That is the emoji without gender or hair, else the concept's first in Unicode's order.
    """
    chosen = {}
    for number, content in moving.items():
        entry = entries[number]
        codes = [code for code in text.code_points(entry["hexcode"]) if code != text.JOINER]
        plain = "-".join(f"{code:X}" for code in codes) == entry["key"]
        if plain or entry["key"] not in chosen:
            chosen[entry["key"]] = (number, content)
    return dict(sorted(chosen.values()))


def is_animated(content):
    """Say whether a WebP file holds more than one picture."""
    with Image.open(io.BytesIO(content)) as picture:
        return picture.n_frames > 1


def decode(content):
    """Return all pictures of an animation, (n, 48, 48, 3) uint8 on white, and (n,) seconds."""
    pictures, seconds = [], []
    with Image.open(io.BytesIO(content)) as animation:
        for picture in ImageSequence.Iterator(animation):
            drawn = picture.convert("RGBA")
            seconds.append(picture.info["duration"] / 1000)
            white = Image.new("RGBA", drawn.size, "white")
            drawn = Image.alpha_composite(white, drawn).convert("RGB")
            pictures.append(np.asarray(drawn.resize((SIZE, SIZE), Image.Resampling.LANCZOS)))
    return np.stack(pictures), np.array(seconds)


def sample(seconds, count=FRAMES):
    """Return which pictures are shown at ``count`` even steps through the loop.

    >>> sample(np.array([1.0, 1.0, 2.0]), 4).tolist()
    [0, 1, 2, 2]
    """
    ends = np.cumsum(seconds)
    return np.searchsorted(ends, np.arange(count) * ends[-1] / count + 1e-9, side="right")


def pack_strip(frames):
    """Lay frames side by side in one lossless WebP picture of at most 256 colours.

    One picture, because an animated WebP merges equal neighbours, and then has fewer frames; and
    a palette, because lossy coding would make still pixels flicker, while the 16 frames
    of a clip in all their colours would take three times the space.
    """
    strip = Image.fromarray(frames.swapaxes(0, 1).reshape(SIZE, -1, 3))
    strip = strip.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    strip.convert("RGB").save(buffer, "WEBP", lossless=True, quality=80, method=4)
    return buffer.getvalue()


def unpack_strip(content):
    """Return the (frames, 48, 48, 3) uint8 that a reader will see."""
    with Image.open(io.BytesIO(content)) as picture:
        strip = np.asarray(picture.convert("RGB"))
    return strip.reshape(SIZE, -1, SIZE, 3).swapaxes(0, 1)
