"""The tables hold every method and every kind, and say what the stored rows say."""

import pytest

from mmtutorial import results
from mmtutorial.chapters.cross_modal.vision_language import tables


@pytest.fixture(scope="module")
def stored():
    return results.load("cross_modal/vision_language")


def test_every_kind_has_every_method(stored):
    found = tables.kind_intervals(stored)
    assert list(found) == list(tables.KINDS.values())
    assert all(list(of) == list(tables.METHODS) for of in found.values())
    mean = results.select(stored["rows"], "accuracy", method="full", kind="count").mean()
    assert found["how many"]["full"].mean == pytest.approx(mean)


def test_chance_stands_in_the_last_row(stored):
    assert list(tables.kind_columns(stored)["where"].items())[-1] == ("chance", "0.25")


def test_both_languages_make_the_whole(stored):
    languages = tables.language_columns(stored)
    both = tables.kind_intervals(stored)
    for kind in tables.KINDS.values():
        mean = (languages["English"][kind].mean + languages["Chinese"][kind].mean) / 2
        assert mean == pytest.approx(both[kind]["full"].mean, abs=0.02)


def test_contrasts_are_against_one_method(stored):
    for against in ("full", "question alone"):
        columns = tables.contrast_columns(stored, against)
        assert all(columns.values())
        assert all(against not in column for column in columns.values())


def test_false_yes_is_that_of_absent_things(stored):
    columns = tables.false_yes_columns(stored)
    assert set(columns["false yes"]) == {*tables.METHODS, "full" + tables.WHITE}
    assert all(one.low + 0.2 >= 0 and one.mean <= 1 for one in columns["missed"].values())
