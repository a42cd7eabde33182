"""What chapter "Features" says of its tables is what the files hold."""

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.chapters.background.features import study
from mmtutorial.chapters.background.features.training import LENGTH, RECIPES, load_source, source_of
from mmtutorial.data.emoji import ARTISTS

ENCODERS, LEFT_OUT = study.STUDIES
FILE, ARTISTS_FILE = results.load(ENCODERS.name), results.load(LEFT_OUT.name)
MAIN = [row for row in FILE["rows"] if "validation" in row]
TEST = results.intervals(MAIN)


def test_every_recipe_has_five_seeds():
    assert set(TEST) == set(RECIPES)
    assert len(MAIN) == 5 * len(RECIPES)
    assert ENCODERS.search is LEFT_OUT.search is None


def test_what_the_filters_learn_is_worth_more_than_what_they_are():
    pixels = TEST["linear on pixels"]
    assert TEST["CNN, random filters kept"].mean < pixels.mean < TEST["CNN"].low
    assert TEST["CNN"].high < TEST["linear on frozen features"].low


def test_no_reader_beats_the_other_and_order_says_nothing():
    assert max(TEST[m].low for m in ("RNN", "bag", "transformer")) < TEST["RNN"].high
    mixed = results.select(FILE["rows"], "accuracy", method="RNN, pieces shuffled")
    assert len(mixed) == 5
    assert abs(mixed.mean() - TEST["RNN"].mean) < 0.02


def test_shuffled_labels_teach_nothing():
    shuffled = [name for name in TEST if "labels shuffled" in name]
    assert len(shuffled) == 2
    truth = load_source("features").targets("test")
    largest = np.bincount(truth).max() / len(truth)
    assert all(TEST[name].low < largest for name in shuffled)


def test_recall_is_the_accuracy_of_each_group():
    truth = load_source("features").targets("test")
    sizes = np.bincount(truth)
    for row in MAIN:
        assert np.dot(row["recall"], sizes) / len(truth) == pytest.approx(row["accuracy"], abs=1e-4)


@pytest.mark.parametrize("image", study.VOTES["image"])
def test_votes_are_shares_of_all_items(image):
    """They may have been counted for each seed, or over all pairs of seeds, and rounded."""
    rows = [row for row in FILE["votes"] if row["image"] == image]
    parts = ("both", "image_only", "text_only", "neither")
    both, image_only, text_only, neither = (np.mean([row[key] for row in rows]) for key in parts)
    assert both + image_only + text_only + neither == pytest.approx(1, abs=1e-3)
    accuracy = np.mean(results.select(MAIN, "accuracy", method=image))
    assert both + image_only == pytest.approx(accuracy, abs=1e-3)


def test_unknown_words_say_nothing():
    rows = FILE["unknown_words"]
    none = results.intervals(rows, words="none seen")
    seen = results.intervals(rows, words="all seen")
    assert all(none[method].high < seen[method].low for method in none)


def test_unseen_artists_cost():
    lost = results.intervals(ARTISTS_FILE["artists"], "lost")
    assert {row["artist"] for row in ARTISTS_FILE["artists"]} == set(ARTISTS)
    assert lost["linear on frozen features"].low > 0 > lost["CNN"].low
    assert min(each.mean for each in lost.values()) > 0.03


def test_a_live_cell_agrees():
    """Rounding grows in training: on another machine some of the 382 items may flip."""
    method = "linear on frozen features"
    (live,) = ENCODERS.run_one(seed=0, method=method)
    stored = results.select(MAIN, "accuracy", method=method, seed=0)[0]
    assert live["accuracy"] == pytest.approx(stored, abs=0.02)


def test_an_artist_left_out_is_left_out_of_training_alone():
    without = load_source("features", "noto")
    everyone = load_source("features")
    artists = without.emoji.dataset.train.targets["artist"]
    names = {without.emoji.dataset.classes["artist"][code] for code in np.unique(artists)}
    assert names == set(ARTISTS) - {"noto"}
    np.testing.assert_array_equal(without.targets("validation"), everyone.targets("validation"))
    np.testing.assert_array_equal(without.artist, everyone.artist)


def test_shuffled_tokens_are_the_same_ones_and_padding_stays_behind():
    ids = np.array([[3, 5, 7, 0], [2, 0, 0, 0]])
    mixed = [study.shuffle_tokens(ids, seed) for seed in range(8)]
    assert len({row.tobytes() for row in mixed}) > 1
    for row in mixed:
        np.testing.assert_array_equal(np.sort(row), np.sort(ids))
        np.testing.assert_array_equal(row == 0, ids == 0)


def test_words_are_padded_to_a_length_that_all_fit_in():
    words = load_source("subword").inputs("test", 0)
    assert words.shape[1] == LENGTH
    assert not words[:, -1].any()
    assert source_of("bag") == "subword"
