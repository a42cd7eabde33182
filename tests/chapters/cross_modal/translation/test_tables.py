"""The tables hold every method of the study, and say which comparison is missing."""

import pytest

from mmtutorial import results
from mmtutorial.chapters.cross_modal.translation import tables


def test_every_method_has_its_scores_in_both_domains():
    stored = results.load("cross_modal/translation")
    assert {row["method"] for row in stored["rows"]} == set(tables.METHODS)
    for domain in ("emoji", "stamps"):
        found = tables.score_intervals(stored, domain)
        assert all(0 <= mean <= 1 for mean, _, _ in found.values())
    columns = tables.comparison_columns(stored, "nearest")
    assert all("nearest neighbour" not in column for column in columns.values())
    with pytest.raises(ValueError, match="0 comparisons have"):
        tables.paired(stored, "nearest", "nearest", "emoji")
