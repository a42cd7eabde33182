"""What `mm.fusion` is given: how each is made, and what a built one is called with."""

from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import LAYER, called, made

BATCH = np.random.default_rng(0)
VECTORS = {"image": BATCH.random((3, 4), np.float32), "text": BATCH.random((3, 4), np.float32)}
TOKENS = {"image": BATCH.random((3, 2, 4), np.float32), "text": BATCH.random((3, 5, 4), np.float32)}
MASK = {"text": np.arange(5) < np.array([[5], [3], [1]])}
THERE = np.array([[True, True], [True, False], [False, True]])
ALIASES = {
    "inputs": ("modality", "modalities", "model"),
    "presence": ("presence", "rows"),
    "mask": ("mask", "modality"),
}
NAMES = {
    "allows": {
        "inputs": f"{LAYER}, empty axis 1",
        "presence": "None",
        "mask": "empty, key missing, None",
    },
    "aliases": ALIASES,
}


def rows(result, inputs, **_):
    """Say whether there is one row for each of the inputs."""
    results = result.values() if isinstance(result, dict) else [result]
    return all(len(each) == len(inputs["image"]) for each in results)


def both(name, options, allows, arrays=VECTORS, **more):
    """Return the entries of a fusion: how it is made, and how it is called."""
    found = (
        [made(f"fusion.{name}", lambda: dict(options), allows=allows, **more)] if options else []
    )
    good = {"inputs": arrays, "presence": THERE}
    if arrays is TOKENS:
        good["mask"] = MASK
    return [
        *found,
        called(
            f"fusion.{name}",
            lambda: dict(good),
            lambda: getattr(mm.fusion, name)(**options),
            rows,
            **NAMES,
        ),
    ]


def method(name, of, options):
    """Return the entry of a method that says what a fusion does with its inputs."""

    @cache
    def build():
        layer = getattr(mm.fusion, of)(**options)
        layer(TOKENS)
        return layer

    good = {"inputs": TOKENS, "presence": THERE, "mask": MASK}
    return Entry(f"fusion.{of}.{name}", lambda: dict(good), rows, nan=True,
                 target=lambda: getattr(build(), name), **NAMES)  # fmt: skip


UNITS = {"units": "None, 1, huge"}
HEADS = {"aliases": {"units": ("heads",), "heads": ("units",)}}
ATTEND = {
    name: "None, 1, huge" for name in ("units", "heads", "hidden", "bottlenecks", "num_layers")
}


def classifier(fusion="concat"):
    """Return a small classifier of two vectors."""
    parts = {name: mm.encoders.DenseEncoder(3) for name in VECTORS}
    return mm.fusion.FusionClassifier(parts, fusion, 2)


ALONE = {"image": VECTORS["image"]}
OF_ENCODER = {  # the encoder's own message says what it takes
    **NAMES,
    "aliases": {**ALIASES, "inputs": (*ALIASES["inputs"], "features")},
}


def unimodal():
    """Return a small classifier of one vector."""
    return mm.fusion.UnimodalClassifier({"image": mm.encoders.DenseEncoder(3)}, 2)


@cache
def late():
    """Return a classifier whose modalities decide alone."""
    model = classifier("late")
    model(VECTORS)
    return model


def built_masks():
    """Return the method of a built layer."""
    layer = mm.fusion.MissingTokens()
    layer(TOKENS)
    return layer.masks


WRONG_PARTS = {
    "fusion": lambda: {
        "a class": mm.fusion.ConcatFusion,
        "an encoder": mm.encoders.DenseEncoder(2),
    },
    "auxiliary": lambda: {"other modalities": {"sound": 1.0}, "NaN": {"image": np.nan}},
    "encoders": lambda: {
        "a class": {"image": mm.encoders.DenseEncoder},
        "a function": {"image": lambda x: x},
    },
}


