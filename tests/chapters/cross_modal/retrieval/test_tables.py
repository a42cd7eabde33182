"""Tables say the mean of the seeds and its interval, and leave nothing out."""

import pytest

from mmtutorial import results
from mmtutorial.chapters.cross_modal.retrieval import tables
from mmtutorial.evaluation import interval


def rows(method, trained, **scores):
    return [
        {"method": method, "trained": trained, "seed": seed, "question": "search", "asked": asked,
         "direction": direction, **{name: value + seed / 10 for name, value in scores.items()}}
        for seed in range(3)
        for asked in tables.LANGUAGES
        for direction in tables.DIRECTIONS
    ]  # fmt: skip


def test_a_score_is_the_mean_over_seeds_with_its_interval():
    found = [{"seed": seed, "recall_at_1": value} for seed, value in enumerate((0.1, 0.2, 0.6))]
    low, high = interval([0.1, 0.2, 0.6])[1:]
    assert tables.write_score(found, "recall_at_1") == f"0.300 ± {(high - low) / 2:.3f}"
    assert tables.write_score(found[:1], "recall_at_1") == "0.100"


def test_a_rank_has_one_digit_behind_the_point():
    assert tables.write_score([{"seed": 0, "median_rank": 12.0}], "median_rank") == "12.0"


def test_the_search_table_has_each_score_in_each_direction_and_chance_below():
    scores = dict.fromkeys(tables.SCORES, 0.5)
    found = tables.search_table(
        rows("a", "both", **scores), {"line": {"method": "a"}}, asked="zh", chance=scores
    )
    assert list(found) == [
        f"{arrow} {short}"
        for arrow in tables.DIRECTIONS.values()
        for short in tables.SCORES.values()
    ]
    for name, column in found.items():
        assert list(column) == ["line", "chance"]
        assert column["chance"] == ("0.5" if name.endswith("median rank") else "0.500")
        assert column["line"].startswith("0.6")


def test_the_language_table_has_a_line_for_each_training_that_was_run():
    every = rows("a", "English", recall_at_10=0.2) + rows("a", "both", recall_at_10=0.4)
    found = tables.language_table(every, ("a",), ("English", "Chinese", "both"))
    assert list(found) == ["asked in English", "asked in Chinese"]
    for column in found.values():
        assert list(column) == ["a, trained in English", "a, trained in both"]
        assert column["a, trained in both"].startswith("0.500")


def test_what_was_never_asked_is_an_error():
    with pytest.raises(ValueError, match="no row has"):
        tables.photograph_table(rows("a", "both", recall_at_10=0.1), {"line": {"method": "a"}})


def test_the_later_tables_have_a_line_for_each_order_language_and_search():
    orders = [
        {"order": order, "seed": seed, "recall_at_1": 0.1, "mean_average_precision": 0.2}
        for order in ("first", "second")
        for seed in range(3)
    ]
    assert tables.rerank_table(orders) == {
        "R@1": dict.fromkeys(("first", "second"), "0.100 ± 0.000"),
        "mAP": dict.fromkeys(("first", "second"), "0.200 ± 0.000"),
    }
    spoken = [
        {"language": code, "seed": fold, "recall_at_10": 0.2, "chance": 0.1, "median_rank": 30.0}
        for code in tables.SPOKEN
        for fold in range(5)
    ]
    found = tables.speech_table(spoken)
    assert found["median rank"]["Spanish"] == "30.0 ± 0.0"
    assert found["R@10 by chance"]["French"] == "0.100 ± 0.000"
    searches = [
        {"vectors": 10_000, "index": index, "ef": ef, "recall": 1.0, "milliseconds": 0.251,
         "build_microseconds": 43.2}
        for index, ef in (("exact", 0), ("HNSW", 64))
    ]  # fmt: skip
    found = tables.index_table(searches)
    assert found["ms per query"] == {"10,000, exact": "0.25", "10,000, HNSW, 64": "0.25"}


def test_the_numbers_of_the_text_are_means_of_the_stored_rows():
    stored = results.load("cross_modal/retrieval")
    found = tables.search_numbers(stored)
    where = {"method": "ensemble", "trained": "both", "question": "search", "asked": "zh"}
    rows = results.select(stored["rows"], "recall_at_10", direction="image_to_text", **where)
    assert found["ensemble_zh"] == pytest.approx(rows.mean())
    assert 0 < found["kept_dual"] < 1
    later = [
        results.load(f"cross_modal/retrieval/{name}")["rows"]
        for name in ("rerank", "speech", "index")
    ]
    found = tables.later_numbers(*later)
    assert found["exact_times"] > found["hnsw_times"] > 0
    assert found["rerank_alone"] < found["rerank_first"]
