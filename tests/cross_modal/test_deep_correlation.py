"""Deep CCA: that it trains, finds what a linear map cannot, says what held-out items say, saves."""

import keras
import numpy as np
import pytest
from layer_checks import to_numpy
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import DeepCCA, LinearCCA, canonical_correlations, dcca_loss
from mmtutorial.cross_modal._batches import FullBatches
from mmtutorial.encoders import DenseEncoder, TextBag

pytestmark = pytest.mark.backend


def two_views(items=400, stream=0):
    """Views whose only bond is that one sees the square of what the other sees."""
    rng = make_rng(stream)
    hidden = rng.uniform(-1, 1, size=(items, 1))
    image = np.hstack([hidden, 0.3 * rng.normal(size=(items, 2))])
    text = np.hstack([hidden**2 + 0.05 * rng.normal(size=(items, 1)), rng.normal(size=(items, 1))])
    return {"image": image.astype("float32"), "text": text.astype("float32")}


def network(units=3):
    return keras.Sequential([keras.layers.Dense(32, "tanh"), keras.layers.Dense(units)])


def make(components=1, **options):
    model = DeepCCA({"image": network(), "text": network(2)}, components, **options)
    model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    return model


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(0)
    model = make()
    history = model.fit(
        two_views(), batch_size=200, epochs=40, validation_data=two_views(stream=1), verbose=0
    )
    return model, history.history


def test_it_finds_what_no_linear_map_does(trained):
    model, history = trained
    linear = LinearCCA(1).fit(two_views()).score(two_views(stream=1))
    assert abs(linear[0]) < 0.3
    assert model.score(two_views(stream=1))[0] > 0.9
    assert history["val_correlation"][-1] > history["val_correlation"][0] + 0.1
    assert history["loss"][-1] < history["loss"][0] - 0.1


def test_history_and_score_are_those_of_a_linear_cca_on_the_outputs(trained):
    model, history = trained
    outputs = [
        {name: to_numpy(x) for name, x in model(two_views(stream=i), training=False).items()}
        for i in (0, 1)
    ]
    linear = LinearCCA(1, regularization=model.regularization).fit(outputs[0])
    for given, key in zip(outputs, ("correlation", "val_correlation"), strict=True):
        expected = linear.score(given).mean()
        assert history[key][-1] == pytest.approx(expected, abs=1e-6)
    for i in (0, 1):
        views = two_views(stream=i)
        assert_close(model.score(views), linear.score(outputs[i]), steps=1000, eps=1.2e-7)
        for name, variates in model.transform(views).items():
            expected = linear.transform(outputs[i])[name]
            assert_close(variates, expected, steps=1000, eps=1.2e-7)
            alone = model.transform({name: views[name][:7]})[name]
            assert_close(alone, variates[:7], steps=1000, eps=1.2e-7)
        apart = model.transform({"image": views["image"][:3], "text": views["text"][:5]})
        assert [len(each) for each in apart.values()] == [3, 5]
    assert_close(to_numpy(model.correlations), linear.correlations, steps=1000, eps=1.2e-7)


def test_on_shuffled_pairs_only_the_training_items_agree():
    """The control: what two networks learn of noise does not hold for other noise."""
    rng = make_rng(3)
    seen, new = ({n: rng.normal(size=(60, 8)).astype("float32") for n in "ab"} for _ in range(2))
    model = DeepCCA({name: network(4) for name in "ab"}, 2)
    model.compile(keras.optimizers.Adam(0.01), jit_compile=False)
    history = model.fit(seen, batch_size=60, epochs=60, validation_data=new, verbose=0).history
    assert history["correlation"][-1] > 0.9
    assert abs(history["val_correlation"][-1]) < 0.5


def test_the_loss_is_that_of_the_batch_and_of_the_encoders():
    views = {name: view[:50] for name, view in two_views().items()}
    part = keras.layers.Dense(3, activity_regularizer=keras.regularizers.L2(0.1))
    model = DeepCCA({"image": part, "text": network(2)}, 1, regularization=0.01)
    model.compile(keras.optimizers.SGD(0.0), jit_compile=False)
    outputs = model(views)
    expected = float(dcca_loss(outputs["image"], outputs["text"], regularization=0.01))
    expected += 0.1 * float(np.mean(np.sum(to_numpy(outputs["image"]) ** 2, axis=1)))
    found = model.train_on_batch(views)
    assert_close(found, expected, steps=1000, eps=1.2e-7)


def test_every_weight_of_both_encoders_moves_and_no_other():
    """But the last biases, which the covariance does not see."""
    model = make()
    views = two_views()
    model(views)
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    before = {weight.path: to_numpy(weight).copy() for weight in model.weights}
    model.train_on_batch(views)
    moved = {w.path: np.abs(to_numpy(w) - before[w.path]).max() for w in model.weights}
    last = {model.encoders[name].layers[-1].bias.path for name in views}
    trainable = {weight.path for weight in model.trainable_weights} - last
    assert len(trainable) == 6
    assert min(moved[path] for path in trainable) > 1e-3
    assert max(moved[path] for path in moved.keys() - trainable) < 1e-6


