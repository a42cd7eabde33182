"""The verdicts say what the numbers say, and turn round when the numbers do."""

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.evaluation import Interval
from mmtutorial.results.comparisons import (
    MethodSummary,
    method_ranks,
    overall_verdict,
    setting_title,
    significant_sign,
    summarize,
    summary_columns,
    verdict,
)
from mmtutorial.results.formatting import format_difference, format_interval, format_p


def cell(mean, *, gain=None, p=1.0, alone=None, seconds=3.0):
    """Make a cell; ``gain`` is over concatenation, ``alone`` over the image."""
    over_concat = None
    if gain is not None:
        ends = {"low": gain - 0.02, "high": gain + 0.02}
        over_concat = {"difference": gain, **ends, "p_adjusted": p, "against": "concat"}
    over_unimodal = (
        None if alone is None else {"difference": alone, "p_adjusted": 0.001, "against": "image"}
    )
    return MethodSummary(
        Interval(mean, mean - 0.01, mean + 0.01), 1.0, 1000.0, seconds, over_concat, over_unimodal
    )


QUIET = {
    "image": cell(0.70),
    "text": cell(0.60),
    "concat": cell(0.80, alone=0.1, seconds=2.0),
    "sum": cell(0.75, gain=-0.05, p=0.01, alone=0.05),
    "low_rank": cell(0.806, gain=0.006, p=0.9996, alone=0.106),
}
LOUD = {
    "image": cell(0.70),
    "concat": cell(0.70, alone=-0.01),
    "sum": cell(0.76, gain=0.06, p=0.0002, alone=0.06, seconds=9.0),
    "late": cell(0.75, gain=0.05, p=0.003, alone=0.05, seconds=4.0),
}


def test_where_nothing_is_better_concatenation_is_enough():
    assert verdict("English, 2 keywords", QUIET) == (
        "English, 2 keywords: no method is better than concatenation beyond chance (best: "
        "low-rank, +.006, adjusted p = 1, from −.014 to +.026). Concatenation is enough, unless "
        "+.026 at most would be worth its price to you. Worse beyond chance: sum. "
        "Every fusion beats the image alone."
    )


def test_where_some_are_better_the_cheapest_is_named_with_what_it_costs():
    assert verdict("A", LOUD) == (
        "A: better than concatenation beyond chance: sum and late (best: sum, +.060, adjusted p "
        "< .001). The cheapest of them is late, 4.0 s of training against 3.0 s. "
        "Not clearly better than the image alone: concat."
    )


def test_a_single_winner_is_named_once():
    told = verdict("A", {name: LOUD[name] for name in ("image", "concat", "late")})
    assert told.startswith(
        "A: better than concatenation beyond chance: late (+.050, adjusted p = .003). Cost: 4.0 s "
        "of training against 3.0 s. "
    )


def test_a_part_in_which_all_lose_to_a_modality_alone_says_so():
    cells = {"concat": cell(0.6, alone=-0.1), "sum": cell(0.5, gain=-0.1, p=0.9, alone=-0.2)}
    assert verdict("A", cells).endswith("No fusion beats the image alone beyond chance.")


def test_without_concatenation_there_is_no_verdict():
    with pytest.raises(ValueError, match="must compare a method with concatenation"):
        verdict("A", {"image": cell(0.7)})


def test_the_table_of_a_part_holds_scores_comparisons_and_costs():
    columns = summary_columns(QUIET)
    assert {len(column) for column in columns.values()} == {len(QUIET)}
    assert columns["over concat"]["sum"] == "−.050 (p = .01)"
    assert columns["over concat"]["concat"] == columns["over the better alone"]["image"] == ""
    assert (columns["parameters"]["sum"], columns["seconds"]["concat"]) == ("1,000", "2.0")


@pytest.mark.parametrize(
    ("difference", "p", "expected"), [(0.1, 0.049, 1), (0.1, 0.05, 0), (-0.1, 0.01, -1)]
)
def test_clear_needs_the_adjusted_p_value_below_the_threshold(difference, p, expected):
    assert significant_sign({"difference": difference, "p_adjusted": p}) == expected
    assert significant_sign(None) == 0


