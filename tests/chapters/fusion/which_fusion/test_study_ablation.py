"""The ablation: what each change tries, how weights are measured, what the file holds."""

import dataclasses

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.chapters.fusion.which_fusion import ablation
from mmtutorial.chapters.fusion.which_fusion import study_ablation as study
from mmtutorial.chapters.fusion.which_fusion.experiment import PLAIN, POOR_DEFAULTS

STORED = results.load("fusion/which_fusion/ablation")
(STUDY,) = study.STUDIES
PARTS = sorted({(row["base"], row["keywords"]) for row in STORED["rows"]})


def choice(recipe, validation=0.5):
    """Return what a search might have chosen."""
    return {"validation": validation, "config": dataclasses.asdict(recipe)}


@pytest.fixture
def chosen():
    start = POOR_DEFAULTS.replace(learning_rate=1e-3)
    return {
        **dict.fromkeys((*study.ALONE, "nothing"), choice(start)),
        "modality dropout": choice(start.replace(modality_dropout=0.4), 0.6),
        "a loss for each modality": choice(start.replace(auxiliary=2.0), 0.7),
        "balanced gradients": choice(start.replace(auxiliary={"image": 8.0}), 0.6),
        "dropout for each modality": choice(start.replace(image_dropout=0.2), 0.6),
    }


def changed(recipe, base):
    """Name the fields in which two recipes differ."""
    now, before = map(dataclasses.asdict, (recipe, base))
    return {name for name in now if now[name] != before[name]}


def candidates(change, base, chosen):
    setting = {"base": base, "keywords": 1, "change": change}
    return ablation.candidates(None, setting, chosen.get if chosen else None)


MINE = {
    "words drawn afresh": {"fresh"},
    "five artists": {"artists"},
    "modality dropout": {"modality_dropout"},
    "a loss for each modality": {"auxiliary"},
    "balanced gradients": {"auxiliary"},
    "dropout for each modality": {"image_dropout", "text_dropout"},
}


@pytest.mark.parametrize("base", ["poor_defaults", "tuned"])
def test_a_change_changes_one_thing_and_tries_at_most_three_recipes(base, chosen, monkeypatch):
    monkeypatch.setattr(ablation, "balance", lambda *_: [{"image": 1.0}] * 3)
    start = ablation.BASES[base]
    chosen["nothing"] = choice(start.replace(epochs=5))
    tuned = {"learning_rate"} if base == "tuned" else set()
    for change, allowed in MINE.items():
        recipes = candidates(change, base, chosen)
        strength = change not in ("words drawn afresh", "five artists")
        assert len(recipes) == (3 if strength or base == "tuned" else 1)
        for recipe in recipes:
            assert allowed & changed(recipe, start)
            assert changed(recipe, start) <= allowed | (set() if strength else tuned)


def test_the_tuned_base_and_each_modality_alone_choose_among_the_same_rates():
    rates = [
        [recipe.learning_rate for recipe in candidates(change, "tuned", {})]
        for change in ("nothing", "image", "text", "image, five artists")
    ]
    assert len(set(rates[0])) == 3
    assert rates == [rates[0]] * 4
    for change in ("nothing", "image"):  # of the poor defaults nothing is chosen
        assert candidates(change, "poor_defaults", {}) == [POOR_DEFAULTS]
    assert not ablation.is_tuned({"base": "poor_defaults", "change": "nothing"})
    assert ablation.is_tuned({"base": "poor_defaults", "change": "stop on validation"})


def test_the_poor_defaults_alone_and_together_lead_from_plain_to_all(chosen):
    chosen["nothing"] = choice(PLAIN)
    found = [candidates(change, "plain_plus_one", chosen) for change in ablation.POOR]
    assert all(len(recipes) == 1 for recipes in found)
    *single, (whole,) = found
    assert whole == POOR_DEFAULTS
    assert sorted(name for (recipe,) in single for name in changed(recipe, PLAIN)) == [
        "deep", "image_dropout", "text_dropout",
    ]  # fmt: skip


def test_all_together_has_every_cure_and_the_better_of_the_two_losses(chosen):
    recipes = candidates("all together", "poor_defaults", chosen)
    assert len({recipe.learning_rate for recipe in recipes}) == 3
    for recipe in recipes:
        assert (recipe.fresh, recipe.artists, recipe.deep) == (True, 5, False)
        assert (recipe.image_dropout, recipe.modality_dropout, recipe.auxiliary) == (0.2, 0.4, 2.0)
        assert recipe.epochs == PLAIN.epochs  # the search stops it anew
    chosen["balanced gradients"]["validation"] = 0.8
    assert candidates("all together", "poor_defaults", chosen)[-1].auxiliary == {"image": 8.0}


@pytest.mark.parametrize("setting", STUDY.settings())
def test_a_search_reads_what_it_needs_and_no_more(setting, monkeypatch):
    monkeypatch.setattr(ablation, "balance", lambda data, chosen: [
        {"image": 1.0} for name in ("image", "text", "nothing") if chosen(name)
    ])  # fmt: skip
    needed, asked = [s["change"] for s in STUDY.needs(setting)], []

    def chosen(change):
        asked.append(change)
        return choice(PLAIN)

    if setting["change"] != "late fusion":
        ablation.candidates(None, setting, chosen)
        assert set(asked) <= set(needed)


def test_weights_are_measured_from_the_losses_of_the_first_run(chosen, monkeypatch):
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

    monkeypatch.setattr(ablation, "train_model", train)
    monkeypatch.setattr(ablation, "losses", lambda *_: curves[now["method"]][now["step"]])
    found = ablation.balance(ablation.AblationData(1), chosen.get)
    assert len(found) == 2  # after 12 epochs the concatenation has gained nothing
    image = (0.4 / 0.1**2) / (0.6 / 0.4**2)
    text = (0.2 / 0.8**2) / (0.6 / 0.4**2)
    assert found[0] == {"image": pytest.approx(image), "text": pytest.approx(text)}


def test_a_model_that_saw_five_artists_is_compared_with_an_image_that_did():
    names = ["image", "nothing", "five artists", "late fusion", "all together"]
    assert study.image_alone({}, {}, names) == {
        "nothing": "image",
        "five artists": "image, five artists",
        "late fusion": "image",
        "all together": "image, five artists",
    }


# The stored file


def of(key, part, **where):
    where |= dict(zip(("base", "keywords"), part, strict=True))
    return [row for row in STORED[key] if where.items() <= row.items()]


@pytest.mark.parametrize("part", PARTS)
def test_each_change_has_five_seeds(part):
    for change in study.CHANGES[part[0]]:
        rows, (found,) = (of(key, part, change=change) for key in ("rows", "choices"))
        assert [row["seed"] for row in rows] == [0, 1, 2, 3, 4]
        if change != "late fusion":
            stopped = found["config"]["epochs"] < PLAIN.epochs
            assert ablation.is_tuned({"base": part[0], "change": change}) or not stopped


@pytest.mark.parametrize("part", PARTS)
def test_differences_are_those_of_the_rows(part):
    def mean(change):
        return np.mean([row["accuracy"] for row in of("rows", part, change=change)])

    for row in of("comparisons", part):
        assert row["difference"] == pytest.approx(mean(row["change"]) - mean(row["against"]))
        assert row["low"] <= row["difference"] <= row["high"]
        assert 0 < row["p_value"] <= row["p_adjusted"] <= 1
