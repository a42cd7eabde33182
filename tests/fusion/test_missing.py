"""Learnt tokens, presence among the inputs, auxiliary losses, and how to weigh them."""

import keras
import numpy as np
import pytest
from fusion_checks import sequences, vectors
from layer_checks import to_numpy
from scipy.special import log_softmax
from tolerance import assert_close, count_steps

from mmtutorial.encoders import DenseEncoder
from mmtutorial.fusion import FusionClassifier, MissingTokens, gradient_blend

pytestmark = pytest.mark.backend

PAIR = vectors([3, 5])
LABELS = np.array([0, 1, 2, 0])
PRESENCE = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], bool)
LOSS = {"loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True)}


def classifier(fusion="concat", inputs=PAIR, **options):
    return FusionClassifier({name: DenseEncoder(4) for name in inputs}, fusion, 3, **options)


def compiled(model, rate=0.1, **options):
    model.compile(keras.optimizers.SGD(rate), **{**LOSS, "run_eagerly": True, **options})
    return model


# --- tokens


def test_a_token_stands_in_for_what_is_absent(rng):
    layer = MissingTokens()
    layer(PAIR)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    image, text = (to_numpy(weight) for weight in layer.weights)
    assert (len(image), len(text)) == (5, 3)
    for content in (0, np.nan):
        changed = {name: vector.copy() for name, vector in PAIR.items()}
        changed["image"][~PRESENCE[:, 0]] = content
        changed["text"][~PRESENCE[:, 1]] = content
        filled = layer(changed, presence=PRESENCE)
        expected = np.where(PRESENCE[:, [0]], PAIR["image"], image)
        np.testing.assert_array_equal(to_numpy(filled["image"]), expected)
        expected = np.where(PRESENCE[:, [1]], PAIR["text"], text)
        np.testing.assert_array_equal(to_numpy(filled["text"]), expected)
    np.testing.assert_array_equal(to_numpy(layer(PAIR)["text"]), PAIR["text"])


def test_of_an_absent_sequence_one_token_is_real(rng):
    tokens, masks = sequences(PAIR)
    layer = MissingTokens()
    layer(tokens)
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.weights])
    filled = {name: to_numpy(a) for name, a in layer(tokens, presence=PRESENCE).items()}
    for given in (masks, None):
        real = layer.masks(tokens, PRESENCE, given)
        for column, name in enumerate(("image", "text")):
            here = PRESENCE[:, column]
            mask = to_numpy(real[name])
            np.testing.assert_array_equal(mask[here], masks[name][here] if given else True)
            assert (mask[~here].sum(axis=1) == 1).all()
            assert mask[~here][:, 0].all()
            vector = to_numpy(layer.vectors[column])
            np.testing.assert_array_equal(filled[name][~here, 0], np.tile(vector, (2, 1)))


@pytest.mark.parametrize("fusion", ["concat", "gated", "late", "bottleneck"])
def test_learnt_tokens_move_where_something_is_absent(fusion):
    model = compiled(classifier(fusion, missing="learnt"))
    model.train_on_batch({**PAIR, "presence": np.ones((4, 2), bool)}, LABELS)
    assert all(np.abs(to_numpy(weight)).max() == 0 for weight in model.tokens.weights)
    model.train_on_batch({**PAIR, "presence": PRESENCE}, LABELS)
    assert all(np.abs(to_numpy(weight)).max() > 1e-6 for weight in model.tokens.weights)


def test_before_training_learnt_tokens_are_zero_filling():
    learnt, zeros = classifier(missing="learnt"), classifier()
    learnt(PAIR)
    zeros(PAIR)
    zeros.encoders["image"].set_weights(learnt.encoders["image"].get_weights())
    zeros.encoders["text"].set_weights(learnt.encoders["text"].get_weights())
    zeros.heads["fused"].set_weights(learnt.heads["fused"].get_weights())
    expected = to_numpy(zeros(PAIR, presence=PRESENCE))
    assert_close(
        to_numpy(learnt(PAIR, presence=PRESENCE)), expected, steps=count_steps(learnt, PAIR)
    )


