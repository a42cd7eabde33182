"""What the models learn from is what the scenes show; windows are means; probes count right."""

from types import SimpleNamespace

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial.chapters.applications.grounding import (
    encoder,
    experiment,
    probes,
    scoring,
    training,
)
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


def test_boxes_cover_what_they_hold(scenes):
    boxes, masks = experiment.cover_boxes(scenes), experiment.cover(scenes)
    assert boxes.shape == masks.shape
    assert (boxes >= masks - 1e-6).all()  # a box holds its thing
    heights, widths = (scenes.boxes[..., i + 2] - scenes.boxes[..., i] for i in (0, 1))
    np.testing.assert_allclose(boxes.sum(axis=2) * 256, heights * widths, rtol=1e-5)
    top, left, bottom, right = scenes.boxes[3, 0]
    drawn = np.zeros((128, 128))
    drawn[top:bottom, left:right] = 1
    places = drawn.reshape(8, 16, 8, 16).mean(axis=(1, 3)).ravel()
    np.testing.assert_allclose(boxes[3, 0], places, atol=1e-6)


def test_one_phrase_for_all_is_the_mean_of_theirs(scenes):
    task, model = experiment.load_task(), experiment.new_model(0)
    tokens = make_rng(0).normal(size=(3, 64, 128)).astype("float32")
    texts = task.encode(["red fruit", "blue bird", "dog"])
    maps = scoring.find_mean(model, tokens, texts)
    assert maps.shape == (3, 8, 8)
    alike = task.encode(["dog"] * 3)
    np.testing.assert_allclose(
        scoring.find_mean(model, tokens, alike), model.find(tokens, alike), atol=1e-5
    )
    each = [
        model.find(tokens, task.encode([text] * 3)) for text in ("red fruit", "blue bird", "dog")
    ]
    ratio = maps / np.mean(each, axis=0)
    assert np.quantile(ratio, 0.9) == pytest.approx(np.quantile(ratio, 0.1), rel=1e-3)


