"""What the contrastive losses of `mm.cross_modal` and its dual encoder are given."""

from functools import cache

import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import called, made

DRAWN = np.random.default_rng(0)
A = DRAWN.normal(size=(6, 3)).astype(np.float32)
B = DRAWN.normal(size=(6, 3)).astype(np.float32)
IDS = np.array([0, 1, 0, 2, 3, 4])
SAME = IDS[:, None] == IDS
PAIRS = {"image": A, "text": B}
ANY_ID = "far inside, negative inside"  # an item may have any number
NUMBER = {"logit_scale": "1, huge", "logit_bias": "1, huge, negative"}
NAMES = {"inputs": ("modality", "modalities", "inputs", "features")}
WRONG_NUMBERS = {"a pair": np.ones(2), "NaN": np.float32(np.nan)}


def at_least_0(result, **_):
    """Say whether a loss is none of what nothing can be."""
    return float(result) >= -1e-5


def losses():
    """Return an entry for each loss, with ids and with a table of matches."""
    base = {"a": A, "b": B, "logit_scale": 5.0, "matches": SAME, "chunk_size": 4}
    sig = {**base, "logit_bias": -1.0, "matches": IDS}
    rows = {"a": A[:2], "b": B[:2], "all_a": A, "all_b": B, "logit_scale": 5.0, "offset": 2,
            "matches": SAME[:2]}  # fmt: skip
    some = {name: rows[name] for name in ("a", "all_b", "logit_scale", "offset", "matches")}
    allows = {**NUMBER, "matches": ANY_ID, "chunk_size": "1, huge", "offset": "1, zero"}
    triplets = {"a": A, "b": B, "margin": 0.2, "mining": "semi-hard", "matches": IDS}
    words = ("a", "b", "all_a", "all_b", "matches", "offset")
    both = {"aliases": {name: words for name in words[:4]}}
    also = {"logit_scale": WRONG_NUMBERS, "logit_bias": WRONG_NUMBERS}
    for name, good in (
        ("clip_loss", base),
        ("siglip_loss", sig),
        ("global_clip_loss", rows),
        ("global_siglip_loss", {**some, "logit_bias": -1.0}),
        ("triplet_loss", triplets),
    ):
        yield Entry(
            f"cross_modal.{name}",
            lambda good=good: dict(good),
            at_least_0,
            allows={**allows, "margin": "1, zero"},
            also={key: values for key, values in also.items() if key in good},
            **both,
        )


def parts():
    """Return an encoder for each modality."""
    return {"image": mm.encoders.DenseEncoder(3), "text": mm.encoders.DenseEncoder(2)}


@cache
def dual():
    """Return a dual encoder that was called."""
    model = mm.cross_modal.DualEncoder(parts(), units=2)
    model(PAIRS)
    return model


def embedded(result, inputs, **_):
    """Say whether there is a vector of length 1, of 0 or of NaN for each item that was given."""
    lengths = {name: np.linalg.norm(np.asarray(each), axis=1) for name, each in result.items()}
    return all(
        len(lengths[name]) == len(inputs[name])
        and not np.any((np.abs(lengths[name] - 1) > 1e-5) & (lengths[name] > 0))
        for name in inputs
    )


def cosines(result, inputs):
    """Say whether there is a cosine for each two items."""
    shape = tuple(len(inputs[name]) for name in ("image", "text"))
    return result.shape == shape and bool(np.all(np.abs(result) <= 1 + 1e-5))


ENTRIES = [
    *losses(),
    Entry("cross_modal.same_item", lambda: {"ids": IDS, "other": IDS[:3]},
          lambda result, ids, **_: result.shape[0] == len(ids),
          allows={"ids": f"{ANY_ID}, empty axis 0, any rows", "other": f"{ANY_ID}, any rows"}),
    made("cross_modal.LogitScale", lambda: {"initial": 5.0, "bias": -1.0, "maximum": 50.0},
         allows={"initial": "1", "bias": "1, huge, negative", "maximum": "huge, None"},
         aliases={"maximum": ("initial", "maximum")}),
    called("cross_modal.LogitScale", lambda: {"cosines": A}, lambda: mm.cross_modal.LogitScale(),
           lambda result, cosines: tuple(result.shape) == np.shape(cosines),
           allows={"cosines": "any rows, rank+1, rank-1, empty axis 1, True, 1, nan"}),
    Entry("cross_modal.DualEncoder",
          lambda: {"encoders": parts(), "units": 2, "loss": "siglip", "frozen": ("text",),
                   "dropout": 0.1, "temperature": 0.1, "margin": 0.2, "mining": "hardest",
                   "chunk_size": 4},
          lambda result, units, **_: result.units == units, every=3,
          allows={"encoders": "any keys", "units": "1, huge", "frozen": "empty, empty list",
                  "temperature": "1, huge", "margin": "1, zero", "chunk_size": "1, huge"},
          aliases={"encoders": ("modality", "modalities", "encoders", "frozen"),
                   "frozen": ("frozen", "encoders")},
          also={"encoders": {"a class": {**parts(), "text": mm.encoders.DenseEncoder}},
                "loss": {"that of another": "dcca"}}),
    called("cross_modal.DualEncoder", lambda: {"inputs": dict(PAIRS)}, dual, embedded,
           allows={"inputs": "key missing"}, aliases=NAMES),
    Entry("cross_modal.DualEncoder.encode", lambda: {"inputs": dict(PAIRS), "batch_size": 4},
          embedded, aliases=NAMES, target=lambda: dual().encode,
          allows={"inputs": "key missing, row more, row less", "batch_size": "1, huge"}),
    Entry("cross_modal.DualEncoder.similarity", lambda: {"inputs": dict(PAIRS)}, cosines,
          aliases=NAMES, target=lambda: dual().similarity,
          allows={"inputs": "row more, row less"}),
    Entry("cross_modal.DualEncoder.half", lambda: {"modality": "text"},
          lambda result, **_: result.output_shape == (None, 2), target=lambda: dual().half),
]  # fmt: skip
MADE = {}
