"""Spoken captions: rows that have both sides, and a search that beats chance, not by much."""

import numpy as np

from mmtutorial.chapters.cross_modal.retrieval import heard


def test_each_row_has_picture_and_recording_and_no_thing_is_in_two_splits():
    found = heard.read_recordings(0, "fr")
    assert found.keys() == {"train", "validation", "test"}
    for rows in found.values():
        assert rows.images.shape == (len(rows.ids), 256)
        assert rows.speech.shape == (len(rows.ids), 128)
        assert rows.speech.any(axis=1).all()
        assert rows.images.any(axis=1).all()


def test_a_map_searches_better_than_a_random_order():
    found = heard.read_recordings(0, "fr")
    score = heard.score_speech(found, "train", penalty=100.0)
    assert score["candidates"] == len(found["train"].ids)
    assert score["recall_at_10"] > 3 * heard.score_chance(found["train"], draws=2)


def test_speech_that_says_nothing_is_at_chance():
    found = dict(heard.read_recordings(0, "fr"))
    rng = np.random.default_rng(0)
    found["test"] = found["test"]._replace(speech=rng.normal(size=found["test"].speech.shape))
    score = heard.score_speech(found, "test", penalty=1e4)
    assert abs(score["recall_at_10"] - heard.score_chance(found["test"])) < 0.1
