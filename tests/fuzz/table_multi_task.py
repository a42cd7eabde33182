"""What `mm.multi_task` is given: gradients, weightings, architectures, models."""

from functools import cache

import keras
import numpy as np

import mmtutorial as mm
from fuzz.entry import Entry
from fuzz.table_encoders import called, made

DRAWN = np.random.default_rng(0)
GRADS = DRAWN.normal(size=(3, 4)).astype(np.float32)
ORDER = np.array([[0, 1, 2], [2, 0, 1], [1, 2, 0]])


def step(result, grads, **_):
    """Say whether a result is one number for each parameter."""
    return tuple(result.shape) == np.shape(grads)[1:]


def gradients():
    """Return an entry for each method on gradients."""
    for name, options, sane in (
        ("gradient_cosine", {}, lambda result, grads: result.shape[0] == len(grads)),
        ("pcgrad", {"order": ORDER}, step),
        ("mgda", {}, step),
        ("cagrad", {"c": 0.5}, step),
        ("imtl_g", {}, step),
    ):
        yield Entry(
            f"multi_task.{name}",
            lambda options=options: {"grads": GRADS, **options},
            sane,
            allows={"grads": "row more, row less", "order": "rank-1", "c": "1"},
            aliases={"grads": ("grads", "order")},
        )


LOSSES = {"group": 1.0, "hue": 2.0}
HERE = {"group": True, "hue": False}
ANY_TASK = "any keys"  # a weighting takes its tasks from the first losses


def terms(result, losses, **_):
    """Say whether there is a term for each loss."""
    return result.keys() == losses.keys()


def weighting(name, options, allows=None, **more):
    """Return the entries of a weighting: how it is made, and how it is called."""
    yield made(f"multi_task.{name}", lambda: dict(options), allows=allows or {}, **more)
    yield called(
        f"multi_task.{name}",
        lambda: {"losses": dict(LOSSES), "present": dict(HERE)},
        lambda: getattr(mm.multi_task, name)(**options),
        terms,
        allows={
            "losses": "nan, 1, negative, huge, zero, inf, -inf, value: True",
            "present": "None, value: 1, 1.0",
        },
        aliases={"losses": ("losses", "present"), "present": ("present", "losses")},
    )


def weightings():
    """Return the entries of all weightings."""
    yield from weighting("EqualWeighting", {})
    yield from weighting(
        "LinearScalarization", {"loss_weights": {"group": 1.0, "hue": 0.5}},
        {"loss_weights": f"{ANY_TASK}, 1"})  # fmt: skip
    yield from weighting("RandomLossWeighting", {"seed": 3}, {"seed": "1, zero"})
    yield from weighting(
        "UncertaintyWeighting", {"kinds": {"group": "classification", "hue": "regression"}},
        {"kinds": ANY_TASK})  # fmt: skip
    yield from weighting(
        "DynamicWeightAverage", {"temperature": 2.0}, {"temperature": "1, huge"})  # fmt: skip
    yield from weighting(
        "GradNorm", {"alpha": 1.5, "learning_rate": 0.1}, {"alpha": "1"})  # fmt: skip


READS = {"group": ["image", "text"], "hue": "image"}
VECTORS = {"image": DRAWN.random((3, 4), np.float32), "text": DRAWN.random((3, 5), np.float32)}
SIZES = "1, huge, empty, empty list"


def parts():
    """Return what every architecture is made of."""
    return {
        "encoders": {name: mm.encoders.DenseEncoder(6) for name in VECTORS},
        "heads": {"group": 3, "hue": 1},
        "hidden": (4,),
        "dropout": 0.1,
        "reads": dict(READS),
    }


def outputs(result, inputs):
    """Say whether each head says something for each row."""
    return all(len(each) == len(inputs["image"]) for each in result.values())


