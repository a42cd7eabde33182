"""Architectures: the checks of every layer, exact counts, what equals what, who sees what."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from layer_checks import DICT_CHECKS, LAYER_CHECKS, LayerCase, pair, to_numpy
from tolerance import assert_close, assert_differ, count_steps, make_rng

from mmtutorial.encoders import DenseEncoder, TextBag
from mmtutorial.multi_task import PLE, CrossStitch, HardSharing, MMoE

pytestmark = pytest.mark.backend
HEADS = {"hue": 1, "group": 3, "artist": 2}
TASKS = sorted(HEADS)
RNG = make_rng(0)
INPUTS = {
    "text": RNG.normal(size=(4, 5)).astype("float32"),
    "image": RNG.normal(size=(4, 6)).astype("float32"),
}
READS = {"hue": "image", "group": ["image", "text"], "artist": "text"}
MAKE = {
    "hard": (HardSharing, {"hidden": (7, 5)}),
    "hard, no body": (HardSharing, {}),
    "stitch": (CrossStitch, {"hidden": (7, 5), "own": 0.8}),
    "mmoe": (MMoE, {"hidden": (7, 5), "num_experts": 3}),
    "ple": (PLE, {"hidden": (7, 5, 6), "shared_experts": 2, "task_experts": 1}),
}


def build(name="hard", heads=HEADS, encoders=None, **options):
    """Make an architecture of two encoders."""
    kind, more = MAKE[name]
    dtype = options.get("dtype")
    if encoders is None:
        encoders = {n: DenseEncoder(8, dtype=dtype) for n in INPUTS}
    return kind(encoders, heads, **more, **options)


@keras.saving.register_keras_serializable(package="tests")
class Joined(layers.Layer):
    """What all heads say, in one array, so that it goes through the checks of a layer."""

    def __init__(self, architecture, **kwargs):
        super().__init__(**kwargs)
        self.architecture = architecture

    def build(self, shapes):
        if not self.architecture.built:
            self.architecture.build(shapes)

    def __call__(self, inputs, *args, **kwargs):
        return super().__call__(self.architecture._to_arrays(inputs), *args, **kwargs)

    def call(self, inputs, training=None):
        outputs = self.architecture(inputs, training=training)
        return ops.concatenate([outputs[task] for task in self.architecture.tasks], axis=-1)

    def compute_output_shape(self, shapes):
        each = self.architecture.compute_output_shape(shapes).values()
        return (next(iter(each))[0], sum(shape[-1] for shape in each))

    def get_config(self):
        part = keras.saving.serialize_keras_object(self.architecture)
        return {**super().get_config(), "architecture": part}

    @classmethod
    def from_config(cls, config):
        part = keras.saving.deserialize_keras_object(config["architecture"])
        return cls(**{**config, "architecture": part})


def joined(name, **more):
    """Return a factory for the checks."""
    return lambda **options: Joined(build(name, **more, **options), **options)


CASES = {name: LayerCase(joined(name), INPUTS) for name in MAKE}
CASES |= {f"{name}, apart": LayerCase(joined(name, reads=READS), INPUTS) for name in MAKE}


@pair(CASES, (*LAYER_CHECKS, *DICT_CHECKS))
def test_every_architecture_is_a_sound_layer(case, check):
    check(case.make, case.inputs)


@pytest.mark.parametrize("name", MAKE)
def test_its_config_holds_every_argument(name):
    model = build(name, reads=READS)
    again = type(model).from_config(model.get_config())
    assert again.reads == {task: [n] if isinstance(n, str) else n for task, n in READS.items()}
    assert again(INPUTS).keys() == model(INPUTS).keys()
    assert again.count_params() == model.count_params()


# --- counts


def dense(size_in, *sizes):
    """Return how many weights such dense layers have."""
    pairs = zip((size_in, *sizes[:-1]), sizes, strict=True)
    return sum((a + 1) * b for a, b in pairs)


ENCODERS = dense(5, 8) + dense(6, 8)


def heads_of(size):
    return sum(dense(size, units) for units in HEADS.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hard", ENCODERS + dense(8, 7, 5) + heads_of(5)),
        ("hard, no body", ENCODERS + heads_of(8)),
        ("stitch", 3 * (ENCODERS + dense(8, 7, 5)) + heads_of(5) + 3 * 9),
        ("mmoe", ENCODERS + 3 * dense(8, 7, 5) + 3 * dense(8, 3) + heads_of(5)),
        (
            "ple",
            ENCODERS
            + 5 * (dense(8, 7) + dense(7, 5) + dense(5, 6))
            + 3 * (dense(8, 3) + dense(7, 3) + dense(5, 3))
            + dense(8, 5)
            + dense(7, 5)
            + heads_of(6),
        ),
    ],
)
def test_it_has_as_many_weights_as_its_docstring_says(name, expected):
    for options in ({}, {"reads": READS}):
        model = build(name, **options)
        model(INPUTS)
        assert model.count_params() == expected


# --- what equals what


def copy_weights(source, target):
    target.set_weights(source.get_weights())


@pytest.mark.parametrize("reads", [None, READS], ids=["alike", "apart"])
@pytest.mark.parametrize(
    ("kind", "one"),
    [(MMoE, {"num_experts": 1}), (PLE, {"shared_experts": 1, "task_experts": 0})],
    ids=["mmoe", "ple"],
)
def test_one_expert_is_hard_sharing(kind, one, reads):
    def encoders():
        return {name: DenseEncoder(8) for name in INPUTS}

    hard = HardSharing(encoders(), HEADS, hidden=(7, 5), reads=reads)
    single = kind(encoders(), HEADS, hidden=(7, 5), reads=reads, **one)
    expected = hard(INPUTS)
    single(INPUTS)
    assert [w.shape for w in single.weights] == [w.shape for w in hard.weights]
    copy_weights(hard, single)
    found = single(INPUTS)
    for task in TASKS:
        assert_close(
            to_numpy(found[task]), to_numpy(expected[task]), steps=count_steps(hard, INPUTS)
        )


def test_with_the_identity_a_cross_stitch_network_is_one_network_for_each_task():
    """Gradients of a task reach its own network alone; with other units, all."""
    for own, alone in ((1.0, True), (0.6, False)):
        model = CrossStitch(DenseEncoder(4), {"a": 2, "b": 2}, hidden=(3,), own=own)
        x = INPUTS["image"]
        before = to_numpy(model(x)["a"])
        for weight in model.copies[0].weights:  # those of the second task
            weight.assign(weight + 1.0)
        after = to_numpy(model(x)["a"])
        if alone:
            np.testing.assert_array_equal(after, before)
        else:
            assert_differ(after, before, steps=count_steps(model, {"x": x}))


def test_a_cross_stitch_unit_gives_a_task_what_its_row_says():
    model = CrossStitch(DenseEncoder(4), HEADS, own=0.6)
    x = INPUTS["image"]
    model(x)
    assert_close(to_numpy(model.stitches[0]), np.full((3, 3), 0.2) + 0.4 * np.eye(3), steps=4)
    rows = RNG.normal(size=(3, 3)).astype("float32")
    model.stitches[0].assign(rows)
    apart = np.stack([to_numpy(each(x)) for each in (model.encoders["input"], *model.copies)])
    found = model(x)
    for row, task in zip(rows, TASKS, strict=True):
        expected = to_numpy(model.heads[task](np.tensordot(row, apart, 1)))
        assert_close(to_numpy(found[task]), expected, steps=count_steps(model, {"x": x}), scale=4)


@pytest.mark.parametrize("name", MAKE)
def test_no_task_sees_what_it_does_not_read(name):
    model = build(name, reads=READS)
    before = {task: to_numpy(each) for task, each in model(INPUTS).items()}
    after = model({**INPUTS, "text": INPUTS["text"] + 1})
    np.testing.assert_array_equal(to_numpy(after["hue"]), before["hue"])
    for task in ("group", "artist"):
        assert_differ(to_numpy(after[task]), before[task], steps=count_steps(model, INPUTS))


def test_gates_are_shares():
    model = build("mmoe", reads=READS)
    shares = model.gates(INPUTS)
    assert list(shares) == TASKS
    for each in shares.values():
        assert each.shape == (4, 3)
        assert_close(to_numpy(each).sum(axis=1), np.ones(4), steps=20)
    alone = MMoE(DenseEncoder(4), HEADS, hidden=(3,), num_experts=1)
    np.testing.assert_array_equal(to_numpy(alone.gates(INPUTS["image"])["hue"]), np.ones((4, 1)))


def test_a_gate_that_is_sure_takes_one_expert():
    model = MMoE(DenseEncoder(4), {"a": 2}, hidden=(16,), num_experts=2)
    x = INPUTS["image"]
    model(x)
    kernel, bias = model.task_gates["a"].weights
    kernel.assign(np.zeros(kernel.shape))
    bias.assign([0.0, 50.0])
    expected = model.heads["a"](model.experts[1](model.encoders["input"](x)))
    assert_close(
        to_numpy(model(x)["a"]), to_numpy(expected), steps=count_steps(model, {"x": x}), scale=1
    )


# --- inputs and arguments


@pytest.mark.parametrize("name", MAKE)
def test_it_takes_a_text_as_whole_numbers(name):
    ids = np.array([[5, 1, 2], [3, 0, 0], [4, 4, 0], [8, 7, 6]], "int32")
    encoders = {"image": DenseEncoder(8), "text": TextBag(9, 8)}
    model = build(name, encoders=encoders)
    assert model({"image": INPUTS["image"], "text": ids})["group"].shape == (4, 3)
    assert model({"image": INPUTS["image"].tolist(), "text": ids.tolist()})["hue"].shape == (4, 1)


@pytest.mark.parametrize("name", MAKE)
def test_one_encoder_takes_an_array(name):
    model = build(name, encoders=DenseEncoder(8))
    expected = to_numpy(model(INPUTS["image"])["group"])
    np.testing.assert_array_equal(to_numpy(model({"input": INPUTS["image"]})["group"]), expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"heads": {}}, "heads must be named by texts, at least one task"),
        ({"heads": [3]}, "heads must be a dict of heads keyed by task"),
        ({"heads": {"group": 0}}, r"heads\['group'\]\[0\] must be at least 1"),
        ({"heads": {"group": 2.5}}, r"heads\['group'\]\[0\] must be a whole number"),
        ({"heads": {"group": "three"}}, r"heads\['group'\]"),
        ({"heads": {"loss": 3}}, "heads has a task 'loss', a name that clashes"),
        ({"heads": {"val_group": 3}}, "a task 'val_group', a name that clashes"),
        ({"heads": {"group": 3, "group_loss": 3}}, "a task 'group_loss', a name that clashes"),
        ({"heads": {"hue": 3, "hue_weight": 3}}, "a task 'hue_weight', a name that clashes"),
        ({"encoders": {}}, "encoders must be named by texts"),
        ({"encoders": {"image": DenseEncoder}}, r"encoders\['image'\] must be a layer, got the"),
        ({"encoders": "cnn"}, "encoders must be a Keras layer"),
        ({"reads": {"hue": "image"}}, "reads has a missing task"),
        ({"reads": {**READS, "sound": "image"}}, "reads has an unexpected task 'sound'"),
        ({"reads": {**READS, "hue": "sound"}}, r"reads\['hue'\] must name some of"),
        ({"reads": {**READS, "hue": []}}, r"reads\['hue'\] must be a list of modalities"),
        ({"reads": {**READS, "hue": ["image", "image"]}}, r"reads\['hue'\] must name some of"),
        ({"reads": dict.fromkeys(HEADS, "image")}, r"no task reads \['text'\]"),
        ({"dropout": 1.0}, "dropout must be"),
    ],
)
@pytest.mark.parametrize("name", ["hard", "stitch"])
def test_what_cannot_be_is_refused(name, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        build(name, **options)


def test_more_that_cannot_be_is_refused():
    for kind, options, message in (
        (MMoE, {"hidden": ()}, "hidden must hold at least 1"),
        (MMoE, {"hidden": (3,), "num_experts": 0}, "num_experts must be at least 1"),
        (PLE, {"hidden": ()}, "hidden must hold at least 1"),
        (PLE, {"hidden": (3,), "shared_experts": 0}, "shared_experts must be at least 1"),
        (PLE, {"hidden": (3,), "task_experts": -1}, "task_experts must be at least 0"),
        (CrossStitch, {"own": 1.5}, "own must be"),
        (HardSharing, {"hidden": 3}, "hidden must be a tuple"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            kind(DenseEncoder(4), HEADS, **options)


@pytest.mark.parametrize("name", MAKE)
def test_encoders_of_several_sizes_are_refused(name):
    model = build(name, encoders={"image": DenseEncoder(8), "text": DenseEncoder(4)})
    with pytest.raises(ValueError, match="encoders must all return"):
        model(INPUTS)


def test_arrays_of_several_lengths_are_refused():
    with pytest.raises(ValueError, match="inputs must hold as many rows in each modality"):
        build()({**INPUTS, "text": INPUTS["text"][:3]})
