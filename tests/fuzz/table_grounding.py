"""What `mm.applications.grounding`, its task and its scores are given."""

from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import called

DRAWN = np.random.default_rng(0)
THING = np.full((8, 8, 4), 255, np.uint8)
BACKGROUNDS = np.full((2, 32, 32, 3), 90, np.uint8)
PICTURES = np.full((2, 16, 16, 3), 255, np.uint8)
PICTURES[:, 4:10, 5:12] = [200, 30, 0]
PART = np.array([2, 3, 9, 12])  # top, left, bottom, right
MAPS = DRAWN.random((2, 4, 4)).astype(np.float32)
TOKENS = DRAWN.normal(size=(2, 16, 6)).astype(np.float32)
TEXTS = DRAWN.normal(size=(2, 3, 4, 5)).astype(np.float32)
WORDS = ["red", "fruit", "hot dog"]
MASKS = np.zeros((2, 8, 8), bool)
MASKS[:, 2:5, 3:6] = True
BOXES = np.array([[0, 0, 4, 4], [1, 2, 5, 8]])
SAID = "any text, first: misspelt, first: plain text, first: word, first: unicode, texts"
SIZE = "1, huge, zero"


@cache
def model():
    """Return a model of tokens that was called."""
    made = mm.applications.grounding.GroundingModel(4)
    made({"image": TOKENS, "text": TEXTS})
    return made


@cache
def table():
    """Return a table of three words."""
    return mm.applications.grounding.WordTable(WORDS, np.eye(3))


@cache
def task():
    """Return the task, once."""
    return mm.tasks.GroundingTask()


@cache
def scenes():
    """Return two scenes of the validation split."""
    return task().draw_scenes("validation", 2, seed=0)


def as_many(result, **given):
    """Say whether there is a result for each map or picture."""
    return len(result) == len(next(iter(given.values())))