def architecture(name, **options):
    """Return the entries of an architecture: how it is made, and how it is called."""
    names = ("encoders", "reads", "heads", "modality")
    yield Entry(
        f"multi_task.{name}",
        lambda: {**parts(), **options},
        lambda result, **_: result.tasks == ["group", "hue"] or len(result.tasks) > 0,
        every=3,
        allows={
            "encoders": "any keys",
            "heads": "any keys, value: huge, value: 1",
            "hidden": SIZES + ", one less" if name in ("HardSharing", "CrossStitch") else "1, huge",
            "reads": "None, first: *",
            **dict.fromkeys(options, "1, zero"),
        },
        aliases={"encoders": names, "reads": names, "heads": names},
        omits=dict.fromkeys(options, "huge"),
    )
    yield called(
        f"multi_task.{name}",
        lambda: {"inputs": dict(VECTORS)},
        lambda: getattr(mm.multi_task, name)(**parts(), **options),
        outputs,
        allows={"inputs": "value: row more, value: row less"},
        aliases={"inputs": ("modality", "modalities", "inputs", "features")},
    )


def mmoe():
    """Return a mixture of experts for two tasks."""
    return mm.multi_task.MMoE(**parts(), num_experts=2)


def body():
    """Return an architecture for two tasks."""
    return mm.multi_task.HardSharing(**parts())


LABELS = {"group": np.array([0, 2, -1]), "hue": np.array([0.5, 0.1, 0.2], np.float32)}


@cache
def compiled():
    """Return a model that is ready for training."""
    model = mm.multi_task.MultiTaskModel(body())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", {"group": loss, "hue": "mse"})
    model(VECTORS)
    return model


def on_a_batch(name, **options):
    """Return the entry of a function that looks at a batch of a model."""
    names = ("inputs", "x", "y", "labels", "modality", "modalities", "features", "group", "hue")
    return Entry(
        f"multi_task.{name}",
        lambda: {
            "model": compiled(), "inputs": dict(VECTORS), "labels": dict(LABELS), **options,
        },
        lambda result, **_: len(result) > 0,
        every=2,
        nan=True,
        allows={
            "inputs": "nan inside, inf inside, -inf inside",
            "labels": "value: negative inside, value: nan inside, value: wider axis 1",
            "learning_rate": "1, huge",
        },
        aliases={"inputs": names, "labels": names},
        drawn=False,
    )  # fmt: skip


ENTRIES = [
    *gradients(),
    *weightings(),
    *architecture("HardSharing"),
    *architecture("CrossStitch", own=0.8),
    *architecture("MMoE", num_experts=2),
    *architecture("PLE", shared_experts=2, task_experts=1),
    Entry("multi_task.MultiTaskModel",
          lambda: {"architecture": body(), "weighting": "equal", "aggregator": "pcgrad", "c": 0.5,
                   "seed": 3},
          lambda result, **_: result.tasks == ["group", "hue"], every=2,
          allows={"c": "1, zero", "seed": "1, zero"}),
    called("multi_task.MultiTaskModel", lambda: {"inputs": dict(VECTORS)}, compiled, outputs,
           allows={"inputs": "value: row more, value: row less"},
           aliases={"inputs": ("modality", "modalities", "inputs", "features")}),
    Entry("multi_task.temperature_sampling",
          lambda: {"counts": {"group": 900, "hue": 100}, "temperature": 2.0},
          lambda result, counts, **_: abs(sum(result.values()) - 1) < 1e-9,
          allows={"counts": "any keys, value: 1, value: huge", "temperature": "1, huge"}),
    on_a_batch("task_gradients"),
    on_a_batch("task_affinity", learning_rate=0.1),
    Entry("multi_task.MMoE.gates", lambda: {"inputs": dict(VECTORS)}, outputs, nan=True, every=2,
          allows={"inputs": "nan inside, inf inside, -inf inside, empty axis 0, empty axis 1"},
          aliases={"inputs": ("modality", "modalities", "inputs", "features")},
          target=lambda: mmoe().gates),
]  # fmt: skip
MADE = {
    "multi_task.LossWeighting": "who writes a weighting; all those of the book are one",
    "multi_task.LossWeighting.__call__": "the same",
}
