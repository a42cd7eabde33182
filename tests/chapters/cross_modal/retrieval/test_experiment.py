"""The baselines of the search, ensembles, and how labels are drawn."""

import numpy as np
import pytest
from tolerance import assert_close

from mmtutorial.chapters.cross_modal.retrieval.experiment import (
    Ensemble,
    RidgeSearch,
    ShuffledPairs,
    build_frozen_text,
    draw_shots,
    to_unit,
)
from mmtutorial.tasks import EmojiPairs, PairRecipe, train_pairs


@pytest.fixture(scope="module")
def pairs():
    return EmojiPairs(languages=("en", "zh"), keywords=5)


def test_shuffled_pairs_have_the_same_words_of_other_drawings(pairs):
    inputs, _ = pairs.draw_epoch(3, seed=1)
    shuffled, ids = ShuffledPairs(pairs).draw_epoch(3, seed=1)
    np.testing.assert_array_equal(shuffled["image"], inputs["image"])
    assert len(np.unique(ids)) == len(ids)
    assert np.mean((shuffled["text"] == inputs["text"]).all(axis=1)) < 0.01
    one, other = (np.sort(each["text"].sum(axis=1)) for each in (inputs, shuffled))
    np.testing.assert_array_equal(one, other)


def test_shuffled_pairs_stay_together_from_epoch_to_epoch(pairs):
    """Or there would be nothing to learn by heart, either."""
    plain = EmojiPairs()
    rows = [ShuffledPairs(plain).draw_epoch(epoch, seed=2)[0]["text"] for epoch in (0, 1)]
    np.testing.assert_array_equal(*rows)


def test_ridge_solves_its_normal_equations(pairs):
    search = RidgeSearch(pairs, penalty=10.0)
    images = pairs.images("train").astype(float)
    texts = [pairs.inputs("train", language=each)["text"] for each in ("en", "zh")]
    x, y = np.concatenate([images, images]), np.concatenate(texts).astype(float)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    gradient = x.T @ (x @ search.map.weights - y) + 10.0 * search.map.weights
    assert np.abs(gradient).max() < 1e-6 * np.abs(x.T @ y).max()


def test_an_ensembles_cosine_is_the_mean_of_its_members(pairs):
    members = [RidgeSearch(pairs, penalty=each) for each in (10.0, 1000.0)]
    inputs = {
        "image": pairs.images("test")[:7],
        "text": pairs.captions("test", language="zh").vectors[:5],
    }
    found, each = Ensemble(members).encode(inputs), [one.encode(inputs) for one in members]
    mean = np.mean([one["image"] @ one["text"].T for one in each], axis=0)
    np.testing.assert_allclose(found["image"] @ found["text"].T, mean, atol=1e-12)


def test_a_frozen_text_half_stays_frozen_and_the_image_half_learns(pairs):
    before = build_frozen_text(pairs, PairRecipe(hidden=16, epochs=1))
    model = train_pairs(pairs, PairRecipe(hidden=16, epochs=1), seed=0, build=build_frozen_text)
    text = pairs.inputs("test", language="zh")["text"][:50]
    mean = np.mean(
        [pairs.inputs("train", language=each)["text"].mean(axis=0) for each in ("en", "zh")], axis=0
    )
    steps = 2 * len(pairs.ids("train")) + text.shape[1]  # the mean, then a length
    assert_close(model.encode({"text": text})["text"], to_unit(text - mean), steps=steps, scale=1)
    image = {"image": pairs.images("test")[:50]}
    one, other = (each.encode(image)["image"] for each in (before, model))
    assert np.abs(one - other).max() > 0.01
    assert len(model.trainable_variables) == 4  # two of the dense layer, a projection, the scale


@pytest.mark.parametrize("shots", [1, 2, 5])
def test_shots_are_concepts_one_drawing_each(shots):
    rng = np.random.default_rng(0)
    concepts = rng.integers(40, size=300)
    targets = concepts % 4
    rows = draw_shots(targets, concepts, shots, seed=3)
    assert len(np.unique(concepts[rows])) == len(rows)
    np.testing.assert_array_equal(np.bincount(targets[rows]), [shots] * 4)
    again, other = (draw_shots(targets, concepts, shots, seed=seed) for seed in (3, 4))
    np.testing.assert_array_equal(rows, again)
    assert len(other) == len(rows)
    assert np.any(other != rows)


def test_a_class_gives_what_it_has_and_none_takes_all():
    targets, concepts = np.array([0, 0, 0, 1]), np.array([5, 5, 6, 7])
    assert len(draw_shots(targets, concepts, 10, seed=0)) == 3
    np.testing.assert_array_equal(draw_shots(targets, concepts, None, seed=0), np.arange(4))


@pytest.mark.parametrize("shots", [0, -1, 1.5, "2"])
def test_shots_that_cannot_be_are_refused(shots):
    with pytest.raises((ValueError, TypeError), match="shots"):
        draw_shots(np.zeros(3, int), np.arange(3), shots, seed=0)
