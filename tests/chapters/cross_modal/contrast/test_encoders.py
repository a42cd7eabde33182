"""What the chapter compares with: few negatives, and no training."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from scipy.special import logsumexp
from sklearn.linear_model import Ridge
from tolerance import assert_close, make_rng

from mmtutorial.chapters.cross_modal.contrast.encoders import (
    FewNegatives,
    RelativeEncoder,
    RidgeEncoder,
)
from mmtutorial.cross_modal import DualEncoder


@pytest.fixture
def inputs():
    rng = make_rng()
    return {
        "image": rng.normal(size=(12, 5)).astype("float32"),
        "text": rng.normal(size=(12, 4)).astype("float32"),
    }


def built(kind, inputs, **options):
    keras.utils.set_random_seed(0)
    model = kind({name: layers.Dense(6) for name in inputs}, units=3, **options)
    return model, model(inputs)


def test_few_negatives_are_the_mean_of_the_losses_of_groups(inputs):
    model, found = built(FewNegatives, inputs, group=4)
    ids = ops.arange(12)
    u, v = (ops.convert_to_numpy(found[name]) for name in ("image", "text"))
    scale, losses = float(model.logit_scale.scale), []
    for start in (0, 4, 8):
        logits = scale * u[start : start + 4] @ v[start : start + 4].T
        both = logsumexp(logits, axis=0) + logsumexp(logits, axis=1)
        losses.append(np.mean(both / 2 - np.diag(logits)))
    assert_close(model.compute_loss(y=ids, y_pred=found), np.mean(losses), steps=40, scale=scale)


def test_a_group_as_large_as_the_batch_is_the_usual_loss_with_its_duplicates(inputs):
    few, found = built(FewNegatives, inputs, group=12)
    usual, _ = built(DualEncoder, inputs)
    ids = ops.convert_to_tensor(np.arange(12) % 5)
    one, other = (each.compute_loss(y=ids, y_pred=found) for each in (few, usual))
    assert_close(one, other, steps=40, scale=15.0)


def test_ridge_agrees_with_scikit_learn(inputs):
    found = RidgeEncoder(inputs, penalty=0.5).encode(inputs)
    center = inputs["text"].mean(axis=0)
    told = Ridge(alpha=0.5).fit(inputs["image"], inputs["text"]).predict(inputs["image"]) - center
    read = inputs["text"] - center
    for name, vectors in (("image", told), ("text", read)):
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        np.testing.assert_allclose(found[name], unit, atol=1e-5)


def test_anchors_find_themselves_and_rotations_do_not_matter(inputs):
    usual = RelativeEncoder(inputs, nearest=4, power=2).encode(inputs)
    cosines = usual["image"] @ usual["image"].T
    np.testing.assert_array_equal(cosines.argmax(axis=1), np.arange(12))
    turn, _ = np.linalg.qr(make_rng(1).normal(size=(5, 5)))
    turned = {"image": 3 * inputs["image"] @ turn, "text": inputs["text"] + 7}
    other = RelativeEncoder(turned, nearest=4, power=2).encode(turned)
    for name in usual:  # a space of its own, turned, stretched or moved, tells the same
        np.testing.assert_allclose(other[name], usual[name], atol=1e-3)


def test_only_the_nearest_anchors_describe(inputs):
    found = RelativeEncoder(inputs, nearest=3, power=1).encode(inputs)["text"]
    assert ((found > 1e-9).sum(axis=1) <= 3).all()
    assert_close(np.linalg.norm(found, axis=1), np.ones(12), steps=12)


def test_wrong_arguments_are_named(inputs):
    with pytest.raises(ValueError, match="nearest must be at most 12, got 13"):
        RelativeEncoder(inputs, nearest=13, power=1)
    with pytest.raises(ValueError, match=r"inputs must hold image and text, got \['image'\]"):
        RidgeEncoder({"image": inputs["image"]}, penalty=1)
    with pytest.raises(ValueError, match="of as many pairs"):
        RidgeEncoder({**inputs, "text": inputs["text"][:3]}, penalty=1)
    with pytest.raises(ValueError, match="group must be at least 2"):
        built(FewNegatives, inputs, group=1)
