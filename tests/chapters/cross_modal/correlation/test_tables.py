"""Columns hold the methods of one search, and the difference that belongs to each."""

import mmtutorial as mm
from mmtutorial.chapters.cross_modal.correlation import study, tables

RESULT = mm.results.load("cross_modal/correlation")


def test_a_column_has_each_method_and_only_the_baseline_is_not_compared():
    for language in tables.LANGUAGES:
        for search in tables.SEARCHES:
            columns = tables.search_columns(RESULT, language, search)
            assert all(list(column) == list(study.METHODS) for column in columns.values())
            compared = columns["R@10 minus ridge"]
            assert [name for name in compared if not compared[name]] == ["ridge regression"]


def test_a_panel_is_a_language():
    panels = tables.recall_panels(RESULT, "text to image")
    rows = mm.results.select(
        RESULT["rows"], "accuracy", language="zh", search="text to image", method="CCA"
    )
    assert panels["Chinese"]["CCA"].mean == rows.mean()


def test_numbers_for_the_text_are_those_of_the_panels():
    written = tables.write_recall(RESULT)
    assert len(written) == 4 * len(study.METHODS) + 1
    assert 0 < float(written["cca_seconds"]) < 60
    panel = tables.recall_by_search(RESULT)["zh", "text to image"]
    assert written["CCA_zh_back"] == f"{panel['CCA'].mean:.2f}"
    signs = tables.compared_with_ridge(RESULT)
    assert signs["en", "image to text"][study.SHUFFLED] == -1
