"""What `mm.encoders` is given: how each is made, and what a built one is called with."""

from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry

IDS = np.array([[2, 3, 0], [4, 0, 0]], np.int32)
BATCH = np.random.default_rng(0)
FEATURES = BATCH.random((2, 6), np.float32)
PICTURES = BATCH.random((2, 8, 8, 3), np.float32)
CLIPS = BATCH.random((2, 3, 8, 8, 3), np.float32)
SOUNDS = BATCH.random((2, 9, 8), np.float32) - 5
REAL = np.array([[True, True, False], [True, False, False]])
ROWS = "row more, row less"
# As everywhere in Keras, NaN goes in and comes out, and a batch may have no rows.
LAYER = "nan inside, inf inside, -inf inside, empty axis 0"


def configured(result, **arguments):
    """Say whether a layer keeps what it was given."""
    config = result.get_config()
    given = {name: value for name, value in arguments.items() if isinstance(value, (int, float))}
    return all(config[name] == value for name, value in given.items() if name in config)


def vectors(units):
    """Return a check of the shape ``(batch, units)``."""
    return lambda result, **arguments: (
        tuple(result.shape) == (len(next(iter(arguments.values()))), units)
    )


def made(name, good, **options):
    """Return the entry of a layer's constructor, whose errors come at once."""
    return Entry(name, good, configured, **options)


def called(name, good, make, sane, **options):
    """Return the entry of a call of a layer, which is built once."""

    @cache
    def build():
        layer = make()
        first, *others = good()
        layer(good()[first], **{other: good()[other] for other in others})
        return layer

    allows = {argument: f"{LAYER}, {text}" for argument, text in options.pop("allows", {}).items()}
    for argument in good():
        allows.setdefault(argument, LAYER)
    aliases = options.pop("aliases", {})
    aliases = {each: ("inputs", "mask", *aliases.get(each, ())) for each in good()}
    return Entry(f"{name}.__call__", good, sane, allows, aliases=aliases, target=build, nan=True,
                 **options)  # fmt: skip


