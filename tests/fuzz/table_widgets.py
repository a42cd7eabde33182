"""What `mm.widgets` is given: each returns a block of HTML."""

import io
from functools import cache

import numpy as np
from ipywidgets import Text
from PIL import Image

from fuzz.entry import Entry
from mmtutorial.widgets import probability_table

PATCHES = np.zeros((2, 8, 8, 3), np.uint8)
SAID = "any text"


@cache
def picture():
    """Return the bytes of a PNG file."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return file.getvalue()


def block(result, **_):
    """Look for what no block has: a number that is none."""
    return "nan" not in result._repr_html_().split("base64")[0].split("</style>")[0]


def greet(name):
    """Return HTML with the value of a control."""
    return f"<p>{name}</p>"


ENTRIES = [
    Entry(
        "widgets.attention_view",
        lambda: {"patches": [PATCHES, PATCHES], "words": [["cat", "sofa"], ["dog"]],
                 "weights": [np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.5, 0.5]])],
                 "description": "Who looks where?", "titles": ["home", "park"],
                 "names": [["a cat", "a sofa"], ["a dog", "a tree"]], "notes": ["one", "two"],
                 "columns": 2},
        block,
        allows={"description": "word, misspelt, unicode", "titles": SAID, "notes": SAID,
                "names": SAID, "words": SAID, "patches": "wider axis 1, wider axis 2",
                "columns": "1, huge"},
    ),
    Entry(
        "widgets.audio_player",
        lambda: {"wave": np.sin(np.arange(800) / 5), "sample_rate": 16000, "description": "beep",
                 "transcript": "pip", "language": "fr", "sources": ["dialogues"]},
        block,
        allows={"description": "word, misspelt, unicode", "transcript": SAID, "wave": "any rows",
                "language": "word"},
        every=2,
    ),
    Entry(
        "widgets.clip_player",
        lambda: {"frames": np.zeros((2, 8, 8, 3), np.uint8), "description": "dark",
                 "said": ["one", "two"], "boxes": {"found": np.array([[1.0, 1, 4, 4]] * 2)},
                 "rate": 6.0, "start": 1, "caption": "asked for", "sources": ["noto"]},
        block,
        allows={"description": "word, misspelt, unicode", "said": SAID, "caption": SAID,
                "frames": "wider axis 1, wider axis 2, empty key", "rate": "1, fraction",
                "boxes": "one less, empty, nan inside, inf inside, -inf inside"},
        aliases={"frames": ("said",), "said": ("frames",)},
        every=2,
    ),
    Entry(
        "widgets.figure_slider",
        lambda: {"figures": [picture(), picture()], "labels": ["0", "1"],
                 "description": "weight", "alt": ["a", "b"], "start": 1, "sources": ["noto"]},
        block,
        allows={"description": "word, misspelt, unicode", "labels": SAID, "alt": SAID,
                "start": "1, zero"},
    ),
    Entry(
        "widgets.frame_chooser",
        lambda: {"frames": [probability_table({"image": [p, 1 - p]}, ["cat", "dog"])
                            for p in (0.2, 0.7)],
                 "menus": {"Words": ["bark", "meow"]}},
        block,
        allows={"menus": "any keys, any text"},
    ),
    Entry(
        "widgets.live",
        lambda: {"update": greet, "controls": {"name": Text("Ada", description="Name")},
                 "twin": "<p>Ada</p>", "work": None, "verb": "Greet"},
        lambda result, **_: repr(result) == "Live: Name",
        allows={"twin": SAID, "verb": SAID},
    ),
    Entry(
        "widgets.probability_table",
        lambda: {"columns": {"image": np.array([0.7, 0.2, 0.1])},
                 "classes": ["cat", "dog", "owl"], "truth": 1},
        block,
        allows={"columns": "any keys", "classes": SAID, "truth": "1, zero"},
    ),
    Entry(
        "widgets.point_map",
        lambda: {"maps": {"size": np.array([[0.0, 0.0], [1.0, 2.0]]),
                          "age": np.array([[3.0, 1.0], [0.0, 0.0]])},
                 "names": ["Tom", "Rex"], "groups": ["cat", "dog"], "description": "Pets",
                 "notes": {"size": "Cats are smaller.", "age": "Cats are older."},
                 "words": ["grey", "brown"], "pictures": PATCHES, "axes": ("across", "up"),
                 "start": 1, "sources": ["noto"]},
        block,
        allows={"description": "word, misspelt, unicode", "names": SAID, "groups": SAID,
                "notes": SAID, "words": SAID, "axes": SAID, "start": "1, zero",
                "pictures": "wider axis 1, wider axis 2", "maps": "huge inside"},
    ),
]  # fmt: skip

MADE = {
    "widgets.AttentionView": "attention_view",
    "widgets.AudioPlayer": "audio_player",
    "widgets.ClipPlayer": "clip_player",
    "widgets.FigureSlider": "figure_slider",
    "widgets.Live": "live",
    "widgets.PointMap": "point_map",
}