def test_numbers_are_written_as_the_prose_needs_them():
    assert [format_difference(x) for x in (0.0281, -0.1, 0.0)] == ["+.028", "−.100", "+.000"]
    ends = {"difference": 0.104, "low": -0.004, "high": 1.25}
    assert format_interval(ends) == "+.10 (−.00 to +1.25)"
    assert [format_p(p) for p in (0.00002, 0.0123, 0.5, 1)] == ["< .001", "= .012", "= .5", "= 1"]
    assert setting_title({"language": "en", "keywords": 1}) == "English, 1 keyword"
    assert setting_title({"data": "stamps"}) == "stamps"


def test_average_ranks_by_hand_count_the_methods_that_all_parts_have():
    found = {
        "A": {"a": cell(0.5), "b": cell(0.6), "c": cell(0.6), "extra": cell(0.9)},
        "B": {"a": cell(0.7), "b": cell(0.6), "c": cell(0.5)},
    }
    ranks = method_ranks(found)
    assert list(ranks) == ["b", "a", "c"]
    np.testing.assert_array_equal(ranks["a"], [3, 1])
    np.testing.assert_array_equal(ranks["b"], [1.5, 2])
    np.testing.assert_array_equal(ranks["c"], [1.5, 3])


def test_the_overall_verdict_counts_parts_and_what_concatenation_gives_away():
    told = overall_verdict({"A": LOUD, "B": QUIET})
    assert told[0] == "In 1 of 2 parts no fusion beats the tuned concatenation beyond chance."
    assert "Better than it: sum, in A (+.060)." in told
    assert "Better than it: late, in A (+.050)." in told
    assert "Worse than it, in how many parts: sum (1)." in told
    assert "gives away 0.033 on average to the method that turns out best, and " in told[-2]
    assert "0.060 at most (A)." in told[-2]
    expected = "Average rank of the 3 that all parts have: sum 1.5, concat 1.8, image 2.8."
    assert told[-1] == expected


def test_the_stored_file_gives_a_verdict_for_each_part_with_concatenation():
    result = results.load("fusion/which_fusion/methods")
    found = summarize(result)
    compared = {(row["language"], row["keywords"]) for row in result["comparisons"]
                if row["against"] == "concat"}  # fmt: skip
    assert len(found) == len(compared)
    for title, cells in found.items():
        told = verdict(title, cells)
        assert told.startswith(title)
        assert told.count("Concatenation is enough") == (
            not any(significant_sign(cell.over_concat) > 0 for cell in cells.values())
        )
        for method, one in cells.items():
            runs = [row for row in result["rows"] if row["method"] == method]
            settings = [{key: row[key] for key in ("language", "keywords")} for row in runs]
            rows = [row["accuracy"] for row, setting in zip(runs, settings, strict=True)
                    if setting_title(setting) == title]  # fmt: skip
            assert one.accuracy[0] == pytest.approx(np.mean(rows))


def test_a_file_of_one_part_goes_by_the_name_that_it_is_given():
    rows = [{"method": method, "seed": seed, "accuracy": 0.5, "parameters": 1, "cpu_seconds": 1}
            for method in ("concat", "sum") for seed in range(2)]  # fmt: skip
    ranks = [{"method": method, "rank": 1.5} for method in ("concat", "sum")]
    pair = {"method": "sum", "against": "concat", "difference": 0.0, "p_adjusted": 1.0}
    result = {"rows": rows, "ranks": ranks, "comparisons": [pair]}
    assert list(summarize(result, name="stamps")) == ["stamps"]


def test_a_part_that_is_not_compared_yet_is_left_out():
    row = {"language": "en", "keywords": 2, "method": "image", "accuracy": 0.5, "rank": 1,
           "parameters": 1, "cpu_seconds": 1}  # fmt: skip
    rows = [{**row, "seed": seed} for seed in range(2)]
    assert summarize({"rows": rows, "ranks": [row], "comparisons": []}) == {}
