"""Composed clips: what is drawn is where the tracks say, and one frame gives no answer away."""

import numpy as np
import pytest

from mmtutorial.applications.video import ANSWERS, compose_clips
from mmtutorial.applications.video.motion import draw_paths

RED, BLUE = (255, 0, 0), (0, 0, 255)


def square(colour, frames=1):
    """Give a full square of one colour, as a cut-out."""
    picture = np.full((frames, 12, 12, 4), 255, np.uint8)
    picture[..., :3] = colour
    return picture


def compose(count=6, event="scene", **options):
    paper = np.full((1, 64, 64, 3), 255, np.uint8)
    options = {"sides": (16,), "seed": 0, **options}
    return compose_clips([square(RED), square(BLUE)], paper, count, event=event, **options)


def paths_of(event, count=4000, frames=16, seed=0):
    rng = np.random.default_rng(seed)
    return draw_paths(event, count, 2, frames, 64, (24, 28), rng)


@pytest.mark.parametrize("event", ["scene", *ANSWERS])
def test_a_thing_is_seen_where_and_when_its_track_says(event):
    clips = compose(event=event)
    for clip, thing in zip(*np.nonzero(clips.rows >= 0), strict=True):
        colour = (RED, BLUE)[clips.rows[clip, thing]]
        for time in np.flatnonzero(clips.visible[clip, thing]):
            top, left, bottom, right = clips.boxes[clip, thing, time].astype(int)
            inside = clips.frames[clip, time, top:bottom, left:right]
            assert (inside == colour).all(axis=-1).any()
            outside = clips.frames[clip, time].copy()
            outside[top:bottom, left:right] = 255
            assert not (outside == colour).all(axis=-1).any()


def test_two_things_of_a_question_have_either_answer_and_are_different_ones():
    for event in ANSWERS:
        clips = compose(40, event)
        assert (clips.answers.sum(axis=1) == 1).all()
        assert (clips.rows[:, 0] != clips.rows[:, 1]).all()
    assert (compose(40).answers == -1).all()


def test_the_answers_are_what_happens():
    right = compose(30, "direction")
    steps = np.diff(right.boxes[..., 1], axis=-1)
    whole = np.ptp(right.boxes[..., [1, 3]], axis=-1)[..., 1:] == 16
    for answer, sign in ((0, -1), (1, 1)):
        moved = steps[right.answers == answer][whole[right.answers == answer]]
        assert np.sign(np.median(moved)) == sign
        assert len(moved) > 50
    speed = compose(30, "speed")
    fast, slow = (
        np.abs(np.diff(speed.boxes[speed.answers == answer][:, :, 1], axis=-1)) for answer in (1, 0)
    )
    assert np.median(fast) > 2 * np.median(slow)
    paths = paths_of("order", 200)
    starts = paths.there.argmax(axis=-1)
    first, second = (
        np.take_along_axis(starts, which(axis=1)[:, None], 1)[:, 0]
        for which in (paths.answers.argmax, paths.answers.argmin)
    )
    assert (first < second).all()


@pytest.mark.parametrize("event", ["direction", "speed"])
@pytest.mark.parametrize("time", [0, 8, 15])
def test_where_a_thing_is_in_one_frame_says_nothing_of_the_answer(event, time):
    """The places of both answers come from one distribution, whichever frame is looked at."""
    from scipy import stats

    paths = paths_of(event)
    share = (paths.lefts[..., time] + paths.sides) / (64 + paths.sides)  # of the way across
    zero, one = (share[paths.answers == answer] for answer in (0, 1))
    assert stats.ks_2samp(zero, one).pvalue > 1e-3
    assert stats.kstest(one, "uniform").pvalue > 1e-3


def test_a_frame_drawn_at_random_says_nothing_of_the_order():
    """First and second change places when a clip runs backwards: they are there equally often."""
    paths = paths_of("order")
    first, second = (paths.there[paths.answers == answer] for answer in (1, 0))
    error = 4 * np.sqrt(2 * 0.25 / first.size) * 16**0.5
    assert abs(first.mean() - second.mean()) < error
    assert np.abs(first.mean(axis=0) - second.mean(axis=0)[::-1]).max() < 0.05


def test_the_same_seed_gives_the_same_clips_and_another_gives_others():
    one, same, other = compose(), compose(), compose(seed=1)
    assert np.array_equal(one.frames, same.frames)
    assert np.array_equal(one.boxes, same.boxes)
    assert not np.array_equal(one.frames, other.frames)


def test_a_thing_moves_through_its_own_frames():
    shades = np.concatenate([square((level, 0, 0)) for level in range(0, 250, 50)])
    paper = np.full((1, 64, 64, 3), 255, np.uint8)
    clips = compose_clips([shades, square(BLUE)], paper, 4, event="direction", sides=(16,), seed=0)
    for clip, thing in zip(*np.nonzero(clips.rows == 0), strict=True):
        seen = []
        for time in np.flatnonzero(clips.visible[clip, thing]):
            top, left, bottom, right = clips.boxes[clip, thing, time].astype(int)
            seen.append(clips.frames[clip, time, (top + bottom) // 2, (left + right) // 2, 0])
        assert len(set(seen)) > 2


def test_labels_keep_two_drawings_of_one_thing_out_of_a_clip():
    paper = np.full((1, 64, 64, 3), 255, np.uint8)
    things = [square(RED), square(RED), square(BLUE)]
    clips = compose_clips(things, paper, 40, event="order", labels=[4, 4, 7], seed=0)
    assert ((clips.rows == 2).sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"event": "dance"}, "event must be one of"),
        ({"sides": (80,)}, "sides must be at most size = 64, got 80"),
        ({"labels": [0, 0], "event": "order"}, "labels must be at least 2 different ones"),
        ({"labels": [0]}, "labels must be one for each of 2 cut-outs"),
        ({"count": 0}, "count must be at least 1"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        compose(**change)
    with pytest.raises(
        ValueError, match="cutouts must be a list of clips with alpha, at least one"
    ):
        compose_clips([], np.zeros((1, 8, 8, 3), np.uint8), 1, seed=0)
    with pytest.raises(ValueError, match=r"cutouts\[0\] must be uint8"):
        compose_clips([np.zeros((4, 4, 3), np.uint8)], np.zeros((1, 8, 8, 3), np.uint8), 1, seed=0)
