"""A model of several tasks: its steps against oracles, missing labels, NaN, saving, wrong input."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_checks import to_numpy
from tolerance import assert_close, make_rng

from mmtutorial import multi_task as mt
from mmtutorial.encoders import DenseEncoder

pytestmark = pytest.mark.backend
TENSORFLOW = keras.backend.backend() == "tensorflow"
on_tensorflow = pytest.mark.skipif(not TENSORFLOW, reason="needs the gradient tape")
RNG = make_rng(0)
X = RNG.normal(size=(8, 5)).astype("float32")
Y = {"group": np.array([0, 1, 2, 0, 1, 2, 0, 1]), "hue": RNG.normal(size=8).astype("float32")}
SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
LOSS = {"group": SPARSE, "hue": "mse"}
HEADS = {"group": 3, "hue": 1}
STEPS = 400  # a sum over the batch and the weights of some layers, forth and back


def make(
    weighting="equal", aggregator=None, kind=mt.HardSharing, heads=HEADS, loss=LOSS, **options
):
    """Make and compile a small model, with the same first weights each time."""
    keras.utils.set_random_seed(0)
    parts = {"hidden": (6, 4), **options.pop("parts", {})}
    model = mt.MultiTaskModel(
        kind(DenseEncoder(7), heads, **parts), weighting, aggregator, **options
    )
    model(X)
    return compiled(model, loss=loss)


def compiled(model, rate=0.1, loss=LOSS, **options):
    """Compile for plain descent, eagerly, which saves the tracing of a graph."""
    options = {"run_eagerly": True, **options}
    model.compile(keras.optimizers.SGD(rate), loss, **options)
    return model


def moved(model, x, y):
    """Return by how much one step of descent moves each weight, over the rate: its gradient."""
    before = [to_numpy(weight).copy() for weight in model.trainable_weights]
    model.train_on_batch(x, y)
    return [(b - to_numpy(a)) / 0.1 for a, b in zip(model.trainable_weights, before, strict=True)]


def split_heads(model, moves):
    """Return the moves of what is shared, and those of the heads, group before hue."""
    heads = {w.path for head in model.architecture.heads.values() for w in head.trainable_weights}
    named = [(w.path in heads, m) for w, m in zip(model.trainable_weights, moves, strict=False)]
    return [m for is_head, m in named if not is_head][:6], [m for is_head, m in named if is_head]


def check_moves(found, expected):
    for one, other in zip(found, expected, strict=True):
        assert_close(one, other, steps=STEPS, scale=1, eps=1.2e-7)


# --- steps against oracles


def test_with_equal_weights_it_is_keras_own_training_on_the_sum_of_losses():
    model = make()
    entry = keras.Input((5,))
    plain = keras.Model(entry, model.architecture({"input": entry}))
    plain.compile(keras.optimizers.SGD(0.1), LOSS, run_eagerly=True)
    start = model.get_weights()
    expected = moved(plain, X, {"group": Y["group"], "hue": Y["hue"][:, None]})
    model.set_weights(start)
    found = moved(model, X, Y)
    assert len(found) == len(expected) == 10
    check_moves(found, expected)


@pytest.mark.parametrize("weights", [{"group": 0.0, "hue": 2.0}, {"group": 0.5, "hue": 1.0}])
def test_a_weight_multiplies_the_gradient_of_its_loss(weights):
    apart = {}
    for task in HEADS:
        only = {name: float(name == task) for name in HEADS}
        apart[task] = moved(make(mt.LinearScalarization(only)), X, Y)
    found = moved(make(mt.LinearScalarization(weights)), X, Y)
    expected = [
        weights["group"] * a + weights["hue"] * b
        for a, b in zip(apart["group"], apart["hue"], strict=True)
    ]
    check_moves(found, expected)


@on_tensorflow
@pytest.mark.parametrize(
    ("aggregator", "function"),
    [
        ("pcgrad", mt.pcgrad),
        ("mgda", mt.mgda),
        ("cagrad", lambda rows: mt.cagrad(rows, c=0.3)),
        ("imtl_g", mt.imtl_g),
        (None, lambda rows: ops.sum(rows, axis=0)),
    ],
)
def test_what_is_shared_moves_by_the_method_and_heads_by_their_own_loss(aggregator, function):
    model = make(aggregator=aggregator, c=0.3)
    gradients = mt.task_gradients(model, X, Y)
    shared = [w for w in model.trainable_weights if w.path in gradients]
    assert len(shared) == 6
    whole = to_numpy(function(np.hstack(list(gradients.values()))))
    parts = np.split(whole, np.cumsum([np.prod(w.shape) for w in shared])[:-1])
    expected = dict(zip(gradients, parts, strict=True))
    plain = dict(zip([w.path for w in model.trainable_weights], moved(make(), X, Y), strict=True))
    found = moved(model, X, Y)
    for weight, move, sum_of_all in zip(
        model.trainable_weights, found, plain.values(), strict=True
    ):
        if weight.path in expected:
            check_moves([move.ravel()], [expected[weight.path]])
        else:
            check_moves([move], [sum_of_all])


@on_tensorflow
def test_a_function_of_ones_own_makes_the_gradient():
    model = make(aggregator=lambda rows: rows[1])  # the second task has its way
    alone = make(mt.LinearScalarization({"group": 0.0, "hue": 1.0}))
    expected, _ = split_heads(alone, moved(alone, X, Y))
    check_moves(split_heads(model, moved(model, X, Y))[0], expected)


@on_tensorflow
def test_what_layers_add_to_the_loss_comes_beside_the_method():
    def build(decay):
        keras.utils.set_random_seed(0)
        encoder = keras.layers.Dense(7, kernel_regularizer=keras.regularizers.L2(decay))
        model = mt.MultiTaskModel(mt.HardSharing(encoder, HEADS), "equal", "mgda")
        model(X)
        return compiled(model), to_numpy(encoder.kernel).copy()

    (plain, kernel), (decayed, _) = build(0.0), build(0.5)
    place = [w.shape for w in plain.trainable_weights].index(kernel.shape)
    found = moved(decayed, X, Y)[place] - moved(plain, X, Y)[place]
    check_moves([found], [kernel])  # twice 0.5


@on_tensorflow
def test_what_a_weighting_learns_is_of_no_method():
    """Its numbers stand in one variable, on which the terms of all tasks depend."""
    plain, merged = make("uncertainty"), make("uncertainty", "imtl_g")
    for model in (plain, merged):
        model.train_on_batch(X, Y)
    expected = to_numpy(plain.weighting.log_variances)
    check_moves([to_numpy(merged.weighting.log_variances)], [expected])


@on_tensorflow
def test_pcgrad_draws_an_order_and_the_seed_repeats_it():
    heads, wide = dict.fromkeys("abcdef", 3), {"hidden": (16, 16)}
    y = {
        name: make_rng(i).normal(size=(8, 3)).astype("float32") * 5 for i, name in enumerate(heads)
    }
    gradients = mt.task_gradients(make(heads=heads, loss="mse", parts=wide), X, y)
    cosines = to_numpy(mt.gradient_cosine(np.hstack(list(gradients.values()))))
    assert np.sum(cosines < 0) >= 4, "they must conflict for an order to matter"

    def train(seed):
        model = make(aggregator="pcgrad", heads=heads, loss="mse", parts=wide, seed=seed)
        for _ in range(3):
            model.train_on_batch(X, y)
        return np.concatenate([w.ravel() for w in model.get_weights()])

    one, same, other = train(0), train(0), train(1)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-6


@on_tensorflow
@pytest.mark.parametrize("weighting", ["equal", "random", "uncertainty", "dynamic", "gradnorm"])
@pytest.mark.parametrize("aggregator", [None, "pcgrad", "mgda", "cagrad", "imtl_g"])
def test_every_weighting_goes_with_every_method(weighting, aggregator):
    model = make(weighting, aggregator)
    before = [to_numpy(w).copy() for w in model.trainable_weights]
    history = model.fit(X, Y, epochs=3, batch_size=4, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.abs(to_numpy(weight) - old).max() > 0, weight.path


@on_tensorflow
@pytest.mark.parametrize("kind", [mt.CrossStitch, mt.MMoE, mt.PLE])
@pytest.mark.parametrize("aggregator", [None, "mgda"])
def test_every_architecture_goes_with_a_method(kind, aggregator):
    model = make("uncertainty", aggregator, kind)
    before = [to_numpy(w).copy() for w in model.trainable_weights]
    model.fit(X, Y, epochs=3, batch_size=4, verbose=0)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.abs(to_numpy(weight) - old).max() > 0, weight.path


@on_tensorflow
@pytest.mark.parametrize("aggregator", [None, "mgda", "imtl_g"])
def test_in_a_graph_it_takes_the_same_steps(aggregator):
    eager, graph = make("uncertainty", aggregator), make("uncertainty", aggregator)
    compiled(graph, run_eagerly=False)
    y = {**Y, "hue": np.where(np.arange(8) < 4, Y["hue"], np.nan)}  # the second batch has no hue
    for model in (eager, graph):
        model.fit(X, y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    check_moves(graph.get_weights(), eager.get_weights())


def test_it_trains_and_reports_each_task():
    model = make("uncertainty")
    compiled(model, metrics={"group": "accuracy", "hue": ["mae"]})
    held_out = (X[:3], {task: y[:3] for task, y in Y.items()})
    history = model.fit(X, Y, epochs=30, verbose=0, validation_data=held_out).history
    names = {"group_loss", "hue_loss", "group_weight", "hue_weight", "group_accuracy", "hue_mae"}
    assert set(history) == {"loss", *names, "val_loss", *(f"val_{name}" for name in names)}
    assert history["group_loss"][-1] < history["group_loss"][0]
    assert history["hue_loss"][-1] < history["hue_loss"][0]
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    outputs = {task: to_numpy(each) for task, each in model(X).items()}
    right = np.mean(outputs["group"].argmax(axis=1) == Y["group"])
    assert abs(found["group_accuracy"] - right) < 1e-6
    assert_close(found["hue_mae"], np.abs(outputs["hue"][:, 0] - Y["hue"]).mean(), steps=STEPS)
    predicted = model.predict(X, verbose=0)
    check_moves([predicted["group"]], [outputs["group"]])


def test_the_accuracy_of_a_yes_or_no_is_of_logits():
    model = mt.MultiTaskModel(mt.HardSharing(DenseEncoder(3), {"red": 1}))
    binary = keras.losses.BinaryCrossentropy(from_logits=True)
    compiled(model, loss=binary, metrics="accuracy")
    y = {"red": np.array([0, 1, 1, 0, -1, 0, 1, 1])}
    found = model.evaluate(X, y, verbose=0, return_dict=True)
    said = to_numpy(model(X)["red"])[:, 0] > 0
    known = y["red"] >= 0
    assert abs(found["red_accuracy"] - np.mean(said[known] == y["red"][known])) < 1e-6


def test_the_weights_of_epochs_follow_the_losses():
    model = make("dynamic")
    history = model.fit(X, Y, epochs=4, verbose=0).history
    assert history["hue_weight"][:2] == [1.0, 1.0]
    ratios = {task: history[f"{task}_loss"][1] / history[f"{task}_loss"][0] for task in HEADS}
    shares = {task: np.exp(ratio / 2) for task, ratio in ratios.items()}
    expected = 2 * shares["hue"] / sum(shares.values())
    assert abs(history["hue_weight"][2] - expected) < 1e-5


# --- missing labels


def test_a_missing_label_is_no_zero():
    """A batch in which half of the labels of a task are missing: its loss is that of the others."""
    y = {"group": np.where(np.arange(8) < 4, Y["group"], -1), "hue": Y["hue"].copy()}
    y["hue"][:2] = np.nan
    model = make()
    compiled(model, metrics={"group": "accuracy", "hue": "mae"})
    found = model.evaluate(X, y, verbose=0, return_dict=True)
    of_group = model.evaluate(X[:4], {t: v[:4] for t, v in Y.items()}, verbose=0, return_dict=True)
    of_hue = model.evaluate(X[2:], {t: v[2:] for t, v in Y.items()}, verbose=0, return_dict=True)
    for name, one in (("group", of_group), ("hue", of_hue)):
        for what in [each for each in found if each.startswith(name)]:
            assert abs(found[what] - one[what]) < 1e-5, what


@on_tensorflow
def test_the_gradient_of_a_task_is_that_of_its_labelled_rows():
    y = {"group": np.where(np.arange(8) < 4, Y["group"], -1), "hue": Y["hue"]}
    all_rows = mt.task_gradients(make(), X, y)
    some = mt.task_gradients(make(), X[:4], {task: labels[:4] for task, labels in Y.items()})
    check_moves([g[0] for g in all_rows.values()], [g[0] for g in some.values()])


@on_tensorflow
@pytest.mark.parametrize("aggregator", ["pcgrad", "mgda", "cagrad", "imtl_g"])
@pytest.mark.parametrize("weighting", ["equal", "uncertainty", "gradnorm"])
def test_a_task_without_a_label_in_the_batch_has_no_say(weighting, aggregator):
    """Its head stays, and what is shared moves as if the other task were alone."""
    y = {"group": np.full(8, -1), "hue": Y["hue"]}
    model = make(weighting, aggregator, c=0.0)
    shared, heads = split_heads(model, moved(model, X, y))
    alone = make(mt.LinearScalarization({"group": 0.0, "hue": 1.0}))
    expected, _ = split_heads(alone, moved(alone, X, Y))
    check_moves(shared, expected)
    assert np.abs(heads[0]).max() == np.abs(heads[1]).max() == 0


def test_a_batch_without_any_label_changes_nothing():
    model = make("uncertainty", "mgda" if TENSORFLOW else None)
    y = {"group": np.full(8, -1), "hue": np.full(8, np.nan)}
    assert all(np.abs(move).max() == 0 for move in moved(model, X, y))


def test_a_row_of_numbers_of_which_one_is_missing_is_not_looked_at():
    heads, y = {"place": 2}, RNG.normal(size=(8, 2)).astype("float32")
    model = make(heads=heads, loss="mse")
    y[:3, 1] = np.nan
    found = model.evaluate(X, {"place": y}, verbose=0, return_dict=True)
    whole = model.evaluate(X[3:], {"place": y[3:]}, verbose=0, return_dict=True)
    assert abs(found["place_loss"] - whole["place_loss"]) < 1e-5


@on_tensorflow
def test_gradnorm_sees_gradients_of_losses_that_are_not_weighted():
    model, alone = (make(mt.GradNorm(alpha=0.0, learning_rate=0.1)) for _ in range(2))
    for each in (model, alone):
        each.weighting.task_weights.assign([0.4, 1.6])
    norms = np.linalg.norm(np.hstack(list(mt.task_gradients(model, X, Y).values())), axis=1)
    alone.weighting.update_weights(ops.ones(2), ops.array(norms), None)
    model.train_on_batch(X, Y)
    expected = to_numpy(alone.weighting.task_weights)
    assert_close(to_numpy(model.weighting.task_weights), expected, steps=STEPS)


# --- sampling


def test_temperature_makes_shares_alike():
    counts = {"hue": 10, "group": 1000}
    assert mt.temperature_sampling(counts) == {"group": 1000 / 1010, "hue": 10 / 1010}
    tempered = mt.temperature_sampling(counts, temperature=2)
    assert abs(tempered["group"] / tempered["hue"] - 10) < 1e-9
    assert abs(mt.temperature_sampling(counts, temperature=1e9)["hue"] - 0.5) < 1e-6


def test_rows_are_drawn_for_tasks():
    from mmtutorial.multi_task.sampling import TaskBatches

    rows = 400
    labels = {"group": np.full(rows, -1), "hue": np.full(rows, np.nan, "float32")}
    labels["group"][:40] = 1
    labels["hue"][40:] = 1.0
    inputs = {"input": np.arange(rows)}
    batches = TaskBatches(inputs, labels, np.array([0.5, 0.5]), 30, np.random.default_rng(0))
    assert len(batches) == 14
    drawn = np.concatenate([batches[i][0]["input"] for i in range(len(batches))])
    assert len(drawn) == rows
    assert abs(np.mean(drawn < 40) - 0.5) < 0.15  # six deviations of a share of 400
    counts = np.bincount(drawn[drawn < 40], minlength=40)
    assert np.ptp(counts) <= 1  # all rows before one comes again
    batches.on_epoch_end()
    again = np.concatenate([batches[i][0]["input"] for i in range(len(batches))])
    assert (again != drawn).any()


def test_a_model_trains_on_drawn_rows():
    model = make()
    y = {"group": np.where(np.arange(8) < 2, Y["group"], -1), "hue": Y["hue"]}
    shares = {"group": 1.0, "hue": 0.0}
    history = model.fit(X, y, task_sampling=shares, batch_size=4, epochs=2, verbose=0).history
    assert len(history["loss"]) == 2
    for wrong, message in (
        ({"group": 1.0}, "task_sampling has a missing task 'hue'"),
        ({"group": 0.0, "hue": 0.0}, "task_sampling must not be 0"),
        ({"group": -1.0, "hue": 1.0}, r"task_sampling\['group'\] must be at least 0"),
        ([0.5, 0.5], "task_sampling must be a dict"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            model.fit(X, y, task_sampling=wrong, verbose=0)


# --- losses that are no number


def squared(y_true, y_pred):
    """The squared error, but NaN where the label is 7."""
    error = ops.square(y_true - y_pred)
    return ops.mean(ops.where(y_true == 7, ops.cast(float("nan"), error.dtype), error), axis=-1)


def rooted(y_true, y_pred):
    """A loss whose value is 0 and whose slope is not finite."""
    return ops.mean(ops.sqrt(y_pred - y_pred), axis=-1)


@pytest.mark.parametrize("eager", [True, False])
def test_a_loss_that_is_no_number_is_named_and_the_last_good_weights_stay(eager):
    y = {**Y, "hue": np.where(np.arange(8) == 6, 7.0, Y["hue"])}
    model, same = make(), make()
    for each, rows in ((model, 8), (same, 4)):
        compiled(each, loss={"group": SPARSE, "hue": squared}, run_eagerly=eager)
        arrays = X[:rows], {task: labels[:rows] for task, labels in y.items()}
        if each is same:
            each.fit(*arrays, batch_size=4, shuffle=False, verbose=0)
            continue
        with pytest.raises(FloatingPointError, match=r"task 'hue', or its gradient, became nan in"):
            each.fit(*arrays, batch_size=4, epochs=3, shuffle=False, verbose=0)
    check_moves(model.get_weights()[:10], same.get_weights()[:10])
    assert all(np.isfinite(w).all() for w in model.get_weights())


@on_tensorflow
@pytest.mark.parametrize("aggregator", [None, "mgda"])
def test_a_gradient_that_is_no_number_is_found_too(aggregator):
    model = make(aggregator=aggregator)
    compiled(model, loss={"group": rooted, "hue": "mse"})
    before = model.get_weights()
    y = {"group": np.zeros((8, 3), "float32"), "hue": Y["hue"]}
    with pytest.raises(FloatingPointError, match=r"became nan in step 1 of epoch 1"):
        model.fit(X, y, verbose=0)
    check_moves(model.get_weights(), before)


# --- saving


def test_a_reloaded_model_goes_on_as_the_first_would(tmp_path):
    model = make(mt.DynamicWeightAverage(1.0), "cagrad" if TENSORFLOW else None)
    model.compile("adam", LOSS, {"group": ["accuracy"], "hue": "mae"}, run_eagerly=True)
    model.fit(X, Y, epochs=3, batch_size=8, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    histories = [
        each.fit(X, Y, epochs=2, batch_size=8, shuffle=False, verbose=0).history
        for each in (model, again)
    ]
    assert set(histories[0]) == set(histories[1])
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-5, err_msg=name)


@on_tensorflow
def test_it_is_exported(tmp_path):
    import tensorflow as tf

    model = make()
    model.export(tmp_path / "model", verbose=False)
    again = tf.saved_model.load(tmp_path / "model")  # what it holds dies with it
    found = again.serve({"input": X})
    check_moves([found["group"].numpy()], [to_numpy(model(X)["group"])])


@on_tensorflow
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_it_trains_in_half_precision(policy):
    body = mt.HardSharing(DenseEncoder(7, dtype=policy), HEADS, hidden=(6,), dtype=policy)
    model = mt.MultiTaskModel(body, "gradnorm", "imtl_g", dtype=policy)
    model.compile("adam", LOSS, run_eagerly=True)
    history = model.fit(X, Y, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()


# --- wrong input


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ({"group": Y["group"]}, "y has a missing task 'hue'"),
        ({**Y, "sound": Y["hue"]}, "y has an unexpected task 'sound'"),
        (Y["group"], "y must be a dict of labels keyed by task"),
        (None, "y must be a dict of labels"),
        ({**Y, "group": np.full(8, -1)}, r"y\['group'\] must hold at least one label"),
        ({**Y, "hue": np.full(8, np.nan)}, r"y\['hue'\] must hold at least one label"),
        ({**Y, "group": Y["group"] + 1}, r"y\['group'\] must hold whole numbers from 0 to 2"),
        ({**Y, "group": Y["group"] - 2}, r"y\['group'\] must hold whole numbers .* got -2"),
        ({**Y, "group": Y["group"] + 0.5}, r"y\['group'\] must hold whole numbers"),
        ({**Y, "group": Y["group"].astype(str)}, r"y\['group'\] must hold numbers"),
        ({**Y, "hue": np.full(8, np.inf)}, r"y\['hue'\] must hold numbers, or NaN"),
        ({**Y, "hue": Y["hue"][:5]}, "y must hold as many labels for each task"),
        ({task: labels[:5] for task, labels in Y.items()}, "must hold one per item"),
    ],
)
def test_labels_that_cannot_be_are_refused(y, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make().fit(X, y, verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weighting": "heavy"}, "weighting must be a weighting or one of"),
        ({"weighting": mt.GradNorm}, r"got the class: write GradNorm\(\.\.\.\)"),
        ({"weighting": None}, "weighting must be a weighting"),
        ({"weighting": mt.LinearScalarization({"group": 1.0})}, "has a missing task 'hue'"),
        ({"weighting": mt.UncertaintyWeighting({"sound": "regression"})}, "kinds has an? "),
        ({"aggregator": "sum"}, "aggregator must be one of"),
        ({"aggregator": 3}, "aggregator must be one of"),
        ({"c": -1.0}, "c must be at least 0"),
        ({"seed": 0.5}, "seed must be a whole number"),
    ],
)
def test_choices_that_cannot_be_are_refused(options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make(**options)
    with pytest.raises(TypeError, match="architecture must be one such as HardSharing"):
        mt.MultiTaskModel(DenseEncoder(4))
    with pytest.raises(TypeError, match="got HardSharing"):
        mt.MultiTaskModel(mt.HardSharing)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": None}, "loss must say how 'group' is scored"),
        ({"loss": {"group": SPARSE}}, "loss has a missing task 'hue'"),
        ({"loss": {**LOSS, "sound": "mse"}}, "loss has an unexpected task 'sound'"),
        ({"loss": {**LOSS, "group": "sparse_categorical_crossentropy"}}, "loss must take logits"),
        ({"loss": LOSS, "metrics": {"sound": "mae"}}, "metrics has an unexpected task 'sound'"),
        ({"loss": LOSS, "metrics": {"group": keras.metrics.Recall()}}, "metrics must take logits"),
        ({"loss": LOSS, "loss_weights": {"group": 2.0}}, "loss_weights must not be given"),
    ],
)
def test_losses_and_metrics_that_cannot_be_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        make().compile("sgd", **options)


def test_more_that_cannot_be_is_refused():
    model = make()
    with pytest.raises(ValueError, match="sample_weight must not be given"):
        model.fit(X, Y, sample_weight=np.ones(8), verbose=0)
    with pytest.raises(ValueError, match="unexpected modality 'sound'"):
        model.fit({"sound": X}, Y, verbose=0)
    fresh = mt.MultiTaskModel(mt.HardSharing(DenseEncoder(7), HEADS))
    with pytest.raises(ValueError, match=r"call compile\(optimizer, loss\) first"):
        fresh.fit(X, Y, verbose=0)


def test_a_yes_or_no_is_0_or_1():
    binary = keras.losses.BinaryCrossentropy(from_logits=True)
    model = make(heads={"red": 1}, loss=binary)
    for wrong in (2, -2):
        with pytest.raises(ValueError, match=rf"whole numbers from 0 to 1, .* got {wrong}"):
            model.fit(X, {"red": np.array([0, 1, 1, 0, -1, 0, 1, wrong])}, verbose=0)


@pytest.mark.skipif(TENSORFLOW, reason="of the other backends")
def test_elsewhere_it_says_that_gradients_of_tasks_need_tensorflow():
    for options in ({"aggregator": "pcgrad"}, {"weighting": "gradnorm"}):
        with pytest.raises(ValueError, match=r"needs a gradient for each task.*on TensorFlow"):
            make(**options)
    with pytest.raises(ValueError, match="model must run on TensorFlow"):
        mt.task_affinity(make(), X, Y, learning_rate=0.1)


# --- affinity


@on_tensorflow
def test_affinity_is_what_a_step_does():
    model = make()
    before = model.evaluate(X, Y, verbose=0, return_dict=True)
    found = mt.task_affinity(model, X, Y, learning_rate=0.05)
    weights = model.get_weights()
    gradients = mt.task_gradients(model, X, Y)
    for i in range(2):
        model.set_weights(weights)
        for weight in model.trainable_weights:
            if weight.path in gradients:
                step = 0.05 * gradients[weight.path][i].reshape(weight.shape)
                weight.assign(to_numpy(weight) - step)
        after = model.evaluate(X, Y, verbose=0, return_dict=True)
        for j, task in enumerate(model.tasks):
            expected = 1 - after[f"{task}_loss"] / before[f"{task}_loss"]
            assert abs(found[i, j] - expected) < 1e-5
    assert found[0, 0] > 0
    assert found[1, 1] > 0


@on_tensorflow
def test_a_small_step_moves_losses_by_the_inner_products_of_gradients():
    model = make()
    rate = 1e-3
    losses = model.evaluate(X, Y, verbose=0, return_dict=True)
    whole = np.hstack(list(mt.task_gradients(model, X, Y).values())).astype("float64")
    expected = rate * whole @ whole.T / [losses["group_loss"], losses["hue_loss"]]
    before = model.get_weights()
    found = mt.task_affinity(model, X, Y, learning_rate=rate)
    np.testing.assert_allclose(found, expected, rtol=0.1, atol=1e-5)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@on_tensorflow
def test_affinity_of_what_cannot_be_is_refused():
    with pytest.raises(TypeError, match="model must be a MultiTaskModel"):
        mt.task_affinity(keras.Sequential([]), X, Y, learning_rate=0.1)
    with pytest.raises(ValueError, match="learning_rate must be above 0"):
        mt.task_affinity(make(), X, Y, learning_rate=0.0)
    with pytest.raises(ValueError, match=r"y\['group'\]"):
        mt.task_gradients(make(), X, {**Y, "group": Y["group"] + 5})
