"""`DualEncoder`: what it learns, what is frozen, its batches, saving, halves, and bad input."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from layer_checks import to_numpy
from tolerance import assert_close, make_rng

import mmtutorial as mm
from mmtutorial.cross_modal import DualEncoder, clip_loss, siglip_loss, triplet_loss
from mmtutorial.encoders import DenseEncoder, ImageCNN, TextBag

pytestmark = pytest.mark.backend
TENSORFLOW = keras.backend.backend() == "tensorflow"
ROWS = 96
RNG = make_rng()
HIDDEN = RNG.normal(size=(ROWS, 3))  # what both modalities show
VIEWS = {
    name: np.tanh(HIDDEN @ RNG.normal(size=(3, dim))).astype("float32")
    for name, dim in (("text", 7), ("image", 9))
}
IDS = np.arange(ROWS) // 2
LOSSES = pytest.mark.parametrize("loss", ["clip", "siglip", "triplet"])


def dual(*, eager=True, rate=0.01, compiled=True, **options):
    parts = {"image": DenseEncoder(16), "text": DenseEncoder(16)}
    model = DualEncoder(parts, units=6, **options)
    if compiled:
        model.compile(keras.optimizers.Adam(rate), jit_compile=False, run_eagerly=eager)
    return model


def weights_of(model):
    return {weight.path: to_numpy(weight).copy() for weight in model.weights}


# --- training


@LOSSES
@pytest.mark.parametrize("chunk_size", [None, 7])
def test_the_loss_is_that_of_the_embeddings(loss, chunk_size):
    model = dual(loss=loss, mining="all", margin=0.3, chunk_size=chunk_size)
    a, b = (to_numpy(model(VIEWS)[name]) for name in ("image", "text"))
    scale = None if loss == "triplet" else to_numpy(model.logit_scale.scale)
    for ids in (None, IDS):
        expected = {
            "clip": lambda ids=ids: clip_loss(a, b, logit_scale=scale, matches=ids),
            "siglip": lambda ids=ids: siglip_loss(
                a, b, logit_scale=scale, logit_bias=-10.0, matches=ids
            ),
            "triplet": lambda ids=ids: triplet_loss(a, b, margin=0.3, mining="all", matches=ids),
        }[loss]()
        found = model.test_on_batch(VIEWS, ids, return_dict=True)["loss"]
        model.reset_metrics()
        assert_close(np.float32(found), to_numpy(expected), steps=300, scale=10.0)


@LOSSES
def test_training_finds_what_belongs_together(loss):
    model = dual(loss=loss, eager=False)
    history = model.fit(VIEWS, batch_size=32, epochs=25, verbose=0).history
    assert history["loss"][-1] < 0.9 * history["loss"][0]  # of triplets, only the hard ones count
    assert history["top_1"][-1] > 5 * history["chance_top_1"][-1]
    nearest = model.similarity(VIEWS).argmax(axis=1)
    assert np.mean(nearest == np.arange(ROWS)) > 0.1  # chance is one in 96


@LOSSES
@pytest.mark.parametrize("chunk_size", [None, 7])
def test_every_weight_moves(loss, chunk_size):
    model = dual(loss=loss, chunk_size=chunk_size, dropout=0.1)
    model(VIEWS)
    before = weights_of(model)
    model.train_on_batch(VIEWS)
    after = weights_of(model)
    moved = {path for path in before if np.abs(after[path] - before[path]).max() > 1e-6}
    assert moved >= {weight.path for weight in model.trainable_weights}
    assert len(model.trainable_weights) == {"clip": 7, "siglip": 8, "triplet": 6}[loss]


@pytest.mark.skipif(not TENSORFLOW, reason="PyTorch has no compiled graph here")
@pytest.mark.parametrize("chunk_size", [None, 7])
def test_a_compiled_step_is_the_eager_one(chunk_size):
    results = []
    for eager in (True, False):
        keras.utils.set_random_seed(1)
        model = dual(eager=eager, chunk_size=chunk_size)
        history = model.fit(VIEWS, IDS, batch_size=40, epochs=2, verbose=0).history
        results.append([history["loss"], *model.get_weights()])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


def test_metrics_stand_beside_chance():
    """Of 96 pairs, 48 items twice: each has 1 partner among 95 candidates."""
    model = dual()
    model(VIEWS)
    found = model.evaluate(VIEWS, IDS, batch_size=ROWS, return_dict=True, verbose=0)
    assert found["chance_top_1"] == pytest.approx(1 / 95, rel=1e-5)
    assert found["chance_loss"] == pytest.approx(np.log(95), rel=1e-5)
    cosines = model.similarity(VIEWS)
    cosines[(IDS[:, None] == IDS) & ~np.eye(ROWS, dtype=bool)] = -2
    hits = [cosines.argmax(axis=axis) == np.arange(ROWS) for axis in (0, 1)]
    assert found["top_1"] == pytest.approx(np.mean(hits), abs=1e-6)


@pytest.mark.parametrize("chunk_size", [None, 7])
def test_where_all_embeddings_are_alike_the_loss_is_that_of_chance_and_ties_lose(chunk_size):
    model = dual(chunk_size=chunk_size)
    model({name: view[:1] for name, view in VIEWS.items()})
    same = {name: np.repeat(view[:1], ROWS, axis=0) for name, view in VIEWS.items()}
    found = model.evaluate(same, batch_size=24, return_dict=True, verbose=0)
    assert found["loss"] == pytest.approx(np.log(24), rel=1e-5)
    assert found["chance_loss"] == pytest.approx(np.log(24), rel=1e-5)
    assert found["chance_top_1"] == pytest.approx(1 / 24)
    assert found["top_1"] == 0


# --- frozen encoders


@pytest.mark.parametrize("frozen", [("image",), ("text",), ("image", "text")])
def test_a_frozen_encoder_stays_as_it_is(frozen, tmp_path):
    """Its batch norm and dropout, too; its projection learns."""
    images = RNG.random((32, 8, 8, 3), dtype="float32")
    inputs = {"image": images, "text": VIEWS["text"][:32]}

    def make():
        parts = {"image": ImageCNN(8, filters=(4,), dropout=0.5), "text": DenseEncoder(8)}
        return DualEncoder(parts, units=4, frozen=frozen)

    model = make()
    model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    model(inputs)
    before = weights_of(model)
    model.fit(inputs, batch_size=16, epochs=2, verbose=0)
    after = weights_of(model)
    for name, encoder in model.encoders.items():
        moved = [np.any(after[w.path] != before[w.path]) for w in encoder.weights]
        assert not any(moved) if name in frozen else any(moved), name
        kernel = model.projections[name].project.kernel
        assert np.any(after[kernel.path] != before[kernel.path]), name
    for name in frozen:  # what it returns while training is what it returns at all
        one, other = (model._embed(name, inputs[name], training) for training in (True, False))
        np.testing.assert_array_equal(to_numpy(one), to_numpy(other))
    model.save(tmp_path / "model.keras")
    again = mm.load_model(tmp_path / "model.keras")
    assert again.frozen == frozen
    assert len(again.trainable_weights) == len(model.trainable_weights)


# --- batches


def batches_seen(model, **options):
    """Fit a model; return the first column of each batch of images that it saw."""
    seen, look = [], model.compute_loss

    def note(x=None, *args, **kwargs):
        seen.append(to_numpy(x["image"])[:, 0].copy())
        return look(x, *args, **kwargs)

    model.compute_loss = note
    model.fit(VIEWS, verbose=0, **options)
    return seen


def test_batches_have_one_size_and_another_order_each_epoch():
    model = dual()
    model(VIEWS)
    seen = batches_seen(model, batch_size=40, epochs=6)
    assert [len(batch) for batch in seen] == [40] * 12
    epochs = [np.sort(np.concatenate(seen[i : i + 2])) for i in range(0, 12, 2)]
    assert all(len(np.unique(epoch)) == 80 for epoch in epochs)
    assert not np.array_equal(epochs[0], epochs[1])
    assert len(np.unique(np.concatenate(epochs))) == ROWS  # what was left over came later


def test_a_seed_repeats_the_order_and_another_changes_it():
    model = dual(rate=0.0)
    model(VIEWS)
    first, again, other = (
        np.concatenate(batches_seen(model, batch_size=32, seed=seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_fewer_rows_than_a_batch_are_one_batch():
    model = dual()
    model(VIEWS)
    assert [len(batch) for batch in batches_seen(model)] == [ROWS]


def test_validation_sees_the_same_batches_each_epoch():
    model = dual(rate=0.0)
    history = model.fit(
        VIEWS, IDS, batch_size=40, epochs=3, validation_data=(VIEWS, IDS), verbose=0
    ).history
    assert len(set(history["val_loss"])) == 1
    found = model.evaluate(VIEWS, IDS, batch_size=40, return_dict=True, verbose=0)
    assert found["loss"] == pytest.approx(history["val_loss"][0], rel=1e-6)
    alone = model.fit(VIEWS, batch_size=40, validation_data=VIEWS, verbose=0).history
    assert alone["val_loss"][0] > history["val_loss"][0]  # without ids, more negatives


def test_a_data_set_of_batches_is_taken_as_it_is():
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, i):
            rows = slice(32 * i, 32 * i + 32)
            return {name: view[rows] for name, view in VIEWS.items()}, IDS[rows]

    model = dual()
    history = model.fit(Batches(), epochs=2, validation_data=Batches(), verbose=0).history
    assert history["chance_loss"][0] == pytest.approx(np.log(31), rel=1e-5)
    assert history["val_chance_loss"][0] == pytest.approx(np.log(31), rel=1e-5)


# --- embeddings


def test_encode_takes_one_modality_or_both_in_batches():
    model = dual()
    both = model(VIEWS)
    found = model.encode({"text": VIEWS["text"][:10], "image": VIEWS["image"]}, batch_size=7)
    assert {name: len(each) for name, each in found.items()} == {"image": ROWS, "text": 10}
    for name, each in found.items():
        expected = to_numpy(both[name])[: len(each)]
        assert_close(each, expected, steps=60, scale=1.0)
        assert_close(np.linalg.norm(each, axis=1), np.ones(len(each)), steps=8)
        alone = model.encode({name: VIEWS[name].tolist()})[name]
        assert_close(alone[: len(each)], expected, steps=60, scale=1.0)
    predicted = model.predict({"text": VIEWS["text"]}, verbose=0)
    assert list(predicted) == ["text"]
    assert_close(predicted["text"], to_numpy(both["text"]), steps=60, scale=1.0)


def test_similarity_has_a_row_for_each_of_the_first_modality():
    model = dual()
    both = {name: to_numpy(each) for name, each in model(VIEWS).items()}
    found = model.similarity({"text": VIEWS["text"][:5], "image": VIEWS["image"]})
    assert found.shape == (ROWS, 5)
    assert_close(found, both["image"] @ both["text"][:5].T, steps=60, scale=1.0)


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_embeddings_and_loss_are_float32_under_mixed_precision(dtype):
    exact, model = dual(), dual(dtype=dtype)
    expected = exact(VIEWS)
    found = model(VIEWS)
    model.set_weights(exact.get_weights())
    found = model(VIEWS)
    eps = 2.0**-8 if dtype == "mixed_bfloat16" else 2.0**-11
    for name in found:
        assert keras.backend.standardize_dtype(found[name].dtype) == "float32"
        assert_close(to_numpy(found[name]), to_numpy(expected[name]), steps=8, eps=eps)
    losses = [float(each.test_on_batch(VIEWS, return_dict=True)["loss"]) for each in (model, exact)]
    assert losses[0] == pytest.approx(losses[1], rel=0.1)
    assert np.isfinite(model.train_on_batch(VIEWS)[0])


# --- saving


SAVE = """
import sys
import numpy as np
import mmtutorial as mm
model = mm.load_model(sys.argv[1])
half = mm.load_model(sys.argv[2])
stored = np.load(sys.argv[3])
inputs = {name: stored[name] for name in ("image", "text")}
for name, found in model.encode(inputs).items():
    assert np.array_equal(found, stored["embedded_" + name]), name
