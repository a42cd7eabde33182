import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmtutorial.preprocessing import sample_frames

counts = st.integers(1, 40)


def clip_of(frames):
    """A clip whose frames say their own number."""
    return np.broadcast_to(
        np.arange(frames, dtype=np.uint8)[:, None, None, None], (frames, 2, 3, 3)
    )


def numbers(video):
    assert (video == video[:, :1, :1, :1]).all()
    return video[:, 0, 0, 0].tolist()


@pytest.mark.parametrize(
    ("frames", "count", "expected"),
    [(5, 3, [0, 2, 4]), (16, 4, [0, 5, 10, 15]), (9, 1, [4]), (3, 3, [0, 1, 2]),
     (2, 5, [0, 0, 1, 1, 1]), (1, 4, [0, 0, 0, 0])],
)  # fmt: skip
def test_even_by_example(frames, count, expected):
    chosen = sample_frames(clip_of(frames), count)
    assert chosen.shape == (count, 2, 3, 3)
    assert numbers(chosen) == expected


@given(counts, counts)
def test_even_begins_first_ends_last_and_keeps_the_order(frames, count):
    chosen = np.array(numbers(sample_frames(clip_of(frames), count)))
    steps = np.diff(chosen)
    assert (steps >= 0).all()
    if count > 1:
        assert chosen[0] == 0
        assert chosen[-1] == frames - 1
        assert steps.max() - steps.min() <= 1
    if count >= frames:
        assert set(chosen) == set(range(frames)) or count == 1


@given(counts, counts, st.integers(0, 99))
def test_random_draws_one_frame_of_each_part(frames, count, seed):
    chosen = np.array(numbers(sample_frames(clip_of(frames), count, method="random", seed=seed)))
    edges = np.arange(count + 1) * frames / count
    assert (chosen > edges[:-1] - 1).all()
    assert (chosen < edges[1:]).all()
    assert (np.diff(chosen) >= 0).all()


def test_random_repeats_by_its_seed_and_reaches_every_frame():
    draw = [numbers(sample_frames(clip_of(40), 4, method="random", seed=s)) for s in range(300)]
    assert draw == [
        numbers(sample_frames(clip_of(40), 4, method="random", seed=np.random.default_rng(s)))
        for s in range(300)
    ]
    assert {frame for row in draw for frame in row} == set(range(40))


def test_the_result_is_a_copy_of_the_same_type():
    video = np.zeros((4, 2, 2, 3), np.uint8)
    sample_frames(video, 4)[:] = 9
    assert not video.any()
    assert sample_frames(video, 2).dtype == np.uint8


def test_it_says_what_is_wrong():
    for shape, hint in (
        ((4, 4, 3), r"for a single image write video\[None\]"),
        ((2, 9, 4, 4, 3), r"for several clips write video\[0\]"),
        ((9, 6, 5), r"for gray images write video\[..., None\]"),
        ((9, 3, 4, 5), r"for channels first write np.moveaxis\(video, 1, -1\)"),
        ((9, 4, 4, 4), r"image.convert\('RGB'\)"),
    ):
        with pytest.raises(ValueError, match=r"video must have shape \(frames, height.*" + hint):
            sample_frames(np.zeros(shape), 2)
    with pytest.raises(ValueError, match=r"video must have at least one frame, got \(0, 4, 4, 3\)"):
        sample_frames(np.zeros((0, 4, 4, 3)), 2)
    with pytest.raises(
        ValueError, match=r"video must hold floats in 0\.\.1, got up to 200: divide"
    ):
        sample_frames(np.full((4, 2, 2, 3), 200.0), 2)
    with pytest.raises(TypeError, match="video must be uint8 or floating point, got int64"):
        sample_frames(np.zeros((4, 2, 2, 3), np.int64), 2)
    with pytest.raises(ValueError, match="video must be of one size"):
        sample_frames([np.zeros((4, 4, 3)), np.zeros((5, 4, 3))], 2)
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        sample_frames(clip_of(4), 0)
    with pytest.raises(ValueError, match=r"method must be one of \('even', 'random'\), got 'key'"):
        sample_frames(clip_of(4), 2, method="key")
    with pytest.raises(TypeError, match="seed must be a whole number of at least 0, got None"):
        sample_frames(clip_of(4), 2, method="random")
    for wrong in (2.0, True, "2"):
        with pytest.raises(TypeError, match=f"count must be a whole number, got {wrong!r}"):
            sample_frames(clip_of(4), wrong)
