"""The sentences about the cures follow the numbers of the table."""

import pytest

from mmtutorial.chapters.fusion.which_fusion import tables


def fake():
    """Make a table: by reflex .6 against .7 for the image, fresh words help, dropout hurts."""
    means = {"image": 0.7, "text": 0.4, "image, five artists": 0.72, "nothing": 0.6,
             "words drawn afresh": 0.65, "modality dropout": 0.58, "late fusion": 0.75,
             "five artists": 0.61, "all together": 0.8}  # fmt: skip
    clear = {"words drawn afresh", "modality dropout", "late fusion", "all together"}
    part = {"base": "poor_defaults", "keywords": 1}
    rows = [
        {**part, "change": change, "seed": seed, "accuracy": mean, "cpu_seconds": 2.0,
         **({} if change == "late fusion" else {"epochs": 12})}
        for change, mean in means.items()
        for seed in range(2)
    ]  # fmt: skip
    comparisons = []
    for change, mean in list(means.items())[3:]:
        five = change in ("five artists", "all together")
        for against in ("nothing", "image, five artists" if five else "image"):
            if against != change:
                p = 0.001 if change in clear or change == "nothing" else 0.6
                told = {"difference": mean - means[against], "p_adjusted": p}
                comparisons.append({**part, "change": change, "against": against, **told})
    items = [{**part, "change": change} for change in means]
    return {"rows": rows, "comparisons": comparisons, "items": items}


def test_the_sentences_say_who_wins_what_helps_and_what_is_enough():
    assert tables.sentences(fake(), "poor_defaults", 1) == [
        "With 1 keyword, concatenation (by reflex) loses to the image alone: 0.600 against 0.700, "
        "p = .001.",
        "Each of these helps alone: late fusion (+.150), words drawn afresh (+.050).",
        "Each of these hurts alone: modality dropout (−.020).",
        "Enough to beat the image alone: late fusion.",
        "All together: +.200 (p = .001) over the base, +.080 (p = .001) over the image alone.",
    ]


def test_the_sentences_turn_round_with_the_numbers():
    table = fake()
    for row in table["comparisons"]:
        row["difference"], row["p_adjusted"] = 0.01, 0.5
    told = tables.sentences(table, "poor_defaults", 1)
    assert "cannot be told apart from the image alone" in told[0]
    assert "Enough to beat the image alone: none of them by itself." in told
    assert len(told) == 3


def test_each_step_stands_beside_the_image_that_saw_the_same_drawings():
    steps = tables.steps(fake(), "poor_defaults")
    assert list(steps)[:2] == ["by reflex", "words drawn afresh"]
    assert steps["five artists"]["image alone"].mean == pytest.approx(0.72)
    assert steps["late fusion"]["image alone"].mean == pytest.approx(0.7)
    assert steps["by reflex"]["1 keyword"].mean == pytest.approx(0.6)


def test_the_table_leaves_empty_what_does_not_apply():
    table = tables.table(fake(), "poor_defaults", 1)
    assert table["over the base"]["image"] == ""
    assert table["over the base"]["by reflex"] == ""
    assert table["over the image alone"]["by reflex"] == "−.100 (p = .001)"
    assert list(table)[:2] == ["accuracy", "text shuffled"]  # the evidence beside the score
    assert table["text shuffled"]["by reflex"] == ""
    assert table["seconds"]["late fusion"] == "2.0"
    assert table["epochs"]["late fusion"] == ""
    assert table["epochs"]["by reflex"] == "12"
    assert tables.parts(fake()) == [("poor_defaults", 1)]
