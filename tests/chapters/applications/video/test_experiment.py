"""What is asked, what is right, and what can be found by following the surest cell."""

from types import SimpleNamespace

import numpy as np
import pytest

from mmtutorial.applications.video import Clips, FrameGrounder, VideoGrounder
from mmtutorial.chapters.applications.video import cost, experiment, probes, scoring
from mmtutorial.tasks import video as task

RNG = np.random.default_rng(0)


def seen(event="direction", count=6, time=16):
    """Give clips of two things: the first goes right along the top, the second left below."""
    boxes = np.zeros((count, 2, time, 4), np.float32)
    steps = 4 * np.arange(time)
    for thing, (top, left) in enumerate(((0, steps), (40, 40 - steps))):
        left = np.mod(left, 92) - 28
        boxes[:, thing] = np.stack([0 * left + top, left, 0 * left + top + 24, left + 28], axis=-1)
    boxes = boxes.clip(0, 64)
    visible = boxes[..., 3] - boxes[..., 1] >= 14
    answers = np.tile([1, 0], (count, 1))
    rows = np.tile([0, 1], (count, 1))
    clips = Clips(
        event, np.zeros((count, time, 64, 64, 3), np.uint8), rows, boxes, visible, answers
    )
    grids = np.zeros((count, time, 8, 8, 69), np.float16)
    both = experiment.Seen(clips, grids, "test")
    for thing in (0, 1):
        grids[..., thing] = both.cells(np.full(count, thing))
    grids[..., 64] = 8 * grids[..., :2].max(axis=-1) - 4
    return both


def test_following_the_surest_cell_answers_direction():
    words = np.eye(64, dtype=np.float32)[:2]
    assert probes.follow_all(seen(), words).all()


def test_following_tells_early_from_late_and_fast_from_slow():
    scores = np.full((2, 16, 8, 8), -9.0)
    scores[0, :6, 3, 3], scores[1, 10:, 3, 3] = 9, 9
    assert probes.follow(scores)["order"].tolist() == [True, False]
    moving = np.full((2, 16, 8, 8), -9.0)
    for time in range(16):
        moving[0, time, 3, time // 4], moving[1, time, 3, time // 2] = 9, 9
    assert probes.follow(moving)["speed"].tolist() == [False, True]


@pytest.mark.parametrize("event", ["direction", "scene"])
def test_what_is_asked_for_is_there_or_not_there_at_all(event, monkeypatch):
    things = SimpleNamespace(concepts=np.arange(9))
    monkeypatch.setattr(experiment.task, "load_things", lambda *_, **__: things)
    clips = seen(event, count=200)
    places, rows = experiment.draw_questions(clips, np.random.default_rng(0))
    there = places >= 0
    assert (rows[there] == clips.clips.rows[there, places[there]]).all()
    assert not np.isin(rows[~there], [0, 1]).any()
    assert there.all() == (event == "direction")
    targets = experiment.targets_of(clips, places)
    assert (targets["map"].max(axis=(1, 2, 3)) == there).all()
    asked = targets["answers"] >= 0
    assert asked.sum() == (len(places) if event == "direction" else 0)


def test_a_clip_turned_round_is_the_clip_with_the_answers_that_fit():
    """Whatever is mirrored or played backwards, what moves to the right is said to do so."""
    both = seen(count=64)
    places = np.tile([0, 1], 32)
    targets = experiment.targets_of(both, places)
    maps = np.repeat(targets["map"][..., None], 3, axis=-1)
    turned, cells, answers = experiment.turn_round(
        np.random.default_rng(0), maps, targets["map"], targets["answers"]
    )
    assert np.array_equal(turned[..., 0], cells)
    said = probes.follow(20 * turned[..., 0])["direction"]
    assert np.array_equal(said, answers[:, 0] == 1)
    assert 16 < said.sum() < 48
    assert (answers[:, 1:] == -1).all()


def test_one_frame_and_shuffled_frames_take_the_same_frames_of_all():
    first = RNG.normal(size=(5, 7, 2))
    second = first.sum(axis=-1)
    one, also = experiment.one_frame(np.random.default_rng(0), first, second)
    assert np.allclose(one.sum(axis=-1), also)
    assert one.shape == (5, 1, 2)
    mixed, along = experiment.shuffle_frames(np.random.default_rng(0), first, second)
    assert np.allclose(mixed.sum(axis=-1), along)
    assert np.allclose(np.sort(along, axis=1), np.sort(second, axis=1))
    assert not np.allclose(along, second)


def test_scores_of_a_perfect_finder_are_one_and_of_one_that_is_never_there_are_not():
    both = seen("scene")
    places = np.zeros(len(both.clips), int)
    cells = both.cells(places).reshape(6, 16, 64)
    found = {
        "there": np.ones(6), "absent": np.zeros(6), "peaks": cells.max(axis=2),
        "cells": cells.argmax(axis=2), "boxes": both.clips.boxes[:, 0], "places": places,
    }  # fmt: skip
    score = scoring.score_things(both, found, 0.5)
    assert score == {"auc": 1, "pointing": 1, "box_iou": 1, "time_iou": 1}
    away = {**found, "peaks": 0 * found["peaks"], "cells": 0 * found["cells"] + 63}
    assert scoring.score_things(both, away, 0.5)["time_iou"] == 0
    assert scoring.score_things(both, away, 0.5)["pointing"] == 0


def test_the_multiplications_are_those_of_the_layers():
    """Counted once more from what each layer does, for the model of 3-D convolution."""
    model = VideoGrounder(**experiment.METHODS["3-D convolution"])
    model.build((None, 16, 8, 8, 3))
    width, hidden, cells = model.width, model.hidden, 16 * 64
    expected = 64 * cells + cells * 27 * (3 * width + width * width) + cells * (width + 3)
    expected += 16 * (8 * (width + 6) * hidden + hidden * 64) + 2 * hidden * hidden + 3 * hidden
    assert cost.count_multiplications(model, 16) == expected


def test_the_network_of_frames_multiplies_in_each_place():
    model = FrameGrounder(4, filters=(2, 3), depth=1)
    model.build({"image": (None, 8, 8, 3), "text": (None, 1, 6)})
    convolutions = 4 * 4 * 5 * 5 * 3 * 2 + 2 * 2 * 9 * 2 * 3 + 2 * 2 * 9 * 3 * 3
    assert cost.count_frame(model, 8) == convolutions + 2 * 2 * 3 * (4 + 5)


def test_naming_all_frames_overlaps_by_the_share_in_which_a_thing_is_seen():
    clips = task.draw_clips("test", "scene", 12, seed=0)
    found = scoring.overlap_of_all_frames(clips, [3])
    places = scoring.draw_places(clips, np.random.default_rng(3))
    seen = [clips.visible[clip, place].sum() / task.FRAMES for clip, place in enumerate(places)]
    assert found == pytest.approx(np.mean(seen))
    assert (clips.rows[np.arange(12), places] >= 0).all()


def test_all_ways_of_looking_at_all_frames_cost_the_same_within_a_quarter():
    counts = []
    for method, options in experiment.METHODS.items():
        if method != "single frame":
            model = VideoGrounder(**options)
            model.build((None, 16, 8, 8, 3))
            counts.append(cost.count_multiplications(model, 16))
    assert max(counts) < 1.25 * min(counts)
