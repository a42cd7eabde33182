"""A clip played backwards is another row with the same group and the other direction."""

import numpy as np

from mmtutorial.chapters.multi_task.sharing import clips, experiment


def test_backwards_changes_how_it_moves_and_not_what_it_shows():
    rng = np.random.default_rng(0)
    frames = rng.random((2, 16, clips.SIDE, clips.SIDE, 3))
    there, back = clips.describe(frames), clips.describe(frames[:, ::-1])
    mean_frame = 3 * clips.SIDE**2
    np.testing.assert_allclose(there[:, :mean_frame], back[:, :mean_frame])
    assert np.abs(there - back)[:, mean_frame:].max() > 1e-3


def test_both_directions_are_asked_and_one_is_drawn():
    task = clips.ClipTasks()
    labels = task.labels("test")
    half = len(labels["group"]) // 2
    np.testing.assert_array_equal(labels["group"][:half], labels["group"][half:])
    assert labels["direction"].mean() == 0.5
    inputs, drawn = task.draw_epoch(0, seed=0)
    assert len(inputs["video"]) == len(drawn["group"]) == len(task.labels("train")["group"]) // 2
    assert 0.3 < drawn["direction"].mean() < 0.7
    again = task.draw_epoch(1, seed=0)[1]["direction"]
    assert np.any(again != drawn["direction"])
    assert len(task.concepts("test")) == 2 * half
    blind = task.without_test()
    assert len(blind.inputs("test")["video"]) == len(blind.concepts("test")) == 0
    np.testing.assert_array_equal(blind.inputs("train")["video"], task.inputs("train")["video"])


def test_a_model_of_clips_is_counted_and_trained():
    task = clips.ClipTasks(["group"])
    weights = experiment.count_weights(task, 4)
    assert experiment.find_width(task, weights) == 4
    recipe = clips.CANDIDATES[1].replace(units=4, hidden=(4,), epochs=3)
    model = experiment.train(task, recipe)
    assert task.score(experiment.predict(model, task, "validation"), "validation")["group"] > 0.3