TEXT = {"vocabulary_size": 9, "units": 4, "dropout": 0.1}
ENTRIES = [
    made("encoders.DenseEncoder", lambda: {"units": 4, "dropout": 0.1},
         allows={"units": "1, huge"}),
    called("encoders.DenseEncoder", lambda: {"features": FEATURES},
           lambda: mm.encoders.DenseEncoder(4),
           lambda result, features: result.shape[-1] == 4,
           allows={"features": f"{ROWS}, rank+1"}),
    made("encoders.ImageCNN",
         lambda: {"units": 4, "filters": (2, 2), "kernel_size": 3, "pooling": "average",
                  "batch_norm": True, "dropout": 0.1},
         allows={"units": "1, huge", "kernel_size": "1, huge",
                 "filters": "1, huge, one less, generator"}),
    called("encoders.ImageCNN", lambda: {"images": PICTURES},
           lambda: mm.encoders.ImageCNN(4, filters=(2, 2)), vectors(4), allows={"images": ROWS},
           also={"images": {"bytes": (PICTURES * 255).astype(np.uint8), "0..255": PICTURES * 255}}),
    made("encoders.GridCNN", lambda: {"filters": (2, 2), "kernel_size": 3, "pool": 1},
         allows={"kernel_size": "1, huge", "pool": "1, huge",
                 "filters": "1, huge, one less, generator"}),
    called("encoders.GridCNN", lambda: {"images": PICTURES}, lambda: mm.encoders.GridCNN((2, 2)),
           lambda result, images: result.shape[-1] == 2, allows={"images": ROWS},
           also={"images": {"bytes": (PICTURES * 255).astype(np.uint8), "0..255": PICTURES * 255}}),
    made("encoders.TextBag", lambda: dict(TEXT),
         allows={"units": "1, huge", "vocabulary_size": "1, huge"}),
    called("encoders.TextBag", lambda: {"ids": IDS}, lambda: mm.encoders.TextBag(9, 4), vectors(4),
           allows={"ids": f"{ROWS}, empty axis 1"},
           also={"ids": {"fractions": np.full((2, 3), 0.5)}}),
    made("encoders.TextRNN", lambda: {**TEXT, "embedding": 3, "cell": "gru"},
         allows={"units": "1, huge", "vocabulary_size": "1, huge", "embedding": "1, huge"}),
    called("encoders.TextRNN", lambda: {"ids": IDS},
           lambda: mm.encoders.TextRNN(9, 4, embedding=3), vectors(4),
           allows={"ids": f"{ROWS}, empty axis 1"},
           also={"ids": {"fractions": np.full((2, 3), 0.5)}}),
    made("encoders.TextTransformer",
         lambda: {**TEXT, "num_layers": 1, "heads": 2, "hidden": 8, "positions": "learnt",
                  "max_length": 5, "sequence": False},
         allows={name: "1, huge" for name in
                 ("vocabulary_size", "num_layers", "heads", "hidden", "max_length")},
         skip=("num_layers",), aliases={"units": ("heads",), "heads": ("units",)}),
    called("encoders.TextTransformer", lambda: {"ids": IDS},
           lambda: mm.encoders.TextTransformer(9, 4, num_layers=1, heads=2, max_length=5),
           vectors(4),
           allows={"ids": f"{ROWS}, empty axis 1"},
           also={"ids": {"fractions": np.full((2, 3), 0.5),
                                               "too long": np.ones((2, 6), int)}}),
    made("encoders.AudioConvRNN",
         lambda: {"units": 4, "filters": (2, 2), "kernel_size": 3, "time_strides": (2, 1),
                  "dropout": 0.1, "sequence": False},
         allows={"filters": "1, huge, generator", "time_strides": "1, huge, generator",
                 "kernel_size": "1, huge"}),
    called("encoders.AudioConvRNN", lambda: {"spectrograms": SOUNDS, "mask": np.ones((2, 9), bool)},
           lambda: mm.encoders.AudioConvRNN(4, filters=(2, 2)), vectors(4),
           allows={"mask": "None", "spectrograms": "empty axis 1"}),
    Entry("encoders.AudioConvRNN.output_length", lambda: {"frames": 9},
          lambda result, frames: 0 <= result <= frames, allows={"frames": "1, zero, huge"},
          target=lambda: mm.encoders.AudioConvRNN(4, filters=(2, 2)).output_length),
    made("encoders.AudioSeparableRNN",
         lambda: {"units": 4, "width": 3, "blocks": 1, "block_kernel": 3},
         allows={"width": "1, huge", "block_kernel": "1, huge", "blocks": "zero, 1, huge"},
         skip=("blocks",), aliases={"width": ("units",)}),
    Entry("encoders.AudioSeparableRNN.output_length", lambda: {"frames": 9},
          lambda result, frames: 0 <= result <= frames, allows={"frames": "1, zero, huge"},
          target=lambda: mm.encoders.AudioSeparableRNN(4, filters=(2, 2)).output_length),
    called("encoders.AudioSeparableRNN",
           lambda: {"spectrograms": SOUNDS, "mask": np.ones((2, 9), bool)},
           lambda: mm.encoders.AudioSeparableRNN(4, width=3, blocks=1, filters=(2, 2)), vectors(4),
           allows={"mask": "None", "spectrograms": "empty axis 1"}),
    made("encoders.VideoEncoder",
         lambda: {"units": 4, "temporal": "average", "dropout": 0.1, "sequence": False},
         allows={"units": "1, huge"},
         skip=("frame_encoder",)),
    called("encoders.VideoEncoder", lambda: {"clips": CLIPS, "mask": REAL},
           lambda: mm.encoders.VideoEncoder(4, frame_encoder=mm.encoders.ImageCNN(4, filters=(2,))),
           vectors(4), allows={"mask": "None", "clips": "empty axis 1"},
           aliases={"clips": ("images",)},
           also={"clips": {"bytes": (CLIPS * 255).astype(np.uint8), "0..255": CLIPS * 255}}),
]  # fmt: skip

MADE = {}
