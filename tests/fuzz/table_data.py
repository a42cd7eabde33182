"""What `mm.data` is given, and what it must give."""

import io
import zipfile
from functools import cache

import numpy as np
import soundfile
from PIL import Image

import mmtutorial as mm
from fuzz.entry import Entry

NAMES, SECONDS, FRAMES = ["a", "b", ""], np.array([0.05, 0.1, 0.0]), np.array([2, 3, 0])


@cache
def sounds():
    """Return a ZIP of two recordings at 8000 Hz, of 0.05 and 0.1 seconds."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, seconds in zip(NAMES[:2], SECONDS, strict=False):
            file = io.BytesIO()
            soundfile.write(file, np.zeros(round(8000 * seconds)), 8000, format="WAV")
            archive.writestr(name, file.getvalue())
    return packed.getvalue()


@cache
def films():
    """Return a ZIP of two film strips of 4 x 6 pixels, of 2 and 3 frames."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, frames in zip(NAMES[:2], FRAMES, strict=False):
            file = io.BytesIO()
            Image.new("RGB", (6 * int(frames), 4)).save(file, "WEBP", lossless=True)
            archive.writestr(name, file.getvalue())
    return packed.getvalue()


def audio():
    """Return three clips, the last absent."""
    return mm.data.AudioClips(sounds(), NAMES, SECONDS, sample_rate=8000)


def video():
    """Return three clips, the last absent."""
    return mm.data.VideoClips(films(), NAMES, FRAMES, np.array([0.1, 0.1, 0.0]), size=(4, 6))


def split():
    """Return a split of three rows."""
    return mm.data.Split(
        {"image": np.zeros((3, 2)), "text": np.array(["a", "b", "c"])},
        {"group": np.array([0, 1, 1])},
        {"id": np.array([7, 8, 9])},
        {"image": np.array([True, True, False])},
    )


def all_clips(result, **_):
    """Decode every clip, and see whether its length is as told."""
    told = result.frames if hasattr(result, "frames") else result.seconds * result.sample_rate
    return [len(result[i]) for i in range(len(result))] == np.rint(told).astype(int).tolist()


def loader(name, options, allows=None):
    """Return the entry of a loader, of one class, so that it takes no time."""
    return Entry(
        f"data.{name}",
        lambda: dict(options),
        lambda result, **_: min(map(len, (result.train, result.validation, result.test))) > 0,
        allows={"seed": "seed", "groups": "one less", **(allows or {})},
    )


def vector_entry(method, good, argument):
    """Return the entry of a method that makes a vector of each text."""
    return Entry(
        f"data.WordVectors.{method}",
        lambda: dict(good),
        lambda result, **texts: result.shape == (len(texts[argument]), 256),
        allows={argument: "any rows, texts"},  # "no" and "numbers" are keywords
        target=lambda: getattr(mm.data.load_word_vectors(), method),
        also={argument: {"missing value": ["dog", None], "no word": [""], "numbers": [1, 2]}},
    )