def test_boxes_are_what_the_model_of_boxes_learns_from(monkeypatch):
    lessons = {}
    bench = experiment.Bench(np.zeros((2, 64, 2)), np.zeros((1, 2, 5, 6)), np.zeros((2, 5, 64)))
    monkeypatch.setattr(experiment, "load_bench", lambda: bench)
    monkeypatch.setattr(experiment, "load_scenes", lambda: "scenes")
    monkeypatch.setattr(experiment, "cover_boxes", lambda scenes: f"boxes of {scenes}")
    monkeypatch.setattr(training, "begin", lambda seed, kind: None)
    monkeypatch.setattr(
        experiment, "new_model", lambda *a, **k: SimpleNamespace(set_weights=lambda w: None)
    )
    monkeypatch.setattr(
        experiment, "train", lambda model, bench, way, **of: lessons.update({method: (bench, way)})
    )
    for method in ("boxes", "places", "scenes", training.BEFORE, training.WINDOWS):
        training.trained(method, 0)
    assert lessons["boxes"][0].seen == "boxes of scenes"
    assert lessons["boxes"][1] == lessons["places"][1] == "places"
    assert lessons["places"][0] is lessons["scenes"][0] is bench
    assert set(lessons) == {"boxes", "places", "scenes"}, "the others see no scene"


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
    for parts in (("emoji", "stamps"), ("small", "medium", "large"),
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


@pytest.fixture(scope="module")
def described():
    return experiment.load_task().draw("test", 108, seed=4)


def test_a_description_fits_one_thing_of_its_scene_by_the_labels(described):
    for text, rows in enumerate(described.scenes.rows):
        meant = described.targets[text]
        fitting = [probes.fits(described, text, row) for row in rows if row >= 0]
        assert fitting == [place == meant for place in range(5) if rows[place] >= 0]


def test_less_of_a_description_fits_more(described):
    coloured = [text for text, way in enumerate(described.ways) if way == "colour"]
    alike = {"same kind": "colour", "same colour": "kind"}
    for text in coloured:
        rows = [row for row in described.scenes.rows[text] if row >= 0]
        for part, other in alike.items():
            more = [probes.fits(described, text, row, **{other: False}) for row in rows]
            assert sum(more) >= 1
            if described.distractors[text] == part:
                assert all(more)


def test_scenes_that_show_such_a_thing_do_not_count_as_absent(described):
    """Here a scene fits a description just where one of its things does."""
    count = len(described)
    phrases = np.eye(count)
    places = np.zeros((count, 1, 1, count))
    for scene, rows in enumerate(described.scenes.rows):
        for text in range(count):
            shown = any(probes.fits(described, text, row) for row in rows if row >= 0)
            places[scene, 0, 0, text] = shown
    present, absent = probes.absent_scores(places, phrases, described)
    assert (present == 1).all()
    assert (absent == 0).all()
    assert 0.8 * count < len(absent) < count


class Pointing:
    """A model whose places are the pixels' colours, and which reads three names of colours."""

    def embed_image(self, pictures, training):
        return pictures.reshape(len(pictures), 8, 16, 8, 16, 3).mean(axis=(2, 4)).reshape(-1, 64, 3)


def test_a_word_alone_is_asked_where_it_singles_out_the_thing(described):
    class Finder:
        model = Pointing()

        def read(self, text):
            return np.array([len(text), 1.0, 0.0]), [], [], []

    hits = probes.changed_hits(Finder(), described)
    coloured = sum(way == "colour" for way in described.ways)
    assert len(hits["by colour and kind"]) == len(hits["by colour and kind, in gray"]) == coloured
    for part in ("kind", "colour"):
        asked = ("both words", f"{part} alone")
        whole, alone = (hits[f"only one of its {part}: by {by}"] for by in asked)
        assert 0 < len(whole) == len(alone) < coloured


def test_things_are_named_by_the_mean_of_their_box(described):
    places = make_rng(0).normal(size=(len(described), 8, 8, 4))
    names = list(dict.fromkeys(load_things("test").names["en"]))
    vectors = make_rng(1).normal(size=(len(names), 4))
    fit, matches, concepts = probes.name_things(places, described.scenes, names, vectors)
    shown = ((described.scenes.rows >= 0) & (described.scenes.areas() > 0)).sum()
    assert fit.shape == matches.shape == (shown, len(names))
    assert (matches.sum(axis=1) == 1).all()
    assert len(concepts) == shown
    whole = np.tile([0, 0, 128, 128], (1, 5, 1)).astype(np.int16)
    scene = type(described.scenes)(
        described.scenes.pictures[:1], described.scenes.rows[:1], whole,
        described.scenes.owner[:1], described.scenes.hidden[:1], described.scenes.backgrounds[:1],
    )  # fmt: skip
    fit, *_ = probes.name_things(places[:1], scene, names, vectors)
    np.testing.assert_allclose(fit[0], vectors @ places[0].mean(axis=(0, 1)), atol=1e-5)


def test_recall_is_compared_with_chance_and_has_an_interval():
    matches = np.repeat(np.eye(20, dtype=bool), 3, axis=0)
    similarities = {"right": matches.astype(float), "wrong": -matches.astype(float)}
    columns = probes.recall_columns(similarities, matches, np.repeat(np.arange(20), 3))
    assert columns["R@1"]["right"] == (1, 1, 1)
    assert columns["R@10"]["wrong"] == (0, 0, 0)
    assert columns["R@10"]["chance"].mean == pytest.approx(0.5)
    half = matches * (np.arange(60) % 2)[:, None]
    mixed = probes.recall_columns({"half": half + 0.5 * ~matches}, matches, np.arange(60))
    assert mixed["R@1"]["half"].low < 0.5 < mixed["R@1"]["half"].high


def test_a_map_is_as_clear_as_its_peak_is_high():
    places = np.zeros((1, 8, 8, 2))
    places[0, 3, 3] = 1, 0.2
    clear = [probes.clearness(places, np.array([unit]))[0] for unit in ([1, 0], [0, 1])]
    assert clear == pytest.approx([1, 0.2], rel=0.15)


def test_auc_is_how_often_what_is_there_scores_higher():
    rng = make_rng(0)
    there, absent = rng.normal(1, 1, 300), rng.normal(0, 1, 300)
    assert abs(probes.auc(there, absent) - 0.76) < 0.05  # of two normals one spread apart
    assert probes.auc(there, there) == pytest.approx(0.5)