assert np.array_equal(half.predict(inputs["text"], verbose=0), stored["half"])
history = model.fit(inputs, verbose=0).history
assert np.isclose(history["loss"][0], float(stored["loss"]), rtol=1e-5), history
"""


@LOSSES
def test_a_new_process_loads_model_and_half_and_trains_on(loss, tmp_path):
    inputs = {"image": VIEWS["image"], "text": RNG.integers(0, 9, (ROWS, 5)).astype("int32")}
    parts = {"image": DenseEncoder(8), "text": TextBag(9, 8)}
    model = DualEncoder(parts, units=4, loss=loss, chunk_size=50)
    model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    model.fit(inputs, verbose=0)
    model.save(tmp_path / "model.keras")
    model.half("text").save(tmp_path / "half.keras")
    found = {"embedded_" + name: each for name, each in model.encode(inputs).items()}
    found["half"] = model.half("text").predict(inputs["text"], verbose=0)
    found["loss"] = model.fit(inputs, verbose=0).history["loss"][0]
    np.savez(tmp_path / "stored.npz", **inputs, **found)
    files = [str(tmp_path / name) for name in ("model.keras", "half.keras", "stored.npz")]
    done = subprocess.run(
        [sys.executable, "-c", SAVE, *files],
        env=os.environ | {"PYTHONPATH": str(Path(mm.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_model_is_made_again_from_its_config():
    options = {"units": 5, "loss": "triplet", "frozen": ("text",), "dropout": 0.2, "margin": 0.3,
               "mining": "hardest", "chunk_size": 9}  # fmt: skip
    model = DualEncoder({"image": DenseEncoder(4), "text": DenseEncoder(4)}, **options)
    config = DualEncoder.from_config(model.get_config()).get_config()
    assert {name: config[name] for name in options} == options
    hot = DualEncoder({"image": DenseEncoder(4), "text": DenseEncoder(4)}, temperature=0.5)
    again = DualEncoder.from_config(hot.get_config())
    again(VIEWS)
    assert to_numpy(again.logit_scale.scale) == pytest.approx(2.0)


def test_a_half_shares_its_weights():
    model = dual()
    model(VIEWS)
    half = model.half("image")
    before = half.predict(VIEWS["image"], verbose=0)
    np.testing.assert_array_equal(before, model.encode(VIEWS)["image"])
    model.fit(VIEWS, verbose=0)
    after = half.predict(VIEWS["image"], verbose=0)
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_array_equal(after, model.encode(VIEWS)["image"])


@pytest.mark.skipif(not TENSORFLOW, reason="SavedModel is TensorFlow's")
def test_model_and_halves_are_exported(tmp_path):
    import tensorflow as tf

    inputs = {"image": VIEWS["image"], "text": RNG.integers(0, 9, (ROWS, 5)).astype("int32")}
    model = DualEncoder({"image": DenseEncoder(8), "text": TextBag(9, 8)}, units=4)
    model.compile("adam", jit_compile=False)
    model.fit(inputs, verbose=0)
    expected = model.encode(inputs)
    model.export(str(tmp_path / "both"), verbose=False)
    loaded = tf.saved_model.load(str(tmp_path / "both"))
    for name, found in loaded.serve(inputs).items():
        assert_close(found.numpy(), expected[name], steps=60, scale=1.0)
    for name, array in inputs.items():
        model.half(name).export(str(tmp_path / name), verbose=False)
        loaded = tf.saved_model.load(str(tmp_path / name))
        assert_close(loaded.serve(array[:3]).numpy(), expected[name][:3], steps=60, scale=1.0)


# --- what is refused

GOOD = {"image": DenseEncoder(4), "text": DenseEncoder(4)}


@pytest.mark.parametrize(
    ("encoders", "options", "error", "message"),
    [
        ({"image": DenseEncoder(4)}, {}, ValueError, "encoders must hold two modalities"),
        ([DenseEncoder(4)], {}, TypeError, "encoders must be a dict"),
        ({**GOOD, "text": "bag"}, {}, TypeError, r"encoders\['text'\] must be a Keras layer"),
        ({**GOOD, "text": DenseEncoder}, {}, TypeError, r"write DenseEncoder\(\.\.\.\)"),
        (GOOD, {"units": 0}, ValueError, "units must be at least 1"),
        (GOOD, {"loss": "infonce"}, ValueError, "loss must be one of"),
        (GOOD, {"frozen": ("sound",)}, ValueError, "frozen must be one of .*got 'sound'"),
        (GOOD, {"frozen": "image"}, TypeError, "frozen must be a list of modalities"),
        (GOOD, {"dropout": 1.0}, ValueError, "dropout must be"),
        (GOOD, {"temperature": 0.0}, ValueError, "temperature must be"),
        (GOOD, {"temperature": 1.0, "loss": "triplet"}, ValueError, "temperature must be None"),
        (GOOD, {"mining": "hard"}, ValueError, "mining must be one of"),
        (GOOD, {"chunk_size": 0}, ValueError, "chunk_size must be at least 1"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_named(encoders, options, error, message):
    with pytest.raises(error, match=message):
        DualEncoder(encoders, **options)


WITH_NAN = np.where(np.arange(ROWS)[:, None] == 3, np.nan, VIEWS["text"])


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "message"),
    [
        (VIEWS["image"], None, {}, TypeError, "inputs must be a dict"),
        ({"image": VIEWS["image"]}, None, {}, ValueError, "inputs must hold 'image' and 'text'"),
        ({**VIEWS, "sound": IDS}, None, {}, ValueError, "unexpected modality 'sound'"),
        ({**VIEWS, "text": VIEWS["text"][1:]}, None, {}, ValueError, r"inputs\['text'\].*95"),
        ({**VIEWS, "text": WITH_NAN}, None, {}, ValueError, r"inputs\['text'\] must hold finite"),
        (VIEWS, IDS[1:], {}, ValueError, "y must hold one per item"),
        (VIEWS, IDS[:, None], {}, ValueError, "y must say which item each pair is of"),
        (VIEWS, IDS + 0.5, {}, TypeError, "y must hold whole numbers"),
        ({name: view[:1] for name, view in VIEWS.items()}, None, {}, ValueError, "two pairs"),
        (VIEWS, None, {"batch_size": 1}, ValueError, "batch_size must be at least 2"),
        (VIEWS, None, {"batch_size": 2.5}, TypeError, "batch_size must be a whole number"),
        (VIEWS, None, {"validation_split": 0.2}, ValueError, "validation_split cannot be used"),
        (VIEWS, None, {"class_weight": {0: 1.0}}, ValueError, "class_weight cannot be used"),
        (VIEWS, None, {"seed": -1}, ValueError, "seed must be"),
        (VIEWS, None, {"validation_data": (VIEWS, IDS, IDS)}, ValueError, "sample_weight cannot"),
        (VIEWS, None, {"validation_data": (VIEWS, IDS[1:])}, ValueError, "y must hold"),
    ],
)
def test_fit_refuses(x, y, options, error, message):
    with pytest.raises(error, match=message):
        dual().fit(x, y, verbose=0, **options)


def test_other_doors_refuse():
    model = dual(eager=False)
    with pytest.raises(ValueError, match=r"at the first call.* got text alone"):
        model({"text": VIEWS["text"]})
    with pytest.raises(ValueError, match="modality 'text' was never seen"):
        model.half("text")
    model(VIEWS)
    with pytest.raises(ValueError, match="modality must be one of"):
        model.half("sound")
    with pytest.raises(ValueError, match="inputs must hold as many rows"):
        model({**VIEWS, "text": VIEWS["text"][1:]})
    with pytest.raises(ValueError, match=r"inputs\['text'\]: features must have shape"):
        model({**VIEWS, "text": VIEWS["text"][:, 1:]})
    with pytest.raises(ValueError, match="inputs must hold 'image' and 'text'"):
        model.train_on_batch({"text": VIEWS["text"]})
    with pytest.raises(ValueError, match="sample_weight cannot be used"):
        model.train_on_batch(VIEWS, None, sample_weight=np.ones(ROWS))
    with pytest.raises(ValueError, match="loss must be chosen when the model is made"):
        model.compile("adam", "mse")
    with pytest.raises(ValueError, match="must hold finite numbers"):
        model.encode({"text": WITH_NAN})
    with pytest.raises(ValueError, match="inputs must hold 'image' and 'text'"):
        model.similarity({"text": VIEWS["text"]})
    with pytest.raises(ValueError, match="inputs must hold 'image' and 'text' or one of them"):
        model.encode({})


def test_an_encoder_must_return_vectors():
    parts = {"image": DenseEncoder(4), "text": layers.Reshape((1, -1))}
    with pytest.raises(ValueError, match=r"encoders\['text'\] must return \(batch, dim\)"):
        DualEncoder(parts)(VIEWS)
