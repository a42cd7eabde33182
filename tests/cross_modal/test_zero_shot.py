"""Classes known by words alone, against softmax and cosines by hand."""

import keras
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from tolerance import assert_close, make_rng

from mmtutorial.cross_modal import ensemble_prompts, zero_shot_classify


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 6), st.floats(0.1, 200))
def test_it_is_the_softmax_of_scaled_cosines(classes, prompts, items, scale):
    rng = make_rng(classes + 10 * prompts)
    texts, images = rng.normal(size=(classes, prompts, 7)), rng.normal(size=(items, 7))
    mean = unit(unit(texts).mean(axis=1))
    logits = scale * unit(images) @ mean.T
    expected = scipy.special.log_softmax(logits, axis=1)
    found = zero_shot_classify(images, texts, logit_scale=scale)
    assert found.dtype == "float64"
    assert_close(found, expected, steps=40, scale=2 * scale + 1)
    assert_close(np.exp(found).sum(axis=1), np.ones(items), steps=40, scale=2 * scale + 1)
    named = {f"class {i}": each for i, each in enumerate(texts)}
    np.testing.assert_array_equal(zero_shot_classify(images, named, logit_scale=scale), found)


def test_a_prompt_is_its_own_ensemble_and_copies_change_nothing(rng):
    prompt = rng.normal(size=(3, 1, 5))
    assert_close(ensemble_prompts(prompt), unit(prompt[:, 0]), steps=10)
    copies = np.tile(prompt, (1, 4, 1)) * [[[1.0]], [[2.0]], [[3.0]]]
    assert_close(ensemble_prompts(copies), unit(prompt[:, 0]), steps=10)


def test_a_long_prompt_counts_no_more_than_a_short_one():
    found = ensemble_prompts([[[1000.0, 0.0], [0.0, 1.0]]])
    assert_close(found, np.array([[1, 1]]) / np.sqrt(2), steps=10)


def test_classes_keep_their_order_and_may_have_different_numbers_of_prompts():
    prompts = {"zebra": [[1, 0]], "ant": [[0, 1], [0, 3], [0.1, 2]]}
    found = np.exp(zero_shot_classify([[1, 0], [0, 1]], prompts))
    assert found.argmax(axis=1).tolist() == [0, 1]
    backwards = dict(reversed(prompts.items()))
    other = np.exp(zero_shot_classify([[1, 0], [0, 1]], backwards))
    np.testing.assert_allclose(other[:, ::-1], found, rtol=1e-12)


def test_limits_of_the_scale(rng):
    texts, images = rng.normal(size=(4, 2, 6)), rng.normal(size=(9, 6))
    even = zero_shot_classify(images, texts, logit_scale=1e-9)
    np.testing.assert_allclose(even, np.log(1 / 4), atol=1e-8)
    sure = zero_shot_classify(images, texts, logit_scale=1e6)
    best = (unit(images) @ ensemble_prompts(texts).T).argmax(axis=1)
    assert (np.exp(sure).argmax(axis=1) == best).all()
    assert np.isfinite(sure).all()


def test_one_class_is_certain():
    assert zero_shot_classify([[1, 2]], [[[3, 4]]]).tolist() == [[0.0]]


@pytest.mark.backend
def test_tensors_are_taken():
    images, texts = keras.ops.ones((2, 3)), keras.ops.ones((4, 2, 3))
    assert_close(zero_shot_classify(images, texts), np.full((2, 4), np.log(0.25)), steps=10)


def test_what_cannot_be_compared_is_refused():
    image, text = np.ones((2, 3)), np.ones((4, 2, 3))
    for message, images, texts in [
        (r"embeddings must be vectors, \(items, dim = 3\)", np.ones((2, 4)), text),
        (r"prompts must be of shape \(classes, prompts, dim\)", image, np.ones((4, 3))),
        ("embeddings must hold finite numbers, got nan", image * np.nan, text),
        ("embeddings must have a direction, but row 0", image * 0, text),
        (r"prompts\[0\] must have a direction, but row 0", image, text * 0),
        ("prompts must hold finite numbers", image, text * np.nan),
        (r"prompts\['b'\] must be vectors, \(items, dim = 3\)", image, {"a": image, "b": [[1]]}),
        (r"prompts\['a'\] must be vectors", image, {"a": []}),
        ("prompts must hold at least one class", image, {}),
        ("prompts cancel each other", image, [[[1, 2, 3], [-2, -4, -6]]]),
    ]:
        with pytest.raises(ValueError, match=message):
            zero_shot_classify(images, texts)
    with pytest.raises(ValueError, match="logit_scale must be above 0"):
        zero_shot_classify(image, text, logit_scale=0)
