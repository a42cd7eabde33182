"""What the sentences say is what the studies stored, the same pairs and seeds everywhere."""

import numpy as np
import pytest

import mmtutorial as mm
from mmtutorial.chapters.multi_task.conflict import settings, tables
from mmtutorial.chapters.multi_task.conflict import tables_text as sentences
from mmtutorial.chapters.multi_task.conflict.experiment import TASKS

STORED = mm.results.load("multi_task/conflict")
SPEECH = mm.results.load("multi_task/conflict/speech")


@pytest.mark.parametrize(("result", "pairs"), [(STORED, 10), (SPEECH, 3)])
def test_pairs_are_those_of_the_sum_and_have_a_share_and_two_cosines(result, pairs):
    found = sentences.pairs_of(result)
    assert list(found) == ["negative", "batch", "whole"]
    for pair, share in found["negative"].items():
        assert 0 <= share <= 1
        assert max(abs(found[key][pair]) for key in ("batch", "whole")) <= 1
        span = sentences.whole_of(result, pair)
        assert span["low"] <= span["difference"] <= span["high"]
        assert span["difference"] == pytest.approx(found["whole"][pair])
    assert len(found["negative"]) == pairs


def test_the_ends_of_what_was_looked_at_are_written():
    found = sentences.write_looks([[-0.151, 0.1], [0.268, 0.0]], [[1.0, 7.2], [2.0, 3.0]])
    assert found == {"longest": "7", "layer_least": "−0.15", "layer_most": "0.27"}


def test_a_difference_on_spoken_lines_is_that_of_the_means():
    for name, row in sentences.behind_sum(SPEECH).items():
        scores = [sentences.spoken_of(SPEECH, "score", each, "mean") for each in (name, "none")]
        assert row["difference"] == pytest.approx(scores[0] - scores[1])
        written = sentences.write_speech(SPEECH)
        assert (f"spoken_{name}" in written) == (row["high"] < 0)


def test_a_loss_and_what_is_won_back_belong_together():
    solved, unit = sentences.write_solved(STORED), sentences.write_unit(STORED)
    for name in ("mgda", "imtl_g"):
        long = {"architecture": settings.LONG_STEPS, "aggregator": name}
        assert solved[f"longer_{name}_after"] == f"{tables.mean_score(STORED, **long).mean:.3f}"
        assert solved[f"solved_{name}"].startswith("−")
        assert solved[f"longer_{name}"].startswith("+")
    assert unit["unit_none"].startswith("−")


def test_the_verdict_counts_its_comparisons():
    found = sentences.write_verdict(STORED)
    versus = [row for row in STORED["differences"] if row["what"] == "method minus sum"]
    assert found["versus_count"] == len(versus)
    assert float(found["any_high"]) >= float(found["plain_high"])
    weights = sentences.weights_of(STORED, TASKS)
    assert list(weights) == list(settings.METHODS)
    for each in weights.values():
        assert np.sum(each) == pytest.approx(len(TASKS), rel=0.01)
