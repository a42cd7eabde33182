"""Pairs are broken as they say, noise is noise, and a search asks the space that it should."""

import numpy as np
import pytest
from tolerance import assert_close, make_rng

from mmtutorial.chapters.cross_modal.correlation import experiment
from mmtutorial.cross_modal import LinearCCA, canonical_correlations, chance_correlation
from mmtutorial.tasks import EmojiPairs, fit_ridge_map


def test_every_concept_gets_the_words_of_one_other_and_all_are_given_once():
    rng = make_rng()
    concepts = rng.permutation(np.repeat(np.arange(30), rng.integers(1, 6, size=30)) * 7)
    texts = np.repeat(concepts[:, None], 2, axis=1).astype(float)
    found = experiment.shuffle_concepts(texts, concepts, seed=1)
    partner = {}
    for concept, text in zip(concepts.tolist(), found[:, 0].tolist(), strict=True):
        assert partner.setdefault(concept, text) == text != concept
    assert sorted(partner.values()) == sorted(partner)
    again = experiment.shuffle_concepts(texts, concepts, seed=1)
    np.testing.assert_array_equal(again, found)
    assert np.any(experiment.shuffle_concepts(texts, concepts, seed=2) != found)


def test_shuffled_concepts_keep_the_structure_that_shuffled_rows_lose():
    """Five rows of one concept share a text: chance is then as high as for so many concepts."""
    rng = make_rng()
    concepts = np.repeat(np.arange(40), 5)
    image = rng.normal(size=(40, 6))[concepts]  # all drawings of a concept alike
    text = rng.normal(size=(40, 6))[concepts]
    wrong = experiment.shuffle_concepts(text, concepts, seed=0)
    found = np.mean(canonical_correlations(image, wrong) ** 2)
    fewer = np.mean(canonical_correlations(image[::5], wrong[::5]) ** 2)
    assert_close(found, fewer, steps=2000)
    rows = np.mean(canonical_correlations(image, rng.permutation(text)) ** 2)
    assert rows < found / 2


def test_noise_is_as_correlated_as_wachter_says_and_another_draw_differs():
    first, squares = experiment.noise_correlations(800, 50, seed=0)
    assert abs(first - chance_correlation(800, 50, 50)) < 0.05
    assert squares == pytest.approx(50 / 799, rel=0.15)
    assert experiment.noise_correlations(800, 50, seed=1)[0] != first
    assert experiment.noise_correlations(20, 50, seed=0)[0] == pytest.approx(1)


def test_training_words_are_drawn_anew_and_pictures_are_not():
    task = EmojiPairs(keywords=1)
    inputs, concepts = experiment.draw_training(task, language="en", seed=0, draws=2)
    count = len(task.ids("train"))
    np.testing.assert_array_equal(inputs["image"][:count], inputs["image"][count:])
    assert np.mean(np.any(inputs["text"][:count] != inputs["text"][count:], axis=1)) > 0.5
    np.testing.assert_array_equal(concepts, np.tile(task.ids("train"), 2))


def test_digit_views_are_standardized_by_the_training_rows():
    views, digits = experiment.load_digit_views()
    for view, rows in views["train"].items():
        np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-3, err_msg=view)
        spread = rows.std(axis=0)
        np.testing.assert_allclose(spread[spread > 0], 1, atol=1e-3)
        assert len(rows) == len(digits["train"])
        assert np.abs(views["test"][view].mean(axis=0)).max() > 1e-3


def test_a_search_weighs_each_variate_by_its_correlation():
    rng = make_rng()
    views = {"image": rng.normal(size=(200, 4)), "text": rng.normal(size=(200, 3))}
    views["text"][:, 0] += 3 * views["image"][:, 0]
    cca = LinearCCA(3).fit(views)
    variates = cca.transform(views)
    for components in (None, 2):
        found = experiment.CanonicalSpace(cca, components=components).encode(views)
        for name, rows in found.items():
            kept = components or 3
            expected = variates[name][:, :kept] * cca.correlations[:kept]
            expected /= np.linalg.norm(expected, axis=1, keepdims=True)
            assert_close(rows, expected, steps=100)
    alone = experiment.CanonicalSpace(cca).encode({"text": views["text"][:5]})
    assert alone.keys() == {"text"}