PARTS = "any value inside, as texts, as objects, complex, rank+1, empty axis 1"
CLIPS = {"source": "any text"}
ENTRIES = [
    Entry(
        "data.draw_keywords",
        lambda: {"texts": ["cat | face | smile", "dog"], "k": 2, "seed": 0},
        lambda result, texts, **_: result.shape == (len(texts),),
        allows={"texts": "any rows, any text, empty list, texts", "k": "1, huge", "seed": "seed"},
        also={"texts": {"missing value": ["cat", None], "numbers": [1, 2]}},
    ),
    loader("load_emoji", {"image": "features", "size": 64, "text": "features",
                          "language": "en", "keywords": 2, "seed": 1, "artists": ("noto",),
                          "validation_artists": ("noto",), "groups": ("food-drink",),
                          "leak": False}),
    loader("load_animated_emoji", {"language": "zh", "keywords": 2, "seed": 1,
                                   "groups": ("animals-nature",)}),
    loader("load_dialogues", {"language": "cs", "test": "level", "max_seconds": 2.0},
           {"max_seconds": "1, huge", "language": "None"}),
    loader("load_stamps", {"image": "features", "size": 128, "text": "features", "language": "en",
                           "speech": "fr", "fold": 1, "groups": ("animals",)}, {"fold": "1, zero"}),
    loader("load_digits", {"seed": 1}),
    Entry("data.load_word_vectors", dict, lambda result: len(result) > 10_000),
    vector_entry("encode", {"words": ["dog", "狗", "cat"]}, "words"),
    vector_entry("mean", {"texts": ["dog | cat", "狗", "cat"]}, "texts"),
    Entry(
        "data.WordVectors.transform",
        lambda: {"numbers": np.full((3, 384), 0.05, np.float32)},
        lambda result, numbers: result.shape == (len(numbers), 256),
        allows={"numbers": "row more, row less, empty axis 0"},
        target=lambda: mm.data.load_word_vectors().transform,
    ),
    Entry(
        "data.WordVectors.prompts",
        lambda: {"names": ["flags", "animal-bird"], "language": "zh"},
        lambda result, names, **_: list(result) == list(dict.fromkeys(names)),
        allows={"names": "any rows"},
        target=lambda: mm.data.load_word_vectors().prompts,
        also={"names": {"a keyword": ["dog"]}},
    ),
    Entry(
        "data.Split",
        lambda: {"inputs": {"image": np.zeros((3, 2))}, "targets": {"group": np.array([0, 1, 1])},
                 "info": {"id": np.array([7, 8, 9])},
                 "presence": {"image": np.array([True, True, False])}},
        lambda result, **_: len(result) == 3,
        allows={"inputs": f"{PARTS}, key more", "targets": f"any keys, {PARTS}",
                "info": f"any keys, {PARTS}, empty", "presence": "empty, key missing"},
    ),
    Entry(
        "data.Split.take",
        lambda: {"rows": np.array([0, 2])},
        lambda result, rows: len(result) == np.arange(3)[np.asarray(rows)].size,
        allows={"rows": "row more, row less, negative inside, empty axis 0, empty list"},
        target=lambda: split().take,
        also={"rows": {"two booleans for three rows": np.array([True, False])}},
    ),
    Entry(
        "data.AudioClips",
        lambda: {"archive": sounds(), "names": list(NAMES), "seconds": SECONDS,
                 "sample_rate": 8000, "source": "sounds.zip"},
        all_clips,
        allows=CLIPS,
        aliases={"archive": ("sounds.zip",), "names": ("sounds.zip", "name", "clip"),
                 "seconds": ("a clip lasts",)},
    ),
    Entry(
        "data.AudioClips.encoded",
        lambda: {"row": 1},
        lambda result, row: isinstance(result, bytes),
        allows={"row": "negative, 1, zero"},
        target=lambda: audio().encoded,
    ),
    Entry(
        "data.VideoClips",
        lambda: {"archive": films(), "names": list(NAMES), "frames": FRAMES,
                 "frame_seconds": np.array([0.1, 0.1, 0.0]), "size": (4, 6),
                 "source": "films.zip"},
        all_clips,
        allows={**CLIPS, "frame_seconds": "huge inside"},
        aliases={"archive": ("films.zip",), "names": ("films.zip", "name"), "size": ("films.zip",),
                 "frames": ("a clip has frames", "is damaged")},
    ),
    Entry(
        "data.VideoClips.encoded",
        lambda: {"row": 1},
        lambda result, row: isinstance(result, bytes),
        allows={"row": "negative, 1, zero"},
        target=lambda: video().encoded,
    ),
    Entry(
        "data.VideoClips.array",
        lambda: {"rows": np.array([0])},
        lambda result, rows: result.shape[1:] in ((2, 4, 6, 3), (3, 4, 6, 3), (0, 4, 6, 3)),
        allows={"rows": "row more, row less, negative inside, empty axis 0, empty list, 1, rank-1"},
        target=lambda: video().array,
    ),
]  # fmt: skip

MADE = {
    "data.Card": "the loaders",
    "data.Dataset": "the loaders",
    "data.DataError": "the loaders, as an error",
    "data.WordVectors": "load_word_vectors",
}
