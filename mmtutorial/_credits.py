"""Whose pictures and recordings they are: what a figure that shows them has to say.

The loaders remember whose each picture and each recording is, so that `mm.plots.show` and the
widgets can tell of what they show whole. What was changed before has its ``sources`` given.
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

_known: dict[int, str] = {}  # by the hash of a picture's pixels, or of a recording's samples


def remember(shown: np.ndarray, sources: Sequence[str]) -> None:
    """Remember whose pictures or recordings these are, a key for each.

    They are ``(count, height, width, 3)`` of uint8, or ``(count, samples)`` of float32. A white
    picture is nobody's: where one is missing, it is white.
    """
    for each, source in zip(shown, sources, strict=True):
        if each.min() < 255:
            _known[hash(each.tobytes())] = source


def recognise(shown: np.ndarray) -> str | None:
    """Return whose a picture or a recording is, or None if nobody knows.

    A picture is of bytes or of floats in 0..1, a recording ``(samples,)`` of floats. It has to be
    whole, and as it was loaded.
    """
    shown = np.asarray(shown)
    if shown.ndim == 1:
        shown = shown.astype(np.float32)
    elif shown.ndim != 3:  # a table of numbers
        return None
    elif shown.dtype != np.uint8:
        shown = np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8)
    return _known.get(hash(shown.tobytes()))


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


def credit_html(shown: Iterable[np.ndarray], sources: Iterable[str | None] = ()) -> str:
    """Return the line of what is known of these, see `recognise`, and of further sources."""
    credit = write_credit([*sources, *map(recognise, shown)])
    return credit and f'<small style="display:block">{escape(credit)}</small>'
