"""What the functions of pictures in `mm.preprocessing` are given, and what they must give."""

import io
from functools import cache

import numpy as np
from PIL import Image

from fuzz.entry import Entry

BYTES = np.arange(2 * 6 * 8 * 3, dtype=np.uint8).reshape(2, 6, 8, 3)
IMAGES = BYTES / 288
OF_PICTURES = {  # what no picture may be, beside what no array may be
    "bytes as floats": BYTES.astype(float),
    "bytes as whole numbers": BYTES.astype(np.int64),
    "channels first": np.moveaxis(IMAGES, 3, 1),
    "two channels": IMAGES[..., :2],
    "five channels": np.concatenate([IMAGES, IMAGES[..., :2]], axis=3),
    "below 0": IMAGES - 1,
    "above 1": IMAGES * 2,
    "no channels": IMAGES[..., 0],
    "no batch": IMAGES[0],
    "two sizes": [IMAGES[0], IMAGES[1, :4]],
    "paths": ["a.png", "b.png"],
}


@cache
def picture_file():
    """Return the bytes of a GIF of two frames."""
    file, frames = io.BytesIO(), [Image.new("RGB", (6, 4), colour) for colour in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def picture_entry(name, options, size, *, allows=None):
    """Return the entry of a function of pictures; ``size`` gives height and width of the result."""

    def sane(result, images, **others):
        if isinstance(images, list):
            return len(result) == len(images)
        high = 255 if images.dtype == np.uint8 else 1
        shape = (len(images), *size(images, **others), images.shape[3])
        return result.shape == shape and (
            result.size == 0 or 0 <= result.min() <= result.max() <= high
        )

    return Entry(
        f"preprocessing.{name}",
        lambda: {"images": IMAGES, **options},
        sane,
        allows={"images": "any rows, wider axis 1, wider axis 2", "seed": "seed", **(allows or {})},
        also={"images": OF_PICTURES},
    )


SIZES = "any rows, wider axis 1, wider axis 2, two sizes"


def same(images, **_):
    """Return height and width as they are."""
    return images.shape[1:3]


def wanted(images, size, **_):
    """Return height and width of ``size``."""
    return (size, size) if np.ndim(size) == 0 else tuple(size)


ENTRIES = [
    picture_entry("resize_image", {"size": 4}, wanted, allows={"images": SIZES}),
    picture_entry("resize_image", {"size": (4, 5)}, wanted, allows={"images": SIZES, "size": "1"}),
    picture_entry(
        "augment_image",
        {"seed": 0, "max_rotation": 5.0, "max_shift": 1.5, "flip": True, "fill": 0.5},
        same,
        allows={"max_rotation": "1, huge", "max_shift": "1, huge"},
    ),
    picture_entry(
        "crop_image",
        {"top": 1, "left": 2, "height": 3, "width": 4},
        lambda images, height, width, **_: (height, width),
    ),
    picture_entry("flip_image", {}, same),
    picture_entry(
        "rotate_image", {"degrees": 30.0, "fill": 0.5}, same, allows={"degrees": "negative, 1"}
    ),
    picture_entry(
        "rotate_image",
        {"degrees": np.array([30.0, 5.0]), "fill": 0.0},
        same,
        allows={"degrees": "1, rank-1"},
    ),
    Entry(
        "preprocessing.scale_image",
        lambda: {"images": BYTES},
        lambda result, images: result.dtype == np.float32 and result.max(initial=0) <= 1,
        allows={"images": "any rows, wider axis 1, wider axis 2"},
        also={"images": {**OF_PICTURES, "scaled": IMAGES, "whole numbers": BYTES.astype(int)}},
    ),
    Entry(
        "preprocessing.sample_frames",
        lambda: {"video": IMAGES, "count": 3, "method": "random", "seed": 0},
        lambda result, video, count, **_: result.shape == (count, *np.shape(video)[1:]),
        allows={"video": "row more, row less", "seed": "seed"},
        also={"video": {k: v for k, v in OF_PICTURES.items() if k != "no batch"}},
    ),
    Entry(
        "preprocessing.read_image",
        lambda: {"source": picture_file(), "size": (5, 7)},
        lambda result, size, **_: size is None or result.shape == (*wanted(result, size), 3),
        allows={"size": "1, huge", "source": "half a file"},
        aliases={"source": ("picture",)},
        also={"source": {"a file of the system": 1, "no such path": "no/such.png", "folder": "/"}},
    ),
    Entry(
        "preprocessing.read_clip",
        lambda: {"source": picture_file(), "size": (5, 7), "frames": 2},
        lambda result, size, **_: result.frames.ndim == 4,
        allows={"size": "1, huge", "frames": "1, huge"},
        aliases={"source": ("picture",)},
        also={"source": {"a file of the system": 1, "no such path": "no/such.png", "folder": "/"}},
    ),
]

MADE = {"preprocessing.Clip": "read_clip"}
