"""Gains are signed and starred as they should be, and a predicted matrix is recognised."""

import numpy as np
import pytest
from tolerance import make_rng

from mmtutorial.chapters.multi_task.sharing import gains, live, tables
from mmtutorial.tasks.emoji_tasks import TASKS


def make_result(effect, seeds=5):
    """A result in which task ``j`` beside task ``i`` scores by ``effect[i, j]`` more than 0.5."""
    rng, rows = make_rng(), []
    for seed in range(seeds):
        for j, task in enumerate(TASKS):
            rows.append({"model": task, "seed": seed, "task": task, "accuracy": 0.5})
            for i, other in enumerate(TASKS):
                if i != j:
                    score = 0.5 * (1 + effect[i, j]) + 1e-4 * rng.normal()
                    name = gains.pair_name(task, other)
                    rows.append({"model": name, "seed": seed, "task": task, "accuracy": score})
                affinity = effect[i, j] + 1e-4 * rng.normal()
                rows.append({"model": "affinity", "seed": seed, "task": task, "step_for": other,
                             "affinity": affinity})  # fmt: skip
    return {"rows": rows}


def test_a_gain_is_that_of_the_column_beside_the_row():
    effect = np.zeros((7, 7))
    effect[0, 1] = 0.1  # artist helps colour
    effect[2, 3] = -0.2
    measured = gains.gains_by_seed(make_result(effect))
    found = gains.find_transfer(measured)
    np.testing.assert_allclose(found.mean[gains.OTHERS], effect[gains.OTHERS], atol=1e-3)
    assert np.isnan(np.diag(found.mean)).all()
    assert found.low[0, 1] > 0 > found.high[2, 3]
    assert gains.best_partners(found.mean)["colour"] == "artist"
    assert gains.name_gains(measured)["artist to colour"].low == found.low[0, 1]


def test_a_star_is_at_the_task_that_is_compared():
    rows = [
        {"model": "artist + group", "task": "group", "p_adjusted": 0.01},
        {"model": "artist + group", "task": "artist", "p_adjusted": 0.5},
        {"model": "all: PLE", "task": "group", "p_adjusted": 0.01},
    ]
    sure = gains.find_sure({"comparisons": rows})
    assert sure.sum() == 1
    assert sure[TASKS.index("artist"), TASKS.index("group")]


def test_affinity_that_is_the_gain_predicts_it_and_noise_does_not():
    rng = make_rng()
    effect = rng.normal(size=(7, 7)) / 10
    result = make_result(effect)
    measured = gains.gains_by_seed(result)
    found = gains.rank_agreement(gains.affinities(result), measured)
    assert found.all_pairs > 0.99
    assert found.within > 0.95
    assert found.p_value == pytest.approx(1 / 5040)
    assert found.by_seed.low > 0.9
    other = gains.rank_agreement(rng.normal(size=(5, 7, 7)), measured)
    assert abs(other.all_pairs) < 0.5
    assert other.p_value > 0.005


def test_gains_by_labels_are_differences_of_the_same_seeds():
    rows = [
        {"labels": count, "model": model, "seed": seed, "accuracy": 0.1 * seed + up * count / 100}
        for count in (1, 2)
        for model, up in (("alone", 0), ("both", 1))
        for seed in range(3)
    ]
    found = gains.gain_by_labels({"rows": rows}, "both", "alone")
    assert {count: round(one.mean, 6) for count, one in found.items()} == {1: 0.01, 2: 0.02}
    assert found[2].low == pytest.approx(found[2].high)
    assert list(tables.labels_columns({"rows": rows})) == ["1 labels", "2 labels"]


def make_transfer():
    rng = make_rng()
    matrix = rng.normal(size=(3, 3))
    np.fill_diagonal(matrix, np.nan)
    return live.SortedTransfer(["a", "b", "c"], matrix, -matrix, np.abs(matrix) > 1), matrix


def test_rows_are_sorted_by_what_they_give_and_columns_by_what_they_get():
    transfer, matrix = make_transfer()
    assert transfer.order(matrix, live.BY_NAME, 0) == [0, 1, 2]
    order = transfer.order(matrix, "b", 0)
    assert order[0] == 1  # the task itself, whose cell is empty
    assert matrix[order[1], 1] >= matrix[order[2], 1]
    across = transfer.order(matrix, live.ON_AVERAGE, 1)
    means = np.nanmean(matrix, axis=0)[across]
    assert (np.diff(means) <= 0).all()
    with pytest.raises(ValueError, match="by must be one of"):
        transfer.order(matrix, "d", 0)


def test_the_table_and_its_twin_show_every_number():
    transfer, matrix = make_transfer()
    shown = transfer.frame(live.GAIN, "b", live.ON_AVERAGE)._repr_html_()
    assert shown.count("<td") == 1 + 4 * 4
    largest = f"{100 * np.nanmax(matrix):+.1f}".replace("-", "\N{MINUS SIGN}")
    assert largest in shown
    twin = live.sorted_twin(transfer)._repr_html_()
    assert twin.count("<table") == 2 * len(transfer.choices)
    assert "Rows sorted by" in repr(live.explore_transfer(transfer))
