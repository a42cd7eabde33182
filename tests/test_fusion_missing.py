"""What the chapter on missing modalities says of its tables is what the file holds."""

import numpy as np
import pytest

from mmtutorial import results

FILE = results.load("fusion_missing")


def accuracy(training, chosen, hidden, method):
    where = dict(training=training, chosen=chosen, hidden=hidden, method=method)
    found = results.select(FILE["rows"], "accuracy", **where)
    assert len(found) == 5
    return found.mean()


def gain(training, chosen, hidden, method, against):
    where = dict(training=training, chosen=chosen, hidden=hidden, method=method, against=against)
    (row,) = [row for row in FILE["comparisons"] if where.items() <= row.items()]
    return row["low"], row["high"]


ONCE = ("complete", "complete")


def test_zeros_fall_below_what_is_left():
    assert gain(*ONCE, "photograph", "concat", "text")[1] < -0.1
    low, high = gain(*ONCE, "nothing", "concat", "image")
    assert low < 0 < high  # never better than the photograph alone
    low, high = gain(*ONCE, "caption", "concat", "image")
    assert max(-low, high) < 0.05  # and without the caption next to nothing happens


@pytest.mark.parametrize("cure", ["concat + dropout", "concat + tokens"])
def test_practice_cures_and_costs_nothing(cure):
    assert gain(*ONCE, "photograph", cure, "concat")[0] > 0.1
    assert gain(*ONCE, "nothing", cure, "concat")[0] > -0.01
    assert accuracy(*ONCE, "photograph", cure) > accuracy(*ONCE, "photograph", "text") - 0.05


def test_choosing_with_gaps_cures_half():
    best, worst = (accuracy(*ONCE, "photograph", method) for method in ("text", "concat"))
    chosen = accuracy("complete", "gaps", "photograph", "concat")
    assert 0.35 < (chosen - worst) / (best - worst) < 0.65
    plain = accuracy("complete", "gaps", "photograph", "concat, no hidden layer")
    assert plain > chosen


def test_experts_trained_apart_are_left_with_the_captions_and_those_together_with_less():
    captions = accuracy(*ONCE, "photograph", "text")
    assert accuracy(*ONCE, "photograph", "experts") == captions
    for method in ("product", "mixture"):
        assert gain(*ONCE, "photograph", method, "text")[1] < -0.05


def test_nothing_is_higher_than_the_experts_with_both_there_but_one_cannot_be_told_from_it():
    rows = [row for row in FILE["rows"] if row["training"] == "complete"]
    names = {(row["chosen"], row["method"]) for row in rows}
    whole = {name: accuracy("complete", name[0], "nothing", name[1]) for name in names}
    assert max(whole.values()) == whole["complete", "experts"]
    low, high = gain("complete", "gaps", "nothing", "experts", "concat")
    assert low < 0 < high


def test_gaps_in_training_take_the_cliff_away_and_some_points():
    low, high = gain("random", "gaps", "photograph", "concat", "text")
    assert low < 0 < high
    for method in ("image", "text", "concat", "concat + tokens", "late", "experts"):
        lost = accuracy("complete", "gaps", "nothing", method)
        assert accuracy("random", "gaps", "nothing", method) < lost


def test_the_sound_adds_nothing():
    known = [row for row in FILE["sounds"] if row["hidden"] == "nothing"]
    without = accuracy(*ONCE, "nothing", "concat")
    for method in ("concat + sound", "concat + has sound"):
        assert results.select(known, "accuracy", method=method).mean() < without + 0.01


def test_every_number_is_a_share_and_every_choice_was_among_those_tried():
    values = np.array([row["accuracy"] for row in FILE["rows"]])
    assert ((values >= 0) & (values <= 1)).all()
    assert {row["rate"] for row in FILE["choices"] if "rate" in row} <= {0.0, 0.3}
    assert {row["epoch"] % 4 for row in FILE["choices"] if "epoch" in row} == {0}
