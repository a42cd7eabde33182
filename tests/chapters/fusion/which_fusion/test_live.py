"""Trainings of the reader's: what is trained, stopped and kept, and what the figure says of it."""

import re

import keras
import numpy as np
import pytest
from html_checks import Tags

from mmtutorial import results
from mmtutorial.chapters.fusion.which_fusion.drawings import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    draw_curves,
    draw_strip,
)
from mmtutorial.chapters.fusion.which_fusion.live import OwnRuns, own_runs
from mmtutorial.chapters.fusion.which_fusion.recipes import KEYWORDS, METHODS
from mmtutorial.evaluation import interval
from mmtutorial.tasks import EmojiTask, predict_log_proba, score_log_proba, train_model

CHOSEN = {"method": "concat", "keywords": "1", "image_dropout": 0.0, "text_dropout": 0.5}
PART = ("concat", "1")
STORED = results.load("fusion/which_fusion/methods")
CURVES = results.load("fusion/which_fusion/curves")


@pytest.fixture(scope="module")
def dataset():
    return EmojiTask(keywords=1).dataset


@pytest.fixture
def own(dataset):
    own = OwnRuns(STORED, CURVES, dataset)
    own.recipes[PART] = own.recipes[PART].replace(units=8)  # quick to train
    return own


def weights(model):
    return [keras.ops.convert_to_numpy(weight) for weight in model.weights]


def accuracy(model, split, *, seed):
    task = EmojiTask(keywords=1)
    log_p = predict_log_proba(model, task.inputs(split, seed=seed))
    return score_log_proba(log_p, task.targets(split))["accuracy"]


