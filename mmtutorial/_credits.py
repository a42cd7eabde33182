"""Whose pictures and recordings they are: what a figure that shows them has to say.

The loaders remember whose each picture is, so that `mm.plots.show` can tell of any figure whose
drawings it holds.
"""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

#: What is shown, and who made it, under which licence: a test compares it with the data cards.
SOURCES = {
    "noto": ("Pictures", "Noto (Google), Apache-2.0"),
    "twemoji": ("Pictures", "Twemoji (Twitter), CC BY 4.0"),
    "openmoji": ("Pictures", "OpenMoji (HfG Schwäbisch Gmünd), CC BY-SA 4.0"),
    "noto_v1": ("Pictures", "Noto v1, the blobs (Google), Apache-2.0"),
    "emojione": ("Pictures", "EmojiOne 2, CC BY 4.0"),
    "fluent_3d": ("Pictures", "Fluent 3D (Microsoft), MIT"),
    "fluent_flat": ("Pictures", "Fluent flat (Microsoft), MIT"),
    "animated_emoji": ("Pictures", "Fluent, animated (Microsoft), MIT"),
    "stamps": ("Pictures", "stamps of Tux Paint (Bill Kendrick and others), GPL-2.0-only"),
    "dialogues": ("Sound", "Fish Fillets NG (ALTAR interactive and others), GPL-2.0-only"),
    "stamps_sound": ("Sound", "Tux Paint (Bill Kendrick and others), GPL-2.0-only"),
}

_known: dict[int, str] = {}  # by the hash of a picture's pixels


def remember(images: np.ndarray, sources: Sequence[str]) -> None:
    """Remember whose pictures these are: ``(count, height, width, 3)`` of uint8, a key for each.

    A white one is nobody's: where a picture is missing, it is white.
    """
    for image, source in zip(images, sources, strict=True):
        if image.min() < 255:
            _known[hash(image.tobytes())] = source


def recognise(image: np.ndarray) -> str | None:
    """Return whose a picture is, of bytes or of floats in 0..1, or None if nobody knows.

    It has to be whole, and as it was loaded.
    """
    image = np.asarray(image)
    if image.ndim != 3:  # a table of numbers
        return None
    if image.dtype != np.uint8:
        image = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return _known.get(hash(image.tobytes()))


def write_credit(sources: Iterable[str | None]) -> str:
    """Return the line of some sources, each once; "" for none, and for those of nobody.

    >>> write_credit(["twemoji", None, "noto", "twemoji"])
    'Pictures: Noto (Google), Apache-2.0; Twemoji (Twitter), CC BY 4.0'
    """
    found = set(sources)
    lines: dict[str, list[str]] = {}
    for source, (kind, credit) in SOURCES.items():
        if source in found:
            lines.setdefault(kind, []).append(credit)
    return ". ".join(f"{kind}: {'; '.join(credits)}" for kind, credits in lines.items())


def credit_html(images: Iterable[np.ndarray], sources: Iterable[str] = ()) -> str:
    """Return the line of those pictures that are known, and of further sources, as HTML."""
    credit = write_credit([*sources, *map(recognise, images)])
    return credit and f'<small style="display:block">{escape(credit)}</small>'
