"""The tables of chapter fusion/2 hold what the benchmark measured, each number in its place."""

import pytest

from mmtutorial import results
from mmtutorial.chapters.fusion.gates_and_tensors.tables import (
    corruption_intervals,
    corruption_steps,
    matching_columns,
)

SEEDS = (0, 1)
ROWS = [
    {"method": method, "seed": seed, "accuracy": score + seed / 100, **more}
    for method, score, more in (
        ("image", 0.5, {"train_accuracy": 0.5}),
        ("gated", 0.6, {"train_accuracy": 0.9}),
        ("gated, text shuffled", 0.4, {}),
    )
    for seed in SEEDS
]
COMPARED = [{"method": "gated", "difference": 0.1, "low": 0.05, "high": 0.15, "p_adjusted": 0.01}]
BROKEN = [
    {"training": training, "damage": damage, "method": method, "seed": seed, "accuracy": score}
    | ({"gate": score / 2} if method == "gated" else {})
    for training, plus in (("whole", 0.0), ("broken", 0.1))
    for damage, minus in (("as it is", 0.0), ("static", 0.3))
    for method, base in (("gated", 0.7), ("concat", 0.8))
    for seed, score in enumerate((base + plus - minus, base + plus - minus + 0.02))
]


def test_columns_put_what_was_shuffled_beside_its_model():
    columns = matching_columns({"rows": ROWS, "comparisons": COMPARED})
    assert list(columns["unseen concepts"]) == ["image", "gated"]
    assert columns["unseen concepts"]["gated"].mean == pytest.approx(0.605)
    assert columns["words shuffled"]["image"] == ""
    assert columns["words shuffled"]["gated"].mean == pytest.approx(0.405)
    assert columns["known concepts"]["gated"].mean == pytest.approx(0.9)
    assert columns["minus hidden layer"] == {
        "image": "",
        "gated": "+.10 (+.05 to +.15), p .01",
    }
    results.Table(columns)


def test_broken_numbers_hold_accuracies_and_gates():
    found = corruption_intervals({"rows": BROKEN})
    assert list(found) == ["whole", "broken"]
    assert found["whole"]["static"]["gated"].mean == pytest.approx(0.41)
    assert found["broken"]["static"]["concat"].mean == pytest.approx(0.61)
    assert found["broken"]["as it is"]["gate"].mean == pytest.approx(0.405)
    steps = corruption_steps({"rows": BROKEN})
    assert list(steps["trained on whole"]) == [
        "gated, on whole",
        "gated, on static",
        "concat, on whole",
        "concat, on static",
    ]
    found_static = found["broken"]["static"]["concat"]
    assert steps["trained on broken"]["concat, on static"] == found_static


def test_the_stored_tables_have_five_seeds_of_everything():
    stored = results.load("fusion/gates_and_tensors/matching")
    for row in stored["choices"]:
        assert row["validation"] >= 0.48
        seeds = results.select(stored["rows"], "seed", method=row["method"])
        assert list(seeds) == [0, 1, 2, 3, 4]
    rows = results.load("fusion/gates_and_tensors/corruption")["rows"]
    cells = {(row["training"], row["damage"], row["method"]) for row in rows}
    assert len(cells) == 3 * 7 * 2
    assert len(rows) == 5 * len(cells)