def test_a_run_is_the_stored_recipe_but_for_what_the_reader_chose(own):
    own.train(lambda: True, **CHOSEN, epochs=2, seed=7)
    (run,) = own.runs
    changed = {"image_dropout": 0.0, "text_dropout": 0.5, "epochs": 2}
    assert run.recipe == own.recipes[PART].replace(**changed)
    same = train_model(EmojiTask(keywords=1), "concat", run.recipe, seed=7)
    for found, expected in zip(weights(run.model), weights(same), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(run.curve) == 2
    assert run.curve[-1] == pytest.approx(accuracy(same, "validation", seed=0), abs=0.005)
    assert run.accuracy == pytest.approx(accuracy(same, "test", seed=7), abs=0.01)


def test_it_is_validated_on_words_drawn_once_and_tested_on_those_of_its_seed(own, dataset):
    asked = []

    class Watched(EmojiTask):
        def inputs(self, split, *, seed, **options):
            asked.append((split, seed))
            return super().inputs(split, seed=seed, **options)

    own._tasks["1"] = Watched(keywords=1, dataset=dataset)
    own.train(lambda: True, **CHOSEN, epochs=2, seed=7)
    held_out = [each for each in asked if each[0] != "train"]
    assert held_out == [("validation", 0), ("validation", 0), ("test", 7)]


def test_the_stored_seeds_are_those_of_english_words(own):
    stored = {
        row["seed"]: row["accuracy"]
        for row in STORED["rows"]
        if (row["language"], row["keywords"], row["method"]) == ("en", None, "gated")
    }
    np.testing.assert_array_equal(own.scores["gated", "all"], [stored[seed] for seed in range(5)])


def test_with_nothing_changed_a_stored_seed_comes_out_again(dataset):
    own = OwnRuns(STORED, CURVES, dataset)
    recipe = own.recipes[PART]
    dropout = {"image_dropout": recipe.image_dropout, "text_dropout": recipe.text_dropout}
    own.train(lambda: True, *PART, **dropout, epochs=recipe.epochs, seed=0)
    assert own.runs[0].accuracy == pytest.approx(own.scores[PART][0], abs=0.03)


def test_the_band_holds_the_stored_seeds_and_such_a_training_runs_in_it(dataset):
    own = OwnRuns(STORED, CURVES, dataset)
    low, high = own.bands[PART]
    seeds = [[row["validation"] for row in CURVES["rows"]
              if (row["method"], row["keywords"], row["seed"]) == ("concat", 1, seed)]
             for seed in range(5)]  # fmt: skip
    np.testing.assert_array_equal(low, np.min(seeds, axis=0))
    np.testing.assert_array_equal(high, np.max(seeds, axis=0))
    recipe = own.recipes[PART]
    assert len(low) == recipe.epochs
    dropout = {"image_dropout": recipe.image_dropout, "text_dropout": recipe.text_dropout}
    own.train(lambda: True, *PART, **dropout, epochs=recipe.epochs, seed=0)
    np.testing.assert_allclose(own.runs[0].curve, seeds[0], atol=0.02)
    text = own.frame(*PART, **dropout, epochs=recipe.epochs, seed=0)._repr_html_()
    assert f"stored seeds after the last {low[-1]:.3f} to {high[-1]:.3f}" in text


def test_stopped_it_keeps_the_weights_that_it_has_and_learns_no_further(own):
    """One epoch of three is a training of one epoch: nothing is rolled back, nothing goes on."""
    own.train(lambda: False, **CHOSEN, epochs=3, seed=7)
    own.train(lambda: True, **CHOSEN, epochs=1, seed=7)
    stopped, whole = own.runs
    assert len(stopped.curve) == 1
    for found, expected in zip(weights(stopped.model), weights(whole.model), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert stopped.accuracy == pytest.approx(whole.accuracy, abs=0.01)
    text = own.frame(**CHOSEN, epochs=3, seed=7)._repr_html_()
    assert "<td>1 of 3</td>" in text
    assert "<td>1 of 1</td>" in text


def test_each_epoch_is_drawn_and_logged_and_the_test_split_waits_for_the_end(own):
    shown = []

    def step():
        text = own.frame(**CHOSEN, epochs=3, seed=7)._repr_html_()
        points = Tags(text).all("polyline")[0]["points"].split()
        shown.append((len(points), re.findall(r"<td>(\d) of 3</td>", text), "inside" in text))
        return len(shown) < 2

    own.scores[PART] = np.array([0.0, 1.0])  # whatever it scores, it is inside
    own.train(step, **CHOSEN, epochs=3, seed=7)
    assert shown == [(1, ["1"], False), (2, ["2"], False)]
    assert "<td>inside</td>" in own.frame(**CHOSEN, epochs=3, seed=7)._repr_html_()


@pytest.mark.parametrize(
    ("score", "said"), [(0.2, "below it"), (0.305, "inside"), (0.9, "above it")]
)
def test_the_log_says_on_which_side_of_the_interval_a_run_ended(own, score, said):
    own.scores[PART] = np.array([0.3, 0.31])
    own.train(lambda: False, **CHOSEN, epochs=1, seed=7)
    own.runs[0].accuracy = score
    low, high = interval([0.3, 0.31])[1:]
    cells = f"<td>{score:.3f}</td><td>{low:.3f} to {high:.3f}</td><td>{said}</td>"
    assert cells in own.frame(**CHOSEN, epochs=1, seed=7)._repr_html_()


def test_a_run_is_drawn_among_the_seeds_of_its_own_fusion_and_logged_everywhere(own):
    none = own.frame(**CHOSEN, epochs=1, seed=7)._repr_html_()
    own.train(lambda: True, **CHOSEN, epochs=1, seed=7)
    here = own.frame(**CHOSEN, epochs=1, seed=7)._repr_html_()
    there = own.frame(**CHOSEN | {"method": "sum"}, epochs=1, seed=7)._repr_html_()
    counts = [[t.count("<polygon"), t.count("<polyline"), t.count("l7 7"), t.count("<td>1 of 1")]
              for t in (none, here, there)]  # fmt: skip
    assert counts == [[1, 0, 0, 0], [1, 1, 1, 1], [1, 0, 0, 1]]
    assert all(Tags(text).open == [] for text in (none, here, there))


def test_curves_and_scores_stand_where_their_axes_say():
    band = np.array([0.5, 0.6]), np.array([0.7, 0.9])
    tags = Tags(draw_curves({1: [0.5, 0.6], 4: [0.6, 0.9, 0.5]}, 3, band, title="any"))
    short, whole = (tag["points"].split() for tag in tags.all("polyline"))
    middle = BOTTOM - (BOTTOM - TOP) / 4
    (edge,) = tags.all("polygon")
    half = f"{(LEFT + RIGHT) // 2}"
    below = [f"{LEFT},{BOTTOM:.1f}", f"{half},{middle:.1f}"]
    above = [f"{half},{TOP:.1f}", f"{LEFT},{(TOP + BOTTOM) / 2:.1f}"]
    assert edge["points"].split() == below + above
    assert short == [f"{LEFT},{BOTTOM:.1f}", f"{(LEFT + RIGHT) // 2},{middle:.1f}"]
    assert whole[1:] == [f"{(LEFT + RIGHT) // 2},{TOP:.1f}", f"{RIGHT},{BOTTOM:.1f}"]
    assert [tag["stroke-width"] for tag in tags.all("polyline")] == ["1", "3"]

    tags = Tags(draw_strip([0.5, 0.6], (0.55, 0.52, 0.58), {2: 0.6}, title="any"))
    assert [float(tag["cx"]) for tag in tags.all("circle")] == [LEFT, RIGHT]
    assert tags.all("path")[-1]["d"].startswith(f"M{RIGHT:.1f} ")
    (band,) = tags.all("rect")
    assert float(band["x"]) == pytest.approx(LEFT + 0.2 * (RIGHT - LEFT), abs=0.06)
    assert float(band["width"]) == pytest.approx(0.6 * (RIGHT - LEFT), abs=0.06)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": 2**32}, "seed must be at most"),
        ({"method": "late"}, "fusion must be one of"),
        ({"keywords": "3"}, "keywords must be one of"),
        ({"epochs": 99}, "epochs must be at most 24, got 99"),
        ({"image_dropout": 1.5}, "image_dropout must be"),
    ],
)
def test_what_cannot_be_trained_gets_a_sentence_and_is_no_run(own, change, sentence):
    given = {**CHOSEN, "epochs": 3, "seed": 7, **change}
    for ask in (own.frame, lambda **choice: own.train(lambda: True, **choice)):
        with pytest.raises(ValueError, match=sentence):
            ask(**given)
    assert own.runs == []


def test_the_twin_holds_the_stored_seeds_of_each_fusion_each_beside_the_others(own):
    for part in own.scores:
        own.scores[part] = np.array([0.6, 0.6, 0.6, 0.7])
    figure = own_runs(own, keywords="1", seed=9)
    text = figure._repr_mimebundle_()["text/html"]
    frames = len(METHODS) * len(KEYWORDS)
    assert len([tag for tag in Tags(text).all("div") if "data-at" in tag]) == frames
    assert len({tag["points"] for tag in Tags(text).all("polygon")}) == frames, "a band for each"
    low, high = interval([0.6, 0.6, 0.7])[1:]
    inside = f"<td>0</td><td>0.600</td><td>{low:.3f} to {high:.3f}</td><td>inside</td>"
    assert text.count(inside) == frames
    assert text.count("<td>3</td><td>0.700</td><td>0.600 to 0.600</td><td>above it</td>") == frames
    values = {name: control.value for name, control in figure._controls.items()}
    chosen = {"method": "concat", "keywords": "1", "image_dropout": 0.0, "text_dropout": 0.0}
    assert values == chosen | {"epochs": own.recipes[PART].epochs, "seed": 9}
    assert figure._start.description == "Train"
    assert figure._work == own.train