def test_modality_dropout_trains_the_tokens():
    inputs = {name: np.repeat(vector, 8, axis=0) for name, vector in PAIR.items()}
    model = compiled(classifier(missing="learnt", modality_dropout=0.5))
    model.train_on_batch(inputs, np.repeat(LABELS, 8))
    assert all(np.abs(to_numpy(weight)).max() > 1e-6 for weight in model.tokens.weights)


def test_presence_may_stand_among_the_inputs(tmp_path):
    model = compiled(classifier("gated", missing="learnt"), run_eagerly=False)
    batch = {**PAIR, "presence": PRESENCE}
    model.fit(batch, LABELS, epochs=2, batch_size=2, verbose=0)
    expected = to_numpy(model(PAIR, presence=PRESENCE))
    assert_close(model.predict(batch, verbose=0), expected, steps=count_steps(model, PAIR))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(again(batch)), to_numpy(model(batch)))
    with pytest.raises(ValueError, match="presence must be given once"):
        model(batch, presence=PRESENCE)


# --- auxiliary losses


def cross_entropy(logits, rows=None):
    losses = -log_softmax(to_numpy(logits).astype(float), axis=1)[np.arange(4), LABELS]
    return np.mean(losses if rows is None else losses * rows)


@pytest.mark.parametrize("fusion", ["concat", "late", "cross_attention"])
@pytest.mark.parametrize("auxiliary", [0.5, {"image": 0.25, "text": 2.0}, {"text": 0.7}])
@pytest.mark.parametrize("presence", [None, PRESENCE], ids=["all", "some"])
def test_the_loss_is_the_sum_of_the_joint_and_the_single_ones(fusion, auxiliary, presence):
    model = compiled(classifier(fusion, auxiliary=auxiliary))
    batch = PAIR if presence is None else {**PAIR, "presence": presence}
    joint, votes = model(batch), model.unimodal_logits(batch)
    expected = cross_entropy(joint)
    for column, name in enumerate(("image", "text")):
        weight = auxiliary.get(name, 0) if isinstance(auxiliary, dict) else auxiliary
        if weight:
            rows = None if presence is None else presence[:, column]
            expected = expected + weight * cross_entropy(votes[name], rows)
    steps = count_steps(model, batch)
    loss = np.float32(model.evaluate(batch, LABELS, verbose=0))
    assert_close(loss, cross_entropy(joint), steps=steps)
    assert_close(np.float32(model.train_on_batch(batch, LABELS)), expected, steps=steps)


def test_sample_weights_reach_the_auxiliary_losses():
    model = compiled(classifier(auxiliary=0.5))
    weights = np.array([0.0, 1.0, 2.0, 3.0])
    joint, votes = model(PAIR), model.unimodal_logits(PAIR)
    expected = cross_entropy(joint, weights) + 0.5 * sum(
        cross_entropy(vote, weights) for vote in votes.values()
    )
    loss = model.train_on_batch(PAIR, LABELS, sample_weight=weights)
    assert_close(np.float32(loss), expected, steps=count_steps(model, PAIR))