LAYER = "empty axis 0, row more, row less"
ENTRIES = [
    Entry("applications.grounding.cut_out", lambda: {"pictures": PICTURES, "paper": 240},
          lambda result, pictures, **_: result.shape == (*np.shape(pictures)[:3], 4),
          allows={"pictures": "any rows, zero inside", "paper": "1"}),
    Entry("applications.grounding.compose_scenes",
          lambda: {"rows": np.array([[0, -1], [0, 0]]), "objects": [THING],
                   "backgrounds": BACKGROUNDS, "seed": 0, "sizes": (8, 16), "max_hidden": 0.5},
          lambda result, rows, **_: len(result) == len(rows),
          allows={"rows": "row more, row less, one more, one less, negative inside",
                  "objects": "one more, row more", "backgrounds": "row more, row less",
                  "seed": "seed", "max_hidden": "1, zero"},
          aliases={"objects": ("objects[0]", "rows"), "rows": ("rows",)}, every=3),
    Entry("applications.grounding.find", lambda: {"picture": PICTURES[0], "text": "the red fruit"},
          lambda result, **_: -1.01 <= result.score <= 1.01,
          allows={"text": "any text", "picture": "row more, row less"},
          aliases={"picture": ("source",)}, every=3, drawn=False),
    Entry("applications.grounding.recognize",
          lambda: {"picture": PICTURES[0], "names": ["red", "fruit"], "at": (4, 5)},
          lambda result, names, **_: set(result) == set(names),
          allows={"names": "any text, first: plain text, first: unicode, first: word, texts, "
                           "one less", "picture": "row more, row less", "at": "zero inside"},
          aliases={"picture": ("source",), "names": ("names", "text")}, every=3, drawn=False),
    Entry("applications.grounding.scene_loss",
          lambda: {"scores": DRAWN.normal(size=(2, 3, 2, 4)), "present": np.ones((2, 3), bool)},
          lambda result, **_: float(result) >= -1e-5, nan=True,
          allows={"scores": "any value inside, nan inside", "present": "any value inside"},
          aliases={"scores": ("present",), "present": ("scores",)}, every=3),
    Entry("applications.grounding.place_loss",
          lambda: {"scores": DRAWN.normal(size=(2, 3, 4)), "seen": DRAWN.random((2, 3, 4))},
          lambda result, **_: float(result) >= -1e-5, nan=True,
          allows={"scores": "any value inside, nan inside", "seen": "any value inside, nan inside"},
          aliases={"scores": ("seen",), "seen": ("scores",)}, every=3),
    *[Entry(f"applications.grounding.{name}", lambda: {"maps": MAPS, "size": 16, "part": PART},
            as_many, allows={"maps": "any rows, empty axis 0", "part": "None"},
            omits={"size": "huge"}, aliases={"size": ("part",)})
      for name in ("enlarge_maps", "point_at")],
    Entry("applications.grounding.box_at",
          lambda: {"maps": MAPS, "size": 16, "share": 0.5, "part": PART},
          as_many, allows={"maps": "any rows, empty axis 0", "share": "1, zero", "part": "None"},
          omits={"size": "huge"}, aliases={"size": ("part",)}),
    Entry("applications.grounding.GroundingModel",
          lambda: {"units": 4, "encoder": mm.encoders.GridCNN((2, 2)), "context": 1,
                   "supervision": "both", "scale": 5.0},
          lambda result, **_: not result.built,
          allows={"units": "1, huge", "context": "1, zero, huge", "scale": "1, huge"},
          omits={"context": "huge"}, skip=("encoder",)),
    called("applications.grounding.GroundingModel",
           lambda: {"inputs": {"image": TOKENS, "text": TEXTS}}, model,
           lambda result, inputs: result.shape[0] == len(inputs["text"]),
           allows={"inputs": "any value inside, nan inside, any rows"},
           aliases={"inputs": ("image", "text")}),
    Entry("applications.grounding.GroundingModel.find",
          lambda: {"images": TOKENS, "texts": TEXTS[:, 0]},
          lambda result, texts, **_: len(result) == len(texts), target=lambda: model().find,
          allows={"images": "any value inside", "texts": "any value inside"},
          aliases={"images": ("texts", "image"), "texts": ("images", "text")}, every=3),
    Entry("applications.grounding.WordTable", lambda: {"words": WORDS, "vectors": np.eye(3)},
          lambda result, words, **_: len(result) == len(words),
          allows={"words": SAID, "vectors": "any value inside"},
          aliases={"words": ("vectors",), "vectors": ("words",)}),
    Entry("applications.grounding.WordTable.split", lambda: {"text": "the red fruit"},
          lambda result, **_: len(result) == 2, target=lambda: table().split,
          allows={"text": "any text"}),
    *[Entry(f"applications.grounding.WordTable.{name}",
            lambda: {"texts": ["red fruit", "hot dog"], "length": 3},
            lambda result, texts, **_: len(result) == len(texts),
            target=lambda name=name: getattr(table(), name),
            allows={"texts": f"{SAID}, empty text, first: empty text, one more, one less",
                    "length": "1"}, omits={"length": "huge"})
      for name in ("number", "encode")],
    Entry("applications.grounding.WordTable.look_up", lambda: {"numbers": np.array([[1, 0]])},
          lambda result, numbers: result.shape[:-1] == np.shape(numbers),
          target=lambda: table().look_up,
          allows={"numbers": "any rows, zero inside, 1, zero, rank+1, rank-1, empty axis 1"},
          drawn=False),
    Entry("tasks.GroundingTask.draw",
          lambda: {"split": "validation", "count": 2, "seed": 0, "ways": ("name", "colour"),
                   "least": 2, "most": 3},
          lambda result, count, **_: len(result) == count, target=lambda: task().draw,
          allows={"count": "1", "seed": "seed", "ways": "one less", "least": "1", "most": "1"},
          omits={"count": "huge", "most": "huge", "least": "huge"}, every=5, drawn=False),
    Entry("tasks.GroundingTask.draw_scenes",
          lambda: {"split": "validation", "count": 2, "seed": 0, "least": 1, "most": 2},
          lambda result, count, **_: len(result) == count, target=lambda: task().draw_scenes,
          allows={"count": "1", "seed": "seed", "least": "1", "most": "1"},
          omits={"count": "huge", "most": "huge", "least": "huge"}, every=5, drawn=False),
    Entry("tasks.GroundingTask.show_alone",
          lambda: {"split": "validation", "rows": np.array([0, 4]), "seed": 0, "size": 32},
          lambda result, rows, **_: len(result) == len(rows), target=lambda: task().show_alone,
          allows={"rows": "row more, row less, one more, one less, any value inside",
                  "seed": "seed"}, omits={"size": "huge"}, every=5, drawn=False),
    Entry("tasks.GroundingTask.describe",
          lambda: {"split": "validation", "scenes": scenes(), "seed": 0},
          lambda result, scenes, **_: len(result) == len(scenes.rows),
          target=lambda: task().describe, allows={"seed": "seed"}, every=3, drawn=False),
    *[Entry(f"tasks.GroundingTask.{name}", lambda: {"texts": ["red bird", "狗"], "length": 3},
            lambda result, texts, **_: len(result) == len(texts),
            target=lambda name=name: getattr(task(), name),
            allows={"texts": f"{SAID}, empty text, first: empty text, one more, one less",
                    "length": "1, None"}, omits={"length": "huge"}, every=3)
      for name in ("number", "encode")],
    Entry("evaluation.box_iou", lambda: {"boxes": BOXES, "others": BOXES[::-1]},
          lambda result, **_: 0 <= result.min() <= result.max() <= 1,
          allows={"boxes": "zero inside, negative inside, fraction inside",
                  "others": "zero inside, negative inside, fraction inside"},
          aliases={"boxes": ("others",), "others": ("boxes",)}),
    *[Entry(f"evaluation.{name}", lambda: {"points": np.array([[3, 4], [0, 0]]), "masks": MASKS},
            lambda result, **_: 0 <= np.mean(result) <= 1,
            allows={"points": "zero inside", "masks": "any value inside"},
            aliases={"points": ("masks",), "masks": ("points",)})
      for name in ("pointing_hits", "pointing_accuracy")],
]  # fmt: skip

MADE = {
    *(f"applications.grounding.{name}" for name in (
        "Scenes", "Scenes.areas", "Scenes.masks", "Found", "Finder", "Finder.find", "Finder.read",
        "Finder.recognize", "load_finder",
        "GroundingModel.embed_image", "GroundingModel.embed_text")),
    "tasks.Descriptions", "tasks.Descriptions.boxes", "tasks.Descriptions.masks",
    "tasks.GroundingTask",
}  # fmt: skip
