"""The tables take the mean over languages and directions of each seed, and then over seeds."""

import numpy as np
import pytest

from mmtutorial.chapters.cross_modal.contrast import tables


def rows():
    return [
        {"image": image, "text": text, "method": method, "seed": seed, "language": language,
         "direction": direction, **dict.fromkeys(tables.SCORES.values(), seed + (language == "zh"))}
        for image, text in tables.HALVES.values()
        for method in (*tables.LOSSES, *tables.UNTRAINED, "clip, shuffled pairs")
        for seed in range(1 if method in tables.UNTRAINED else 3)
        for language in ("en", "zh")
        for direction in ("image_to_text", "text_to_image")
    ]  # fmt: skip


def test_a_mean_is_taken_within_each_seed_first():
    found = tables.mean_by_seed(rows(), image="pixels", text="ngrams", method="clip")
    np.testing.assert_array_equal(found, [0.5, 1.5, 2.5])
    with pytest.raises(ValueError, match="at least one"):
        tables.mean_by_seed(rows(), method="none")


def test_intervals_are_over_seeds_and_what_trains_nothing_has_none():
    result = {"rows": rows()}
    steps = tables.halves_intervals(result)
    assert list(steps) == list(tables.HALVES)
    assert steps["pixels, n-grams"]["clip"].mean == 1.5
    columns = tables.halves_columns(result)
    assert columns["features, word vectors"]["ridge"] == "0.500"
    english = tables.language_columns(result, "image_to_text")
    assert english["English, R@10"]["clip"] == "1.000"
    assert english["Chinese, median rank"]["ridge"] == "1.0"


def test_one_comparison_is_found_and_several_are_refused():
    result = {"comparisons": [{"method": "siglip", "language": each} for each in ("en", "zh")]}
    assert tables.paired(result, method="siglip", language="zh")["language"] == "zh"
    with pytest.raises(ValueError, match="2 comparisons"):
        tables.paired(result, method="siglip")
