"""What the correlations of `mm.cross_modal` are given."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import keras
import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import LAYER

DRAWN = np.random.default_rng(0)
IMAGE = DRAWN.normal(size=(8, 3))
TEXT = IMAGE @ DRAWN.normal(size=(3, 2)) + DRAWN.normal(size=(8, 2))
VIEWS = {"image": IMAGE, "text": TEXT}
BATCH = {name: view.astype(np.float32) for name, view in VIEWS.items()}
NAMES = {"inputs": ("modality", "modalities", "inputs", "features")}
WIDER = "wider axis 1"


def correlations(result, **_):
    """Say whether all are correlations, largest first."""
    return bool(np.all((result >= 0) & (result <= 1)) and np.all(np.diff(result) <= 0))


def signed(result, **_):
    """Say whether all lie in -1..1, but for rounding."""
    return bool(np.all(np.abs(result) <= 1 + 1e-9))


def variates(result, inputs, **_):
    """Say whether there is a row for each item, for each modality that was given."""
    return all(result[name].shape == (len(inputs[name]), 2) for name in inputs)


@cache
def linear():
    """Return a linear CCA of two components."""
    return mm.cross_modal.LinearCCA(2, regularization=0.1).fit(VIEWS)


def parts():
    """Return an encoder for each modality."""
    return {"image": mm.encoders.DenseEncoder(3), "text": mm.encoders.DenseEncoder(2)}


@cache
def deep():
    """Return a deep CCA that was trained."""
    model = mm.cross_modal.DeepCCA(parts(), 2)
    model.compile("adam")
    model.fit(BATCH, verbose=0)
    return model


@cache
def saved():
    """Return the path of a file that holds a linear CCA."""
    path = str(Path(mkdtemp()) / "cca.npz")
    linear().save(path)
    return path


ENTRIES = [
    Entry("cross_modal.canonical_correlations",
          lambda: {"a": IMAGE, "b": TEXT, "regularization": 0.1}, correlations,
          allows={"a": "empty axis 1", "regularization": "1, huge"}),
    Entry("cross_modal.chance_correlation", lambda: {"items": 9, "dim_a": 3, "dim_b": 2},
          lambda result, **_: 0 <= result <= 1,
          allows={"items": "huge", "dim_a": "1, huge", "dim_b": "1, huge"}),
    Entry("cross_modal.dcca_loss",
          lambda: {"a": BATCH["image"], "b": BATCH["text"], "regularization": 0.1},
          lambda result, **_: -2.001 <= float(result) <= 0, allows={"regularization": "1, huge"}),
    Entry("cross_modal.LinearCCA",
          lambda: {"components": 2, "regularization": {"image": 0.1, "text": 0.0}},
          lambda result, components, **_: result.components == components,
          allows={"components": "1, huge", "regularization": "any keys, 1"}),
    Entry("cross_modal.LinearCCA.fit", lambda: {"inputs": dict(VIEWS)},
          lambda result, **_: correlations(result.correlations), aliases=NAMES,
          allows={"inputs": f"any keys, {WIDER}"},
          target=lambda: mm.cross_modal.LinearCCA(1).fit),
    Entry("cross_modal.LinearCCA.transform", lambda: {"inputs": dict(VIEWS)}, variates,
          aliases=NAMES, allows={"inputs": "key missing, row more, row less"},
          target=lambda: linear().transform),
    Entry("cross_modal.LinearCCA.score", lambda: {"inputs": dict(VIEWS)}, signed, aliases=NAMES,
          target=lambda: linear().score),
    Entry("cross_modal.LinearCCA.save", lambda: {"path": saved()}, lambda result, **_: True,
          target=lambda: linear().save),
    Entry("cross_modal.LinearCCA.load", lambda: {"path": saved()},
          lambda result, **_: result.modalities == ["image", "text"]),
    Entry("cross_modal.DeepCCA",
          lambda: {"encoders": parts(), "components": 2, "regularization": 0.1},
          lambda result, components, **_: result.components == components, every=3,
          allows={"components": "1, huge", "encoders": "any keys", "regularization": "1, huge"},
          also={"encoders": lambda: {
              "a class": {"image": keras.layers.Dense, "text": keras.layers.Dense(2)},
              "a function": {"image": lambda x: x, "text": keras.layers.Dense(2)}}}),
    Entry("cross_modal.DeepCCA.__call__", lambda: {"inputs": dict(BATCH)},
          lambda result, inputs: result["image"].shape[0] == len(inputs["image"]), aliases=NAMES,
          allows={"inputs": LAYER}, nan=True, target=deep),
    Entry("cross_modal.DeepCCA.fit_linear", lambda: {"inputs": dict(BATCH)},
          lambda result, **_: result is None, aliases=NAMES, target=lambda: deep().fit_linear),
    Entry("cross_modal.DeepCCA.transform", lambda: {"inputs": dict(BATCH)}, variates,
          aliases=NAMES, allows={"inputs": "key missing, row more, row less"},
          target=lambda: deep().transform),
    Entry("cross_modal.DeepCCA.score", lambda: {"inputs": dict(BATCH)}, signed, aliases=NAMES,
          target=lambda: deep().score),
]  # fmt: skip

MADE = {}
