"""Variants of the model are what they are called, and the measures of one space are right."""

from functools import partial

import numpy as np
import pytest
from tolerance import assert_close, make_rng

from mmtutorial import data
from mmtutorial.chapters.cross_modal.contrast.encoders import FewNegatives
from mmtutorial.chapters.cross_modal.contrast.experiment import (
    TABLES,
    build_variant,
    build_word_table,
    modality_gap,
    share_of_images,
)
from mmtutorial.chapters.cross_modal.contrast.pairs import WordPairs, word_rows
from mmtutorial.tasks import EmojiPairs, PairRecipe, train_pairs

RECIPE = PairRecipe(hidden=8, units=4, epochs=1)


@pytest.fixture(scope="module")
def pairs():
    return EmojiPairs()


@pytest.fixture(scope="module")
def words():
    return WordPairs()


def test_a_fixed_temperature_stays_and_a_learnt_one_moves(pairs):
    def build(task, recipe):
        return build_variant(task, recipe, temperature=0.2)

    fixed = train_pairs(pairs, RECIPE, seed=0, build=build)
    assert_close(fixed.logit_scale.scale, 5.0, steps=1)
    learnt = train_pairs(pairs, RECIPE.replace(temperature=0.2), seed=0)
    assert abs(float(learnt.logit_scale.scale) - 5) > 1e-3


def test_few_negatives_keep_the_loss_that_was_asked_for(pairs):
    model = build_variant(pairs, RECIPE.replace(loss="siglip"), group=8)
    assert isinstance(model, FewNegatives)
    assert (model.group, model.loss_name, model.units) == (8, "siglip", 4)
    other = build_variant(pairs, RECIPE.replace(loss="siglip"), group=2, bias=-1.0)
    other({name: rows[:2] for name, rows in pairs.inputs("test", language="en").items()})
    assert (float(other.logit_scale.bias), float(model.logit_scale.initial_bias)) == (-1, -10)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_words_is_locked_or_moves_where_words_were_seen(words, table):
    start = build_word_table(words, RECIPE, table=table)
    start({name: rows[:2] for name, rows in words.inputs("train", language="en").items()})
    begin = np.array(start.encoders["text"].layers[0].embeddings)
    build = partial(build_word_table, table=table)
    model = train_pairs(words, RECIPE, seed=0, build=build)
    end = np.array(model.encoders["text"].layers[0].embeddings)
    if table == "scratch":
        assert np.abs(end - begin).max() > 0.1
        return
    moved = np.abs(end - begin).max(axis=1) > 0
    seen = set(words.draw_epoch(0, seed=0)[0]["text"].ravel()) - {0}
    assert moved.any() == (table == "tuned")
    assert set(np.flatnonzero(moved)) <= seen  # a word that training never saw stays


def test_a_locked_table_gives_the_mean_of_the_word_vectors(words, pairs):
    model = build_word_table(words, RECIPE, table="locked")
    rows = words.inputs("test", language="en")["text"][:5]
    model({"image": np.ones((5, 256), np.float32), "text": rows})
    look_up, mean, _ = model.encoders["text"].layers
    found = mean(look_up(rows), mask=look_up.compute_mask(rows))
    expected = pairs.inputs("test", language="en")["text"][:5]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_every_word_has_a_row_and_a_vector():
    rows = word_rows()
    assert sorted(rows.values()) == list(range(1, len(rows) + 1))
    assert data.load_word_vectors().encode(list(rows)).shape[0] == len(rows)


def test_the_gap_is_the_distance_of_the_means_and_lengths_do_not_count():
    rng = make_rng()
    images, texts = rng.normal(size=(2, 30, 6))
    expected = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (images, texts)]
    distance = np.linalg.norm(expected[0].mean(axis=0) - expected[1].mean(axis=0))
    assert_close(modality_gap(5 * images, texts), distance, steps=200)
    assert modality_gap(images, images) == 0


def test_the_share_of_images_is_counted_by_hand():
    rng = make_rng(1)
    queries, images, texts = (rng.normal(size=(rows, 5)) for rows in (4, 6, 8))
    unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (queries, images, texts)]
    share = 0
    for query in unit[0]:
        scored = [(query @ v, 1) for v in unit[1]] + [(query @ v, 0) for v in unit[2]]
        share += sum(kind for _, kind in sorted(scored, reverse=True)[:3])
    assert share_of_images(queries, images, texts, k=3) == pytest.approx(share / 12)
    # a query that is itself in the collection does not find itself
    assert share_of_images(texts, images, texts, k=1) < 1
    assert share_of_images(texts[:1], images[:1], texts[:1], k=1) == 1


def test_wrong_vectors_are_named():
    with pytest.raises(ValueError, match="texts must be vectors"):
        modality_gap(np.ones((2, 3)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="k must be at most 4, got 5"):
        share_of_images(np.ones((1, 3)), np.ones((2, 3)), np.ones((2, 3)), k=5)
