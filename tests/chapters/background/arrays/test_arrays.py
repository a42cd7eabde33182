import numpy as np
import pytest

from mmtutorial.chapters.background import arrays


@pytest.mark.parametrize(
    ("language", "unit", "expected"),
    [
        ("en", "space", ["o’clock,", "now"]),
        ("en", "word", ["o'clock", "now"]),
        ("zh", "space", ["o’clock,", "now"]),
    ],
)
def test_names_are_cut_at_spaces_or_by_the_tokenizer(language, unit, expected):
    assert arrays.split_name("O’clock, now", language=language, unit=unit) == expected


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("unit", arrays.UNITS)
def test_vocabularies_hold_training_names_alone_and_nothing_is_cut(language, unit):
    task = arrays.name_arrays(language=language, unit=unit)
    (train, groups), (test, truth) = task["train"], task["test"]
    assert (train != 1).all()
    assert train.shape[1] == test.shape[1]
    assert len(train) == len(groups)
    assert len(test) == len(truth)
    assert max((train != 0).sum(axis=1).max(), (test != 0).sum(axis=1).max()) == train.shape[1]
    assert task["unknown"] == np.mean(test[test != 0] == 1)


def test_chinese_names_cut_at_spaces_are_unread():
    assert arrays.name_arrays(language="zh", unit="space")["unknown"] > 0.95


@pytest.mark.parametrize("name", arrays.PREPROCESSING_ERRORS)
def test_careless_pictures_keep_the_shape_so_that_nothing_complains(name):
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    prepared = arrays.PREPROCESSING_ERRORS[name](images)
    assert prepared.shape == images.shape
    assert prepared.dtype == np.float32
    assert prepared.max() > 1 if "255" in name else prepared.max() <= 1
    assert (
        name == "as in training"
        or (prepared != arrays.PREPROCESSING_ERRORS["as in training"](images)).any()
    )


def moving_dot(clips, frames=8):
    """Clips in which a dot moves, faster and faster."""
    video = np.zeros((clips, frames, 16, 16, 3), np.uint8)
    for clip in range(clips):
        for frame in range(frames):
            video[clip, frame, clip % 14, : frame * (frame + 1) // 4 + 1] = 255
    return video


def test_which_way_needs_the_order_of_the_frames():
    frames = arrays.grey_frames(moving_dot(24))
    assert frames.shape == (24, 8, 16, 16)
    found = {
        name: arrays.classify_direction(frames[:16], frames[16:], view)
        for name, view in arrays.CLIP_VIEWS.items()
    }
    assert found["average frame"] == 0.5
    assert found["motion"] == 1
    assert found["motion, frames shuffled"] < 0.9


def test_grey_frames_takes_bytes_alone():
    """It divides by 255; floats in 0..1 would come out black."""
    clips = moving_dot(2)
    assert arrays.grey_frames(clips).max() == 1
    with pytest.raises(TypeError, match=r"videos must be uint8 in 0\.\.255, got float64"):
        arrays.grey_frames(clips / 255)
    with pytest.raises(ValueError, match=r"videos must have shape .*, got \(8, 16, 16, 3\)"):
        arrays.grey_frames(clips[0])


def test_motion_is_what_changes():
    frames = np.zeros((1, 3, 2, 2))
    frames[0, 2] = 0.5
    np.testing.assert_allclose(np.exp(arrays.motion(frames)), [[1e-4, 0.5001]])


@pytest.mark.parametrize(("count", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError),
                                              (10**6, ValueError)])  # fmt: skip
def test_voices_are_counted(count, error):
    with pytest.raises(error, match=r"count must be .*, got"):
        arrays.load_voices(seed=0, count=count)


class Echo:
    """A model whose logits are its inputs."""

    def predict(self, inputs, **_):
        return inputs


def test_score_counts_right_rows_and_refuses_what_is_no_truth():
    assert arrays.score(Echo(), np.eye(4), [0, 1, 2, 0]) == 0.75
    for target, message in (
        ([0], "target must hold 4 classes, one per row, got 1"),
        (["0", "1", "2", "3"], "target must hold whole numbers from 0 to 3, .*got <U1"),
        ([0, 1, 2, 4], "target must hold whole numbers from 0 to 3, .*got 0 to 4"),
    ):
        with pytest.raises(ValueError, match=message):
            arrays.score(Echo(), np.eye(4), target)
    with pytest.raises(ValueError, match="what model predicts of inputs must hold finite numbers"):
        arrays.score(Echo(), np.full((1, 2), np.nan), [0])


def test_voice_features_want_a_sample():
    with pytest.raises(ValueError, match="wave must hold at least one sample, got none"):
        arrays.voice_features(np.zeros(0, np.float32), 16000)


FRAMES = np.random.default_rng(0).random((3, 4, 16, 16))


@pytest.mark.parametrize("view", arrays.CLIP_VIEWS)
def test_every_view_of_a_clip_refuses_what_are_no_grey_frames(view):
    look = arrays.CLIP_VIEWS[view]
    look(FRAMES)
    with pytest.raises(ValueError, match="frames must hold finite numbers, got nan"):
        look(np.full((1, 3, 4, 4), np.nan))
    with pytest.raises(TypeError, match=r"frames must hold floats in 0\.\.1, .*got uint8"):
        look(np.array([[[[0]], [[1]], [[0]]]], np.uint8))
    with pytest.raises(ValueError, match="at least a clip of two frames, got"):
        look(FRAMES[:, :1])
    with pytest.raises(ValueError, match="frames must lie within 1 of 0, got up to 255"):
        look(FRAMES * 0 + 255)


def test_clips_to_train_and_test_on_are_alike():
    for name, wrong in (("test", FRAMES[:0]), ("test", FRAMES[:, :3]), ("train", FRAMES[0])):
        with pytest.raises(ValueError, match=f"{name} must"):
            arrays.classify_direction(
                **{"train": FRAMES, "test": FRAMES, "view": np.sin, name: wrong}
            )


def test_a_name_is_a_text_of_a_language_in_a_unit():
    for change, error in (({"name": None}, TypeError), ({"language": "xx"}, ValueError),
                          ({"unit": "line"}, ValueError)):  # fmt: skip
        with pytest.raises(error, match=f"{next(iter(change))} must be"):
            arrays.split_name(**{"name": "cat", "language": "en", "unit": "space", **change})


def test_numbers_that_are_the_same_in_all_lines_do_no_harm():
    wave = np.sin(np.arange(1600) / 5).astype(np.float32)
    voices = {side: ([wave, wave / 2], [0, 1]) for side in ("train", "test")}
    assert arrays.classify_voices(voices)["resampled"]["resampled"] == (1.0, 0.5)
    for wrong in ({"train": voices["train"]}, {**voices, "test": ([wave], [0, 1])}):
        with pytest.raises(ValueError, match=r"voices\['test'\]"):
            arrays.classify_voices(wrong)
