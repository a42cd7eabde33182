"""What the functions of the chapter "From raw samples to arrays" are given."""

from dataclasses import replace
from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry

ROOM = "chapters.background.arrays"
RNG = np.random.default_rng(0)
FRAMES = RNG.random((4, 3, 16, 16))
WAVE = np.sin(np.arange(1600) / 5).astype(np.float32)
VOICES = {side: ([WAVE, WAVE / 2, -WAVE], np.array([0, 1, 0])) for side in ("train", "test")}
TRAINED = {"every": 9, "drawn": False, "slow": True}
FEW = "row more, row less, one more, one less"


class Echo:
    """A model whose logits are its inputs."""

    def predict(self, inputs, **_):
        """Return the inputs."""
        return np.asarray(inputs)


@cache
def few_emoji():
    """Return emoji of 32 pixels, as many as make one batch."""
    emoji = mm.chapters.background.arrays.load_pictures()
    few = emoji.train.take(np.arange(128)), emoji.validation.take(np.arange(8))
    return replace(emoji, train=few[0], validation=few[1])


@cache
def few_clips():
    """Return a few animated emoji."""
    clips = mm.data.load_animated_emoji()
    return replace(clips, train=clips.train.take([0, 1, 2]), test=clips.test.take([0, 1]))


@cache
def names():
    """Return names as ids of characters."""
    return mm.chapters.background.arrays.name_arrays(language="en", unit="char")


ENTRIES = [
    Entry(f"{ROOM}.grey_frames",
          lambda: {"videos": np.arange(2 * 2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 2, 4, 4, 3)},
          lambda result, videos: result.shape == (*np.shape(videos)[:2], 16, 16),
          allows={"videos": "row more, row less, empty axis 0, empty axis 1"}),
    Entry(f"{ROOM}.motion", lambda: {"frames": FRAMES},
          lambda result, frames: result.shape == (len(frames), np.shape(frames)[1] - 1),
          allows={"frames": "row more, row less"},
          also={"frames": {"bytes of 0..255": np.zeros((2, 3, 4, 4), np.uint8)}}),
    Entry(f"{ROOM}.classify_direction",
          lambda: {"train": FRAMES, "test": FRAMES[:2], "view": np.sin},
          lambda result, **_: 0 <= result <= 1, drawn=False,
          allows={"train": "row more, row less", "test": "row more, row less"}),
    Entry(f"{ROOM}.tell_direction", lambda: {"clips": few_clips()},
          lambda result, **_: all(0 <= share <= 1 for share in result.values()), drawn=False),
    Entry(f"{ROOM}.split_name",
          lambda: {"name": "red heart", "language": "en", "unit": "space"},
          lambda result, **_: all(isinstance(token, str) for token in result),
          allows={"name": "any text"}),
    Entry(f"{ROOM}.name_arrays", lambda: {"language": "en", "unit": "char"},
          lambda result, **_: 0 <= result["unknown"] <= 1, drawn=False),
    Entry(f"{ROOM}.train_names", lambda: {"arrays": names(), "seed": 0, "epochs": 1},
          lambda result, **_: result.built, allows={"epochs": "1", "seed": "seed"},
          omits={"epochs": "huge"}, skip=("arrays",), **TRAINED),
    Entry(f"{ROOM}.load_pictures", dict, lambda result: len(result.train) > 0, slow=True),
    Entry(f"{ROOM}.train_pictures",
          lambda: {"emoji": few_emoji(), "seed": 0, "epochs": 1,
                   "scale": mm.preprocessing.scale_image, "max_rotation": 10, "batch_norm": True},
          lambda result, **_: result[0].built, allows={"epochs": "1", "seed": "seed",
                                                       "max_rotation": "1, fraction"},
          omits={"epochs": "huge"}, **TRAINED),
    Entry(f"{ROOM}.score",
          lambda: {"model": Echo(), "inputs": np.eye(3), "target": np.array([0, 1, 1])},
          lambda result, **_: 0 <= result <= 1,
          allows={"inputs": "row less, huge inside, wider axis 1"},
          aliases={"inputs": ("model", "target")}),
    Entry(f"{ROOM}.load_voices", lambda: {"seed": 0, "count": 2},
          lambda result, **_: set(result) == {"train", "test"}, drawn=False,
          allows={"seed": "seed", "count": "1"}),
    Entry(f"{ROOM}.classify_voices", lambda: {"voices": dict(VOICES)},
          lambda result, **_: len(result) == 2, allows={"voices": FEW}, drawn=False,
          aliases={"voices": ("wave",)}),
    Entry(f"{ROOM}.voice_features", lambda: {"wave": WAVE, "rate": 16000},
          lambda result, **_: result.shape == (64,), allows={"wave": "row more, row less"},
          aliases={"rate": ("sample_rate", "bands")}),
]  # fmt: skip

MADE = {}