def test_fit_leaves_the_directions_of_what_it_trained():
    views = two_views()
    model = make(2)
    model.fit(views, batch_size=100, epochs=1, verbose=0)
    outputs = [to_numpy(x) for x in model(views, training=False).values()]
    expected = canonical_correlations(*outputs, regularization=1e-3)
    assert_close(to_numpy(model.correlations), expected, steps=1000, eps=1.2e-7)
    assert model.score(views)[0] >= model.score(views)[1]


def test_batches_are_full_and_every_row_comes_in_some_epoch():
    inputs = {"a": np.arange(10), "b": -np.arange(10)}
    batches = FullBatches(inputs, 4, np.random.default_rng(0))
    seen = set()
    for _ in range(8):
        epoch = [batches[i][0] for i in range(len(batches))]
        assert [len(batch["a"]) for batch in epoch] == [4, 4]
        rows = np.concatenate([batch["a"] for batch in epoch])
        np.testing.assert_array_equal(rows, -np.concatenate([batch["b"] for batch in epoch]))
        assert len(set(rows)) == 8
        seen |= set(rows)
        batches.on_epoch_end()
    assert seen == set(range(10))


def test_the_same_seed_gives_the_same_model_and_another_another():
    found = []
    for seed in (0, 0, 1):
        keras.utils.set_random_seed(0)
        model = make()
        model.fit(two_views(), batch_size=150, epochs=1, seed=seed, verbose=0)
        found.append(to_numpy(model.directions["image"]))
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2]).max() > 1e-4


def test_mixed_precision_computes_its_loss_in_float32():
    views = two_views()
    exact, mixed = make(), make()
    mixed.encoders = {
        name: keras.Sequential(
            [keras.layers.Dense(layer.units, layer.activation, dtype="mixed_bfloat16")
             for layer in encoder.layers]
        )
        for name, encoder in exact.encoders.items()
    }  # fmt: skip
    exact(views)
    assert {x.dtype for x in map(to_numpy, mixed(views).values())} == {np.dtype("float32")}
    mixed.set_weights(exact.get_weights())
    expected, found = exact.train_on_batch(views), mixed.train_on_batch(views)
    assert_close(found, expected, steps=4, eps=2.0**-8)  # four layers round to bfloat16
    mixed.fit(views, batch_size=200, epochs=1, verbose=0)
    assert np.isfinite(mixed.score(views)).all()


def test_texts_go_in_as_ids(rng):
    views = {
        "image": rng.normal(size=(60, 4)).astype("float32"),
        "text": rng.integers(1, 9, size=(60, 5)).astype("int32"),
    }
    model = DeepCCA({"image": DenseEncoder(3), "text": TextBag(9, 4)}, 2)
    model.compile("adam", jit_compile=False)
    model.fit(views, epochs=1, verbose=0)
    assert model.transform({"text": views["text"][:2]})["text"].shape == (2, 2)
    with pytest.raises(ValueError, match=r"must lie in 0..8"):
        model.fit({**views, "text": views["text"] + 5}, epochs=1, verbose=0)


def test_it_says_what_is_wrong():
    views = two_views()
    model = make()
    with pytest.raises(RuntimeError, match="call fit"):
        model.transform(views)
    with pytest.raises(ValueError, match="batch_size must be above 3, the width"):
        model.fit(views, batch_size=3, verbose=0)
    with pytest.raises(ValueError, match=r"x\['image'\], x\['text'\] must hold one per item"):
        model.fit({**views, "text": views["text"][1:]}, verbose=0)
    with pytest.raises(ValueError, match=r"validation_data\['text'\] must hold finite numbers"):
        model.fit(views, validation_data={**views, "text": views["text"] * np.nan}, verbose=0)
    with pytest.raises(ValueError, match="unexpected modality 'sound' in inputs, which takes"):
        model({"image": views["image"], "sound": views["text"]})
    with pytest.raises(ValueError, match="inputs must hold as many rows in each modality, got"):
        model({**views, "text": views["text"][1:]})
    with pytest.raises(ValueError, match=r"encoders\['text'\] must return .* at least 3 numbers"):
        make(3)(views)
    with pytest.raises(ValueError, match="encoders must hold two modalities, got"):
        DeepCCA({"image": network()}, 1)
    with pytest.raises(TypeError, match="must be a layer, got the class"):
        DeepCCA({"image": network(), "text": keras.layers.Dense}, 1)


def test_a_saved_model_comes_back_with_its_directions(trained, tmp_path):
    model, _ = trained
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    views = two_views(stream=2)
    for name, variates in model.transform(views).items():
        np.testing.assert_array_equal(again.transform(views)[name], variates)
    np.testing.assert_array_equal(again.score(views), model.score(views))
    assert again.components == 1
    assert again.regularization == model.regularization