def test_regression_brings_images_to_the_texts():
    rng = make_rng()
    image = rng.normal(size=(300, 4))
    text = image @ rng.normal(size=(4, 3)) + 2
    space = experiment.RegressionSpace(fit_ridge_map(image, text, penalty=1e-6), text.mean(axis=0))
    found = space.encode({"image": image, "text": text})
    np.testing.assert_allclose(found["image"], found["text"], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found["text"], axis=1), 1)
    assert space.encode({"text": text[:2]}).keys() == {"text"}


def test_the_nearest_mean_classifies():
    train = np.array([[0.0, 0], [2, 0], [9, 9], [9, 11]])
    said = experiment.nearest_mean(train, np.array([6, 6, 9, 9]), np.array([[1.0, 1], [8, 8]]))
    np.testing.assert_array_equal(said, [6, 9])


def test_a_keyword_counts_concepts_and_not_drawings():
    task = EmojiPairs()
    often = experiment.frequent_keywords(task, language="en", least=5)
    assert "animal" in often
    assert often == sorted(often)
    every = experiment.frequent_keywords(task, language="en", least=1)
    assert set(often) < set(every)


def test_deep_cca_of_related_views_learns(rng):
    hidden = rng.uniform(-1, 1, size=(300, 1)).astype("float32")
    views = {
        "a": np.hstack([hidden, rng.normal(size=(300, 1))]).astype("float32"),
        "b": (hidden**2 + 0.05 * rng.normal(size=(300, 1))).astype("float32"),
    }
    model, history = experiment.train_deep(
        views, units=1, epochs=40, batch_size=150, learning_rate=1e-2, validation=views
    )
    assert history["val_correlation"][-1] > 0.8
    assert abs(LinearCCA(1).fit(views).correlations[0]) < 0.4
    assert model.score(views)[0] == pytest.approx(history["correlation"][-1], abs=1e-4)


def test_the_limit_of_a_noise_curve_is_wachters():
    items = np.array([50, 400])
    curve = experiment.noise_curves(items, 30)
    assert curve.measured[0] == experiment.noise_correlations(50, 30, seed=0)[0]
    x, y = curve.theory
    assert (x[0], y[0]) == (50, 1.0)
    assert y[-1] == chance_correlation(int(x[-1]), 30, 30)


def test_agreement_is_that_of_held_out_rows(rng):
    hidden = {split: rng.normal(size=(80, 1)) for split in ("train", "validation")}
    views = {
        split: {"a": part, "b": part + 1, "c": rng.normal(size=(80, 1))}
        for split, part in hidden.items()
    }
    found = experiment.view_agreement(views, components=1, regularization=0.0)
    assert found[1, 0] == pytest.approx(1)
    assert abs(found[2, 0]) < 0.5
    assert np.isnan(found[np.triu_indices(3)]).all()


def test_digits_are_told_by_what_a_map_keeps():
    digits = {split: np.repeat(np.arange(10), 4) for split in ("train", "test")}
    view = np.stack([digits["train"], np.zeros(40)], axis=1).astype(float)
    maps = {"all": np.eye(2), "nothing": np.zeros((2, 1))}
    found = experiment.tell_digits(view, view, digits, maps)
    assert found["all ten digits"] == {"all": 1.0, "nothing": 0.1}
    assert found["6 or 9"] == {"all": 1.0, "nothing": 0.5}


@pytest.mark.parametrize("dim", [2, 7])
def test_effective_rank_counts_directions(dim, rng):
    rows = rng.normal(size=(50, dim))
    alike = np.linalg.qr(rows - rows.mean(axis=0))[0]
    assert experiment.effective_rank(alike) == pytest.approx(dim)
    assert experiment.effective_rank(np.repeat(rows[:, :1], dim, axis=1)) == pytest.approx(1)
    assert 1 < experiment.effective_rank(alike * ([10] + [1] * (dim - 1))) < dim
