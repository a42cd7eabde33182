"""The stored model is the trained one: in half precision it answers the same."""

import time

import numpy as np
import pytest

from mmtutorial import results
from mmtutorial.chapters.cross_modal.vision_language import asking, bench, scoring, weights
from mmtutorial.chapters.cross_modal.vision_language import experiment as vl
from mmtutorial.data.dataset import DataError


def test_the_stored_model_answers_as_the_trained_one():
    vl.load_task()
    start = time.perf_counter()
    encoder, model = weights.load_encoder(), weights.load_stage()
    assert time.perf_counter() - start < 5  # a fraction of a second on a machine at rest
    tested, asked = weights.load_tested(), asking.load_asked()
    count = len(tested["questions"])
    assert tested["questions"] == asked.questions[:count]
    tokens = vl.read_pictures(encoder, vl.load_task().pictures("test", asked.scenes)[:count])
    written = asking.answer_all(model, tokens, tested["questions"])
    same = np.mean([a == b for a, b in zip(written, tested["answers"], strict=True)])
    assert same >= 0.99  # a tie of two answers may fall the other way
    rows = results.load("cross_modal/vision_language")["rows"]
    right = scoring.is_right(written, asked.answers[:count])
    for kind in ("colour", "count", "where"):
        here = np.array(asked.kinds[:count]) == kind
        (stored,) = results.select(rows, "accuracy", method="full", kind=kind, seed=0)
        assert abs(right[here].mean() - stored) < 0.12  # 100 questions against 400


def test_the_file_is_small_and_holds_no_pickle():
    assert weights.WEIGHTS.stat().st_size < 3_000_000
    with np.load(weights.WEIGHTS, allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "fU" for name in stored)


def test_who_has_read_answers_from_a_description():
    task, reader = vl.load_task(), weights.load_stage("read")
    asked = task.draw("test", 200, seed=9)
    described = bench.describe(task, "test", asked.scenes)
    right = scoring.is_right(asking.answer_all(reader, described, asked.questions), asked.answers)
    assert right.mean() > 0.85


def test_stages_differ_in_what_they_trained():
    read, aligned, instructed = map(weights.load_stage, weights.STAGES)
    for one, other in zip(read.decoder.get_weights(), aligned.decoder.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    table = [model.decoder.get_weights()[0] for model in (aligned, instructed)]
    assert np.abs(table[0] - table[1]).max() > 0


def test_a_wrong_stage_and_a_damaged_file_are_refused(tmp_path):
    with pytest.raises(ValueError, match="stage"):
        weights.load_stage("trained")
    copy = tmp_path / "weights.npz"
    copy.write_bytes(weights.WEIGHTS.read_bytes()[:1000])
    (tmp_path / "SHA256SUMS").write_bytes(weights.WEIGHTS.with_name("SHA256SUMS").read_bytes())
    with pytest.raises(DataError, match=r"write_weights"):
        weights.load_encoder(copy)
