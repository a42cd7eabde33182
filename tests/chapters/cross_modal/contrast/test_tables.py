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
    assert list(steps["pixels, n-grams"]) == ["CLIP", "SigLIP", "triplets"]
    assert steps["pixels, n-grams"]["CLIP"].mean == 1.5
    columns = tables.halves_columns(result)
    assert columns["features, word vectors"].keys() == {"CLIP", "SigLIP", "triplets",
                                                        *tables.UNTRAINED}  # fmt: skip
    assert columns["features, word vectors"]["ridge"] == "0.500"
    english = tables.language_columns(result, "image_to_text")
    assert english["English, R@10"]["CLIP"] == "1.000"
    assert list(english["English, R@10"])[-1] == "CLIP, shuffled pairs"
    assert english["Chinese, median rank"]["ridge"] == "1.0"


def test_gains_are_differences_of_means_and_that_of_the_loss_a_spread():
    gains = tables.halves_gains({"rows": rows()})
    assert gains == {"words": 0, "images": 0, "both": 0, "loss": 0}
    changed = [row | {"recall_at_10": 5 + row["seed"]} for row in rows() if row["text"] != "ngrams"]
    bare = [row for row in rows() if row["text"] == "ngrams"]
    gains = tables.halves_gains({"rows": bare + changed})
    assert gains == {"words": 4.5, "images": 0, "both": 4.5, "loss": 0}


def test_comparisons_are_counted_by_what_they_vary():
    result = {
        "comparisons": [
            {"method": method, "against": against, "image": image, "text": "features",
             "p_adjusted": p}
            for method, against, image, p in (
                ("siglip", "clip", "pixels", 0.01), ("triplet", "clip", "pixels", 0.9),
                ("ridge", "clip", "pixels", 0.01), ("clip", "ngrams", "pixels", 0.01),
                ("clip", "pixels", "features", 0.06),
            )
        ]
    }  # fmt: skip
    assert tables.count_told(result) == {"losses": (1, 2), "words": (1, 1), "images": (0, 1)}
    found = tables.against_clip(result, "ridge", "pixels, word vectors")
    assert [row["method"] for row in found] == ["ridge"]
    assert tables.against_clip(result, "ridge", "features, word vectors") == []


def test_a_change_is_compared_seed_by_seed():
    changes = [
        {"method": method, "seed": seed, "recall_at_10": seed + bonus}
        for method, bonus in (("clip", 0), ("siglip", 0.5))
        for seed in range(3)
    ]
    found = tables.change_difference({"rows": changes}, "siglip", "clip")
    assert (found.low, found.mean, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_what_a_new_artist_costs_is_the_loss_of_each_who_is_left_out():
    rows_of_artists = [
        {"image": image, "method": "clip", "seed": seed, "drawn_by": drawn_by,
         "recall_at_10": score - 0.1 * seed}
        for image in ("pixels", "features")
        for seed in range(3)
        for drawn_by, score in (("known", 0.75), ("new", 0.5))
    ]  # fmt: skip
    columns = tables.artist_columns({"rows": rows_of_artists})
    lost = columns["lost"]["pixels, CLIP"]
    assert (lost.low, lost.mean, lost.high) == pytest.approx((0.25, 0.25, 0.25))
    assert columns["new artist"]["features, CLIP"].mean == pytest.approx(0.4)
    assert columns["known artists"]["features, CLIP"].low < 0.65


def test_differences_of_artists_are_taken_one_by_one():
    bonus = {"clip": 0.0, "relative": 0.1, "ridge": -0.1, "known": 0.2, "likenesses": 0.05}
    made = [
        {"image": image, "method": method, "drawn_by": by, "seed": seed,
         "recall_at_10": 0.1 * seed + sum(bonus.get(each, 0) for each in (image, method, by))}
        for image in ("pixels", "likenesses")
        for method in ("clip", "ridge", "relative")
        for by in ("known", "new")
        for seed in range(3)
    ]  # fmt: skip
    found = tables.artist_differences({"rows": made})
    means = {name: one.mean for name, one in found.items()}
    assert means == pytest.approx({"cost": 0, "lead": 0.1, "linear": 0.05, "trained": 0.05})


def test_a_power_has_a_row_and_an_image_a_column():
    made = [
        {"image": image, "power": power, "seed": 0, "recall_at_10": power / 10 + (language == "zh")}
        for image in ("pixels", "features")
        for power in (1.0, 3.0)
        for language in ("en", "zh")
    ]
    columns = tables.power_columns({"rows": made})
    assert list(columns) == ["pixels", "features"]
    assert columns["features"] == {"power 1": "0.60", "power 3": "0.80"}
