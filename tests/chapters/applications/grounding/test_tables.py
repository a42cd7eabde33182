"""The tables hold every method and kind of scene, and say what the stored rows say."""

import pytest

from mmtutorial import results
from mmtutorial.chapters.applications.grounding import tables


@pytest.fixture(scope="module")
def stored():
    return results.load("applications/grounding")


def test_every_method_has_every_score(stored):
    columns = tables.method_columns(stored)
    assert all(list(column) == list(tables.METHODS) for column in columns.values())
    mean = results.select(stored["rows"], "accuracy", method="scenes", part="all").mean()
    assert columns["points right"]["scenes"].mean == pytest.approx(mean)


def test_parts_make_the_whole(stored):
    for names in tables.PARTS.values():
        rows = [
            (row["accuracy"], row["items"])
            for row in stored["rows"]
            if row["method"] == "places" and row["seed"] == 0 and row["part"] in names
        ]
        assert sum(items for _, items in rows) == 1000
        whole = sum(right * items for right, items in rows) / 1000
        (all_of_it,) = results.select(
            stored["rows"], "accuracy", method="places", seed=0, part="all"
        )
        assert whole == pytest.approx(all_of_it)


def test_contrasts_leave_out_what_is_compared_with(stored):
    column = tables.contrast_column(stored, "scenes")["minus scenes"]
    assert "scenes" not in column
    assert {"places", "windows", "mean of places"} <= set(column)


def test_what_draws_nothing_has_no_interval(stored):
    columns = tables.without_zeros(tables.method_columns(stored))
    assert "±" not in columns["points right"]["largest thing"] + columns["IoU of .5"]["centre"]
    assert "±" in str(columns["points right"]["places"])
    assert not any("± 0.000" in str(each) for each in columns["points right"].values())


def test_part_columns_and_intervals_agree(stored):
    columns = tables.part_columns(stored, tables.NUMBERS)
    found = tables.part_intervals(stored, "places")["how many"]
    assert [column["places"].mean for column in columns.values()] == [
        each.mean for each in found.values()
    ]
