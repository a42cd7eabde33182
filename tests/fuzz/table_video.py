"""What `mm.applications.video` is given."""

from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import called
from mmtutorial.applications.video import shipped

DRAWN = np.random.default_rng(0)
THING = np.full((2, 8, 8, 4), 255, np.uint8)
BACKGROUNDS = np.full((2, 32, 32, 3), 90, np.uint8)
CLIP = np.full((3, 16, 16, 3), 120, np.uint8)
GRIDS = DRAWN.normal(size=(2, 3, 4, 4, 9)).astype(np.float32)
TEXTS = DRAWN.normal(size=(2, 4)).astype(np.float32)
SEEN = {"image": DRAWN.random((2, 8, 8, 3), np.float32), "text": np.ones((2, 1, 3), np.float32)}
MAPS = DRAWN.random((2, 3, 4, 4, 3), np.float32)
FOLDER = shipped.FOLDER
BOXES = np.array([[[2.0, 3, 9, 12]], [[0, 0, 8, 8]]])
EDGES = DRAWN.random((2, 4, 4, 4))


@cache
def frames():
    """Return a network of frames that was built."""
    made = mm.applications.video.FrameGrounder(4, filters=(2, 2), depth=0)
    made.build({"image": (None, 16, 16, 3), "text": (None, 1, 3)})
    return made


ENTRIES = [
    Entry("applications.video.compose_clips",
          lambda: {"cutouts": [THING, THING], "backgrounds": BACKGROUNDS, "count": 2,
                   "event": "order", "frames": 4, "size": 32, "sides": (8, 12),
                   "labels": np.array([0, 1]), "speed": 1.0, "seed": 0},
          lambda result, count, **_: len(result) == count,
          allows={"count": "1", "frames": "1", "seed": "seed", "speed": "1",
                  "backgrounds": "any rows", "labels": "any value inside"},
          omits=dict.fromkeys(("count", "frames", "size"), "huge"),
          aliases={"cutouts": ("cutouts[0]", "labels"), "labels": ("cutouts",),
                   "size": ("sides",), "sides": ("size",)}, every=3, drawn=False),
    Entry("applications.video.grid_targets",
          lambda: {"boxes": BOXES, "visible": np.ones((2, 1), bool), "size": 16, "grid": 4},
          lambda result, boxes, **_: result[0].shape[:2] == np.shape(boxes)[:2],
          allows={"size": "1, huge", "grid": "1", "boxes": "any value inside",
                  "visible": "any value inside"},
          aliases={"boxes": ("visible",), "visible": ("boxes",)}, omits={"grid": "huge"}, every=2),
    Entry("applications.video.boxes_at",
          lambda: {"cells": np.array([3, 9]), "edges": EDGES, "size": 16},
          lambda result, cells, **_: result.shape == (*np.shape(cells), 4),
          allows={"size": "1, huge", "edges": "any value inside"},
          aliases={"cells": ("edges",), "edges": ("cells",)}, every=2),
    Entry("applications.video.compare", lambda: {"grids": GRIDS, "texts": TEXTS},
          lambda result, grids, **_: result.shape == (*np.shape(grids)[:4], 3), nan=True,
          allows={"grids": "any value inside, nan inside", "texts": "any value inside, nan inside"},
          aliases={"grids": ("texts",), "texts": ("grids",)}, every=2),
    Entry("applications.video.FrameGrounder",
          lambda: {"units": 4, "filters": (2, 2), "depth": 1},
          lambda result, **_: not result.built,
          allows={"units": "1, huge", "filters": "1, huge, one less, generator",
                  "depth": "1, zero"}, omits={"depth": "huge"}),
    Entry("applications.video.FrameGrounder.describe",
          lambda: {"frames": CLIP[None], "batch_size": 2},
          lambda result, frames, **_: len(result) == len(frames),
          target=lambda: frames().describe, allows={"frames": "any rows", "batch_size": "1, huge"}),
    Entry("applications.video.FrameGrounder.encode_text",
          lambda: {"vectors": np.ones((2, 3), np.float32)},
          lambda result, vectors: result.shape == (*np.shape(vectors)[:-1], 4),
          target=lambda: frames().encode_text),
    Entry("applications.video.VideoGrounder",
          lambda: {"temporal": "conv", "width": 4, "hidden": 8, "num_layers": 1},
          lambda result, **_: not result.built,
          allows={"width": "1, huge", "num_layers": "1", "hidden": "huge"},
          omits={"num_layers": "huge"}),
    Entry("applications.video.find", lambda: {"clip": CLIP, "text": "the red fruit"},
          lambda result, **_: 0 <= result.score <= 1,
          allows={"text": "any text", "clip": "any rows"},
          aliases={"clip": ("clip", "the bytes")}, every=3, drawn=False),
    Entry("applications.video.Finder.find", lambda: {"clip": CLIP, "text": "the red fruit"},
          lambda result, **_: 0 <= result.score <= 1,
          target=lambda: mm.applications.video.load_finder().find,
          allows={"text": "any text", "clip": "any rows"},
          aliases={"clip": ("clip", "the bytes")}, every=5, drawn=False),
    Entry("applications.video.load_finder", lambda: {"folder": FOLDER},
          lambda result, **_: len(result.words) > 100, skip=("folder",)),
    called("applications.video.FrameGrounder", lambda: {"inputs": SEEN},
           lambda: mm.applications.video.FrameGrounder(4, filters=(2, 2), depth=0),
           lambda result, inputs: set(result) == {"grid", "text"},
           allows={"inputs": "any value inside, nan inside, any rows"},
           aliases={"inputs": ("image", "text")}, every=3, drawn=False),
    called("applications.video.VideoGrounder", lambda: {"maps": MAPS},
           lambda: mm.applications.video.VideoGrounder(width=4, hidden=8, num_layers=1),
           lambda result, maps: set(result) == {"map", "answers"},
           allows={"maps": "any value inside, nan inside, any rows"}, every=3, drawn=False),
]  # fmt: skip

MADE = {"applications.video.Clips": "compose_clips", "applications.video.Found": "find",
        "applications.video.Finder": "load_finder"}  # fmt: skip