ENTRIES = [
    *both("ConcatFusion", {"units": 3}, UNITS),
    *both("SumFusion", {"units": 3}, UNITS),
    *both("GatedFusion", {"units": 3}, UNITS),
    *both("AttentionFusion", {"units": 3}, UNITS),
    *both("TensorFusion", {"units": 3}, UNITS),
    *both("LowRankTensorFusion", {"units": 3, "rank": 2}, {**UNITS, "rank": "1, huge"}),
    *both("MultiplicativeFusion", {"units": 3, "activation": "tanh"},
          {**UNITS, "activation": "None"}),
    *both("LateFusion", {"weights": {"image": 1.0, "text": 3.0}, "pool": "product"},
          {"weights": "any keys, 1"}),
    Entry("fusion.MixtureOfExperts", dict, lambda result: not result.built),
    Entry("fusion.ProductOfExperts", dict, lambda result: not result.built),
    *both("MixtureOfExperts", {}, {}),
    *both("ProductOfExperts", {}, {}),
    *both("CrossAttentionFusion", {"units": 4, "heads": 2, "hidden": 8, "dropout": 0.1}, ATTEND,
          TOKENS, **HEADS),
    *both("BottleneckFusion", {"units": 4, "bottlenecks": 2, "num_layers": 2, "heads": 2,
                               "hidden": 8, "dropout": 0.1}, ATTEND, TOKENS,
          skip=("num_layers",), **HEADS),
    method("gates", "GatedFusion", {"units": 3}),
    method("shares", "AttentionFusion", {"units": 3}),
    method("shares", "MixtureOfExperts", {}),
    method("powers", "ProductOfExperts", {}),
    method("attention", "CrossAttentionFusion", {"units": 4, "heads": 2}),
    made("fusion.ModalityDropout", lambda: {"rate": 0.2, "seed": 1},
         allows={"seed": "zero, 1, huge, None"}),
    called("fusion.ModalityDropout", lambda: {"presence": THERE},
           lambda: mm.fusion.ModalityDropout(0.5),
           lambda result, presence: tuple(result.shape) == np.shape(presence),
           allows={"presence": "row more, row less, wider axis 1, empty axis 0"}),
    Entry("fusion.MissingTokens", dict, lambda result: not result.built),
    called("fusion.MissingTokens", lambda: {"inputs": VECTORS, "presence": THERE},
           lambda: mm.fusion.MissingTokens(), rows, **NAMES),
    Entry("fusion.MissingTokens.masks",
          lambda: {"inputs": TOKENS, "presence": THERE, "mask": dict(MASK)},
          lambda result, **_: True, every=2, nan=True, target=built_masks,
          **NAMES),
    Entry("fusion.gradient_blend",
          lambda: {"before": {"image": (2.0, 2.0), "fused": (2.0, 2.0)},
                   "after": {"image": (1.5, 1.6), "fused": (0.8, 1.2)}, "floor": 0.01},
          lambda result, **_: abs(sum(result.values()) - 1) < 1e-6,
          allows={"before": "1, negative, huge", "after": "1, negative, huge", "floor": "1, huge"}),
    Entry("fusion.reference_model",
          lambda: {"image_size": 22, "vocabulary_size": 9, "text_length": 3},
          lambda result, **_: result.count_params() > 0, every=3,
          allows={"vocabulary_size": "1", "text_length": "1"}, drawn=False),
    Entry("fusion.FusionClassifier",
          lambda: {"encoders": {name: mm.encoders.DenseEncoder(3) for name in VECTORS},
                   "fusion": "concat", "classes": 2, "hidden": (3,), "dropout": 0.1,
                   "modality_dropout": 0.1, "auxiliary": 0.5, "missing": "learnt"},
          lambda result, classes, **_: result.classes == classes, every=3,
          allows={"classes": "huge", "hidden": "1, huge, empty, empty list", "auxiliary": "1, huge",
                  "encoders": "any keys"},
          also=WRONG_PARTS),
    Entry("fusion.UnimodalClassifier",
          lambda: {"encoder": {"image": mm.encoders.DenseEncoder(3)}, "classes": 2, "hidden": (3,),
                   "dropout": 0.1, "missing": "learnt"},
          lambda result, classes, **_: result.classes == classes, every=3,
          allows={"classes": "huge", "hidden": "1, huge, empty, empty list",
                  "encoder": "any keys"},
          also={"encoder": lambda: {"a class": mm.encoders.DenseEncoder,
                                    "two": {n: mm.encoders.DenseEncoder(3) for n in VECTORS}}}),
    called("fusion.FusionClassifier", lambda: {"inputs": VECTORS, "presence": THERE}, classifier,
           rows, **NAMES),
    called("fusion.UnimodalClassifier", lambda: {"inputs": ALONE, "presence": THERE[:, :1]},
           unimodal, rows, **OF_ENCODER),
    Entry("fusion.UnimodalClassifier.unimodal_logits",
          lambda: {"inputs": ALONE, "presence": THERE[:, :1]}, lambda result, **_: not result,
          every=2, nan=True, **NAMES, target=lambda: unimodal().unimodal_logits),
    Entry("fusion.FusionClassifier.unimodal_logits",
          lambda: {"inputs": VECTORS, "presence": THERE}, rows, every=2, nan=True, **NAMES,
          target=lambda: late().unimodal_logits),
]  # fmt: skip
MADE = {
    "fusion.Fusion": "who writes a fusion; all those of the book are one",
    "fusion.Fusion.__call__": "the same",
}
