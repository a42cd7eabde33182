"""The tables hold every method and question, and say what the stored rows say."""

import pytest

from mmtutorial import results
from mmtutorial.chapters.applications.video import experiment, retrieval, tables


@pytest.fixture(scope="module")
def stored():
    return results.load("applications/video")


def test_every_question_has_every_method_and_chance(stored):
    found = tables.question_columns(stored)
    assert list(found) == list(tables.QUESTIONS.values())
    for column in found.values():
        assert list(column) == [*experiment.METHODS, "chance"]
    mean = results.select(
        stored["rows"], "accuracy", method="frame pooling", question="speed", view=""
    ).mean()
    assert found["the fast one?"]["frame pooling"].mean == pytest.approx(mean)


def test_what_forgets_the_order_is_at_chance(stored):
    found = tables.question_columns(stored)
    for name in ("to the right?", "the first one?"):
        for method in ("single frame", "frame pooling"):
            assert abs(found[name][method].mean - 0.5) < 0.04


def test_scenes_have_every_score(stored):
    found = tables.scene_columns(stored)
    assert list(found) == list(tables.SCORES.values())
    assert all(0 <= one.mean <= 1 for column in found.values() for one in column.values())
    more = tables.scene_columns(stored, always=0.5)
    assert {title: column.pop(tables.ALWAYS) for title, column in more.items()} == {
        title: "0.500" if title == "when (IoU)" else "" for title in found
    }
    assert more == found


def test_contrasts_are_against_frame_pooling(stored):
    for column in tables.contrast_columns(stored).values():
        assert set(column) == set(experiment.METHODS) - {"frame pooling"}


def test_retrieval_has_both_directions_and_a_control():
    stored = results.load("applications/video/retrieval")
    found = tables.retrieval_columns(stored, 117)
    assert len(found) == 4
    for column in found.values():
        assert list(column) == [*retrieval.METHODS, tables.SHUFFLED, "chance"]
    recall, ranks = (found[f"words for a clip, {unit}"] for unit in ("R@10", "median rank"))
    assert (recall["chance"], ranks["chance"]) == (0.085, "59.0")
    mean = results.select(stored["rows"], "rank", method="single frame", view="").mean()
    assert ranks["single frame"].startswith(f"{mean:.1f} ± ")
