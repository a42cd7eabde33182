"""What the chapter on missing modalities says of its tables is what the files hold."""

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.studies import find_studies

FILE = results.load("fusion/missing_modalities")
SOUNDS = results.load("fusion/missing_modalities/sounds")


def accuracy(training, chosen, masked, method):
    where = dict(training=training, chosen=chosen, masked=masked, method=method)
    found = results.select(FILE["rows"], "accuracy", **where)
    assert len(found) == 5
    return found.mean()


def gain(training, chosen, masked, method, against):
    where = dict(training=training, chosen=chosen, masked=masked, method=method, against=against)
    (row,) = [row for row in FILE["comparisons"] if where.items() <= row.items()]
    return row["low"], row["high"]


ONCE = ("complete", "complete")


def test_zeros_fall_below_what_is_left():
    assert gain(*ONCE, "photograph", "concat", "text")[1] < -0.05
    assert gain(*ONCE, "nothing", "concat", "image")[0] > 0  # beside a photograph it uses captions
    low, high = gain(*ONCE, "caption", "concat", "image")
    assert max(-low, high) < 0.05  # and without the caption next to nothing happens


@pytest.mark.parametrize("cure", ["concat + dropout", "concat + tokens"])
def test_practice_cures_and_costs_nothing(cure):
    assert gain(*ONCE, "photograph", cure, "concat")[0] > 0.03
    low, high = gain(*ONCE, "nothing", cure, "concat")
    assert -0.05 < low < 0 < high  # no cost can be measured
    assert accuracy(*ONCE, "photograph", cure) > accuracy(*ONCE, "photograph", "text") - 0.08


def test_choosing_with_gaps_cures_half():
    best, worst = (accuracy(*ONCE, "photograph", method) for method in ("text", "concat"))
    chosen = accuracy("complete", "gaps", "photograph", "concat")
    assert 0.35 < (chosen - worst) / (best - worst) < 0.65
    plain = accuracy("complete", "gaps", "photograph", "concat, no hidden layer")
    assert plain > chosen


def test_experts_trained_apart_are_left_with_the_captions_and_those_together_with_less():
    captions = accuracy(*ONCE, "photograph", "text")
    for method in ("late", "experts"):
        assert accuracy(*ONCE, "photograph", method) == pytest.approx(captions, abs=1e-9)
    for method in ("product", "mixture"):
        assert gain(*ONCE, "photograph", method, "text")[1] < 0


def test_nothing_is_higher_than_the_experts_with_both_there_but_one_cannot_be_told_from_it():
    rows = [row for row in FILE["rows"] if row["training"] == "complete"]
    names = {(row["chosen"], row["method"]) for row in rows}
    whole = {name: accuracy("complete", name[0], "nothing", name[1]) for name in names}
    assert max(whole.values()) == whole["complete", "experts"]
    low, high = gain(*ONCE, "nothing", "experts", "concat")
    assert low < 0 < high


def test_gaps_in_training_bring_the_captions_nearer_not_the_concatenation():
    for method, least, most in (("concat", -0.02, 0.02), ("text", -0.08, -0.02)):
        before = accuracy("complete", "gaps", "photograph", method)
        assert least < accuracy("random", "gaps", "photograph", method) - before < most
    for method in ("image", "text", "concat", "concat + tokens", "late", "experts"):
        lost = accuracy("complete", "gaps", "nothing", method)
        assert accuracy("random", "gaps", "nothing", method) < lost


def test_the_sound_adds_nothing():
    known = [row for row in SOUNDS["rows"] if row["masked"] == "nothing"]
    without = accuracy(*ONCE, "nothing", "concat")
    for method in ("concat + sound", "concat + has sound"):
        pooled = [row["accuracy"] for row in known if row["method"] == method]
        assert np.mean(pooled) < without + 0.01


def test_every_choice_was_among_those_tried():
    configs = [row["config"] for row in FILE["choices"] if row["method"] not in ("late", "experts")]
    assert {config["rate"] for config in configs} <= {0.0, 0.3}
    assert {config["epochs"] % 4 for config in configs} == {0}


def test_a_live_fold_says_what_the_file_says():
    """Four stamps of 129: another processor rounds otherwise."""
    (study, _) = find_studies_of("fusion/missing_modalities")
    where = {"training": "complete", "method": "concat", "chosen": "gaps", "fold": 0}
    live = {row["masked"]: row["accuracy"] for row in study.run_one(seed=0, **where)}
    for masked, value in live.items():
        stored = results.select(FILE["rows"], "accuracy", masked=masked, **where)
        assert value == pytest.approx(stored[0], abs=0.03)


def find_studies_of(room):
    return [study for study in find_studies() if study.name.startswith(room)]
