"""What the models learn from is what the scenes show; windows are means; probes count right."""

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial.chapters.applications.grounding import encoder, experiment, probes, scoring
from mmtutorial.tasks.grounding import load_things


@pytest.fixture(scope="module")
def scenes():
    return experiment.load_task().draw_scenes("validation", 40, seed=2)


def test_cover_is_the_share_of_each_place(scenes):
    seen = experiment.cover(scenes)
    assert seen.shape == (40, 5, 64)
    np.testing.assert_allclose(seen.sum(axis=2) * 256, scenes.areas(), atol=1e-3)
    scene, thing = 3, int(np.flatnonzero(scenes.rows[3] >= 0)[0])
    first = scenes.owner[scene, :16, :16] == thing
    assert seen[scene, thing, 0] == pytest.approx(first.mean())


def test_windows_are_means_of_the_places_there():
    maps = make_rng(0).normal(size=(2, 5, 5))
    windows = experiment.window_maps(maps)
    np.testing.assert_allclose(windows[:, 2, 3], maps[:, 1:4, 2:5].mean(axis=(1, 2)))
    np.testing.assert_allclose(windows[:, 0, 0], maps[:, :2, :2].mean(axis=(1, 2)))


def test_batches_drop_no_phrase_altogether(scenes):
    bench = experiment.Bench(
        np.zeros((64, 4, 2), np.float16),
        np.ones((experiment.TEXTS, 64, 5, 6), int) * np.array([1, 2, 0, 0, 0, 0]),
        np.zeros((64, 5, 4), np.float32),
    )
    batches = experiment.Batches(bench, experiment.load_task().words, epochs=3, seed=0)
    assert len(batches) == 6
    assert sorted(np.concatenate(batches.order[:2])) == list(range(64))
    kept = [(batches[step][0]["text"] != 0).any(axis=-1).sum(axis=-1) for step in range(6)]
    assert set(np.concatenate(kept).ravel()) <= {0, 1, 2}


def test_joined_models_say_the_same_of_pictures(scenes):
    model = experiment.new_model(0)
    whole = experiment.join(model)
    tokens = encoder.read_pictures(encoder.load_encoder(), scenes.pictures[:4])
    texts = experiment.load_task().encode(["red bird", "狗", "a car", "blue"])
    a = model.find(tokens, texts)
    b = whole.find(encoder.to_floats(scenes.pictures[:4]), texts)
    np.testing.assert_allclose(a, b, atol=2e-3)


def test_what_the_encoder_learns_of_a_thing():
    things = load_things("validation")
    targets = encoder.describe(things)
    assert targets["features"].std() == pytest.approx(1, abs=1e-3)
    known = [bool(kinds) for kinds in things.kinds]
    np.testing.assert_array_equal(targets["kind"] >= 0, known)


# --- scores


def test_parts_add_up_and_masks_decide():
    described = scoring.load_tested("validation", 72)
    boxes = described.boxes()
    points = np.array([np.argwhere(mask)[0] for mask in described.masks()])
    rows = {row["part"]: row for row in scoring.score(points, boxes, described)}
    assert rows["all"]["accuracy"] == rows["all"]["iou"] == rows["all"]["on_things"] == 1
    for parts in (("drawings", "photographs"), ("small", "medium", "large"),
                  ("2 things", "3 things", "4 things", "5 things"),
                  ("not hidden", "hidden a little", "hidden more")):  # fmt: skip
        assert sum(rows[part]["items"] for part in parts) == 72


def test_guesses_know_what_they_may_know():
    described = scoring.load_tested("validation", 72)
    rng = make_rng(0)
    for kind in scoring.GUESSES:
        points, boxes = scoring.guess(described, kind, rng)
        row = scoring.score(points, boxes, described)[0]
        if "thing" in kind:
            assert row["on_things"] == 1
        else:
            assert row["on_things"] < 0.7
    points, boxes = scoring.guess(described, "largest thing", rng)
    chosen = described.scenes.areas().argmax(axis=1)
    np.testing.assert_array_equal(boxes, described.scenes.boxes[np.arange(72), chosen])


def test_auc_is_how_often_what_is_there_scores_higher():
    rng = make_rng(0)
    there, absent = rng.normal(1, 1, 300), rng.normal(0, 1, 300)
    assert abs(probes.auc(there, absent) - 0.76) < 0.05  # of two normals one spread apart
    assert probes.auc(there, there) == pytest.approx(0.5)
