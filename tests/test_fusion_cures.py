"""The table of the cures: what each part tries, how weights are measured, what the file holds."""

import dataclasses
import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from mmtutorial import results

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
STORED = results.load("fusion_cures") if "fusion_cures" in results.available() else None
PARTS = [] if STORED is None else sorted({(row["base"], row["keywords"]) for row in STORED["rows"]})


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("fusion_cures")
    for name in ("fusion_cures", "fusion_methods", "fusion_joining"):
        sys.modules.pop(name, None)


@pytest.fixture
def chosen(bench):
    """Say what a search might have chosen."""
    start = bench.REFLEX.but(learning_rate=1e-3)
    one = {"validation": 0.5, "recipe": start}
    return {
        **dict.fromkeys((*bench.ALONE, "nothing"), one),
        "modality dropout": {"validation": 0.6, "recipe": start.but(modality_dropout=0.4)},
        "a loss for each modality": {"validation": 0.7, "recipe": start.but(auxiliary=2.0)},
        "balanced gradients": {"validation": 0.6, "recipe": start.but(auxiliary={"image": 8.0})},
        "dropout for each modality": {"validation": 0.6, "recipe": start.but(image_dropout=0.2)},
    }


def changed(recipe, base):
    """Name the fields in which two recipes differ."""
    now, before = map(dataclasses.asdict, (recipe, base))
    return {name for name in now if now[name] != before[name]}


MINE = {
    "words drawn afresh": {"fresh"},
    "five artists": {"artists"},
    "modality dropout": {"modality_dropout"},
    "a loss for each modality": {"auxiliary"},
    "balanced gradients": {"auxiliary"},
    "dropout for each modality": {"image_dropout", "text_dropout"},
}


@pytest.mark.parametrize("base", ["reflex", "plain"])
def test_a_change_changes_one_thing_and_tries_at_most_three_recipes(
    base, bench, chosen, monkeypatch
):
    monkeypatch.setattr(bench, "balance", lambda *_: [{"image": 1.0}] * 3)
    chosen["nothing"] = {"recipe": bench.BASES[base].but(epochs=5)}
    tuned = {"learning_rate"} if base == "plain" else set()
    for change, allowed in MINE.items():
        recipes = bench.candidates(change, base, chosen, 1)
        strength = change not in ("words drawn afresh", "five artists")
        assert len(recipes) == (3 if strength or base == "plain" else 1)
        for recipe in recipes:
            assert allowed & changed(recipe, bench.BASES[base])
            assert changed(recipe, bench.BASES[base]) <= allowed | (set() if strength else tuned)


def test_the_plain_base_and_each_modality_alone_choose_among_the_same_rates(bench):
    rates = [
        [recipe.learning_rate for recipe in bench.candidates(change, "plain", {}, 1)]
        for change in ("nothing", "image", "text", "image, five artists")
    ]
    assert len(set(rates[0])) == 3
    assert rates == [rates[0]] * 4
    for change in ("nothing", "image"):  # by reflex, nothing is chosen
        assert bench.candidates(change, "reflex", {}, 1) == [bench.REFLEX]
    assert len(bench.candidates("stop on validation", "reflex", {}, 1)) == 3
    assert not bench.is_tuned("reflex", "nothing")


def test_the_reflexes_alone_and_together_lead_from_plain_to_reflex(bench, chosen):
    chosen["nothing"] = {"recipe": bench.PLAIN}
    found = {change: bench.candidates(change, "reflexes", chosen, 1) for change in bench.REFLEXES}
    assert all(len(recipes) == 1 for recipes in found.values())
    *single, (whole,) = found.values()
    assert whole == bench.REFLEX
    assert sorted(name for (recipe,) in single for name in changed(recipe, bench.PLAIN)) == [
        "deep", "image_dropout", "text_dropout",
    ]  # fmt: skip


def test_all_together_has_every_cure_and_the_better_of_the_two_losses(bench, chosen):
    recipes = bench.candidates("all together", "reflex", chosen, 1)
    assert len({recipe.learning_rate for recipe in recipes}) == 3
    for recipe in recipes:
        assert (recipe.fresh, recipe.artists, recipe.deep) == (True, 5, False)
        assert (recipe.image_dropout, recipe.modality_dropout, recipe.auxiliary) == (0.2, 0.4, 2.0)
        assert recipe.epochs == bench.PLAIN.epochs  # the search stops it anew
    chosen["balanced gradients"]["validation"] = 0.8
    assert bench.candidates("all together", "reflex", chosen, 1)[-1].auxiliary == {"image": 8.0}