def test_auxiliary_heads_train_their_encoders_alone():
    """With the joint loss weighed by 0, what is left is each modality's own gradient."""
    model = compiled(classifier(auxiliary={"text": 1.0}), rate=1.0)
    model(PAIR)
    model.heads["fused"].trainable = False
    for weight in model.heads["fused"].weights:
        weight.assign(np.zeros(weight.shape))  # the joint loss moves nothing below it
    image, text = (model.encoders[name].get_weights() for name in ("image", "text"))
    model.train_on_batch(PAIR, LABELS)
    for old, new in zip(image, model.encoders["image"].get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert np.abs(text[0] - model.encoders["text"].get_weights()[0]).max() > 1e-4


def test_auxiliary_heads_and_their_parameters():
    plain, helped = classifier(hidden=(7,)), classifier(hidden=(7,), auxiliary=1)
    late = classifier("late", hidden=(7,), auxiliary=1)
    for model in (plain, helped, late):
        model(PAIR)
    head = (4 * 7 + 7) + (7 * 3 + 3)
    assert helped.count_params() == plain.count_params() + 2 * head
    assert list(helped.heads) == ["fused", "image", "text"]
    assert list(late.heads) == list(late.unimodal_logits(PAIR)) == ["image", "text"]
    assert plain.unimodal_logits(PAIR) == {}


def test_auxiliary_losses_in_a_compiled_graph():
    model = compiled(classifier("gated", auxiliary=0.5), run_eagerly=False, jit_compile=False)
    history = model.fit(PAIR, LABELS, epochs=3, verbose=0, validation_data=(PAIR, LABELS))
    assert np.isfinite(history.history["loss"]).all()
    assert history.history["loss"][0] > history.history["val_loss"][0]  # joint loss alone


def test_the_classifier_says_what_is_wrong():
    for weight in (-1, np.nan, np.inf):
        with pytest.raises(ValueError, match="auxiliary must be at least 0"):
            classifier(auxiliary=weight)
    with pytest.raises(ValueError, match=r"auxiliary must be of \['image', 'text'\], got \['so"):
        classifier(auxiliary={"sound": 1.0})
    with pytest.raises(ValueError, match=r"missing must be one of .*'zeros', 'learnt'.*'mean'"):
        classifier(missing="mean")
    for name in ("fused", "presence"):
        with pytest.raises(ValueError, match="a modality cannot be called 'fused' or 'presence'"):
            FusionClassifier({name: DenseEncoder(4)}, "concat", 3)
    model = compiled(classifier(auxiliary=1), loss=lambda truth, logits: keras.ops.mean(logits))
    with pytest.raises(ValueError, match=r"auxiliary needs a keras.losses.Loss in compile"):
        model.train_on_batch(PAIR, LABELS)


# --- gradient-blend


def test_gradient_blend_is_gain_over_overfitting_squared():
    before = {"image": (2.0, 2.1), "text": (1.0, 1.2), "fused": (3.0, 3.0)}
    after = {"image": (1.5, 1.8), "text": (0.2, 1.0), "fused": (1.0, 2.5)}
    gains = {"image": 0.3, "text": 0.2, "fused": 0.5}
    growth = {"image": 0.3 - 0.1, "text": 0.8 - 0.2, "fused": 1.5}
    scores = {name: gains[name] / growth[name] ** 2 for name in gains}
    weights = gradient_blend(before, after)
    assert sum(weights.values()) == pytest.approx(1)
    for name, weight in weights.items():
        assert weight == pytest.approx(scores[name] / sum(scores.values()))


def test_gradient_blend_of_equal_learners_is_even_and_order_does_not_matter():
    before, after = {"b": (2, 2), "a": (2, 2)}, {"a": (1, 1.5), "b": (1, 1.5)}
    assert gradient_blend(before, after) == {"a": 0.5, "b": 0.5}


def test_who_did_not_gain_gets_nothing_and_luck_cannot_take_all():
    before = {"image": (2.0, 2.0), "text": (2.0, 2.0)}
    weights = gradient_blend(before, {"image": (1.0, 2.5), "text": (1.9, 1.9)})
    assert weights == {"image": 0.0, "text": 1.0}
    lucky = {"image": (1.0, 1.0), "text": (1.0, 1.01)}  # no overfitting at all, and just little
    weights = gradient_blend(before, lucky, floor=0.01)
    assert weights["image"] == pytest.approx(1 / 1.99)


def test_gradient_blend_says_what_is_wrong():
    good = {"image": (2.0, 2.0)}
    with pytest.raises(ValueError, match=r"after must hold the learners \['image'\].*\['text'\]"):
        gradient_blend(good, {"text": (1.0, 1.0)})
    with pytest.raises(ValueError, match=r"after\['image'\] must be at least .*, got nan"):
        gradient_blend(good, {"image": (np.nan, 1.0)})
    with pytest.raises(ValueError, match="after must show a validation loss that fell"):
        gradient_blend(good, {"image": (1.0, 2.0)})
    with pytest.raises(ValueError, match=r"floor must be at least 1e-100 .*, got 0"):
        gradient_blend(good, {"image": (1.0, 1.0)}, floor=0)