def test_weights_are_measured_from_the_losses_of_the_first_run(bench, chosen, monkeypatch):
    """A fake training, in which the words overfit and the image does not."""
    curves = {  # (training, validation) loss after 0, 2, 5 and 12 epochs
        "image": [(2, 2), (1.5, 1.6), (1.4, 1.5), (1.2, 1.5)],
        "text": [(2, 2), (1.0, 1.8), (0.5, 1.8), (0.1, 2.1)],
        "concat": [(2, 2), (1.0, 1.4), (0.6, 1.3), (0.1, 2.4)],
    }
    now = {}

    def train(task, method, recipe, *, seed, on_epoch=None, build=None):
        now.update(method=method, step=0)
        for step, epoch in enumerate((2, 5, 12), start=1) if recipe.epochs else ():
            now["step"] = step
            on_epoch(epoch - 1, None)
            on_epoch(epoch, None)  # at which nothing is measured

    monkeypatch.setattr(bench, "train_model", train)
    monkeypatch.setattr(bench, "task_of", lambda *_: None)
    monkeypatch.setattr(bench, "losses", lambda *_: curves[now["method"]][now["step"]])
    found = bench.balance("reflex", chosen, 1)
    assert len(found) == 2  # after 12 epochs the concatenation has gained nothing
    image = (0.4 / 0.1**2) / (0.6 / 0.4**2)
    text = (0.2 / 0.8**2) / (0.6 / 0.4**2)
    assert found[0] == {"image": pytest.approx(image), "text": pytest.approx(text)}


def test_a_model_that_saw_five_artists_is_compared_with_an_image_that_did(bench, chosen):
    items = len(bench.load_task(1, 3, False).targets("test"))
    right = {"image": "2" * items, "image, five artists": "4" * items, "nothing": "1" * items,
             "five artists": "3" * items, "late fusion": "3" * items}  # fmt: skip
    chosen["five artists"] = {"recipe": bench.REFLEX.but(artists=5)}
    chosen["late fusion"] = {"weight": 0.5}
    rows = {(row["change"], row["against"]): row["difference"]
            for row in bench.compare("reflex", 1, right, chosen)}  # fmt: skip
    assert rows == {
        ("five artists", "nothing"): pytest.approx(0.4),
        ("late fusion", "nothing"): pytest.approx(0.4),
        ("nothing", "image"): pytest.approx(-0.2),
        ("five artists", "image, five artists"): pytest.approx(-0.2),
        ("late fusion", "image"): pytest.approx(0.2),
    }


# The stored file, as far as it is measured


def of(key, part, **where):
    where |= dict(zip(("base", "keywords"), part, strict=True))
    return [row for row in STORED[key] if where.items() <= row.items()]


@pytest.mark.parametrize("part", PARTS)
def test_each_change_has_five_seeds_and_as_many_trials(part, bench):
    assert [row["change"] for row in of("right", part)] == list(bench.CHANGES[part[0]])
    for change in bench.CHANGES[part[0]]:
        rows, (right,), (choice,) = (of(key, part, change=change)
                                     for key in ("rows", "right", "choices"))  # fmt: skip
        assert [row["seed"] for row in rows] == [0, 1, 2, 3, 4]
        mean = np.mean([int(digit) for digit in right["right"]]) / 5
        assert mean == pytest.approx(np.mean([row["accuracy"] for row in rows]))
        if change != "late fusion":
            assert 1 <= len(choice["tried"]) <= 3
            assert choice["validation"] == max(choice["tried"])
            stopped = choice["recipe"]["epochs"] < bench.PLAIN.epochs
            assert bench.is_tuned(part[0], change) or not stopped


@pytest.mark.parametrize("part", PARTS)
def test_differences_are_those_of_the_rows(part):
    def mean(change):
        return np.mean([row["accuracy"] for row in of("rows", part, change=change)])

    for row in of("comparisons", part):
        assert row["difference"] == pytest.approx(mean(row["change"]) - mean(row["against"]))
        assert row["low"] <= row["difference"] <= row["high"]
        assert 0 < row["p_value"] <= row["p_adjusted"] <= 1
